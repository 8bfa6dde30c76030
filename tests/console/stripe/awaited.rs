//! A change that waits for the bank does, once it is paid, what it does without the bank; and nothing throws it away meanwhile.

use chrono::TimeDelta;

use super::giving_up::ASKING_CARD;
use super::modules::{add, items};
use super::{World, add_member};
use crate::billing::{change, preview};
use crate::harness::{Browser, Organization, Page, Reply};
use crate::modules::with_modules;

/// Has the bank ask before every payment from now on.
fn with_asking_card(world: &World, ann: &Browser, acme: &Organization<'_>) {
    let two = world.add_card(ann, acme, ASKING_CARD);
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
}

/// Somebody with Business by the month and Team planned after it, whose bank asks before every payment.
fn with_team_planned(world: &World) -> (Organization<'_>, Browser) {
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    let planned = change(&ann, &acme, "team", "month");
    assert!(planned.says("Becomes Team on"), "{}", planned.text());
    with_asking_card(world, &ann, &acme);
    (acme, ann)
}

/// Presses a button that leads to the bank.
fn to_bank(world: &World, ann: &Browser, page: &Page, button: &str) -> Reply {
    let bank = ann.press(page, button, &[]);
    assert!(bank.status == 303 && bank.location().starts_with(&world.double.base), "{}", bank.body);
    world.settle();
    bank
}

fn confirm(world: &World, bank: &Reply) {
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
}

fn subscription(world: &World) -> serde_json::Value {
    world.there("subscriptions?status=all")["data"][0].clone()
}

fn awaited(world: &World) -> String {
    world.console.text("SELECT coalesce(awaited_change ->> 'invoice', 'none') FROM stripe_accounts")
}

#[test]
fn a_year_that_is_paid_at_the_bank_is_not_lost_to_what_was_planned() {
    let world = World::start();
    let (acme, ann) = with_team_planned(&world);
    let bank = to_bank(&world, &ann, &preview(&ann, &acme, "business", "year"), "Change to yearly payment now");
    assert!(ann.open(&acme.path("billing")).says("Becomes Team on"), "what was planned stays as long as it waits");
    assert!(awaited(&world).starts_with("in_"), "{}", awaited(&world));
    confirm(&world, &bank);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("a year") && page.says("Renews on") && !page.says("Becomes Team"), "{}", page.text());
    assert_eq!((subscription(&world)["schedule"].clone(), awaited(&world).as_str()), (serde_json::Value::Null, "none"));
    world.travel(TimeDelta::days(32));
    assert_eq!(items(&world), ["roster_business_year_eur"]);
}

#[test]
fn a_change_that_is_given_up_at_the_bank_leaves_what_was_planned() {
    let world = World::start();
    let (acme, ann) = with_team_planned(&world);
    to_bank(&world, &ann, &preview(&ann, &acme, "business", "year"), "Change to yearly payment now");
    let page = ann.click(&ann.open(&acme.path("billing")), "Give it up");
    ann.submit(&page, "Give it up", &[]);
    world.settle();
    assert_eq!(awaited(&world), "none");
    assert!(ann.open(&acme.path("billing")).says("Becomes Team on"));
    world.travel(TimeDelta::days(32));
    assert_eq!(items(&world), ["roster_team_month_eur"]);
}

#[test]
fn a_plan_that_was_cancelled_goes_on_once_a_change_of_it_is_paid_at_the_bank() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Team", &[]);
    with_asking_card(&world, &ann, &acme);
    let bank = to_bank(&world, &ann, &preview(&ann, &acme, "business", "month"), "Change to Business now");
    assert_eq!(subscription(&world)["cancel_at_period_end"], true, "as long as it waits");
    confirm(&world, &bank);
    assert_eq!(subscription(&world)["cancel_at_period_end"], false);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Business") && page.says("Renews on"), "{}", page.text());
}

#[test]
fn modules_that_were_cancelled_still_end_after_a_change_that_is_paid_at_the_bank() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    let (_, page) = add(&ann, &acme, "Storage");
    ann.submit(&ann.click(&page, "Cancel Storage"), "Cancel Storage", &[]);
    with_asking_card(&world, &ann, &acme);
    let bank = to_bank(&world, &ann, &preview(&ann, &acme, "business", "month"), "Change to Business now");
    confirm(&world, &bank);
    let page = ann.open(&acme.path("billing"));
    assert!(page.offers("Keep Storage") && !page.says("Becomes Team"), "{}", page.text());
    world.travel(TimeDelta::days(32));
    assert_eq!(items(&world), ["roster_business_month_eur"]);
}

