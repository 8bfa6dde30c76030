//! Any sequence of plan changes at Stripe: what the page before a change says line by line is what Stripe then invoices.
//! Sequences are drawn from a seed that a failure names.

use chrono::TimeDelta;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use roster::access::policy::Starter;
use roster::money::Currency;

use super::World;
use crate::harness::Page;
use crate::modules::with_modules;

const SEQUENCES: u64 = 3;
const STEPS: usize = 10;

/// An amount that a page shows, in cents: `€1,234.50`, `-€3.00`.
fn cents(text: &str) -> i64 {
    let euro = Currency::from_code("EUR").unwrap();
    let number: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let amount = euro.parse(&number).unwrap_or_else(|| panic!("{text:?} is no amount"));
    if text.starts_with(['-', '−']) { -amount } else { amount }
}

/// What a page says is invoiced today: the amounts of its lines, and what is to be paid.
fn said(page: &Page) -> (Vec<i64>, i64) {
    let lines = page.all("td[data-label=Amount]").iter().map(|text| cents(text)).collect();
    let due = page.all(".sums .strong dd").last().map_or(0, |text| cents(text));
    (lines, due)
}

/// A plan by a cycle, or a module.
fn wish(chance: &mut StdRng) -> String {
    if chance.random_bool(0.4) {
        return format!("modules/{}", ["reports", "storage", "archive"][chance.random_range(0..3)]);
    }
    let plan = ["team", "business", "flat"][chance.random_range(0..3)];
    let cycle = ["month", "year"][chance.random_range(0..2)];
    format!("plans/{plan}?cycle={cycle}&currency=EUR")
}

#[test]
fn whatever_is_changed_stripe_invoices_what_the_page_said() {
    let mut invoiced = 0;
    for seed in 0..SEQUENCES {
        let world = World::start_with(with_modules);
        let (acme, _) = world.with_card();
        let mut chance = StdRng::seed_from_u64(seed);
        let mut log = Vec::new();
        for step in 0..STEPS {
            let days = chance.random_range(1..40);
            world.travel(TimeDelta::days(days));
            if chance.random_bool(0.3) {
                acme.member(&format!("Person {step}"), Starter::Member);
                world.settle();
            }
            let ann = world.console.signed_in(&acme.owner);
            let wish = wish(&mut chance);
            let page = ann.open(&acme.path(&format!("billing/{wish}")));
            log.push(format!("{days} days, {wish}"));
            let is_now =
                |button: &String| (button.starts_with("Change to ") && button.ends_with(" now")) || button.starts_with("Add ");
            let button = page.buttons().into_iter().find(|button| is_now(button) && button != "Add payment method");
            let Some(button) = button else {
                if let Some(later) = page.buttons().into_iter().find(|button| button.starts_with("Change to ")) {
                    assert_eq!(said(&page), (Vec::new(), 0), "seed {seed}: {log:?}");
                    ann.submit(&page, &later, &[]);
                }
                continue;
            };
            let (lines, due) = said(&page);
            let done = ann.submit(&page, &button, &[]);
            assert!(
                done.flash().contains("is your plan now") || done.flash().contains("is open now"),
                "seed {seed}: {log:?}: {}",
                done.text()
            );
            let newest = "FROM invoices i WHERE i.stripe_id IS NOT NULL ORDER BY i.issued_at DESC, i.id DESC LIMIT 1";
            let there = world.console.text(&format!(
                "SELECT (SELECT string_agg(l.amount::text, ' ' ORDER BY l.position) FROM invoice_lines l WHERE l.invoice_id = i.id) {newest}"
            ));
            let there: Vec<i64> = there.split(' ').map(|amount| amount.parse().unwrap()).collect();
            assert_eq!(there, lines, "seed {seed}: {log:?}");
            assert_eq!(world.console.number(&format!("SELECT i.due AS number {newest}")), due, "seed {seed}: {log:?}");
            invoiced += 1;
        }
    }
    assert!(invoiced >= 6, "only {invoiced} changes were invoiced at once");
}
