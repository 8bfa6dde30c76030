//! Compares organizations with Stripe: soon after an event, a change of members or of billing details, and once a day in any
//! case. Apart from the upkeep, so that a Stripe that hangs holds up nothing else.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::super::queries::stripe as rows;
use super::look::check;
use super::talk::Acting;
use crate::db::{Db, Scope};
use crate::error::{Result, Stopped};
use crate::stripe::Stripe;

/// How often it looks for something to do: one statement on an index.
const EVERY: Duration = Duration::from_secs(1);
/// Organizations of one round.
const AT_ONCE: i64 = 100;
/// Of them so many at a time: Stripe allows about a hundred requests a second.
const TOGETHER: usize = 4;

/// Begins at once and goes on until the task is aborted.
pub fn start(db: Db, stripe: Stripe) -> JoinHandle<()> {
    actix_web::rt::spawn(async move {
        let mut rounds = tokio::time::interval(EVERY);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            let (db, stripe) = (db.clone(), stripe.clone());
            // In a task of its own, so that a panic ends the round and not the worker.
            match actix_web::rt::spawn(async move { once(&db, &stripe).await }).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "comparing with Stripe failed; it is tried again"),
                Err(error) => tracing::error!(%error, "comparing with Stripe broke off; it is tried again"),
            }
        }
    })
}

/// Compares those that are due. Returns how many.
///
/// # Errors
/// As the database. Trouble with one organization is logged, and holds up no other.
pub async fn once(db: &Db, stripe: &Stripe) -> Result<usize> {
    let now = db.now();
    let due = db.read(Scope::Nobody, move |connection| Ok(rows::organizations_due(connection, now, AT_ONCE)?)).await?;
    let count = due.len();
    let compared = futures_util::stream::iter(due).map(|organization_id| compare(db, stripe, organization_id));
    compared.buffer_unordered(TOGETHER).collect::<Vec<()>>().await;
    Ok(count)
}

/// What went wrong with one organization is planned anew by the talk itself.
async fn compare(db: &Db, stripe: &Stripe, organization_id: Uuid) {
    match check(&Acting::Console(db.clone(), organization_id), stripe).await {
        Ok(_) | Err(Stopped::Refused(_)) => {}
        Err(Stopped::Failed(error)) => tracing::error!(%error, %organization_id, "an organization was not compared with Stripe"),
    }
}