#[test]
fn a_module_that_is_paid_at_the_bank_goes_over_to_the_plan_that_is_planned() {
    let world = World::start_with(with_modules);
    let (acme, ann) = with_team_planned(&world);
    let page = ann.click(&ann.open(&acme.path("billing")), "Add Storage");
    let bank = to_bank(&world, &ann, &page, "Add Storage");
    confirm(&world, &bank);
    let page = ann.open(&acme.path("billing"));
    assert!(page.offers("Cancel Storage") && page.says("Becomes Team on"), "{}", page.text());
    world.travel(TimeDelta::days(32));
    assert_eq!(items(&world), ["roster_module_storage_month_eur", "roster_team_month_eur"]);
}

#[test]
fn a_module_that_is_paid_at_the_bank_stays_when_somebody_joins() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "year");
    // The next period is paid by the month.
    change(&ann, &acme, "business", "month");
    with_asking_card(&world, &ann, &acme);
    let page = ann.click(&ann.open(&acme.path("billing")), "Add Storage");
    let bank = to_bank(&world, &ann, &page, "Add Storage");
    confirm(&world, &bank);
    add_member(&world, &acme, "Bob Smith");
    world.settle();
    assert_eq!(items(&world), ["roster_business_year_eur", "roster_module_storage_year_eur"]);
}

#[test]
fn what_is_planned_after_a_payment_that_nobody_has_seen_yet_stays() {
    let world = World::start();
    let (acme, ann) = with_team_planned(&world);
    let bank = to_bank(&world, &ann, &preview(&ann, &acme, "business", "year"), "Change to yearly payment now");
    // Nothing tells the console of the payment, and Stripe's answer to the change was never written down.
    world.console.execute("UPDATE stripe_accounts SET awaited_change = jsonb_set(awaited_change, '{invoice}', 'null')");
    world.double.switch("lose", "all");
    world.double.submit(bank.location(), &[("action", "complete")]);
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert_eq!((subscription(&world)["schedule"].clone(), awaited(&world).as_str()), (serde_json::Value::Null, "none"));
    let later = change(&ann, &acme, "team", "month");
    assert!(later.says("Becomes Team on"), "{}", later.text());
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert!(ann.open(&acme.path("billing")).says("Becomes Team on"), "it is not undone by what was remembered");
}

#[test]
fn nothing_is_cancelled_or_kept_while_a_change_waits_for_the_bank() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    let (_, page) = add(&ann, &acme, "Storage");
    let before = ann.open(&acme.path("billing/cancel")).form("Cancel Team", &[]);
    let of_module = ann.click(&page, "Cancel Storage").form("Cancel Storage", &[]);
    with_asking_card(&world, &ann, &acme);
    let bank = to_bank(&world, &ann, &preview(&ann, &acme, "business", "month"), "Change to Business now");
    for form in [&before, &of_module] {
        let told = ann.follow(ann.send_form(form));
        assert!(told.flash().contains("waits for your bank. Confirm it, or give it up"), "{}", told.text());
        let page = ann.open(&form.action);
        assert!(page.flash().contains("waits for your bank. Confirm it, or give it up"), "before the click: {}", page.text());
    }
    for path in ["billing/resume", "billing/modules/storage/keep"] {
        let sent = ann.send("POST", &acme.path(path), &[("sec-fetch-site", "same-origin")], Some(b""));
        let told = ann.follow(sent);
        assert!(told.flash().contains("Confirm it, or give it up"), "{path}: {}", told.text());
    }
    add_member(&world, &acme, "Bob Smith");
    confirm(&world, &bank);
    assert_eq!(items(&world), ["roster_business_month_eur", "roster_module_storage_month_eur"]);
    assert!(ann.follow(ann.send_form(&before)).flash().starts_with("The plan ends on"), "once it is paid");
}

#[test]
fn what_is_paid_from_then_on_names_no_module_that_ends_before() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    let (_, page) = add(&ann, &acme, "Storage");
    let up = preview(&ann, &acme, "business", "month");
    assert!(up.says("a month for 1 member, with Storage €"), "{}", up.text());
    ann.submit(&ann.click(&page, "Cancel Storage"), "Cancel Storage", &[]);
    let up = preview(&ann, &acme, "business", "month");
    assert!(up.says("a month for 1 member, plus VAT") && !up.says("with Storage"), "{}", up.text());
}
