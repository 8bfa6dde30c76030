//! What time alone brings about: clocks are compared with the database's, rows that have ended are deleted, invitations whose
//! time is over let go of their slots, and who answers for a key is told before it ends. Every node does it every half minute;
//! that several do the same is harmless, and one that fails tries again the next time.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinHandle;

use crate::access::{key, limits};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::{accounts, billing, invites, keys, sessions};

const EVERY: Duration = Duration::from_secs(30);
/// How long a used or expired link is kept, so that its page can say which of the two it is.
const LINKS_KEPT: TimeDelta = TimeDelta::days(30);

/// Begins at once and goes on until the task is aborted.
pub fn start(db: Db) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut rounds = tokio::time::interval(EVERY);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            // In a task of its own, so that a panic ends the round and not the upkeep.
            let db = db.clone();
            match tokio::spawn(async move { once(&db).await }).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "upkeep failed; it is tried again"),
                Err(error) => tracing::error!(%error, "upkeep broke off; it is tried again"),
            }
        }
    })
}

/// One round.
///
/// # Errors
/// The first that failed; the rest waits for the next round.
pub async fn once(db: &Db) -> Result<()> {
    db.compare_clocks().await?;
    let now = db.now();
    db.write(Scope::Nobody, move |connection| Ok::<_, AppError>(sessions::queries::delete_ended(connection, now)?)).await?;
    db.write(Scope::Nobody, move |connection| Ok::<_, AppError>(limits::forget_ended(connection, now)?)).await?;
    db.write(Scope::Nobody, move |connection| Ok::<_, AppError>(key::forget_ended(connection, now)?)).await?;
    let before = now - LINKS_KEPT;
    db.write(Scope::Nobody, move |connection| {
        Ok::<_, AppError>(accounts::links::queries::delete_expired_before(connection, before)?)
    })
    .await?;
    let before = now - billing::usage::REPORTS_KEPT;
    db.write(Scope::Nobody, move |connection| {
        Ok::<_, AppError>(billing::queries::usage::forget_old_reports(connection, before)?)
    })
    .await?;
    invites::actions::expire_due_organizations(db).await?;
    keys::upkeep::look_after_due(db).await?;
    billing::actions::upkeep::look_after_due(db).await?;
    Ok(())
}
