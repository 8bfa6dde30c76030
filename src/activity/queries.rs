//! Statements on the activity log. Each is served by one index, whatever the filters, however long the log.

use diesel::dsl::{AsSelect, SqlTypeOf, auto_type, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::Reach;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::events;
use crate::error::Result;
use crate::web::pagination::{Cursor, Key, PAGE_SIZE};

/// So many of the latest changes are looked at for the names that the filter offers.
const LOOKED_BACK: i64 = 500;

type OfOrganization = events::BoxedQuery<'static, Pg, SqlTypeOf<AsSelect<EventRow, Pg>>>;

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct EventRow {
    pub id: Uuid,
    pub at: Moment,
    pub kind: String,
    pub actor_account_id: Option<Uuid>,
    /// The key by which it was done.
    pub actor_key_id: Option<Uuid>,
    pub actor_name: String,
    pub subject_id: Option<Uuid>,
    pub data: Value,
}

impl EventRow {
    /// Its place in the log.
    pub fn key(&self) -> Key {
        Key { value: self.at.timestamp_micros().to_string(), id: self.id }
    }
}

/// Whose changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Person {
    #[default]
    Anybody,
    Account(Uuid),
    /// Done without an account: by the console, by the operator, by who declined an invitation.
    Nobody,
}

/// Which changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub person: Person,
    pub kind: Option<&'static str>,
}

/// The only entrance: the log of an organization from a moment on.
#[auto_type(no_type_alias)]
fn since(organization_id: Uuid, at: Moment) -> _ {
    events::table.filter(events::organization_id.eq(organization_id)).filter(events::at.ge(at))
}

/// The log of this organization as far as its plan shows it.
fn in_org(org: &OrgConn<'_>, reach: Reach) -> OfOrganization {
    since(org.organization_id(), reach.since()).select(EventRow::as_select()).into_boxed()
}

/// The latest changes.
pub fn latest(org: &mut OrgConn<'_>, reach: Reach, count: i64) -> Result<Vec<EventRow>> {
    let query = in_org(org, reach).order((events::at.desc(), events::id.desc())).limit(count);
    Ok(query.load(org.connection())?)
}

/// The latest changes about either of two subjects (a member, the invitation they came by) or by an account, newest
/// first. Some may stand there twice.
pub fn latest_around(
    org: &mut OrgConn<'_>,
    reach: Reach,
    subjects: (Uuid, Uuid),
    account_id: Uuid,
    count: i64,
) -> Result<Vec<EventRow>> {
    let organization_id = org.organization_id();
    let about = |subject: Uuid| {
        let rows = since(organization_id, reach.since()).filter(events::subject_id.eq(subject));
        rows.order((events::at.desc(), events::id.desc())).limit(count).select(EventRow::as_select())
    };
    let by = since(organization_id, reach.since())
        .filter(events::actor_account_id.eq(account_id))
        .order((events::at.desc(), events::id.desc()))
        .limit(count)
        .select(EventRow::as_select());
    let mut rows: Vec<EventRow> = about(subjects.0).union_all(about(subjects.1)).union_all(by).load(org.connection())?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
    Ok(rows)
}

/// The latest changes about a key, or made with it.
pub fn latest_of_key(org: &mut OrgConn<'_>, reach: Reach, key_id: Uuid, count: i64) -> Result<Vec<EventRow>> {
    let organization_id = org.organization_id();
    let about = since(organization_id, reach.since())
        .filter(events::subject_id.eq(key_id))
        .order((events::at.desc(), events::id.desc()))
        .limit(count)
        .select(EventRow::as_select());
    let by = since(organization_id, reach.since())
        .filter(events::actor_key_id.eq(key_id))
        .order((events::at.desc(), events::id.desc()))
        .limit(count)
        .select(EventRow::as_select());
    let mut rows: Vec<EventRow> = about.union_all(by).load(org.connection())?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(count).unwrap_or_default());
    Ok(rows)
}

/// One page of the log, newest first (oldest first for a page that ends before the cursor), with one row more than it
/// shows.
pub fn page(org: &mut OrgConn<'_>, reach: Reach, filter: &Filter, cursor: &Cursor) -> Result<Vec<EventRow>> {
    page_of(org, reach, filter, cursor, PAGE_SIZE)
}

/// As `page`, for pages of another size.
pub fn page_of(org: &mut OrgConn<'_>, reach: Reach, filter: &Filter, cursor: &Cursor, size: usize) -> Result<Vec<EventRow>> {
    let mut query = filtered(in_org(org, reach), filter);
    let backwards = cursor.is_backwards();
    if let Some((at, id)) = cursor.key().and_then(place) {
        let comparison = if backwards { "(events.at, events.id) > (" } else { "(events.at, events.id) < (" };
        query = query.filter(sql::<Bool>(comparison).bind::<Timestamptz, _>(at).sql(", ").bind::<SqlUuid, _>(id).sql(")"));
    }
    // A null is no constant to the planner: only with the column in the order does the index give the rows in it.
    query = match (filter.person, backwards) {
        (Person::Nobody, false) => query.order((events::actor_account_id.desc(), events::at.desc(), events::id.desc())),
        (Person::Nobody, true) => query.order((events::actor_account_id.asc(), events::at.asc(), events::id.asc())),
        (_, false) => query.order((events::at.desc(), events::id.desc())),
        (_, true) => query.order((events::at.asc(), events::id.asc())),
    };
    Ok(query.limit(i64::try_from(size + 1).unwrap_or(i64::MAX)).load(org.connection())?)
}

fn filtered(query: OfOrganization, filter: &Filter) -> OfOrganization {
    let query = match filter.person {
        Person::Anybody => query,
        Person::Account(id) => query.filter(events::actor_account_id.eq(id)),
        Person::Nobody => query.filter(events::actor_account_id.is_null()),
    };
    match filter.kind {
        Some(kind) => query.filter(events::kind.eq(kind)),
        None => query,
    }
}

fn place(key: &Key) -> Option<(Moment, Uuid)> {
    let at = Moment::from_timestamp_micros(key.value.parse().ok()?)?;
    // Years that Postgres does not have.
    (0..=253_402_300_799).contains(&at.timestamp()).then_some((at, key.id))
}

/// What the latest changes tell about the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Who changed something, under the latest name, in alphabetical order.
    pub actors: Vec<(Uuid, String)>,
    /// Whether the plan hides something, or could: nobody counts what lies further back than the latest changes.
    pub hides: bool,
}

/// Who changed something lately, and whether there is more than the plan shows.
pub fn lately(org: &mut OrgConn<'_>, reach: Reach) -> Result<Lately> {
    // What is hidden is read too, but for its time nothing comes of it.
    let latest = since(org.organization_id(), Moment::UNIX_EPOCH)
        .order((events::at.desc(), events::id.desc()))
        .limit(LOOKED_BACK)
        .select((events::actor_account_id, events::actor_name, events::at));
    let rows: Vec<(Option<Uuid>, String, Moment)> = latest.load(org.connection())?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == LOOKED_BACK);
    let hides = reach.days.is_some() && (is_full || rows.last().is_some_and(|(_, _, at)| *at < reach.since()));
    let mut actors: Vec<(Uuid, String)> = Vec::new();
    for (id, name, _) in rows.into_iter().take_while(|(_, _, at)| *at >= reach.since()) {
        if let Some(id) = id.filter(|id| actors.iter().all(|(known, _)| known != id)) {
            actors.push((id, name));
        }
    }
    actors.sort_by_cached_key(|(_, name)| name.to_lowercase());
    Ok(Lately { actors, hides })
}
