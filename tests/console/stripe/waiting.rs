//! Who joins while a change of the plan, or a module, waits for the bank: charged once, by what becomes of it.

use chrono::TimeDelta;

use super::{World, add_member};
use crate::billing::preview;
use crate::harness::{Browser, Organization};
use crate::modules::with_modules;

/// A card whose owner is asked at every payment.
const ASKING_CARD: &str = "4000002760003184";

fn make_default(ann: &Browser, acme: &Organization<'_>, digits: &str) {
    ann.submit(&ann.open(&acme.path("billing")), &format!("Make default: Visa ending in {digits}"), &[]);
}

/// An organization on Team by the month, with these modules, whose bank asks from now on.
fn asked_by_the_bank<'a>(world: &'a World, modules: &[&str]) -> (Organization<'a>, Browser) {
    let (acme, ann) = world.subscribed();
    for module in modules {
        let page = ann.click(&ann.open(&acme.path("billing")), &format!("Add {module}"));
        ann.submit(&page, &format!("Add {module}"), &[]);
    }
    world.add_card(&ann, &acme, ASKING_CARD);
    make_default(&ann, &acme, "3184");
    (acme, ann)
}

/// Presses the button for a change, while which waits somebody joins. Returns the page of the bank.
fn joined_while_waiting(world: &World, (acme, ann): (&Organization<'_>, &Browser), change: (&str, &str), button: &str) -> String {
    let bank = ann.press(&preview(ann, acme, change.0, change.1), button, &[]);
    assert!(bank.location().starts_with(&world.double.base), "{}", bank.body);
    world.settle();
    add_member(world, acme, "Bob Smith");
    world.settle();
    assert_eq!(at_stripe(world), "", "it is not known yet by which terms");
    bank.location().to_owned()
}

fn confirm(world: &World, bank: &str) {
    world.double.submit(bank, &[("action", "complete")]);
    world.settle();
    world.settle();
}

/// What stands on the next invoice at Stripe: quantities are in the rows here, of which none is unsent.
fn at_stripe(world: &World) -> String {
    let pending = world.there("invoiceitems?pending=true");
    let items = pending["data"].as_array().unwrap().iter();
    let mut words: Vec<&str> = items.map(|item| item["description"].as_str().unwrap()).collect();
    words.sort_unstable();
    words.join("; ").replace(" within the period", "")
}

fn quantities(world: &World) -> String {
    let all = world.there("subscriptions");
    let items = all["data"][0]["items"]["data"].as_array().unwrap().iter();
    items.map(|item| item["quantity"].to_string()).collect::<Vec<_>>().join(" ")
}

/// Another look changes nothing.
fn assert_settled(world: &World, (acme, ann): (&Organization<'_>, &Browser), on_next_invoice: &str) {
    for _ in 0..2 {
        assert_eq!(at_stripe(world), on_next_invoice);
        assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges WHERE stripe_id IS NULL"), 0);
        let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
        assert_eq!(checked.flash(), "Everything here is as it is at Stripe.");
        world.settle();
    }
}

#[test]
fn who_joins_while_a_change_waits_pays_the_new_plan_and_not_the_old_one() {
    let world = World::start();
    let (acme, ann) = asked_by_the_bank(&world, &[]);
    let bank = joined_while_waiting(&world, (&acme, &ann), ("business", "month"), "Change to Business now");
    confirm(&world, &bank);
    assert_eq!(quantities(&world), "2");
    assert_settled(&world, (&acme, &ann), "Business, joined");
}

#[test]
fn who_joins_while_a_change_waits_that_is_given_up_pays_the_old_plan() {
    let world = World::start();
    let (acme, ann) = asked_by_the_bank(&world, &[]);
    joined_while_waiting(&world, (&acme, &ann), ("business", "month"), "Change to Business now");
    ann.submit(&ann.click(&ann.open(&acme.path("billing")), "Give it up"), "Give it up", &[]);
    world.settle();
    assert_eq!(quantities(&world), "2");
    assert_settled(&world, (&acme, &ann), "Team, joined");
}

#[test]
fn who_joins_while_a_change_waits_that_lapses_pays_the_old_plan() {
    let world = World::start();
    let (acme, ann) = asked_by_the_bank(&world, &[]);
    joined_while_waiting(&world, (&acme, &ann), ("team", "year"), "Change to yearly payment now");
    world.travel(TimeDelta::hours(24));
    let ann = world.console.signed_in(&acme.owner);
    assert_eq!(quantities(&world), "2");
    assert_settled(&world, (&acme, &ann), "Team, joined");
}

#[test]
fn who_joins_while_a_change_waits_beyond_the_period_pays_for_both_periods() {
    let world = World::start();
    let (acme, _) = asked_by_the_bank(&world, &[]);
    world.travel(TimeDelta::days(29));
    let ann = world.console.signed_in(&acme.owner);
    joined_while_waiting(&world, (&acme, &ann), ("business", "month"), "Change to Business now");
    make_default(&ann, &acme, "4242");
    world.travel(TimeDelta::days(2));
    let ann = world.console.signed_in(&acme.owner);
    assert_eq!(quantities(&world), "2");
    assert_settled(&world, (&acme, &ann), "Team, joined; Team, joined");
}

#[test]
fn a_module_by_the_year_is_paid_once_by_who_joins_while_the_change_waits() {
    let world = World::start_with(with_modules);
    let (acme, ann) = asked_by_the_bank(&world, &["Reports"]);
    let bank = joined_while_waiting(&world, (&acme, &ann), ("team", "year"), "Change to yearly payment now");
    confirm(&world, &bank);
    assert_eq!(quantities(&world), "2 2");
    assert_settled(&world, (&acme, &ann), "Reports, joined; Team, joined");
    let least = "SELECT min(amount) AS number FROM pending_charges";
    assert_eq!(world.console.number(least), 3_000, "of a year");
}

#[test]
fn a_module_that_the_new_plan_includes_is_not_paid_by_who_joins_while_it_waits() {
    let world = World::start_with(with_modules);
    let (acme, ann) = asked_by_the_bank(&world, &["Reports"]);
    let bank = joined_while_waiting(&world, (&acme, &ann), ("business", "month"), "Change to Business now");
    confirm(&world, &bank);
    assert_settled(&world, (&acme, &ann), "Business, joined");
}

#[test]
fn who_joins_while_a_module_waits_pays_for_it_too() {
    let world = World::start_with(with_modules);
    let (acme, ann) = asked_by_the_bank(&world, &[]);
    let page = ann.click(&ann.open(&acme.path("billing")), "Add Reports");
    let bank = ann.press(&page, "Add Reports", &[]);
    world.settle();
    add_member(&world, &acme, "Bob Smith");
    add_member(&world, &acme, "Cid Smith");
    world.settle();
    confirm(&world, bank.location());
    assert_eq!(quantities(&world), "3 3");
    assert_eq!(world.console.number("SELECT seats::bigint AS number FROM subscription_modules"), 3);
    assert_settled(&world, (&acme, &ann), "Reports, joined; Team, joined; Team, joined");
    let paid = world.console.number("SELECT quantity::bigint AS number FROM pending_charges WHERE description LIKE 'Reports%'");
    assert_eq!(paid, 2, "one was paid with the module");
    // Who joins afterwards is charged as ever.
    add_member(&world, &acme, "Dan Smith");
    world.settle();
    assert_settled(&world, (&acme, &ann), "Reports, joined; Reports, joined; Team, joined; Team, joined; Team, joined");
}
