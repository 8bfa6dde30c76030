//! A plan that ended since it was not paid, and is paid for after all: nobody pays for time without a plan, whoever collects it.

use chrono::TimeDelta;
use roster::billing::actions::operator::{self, Agreed};
use roster::config::Cycle;
use roster::money::Currency;

use crate::billing::{change, days_later, give_address, preview};
use crate::harness::{Console, Organization, run};
use crate::modules::with_modules;
use crate::stripe::World;

/// What is left of the period of a plan after its end, of an amount for all of it.
fn rest_of(console: &Console, amount: i64) -> i64 {
    let part = "extract(epoch FROM period_ends_at - ended_at) / extract(epoch FROM period_ends_at - period_starts_at)";
    console.number(&format!("SELECT round({amount} * {part})::bigint AS number FROM subscriptions"))
}

#[test]
fn who_pays_after_the_end_of_the_plan_has_what_is_left_of_its_period_to_their_credit() {
    let console = Console::start_with(with_modules);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "year");
    let module = ann.click(&ann.open("/o/acme/billing"), "Add Storage");
    assert_eq!(ann.submit(&module, "Add Storage", &[]).status, 200);
    for days in [15, 8] {
        days_later(&console, &acme, days);
    }
    let ann = days_later(&console, &acme, 8);
    assert_eq!(console.text("SELECT status FROM subscriptions"), "cancelled");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("does not begin Team again. What is left of its period is to your credit then."), "{}", page.text());
    let pay = |number: &str| run(operator::mark_paid(&console.db(), acme.id, number, None, "")).unwrap();
    pay("R-000001");
    assert_eq!(console.number("SELECT credit AS number FROM billing_accounts"), 0, "the module is still owed");
    pay("R-000002");
    pay("R-000002");
    // A line each, to the cent: Team's year, and the module's from the moment when it was added.
    let lines = console.text(
        "SELECT string_agg(concat_ws(' ', description, amount), '; ' ORDER BY position) FROM invoice_lines JOIN invoices i
            ON i.id = invoice_id WHERE i.number = 'R-000003'",
    );
    let (team, storage) = (rest_of(&console, 10_000), rest_of(&console, 7_000));
    assert_eq!(lines, format!("Unused: Team, 1 member -{team}; Unused: Storage -{storage}"));
    let gross = console.number("SELECT net + vat AS number FROM invoices WHERE number = 'R-000003'");
    assert_eq!(console.number("SELECT credit AS number FROM billing_accounts"), -gross);
    assert_eq!(console.number("SELECT count(*) AS number FROM invoices"), 3, "given back once");
    let mails = console.mails_to("finance@acme.example");
    assert!(mails.iter().any(|mail| mail.subject == "Credit note R-000003 for Acme"), "they are told");
    let next = preview(&ann, &acme, "team", "year");
    assert!(next.says("From your credit"), "{}", next.text());
}

#[test]
fn a_plan_that_is_paid_in_time_leaves_nothing_to_be_given_back() {
    let console = Console::start_with(with_modules);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    days_later(&console, &acme, 16);
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    let ann = days_later(&console, &acme, 1);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Active") && !page.says("to your credit"), "{}", page.text());
    assert_eq!(console.text("SELECT count(*)::text || ' ' || sum(credit) FROM invoices, billing_accounts"), "1 0");
}

#[test]
fn a_renewal_that_is_paid_after_stripe_gave_up_is_given_back_as_far_as_it_was_not_used() {
    let world = World::start();
    let (acme, ann, method) = world.declined("insufficient_funds", TimeDelta::days(45));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("does not begin the plan again. What is left of its period is to your credit then."), "{}", page.text());
    world.double.switch(&format!("decline[{method}]"), "");
    let paid = ann.submit(&page, "Pay now", &[]);
    assert!(paid.flash().ends_with("is paid."), "{}", paid.text());
    world.travel(TimeDelta::days(1));
    // With 19 % VAT; once, however often it is looked at.
    let credit = (rest_of(&world.console, 1_000) * 119 + 50) / 100;
    assert_eq!(world.console.number("SELECT credit AS number FROM billing_accounts"), credit);
    let ann = world.console.signed_in(&acme.owner);
    assert!(ann.open(&acme.path("billing")).says("to your credit: the plan that you choose next takes from it"));
    change(&ann, &acme, "team", "month");
    let due = world.console.number("SELECT due AS number FROM invoices ORDER BY issued_at DESC LIMIT 1");
    assert_eq!(due, 1_190 - credit, "the new plan takes from it");
}

