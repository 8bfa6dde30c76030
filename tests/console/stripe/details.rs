//! Address, tax ids, VAT and metered use at Stripe.

use chrono::TimeDelta;

use super::World;
use crate::billing::change;
use crate::harness::Client;

#[test]
fn tax_ids_are_verified_by_stripe_and_removed_there_too() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let form = ann.open(&acme.path("billing/tax-ids/new"));
    let added = ann.submit(&form, "Add tax ID", &[("Number", "DE136695976")]);
    assert!(added.says("DE136695976"), "{}", added.text());
    world.settle();
    assert!(ann.open(&acme.path("billing")).says("Being verified"));
    world.double.control("verify", &[("status", "verified")]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Verified"), "{}", page.text());
    let removed = ann.submit(&page, "Remove DE136695976", &[]);
    assert!(removed.flash().starts_with("DE136695976 is removed."), "{}", removed.text());
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    assert_eq!(world.there(&format!("customers/{customer}/tax_ids"))["data"].as_array().unwrap().len(), 0);
}

#[test]
fn a_business_elsewhere_in_the_union_accounts_for_the_vat_itself() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    ann.submit(&ann.open(&acme.path("billing/details")), "Save", &[("Country", "Austria"), ("City", "Wien")]);
    let form = ann.open(&acme.path("billing/tax-ids/new"));
    ann.submit(&form, "Add tax ID", &[("Number", "ATU33864707")]);
    world.settle();
    let done = change(&ann, &acme, "team", "month");
    assert!(done.says("Team"), "{}", done.text());
    assert_eq!(world.console.text("SELECT concat_ws(' ', net, vat) FROM invoices"), "1000 0");
    assert_eq!(world.there("invoices")["data"][0]["customer_tax_exempt"], "reverse");
}

#[test]
fn a_new_address_is_at_stripe_with_its_vat_before_the_next_invoice() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let form = ann.open(&acme.path("billing/details"));
    ann.submit(&form, "Save", &[("Country", "Switzerland"), ("City", "Zürich")]);
    world.settle();
    let customer = world.there(&format!("customers/{}", world.console.text("SELECT stripe_customer FROM organizations")));
    assert_eq!((&customer["address"]["country"], &customer["address"]["city"]), (&"CH".into(), &"Zürich".into()));
    world.travel(TimeDelta::days(32));
    assert_eq!(world.console.text("SELECT concat_ws(' ', net, vat) FROM invoices ORDER BY issued_at DESC LIMIT 1"), "1000 0");
}

#[test]
fn use_beyond_what_is_included_is_on_the_invoice_after_the_month() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    let (_, key) = acme.key("Meter", &acme.owner, &["keys.verify"]);
    let report = serde_json::json!({ "item": "credits", "quantity": 3_500, "idempotency_key": "one" });
    let reported = Client::new(&world.console, &key).post("/api/v1/usage", &report);
    assert_eq!(reported.status, 200, "{}", reported.body);
    world.travel(TimeDelta::days(32));
    crate::billing::look_after(&world.console);
    world.settle();
    world.travel(TimeDelta::days(31));
    let amounts = world
        .console
        .text("SELECT string_agg(amount::text, ' ' ORDER BY amount) FROM invoice_lines WHERE description LIKE 'Credits%'");
    assert_eq!(amounts, "1250", "2,500 beyond the 1,000, at 5 euro the thousand");
}

#[test]
fn a_trial_needs_no_card_and_ends_without_one() {
    let plans = crate::billing::PLANS.replace("key = \"business\"", "key = \"business\"\ntrial_days = 14");
    let world = World::start_with(|config| {
        config.plans = std::sync::Arc::new(roster::config::Plans::parse(&plans).unwrap());
    });
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    let trial = change(&ann, &acme, "business", "month");
    assert!(trial.flash().starts_with("Business is yours to try until"), "{}", trial.text());
    assert!(trial.says("Add a payment method before, and it goes on; otherwise it ends then."), "{}", trial.text());
    assert!(!ann.open(&acme.path("billing/plans")).says("free to try"), "there is one trial");
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "business");
    world.travel(TimeDelta::days(15));
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Business ended on"), "{}", page.text());
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "");
}

#[test]
fn a_trial_with_a_card_becomes_a_paid_plan() {
    let plans = crate::billing::PLANS.replace("key = \"business\"", "key = \"business\"\ntrial_days = 14");
    let world = World::start_with(|config| {
        config.plans = std::sync::Arc::new(roster::config::Plans::parse(&plans).unwrap());
    });
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    world.travel(TimeDelta::days(15));
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Active") && page.says("€35.70"), "{}", page.text());
}
