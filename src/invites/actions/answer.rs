//! What the invited person does: join, decline, ask for a new invitation.

use uuid::Uuid;

use super::super::binding::Bound;
use super::super::invitation::{Invitation, Status};
use super::super::queries::{self, Happening, Person};
use super::change::withdraw;
use super::upkeep::expire_overdue;
use crate::access::policy::{OWNER_LEVEL, PermissionSet, Standing, may_invite_as};
use crate::access::{Account, Actor, OrgTx, Role, catalog, key, write_as};
use crate::audit::{self, AccountEvent, Event};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result, Stopped};
use crate::mail::{Mail, Message};
use crate::members::invited::Joining;
use crate::{billing, members};

/// Somebody is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    pub slug: String,
    pub organization: String,
    pub role: String,
    /// The role that the invitation named, when its sender may no longer give it.
    pub instead_of: Option<String>,
}

/// Why nobody joined. The page behind the link says the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinRefused {
    /// Accepted, expired, revoked, declined or replaced.
    Gone,
    /// The account has another address, or nothing proves that it is theirs (security rule 3).
    NotTheirs,
    AlreadyMember,
    Full,
    /// Its sender may no longer give the role, and could not have given the default one.
    NobodyGives,
}

/// Lets a signed-in person join with the invitation that their session carries.
pub async fn accept(db: &Db, account: &Account, bound: Bound) -> Result<Joined, Stopped<JoinRefused>> {
    let (account_id, actor) = (account.id, Actor::person(account.id, &account.name));
    let joined = write_as(db, bound.organization_id, actor, move |tx| {
        let person = queries::person(tx.connection(), account_id)?;
        join(tx, &person, &bound)
    });
    let joined = joined.await;
    if let Err(Stopped::Refused(JoinRefused::NobodyGives)) = joined {
        withdraw_ungiven(db, bound).await?;
    }
    joined
}

/// Makes a person a member by an invitation, once.
pub fn join(tx: &mut OrgTx<'_>, person: &Person, bound: &Bound) -> Result<Joined, Stopped<JoinRefused>> {
    expire_overdue(tx)?;
    let invitation = match queries::by_id(tx, bound.invitation_id) {
        Ok(invitation) if invitation.is_open(bound.generation, tx.now()) => invitation,
        Ok(_) | Err(AppError::NotFound) => return Err(Stopped::Refused(JoinRefused::Gone)),
        Err(error) => return Err(error.into()),
    };
    if person.email != invitation.email || !(bound.mailed || person.email_confirmed_at.is_some()) {
        return Err(Stopped::Refused(JoinRefused::NotTheirs));
    }
    if members::queries::by_account(tx, person.id)?.is_some() {
        return Err(Stopped::Refused(JoinRefused::AlreadyMember));
    }
    // The limit may have been lowered since the slot was given.
    if tx.organization.active_members >= tx.organization.member_limit {
        return Err(Stopped::Refused(JoinRefused::Full));
    }
    let (role, instead_of) = role_to_give(tx, &invitation)?;
    let used = queries::consume(tx, invitation.id, bound.generation, person.id, role.id)?;
    let invitation = used.ok_or(Stopped::Refused(JoinRefused::Gone))?;
    enter(tx, &invitation, person, &role)?;
    let organization = tx.organization.clone();
    Ok(Joined { slug: organization.slug, organization: organization.name, role: role.name, instead_of })
}

/// The role of the invitation while its sender may give it, otherwise the default one, with the name of the former. The
/// default is what the organization gives to everybody, but not by somebody who could not have given it when they sent the
/// invitation: else who lacks a permission would hand it out by inviting and leaving. Then nobody gives anything.
fn role_to_give(tx: &mut OrgTx<'_>, invitation: &Invitation) -> Result<(Role, Option<String>), Stopped<JoinRefused>> {
    let role = tx.role_by_id(invitation.role_id)?;
    let Some(default_id) = tx.organization.default_role_id.filter(|id| *id != role.id) else { return Ok((role, None)) };
    let sender = sender_now(tx, invitation)?;
    if sender.is_some_and(|sender| may_invite_as(sender, role.standing(), false)) {
        return Ok((role, None));
    }
    let default = tx.role_by_id(default_id)?;
    let level = invitation.sender_level;
    let permissions = match level {
        OWNER_LEVEL => PermissionSet::EVERYTHING,
        _ => catalog::reach_of(tx.product(), &invitation.sender_permissions),
    };
    match may_invite_as(Standing { level, permissions }, default.standing(), true) {
        true => Ok((default, Some(role.name))),
        false => Err(Stopped::Refused(JoinRefused::NobodyGives)),
    }
}

