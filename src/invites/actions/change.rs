//! Sending an invitation again, and taking it back.

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::invitation::{Invitation, Status, VALID};
use super::super::queries::{self, Happening};
use super::super::reach::Reach;
use super::role::sender;
use super::send::{mail, slot};
use super::upkeep::expire_overdue;
use crate::access::{OrgTx, Role};
use crate::audit::Event;
use crate::billing::way_up::{self, BY_REMOVING};
use crate::error::{AppError, Result, Stopped};
use crate::members;

/// Why an invitation was not sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResendRefused {
    /// It was sent again since the page was shown: a double click, or somebody else.
    SentMeanwhile,
    /// It was accepted, declined or revoked.
    Ended(Status),
    Role,
    /// And how there comes to be one.
    NoSlot {
        room: String,
    },
    AlreadyMember,
    /// The address has a newer invitation.
    InvitedAnew,
}

/// Where a page does not say which generation it showed, a second click comes within this time.
const DOUBLE_CLICK: TimeDelta = TimeDelta::seconds(10);

/// Sends a pending or expired invitation again: 14 new days, a new mail, and earlier links stop working. `generation` is
/// what the page showed.
pub fn resend(tx: &mut OrgTx<'_>, id: Uuid, generation: Option<i32>) -> Result<Invitation, Stopped<ResendRefused>> {
    expire_overdue(tx)?;
    let before = queries::by_id(tx, id)?;
    let sent_meanwhile = match generation {
        Some(shown) => shown != before.generation,
        None => before.generation > 1 && tx.now() < before.sent_at + DOUBLE_CLICK,
    };
    if sent_meanwhile {
        return Err(Stopped::Refused(ResendRefused::SentMeanwhile));
    }
    let status = before.status(tx.now());
    if !status.may_resend() {
        return Err(Stopped::Refused(ResendRefused::Ended(status)));
    }
    let role = role_of(tx, &before)?;
    if !Reach::of_actor(tx).may_send(role.as_ref()) {
        return Err(Stopped::Refused(ResendRefused::Role));
    }
    let again = next_generation(tx, before)?;
    match status {
        Status::Pending => members::invited::extend(tx, &again.email, again.expires_at, &again.invited_by)?,
        _ => hold_slot(tx, &again)?,
    }
    if !queries::send_again(tx, &again)? {
        return Err(Stopped::Refused(ResendRefused::SentMeanwhile));
    }
    let who = tx.actor.name.clone();
    queries::note(tx, id, Happening::Resent, &who)?;
    tx.mail(&mail(tx.organization_id(), &again))?;
    tx.record(&Event::InvitationResent { invitation_id: id, email: again.email.clone() })?;
    Ok(again)
}

/// The role of an invitation, unless it was deleted since.
fn role_of(tx: &mut OrgTx<'_>, invitation: &Invitation) -> Result<Option<Role>> {
    match tx.role_by_id(invitation.role_id) {
        Ok(role) => Ok(Some(role)),
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Who sends it again answers for its role from then on.
fn next_generation(tx: &OrgTx<'_>, before: Invitation) -> Result<Invitation> {
    let (now, sender) = (tx.now(), sender(tx)?);
    Ok(Invitation {
        generation: before.generation.checked_add(1).ok_or_else(|| AppError::Internal("no generation is left".to_owned()))?,
        sent_at: now,
        expires_at: now + VALID,
        invited_by_account_id: sender.account_id,
        invited_by: sender.name,
        invited_by_key_id: sender.key_id,
        sender_level: sender.level,
        sender_permissions: sender.permissions,
        ..before
    })
}

/// Takes a slot again for an invitation that had lost it.
fn hold_slot(tx: &mut OrgTx<'_>, again: &Invitation) -> Result<(), Stopped<ResendRefused>> {
    match members::queries::by_email(tx, &again.email)? {
        Some(member) if member.status() == members::Status::Invited => return Err(Stopped::Refused(ResendRefused::InvitedAnew)),
        Some(_) => return Err(Stopped::Refused(ResendRefused::AlreadyMember)),
        None => {}
    }
    if tx.organization.free_slots() == 0 {
        let (organization, reader) = (tx.organization.clone(), tx.actor.standing);
        let way = way_up::to_more_slots(tx, &organization, reader)?.words;
        let room = way_up::make_room(&organization, BY_REMOVING, &way);
        return Err(Stopped::Refused(ResendRefused::NoSlot { room }));
    }
    members::invited::insert_all(tx, &[slot(again)])?;
    Ok(())
}

/// Why an invitation was not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeRefused {
    /// In this way it had ended already.
    Ended(Status),
    /// Its role is one that the actor could not invite with, and somebody else sent it.
    Role,
}

/// Takes a pending invitation back: its links and its slot are gone at once. Judged as sending it is, but for who sent it.
pub fn revoke(tx: &mut OrgTx<'_>, id: Uuid) -> Result<Invitation, Stopped<RevokeRefused>> {
    expire_overdue(tx)?;
    let invitation = queries::by_id(tx, id)?;
    let role = role_of(tx, &invitation)?;
    if !Reach::of_actor(tx).may_revoke(role.as_ref(), invitation.invited_by_account_id) {
        return Err(Stopped::Refused(RevokeRefused::Role));
    }
    withdraw(tx, id)
}

/// Takes a pending invitation back without judging who does it: for a person who is a member by another address now.
pub fn withdraw(tx: &mut OrgTx<'_>, id: Uuid) -> Result<Invitation, Stopped<RevokeRefused>> {
    let invitation = queries::by_id(tx, id)?;
    if !queries::end(tx, id, Status::Revoked)? {
        return Err(Stopped::Refused(RevokeRefused::Ended(invitation.status(tx.now()))));
    }
    members::invited::remove_all(tx, std::slice::from_ref(&invitation.email))?;
    let who = tx.actor.name.clone();
    queries::note(tx, id, Happening::Revoked, &who)?;
    tx.record(&Event::InvitationRevoked { invitation_id: id, email: invitation.email.clone() })?;
    Ok(invitation)
}
