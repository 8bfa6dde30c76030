//! The history of payments, beside the invoices on one page: each of the two turns its own pages.

use std::collections::BTreeSet;

use crate::harness::{Browser, Console, Organization, Page};

const INVOICES: &str = "Pages";
const PAYMENTS: &str = "Pages of the payment history";

/// An organization with so many invoices beside its first one, all paid, in pairs at the same moment.
fn paid(console: &Console, count: i64) -> (Organization<'_>, Browser) {
    let acme = console.organization("Acme", "Ann Owner");
    acme.invoiced();
    console.execute(&format!(
        "SET session_replication_role = replica;
        INSERT INTO invoices (organization_id, id, number, issued_at, due_at, currency, net, vat_basis_points, vat, credit_used, due, status, paid_at, document)
            SELECT organization_id, gen_random_uuid(), 'X-' || n, issued_at - n * interval '1 hour', due_at, currency, net,
                vat_basis_points, vat, credit_used, due, 'paid', issued_at - (n / 2) * interval '1 hour', '{{}}'
            FROM invoices, generate_series(1, {count}) n;
        INSERT INTO payments (organization_id, id, invoice_id, at, amount, method, note)
            SELECT organization_id, gen_random_uuid(), id, paid_at, due, 'Bank transfer', '' FROM invoices WHERE status = 'paid';
        SET session_replication_role = DEFAULT",
    ));
    let ann = console.signed_in(&acme.owner);
    (acme, ann)
}

/// Where a link of the navigation of this name leads; none where it is not on.
fn turned(page: &Page, navigation: &str, rel: &str) -> Option<String> {
    let (_, rest) = page.html().split_once(&format!("aria-label=\"{navigation}\""))?;
    let (links, _) = rest.split_once("</nav>")?;
    let (before, _) = links.split_once(&format!("rel=\"{rel}\""))?;
    let (_, address) = before.rsplit_once("href=\"")?;
    Some(address.trim_end().trim_end_matches('"').replace("&#38;", "&"))
}

fn payments(page: &Page) -> Vec<String> {
    page.all("section[aria-labelledby=payments] td[data-label=Invoice]")
}

#[test]
fn every_payment_can_be_reached_forwards_and_back() {
    let console = Console::start();
    let (acme, ann) = paid(&console, 120);
    let mut page = ann.open(&acme.path("billing/invoices"));
    assert!(page.says("50 payments shown") && turned(&page, PAYMENTS, "prev").is_none(), "{}", page.text());
    let mut pages = vec![payments(&page)];
    while let Some(next) = turned(&page, PAYMENTS, "next") {
        page = ann.open(&next);
        pages.push(payments(&page));
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    assert_eq!(pages.concat().into_iter().collect::<BTreeSet<_>>().len(), 120, "each once");
    assert!(page.says("20 payments shown"), "{}", page.text());
    for earlier in pages[..2].iter().rev() {
        page = ann.open(&turned(&page, PAYMENTS, "prev").unwrap());
        assert_eq!(payments(&page), *earlier);
    }
    assert!(turned(&page, PAYMENTS, "prev").is_none());
    // Nonsense is the first page, as everywhere.
    let nonsense = ann.open(&acme.path("billing/invoices?payments_after=nonsense!&payments_before=%00"));
    assert_eq!(payments(&nonsense), pages[0]);
}

#[test]
fn invoices_and_payments_turn_their_pages_apart() {
    let console = Console::start();
    let (acme, ann) = paid(&console, 120);
    let invoices = |page: &Page| page.all("table.invoices td[data-label=Number]");
    let first = ann.open(&acme.path("billing/invoices"));
    let invoices_on = ann.open(&turned(&first, INVOICES, "next").unwrap());
    assert_eq!(payments(&invoices_on), payments(&first));
    assert_ne!(invoices(&invoices_on), invoices(&first));
    let both_on = ann.open(&turned(&invoices_on, PAYMENTS, "next").unwrap());
    assert_eq!(invoices(&both_on), invoices(&invoices_on));
    assert_ne!(payments(&both_on), payments(&first));
    let payments_on = ann.open(&turned(&both_on, INVOICES, "prev").unwrap());
    assert_eq!((invoices(&payments_on), payments(&payments_on)), (invoices(&first), payments(&both_on)));
    let back = ann.open(&turned(&payments_on, PAYMENTS, "prev").unwrap());
    assert_eq!((invoices(&back), payments(&back)), (invoices(&first), payments(&first)));
}
