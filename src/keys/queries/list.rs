//! The list of keys: pages of the newest first, whatever the filters; of a search, in the order of the words found.

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::access::OrgConn;
use crate::access::key::{KeyStatus, KeyType};
use crate::clock::Moment;
use crate::db::prepared::{Prepared, prepared};
use crate::error::Result;
use crate::web::pagination::{Cursor, Key as Place, PAGE_SIZE};

/// Which keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub key_type: Option<KeyType>,
    pub status: Option<KeyStatus>,
    /// The account that generated them.
    pub creator: Option<Uuid>,
    /// Folded; empty where nothing is searched.
    pub search: String,
}

/// A row of the list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Listed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub key_type: String,
    #[diesel(sql_type = Array<Text>)]
    pub abilities: Vec<String>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Text)]
    pub created_by: String,
    #[diesel(sql_type = SqlUuid)]
    pub created_by_account_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Moment,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner_member_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub owner_name: String,
    #[diesel(sql_type = SqlUuid)]
    pub role_id: Uuid,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<Moment>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<Moment>,
    #[diesel(sql_type = Text)]
    pub last_used_network: String,
    /// The word that the search found it by; empty without a search.
    #[diesel(sql_type = Text)]
    term: String,
}

impl Listed {
    pub fn status(&self, now: Moment) -> KeyStatus {
        KeyStatus::of(&self.status, self.expires_at, now)
    }

    /// Its place in the list.
    pub fn place(&self) -> Place {
        let value = if self.term.is_empty() { self.created_at.timestamp_micros().to_string() } else { self.term.clone() };
        Place { value, id: self.id }
    }
}

/// Columns of a key, and of its uses.
const COLUMNS: &str = "k.id, k.name, k.key_type, k.abilities, k.status, k.created_by, k.created_by_account_id, k.created_at,
    k.owner_member_id, k.owner_name, k.role_id, k.expires_at, greatest(u.last_used_at, u.previous_used_at) AS last_used_at,
    CASE WHEN u.last_used_at IS NULL OR u.previous_used_at > u.last_used_at THEN u.previous_used_network ELSE u.last_used_network END AS last_used_network";
const USES: &str = "JOIN key_uses u ON u.organization_id = k.organization_id AND u.key_id = k.id";

/// One page, and one row more, `size` long.
pub fn page(org: &mut OrgConn<'_>, filter: &Filter, cursor: &Cursor, size: usize) -> Result<Vec<Listed>> {
    Ok(statement(org, filter, cursor, size).load(org.connection())?)
}

/// The statement of a page.
pub fn statement(org: &OrgConn<'_>, filter: &Filter, cursor: &Cursor, size: usize) -> Prepared {
    let rows = i64::try_from(size.min(PAGE_SIZE * 4) + 1).unwrap_or(i64::MAX);
    if filter.search.is_empty() { newest(org, filter, cursor, rows) } else { found(org, filter, cursor, rows) }
}

fn newest(org: &OrgConn<'_>, filter: &Filter, cursor: &Cursor, rows: i64) -> Prepared {
    let place = cursor.key().and_then(|key| {
        let at = Moment::from_timestamp_micros(key.value.parse().ok()?)?;
        // Years that Postgres does not have.
        (0..=253_402_300_799).contains(&at.timestamp()).then_some((at, key.id))
    });
    let backwards = place.is_some() && cursor.is_backwards();
    let (at, id) = place.unwrap_or((org.now() + chrono::TimeDelta::days(36_500), Uuid::max()));
    let (sign, direction) = if backwards { (">", "ASC") } else { ("<", "DESC") };
    let order = format!("ORDER BY created_at {direction}, id {direction} LIMIT $6");
    let range = |condition: String| {
        format!("(SELECT * FROM keys WHERE organization_id = $1{condition} AND (created_at, id) {sign} ($4, $5) {order})")
    };
    let ranges: Vec<String> = ranges(filter).into_iter().map(range).collect();
    let query = format!(
        "SELECT {COLUMNS}, '' AS term FROM (SELECT * FROM ({}) ranges {order}) k {USES}
        ORDER BY k.created_at {direction}, k.id {direction}",
        ranges.join(" UNION ALL ")
    );
    prepared(query)
        .bind(org.organization_id())
        .bind(org.now())
        .bind(filter.creator.unwrap_or_default())
        .bind(at)
        .bind(id)
        .bind(rows)
}

