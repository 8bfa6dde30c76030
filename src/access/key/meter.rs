//! Limits of keys that have their own, counted in Postgres so that all nodes count together. The minute and the day are
//! spent in one statement: a request past either of them spends nothing.

use chrono::TimeDelta;
use diesel::QueryableByName;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamptz};
use uuid::Uuid;

use super::known::KnownKey;
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const DAY: TimeDelta = TimeDelta::days(1);

#[derive(Clone, Copy, Debug, QueryableByName)]
struct Spent {
    #[diesel(sql_type = Integer)]
    minute_count: i32,
    #[diesel(sql_type = Timestamptz)]
    minute_ends_at: Moment,
    #[diesel(sql_type = Integer)]
    day_count: i32,
    #[diesel(sql_type = Timestamptz)]
    day_ends_at: Moment,
}

/// What is left of a key's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    pub minute: i32,
    pub day: i32,
}

/// What became of a request that costs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metered {
    Within(Left),
    /// Past a limit, of so many, until so many seconds have gone by.
    Past {
        limit: i32,
        retry_after: i64,
    },
}

/// Spends `cost` of a key's limits; `None` for a key without any.
///
/// # Errors
/// `Unavailable` without the database.
pub async fn spend(db: &Db, key: &KnownKey, cost: i32) -> Result<Option<Metered>> {
    let Some(limits) = key.limits else { return Ok(None) };
    let (organization_id, key_id, now) = (key.organization.id, key.id, db.now());
    let work = move |connection: &mut PgConnection| {
        // A crash may forget the last requests: nobody waits for the disk.
        connection.batch_execute("SET LOCAL synchronous_commit = off")?;
        Ok::<_, AppError>(spend_within(connection, (organization_id, key_id), limits, cost, now)?)
    };
    db.write(Scope::Organization(organization_id), work).await.map(Some)
}

/// As `spend`, inside a transaction of the key's organization.
pub(super) fn spend_within(
    connection: &mut PgConnection,
    (organization_id, key_id): (Uuid, Uuid),
    limits: (i32, i32),
    cost: i32,
    now: Moment,
) -> QueryResult<Metered> {
    match try_spend(connection, (organization_id, key_id), limits, cost, now)? {
        Some(spent) => Ok(Metered::Within(left(spent, limits))),
        None => Ok(past(read(connection, organization_id, key_id)?, limits, cost, now)),
    }
}

fn try_spend(
    connection: &mut PgConnection,
    (organization_id, key_id): (Uuid, Uuid),
    (most_a_minute, most_a_day): (i32, i32),
    cost: i32,
    now: Moment,
) -> QueryResult<Option<Spent>> {
    if cost > most_a_minute || cost > most_a_day {
        return Ok(None);
    }
    let query = "INSERT INTO key_meters AS m (organization_id, key_id, minute_count, minute_ends_at, day_count, day_ends_at)
        VALUES ($1, $2, $3, $5, $3, $6)
        ON CONFLICT ON CONSTRAINT key_meters_pkey DO UPDATE SET
            minute_count = CASE WHEN m.minute_ends_at <= $4 THEN 0 ELSE m.minute_count END + $3,
            minute_ends_at = CASE WHEN m.minute_ends_at <= $4 THEN $5 ELSE m.minute_ends_at END,
            day_count = CASE WHEN m.day_ends_at <= $4 THEN 0 ELSE m.day_count END + $3,
            day_ends_at = CASE WHEN m.day_ends_at <= $4 THEN $6 ELSE m.day_ends_at END
        WHERE CASE WHEN m.minute_ends_at <= $4 THEN 0 ELSE m.minute_count END <= $7 - $3
            AND CASE WHEN m.day_ends_at <= $4 THEN 0 ELSE m.day_count END <= $8 - $3
        RETURNING minute_count, minute_ends_at, day_count, day_ends_at";
    prepared(query)
        .bind(organization_id)
        .bind(key_id)
        .bind(cost)
        .bind(now)
        .bind(now + MINUTE)
        .bind(now + DAY)
        .bind(most_a_minute)
        .bind(most_a_day)
        .get_result(connection)
        .optional()
}

fn read(connection: &mut PgConnection, organization_id: Uuid, key_id: Uuid) -> QueryResult<Option<Spent>> {
    let query =
        "SELECT minute_count, minute_ends_at, day_count, day_ends_at FROM key_meters WHERE organization_id = $1 AND key_id = $2";
    prepared(query).bind(organization_id).bind(key_id).get_result(connection).optional()
}

fn left(spent: Spent, (most_a_minute, most_a_day): (i32, i32)) -> Left {
    Left { minute: most_a_minute - spent.minute_count, day: most_a_day - spent.day_count }
}

/// Which limit was in the way, and until when: the day's, where both were.
fn past(spent: Option<Spent>, (most_a_minute, most_a_day): (i32, i32), cost: i32, now: Moment) -> Metered {
    let seconds = |end: Moment| (end - now).num_seconds().max(0) + 1;
    let counted = |count: i32, ends_at: Moment| if ends_at <= now { 0 } else { count };
    let (day, day_end) = spent.map_or((0, now + DAY), |spent| (counted(spent.day_count, spent.day_ends_at), spent.day_ends_at));
    if day > most_a_day - cost {
        return Metered::Past { limit: most_a_day, retry_after: seconds(day_end.max(now)) };
    }
    let minute_end = spent.map_or(now + MINUTE, |spent| spent.minute_ends_at);
    Metered::Past { limit: most_a_minute, retry_after: seconds(minute_end.max(now)) }
}
