//! The list of members in a large organization: every order, filter, page and search is served by an index, under the
//! row-level security of the console's own database role, and is right.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use roster::access::policy::Starter;
use roster::access::{Actor, write_as};
use roster::members::list_query::ListQuery;
use roster::members::listing::{Listing, Sort};
use roster::members::member::{Status, searched_words};
use roster::roles::{self, Role};
use roster::web::pagination::{Cursor, Page};

use crate::harness::{Console, Organization, run};

/// EXPLAIN of a statement, run for real.
struct Explain(ListQuery);

impl QueryFragment<Pg> for Explain {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ");
        self.0.walk_ast(out)
    }
}

impl QueryId for Explain {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Explain {
    type SqlType = Text;
}

impl RunQueryDsl<PgConnection> for Explain {}

/// Fills an organization with `count` members: eight roles, one in fifty inactive, one in a hundred invited, names of
/// 200 first and 500 last names, most of them with the terms that the console would have written.
fn fill(console: &Console, acme: &Organization<'_>, count: i64) {
    let role = |starter| acme.role(starter);
    console.execute(&format!(
        "SET session_replication_role = replica;
        CREATE TEMPORARY TABLE people AS
            SELECT n, gen_random_uuid() AS id, chr(97 + (n * 7 % 26)::int) || 'an' || n % 200 AS first, 'sm' || chr(97 + (n * 11 % 26)::int) || n % 500 AS last,
                now() - n * interval '1 minute' AS at
            FROM generate_series(1, {count}) n;
        INSERT INTO accounts (id, email, name, password_hash, password_changed_at, created_at)
            SELECT id, id || '@x.example', first, '', now(), now() FROM people;
        INSERT INTO members (organization_id, id, account_id, email, name, name_key, role_id, role_since, status, invitation_id,
                invitation_expires_at, joined_at, last_sign_in_at, created_at)
            SELECT '{org}', id, CASE WHEN n % 100 <> 7 THEN id END, first || '.' || last || '.' || n || '@corp.example', first || ' ' || last,
                first || ' ' || last,
                CASE WHEN n % 1000 = 1 THEN '{admin}'::uuid WHEN n % 50 = 2 THEN '{manager}' WHEN n % 3 = 0 THEN '{viewer}' ELSE '{member}' END,
                at, CASE n % 100 WHEN 7 THEN 'invited' WHEN 8 THEN 'inactive' WHEN 9 THEN 'inactive' ELSE 'active' END,
                CASE WHEN n % 100 = 7 THEN id END, CASE WHEN n % 100 = 7 THEN now() + interval '1 day' END,
                CASE WHEN n % 100 <> 7 THEN at END, CASE WHEN n % 100 <> 7 AND n % 10 <> 3 THEN at END, at
            FROM people;
        INSERT INTO member_terms (organization_id, member_id, term)
            SELECT '{org}', id, term FROM people, LATERAL (VALUES (first), (last), (first || '.' || last || '.' || n || '@corp.example'),
                (last || '.' || n || '@corp.example'), (n || '@corp.example'), ('corp.example'), ('example')) t (term);
        UPDATE organizations SET member_limit = {count} + 100, active_members = {count} + 1 WHERE id = '{org}';
        SET session_replication_role = DEFAULT",
        org = acme.id,
        admin = role(Starter::Admin),
        manager = role(Starter::Manager),
        viewer = role(Starter::Viewer),
        member = role(Starter::Member),
    ));
    console.execute("VACUUM ANALYZE members");
    console.execute("VACUUM ANALYZE member_terms");
}

/// A view of the list, by name.
fn listing(sort: Sort, descending: bool) -> Listing {
    Listing { words: Vec::new(), role_id: None, status: None, sort, descending, cursor: Cursor::First }
}

fn searched(text: &str) -> Listing {
    Listing { words: searched_words(text), ..listing(Sort::Name, false) }
}

/// What the console's own role reads in the organization's scope.
fn inside<T: Send + 'static>(
    console: &Console,
    acme: &Organization<'_>,
    work: impl Fn(&mut roster::access::OrgTx<'_>, &[Role]) -> T + Send + 'static,
) -> T {
    let db = console.db();
    run(write_as(&db, acme.id, Actor::operator(), move |tx| {
        let roles = roles::queries::all(tx)?;
        Ok::<T, roster::error::AppError>(work(tx, &roles))
    }))
    .unwrap()
}

/// The plan of a page, and the place of its last row.
fn explained(console: &Console, acme: &Organization<'_>, view: &Listing) -> (String, Option<Cursor>) {
    let view = view.clone();
    inside(console, acme, move |tx, roles| {
        let query = ListQuery::new(tx, &view, roles);
        let plan: Vec<String> = Explain(query.clone()).load(tx.connection()).unwrap();
        let rows = query.rows(tx.connection()).unwrap();
        let page = Page::from_rows(rows, &view.cursor);
        let last = page.rows.last().filter(|_| page.has_next).map(|row| Cursor::After(view.place_of(row)));
        (plan.join("\n"), last)
    })
}

/// Rows that a plan read from tables and indexes, those that it threw away included.
fn rows_read(plan: &str) -> u64 {
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

fn check(what: &str, plan: &str, most: u64) {
    let read = rows_read(plan);
    let whole = plan.lines().find(|line| line.contains("Seq Scan on member") && !line.contains("never executed"));
    assert!(whole.is_none() && read <= most, "{what} reads {read} rows:\n{plan}");
}

#[test]
fn every_order_filter_page_and_search_of_many_members_reads_little() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    fill(&console, &acme, std::env::var("MANY").map_or(100_000, |many| many.parse().unwrap()));
    let manager = acme.role(Starter::Manager);
    for sort in Sort::ALL {
        for (descending, role_id, status) in [
            (false, None, None),
            (true, None, None),
            (false, Some(manager), None),
            (true, None, Some(Status::Inactive)),
            (false, Some(manager), Some(Status::Invited)),
        ] {
            let mut view = Listing { role_id, status, ..listing(sort, descending) };
            for page in 0..3 {
                let (plan, next) = explained(&console, &acme, &view);
                check(&format!("{view:?}, page {page}"), &plan, 1_500);
                let Some(next) = next else { break };
                view.cursor = next;
            }
            let Cursor::After(key) = view.cursor.clone() else { continue };
            view.cursor = Cursor::Before(key);
            check(&format!("{view:?}, back"), &explained(&console, &acme, &view).0, 1_500);
        }
        // Found by few, sorted as asked; and by many, in the order of the word.
        for text in ["ian9", "corp", "a", "aan0 smw", "example corp", "nobody"] {
            let mut view = Listing { sort, ..searched(text) };
            let (plan, next) = explained(&console, &acme, &view);
            check(&format!("{view:?}"), &plan, 16_000);
            if let Some(next) = next {
                view.cursor = next;
                check(&format!("{view:?}, page 2"), &explained(&console, &acme, &view).0, 16_000);
            }
        }
    }
}
