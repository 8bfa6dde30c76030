//! The statement behind the list of members, in every order, under every filter and search, from any place on.
//!
//! Without a search it walks strips: stretches of an index that are already in the right order (everybody, or those of
//! one role and status), each from its own starting place and no further than a page, and merges them. So every page of
//! a million members reads a few hundred rows. With a search it is the statement of `search_query`.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::listing::{Listing, Reach, Sort, Start, Strip};
use crate::access::{OrgConn, Role};
use crate::clock::Moment;

/// A row of the list.
#[derive(Clone, Debug, Queryable)]
pub struct Listed {
    pub id: Uuid,
    pub account_id: Option<Uuid>,
    pub email: String,
    pub name: String,
    pub name_key: String,
    pub role_id: Uuid,
    pub status: String,
    pub invitation_id: Option<Uuid>,
    pub joined_at: Option<Moment>,
    pub last_sign_in_at: Option<Moment>,
    pub version: i32,
    /// The word that found them, where too many were found to be sorted.
    pub term: Option<String>,
}

pub(super) const COLUMNS: &str = "m.id, m.account_id, m.email, m.name, m.name_key, m.role_id, m.status, m.invitation_id, m.joined_at, \
    m.last_sign_in_at, m.version";
/// One row more than a page: it tells whether there is a next one.
pub(super) const LIMIT: &str = " LIMIT 51";

/// A page of the list, one row longer than it shows.
#[derive(Clone, Debug)]
pub struct ListQuery {
    organization_id: Uuid,
    now: Moment,
    pub(super) sort: Sort,
    pub(super) descending: bool,
    pub(super) backwards: bool,
    /// Each word with the end of the terms that begin with it.
    pub(super) words: Vec<(String, String)>,
    pub(super) role_ids: Vec<Uuid>,
    pub(super) statuses: Vec<&'static str>,
    pub(super) is_filtered: bool,
    splits: (bool, bool),
    pub(super) start: Start,
    strips: Strips,
}

/// The strips, a column each.
#[derive(Clone, Debug, Default)]
struct Strips {
    role_ids: Vec<Uuid>,
    statuses: Vec<&'static str>,
    ranks: Vec<i32>,
    texts: Vec<String>,
    times: Vec<Moment>,
    ids: Vec<Uuid>,
}

impl Strips {
    fn push(&mut self, strip: Strip) {
        self.role_ids.push(strip.role_id);
        self.statuses.push(strip.status);
        self.ranks.push(strip.rank);
        self.texts.push(strip.place.text);
        self.times.push(strip.place.time);
        self.ids.push(strip.place.id);
    }
}

impl ListQuery {
    pub fn new(org: &OrgConn<'_>, listing: &Listing, roles: &[Role]) -> ListQuery {
        let reach = Reach::of(listing, roles);
        let mut start = Start::of(listing, &reach);
        let mut strips = Strips::default();
        reach.strips(listing.sort, listing.walks_down(), &start).into_iter().for_each(|strip| strips.push(strip));
        let words: Vec<(String, String)> = listing.words.iter().map(|word| (word.clone(), format!("{word}\u{10FFFF}"))).collect();
        if let Some((from, to)) = words.first() {
            start.term.clamp(from, to);
        }
        ListQuery {
            organization_id: org.organization_id(),
            now: org.now(),
            sort: listing.sort,
            descending: listing.walks_down(),
            backwards: listing.cursor.is_backwards(),
            words,
            statuses: reach.statuses.iter().map(|status| status.key()).collect(),
            is_filtered: !listing.role_ids.is_empty() || listing.status.is_some(),
            splits: reach.splits(),
            role_ids: reach.role_ids,
            start,
            strips,
        }
    }

    /// The rows, in the order of reading.
    pub fn rows(self, connection: &mut PgConnection) -> QueryResult<Vec<Listed>> {
        self.load(connection)
    }