#[test]
fn what_is_given_back_at_stripe_has_the_vat_that_it_was_paid_with() {
    let world = World::start();
    let (acme, ann, method) = world.declined("insufficient_funds", TimeDelta::days(45));
    let details = ann.open(&acme.path("billing/details"));
    let saved = ann.submit(&details, "Save", &[("Country", "Switzerland")]);
    assert!(saved.flash().contains("saved"), "{}", saved.text());
    world.double.switch(&format!("decline[{method}]"), "");
    ann.submit(&ann.open(&acme.path("billing")), "Pay now", &[]);
    world.settle();
    let credit = world.console.number("SELECT credit AS number FROM billing_accounts");
    assert_eq!(credit, (rest_of(&world.console, 1_000) * 119 + 50) / 100);
}

/// Has the operator agree upon a plan.
fn agree(world: &World, acme: &Organization<'_>, plan: &str, amount: i64, cycle: Cycle) {
    let agreed = Agreed { amount, currency: Currency::from_code("EUR").unwrap(), cycle };
    run(operator::set_plan(&world.console.db(), acme.id, plan, Some(agreed))).unwrap();
}

fn credit(world: &World) -> i64 {
    world.console.number("SELECT credit AS number FROM billing_accounts")
}

#[test]
fn what_is_paid_in_one_way_gives_nothing_back_of_the_other() {
    let world = World::start();
    let (acme, _, method) = world.declined("insufficient_funds", TimeDelta::days(45));
    agree(&world, &acme, "team", 2_000, Cycle::Month);
    let number = world.console.text("SELECT number FROM invoices WHERE stripe_id IS NULL");
    run(operator::mark_paid(&world.console.db(), acme.id, &number, None, "")).unwrap();
    assert_eq!(credit(&world), 0, "the renewal at Stripe is still owed");
    world.double.switch(&format!("decline[{method}]"), "");
    let ann = world.console.signed_in(&acme.owner);
    ann.submit(&ann.open(&acme.path("billing")), "Pay now", &[]);
    world.settle();
    assert!(credit(&world) > 0, "{}", ann.open(&acme.path("billing")).text());
}

#[test]
fn a_look_at_stripe_leaves_what_is_held_of_a_plan_by_invoice() {
    let world = World::start();
    let (acme, _) = world.with_card();
    agree(&world, &acme, "team", 100_000, Cycle::Year);
    for days in [15, 8, 8] {
        days_later(&world.console, &acme, days);
    }
    let ann = world.console.signed_in(&acme.owner);
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    world.travel(TimeDelta::days(2));
    run(operator::set_plan(&world.console.db(), acme.id, "free", None)).unwrap();
    assert_eq!((credit(&world), world.console.number("SELECT count(*) AS number FROM invoices")), (0, 1));
    run(operator::mark_paid(&world.console.db(), acme.id, "R-000001", None, "")).unwrap();
    assert!(credit(&world) > 100_000, "more than ten months of the year are left");
}

#[test]
fn another_invoice_that_becomes_void_and_another_subscription_leave_what_is_held() {
    let world = World::start();
    let (acme, ann, method) = world.declined("insufficient_funds", TimeDelta::days(45));
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let id = |made: serde_json::Value| made["id"].as_str().unwrap().to_owned();
    let draft = id(world.by_hand("invoices", &[("customer", &customer)]));
    let amount = [("customer", customer.as_str()), ("invoice", &draft), ("amount", "5000"), ("currency", "eur")];
    world.by_hand("invoiceitems", &amount);
    world.by_hand(&format!("invoices/{draft}/finalize"), &[]);
    world.settle();
    world.by_hand(&format!("invoices/{draft}/void"), &[]);
    world.double.switch(&format!("decline[{method}]"), "");
    let price = id(world.there("subscriptions?status=all")["data"][0]["items"]["data"][0]["price"].clone());
    world.by_hand("subscriptions", &[("customer", &customer), ("items[0][price]", &price)]);
    world.settle();
    world.by_hand(&format!("customers/{customer}"), &[("description", "Looked at once more")]);
    world.settle();
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges WHERE held_for = 'stripe'"), 1);
    ann.submit(&ann.open(&acme.path("billing")), "Pay now", &[]);
    world.settle();
    let at_stripe = world.console.number("SELECT credit AS number FROM stripe_accounts");
    assert!(credit(&world) + at_stripe > 0, "{}", ann.open(&acme.path("billing")).text());
}

#[test]
fn nothing_is_given_back_of_an_invoice_that_nobody_pays_any_more() {
    let world = World::start();
    let (acme, ann, _) = world.declined("insufficient_funds", TimeDelta::days(45));
    let unpaid = world.console.text("SELECT stripe_id FROM invoices WHERE status = 'failed'");
    world.by_hand(&format!("invoices/{unpaid}/void"), &[]);
    world.settle();
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges"), 0);
    let begun = preview(&ann, &acme, "team", "month");
    assert!(begun.says("To pay €11.90") && !begun.says("From your credit"), "{}", begun.text());
}
