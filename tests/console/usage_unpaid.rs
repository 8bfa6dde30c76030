//! Use without a paid plan is never charged, whatever begins or ends in the same month; what comes after it counts from nothing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use roster::billing::actions::operator::{self, Agreed};
use roster::config::{Cycle, Plans};
use roster::money::Currency;
use serde_json::json;

use crate::billing::{PLANS, change, days_later, give_address, look_after, with_plans};
use crate::harness::{Client, Console, run};
use crate::stripe::{GOOD_CARD, World};

fn report(console: &Console, key: &str, quantity: i64, name: &str) {
    let report = json!({ "item": "credits", "quantity": quantity, "idempotency_key": name });
    let reply = Client::new(console, key).post("usage", &report);
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// Travels to the second day of a month of the calendar that has 31 days.
fn begin_a_month(console: &Console) {
    let at: DateTime<chrono::Utc> = "2027-07-02T09:00:00Z".parse().unwrap();
    console.travel(at - console.clock.now());
}

#[test]
fn what_was_used_without_a_plan_costs_nothing_once_there_is_one() {
    let console = Console::start_with(with_plans);
    begin_a_month(&console);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    report(&console, &key, 50_000, "on Free");
    let ann = days_later(&console, &acme, 5);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    report(&console, &key, 1_200, "on Team");
    console.travel(TimeDelta::days(32));
    look_after(&console);
    // 200 credits beyond what Team includes, and the second month.
    assert_eq!(console.text("SELECT string_agg(net::text, ' ' ORDER BY number) FROM invoices"), "1000 1100");
}

#[test]
fn what_was_used_before_a_plan_that_is_agreed_upon_costs_nothing() {
    let console = Console::start_with(with_plans);
    begin_a_month(&console);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    report(&console, &key, 50_000, "on Free");
    give_address(&console.signed_in(&acme.owner), &acme);
    let agreed = Agreed { amount: 4_000, currency: Currency::from_code("EUR").unwrap(), cycle: Cycle::Month };
    run(operator::set_plan(&console.db(), acme.id, "team", Some(agreed))).unwrap();
    console.travel(TimeDelta::days(32));
    look_after(&console);
    assert_eq!(console.text("SELECT string_agg(net::text, ' ' ORDER BY number) FROM invoices"), "4000 4000");
}

#[test]
fn what_is_used_after_a_trial_that_nobody_paid_counts_again() {
    let console = Console::start();
    begin_a_month(&console);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    report(&console, &key, 300, "on Free");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    report(&console, &key, 50_000, "on trial");
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    let ann = days_later(&console, &acme, 15);
    assert_eq!(console.text("SELECT status FROM subscriptions"), "cancelled");
    report(&console, &key, 40, "on Free again");
    let usage = ann.open("/o/acme/billing/usage");
    assert!(usage.says("40 of"), "{}", usage.text());
    assert!(
        usage.says("Team ended on 1") && usage.says("the 50,300 used before then, which do not count here"),
        "{}",
        usage.text()
    );
    console.travel(TimeDelta::days(32));
    look_after(&console);
    assert_eq!(console.number("SELECT count(*) AS number FROM invoices"), 0);
    assert_eq!(console.number("SELECT count(*) AS number FROM usage_totals WHERE NOT is_closed"), 0);
}

#[test]
fn what_was_used_without_a_plan_costs_nothing_at_stripe_either() {
    let world = World::start();
    begin_a_month(&world.console);
    let acme = world.console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    report(&world.console, &key, 50_000, "on Free");
    world.travel(TimeDelta::days(5));
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, GOOD_CARD);
    change(&ann, &acme, "team", "month");
    report(&world.console, &key, 1_200, "on Team");
    world.travel(TimeDelta::days(32));
    look_after(&world.console);
    world.settle();
    let pending = world.there("invoiceitems?pending=true")["data"].clone();
    let amounts: Vec<_> = pending.as_array().unwrap().iter().map(|item| item["amount"].clone()).collect();
    assert_eq!(amounts, [100], "{pending}");
    assert_eq!(world.console.text("SELECT string_agg(net::text, ' ' ORDER BY issued_at) FROM invoices"), "1000 1000");
}

#[test]
fn on_trial_no_spending_limit_is_reached_as_nobody_pays() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let set = |amount: &str| {
        let fields = [("Spending limit of Credits a month", amount), ("Stop when it is reached", "true")];
        ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields)
    };
    set("5");
    report(&console, &key, 12_000, "on trial");
    let is_valid =
        || Client::new(&console, &key).post("keys/verify", &json!({ "key": key, "item": "credits" })).json()["valid"].clone();
    assert_eq!(is_valid(), true);
    assert!(!console.mails_to(&acme.owner.email).iter().any(|mail| mail.subject.contains("Credits")));
    // What is included ends in a trial as well.
    set("0");
    assert_eq!(is_valid(), false);
}

#[test]
fn a_spending_limit_follows_the_currency_in_which_the_plan_is_paid() {
    let plans = PLANS
        .replace("prices = { EUR = 500 }", "prices = { EUR = 500, USD = 550 }")
        .replace("key = \"team\"", "key = \"team\"\ntrial_days = 14");
    let console = Console::start_with(|config| config.plans = Arc::new(Plans::parse(&plans).unwrap()));
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let fields = [("Spending limit of Credits a month", "5"), ("Stop when it is reached", "true")];
    ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields);
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    let ann = days_later(&console, &acme, 15);
    let dollars = ann.open("/o/acme/billing/plans/team?cycle=month&currency=USD");
    ann.submit(&dollars, "Change to Team now", &[]);
    let page = ann.open("/o/acme/billing/usage");
    assert!(page.says("Spending limit: $5.00 a month") && !page.says("€5.00"), "{}", page.text());
    assert!(ann.open("/o/acme/activity").says("$5.00"), "{}", ann.open("/o/acme/activity").text());
}
