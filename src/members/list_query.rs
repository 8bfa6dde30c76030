//! The statement behind the list of members, in every order, under every filter and search, from any place on.
//!
//! Without a search it walks strips: stretches of an index that are already in the right order (everybody, or those of
//! one role and status), each from its own starting place and no further than a page, and merges them. So every page of
//! a million members reads a few hundred rows. With a search it first counts what the words find, up to a limit: a few
//! are sorted as asked, many are read in the order of the word that found them, as its index has them.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::listing::{Listing, Reach, Sort, Start, Strip};
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::roles::Role;

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

const COLUMNS: &str = "m.id, m.account_id, m.email, m.name, m.name_key, m.role_id, m.status, m.invitation_id, m.joined_at, \
    m.last_sign_in_at, m.version";
/// One row more than a page: it tells whether there is a next one.
const LIMIT: &str = " LIMIT 51";

/// A page of the list, one row longer than it shows.
#[derive(Clone, Debug)]
pub struct ListQuery {
    organization_id: Uuid,
    now: Moment,
    sort: Sort,
    descending: bool,
    backwards: bool,
    /// Each word with the end of the terms that begin with it.
    words: Vec<(String, String)>,
    role_ids: Vec<Uuid>,
    statuses: Vec<&'static str>,
    is_filtered: bool,
    splits: (bool, bool),
    start: Start,
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
            is_filtered: listing.role_id.is_some() || listing.status.is_some(),
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

    fn column(&self) -> &'static str {
        match self.sort {
            Sort::Name | Sort::Role | Sort::Status => "m.name_key",
            Sort::Email => "m.email",
            Sort::LastSignIn => {
                "(CASE WHEN m.last_sign_in_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE m.last_sign_in_at END)"
            }
            Sort::Joined => "(CASE WHEN m.joined_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE m.joined_at END)",
        }
    }

    fn operator_and_order(&self) -> (&'static str, &'static str) {
        if self.descending { ("<", " DESC") } else { (">", "") }
    }

    fn organization<'b>(&'b self, table: &str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(table);
        out.push_sql(".organization_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.organization_id)
    }

    /// An invitation that has run out is gone, even before the upkeep comes by.
    fn unless_expired<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" AND (m.invitation_expires_at IS NULL OR m.invitation_expires_at > ");
        out.push_bind_param::<Timestamptz, _>(&self.now)?;
        out.push_sql(")");
        Ok(())
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

