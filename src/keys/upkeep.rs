//! What time alone brings about: reminders before a key ends, and its end.

use chrono::TimeDelta;

use super::key::{Key, next_reminder};
use super::{notices, queries};
use crate::access::key::KeyStatus;
use crate::access::{Actor, OrgTx, write_as};
use crate::audit::Event;
use crate::clock::Moment;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};

/// Sends the reminders that are due, and ends the keys whose time is over, wherever there are any. Returns how many keys it
/// dealt with.
///
/// # Errors
/// As the database; what was done before the error stays so.
pub async fn look_after_due(db: &Db) -> Result<usize> {
    const AT_ONCE: i64 = 100;
    let mut done = 0;
    loop {
        let now = db.now();
        let due = db.read(Scope::Nobody, move |connection| Ok(queries::organizations_due(connection, now, AT_ONCE)?)).await?;
        if due.is_empty() {
            return Ok(done);
        }
        let mut failed = None;
        for organization_id in due {
            let looked = write_as(db, organization_id, Actor::console(), |tx| {
                let keys = queries::due(tx)?;
                keys.iter().try_for_each(|key| look_after(tx, key))?;
                queries::plan_next_reminder(tx)?;
                Ok::<_, AppError>(keys.len())
            });
            match looked.await {
                Ok(number) => done += number,
                // One organization's trouble does not hold up the others.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
    }
}

/// Tells the latest that is due, and only that: a server that was off for a week sends one mail.
fn look_after(tx: &mut OrgTx<'_>, key: &Key) -> Result<()> {
    let Some(expires_at) = key.expires_at else { return queries::set_reminder(tx, key.id, None) };
    if expires_at <= tx.now() {
        queries::end(tx, key.id, KeyStatus::Expired, expires_at)?;
        tx.record(&Event::KeyExpired { key_id: key.id, name: key.name.clone() })?;
    } else {
        queries::set_reminder(tx, key.id, next_reminder(Some(expires_at), tx.now()))?;
    }
    notices::ends(tx, key, days_left(expires_at, tx.now()))
}

/// Days until then, rounded up: a reminder that is late does not say more than are left.
fn days_left(expires_at: Moment, now: Moment) -> i64 {
    let left = (expires_at - now).max(TimeDelta::zero());
    (left + TimeDelta::days(1) - TimeDelta::microseconds(1)).num_days()
}
