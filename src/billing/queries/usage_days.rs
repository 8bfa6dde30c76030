//! Statements on metered use by day, and by who used it.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::access::OrgConn;
use crate::db::prepared::prepared;
use crate::error::{AppError, Result};

/// Use on a day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DayRow {
    pub item: String,
    pub day: NaiveDate,
    pub quantity: i64,
}

/// Whom a report names, in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    Key,
    Member,
    Neither,
    /// Such use counts with the key and with the member.
    Both,
}

/// Who used how much of an item: a key or a member, by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UserRow {
    pub item: String,
    pub named: Named,
    /// Nil for all the others of their kind together.
    pub id: Uuid,
    /// Empty where they are gone.
    pub name: String,
    pub quantity: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Jsonb)]
    days: Value,
    #[diesel(sql_type = Jsonb)]
    users: Value,
}

const DAYS_AND_USERS: &str = "WITH used AS (
        SELECT item, day, key_id, member_id, quantity FROM usage_days WHERE organization_id = $1 AND day >= $2::text::date
    ), days AS (
        SELECT item, day, sum(quantity)::bigint AS quantity FROM used GROUP BY item, day
    ), summed AS (
        SELECT item, 'key' AS named, key_id AS id, sum(quantity)::bigint AS quantity FROM used WHERE key_id <> $3 GROUP BY item, key_id
        UNION ALL SELECT item, 'member', member_id, sum(quantity)::bigint FROM used WHERE member_id <> $3 GROUP BY item, member_id
        UNION ALL SELECT item, CASE WHEN key_id = $3 THEN 'neither' ELSE 'both' END, $3, sum(quantity)::bigint FROM used
            WHERE (key_id = $3) = (member_id = $3) GROUP BY 1, 2
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY item, named ORDER BY quantity DESC, id) AS place FROM summed
    ), listed AS (
        SELECT item, named, CASE WHEN place <= $4 THEN id ELSE $3 END AS id, sum(quantity)::bigint AS quantity, min(place) AS place
        FROM ranked GROUP BY 1, 2, 3
    ), users AS (
        SELECT l.*, coalesce(k.name, m.name, '') AS name, array_position(ARRAY['key', 'member', 'neither', 'both'], l.named) AS kind
        FROM listed l
        LEFT JOIN keys k ON k.organization_id = $1 AND k.id = l.id AND l.named = 'key'
        LEFT JOIN members m ON m.organization_id = $1 AND m.id = l.id AND l.named = 'member'
    )
    SELECT coalesce((SELECT jsonb_agg(d ORDER BY item, day) FROM days d), '[]') AS days,
        coalesce((SELECT jsonb_agg(u ORDER BY item, kind, place) FROM users u), '[]') AS users";

/// Use by item and day from a day on, and the keys and members that used most of each item since, most first, with the others of
/// their kind as one and what was used by nobody in particular.
pub fn days_and_users(org: &mut OrgConn<'_>, from: NaiveDate, most: i64) -> Result<(Vec<DayRow>, Vec<UserRow>)> {
    let organization_id = org.organization_id();
    let statement = prepared(DAYS_AND_USERS).bind(organization_id).bind(from.to_string().as_str()).bind(Uuid::nil()).bind(most);
    let found: Found = statement.get_result(org.connection())?;
    let wrong = |error: serde_json::Error| AppError::Internal(error.to_string());
    Ok((serde_json::from_value(found.days).map_err(wrong)?, serde_json::from_value(found.users).map_err(wrong)?))
}
