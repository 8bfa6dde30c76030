//! The list of invitations: one page of a tab, newest first, and the counts on the tabs. Written as SQL, because each
//! status is a range of one index and a tab that holds two of them merges two ranges.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::error::Result;
use crate::mail::Progress;
use crate::web::pagination::{Cursor, Key, PAGE_SIZE};

/// A tab of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    All,
    Pending,
    Accepted,
    Expired,
    /// With the declined ones, which a person took back instead of an admin.
    Revoked,
}

impl Tab {
    pub const ALL: [Tab; 5] = [Tab::All, Tab::Pending, Tab::Accepted, Tab::Expired, Tab::Revoked];

    /// The name in the address.
    pub const fn key(self) -> &'static str {
        match self {
            Tab::All => "all",
            Tab::Pending => "pending",
            Tab::Accepted => "accepted",
            Tab::Expired => "expired",
            Tab::Revoked => "revoked",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Tab::All => "All",
            Tab::Pending => "Pending",
            Tab::Accepted => "Accepted",
            Tab::Expired => "Expired",
            Tab::Revoked => "Revoked",
        }
    }

    pub fn from_key(key: &str) -> Option<Tab> {
        Tab::ALL.into_iter().find(|tab| tab.key() == key)
    }

    /// Ranges of rows that make the tab. `OFFSET 0` keeps overdue rows, few until the upkeep comes by, on the index of
    /// their end instead of a walk through all pending ones.
    const fn ranges(self) -> &'static [&'static str] {
        const OVERDUE: &str = "(SELECT * FROM invitations WHERE organization_id = $1 AND status = 'pending' \
            AND expires_at <= $2 OFFSET 0) o WHERE true";
        match self {
            Tab::All => &["invitations WHERE organization_id = $1"],
            Tab::Pending => &["invitations WHERE organization_id = $1 AND status = 'pending' AND expires_at > $2"],
            Tab::Accepted => &["invitations WHERE organization_id = $1 AND status = 'accepted'"],
            Tab::Expired => &["invitations WHERE organization_id = $1 AND status = 'expired'", OVERDUE],
            Tab::Revoked => &[
                "invitations WHERE organization_id = $1 AND status = 'revoked'",
                "invitations WHERE organization_id = $1 AND status = 'declined'",
            ],
        }
    }
}

/// A row of the list, with what became of its latest mail.
#[derive(Clone, Debug, QueryableByName)]
pub struct Listed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = SqlUuid)]
    pub role_id: Uuid,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Text)]
    pub invited_by: String,
    #[diesel(sql_type = SqlUuid)]
    pub invited_by_account_id: Uuid,
    #[diesel(sql_type = Integer)]
    pub generation: i32,
    #[diesel(sql_type = Timestamptz)]
    pub sent_at: Moment,
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: Moment,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    mailed_at: Option<Moment>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    taken_at: Option<Moment>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    failed_at: Option<Moment>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    dropped_at: Option<Moment>,
    #[diesel(sql_type = Nullable<Text>)]
    trouble: Option<String>,
}

impl Listed {
    /// How far its latest mail has come, if it has one.
    pub fn progress(&self) -> Option<Progress> {
        let (taken_at, failed_at, dropped_at) = (self.taken_at, self.failed_at, self.dropped_at);
        let trouble = self.trouble.clone().unwrap_or_default();
        self.mailed_at.map(|created_at| Progress { created_at, sent_at: taken_at, failed_at, dropped_at, trouble })
    }

    /// Its place in the list.
    pub fn key(&self) -> Key {
        Key { value: self.sent_at.to_rfc3339(), id: self.id }
    }
}

/// One page of a tab, and one row more.
pub fn page(org: &mut OrgConn<'_>, tab: Tab, cursor: &Cursor) -> Result<Vec<Listed>> {
    page_of(org, tab, cursor, PAGE_SIZE)
}

/// As `page`, for pages of another size.
pub fn page_of(org: &mut OrgConn<'_>, tab: Tab, cursor: &Cursor, size: usize) -> Result<Vec<Listed>> {
    // A cursor with a time that is none of ours is the first page.
    let place = cursor.key().and_then(|key| Some((chrono::DateTime::parse_from_rfc3339(&key.value).ok()?.to_utc(), key.id)));
    let (at, id) = place.unwrap_or((Moment::MAX_UTC, Uuid::max()));
    let backwards = place.is_some() && cursor.is_backwards();
    // Postgres knows fewer years than we do.
    let at = at.min(org.now() + chrono::TimeDelta::days(36_500));
    let rows = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let query = prepared(page_sql(tab, backwards)).bind(org.organization_id()).bind(org.now()).bind(at).bind(id).bind(rows);
    Ok(query.load(org.connection())?)
}

fn page_sql(tab: Tab, backwards: bool) -> String {
    let (sign, direction) = if backwards { (">", "ASC") } else { ("<", "DESC") };
    let order = format!("ORDER BY sent_at {direction}, id {direction} LIMIT $5");
    let range = |from: &&str| format!("(SELECT * FROM {from} AND (sent_at, id) {sign} ($3, $4) {order})");
    let ranges: Vec<String> = tab.ranges().iter().map(range).collect();
    format!(
        "SELECT i.id, i.email, i.role_id, r.name AS role, i.status, i.invited_by, i.invited_by_account_id, i.generation, i.sent_at, i.expires_at,
            m.created_at AS mailed_at, m.sent_at AS taken_at, m.failed_at, m.dropped_at, m.trouble
        FROM (SELECT * FROM ({}) ranges {order}) i
        JOIN roles r ON r.organization_id = i.organization_id AND r.id = i.role_id
        LEFT JOIN LATERAL (SELECT * FROM mails
            WHERE mails.organization_id = i.organization_id AND mails.invitation_id = i.id
            ORDER BY mails.created_at DESC LIMIT 1) m ON true
        ORDER BY i.sent_at {direction}, i.id {direction}",
        ranges.join(" UNION ALL ")
    )
}

/// Invitations of each status.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Counts {
    #[diesel(sql_type = Integer)]
    pending: i32,
    /// Past their time, until the upkeep comes by; `pending` holds them as well.
    #[diesel(sql_type = BigInt)]
    overdue: i64,
    #[diesel(sql_type = Integer)]
    accepted: i32,
    #[diesel(sql_type = Integer)]
    expired: i32,
    #[diesel(sql_type = Integer)]
    revoked: i32,
    #[diesel(sql_type = Integer)]
    declined: i32,
}

impl Counts {
    pub fn of(&self, tab: Tab) -> i64 {
        match tab {
            Tab::All => Tab::ALL.into_iter().filter(|tab| *tab != Tab::All).map(|tab| self.of(tab)).sum(),
            Tab::Pending => i64::from(self.pending) - self.overdue,
            Tab::Accepted => self.accepted.into(),
            Tab::Expired => i64::from(self.expired) + self.overdue,
            Tab::Revoked => i64::from(self.revoked) + i64::from(self.declined),
        }
    }
}

/// The counts on the tabs.
pub fn counts(org: &mut OrgConn<'_>) -> Result<Counts> {
    let query = "SELECT o.pending_invitations AS pending, o.accepted_invitations AS accepted, o.expired_invitations AS expired,
            o.revoked_invitations AS revoked, o.declined_invitations AS declined,
            (SELECT count(*) FROM invitations WHERE organization_id = $1 AND status = 'pending' AND expires_at <= $2) AS overdue
        FROM organizations o WHERE o.id = $1";
    Ok(prepared(query).bind(org.organization_id()).bind(org.now()).get_result(org.connection())?)
}
