//! The list's statement with a search in it. It first finds out how many the words find, up to a limit: a few are sorted
//! as asked; of many, those that narrow filters let through are sorted too; else they are read in the order of the word
//! that found them, as its index has them. The parts that do not apply are never executed.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::{Array, Integer, Text, Uuid as SqlUuid};

use super::list_query::{COLUMNS, LIMIT, ListQuery};
use super::listing::Sort;

impl ListQuery {
    /// Finds members by the words. Terms of the first, the longest, are read up to 1,501 (members have two or so for a
    /// word, of the name and of the address) and asked for the other words one by one; past that the words' members are
    /// intersected as sets. Where more than 500 are found, the members that the filters let through are counted, up to
    /// 5,001.
    pub(super) fn probe<'b>(&'b self, first: &'b (String, String), out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let others = self.words.get(1..).unwrap_or_default();
        out.push_sql("WITH probe AS MATERIALIZED (SELECT t.member_id, t.name_key FROM member_terms t WHERE ");
        self.has_term("t", first, out)?;
        out.push_sql(
            " ORDER BY t.term, t.member_id LIMIT 1501), \
            breadth AS MATERIALIZED (SELECT count(*) > 1500 AS is_broad FROM probe), \
            hits AS MATERIALIZED (SELECT DISTINCT p.member_id, p.name_key FROM probe p WHERE NOT (SELECT is_broad FROM breadth)",
        );
        if others.is_empty() {
            out.push_sql(
                "), many AS MATERIALIZED (SELECT is_broad OR (SELECT count(*) FROM hits) > 500 AS found FROM breadth), ",
            );
        } else {
            self.has_words(others, "p.member_id", out)?;
            self.intersect(first, others, out)?;
            out.push_sql("), many AS MATERIALIZED (SELECT count(*) > 500 AS found FROM hits), ");
        }
        out.push_sql("size AS MATERIALIZED (SELECT found AS is_large, ");
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

    /// Members that all words find, each of which finds many; up to 501.
    fn intersect<'b>(
        &'b self,
        first: &'b (String, String),
        others: &'b [(String, String)],
        out: &mut AstPass<'_, 'b, Pg>,
    ) -> QueryResult<()> {
        out.push_sql(
            " UNION ALL (SELECT DISTINCT t.member_id, t.name_key FROM member_terms t WHERE (SELECT is_broad FROM breadth) AND ",
        );
        self.has_term("t", first, out)?;
        for word in others {
            out.push_sql(" AND t.member_id IN (SELECT w.member_id FROM member_terms w WHERE ");
            self.has_term("w", word, out)?;
            out.push_sql(")");
        }
        out.push_sql(" LIMIT 501)");
        Ok(())
    }

    /// The terms of the organization that a word is the beginning of.
    fn has_term<'b>(&'b self, table: &str, (from, to): &'b (String, String), out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.organization(table, out)?;
        out.push_sql(&format!(" AND {table}.term >= "));
        out.push_bind_param::<Text, _>(from)?;
        out.push_sql(&format!(" AND {table}.term < "));
        out.push_bind_param::<Text, _>(to)
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
        for word in words {
            out.push_sql(&format!(" AND (SELECT true FROM member_terms w WHERE w.member_id = {member_id} AND "));
            self.has_term("w", word, out)?;
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

    /// A few are found: sorted as asked. By name they are in order before they are looked up, a page at a time.
    pub(super) fn sort_few<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&format!("(SELECT {COLUMNS}, NULL::text FROM "));
        if self.sort != Sort::Name {
            out.push_sql("hits h CROSS JOIN LATERAL (");
            self.found_member(out)?;
            return self.sorted("NOT (SELECT is_large FROM size)", out);
        }
        let (operator, order) = self.operator_and_order();
        let order = format!("ORDER BY h.name_key{order}, h.member_id{order}");
        out.push_sql(&format!(
            "(SELECT h.* FROM hits h WHERE NOT (SELECT is_large FROM size) AND (h.name_key, h.member_id) {operator} ("
        ));
        self.push_place(out)?;
        out.push_sql(&format!(") {order} OFFSET 0) h CROSS JOIN LATERAL ("));
        self.found_member(out)?;
        out.push_sql(&format!(" {order}{LIMIT})"));
        Ok(())
    }

    /// The member of a hit, if the filters let them through.
    fn found_member<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT m.* FROM members m WHERE ");
        self.passes_filters(out)?;
        out.push_sql(" AND m.id = h.member_id LIMIT 1) m");
        Ok(())
    }

    /// Many are found, but few pass the filters: those that do are asked for the words, and sorted as asked.
    pub(super) fn sort_filtered<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
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
        self.push_place(out)?;
        out.push_sql(&format!("))) ORDER BY r.rank, {column}{order}, m.id{order}{LIMIT})"));
        Ok(())
    }

    /// Many: each member once, at the first of their terms, in the order of the terms. Only one lower bound stands in the
    /// statement: of two, an index may begin at the wrong one.
    pub(super) fn walk_terms<'b>(&'b self, first: &'b (String, String), out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
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
