//! Giving a pending invitation another role: no new link, no new mail.

use uuid::Uuid;

use super::super::invitation::{Invitation, Status};
use super::super::queries::{self, Happening, Sender};
use super::super::reach::Reach;
use super::upkeep::expire_overdue;
use crate::access::policy::{OWNER_LEVEL, Standing};
use crate::access::{OrgTx, Role, catalog};
use crate::audit::Event;
use crate::error::{AppError, Result, Stopped};
use crate::members;

/// Why an invitation keeps its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleRefused {
    /// It was accepted, declined, revoked or has expired.
    Ended(Status),
    /// Its role is one that the actor could not invite with.
    OutOfReach,
    /// The new role is one that the actor could not invite with, or there is none like that.
    NotToGive,
    /// Somebody else gave it another role since the page was shown: its name.
    Stale { now: String },
}

/// Gives a pending invitation another role. Who does so answers for it from then on, as who sends it again does. `shown` is
/// the role that the page showed. Returns the invitation as it was, and the role.
pub fn change_role(
    tx: &mut OrgTx<'_>,
    id: Uuid,
    role_id: Uuid,
    shown: Option<Uuid>,
) -> Result<(Invitation, Role), Stopped<RoleRefused>> {
    expire_overdue(tx)?;
    let invitation = queries::by_id(tx, id)?;
    let status = invitation.status(tx.now());
    if status != Status::Pending {
        return Err(Stopped::Refused(RoleRefused::Ended(status)));
    }
    let (from, to) = (tx.role_by_id(invitation.role_id)?, given(tx, role_id)?);
    let reach = Reach::of_actor(tx);
    if !reach.may_send(Some(&from)) {
        return Err(Stopped::Refused(RoleRefused::OutOfReach));
    }
    if from.id == to.id {
        return Ok((invitation, to));
    }
    if shown.is_some_and(|shown| shown != from.id) {
        return Err(Stopped::Refused(RoleRefused::Stale { now: from.name }));
    }
    if !reach.may_send(Some(&to)) {
        return Err(Stopped::Refused(RoleRefused::NotToGive));
    }
    let sender = sender(tx)?;
    queries::set_role(tx, id, to.id, &sender)?;
    members::invited::set_role(tx, &invitation.email, to.id)?;
    tell(tx, &[(id, invitation.email.clone())], &from, &to)?;
    Ok((invitation, to))
}

fn given(tx: &mut OrgTx<'_>, role_id: Uuid) -> Result<Role, Stopped<RoleRefused>> {
    match tx.role_by_id(role_id) {
        Err(AppError::NotFound) => Err(Stopped::Refused(RoleRefused::NotToGive)),
        found => Ok(found?),
    }
}

/// Gives all pending invitations with one role another one. The caller has judged both, and moves the rows of the invited
/// people along with those of the members.
pub fn move_role(tx: &mut OrgTx<'_>, from: &Role, to: &Role) -> Result<()> {
    let sender = sender(tx)?;
    let moved = queries::move_role(tx, from.id, to.id, &sender)?;
    tell(tx, &moved, from, to)
}

/// The actor, as who answers for an invitation from now on.
pub(super) fn sender(tx: &OrgTx<'_>) -> Result<Sender> {
    // A key is of the account that made it.
    let by_key = || tx.actor.key.map(|key| key.created_by_account_id);
    let account_id = tx.actor.account_id.or_else(by_key).ok_or_else(|| AppError::Internal("nobody answers for it".to_owned()))?;
    let Standing { level, permissions } = tx.actor.standing;
    let (level, permissions) = match permissions.is_everything() {
        true if level == OWNER_LEVEL => (level, Vec::new()),
        // The key of an Owner holds its abilities alone; that level would stand for everything.
        _ => (level.min(OWNER_LEVEL - 1), catalog::held_keys_of(tx.product(), permissions)),
    };
    Ok(Sender { account_id, key_id: tx.actor.key.map(|key| key.id), name: tx.actor.name.clone(), level, permissions })
}

/// Adds the change to the stories and to the activity log.
fn tell(tx: &mut OrgTx<'_>, changed: &[(Uuid, String)], from: &Role, to: &Role) -> Result<()> {
    let detail = format!("{} by {}", to.name, tx.actor.name);
    let notes: Vec<(Uuid, String)> = changed.iter().map(|(id, _)| (*id, detail.clone())).collect();
    queries::note_all(tx, &notes, Happening::RoleChanged)?;
    let event = |(id, email): &(Uuid, String)| Event::InvitationRoleChanged {
        invitation_id: *id,
        email: email.clone(),
        from: from.name.clone(),
        to: to.name.clone(),
    };
    tx.record_all(&changed.iter().map(event).collect::<Vec<_>>())
}
