//! An invoice that Stripe just collects: what begins at once waits for it, what begins later does not.

use chrono::TimeDelta;

use super::World;
use super::by_hand::id;
use crate::billing::{change, preview};

/// Has Stripe issue an invoice over €50.00, which it charges a little later. Returns its number.
fn charge(world: &World) -> String {
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let form = [("customer", customer.as_str()), ("amount", "5000"), ("currency", "eur"), ("description", "Workshop")];
    world.by_hand("invoiceitems", &form);
    let form = [("customer", customer.as_str()), ("currency", "eur"), ("pending_invoice_items_behavior", "include")];
    let draft = id(&world.by_hand("invoices", &form));
    let issued = world.by_hand(&format!("invoices/{draft}/finalize"), &[("auto_advance", "true")]);
    world.settle();
    issued["number"].as_str().unwrap().to_owned()
}

/// Has the bank refuse an invoice.
fn refuse(world: &World, number: &str) {
    let method = world.console.text("SELECT stripe_id FROM payment_methods");
    world.double.switch(&format!("decline[{method}]"), "insufficient_funds");
    let stripe_id = world.console.text(&format!("SELECT stripe_id FROM invoices WHERE number = '{number}'"));
    let pay = ureq::post(&format!("{}/v1/invoices/{stripe_id}/pay", world.double.base));
    pay.header("authorization", "Bearer sk_test_console").send_empty().unwrap_err();
    world.settle();
}

#[test]
fn what_begins_later_does_not_wait_for_an_invoice_that_is_being_collected() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    let number = charge(&world);
    let status = || world.console.text(&format!("SELECT status FROM invoices WHERE number = '{number}'"));
    assert_eq!(status(), "pending");
    let waits = preview(&ann, &acme, "business", "year");
    assert_eq!(waits.flash(), format!("The invoice {number} is being collected at the moment. Try again when it is paid."));
    let planned = change(&ann, &acme, "team", "month");
    assert!(planned.flash().starts_with("The plan becomes Team on"), "{}", planned.text());
    let page = ann.submit(&planned, "Keep Business", &[]);
    let cancelled = ann.submit(&ann.click(&page, "Cancel plan"), "Cancel Business", &[]);
    assert!(cancelled.says("Cancelled: it ends on"), "{}", cancelled.text());
    assert_eq!(status(), "pending", "all the while");
}

#[test]
fn what_begins_later_still_waits_for_an_invoice_that_could_not_be_collected() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    let number = charge(&world);
    refuse(&world, &number);
    assert_eq!(world.console.text(&format!("SELECT status FROM invoices WHERE number = '{number}'")), "failed");
    let refused = preview(&ann, &acme, "team", "month");
    assert_eq!(refused.flash(), format!("The invoice {number} is not paid. Pay it first, then change the plan."));
}

#[test]
fn an_invoice_that_is_being_collected_does_not_hide_a_younger_one_that_has_failed() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    charge(&world);
    world.travel(TimeDelta::minutes(1));
    let number = charge(&world);
    refuse(&world, &number);
    assert_eq!(world.console.text("SELECT string_agg(status, ' ' ORDER BY number) FROM invoices"), "paid pending failed");
    let refused = preview(&ann, &acme, "team", "month");
    assert_eq!(refused.flash(), format!("The invoice {number} is not paid. Pay it first, then change the plan."));
    assert!(refused.says(&format!("The payment of invoice {number} failed")), "{}", refused.text());
}
