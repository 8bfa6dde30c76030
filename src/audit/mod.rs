//! The activity log: everything that can happen in an organization is one `Event`, written in the transaction of the
//! change itself and never changed again. Its sentences are what the Activity page and the member page show.

mod account_event;
mod billing_event;
mod billing_words;
mod event;
mod kinds;
mod module_event;
mod sentence;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::clock::Moment;
use crate::db::schema::{account_events, events};
use crate::error::{AppError, Result};

pub use account_event::AccountEvent;
pub use billing_event::BillingEvent;
pub use billing_words::is_set_back;
pub use event::{Event, RoleEdit};
pub use kinds::KINDS;
pub use module_event::ModuleEvent;
pub use sentence::limit_words;

/// Rows of one statement, well below the 65,535 values that Postgres takes.
const ROWS_AT_ONCE: usize = 1_000;

/// Who did it, by the name they had.
pub struct Author {
    pub account_id: Option<Uuid>,
    /// The key by which it was done.
    pub key_id: Option<Uuid>,
    pub name: String,
}

/// Writes an event of an organization.
pub fn record(connection: &mut PgConnection, organization_id: Uuid, now: Moment, author: &Author, event: &Event) -> Result<()> {
    record_all(connection, organization_id, now, author, std::slice::from_ref(event))
}

/// Writes the events of one deed that concerned many.
pub fn record_all(
    connection: &mut PgConnection,
    organization_id: Uuid,
    now: Moment,
    author: &Author,
    all: &[Event],
) -> Result<()> {
    for some in all.chunks(ROWS_AT_ONCE) {
        let mut rows = Vec::with_capacity(some.len());
        for event in some {
            let (kind, data) = taken_apart(event)?;
            rows.push((
                events::organization_id.eq(organization_id),
                events::id.eq(Uuid::now_v7()),
                events::at.eq(now),
                events::kind.eq(kind),
                events::actor_account_id.eq(author.account_id),
                events::actor_key_id.eq(author.key_id),
                events::actor_name.eq(&author.name),
                events::subject_id.eq(event.subject()),
                events::data.eq(data),
            ));
        }
        diesel::insert_into(events::table).values(rows).execute(connection)?;
    }
    Ok(())
}

/// Writes an event of an account: sign-ins, changes of password and address.
pub fn record_account(connection: &mut PgConnection, account_id: Uuid, now: Moment, event: &AccountEvent) -> Result<()> {
    let (kind, data) = taken_apart(event)?;
    diesel::insert_into(account_events::table)
        .values((
            account_events::id.eq(Uuid::now_v7()),
            account_events::account_id.eq(account_id),
            account_events::at.eq(now),
            account_events::kind.eq(kind),
            account_events::data.eq(data),
        ))
        .execute(connection)?;
    Ok(())
}

/// An event back from its row; `None` for a kind that this build does not know.
pub fn read(kind: &str, data: Value) -> Option<Event> {
    serde_json::from_value(serde_json::json!({ "kind": kind, "data": data })).ok()
}

/// An account's event back from its row.
pub fn read_account(kind: &str, data: Value) -> Option<AccountEvent> {
    serde_json::from_value(serde_json::json!({ "kind": kind, "data": data })).ok()
}

/// The kind as text and the rest as JSON.
fn taken_apart(event: &impl Serialize) -> Result<(String, Value)> {
    let mut value = serde_json::to_value(event).map_err(|error| AppError::Internal(error.to_string()))?;
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = value.get_mut("data").map(Value::take).unwrap_or(Value::Null);
    Ok((kind, data))
}
