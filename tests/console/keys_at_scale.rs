//! The list of keys in an organization that has many: every filter, page and search is served by an index, under the
//! row-level security of the console's own database role, and so is what needs attention.

use diesel::RunQueryDsl;
use roster::access::key::{KeyStatus, KeyType};
use roster::access::{OrgConn, read_as};
use roster::db::prepared::Prepared;
use roster::keys::queries::{self, Filter};
use roster::web::pagination::{Cursor, PAGE_SIZE, Page};
use uuid::Uuid;

use crate::harness::{Console, Explain, Organization, rows_read, run};
use crate::keys::generate;

/// Fills an organization with copies of its one key: by 300 creators, one in fifty an AI agent, one in twenty paused, half of
/// them revoked long ago, one in a hundred without an owner.
fn fill(console: &Console, acme: &Organization<'_>, count: i64) {
    console.execute(&format!(
        "SET session_replication_role = replica;
        CREATE TEMPORARY TABLE numbers AS SELECT n, gen_random_uuid() AS id, ('00000000-0000-4000-8000-' || lpad((n % 300)::text, 12, '0'))::uuid AS creator,
            now() - n * interval '1 minute' AS at, CASE WHEN n % 2 = 0 THEN 'revoked' WHEN n % 20 = 7 THEN 'paused' ELSE 'active' END AS status
            FROM generate_series(1, {count}) n;
        INSERT INTO keys (organization_id, id, name, name_key, key_type, abilities, minute_limit, day_limit, secret_hash, status, ended_at, role_id,
                owner_member_id, owner_name, created_by_account_id, created_by, created_at, expires_at, reminder_at)
            SELECT k.organization_id, n.id, 'Service ' || n, 'service ' || n, CASE WHEN n % 50 = 1 THEN 'ai_agent' ELSE 'standard' END, k.abilities,
                CASE WHEN n % 50 = 1 THEN 60 END, CASE WHEN n % 50 = 1 THEN 1000 END, k.secret_hash, n.status, CASE WHEN n.status = 'revoked' THEN at END,
                k.role_id, CASE WHEN n % 100 <> 3 THEN k.owner_member_id END, k.owner_name, n.creator, 'Person ' || n % 300, at,
                CASE WHEN n % 3 = 0 THEN now() + (n % 400) * interval '1 day' - interval '20 days' END, NULL
            FROM keys k, numbers n WHERE k.organization_id = '{org}';
        INSERT INTO key_terms (organization_id, key_id, term)
            SELECT '{org}', id, term FROM numbers, LATERAL (VALUES ('service ' || n), (n::text), ('oat_' || substr(id::text, 1, 8))) t (term);
        INSERT INTO key_uses (organization_id, key_id, created_at, idle_since, has_unused_abilities, is_live)
            SELECT '{org}', id, at - interval '100 days', at - (n % 200) * interval '1 day', n % 4 = 1, status <> 'revoked' FROM numbers;
        SET session_replication_role = DEFAULT",
        org = acme.id,
    ));
    ["keys", "key_terms", "key_uses"].iter().for_each(|table| console.execute(&format!("VACUUM ANALYZE {table}")));
}

/// What the console's own role reads in the organization's scope.
fn inside<T: Send + 'static>(
    console: &Console,
    acme: &Organization<'_>,
    work: impl FnOnce(&mut OrgConn<'_>) -> T + Send + 'static,
) -> T {
    let db = console.db();
    run(read_as(&db, acme.id, move |org| Ok(work(org)))).unwrap()
}

fn plan_of(org: &mut OrgConn<'_>, statement: Prepared) -> String {
    Explain(statement).load::<String>(org.connection()).unwrap().join("\n")
}

fn check(what: &str, plan: &str, most: u64) {
    let read = rows_read(plan);
    let whole = plan.lines().find(|line| line.contains("Seq Scan on key") && !line.contains("never executed"));
    assert!(whole.is_none() && read <= most, "{what} reads {read} rows:\n{plan}");
}

#[test]
fn every_filter_page_and_search_of_many_keys_reads_little() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    generate(&console.signed_in(&acme.owner), &acme, "First", &[]);
    fill(&console, &acme, 50_000);
    let creator = Uuid::parse_str("00000000-0000-4000-8000-000000000007").unwrap();
    let mut filters = Vec::new();
    for key_type in [None, Some(KeyType::AiAgent), Some(KeyType::Standard)] {
        for status in std::iter::once(None).chain(KeyStatus::ALL.map(Some)) {
            for creator in [None, Some(creator)] {
                filters.push(Filter { key_type, status, creator, search: String::new() });
            }
        }
    }
    for filter in filters {
        let what = format!("{filter:?}");
        let plans = inside(&console, &acme, move |org| {
            let mut cursor = Cursor::First;
            let mut plans = Vec::new();
            for _ in 0..3 {
                let statement = queries::statement(org, &filter, &cursor, PAGE_SIZE);
                plans.push(plan_of(org, statement));
                let page = Page::from_rows(queries::page(org, &filter, &cursor, PAGE_SIZE).unwrap(), &cursor);
                let Some(last) = page.rows.last().filter(|_| page.has_next) else { break };
                cursor = Cursor::After(last.place());
            }
            plans
        });
        // Up to ten ranges of 51 rows, and as many rows of uses; what expired just now is not written down yet.
        plans.iter().for_each(|plan| check(&what, plan, 3_500));
    }
    for search in ["service", "service 4", "31", "oat_a", "nothing"] {
        let filter = Filter { search: search.to_owned(), ..Filter::default() };
        let plan = inside(&console, &acme, move |org| {
            let statement = queries::statement(org, &filter, &Cursor::First, PAGE_SIZE);
            plan_of(org, statement)
        });
        check(search, &plan, 500);
    }
}

#[test]
fn what_needs_attention_is_found_without_reading_all_keys() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    generate(&console.signed_in(&acme.owner), &acme, "First", &[]);
    fill(&console, &acme, 50_000);
    let (plan, found) = inside(&console, &acme, |org| {
        let statement = queries::aside_statement(org);
        (plan_of(org, statement), queries::aside(org).unwrap())
    });
    // Six keys of each reason, and 200 creators.
    assert_eq!(found.iter().filter(|row| row.reason().is_some()).count(), 24);
    assert_eq!(found.iter().filter(|row| row.reason().is_none()).count(), 200);
    check("attention", &plan, 1_500);
}
