//! Metered use beside a subscription at Stripe.

use std::sync::Arc;

use chrono::TimeDelta;
use roster::config::{Config, Plans};
use serde_json::json;

use super::World;
use crate::billing::{PLANS, change, look_after};
use crate::harness::{Browser, Client, Organization};

fn with_trials(config: &mut Config) {
    let text = PLANS.replace("sentence = \"For teams.\"", "sentence = \"For teams.\"\ntrial_days = 14");
    config.plans = Arc::new(Plans::parse(&text).unwrap());
}

/// Reports use of credits. Returns what is used in the month.
fn report(client: &Client, quantity: i64, name: &str) -> i64 {
    let reply = client.post("usage", &json!({ "item": "credits", "quantity": quantity, "idempotency_key": name }));
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["used"].as_i64().unwrap()
}

fn stop_at_included(browser: &Browser, acme: &Organization<'_>) {
    let fields = [("Spending limit of Credits a month", "0"), ("Stop when it is reached", "true")];
    let set = browser.submit(&browser.open(&acme.path("billing/usage")), "Save limit of Credits", &fields);
    assert_eq!(set.status, 200, "{}", set.text());
}

fn stopped(world: &World) -> String {
    world.console.text("SELECT array_to_string(stopped_items, ' ') FROM organizations")
}

#[test]
fn use_in_a_trial_is_summed_up_and_stopped_and_never_charged() {
    let world = World::start_with(with_trials);
    let (acme, ann) = world.with_card();
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&world.console, &key);
    change(&ann, &acme, "team", "month");
    world.settle();
    stop_at_included(&ann, &acme);
    let used = ["one", "two", "three"].map(|name| {
        world.travel(TimeDelta::minutes(5));
        assert_eq!(stopped(&world), "");
        report(&client, 400, name)
    });
    assert_eq!(used, [400, 800, 1_200]);
    look_after(&world.console);
    world.settle();
    assert_eq!(stopped(&world), "credits");
    let page = world.console.signed_in(&acme.owner).open(&acme.path("billing"));
    assert!(page.says("1,200 of 1,000 included"), "{}", page.text());
    world.travel(TimeDelta::days(14));
    look_after(&world.console);
    world.settle();
    assert_eq!((stopped(&world).as_str(), report(&client, 10, "paid")), ("", 10));
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}

#[test]
fn use_after_the_end_of_a_cancelled_plan_is_not_charged_though_the_end_is_not_known_yet() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&world.console, &key);
    report(&client, 1_200, "paid");
    ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Team", &[]);
    world.settle();
    world.double.switch("lose", "all");
    world.console.travel(TimeDelta::days(31) + TimeDelta::hours(1));
    let now = world.console.clock.now();
    world.double.switch("signature_time", &now.timestamp().to_string());
    world.double.advance((TimeDelta::days(31) + TimeDelta::hours(1)).num_seconds());
    report(&client, 20_000, "after the end");
    world.double.switch("lose", "");
    world.console.execute("UPDATE organizations SET stripe_due_at = '2020-01-01'");
    world.settle();
    look_after(&world.console);
    world.travel(TimeDelta::days(2));
    assert_eq!(world.console.text("SELECT status FROM subscriptions"), "cancelled");
    let charged = "SELECT coalesce(string_agg(amount::text, ' '), '') FROM invoice_lines WHERE description LIKE 'Credits%'";
    assert_eq!(world.console.text(charged), "100", "what was used while it was paid");
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}