/// Conditions, each served by one index in the order of the list; `$2` is now, `$3` the creator.
fn ranges(filter: &Filter) -> Vec<String> {
    if filter.key_type.is_none() && filter.status.is_none() && filter.creator.is_none() {
        return vec![String::new()];
    }
    let creator = if filter.creator.is_some() { " AND created_by_account_id = $3" } else { "" };
    let types = KeyType::ALL.into_iter().filter(|one| filter.key_type.is_none_or(|wanted| wanted == *one));
    let of_type = |key_type: KeyType| {
        let of_status = move |condition: &str| format!("{creator} AND key_type = '{}' AND {condition}", key_type.key());
        conditions(filter.status).iter().map(|condition| of_status(condition)).collect::<Vec<_>>()
    };
    types.flat_map(of_type).collect()
}

/// What is over counts as expired also before anybody has written that down.
fn conditions(status: Option<KeyStatus>) -> &'static [&'static str] {
    const OVERDUE: &str = "status IN ('active', 'paused') AND expires_at <= $2";
    match status {
        None => &["status = 'active'", "status = 'paused'", "status = 'expired'", "status = 'revoked'"],
        Some(KeyStatus::Active) => &["status = 'active' AND (expires_at IS NULL OR expires_at > $2)"],
        Some(KeyStatus::Paused) => &["status = 'paused' AND (expires_at IS NULL OR expires_at > $2)"],
        Some(KeyStatus::Expired) => &["status = 'expired'", OVERDUE],
        Some(KeyStatus::Revoked) => &["status = 'revoked'"],
    }
}

/// The keys that have a word which begins as the search does, each once, in the order of that word.
fn found(org: &OrgConn<'_>, filter: &Filter, cursor: &Cursor, rows: i64) -> Prepared {
    let backwards = cursor.key().is_some() && cursor.is_backwards();
    let (sign, direction) = if backwards { ("<", "DESC") } else { (">", "ASC") };
    let place = cursor.key().map_or((String::new(), Uuid::nil()), |key| (key.value.clone(), key.id));
    let of_type = filter.key_type.map(|one| format!(" AND k.key_type = '{}'", one.key())).unwrap_or_default();
    let of_creator = if filter.creator.is_some() { " AND k.created_by_account_id = $3" } else { "" };
    let of_status = match filter.status {
        None => String::new(),
        some => {
            let any: Vec<String> = conditions(some).iter().map(|condition| format!("({condition})")).collect();
            format!(" AND ({})", any.join(" OR "))
        }
    };
    // The character after every other one ends the range of words that begin alike.
    let end = format!("{}\u{10FFFF}", filter.search);
    let query = format!(
        "SELECT {COLUMNS}, t.term FROM key_terms t
        JOIN keys k ON k.organization_id = t.organization_id AND k.id = t.key_id {USES}
        WHERE t.organization_id = $1 AND t.term >= $7 AND t.term < $8 AND (t.term, t.key_id) {sign} ($4, $5)
            AND NOT EXISTS (SELECT FROM key_terms s WHERE s.organization_id = $1 AND s.key_id = t.key_id AND s.term >= $7 AND s.term < t.term)
            {of_type}{of_creator}{of_status}
        ORDER BY t.term {direction}, t.key_id {direction} LIMIT $6"
    );
    prepared(query)
        .bind(org.organization_id())
        .bind(org.now())
        .bind(filter.creator.unwrap_or_default())
        .bind(place.0.as_str())
        .bind(place.1)
        .bind(rows)
        .bind(filter.search.as_str())
        .bind(end.as_str())
}
