//! What time alone brings about: invitations expire and let go of their slots.

use uuid::Uuid;

use super::super::queries::{self, Happening};
use crate::access::{Actor, OrgTx, write_as};
use crate::audit::Event;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::members;

/// Ends the invitations of an organization whose time is over. Returns how many.
pub fn expire_overdue(tx: &mut OrgTx<'_>) -> Result<usize> {
    let expired = queries::expire(tx)?;
    if expired.is_empty() {
        return Ok(0);
    }
    let emails: Vec<String> = expired.iter().map(|(_, email)| email.clone()).collect();
    members::invited::remove_all(tx, &emails)?;
    let notes: Vec<(Uuid, String)> = expired.iter().map(|(id, _)| (*id, String::new())).collect();
    queries::note_all(tx, &notes, Happening::Expired)?;
    let events: Vec<Event> =
        expired.into_iter().map(|(invitation_id, email)| Event::InvitationExpired { invitation_id, email }).collect();
    // Nobody did this, whoever's change comes across it.
    let actor = std::mem::replace(&mut tx.actor, Actor::console());
    let recorded = tx.record_all(&events);
    tx.actor = actor;
    recorded?;
    queries::plan_next_end(tx)?;
    tx.organization = tx.reread_organization()?;
    Ok(events.len())
}

/// Ends overdue invitations wherever there are any. Returns how many.
///
/// # Errors
/// As the database; what was ended before the error stays so.
pub async fn expire_due_organizations(db: &Db) -> Result<usize> {
    const AT_ONCE: i64 = 100;
    let mut ended = 0;
    loop {
        let now = db.now();
        let due = db.read(Scope::Nobody, move |connection| queries::organizations_due(connection, now, AT_ONCE)).await?;
        if due.is_empty() {
            return Ok(ended);
        }
        for organization_id in due {
            ended += write_as(db, organization_id, Actor::console(), |tx| {
                let count = expire_overdue(tx)?;
                // The moment was only a lower bound when nothing had ended.
                queries::plan_next_end(tx)?;
                Ok::<_, AppError>(count)
            })
            .await?;
        }
    }
}