/// As what the sender stands today: the key, where a key sent it, else the person. Nothing of who has left, and of a key that
/// has ended or is paused.
fn sender_now(tx: &mut OrgTx<'_>, invitation: &Invitation) -> Result<Option<Standing>> {
    if let Some(key_id) = invitation.invited_by_key_id {
        return key::standing_now(tx, key_id);
    }
    let sender = members::queries::by_account(tx, invitation.invited_by_account_id)?;
    match sender.filter(|sender| sender.status() == members::Status::Active) {
        Some(sender) => Ok(Some(tx.role_by_id(sender.role_id)?.standing())),
        None => Ok(None),
    }
}

/// Takes an invitation back whose sender has lost the right to give its role, where the default role is none to give instead.
/// Its page then offers to ask for another one.
pub async fn withdraw_ungiven(db: &Db, bound: Bound) -> Result<()> {
    write_as(db, bound.organization_id, Actor::console(), move |tx| match withdraw(tx, bound.invitation_id) {
        Ok(_) | Err(Stopped::Refused(_)) => Ok(()),
        Err(Stopped::Failed(error)) => Err(error),
    })
    .await
}

fn enter(tx: &mut OrgTx<'_>, invitation: &Invitation, person: &Person, role: &Role) -> Result<()> {
    let now = tx.now();
    if person.email_confirmed_at.is_none() {
        queries::confirm_address(tx.connection(), person.id, now)?;
        let confirmed = AccountEvent::EmailConfirmed { email: person.email.clone() };
        audit::record_account(tx.connection(), person.id, now, &confirmed)?;
    }
    let joining = Joining { account_id: person.id, name: &person.name, email: &person.email, role_id: role.id };
    let member_id = members::invited::join(tx, invitation.id, &joining)?;
    billing::actions::seats::follow(tx)?;
    queries::remember_organization(tx, person.id)?;
    queries::note(tx, invitation.id, Happening::Accepted, &format!("{} as {}", person.name, role.name))?;
    let (name, email) = (person.name.clone(), person.email.clone());
    tx.record(&Event::MemberJoined { member_id, name, email, role: role.name.clone() })
}

/// Ends an invitation that its person does not want; false when it was no longer open.
pub async fn decline(db: &Db, actor: Actor, bound: Bound) -> Result<bool> {
    write_as(db, bound.organization_id, actor, move |tx| {
        expire_overdue(tx)?;
        let invitation = queries::by_id(tx, bound.invitation_id)?;
        let open = invitation.is_open(bound.generation, tx.now());
        if !open || !queries::end(tx, invitation.id, Status::Declined)? {
            return Ok::<_, AppError>(false);
        }
        members::invited::remove_all(tx, std::slice::from_ref(&invitation.email))?;
        queries::note(tx, invitation.id, Happening::Declined, "")?;
        tx.record(&Event::InvitationDeclined { invitation_id: invitation.id, email: invitation.email })?;
        Ok(true)
    })
    .await
}

/// Tells those who may invite that somebody with a dead link wants a new invitation.
pub async fn ask_again(db: &Db, actor: Actor, bound: Bound) -> Result<()> {
    const MOST_RECIPIENTS: i64 = 10;
    write_as(db, bound.organization_id, actor, move |tx| {
        let (organization_id, invitation_id) = (tx.organization_id(), bound.invitation_id);
        let invitation = queries::by_id(tx, invitation_id)?;
        let recipients = queries::who_may_invite(tx, invitation.invited_by_account_id, MOST_RECIPIENTS)?;
        let message = Message::InvitationWanted { organization_id, invitation_id };
        let mails: Vec<Mail> = recipients.into_iter().map(|recipient| Mail { recipient, message: message.clone() }).collect();
        tx.mail_all(&mails)?;
        queries::note(tx, invitation_id, Happening::AskedFor, "")?;
        tx.record(&Event::InvitationAskedFor { invitation_id, email: invitation.email })
    })
    .await
}

/// Adds to the story that somebody opened the page, once a link and account.
pub async fn note_opened(db: &Db, bound: Bound, visitor: Option<Uuid>, as_other: bool) -> Result<()> {
    let happening = if as_other { Happening::OpenedAsOther } else { Happening::Opened };
    let now = db.now();
    db.write(Scope::Organization(bound.organization_id), move |connection| {
        queries::note_once(connection, &bound, happening, visitor, now)
    })
    .await
}
