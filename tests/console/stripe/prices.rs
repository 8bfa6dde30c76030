//! Products and prices that `roster operator stripe-sync` makes.

use std::sync::Arc;

use roster::billing::stripe::catalog;
use roster::config::Plans;

use chrono::TimeDelta;

use super::{World, add_member};
use crate::billing::{PLANS, change};
use crate::harness::{command, run};

#[test]
fn prices_are_made_once_and_a_new_price_takes_over_the_key() {
    let world = World::start();
    let again = run(catalog::sync(world.stripe(), &world.console.config.plans)).unwrap();
    assert_eq!(again.len(), 6, "{again:?}");
    assert!(again.iter().all(|line| line.ends_with("is there.")), "{again:?}");
    let (acme, ann) = world.subscribed();
    let dearer =
        Plans::parse(&PLANS.replace("month = 1000, year", "month = 1200, year").replace("\"For teams.\"", "\"For all teams.\""));
    let plans = Arc::new(dearer.unwrap());
    let changed = run(catalog::sync(world.stripe(), &plans)).unwrap();
    let made: Vec<&String> = changed.iter().filter(|line| !line.ends_with("is there.")).collect();
    assert_eq!(made, ["The product Team is brought up to date.", "roster_team_month_eur is made: €12.00."]);
    let there = world.there("prices?lookup_keys[]=roster_team_month_eur");
    assert_eq!(there["data"][0]["unit_amount"], 1_200);
    // Who subscribed keeps the old one.
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert!(ann.open(&acme.path("billing")).says("€10.00 a month for 1 member"));
    // A file whose price is not at Stripe yet sells nothing at another one.
    let refused = ann.open(&acme.path("billing/plans/team?cycle=month&currency=USD"));
    assert!(refused.flash().contains("Your invoices are in EUR"), "{}", refused.flash());
}

#[test]
fn a_change_that_is_planned_is_still_told_when_its_price_is_another_one() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    change(&ann, &acme, "team", "month");
    let dearer = Plans::parse(&PLANS.replace("month = 1000, year", "month = 1200, year")).unwrap();
    run(catalog::sync(world.stripe(), &dearer)).unwrap();
    add_member(&world, &acme, "Bob Smith");
    world.settle();
    let page = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert!(page.says("Becomes Team on"), "{}", page.text());
    assert_eq!(world.console.number("SELECT next_unit_amount AS number FROM subscriptions"), 1_000);
    assert_eq!(world.console.number("SELECT count(*) AS number FROM events WHERE kind = 'plan_resumed'"), 0);
    world.travel(TimeDelta::days(31) + TimeDelta::hours(2));
    let renewal = "SELECT string_agg(quantity || ' for ' || amount, '; ') FROM invoice_lines WHERE description LIKE '% Team %'";
    assert_eq!(world.console.text(renewal), "2 for 2000");
}

#[test]
fn a_plan_whose_price_is_not_at_stripe_is_not_sold() {
    let dearer = PLANS.replace("month = 3000", "month = 3100");
    let world = World::start();
    let (_, ann) = world.with_card();
    run(catalog::sync(world.stripe(), &Plans::parse(&dearer).unwrap())).unwrap();
    let refused = ann.open("/o/acme/billing/plans/business?cycle=month&currency=EUR");
    assert!(refused.flash().starts_with("Business cannot be paid at the moment"), "{}", refused.text());
}

#[test]
fn the_operator_makes_the_prices_by_a_command() {
    let world = World::start();
    let settings = [("STRIPE_SECRET_KEY", "sk_test_console"), ("STRIPE_API_BASE", world.double.base.as_str())];
    let made = command(&["operator", "stripe-sync"], &settings).output().unwrap();
    let said = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(made.status.success() && said.contains("roster_team_year_eur is made: €80.00."), "{said}");
    assert!(!said.contains("sk_test_console"));
    let missing = command(&["operator", "stripe-sync"], &[]).output().unwrap();
    assert!(!missing.status.success());
    assert!(String::from_utf8_lossy(&missing.stderr).contains("STRIPE_SECRET_KEY"), "the setting is named");
}
