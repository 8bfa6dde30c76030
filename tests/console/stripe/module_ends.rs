//! A module that was cancelled stays so when its plan is cancelled at Stripe and kept after all, as it does by invoice.

use chrono::TimeDelta;

use super::World;
use super::modules::{add, items};
use crate::billing::change;
use crate::harness::{Browser, Organization, Page};
use crate::modules::with_modules;

fn cancel_module(browser: &Browser, acme: &Organization<'_>) -> Page {
    let page = browser.click(&browser.open(&acme.path("billing")), "Cancel Storage");
    browser.submit(&page, "Cancel Storage", &[])
}

fn cancel_plan(browser: &Browser, acme: &Organization<'_>, name: &str) {
    let done = browser.submit(&browser.open(&acme.path("billing/cancel")), &format!("Cancel {name}"), &[]);
    assert!(done.says("Ends on"), "{}", done.text());
}

fn keep_plan(browser: &Browser, acme: &Organization<'_>, name: &str) {
    let done = browser.submit(&browser.open(&acme.path("billing")), &format!("Keep {name}"), &[]);
    assert_eq!(done.flash(), format!("{name} goes on as it is."), "{}", done.text());
}

fn ending(world: &World) -> String {
    world.console.text("SELECT coalesce(string_agg(module, ' '), '') FROM subscription_modules WHERE ends_at_period_end")
}

/// How often the log says something of a module.
fn told(world: &World, kind: &str) -> i64 {
    world.console.number(&format!("SELECT count(*) AS number FROM events WHERE kind = '{kind}'"))
}

fn is_over_with_the_period(world: &World, left: &[&str]) {
    assert_eq!(ending(world), "storage");
    assert_eq!((told(world, "module_cancelled"), told(world, "module_kept")), (1, 0));
    world.travel(TimeDelta::days(32));
    assert_eq!(items(world), left);
    let charged = "SELECT count(*) AS number FROM invoice_lines WHERE description LIKE '%Storage%'";
    assert_eq!(world.console.number(charged), 1, "what was paid when it was added");
}

#[test]
fn a_module_that_was_cancelled_before_its_plan_stays_so_when_the_plan_is_kept() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    add(&ann, &acme, "Reports");
    add(&ann, &acme, "Storage");
    cancel_module(&ann, &acme);
    world.settle();
    cancel_plan(&ann, &acme, "Team");
    world.settle();
    keep_plan(&ann, &acme, "Team");
    world.settle();
    is_over_with_the_period(&world, &["roster_module_reports_month_eur", "roster_team_month_eur"]);
}

#[test]
fn a_module_that_is_cancelled_after_its_plan_stays_so_when_the_plan_is_kept() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    add(&ann, &acme, "Storage");
    cancel_plan(&ann, &acme, "Team");
    world.settle();
    assert!(cancel_module(&ann, &acme).flash().starts_with("Storage ends on"));
    world.settle();
    keep_plan(&ann, &acme, "Team");
    world.settle();
    is_over_with_the_period(&world, &["roster_team_month_eur"]);
}

#[test]
fn a_module_stays_cancelled_where_a_change_of_plan_was_planned_beside_it() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    add(&ann, &acme, "Storage");
    cancel_module(&ann, &acme);
    change(&ann, &acme, "team", "month");
    cancel_plan(&ann, &acme, "Business");
    world.settle();
    keep_plan(&ann, &acme, "Business");
    world.settle();
    is_over_with_the_period(&world, &["roster_business_month_eur"]);
}

#[test]
fn a_module_that_is_kept_before_its_plan_goes_on_with_it() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    add(&ann, &acme, "Storage");
    cancel_module(&ann, &acme);
    cancel_plan(&ann, &acme, "Team");
    world.settle();
    let kept = ann.submit(&ann.open(&acme.path("billing")), "Keep Storage", &[]);
    assert_eq!(kept.flash(), "Storage goes on.", "{}", kept.text());
    world.settle();
    assert_eq!((ending(&world).as_str(), told(&world, "module_kept")), ("", 1));
    keep_plan(&ann, &acme, "Team");
    world.travel(TimeDelta::days(32));
    assert_eq!(items(&world), ["roster_module_storage_month_eur", "roster_team_month_eur"]);
}

/// Also where the way to Stripe breaks off between the two things that are said to it.
#[test]
fn a_module_stays_cancelled_where_the_plan_is_kept_at_stripe_by_hand() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    add(&ann, &acme, "Storage");
    cancel_module(&ann, &acme);
    cancel_plan(&ann, &acme, "Team");
    world.settle();
    let id = world.console.text("SELECT stripe_id FROM subscriptions");
    let sent = ureq::post(&format!("{}/v1/subscriptions/{id}", world.double.base))
        .header("authorization", "Bearer sk_test_console")
        .send_form([("cancel_at_period_end", "false")]);
    assert_eq!(sent.unwrap().status(), 200);
    world.settle();
    assert_eq!(world.console.number("SELECT count(*) AS number FROM subscriptions WHERE NOT ends_at_period_end"), 1);
    is_over_with_the_period(&world, &["roster_team_month_eur"]);
}
