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

/// Who used how much of an item: a key or a member, by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UserRow {
    pub item: String,
    pub is_key: bool,
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
        SELECT item, true AS is_key, key_id AS id, sum(quantity)::bigint AS quantity FROM used WHERE key_id <> $3 GROUP BY item, key_id
        UNION ALL SELECT item, false, member_id, sum(quantity)::bigint FROM used WHERE member_id <> $3 GROUP BY item, member_id
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY item, is_key ORDER BY quantity DESC, id) AS place FROM summed
    ), users AS (
        SELECT r.item, r.is_key, r.id, coalesce(k.name, m.name, '') AS name, r.quantity, r.place FROM ranked r
        LEFT JOIN keys k ON k.organization_id = $1 AND k.id = r.id AND r.is_key
        LEFT JOIN members m ON m.organization_id = $1 AND m.id = r.id AND NOT r.is_key WHERE r.place <= $4
    )
    SELECT coalesce((SELECT jsonb_agg(d ORDER BY item, day) FROM days d), '[]') AS days,
        coalesce((SELECT jsonb_agg(u ORDER BY item, is_key DESC, place) FROM users u), '[]') AS users";

/// Use by item and day from a day on, and the keys and members that used most of each item since, most first.
pub fn days_and_users(org: &mut OrgConn<'_>, from: NaiveDate, most: i64) -> Result<(Vec<DayRow>, Vec<UserRow>)> {
    let organization_id = org.organization_id();
    let statement = prepared(DAYS_AND_USERS).bind(organization_id).bind(from.to_string().as_str()).bind(Uuid::nil()).bind(most);
    let found: Found = statement.get_result(org.connection())?;
    let wrong = |error: serde_json::Error| AppError::Internal(error.to_string());
    Ok((serde_json::from_value(found.days).map_err(wrong)?, serde_json::from_value(found.users).map_err(wrong)?))
}