/// The search.
impl ListQuery {
    /// Counts what the words find: up to 3,001 terms (members have two or so for a word, of the name and of the address),
    /// and where there are many the members that the filters let through, up to 5,001.
    fn probe<'b>(&'b self, first: &'b (String, String), out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH probe AS MATERIALIZED (SELECT t.member_id FROM member_terms t WHERE ");
        self.organization("t", out)?;
        out.push_sql(" AND t.term >= ");
        out.push_bind_param::<Text, _>(&first.0)?;
        out.push_sql(" AND t.term < ");
        out.push_bind_param::<Text, _>(&first.1)?;
        self.has_words(self.words.get(1..).unwrap_or_default(), "t.member_id", out)?;
        out.push_sql(
            " ORDER BY t.term, t.member_id LIMIT 3001), hits AS MATERIALIZED (SELECT DISTINCT member_id FROM probe), \
            many AS MATERIALIZED (SELECT (SELECT count(*) FROM probe) > 3000 OR (SELECT count(*) FROM hits) > 1000 AS found), \
            size AS MATERIALIZED (SELECT found AS is_large, ",
        );
        if self.is_filtered {
            out.push_sql("CASE WHEN found THEN (SELECT count(*) <= 5000 FROM (SELECT FROM members m WHERE ");
            self.passes_filters(out)?;
            out.push_sql(" LIMIT 5001) f) END");
        } else {
            out.push_sql("false");
        }
        out.push_sql(" AS is_narrow FROM many) ");
        Ok(())
    }

    fn passes_filters<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.organization("m", out)?;
        out.push_sql(" AND m.role_id = ANY(");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.role_ids)?;
        out.push_sql(") AND m.status = ANY(");
        out.push_bind_param::<Array<Text>, _>(&self.statuses)?;
        out.push_sql(")");
        self.unless_expired(out)
    }

    /// The member has terms for these words. A sub-select that is no EXISTS is asked row by row, so that a page reads no
    /// more than it shows.
    fn has_words<'b>(&'b self, words: &'b [(String, String)], member_id: &str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (from, to) in words {
            out.push_sql(" AND (SELECT true FROM member_terms w WHERE ");
            self.organization("w", out)?;
            out.push_sql(&format!(" AND w.member_id = {member_id} AND w.term >= "));
            out.push_bind_param::<Text, _>(from)?;
            out.push_sql(" AND w.term < ");
            out.push_bind_param::<Text, _>(to)?;
            out.push_sql(" LIMIT 1)");
        }
        Ok(())
    }

    fn rank<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self.sort {
            Sort::Role => {
                out.push_sql("array_position(");
                out.push_bind_param::<Array<SqlUuid>, _>(&self.role_ids)?;
                out.push_sql(", m.role_id) - 1");
            }
            Sort::Status => {
                out.push_sql("array_position(");
                out.push_bind_param::<Array<Text>, _>(&self.statuses)?;
                out.push_sql(", m.status) - 1");
            }
            Sort::Name | Sort::Email | Sort::LastSignIn | Sort::Joined => out.push_sql("0"),
        }
        Ok(())
    }

    /// A few are found: sorted as asked.
    fn sort_few<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&format!("(SELECT {COLUMNS}, NULL::text FROM hits h CROSS JOIN LATERAL (SELECT m.* FROM members m WHERE "));
        self.passes_filters(out)?;
        out.push_sql(" AND m.id = h.member_id LIMIT 1) m");
        self.sorted("NOT (SELECT is_large FROM size)", out)
    }

    /// Many are found, but few pass the filters: those that do are asked for the words, and sorted as asked.
    fn sort_filtered<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&format!(" UNION ALL (SELECT {COLUMNS}, NULL::text FROM (SELECT m.* FROM members m WHERE "));
        self.passes_filters(out)?;
        self.has_words(&self.words, "m.id", out)?;
        out.push_sql(" OFFSET 0) m");
        self.sorted("(SELECT is_large AND is_narrow FROM size)", out)
    }

    /// The page of `m` in the order asked for, on a condition.
    fn sorted<'b>(&'b self, condition: &str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (column, (operator, order)) = (self.column(), self.operator_and_order());
        out.push_sql(" CROSS JOIN LATERAL (SELECT ");
        self.rank(out)?;
        out.push_sql(&format!(" AS rank) r WHERE {condition} AND (r.rank > "));
        out.push_bind_param::<Integer, _>(&self.start.rank)?;
        out.push_sql(" OR (r.rank = ");
        out.push_bind_param::<Integer, _>(&self.start.rank)?;
        out.push_sql(&format!(" AND ({column}, m.id) {operator} ("));
        match self.sort.is_by_time() {
            true => out.push_bind_param::<Timestamptz, _>(&self.start.place.time)?,
            false => out.push_bind_param::<Text, _>(&self.start.place.text)?,
        }
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.start.place.id)?;
        out.push_sql(&format!("))) ORDER BY r.rank, {column}{order}, m.id{order}{LIMIT})"));
        Ok(())
    }

    /// Many: each member once, at the first of their terms, in the order of the terms. Only one lower bound stands in the
    /// statement: of two, an index may begin at the wrong one.
    fn walk_terms<'b>(&'b self, first: &'b (String, String), out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (operator, order) = if self.backwards { ("<", " DESC") } else { (">", "") };
        out.push_sql(&format!(" UNION ALL (SELECT {COLUMNS}, t.term FROM member_terms t CROSS JOIN LATERAL ("));
        out.push_sql("SELECT m.* FROM members m WHERE ");
        self.passes_filters(out)?;
        out.push_sql(" AND m.id = t.member_id AND t.term = (SELECT e.term FROM member_terms e WHERE ");
        self.organization("e", out)?;
        out.push_sql(" AND e.member_id = t.member_id AND e.term >= ");
        out.push_bind_param::<Text, _>(&first.0)?;
        out.push_sql(" ORDER BY e.term LIMIT 1)");
        self.has_words(self.words.get(1..).unwrap_or_default(), "t.member_id", out)?;
        out.push_sql(" LIMIT 1) m WHERE (SELECT is_large AND NOT is_narrow FROM size) AND ");
        self.organization("t", out)?;
        out.push_sql(&format!(" AND (t.term, t.member_id) {operator} ("));
        out.push_bind_param::<Text, _>(&self.start.term.text)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.start.term.id)?;
        out.push_sql(if self.backwards { ") AND t.term >= " } else { ") AND t.term < " });
        out.push_bind_param::<Text, _>(if self.backwards { &first.0 } else { &first.1 })?;
        out.push_sql(&format!(" ORDER BY t.term{order}, t.member_id{order}{LIMIT})"));
        Ok(())
    }
}

impl QueryFragment<Pg> for ListQuery {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some(first) = self.words.first() else { return self.walk_strips(&mut out) };
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
