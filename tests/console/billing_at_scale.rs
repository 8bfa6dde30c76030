//! Billing in an organization with many invoices: no page and no round of the upkeep reads more of them than it shows.

use diesel::connection::SimpleConnection;
use roster::access::{OrgConn, read_as};
use roster::billing::queries::{self, invoices, payments};
use roster::db::Scope;
use roster::error::AppError;
use roster::web::pagination::Cursor;

use crate::harness::{Console, Organization, run};

const TABLES: &str = "'invoices', 'invoice_lines', 'payments', 'pending_charges', 'tax_ids', 'subscriptions', 'organizations'";

/// Fills an organization with copies of its one invoice, each paid but for the newest, and the table of organizations with many
/// of which some are due.
fn fill(console: &Console, acme: &Organization<'_>, count: i64) {
    console.execute(&format!(
        "SET session_replication_role = replica;
        INSERT INTO invoices (organization_id, id, number, issued_at, due_at, currency, net, vat_basis_points, vat, credit_used, due, status, paid_at, document)
            SELECT organization_id, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'X-' || n, issued_at - n * interval '1 hour',
                due_at - n * interval '1 hour', currency, net, vat_basis_points, vat, credit_used, due, 'paid', now(), '{{}}'
            FROM invoices, generate_series(1, {count}) n WHERE organization_id = '{org}';
        INSERT INTO payments (organization_id, id, invoice_id, at, amount, method, note)
            SELECT organization_id, id, id, paid_at, due, 'Bank transfer', '' FROM invoices WHERE status = 'paid';
        INSERT INTO organizations (id, slug, name, created_at, billing_due_at)
            SELECT gen_random_uuid(), 'firm-' || n, 'Firm', now(), CASE WHEN n % 10 = 0 THEN now() + n * interval '1 minute' END
            FROM generate_series(1, {count}) n;
        SET session_replication_role = DEFAULT",
        org = acme.id,
    ));
    ["invoices", "payments", "organizations"].iter().for_each(|table| console.execute(&format!("VACUUM ANALYZE {table}")));
}

/// Rows that Postgres read since `forget`.
fn rows_read(console: &Console) -> i64 {
    console.number(&format!(
        "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint AS number FROM pg_stat_user_tables WHERE relname IN ({TABLES})"
    ))
}

fn forget(console: &Console) {
    console.execute("SELECT pg_stat_reset()");
}

/// Has this connection tell what it read when its transaction ends.
const TELL: &str = "SELECT pg_stat_force_next_flush()";

#[test]
fn whatever_billing_shows_it_reads_little_of_many_invoices() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.invoiced();
    fill(&console, &acme, 50_000);
    let at = "SELECT (extract(epoch FROM issued_at) * 1000000)::bigint AS number FROM invoices WHERE number = 'X-25000'";
    let middle = roster::web::pagination::Key {
        value: console.number(at).to_string(),
        id: console.uuid("SELECT id AS uuid FROM invoices WHERE number = 'X-25000'"),
    };
    let at = "SELECT (extract(epoch FROM at) * 1000000)::bigint AS number FROM payments WHERE id = '00000000-0000-4000-8000-000000025000'";
    let middle_payment = roster::web::pagination::Key { value: console.number(at).to_string(), id: middle.id };
    let (after, before) = (Cursor::After(middle.clone()), Cursor::Before(middle));
    let (payments_after, payments_before) = (Cursor::After(middle_payment.clone()), Cursor::Before(middle_payment));
    type Work = Box<dyn FnOnce(&mut OrgConn<'_>) + Send>;
    let works: Vec<(&str, i64, Work)> = vec![
        ("all that stands about it", 20, Box::new(|org| drop(queries::billing(org).unwrap()))),
        ("the latest", 20, Box::new(|org| assert_eq!(invoices::latest(org, 7).unwrap().len(), 7))),
        ("the first page", 60, Box::new(|org| assert_eq!(invoices::page(org, &Cursor::First).unwrap().len(), 51))),
        ("a page in the middle", 60, Box::new(move |org| assert_eq!(invoices::page(org, &after).unwrap().len(), 51))),
        ("a page backwards", 60, Box::new(move |org| assert_eq!(invoices::page(org, &before).unwrap().len(), 51))),
        ("payments", 120, Box::new(|org| assert_eq!(payments::page(org, &Cursor::First).unwrap().len(), 51))),
        ("payments in the middle", 120, Box::new(move |org| assert_eq!(payments::page(org, &payments_after).unwrap().len(), 51))),
        ("payments backwards", 120, Box::new(move |org| assert_eq!(payments::page(org, &payments_before).unwrap().len(), 51))),
        ("what is not paid", 20, Box::new(|org| assert_eq!(invoices::unpaid(org, 100).unwrap().len(), 1))),
        ("one by its number", 5, Box::new(|org| drop(invoices::by_number(org, "X-77").unwrap()))),
    ];
    for (what, most, work) in works {
        forget(&console);
        let db = console.db();
        let read = read_as(&db, acme.id, |org| {
            work(org);
            Ok(org.connection().batch_execute(TELL)?)
        });
        run(read).unwrap();
        let read = rows_read(&console);
        assert!((1..=most).contains(&read), "{what} reads {read} rows");
    }
    forget(&console);
    let db = console.db();
    let in_an_hour = db.now() + chrono::TimeDelta::hours(1);
    let due = db.read(Scope::Nobody, move |connection| {
        let due = queries::upkeep::organizations_due(connection, in_an_hour, 100)?;
        Ok::<_, AppError>((due, connection.batch_execute(TELL)?))
    });
    let (due, read) = (run(due).unwrap().0, rows_read(&console));
    assert!(due.len() >= 5 && (5..=20).contains(&read), "{} are due, {read} rows are read", due.len());
}
