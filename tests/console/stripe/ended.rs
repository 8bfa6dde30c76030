//! A subscription that somebody deletes at Stripe at once: what was not invoiced by then is invoiced, exactly once.

use chrono::TimeDelta;
use roster::stripe::{NewInvoiceItem, NewSubscription, NextItem};
use serde_json::Value;

use super::{World, add_member};
use crate::harness::{Browser, Client, Organization, run};

/// Reports use that costs €12.50 beyond what is included.
fn use_some(world: &World, acme: &Organization<'_>) {
    let (_, key) = acme.key("Meter", &acme.owner, &["keys.verify"]);
    let report = serde_json::json!({ "item": "credits", "quantity": 3_500, "idempotency_key": "one" });
    let reported = Client::new(&world.console, &key).post("/api/v1/usage", &report);
    assert_eq!(reported.status, 200, "{}", reported.body);
}

fn pending(world: &World) -> Vec<Value> {
    world.there("invoiceitems?pending=true")["data"].as_array().unwrap().clone()
}

/// A running subscription with a member who joined after ten days. Returns what that costs.
fn with_a_new_member(world: &World) -> (Organization<'_>, Browser, i64) {
    let (acme, _) = world.subscribed();
    world.travel(TimeDelta::days(10));
    add_member(world, &acme, "Bob Smith");
    world.settle();
    let waiting = pending(world);
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let ann = world.console.signed_in(&acme.owner);
    (acme, ann, waiting[0]["amount"].as_i64().unwrap())
}

pub(super) fn delete_subscription(world: &World) {
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    run(world.stripe().cancel_subscription_now(&subscription, "")).unwrap();
}

/// The amounts on the invoices after the first one.
fn invoiced_since(world: &World) -> String {
    world.console.text(
        "SELECT coalesce(string_agg(l.amount::text, ' ' ORDER BY l.from_at DESC, l.amount), '') FROM invoice_lines l
        WHERE l.invoice_id <> (SELECT id FROM invoices ORDER BY issued_at, id LIMIT 1)",
    )
}

/// Nothing is left, and another look makes nothing more.
fn assert_settled(world: &World, acme: &Organization<'_>, ann: &Browser, invoices: usize) {
    for _ in 0..2 {
        assert_eq!((pending(world).len(), world.console.number("SELECT count(*) AS number FROM pending_charges")), (0, 0));
        assert_eq!(world.there("invoices")["data"].as_array().unwrap().len(), invoices);
        let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
        assert_eq!(checked.flash(), "Everything here is as it is at Stripe.");
        world.settle();
    }
}

#[test]
fn who_joined_and_what_was_used_is_on_one_last_invoice() {
    let world = World::start();
    let (acme, ann, joined) = with_a_new_member(&world);
    use_some(&world, &acme);
    delete_subscription(&world);
    world.settle();
    assert_eq!(invoiced_since(&world), format!("{joined} 1250"));
    assert_settled(&world, &acme, &ann, 2);
    world.travel(TimeDelta::hours(2));
    let last = world.console.text("SELECT concat_ws(' ', net, status) FROM invoices ORDER BY issued_at DESC, id DESC LIMIT 1");
    assert_eq!(last, format!("{} paid", joined + 1_250));
}

#[test]
fn what_was_used_alone_is_on_a_last_invoice() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    use_some(&world, &acme);
    delete_subscription(&world);
    world.settle();
    assert_eq!(invoiced_since(&world), "1250");
    assert_settled(&world, &acme, &ann, 2);
}

#[test]
fn a_subscription_that_takes_the_place_of_another_one_takes_over_what_was_left() {
    let world = World::start();
    let (acme, ann, joined) = with_a_new_member(&world);
    world.double.switch("lose", "all");
    let price = world.there("subscriptions")["data"][0]["items"]["data"][0]["price"]["id"].as_str().unwrap().to_owned();
    delete_subscription(&world);
    let new = NewSubscription {
        customer: world.console.text("SELECT stripe_customer FROM organizations"),
        items: vec![NextItem { price, quantity: 2 }],
        payment_behavior: "error_if_incomplete",
        ..NewSubscription::default()
    };
    let second = run(world.stripe().create_subscription(&new, "second")).unwrap();
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    world.settle();
    let waiting = pending(&world);
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let of = &waiting[0]["parent"]["subscription_details"]["subscription"];
    assert_eq!((of.as_str().unwrap(), waiting[0]["amount"].as_i64().unwrap()), (second.id.as_str(), joined));
    world.double.switch("lose", "");
    world.travel(TimeDelta::days(32));
    assert_eq!(invoiced_since(&world).split(' ').filter(|amount| *amount == joined.to_string()).count(), 1);
}

