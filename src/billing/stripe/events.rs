//! Events that Stripe sends. One is remembered in the transaction that has the worker look at Stripe; what it says is never
//! believed, so neither their order nor one that is missing matters (security rule 17).

use super::super::queries::stripe::{self as rows, NewEvent};
use crate::access::{Actor, write_as};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::stripe::Event;

/// Remembers an event. False for one of a customer that is not ours: other programs may share the account.
pub async fn remember(db: &Db, event: &Event) -> Result<bool> {
    let Some(customer) = event.customer.clone() else { return Ok(false) };
    let found = db.read(Scope::Nobody, move |connection| Ok(rows::organization_of(connection, &customer)?)).await?;
    let Some(organization_id) = found else { return Ok(false) };
    let new = NewEvent {
        id: event.id.clone(),
        kind: event.kind.clone(),
        object_id: event.object_id.clone(),
        created_at: event.created,
    };
    write_as(db, organization_id, Actor::console(), move |tx| {
        if rows::remember(tx, &new)? {
            let now = tx.now();
            rows::ask_by(tx, now)?;
        }
        Ok::<(), AppError>(())
    })
    .await?;
    Ok(true)
}
