//! What the API answered to requests with an Idempotency-Key, kept for a day: the same one again is answered so without doing
//! it again, and another one under the same Idempotency-Key is refused.

use chrono::TimeDelta;
use diesel::QueryableByName;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use uuid::Uuid;

use super::super::queries;
use super::known::KnownKey;
use super::meter::{Metered, spend_within};
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::schema::idempotent_answers;
use crate::error::{AppError, Result};
use crate::web::json::Once;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// What stands in the place of an answer that is made anew each time: whether its cost was charged.
const CHARGED: &str = "charged";
const UNCHARGED: &str = "uncharged";

/// An answer in JSON, and whether it is one of before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub text: String,
    pub is_replayed: bool,
}

impl Answered {
    pub(super) fn anew(text: String) -> Answered {
        Answered { text, is_replayed: false }
    }
}

/// Organization and key of who asks.
pub(super) type Caller = (Uuid, Uuid);

#[derive(QueryableByName)]
struct Earlier {
    #[diesel(sql_type = Bool)]
    is_same: bool,
    #[diesel(sql_type = Text)]
    answer: String,
}

/// What was answered to the same request.
///
/// # Errors
/// `Conflict` where the Idempotency-Key was used for another request.
pub(super) fn earlier(connection: &mut PgConnection, caller: Caller, once: &Once, now: Moment) -> Result<Option<Answered>> {
    let query = "SELECT request_hash = $4 AS is_same, answer FROM idempotent_answers
        WHERE organization_id = $1 AND key_id = $2 AND idempotency_hash = $3 AND created_at > $5";
    let query =
        prepared(query).bind(caller.0).bind(caller.1).bind(once.key.as_slice()).bind(once.request.as_slice()).bind(now - KEPT);
    match query.get_result::<Earlier>(connection).optional()? {
        None => Ok(None),
        Some(earlier) if earlier.is_same => Ok(Some(Answered { text: earlier.answer, is_replayed: true })),
        Some(_) => Err(used_otherwise()),
    }
}

fn used_otherwise() -> AppError {
    AppError::Conflict(
        "This Idempotency-Key was used for another request within 24 hours. Nothing was done: send this one under a new Idempotency-Key."
            .to_owned(),
    )
}

/// Keeps an answer, in the place of one whose time is over.
///
/// # Errors
/// `Conflict` where a check took the Idempotency-Key meanwhile: those do not wait for the organization's lock.
pub(super) fn keep(connection: &mut PgConnection, caller: Caller, once: &Once, answer: &str, now: Moment) -> Result<()> {
    forget_ended(connection, now)?;
    let kept = diesel::insert_into(idempotent_answers::table)
        .values((
            idempotent_answers::organization_id.eq(caller.0),
            idempotent_answers::key_id.eq(caller.1),
            idempotent_answers::idempotency_hash.eq(once.key.as_slice()),
            idempotent_answers::request_hash.eq(once.request.as_slice()),
            idempotent_answers::answer.eq(answer),
            idempotent_answers::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    if kept == 1 { Ok(()) } else { Err(used_otherwise()) }
}

/// Deletes answers whose time is over: those of the transaction's organization, and outside of every organization all.
pub fn forget_ended(connection: &mut PgConnection, now: Moment) -> QueryResult<usize> {
    // What somebody else deletes at this moment is left to them, so that nobody waits.
    let query = "DELETE FROM idempotent_answers WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotent_answers WHERE created_at <= $1 FOR UPDATE SKIP LOCKED))";
    prepared(query).bind(now - KEPT).execute(connection)
}

/// A cost to be charged to a key that has limits.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    organization_id: Uuid,
    key_id: Uuid,
    limits: (i32, i32),
    cost: i32,
}

impl Charge {
    /// Nothing for a key without limits.
    pub fn of(key: &KnownKey, cost: i32) -> Option<Charge> {
        let limits = key.limits?;
        Some(Charge { organization_id: key.organization.id, key_id: key.id, limits, cost })
    }
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    is_first: bool,
}

/// Notes a request whose answer is made anew each time, and charges its cost the first time that it can be. Who sends it
/// twice at the same moment waits here for themselves.
pub(super) fn note(
    connection: &mut PgConnection,
    caller: Caller,
    once: &Once,
    charge: Option<Charge>,
    now: Moment,
) -> Result<Option<Metered>> {
    forget_ended(connection, now)?;
    let is_first = take(connection, caller, once, now)?;
    let before = if is_first { None } else { earlier(connection, caller, once, now)? };
    let Some(charge) = charge else { return Ok(None) };
    let is_charged = before.is_some_and(|before| before.text == CHARGED);
    queries::enter(connection, charge.organization_id)?;
    let cost = if is_charged { 0 } else { charge.cost };
    let metered = spend_within(connection, (charge.organization_id, charge.key_id), charge.limits, cost, now)?;
    if !is_charged && matches!(metered, Metered::Within(_)) {
        queries::enter(connection, caller.0)?;
        let of_caller = idempotent_answers::organization_id.eq(caller.0).and(idempotent_answers::key_id.eq(caller.1));
        diesel::update(idempotent_answers::table)
            .filter(of_caller)
            .filter(idempotent_answers::idempotency_hash.eq(once.key.as_slice()))
            .set(idempotent_answers::answer.eq(CHARGED))
            .execute(connection)?;
    }
    Ok(Some(metered))
}

/// Whether an Idempotency-Key was free. Its row is held until the transaction ends, whoever wrote it.
fn take(connection: &mut PgConnection, caller: Caller, once: &Once, now: Moment) -> QueryResult<bool> {
    let query = "INSERT INTO idempotent_answers AS a
            (organization_id, key_id, idempotency_hash, request_hash, answer, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT ON CONSTRAINT idempotent_answers_pkey DO UPDATE SET answer = a.answer
        RETURNING xmax = 0 AS is_first";
    let query = prepared(query)
        .bind(caller.0)
        .bind(caller.1)
        .bind(once.key.as_slice())
        .bind(once.request.as_slice())
        .bind(UNCHARGED)
        .bind(now);
    Ok(query.get_result::<Taken>(connection)?.is_first)
}
