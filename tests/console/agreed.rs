//! Plans that the operator agrees upon with an organization that has something to pay still.

use chrono::TimeDelta;
use roster::billing::actions::operator::{self, Agreed};
use roster::config::Cycle;
use roster::error::Result;
use roster::money::Currency;

use crate::billing::{change, days_later, give_address, with_plans};
use crate::billing_words::with_trials;
use crate::harness::{Console, Organization, run};

/// Puts an organization on a plan: for a price in euros a year, or without one.
pub fn agree(console: &Console, acme: &Organization<'_>, plan: &str, amount: Option<i64>) -> Result<String> {
    let currency = Currency::from_code("EUR").unwrap();
    let agreed = amount.map(|amount| Agreed { amount, currency, cycle: Cycle::Year });
    run(operator::set_plan(&console.db(), acme.id, plan, agreed))
}

/// What is wrong with what the operator wants.
pub fn refusal(result: Result<String>) -> String {
    format!("{:?}", result.unwrap_err())
}

/// A year of Team that nobody has paid yet, a day later.
fn with_an_unpaid_year(console: &Console) -> Organization<'_> {
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "year");
    console.travel(TimeDelta::days(1));
    acme
}

fn nets(console: &Console) -> String {
    console.text("SELECT string_agg(net::text, ' ' ORDER BY number) FROM invoices")
}

#[test]
fn what_is_not_used_of_an_unpaid_year_lowers_the_invoice_of_the_plan_that_is_agreed_upon() {
    let console = Console::start_with(with_plans);
    let acme = with_an_unpaid_year(&console);
    agree(&console, &acme, "business", Some(50_000)).unwrap();
    let second = console.number("SELECT net AS number FROM invoices WHERE number = 'R-000002'");
    assert!((40_000..40_100).contains(&second), "of €100.00 a day is used: {}", nets(&console));
    assert_eq!(console.number("SELECT credit AS number FROM billing_accounts"), 0);
}

#[test]
fn what_nobody_paid_is_never_to_their_credit() {
    let console = Console::start_with(with_plans);
    let acme = with_an_unpaid_year(&console);
    let refused = refusal(agree(&console, &acme, "business", Some(5_000)));
    assert!(refused.contains("mark it paid first"), "{refused}");
    assert_eq!(nets(&console), "10000");
    assert_eq!(console.text("SELECT plan FROM organizations"), "team", "nothing is changed");
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    agree(&console, &acme, "business", Some(5_000)).unwrap();
    assert!(console.number("SELECT credit AS number FROM billing_accounts") > 5_000);
}

#[test]
fn an_overdue_invoice_of_before_is_said_within_a_trial() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    give_address(&console.signed_in(&acme.owner), &acme);
    agree(&console, &acme, "flat", Some(5_000)).unwrap();
    agree(&console, &acme, "free", None).unwrap();
    let ann = days_later(&console, &acme, 10);
    assert!(change(&ann, &acme, "team", "month").says("Trial"));
    let page = days_later(&console, &acme, 5).open("/o/acme/billing");
    assert_eq!(page.all(".summary h2"), ["Invoice R-000001 is overdue"]);
    let told = page.all(".summary p");
    assert!(told[0].starts_with("€59.50 were due on") && told[0].contains("the reference R-000001"), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("If nothing has arrived by ") && line.contains("Team ends")), "{told:?}");
    assert!(page.says("Trial") && !page.says("Past due"), "{}", page.text());
}