/// Where a look broke off that had begun to invoice what was left.
#[derive(Clone, Copy, Debug)]
enum BrokeOff {
    UntilItIsTakenBack,
    BeforeTheNewOneIsNoted,
    WhenItIsNoted,
}

#[test]
fn a_look_that_breaks_off_on_the_way_charges_nobody_twice() {
    for broke_off in [BrokeOff::UntilItIsTakenBack, BrokeOff::BeforeTheNewOneIsNoted, BrokeOff::WhenItIsNoted] {
        let world = World::start();
        let (acme, ann, joined) = with_a_new_member(&world);
        world.double.switch("lose", "all");
        delete_subscription(&world);
        leave_as(&world, broke_off);
        ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
        world.settle();
        // What it made is not told by an event.
        ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
        assert_eq!(invoiced_since(&world), joined.to_string(), "{broke_off:?}");
        assert_settled(&world, &acme, &ann, 2);
    }
}

fn leave_as(world: &World, broke_off: BrokeOff) {
    world.console.execute("UPDATE pending_charges SET stripe_id = NULL");
    if matches!(broke_off, BrokeOff::UntilItIsTakenBack) {
        return;
    }
    let old = pending(world)[0].clone();
    let moment = |name: &str| chrono::DateTime::from_timestamp(old["period"][name].as_i64().unwrap(), 0).unwrap();
    let charge = old["metadata"]["roster_charge"].as_str().unwrap().to_owned();
    let new = NewInvoiceItem {
        customer: old["customer"].as_str().unwrap().to_owned(),
        amount: old["amount"].as_i64().unwrap(),
        currency: "eur".to_owned(),
        description: old["description"].as_str().unwrap().to_owned(),
        from: moment("start"),
        to: moment("end"),
        metadata: [("roster_charge".to_owned(), charge.clone())].into(),
        ..NewInvoiceItem::default()
    };
    run(world.stripe().delete_invoice_item(old["id"].as_str().unwrap())).unwrap();
    let made = run(world.stripe().create_invoice_item(&new, &format!("charge-{charge}-last"))).unwrap();
    if matches!(broke_off, BrokeOff::WhenItIsNoted) {
        world.console.execute(&format!("UPDATE pending_charges SET stripe_id = '{}'", made.id));
    }
}

/// A plan that is past due for as many days, with a card that is refused.
fn past_due(world: &World, days: i64) {
    world.double.switch("after_retries", "past_due");
    world.subscribed();
    let method = world.console.text("SELECT stripe_id FROM payment_methods");
    world.double.switch(&format!("decline[{method}]"), "insufficient_funds");
    for _ in 0..days {
        world.travel(TimeDelta::days(1));
    }
}

fn held(world: &World) -> i64 {
    world.console.number("SELECT count(*) AS number FROM pending_charges WHERE held_for IS NOT NULL")
}

#[test]
fn of_a_period_that_is_on_no_invoice_that_counts_nothing_is_given_back() {
    let world = World::start();
    past_due(&world, 63);
    let newest = world.console.text("SELECT stripe_id FROM invoices ORDER BY issued_at DESC LIMIT 1");
    world.by_hand(&format!("invoices/{newest}/void"), &[]);
    world.settle();
    delete_subscription(&world);
    world.settle();
    assert_eq!(world.console.text("SELECT string_agg(status, ' ' ORDER BY issued_at) FROM invoices"), "paid failed void");
    assert_eq!(held(&world), 0, "what is owed is for a period that was used");
}

#[test]
fn of_a_period_that_is_invoiced_and_not_paid_what_is_left_is_held() {
    let world = World::start();
    past_due(&world, 63);
    delete_subscription(&world);
    world.settle();
    assert_eq!(world.console.text("SELECT string_agg(status, ' ' ORDER BY issued_at) FROM invoices"), "paid failed failed");
    assert_eq!(held(&world), 1);
}
