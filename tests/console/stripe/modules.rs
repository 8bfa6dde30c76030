//! Modules as items of a subscription at Stripe.

use chrono::TimeDelta;

use super::World;
use crate::billing::change;
use crate::harness::{Browser, Organization, Page};
use crate::modules::with_modules;

/// Adds a module as the page offers it. Returns what the page said is to be paid, and the page after it.
pub fn add(browser: &Browser, acme: &Organization<'_>, name: &str) -> (String, Page) {
    let page = browser.click(&browser.open(&acme.path("billing")), &format!("Add {name}"));
    let due = page.all(".sums .strong dd").pop().unwrap_or_default();
    let done = browser.submit(&page, &format!("Add {name}"), &[]);
    assert_eq!(done.flash(), format!("{name} is open now."), "{}", done.text());
    (due, done)
}

fn newest(world: &World) -> String {
    let query = "SELECT to_char(due / 100.0, 'FM999990.00') FROM invoices ORDER BY issued_at DESC, id DESC LIMIT 1";
    format!("€{}", world.console.text(query))
}

/// The lookup keys of what is subscribed to at Stripe.
pub fn items(world: &World) -> Vec<String> {
    let all = world.there("subscriptions?status=all");
    let items = all["data"][0]["items"]["data"].as_array().unwrap();
    let mut keys: Vec<String> = items.iter().map(|item| item["price"]["lookup_key"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

fn open(world: &World) -> String {
    world.console.text("SELECT array_to_string(modules, ' ') FROM organizations")
}

#[test]
fn a_module_is_an_item_that_is_added_cancelled_kept_and_ends() {
    let world = World::start_with(with_modules);
    let (acme, _) = world.subscribed();
    world.travel(TimeDelta::days(10));
    let ann = world.console.signed_in(&acme.owner);
    let (due, added) = add(&ann, &acme, "Reports");
    assert_eq!((newest(&world), open(&world).as_str()), (due, "reports"));
    assert_eq!(items(&world), ["roster_module_reports_month_eur", "roster_team_month_eur"]);
    let cancel = ann.click(&added, "Cancel Reports");
    assert!(cancel.offers("Keep Reports"), "{:?}", cancel.buttons());
    let cancelled = ann.submit(&cancel, "Cancel Reports", &[]);
    assert!(cancelled.flash().starts_with("Reports ends on"), "{}", cancelled.text());
    assert!(cancelled.says("Renews on"), "the plan goes on: {}", cancelled.text());
    let kept = ann.submit(&cancelled, "Keep Reports", &[]);
    assert_eq!(kept.flash(), "Reports goes on.");
    assert_eq!(world.there("subscriptions?status=all")["data"][0]["schedule"], serde_json::Value::Null);
    let cancel = ann.click(&kept, "Cancel Reports");
    ann.submit(&cancel, "Cancel Reports", &[]);
    world.travel(TimeDelta::days(32));
    assert_eq!((items(&world), open(&world).as_str()), (vec!["roster_team_month_eur".to_owned()], ""));
    let log = world.console.signed_in(&acme.owner).open(&acme.path("activity"));
    for sentence in ["added the module Reports to the plan Team", "kept the module Reports after all", "ended the module Reports"]
    {
        assert!(log.says(sentence), "{sentence}: {}", log.text());
    }
}

#[test]
fn modules_go_with_a_change_of_plan_as_the_page_before_it_says() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    add(&ann, &acme, "Reports");
    add(&ann, &acme, "Storage");
    world.travel(TimeDelta::days(10));
    let ann = world.console.signed_in(&acme.owner);
    // Business includes Reports; Storage goes on beside it.
    let up = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    let due = up.all(".sums .strong dd").pop().unwrap();
    let done = ann.submit(&up, "Change to Business now", &[]);
    assert!(done.flash().contains("Business is your plan now"), "{}", done.text());
    assert_eq!((newest(&world), open(&world).as_str()), (due, "storage"));
    assert_eq!(items(&world), ["roster_business_month_eur", "roster_module_storage_month_eur"]);
    // Down again with the next period; Storage stays.
    let later = change(&ann, &acme, "team", "month");
    assert!(later.says("Becomes Team on"), "{}", later.text());
    world.travel(TimeDelta::days(31));
    assert_eq!(items(&world), ["roster_module_storage_month_eur", "roster_team_month_eur"]);
    assert_eq!(open(&world), "storage");
    // By the year both go over.
    let ann = world.console.signed_in(&acme.owner);
    let year = ann.open(&acme.path("billing/plans/team?cycle=year&currency=EUR"));
    let due = year.all(".sums .strong dd").pop().unwrap();
    let done = ann.submit(&year, "Change to yearly payment now", &[]);
    assert!(done.says("a year"), "{}", done.text());
    assert_eq!(newest(&world), due);
    assert_eq!(items(&world), ["roster_module_storage_year_eur", "roster_team_year_eur"]);
}

#[test]
fn a_module_that_was_cancelled_still_ends_after_a_change_of_plan() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    let (_, page) = add(&ann, &acme, "Storage");
    ann.submit(&ann.click(&page, "Cancel Storage"), "Cancel Storage", &[]);
    let up = change(&ann, &acme, "business", "month");
    assert!(up.offers("Keep Storage"), "{}", up.text());
    world.travel(TimeDelta::days(32));
    assert_eq!((items(&world), open(&world).as_str()), (vec!["roster_business_month_eur".to_owned()], ""));
}

#[test]
fn a_plan_that_ends_takes_its_modules_with_it() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    add(&ann, &acme, "Storage");
    ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Team", &[]);
    world.travel(TimeDelta::days(32));
    assert_eq!(open(&world), "");
    assert_eq!(world.console.number("SELECT count(*) AS number FROM subscription_modules"), 0);
}
