//! Inviting: every address judged by itself, the good ones sent in a handful of statements.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::invitation::{Invitation, Status, VALID};
use super::super::queries::{self, Happening, Sender};
use super::super::reach::Reach;
use super::role::sender;
use super::upkeep::expire_overdue;
use crate::access::{OrgTx, Role};
use crate::audit::Event;
use crate::db::types::EmailAddress;
use crate::error::{AppError, Result, Stopped};
use crate::mail::{Mail, Message};
use crate::members::{self, Member, NewMember};

/// Somebody to be invited.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub email: EmailAddress,
    /// Empty where none is known.
    pub name: String,
}

/// A form of invitations whose fields are all good. No address stands in it twice.
#[derive(Clone, Debug)]
pub struct NewInvitations {
    pub wanted: Vec<Wanted>,
    pub role_id: Uuid,
    pub message: String,
    /// Where the mail of a single invitation goes instead.
    pub notification: Option<EmailAddress>,
}

/// What became of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sent { invitation_id: Uuid, generation: i32 },
    AlreadyMember,
    Deactivated { member_id: Uuid },
    AlreadyInvited { invitation_id: Uuid, generation: i32 },
    NoSlot,
}

/// Why none was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendRefused {
    Role,
}

/// Invites everybody who can be. Returns what became of each, in their order.
pub fn send(tx: &mut OrgTx<'_>, new: &NewInvitations) -> Result<Vec<Outcome>, Stopped<SendRefused>> {
    expire_overdue(tx)?;
    let role = permitted_role(tx, new.role_id)?;
    let (outcomes, sender) = (judge(tx, &new.wanted)?, sender(tx)?);
    let mut sent = Vec::new();
    for (wanted, outcome) in new.wanted.iter().zip(&outcomes) {
        if let Outcome::Sent { invitation_id, .. } = outcome {
            sent.push(invitation(tx, *invitation_id, wanted, new, &sender));
        }
    }
    if !sent.is_empty() {
        insert(tx, &sent, &role)?;
    }
    Ok(outcomes)
}

fn permitted_role(tx: &mut OrgTx<'_>, role_id: Uuid) -> Result<Role, Stopped<SendRefused>> {
    let role = match tx.role_by_id(role_id) {
        Ok(role) => role,
        Err(AppError::NotFound) => return Err(Stopped::Refused(SendRefused::Role)),
        Err(error) => return Err(error.into()),
    };
    let may_send = Reach::of_actor(tx).may_send(Some(&role));
    if may_send { Ok(role) } else { Err(Stopped::Refused(SendRefused::Role)) }
}

/// Judges the addresses in their order, which decides who gets the last slots.
fn judge(tx: &mut OrgTx<'_>, wanted: &[Wanted]) -> Result<Vec<Outcome>> {
    let emails: Vec<String> = wanted.iter().map(|one| one.email.as_str().to_owned()).collect();
    let known = members::invited::by_emails(tx, &emails)?;
    let known: HashMap<&str, &Member> = known.iter().map(|member| (member.email.as_str(), member)).collect();
    let any_invited = known.values().any(|member| member.status() == members::Status::Invited);
    let pending = if any_invited { queries::pending_of(tx, &emails)? } else { Vec::new() };
    let mut free = tx.organization.free_slots();
    let judged = wanted.iter().map(|one| match known.get(one.email.as_str()) {
        Some(member) => known_person(member, &pending),
        None if free == 0 => Outcome::NoSlot,
        None => {
            free -= 1;
            Outcome::Sent { invitation_id: Uuid::now_v7(), generation: 1 }
        }
    });
    Ok(judged.collect())
}

fn known_person(member: &Member, pending: &[Invitation]) -> Outcome {
    match member.status() {
        members::Status::Active => Outcome::AlreadyMember,
        members::Status::Inactive => Outcome::Deactivated { member_id: member.id },
        members::Status::Invited => {
            let invitation = pending.iter().find(|invitation| invitation.email == member.email);
            let (invitation_id, generation) = invitation.map(|i| (i.id, i.generation)).unwrap_or_default();
            Outcome::AlreadyInvited { invitation_id, generation }
        }
    }
}

fn invitation(tx: &OrgTx<'_>, id: Uuid, wanted: &Wanted, new: &NewInvitations, sender: &Sender) -> Invitation {
    Invitation {
        id,
        email: wanted.email.as_str().to_owned(),
        name: wanted.name.clone(),
        message: new.message.clone(),
        role_id: new.role_id,
        generation: 1,
        status: Status::Pending.key().to_owned(),
        invited_by_account_id: sender.account_id,
        invited_by: sender.name.clone(),
        created_at: tx.now(),
        sent_at: tx.now(),
        expires_at: tx.now() + VALID,
        ended_at: None,
        accepted_by_account_id: None,
        notification_email: new.notification.as_ref().map(|address| address.as_str().to_owned()),
        invited_by_key_id: sender.key_id,
        sender_level: sender.level,
        sender_permissions: sender.permissions.clone(),
    }
}

fn insert(tx: &mut OrgTx<'_>, sent: &[Invitation], role: &Role) -> Result<()> {
    let organization_id = tx.organization_id();
    queries::insert_all(tx, sent)?;
    let slots: Vec<NewMember> = sent.iter().map(slot).collect();
    members::invited::insert_all(tx, &slots)?;
    let who = format!("{} as {}", tx.actor.name, role.name);
    let notes: Vec<(Uuid, String)> = sent.iter().map(|invitation| (invitation.id, who.clone())).collect();
    queries::note_all(tx, &notes, Happening::Created)?;
    let mails: Vec<Mail> = sent.iter().map(|invitation| mail(organization_id, invitation)).collect();
    tx.mail_all(&mails)?;
    let told = |invitation: &Invitation| Event::InvitationSent {
        invitation_id: invitation.id,
        email: invitation.email.clone(),
        role: role.name.clone(),
    };
    let events: Vec<Event> = sent.iter().map(told).collect();
    tx.record_all(&events)
}

/// The row that holds the slot of an invitation.
pub(super) fn slot(invitation: &Invitation) -> NewMember {
    NewMember {
        id: Uuid::now_v7(),
        account_id: None,
        email: invitation.email.clone(),
        name: invitation.name.clone(),
        role_id: invitation.role_id,
        invitation: Some((invitation.id, invitation.expires_at)),
        invited_by: invitation.invited_by.clone(),
    }
}

/// The mail of an invitation as it is now.
pub(super) fn mail(organization_id: Uuid, invitation: &Invitation) -> Mail {
    let message = Message::Invitation { organization_id, invitation_id: invitation.id, generation: invitation.generation };
    Mail { recipient: invitation.notified().to_owned(), message }
}