    pub(super) fn column(&self) -> &'static str {
        match self.sort {
            Sort::Name | Sort::Role | Sort::Status => "m.name_key",
            Sort::Email => "m.email",
            Sort::LastSignIn => {
                "(CASE WHEN m.last_sign_in_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE m.last_sign_in_at END)"
            }
            Sort::Joined => "(CASE WHEN m.joined_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE m.joined_at END)",
        }
    }

    pub(super) fn operator_and_order(&self) -> (&'static str, &'static str) {
        if self.descending { ("<", " DESC") } else { (">", "") }
    }

    pub(super) fn organization<'b>(&'b self, table: &str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(table);
        out.push_sql(".organization_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.organization_id)
    }

    /// An invitation that has run out is gone, even before the upkeep comes by.
    pub(super) fn unless_expired<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" AND (m.invitation_expires_at IS NULL OR m.invitation_expires_at > ");
        out.push_bind_param::<Timestamptz, _>(&self.now)?;
        out.push_sql(")");
        Ok(())
    }

    /// Everybody in one stretch: without a join, which Postgres would plan anew each time.
    fn walk_all<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (column, (operator, order)) = (self.column(), self.operator_and_order());
        out.push_sql(&format!("SELECT {COLUMNS}, NULL::text FROM members m WHERE "));
        self.organization("m", out)?;
        out.push_sql(&format!(" AND ({column}, m.id) {operator} ("));
        self.push_place(out)?;
        out.push_sql(")");
        self.unless_expired(out)?;
        out.push_sql(&format!(" ORDER BY {column}{order}, m.id{order}{LIMIT}"));
        Ok(())
    }

    /// Where reading begins: the value of the column, and the id.
    pub(super) fn push_place<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self.sort.is_by_time() {
            true => out.push_bind_param::<Timestamptz, _>(&self.start.place.time)?,
            false => out.push_bind_param::<Text, _>(&self.start.place.text)?,
        }
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.start.place.id)
    }

    fn walk_strips<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (column, (operator, order)) = (self.column(), self.operator_and_order());
        let (by_role, by_status) = self.splits;
        out.push_sql(&format!("SELECT {COLUMNS}, NULL::text FROM unnest("));
        out.push_bind_param::<Array<SqlUuid>, _>(&self.strips.role_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.strips.statuses)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.strips.ranks)?;
        out.push_sql(", ");
        match self.sort.is_by_time() {
            true => out.push_bind_param::<Array<Timestamptz>, _>(&self.strips.times)?,
            false => out.push_bind_param::<Array<Text>, _>(&self.strips.texts)?,
        }
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.strips.ids)?;
        out.push_sql(") AS s (role_id, status, rank, place, id) CROSS JOIN LATERAL (SELECT m.* FROM members m WHERE ");
        self.organization("m", out)?;
        out.push_sql(if by_role { " AND m.role_id = s.role_id" } else { "" });
        out.push_sql(if by_status { " AND m.status = s.status" } else { "" });
        out.push_sql(&format!(" AND ({column}, m.id) {operator} (s.place, s.id)"));
        self.unless_expired(out)?;
        out.push_sql(&format!(" ORDER BY {column}{order}, m.id{order}{LIMIT}) m"));
        out.push_sql(&format!(" ORDER BY s.rank, {column}{order}, m.id{order}{LIMIT}"));
        Ok(())
    }
}

impl QueryFragment<Pg> for ListQuery {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some(first) = self.words.first() else {
            let is_one_stretch = self.splits == (false, false);
            return if is_one_stretch { self.walk_all(&mut out) } else { self.walk_strips(&mut out) };
        };
        self.probe(first, &mut out)?;
        self.sort_few(&mut out)?;
        if self.is_filtered {
            self.sort_filtered(&mut out)?;
        }
        self.walk_terms(first, &mut out)
    }
}

/// The statement's text says everything, so Diesel keeps it prepared by its text.
impl QueryId for ListQuery {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for ListQuery {
    type SqlType = (
        SqlUuid,
        Nullable<SqlUuid>,
        Text,
        Text,
        Text,
        SqlUuid,
        Text,
        Nullable<SqlUuid>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
        Integer,
        Nullable<Text>,
    );
}

impl RunQueryDsl<PgConnection> for ListQuery {}
