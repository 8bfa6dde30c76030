//! What stands beside the list: keys that need attention, and who generated any.

use chrono::TimeDelta;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::prepared::{Prepared, prepared};
use crate::error::Result;

/// After so long without use a key needs a look.
pub const IDLE: TimeDelta = TimeDelta::days(90);
/// So long before its end too.
pub const SOON: TimeDelta = TimeDelta::days(14);
/// Keys of one reason that are read: one more than are shown.
pub const MOST: i64 = 6;

/// Why a key needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    EndsSoon,
    OwnerGone,
    Idle,
    AbilitiesUnused,
}

impl Reason {
    pub const ALL: [Reason; 4] = [Reason::EndsSoon, Reason::OwnerGone, Reason::Idle, Reason::AbilitiesUnused];

    const fn key(self) -> &'static str {
        match self {
            Reason::EndsSoon => "ends",
            Reason::OwnerGone => "owner",
            Reason::Idle => "idle",
            Reason::AbilitiesUnused => "abilities",
        }
    }
}

/// A row beside the list: a key and the reason, or somebody who generated keys.
#[derive(Clone, Debug, QueryableByName)]
pub struct Aside {
    #[diesel(sql_type = Text)]
    kind: String,
    /// Of the key, or of the account.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub owner_name: String,
    /// The key's end, or since when nobody used it; by the reason.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub at: Option<Moment>,
    /// Whether it was never used.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<Moment>,
    /// Those of its abilities that were never asked for.
    #[diesel(sql_type = Array<Text>)]
    pub unused: Vec<String>,
}

impl Aside {
    /// Why the key needs attention; `None` where the row is a person.
    pub fn reason(&self) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.key() == self.kind)
    }
}

/// Each part reads a few rows of one index, however many keys there are. People are found by leaping from one to the next.
const QUERY: &str = "
    (SELECT 'ends' AS kind, k.id, k.name, k.owner_name, k.expires_at AS at, NULL::timestamptz AS last_used_at, '{}'::text[] AS unused
        FROM keys k WHERE k.organization_id = $1 AND k.status IN ('active', 'paused') AND k.expires_at > $2 AND k.expires_at <= $4
        ORDER BY k.expires_at, k.id LIMIT $5)
    UNION ALL
    (SELECT 'owner', k.id, k.name, k.owner_name, k.created_at, NULL, '{}'
        FROM keys k WHERE k.organization_id = $1 AND k.status IN ('active', 'paused') AND k.owner_member_id IS NULL
            AND (k.expires_at IS NULL OR k.expires_at > $2)
        ORDER BY k.created_at, k.id LIMIT $5)
    UNION ALL
    (SELECT 'idle', k.id, k.name, k.owner_name, CASE WHEN u.last_used_at IS NULL AND u.previous_used_at IS NULL THEN u.created_at ELSE greatest(u.last_used_at, u.previous_used_at) END,
            greatest(u.last_used_at, u.previous_used_at), '{}'
        FROM key_uses u JOIN keys k ON k.organization_id = u.organization_id AND k.id = u.key_id
        WHERE u.organization_id = $1 AND u.is_live AND u.idle_since <= $3
        ORDER BY u.idle_since, u.key_id LIMIT $5)
    UNION ALL
    (SELECT 'abilities', k.id, k.name, k.owner_name, k.created_at, u.last_used_at,
            ARRAY(SELECT a FROM unnest(k.abilities) a WHERE a <> ALL (u.used_abilities))
        FROM key_uses u JOIN keys k ON k.organization_id = u.organization_id AND k.id = u.key_id
        WHERE u.organization_id = $1 AND u.is_live AND u.has_unused_abilities AND u.created_at <= $3
        ORDER BY u.created_at, u.key_id LIMIT $5)
    UNION ALL
    (WITH RECURSIVE people AS (
        (SELECT created_by_account_id AS id, created_by AS name FROM keys
            WHERE organization_id = $1 ORDER BY created_by_account_id LIMIT 1)
        UNION ALL
        (SELECT n.id, n.name FROM people p, LATERAL (SELECT created_by_account_id AS id, created_by AS name FROM keys
            WHERE organization_id = $1 AND created_by_account_id > p.id ORDER BY created_by_account_id LIMIT 1) n))
    SELECT 'person', id, name, '', NULL, NULL, '{}' FROM people LIMIT 200)";

/// Keys that need attention, up to six for each reason, and who generated keys.
pub fn aside(org: &mut OrgConn<'_>) -> Result<Vec<Aside>> {
    Ok(aside_statement(org).load(org.connection())?)
}

/// The statement of `aside`.
pub fn aside_statement(org: &OrgConn<'_>) -> Prepared {
    let now = org.now();
    prepared(QUERY).bind(org.organization_id()).bind(now).bind(now - IDLE).bind(now + SOON).bind(MOST)
}
