//! How Postgres carries a statement out, and how many rows it reads for it.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;

/// EXPLAIN of a statement, run for real.
pub struct Explain<Q>(pub Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Explain<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ");
        self.0.walk_ast(out)
    }
}

impl<Q> QueryId for Explain<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Explain<Q> {
    type SqlType = Text;
}

impl<Q> RunQueryDsl<PgConnection> for Explain<Q> {}

/// Rows that a plan read from tables and indexes, those that it threw away included.
pub fn rows_read(plan: &str) -> u64 {
    let number = |line: &str, after: &str| -> Option<u64> {
        let (_, rest) = line.split_once(after)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let mut loops = 1;
    let mut read = 0;
    for line in plan.lines().filter(|line| !line.contains("never executed")) {
        if line.contains("actual rows=") {
            loops = number(line, "loops=").unwrap_or(1);
            let is_scan = line.contains("Scan using") || line.contains("Scan on");
            read += if is_scan { loops * number(line, "actual rows=").unwrap_or(0) } else { 0 };
        }
        read += loops * number(line, "Rows Removed by Filter: ").unwrap_or(0);
    }
    read
}
