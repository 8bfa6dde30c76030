//! Events: signatures forged and stale, events replayed, duplicated, out of order and missing.

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{SECRET, World};
use crate::harness::{Reply, stalled};

/// The header of a body that was sent at a time.
fn signature(body: &str, at: i64, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

fn send(world: &World, body: &str, signature: &str) -> Reply {
    let headers = [("stripe-signature", signature), ("content-type", "application/json")];
    world.console.browser().send("POST", "/api/stripe/events", &headers, Some(body.as_bytes()))
}

fn event(id: &str, customer: &str) -> String {
    serde_json::json!({ "id": id, "object": "event", "type": "customer.updated", "created": 1_790_000_000,
        "data": { "object": { "id": customer, "object": "customer" } } })
    .to_string()
}

#[test]
fn an_event_is_believed_by_its_signature_alone() {
    let world = World::start();
    world.subscribed();
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let body = event("evt_forged", &customer);
    let now = world.console.clock.now().timestamp();
    let remembered = || world.console.number("SELECT count(*) AS number FROM stripe_events WHERE id = 'evt_forged'");
    let long = "x".repeat(2_000_000);
    for (signature, what) in [
        (signature(&body, now, "whsec_of_others"), "forged"),
        (signature(&body, now - 301, SECRET), "stale"),
        (signature(&body, now + 301, SECRET), "from the future"),
        (signature(&event("evt_forged", "cus_other"), now, SECRET), "of another body"),
        (String::new(), "missing"),
        ("t=1,v1=zz".to_owned(), "malformed"),
    ] {
        let reply = send(&world, &body, &signature);
        assert_eq!((reply.status, remembered()), (400, 0), "{what}: {}", reply.body);
    }
    assert_eq!(send(&world, &long, &signature(&long, now, SECRET)).status, 413);
    assert_eq!(send(&world, "{}", &signature("{}", now, SECRET)).status, 400, "signed, and no event");
    let nul = event("evt_\0", &customer);
    assert_eq!(send(&world, &nul, &signature(&nul, now, SECRET)).status, 400, "signed, with an id that nobody has");
    let genuine = signature(&body, now, SECRET);
    let rotated = format!("{},v1={}", signature(&body, now, "whsec_old"), genuine.split("v1=").nth(1).unwrap());
    for _ in 0..3 {
        assert_eq!(send(&world, &body, &rotated).status, 200, "one of several signatures is enough");
    }
    assert_eq!(remembered(), 1, "sent three times, it is there once");
    let other = event("evt_other", "cus_of_another_program");
    assert_eq!(send(&world, &other, &signature(&other, now, SECRET)).status, 200);
    assert_eq!(world.console.number("SELECT count(*) AS number FROM stripe_events WHERE id = 'evt_other'"), 0);
}

#[test]
fn an_event_that_stalls_is_cut_after_ten_seconds() {
    let world = World::start();
    let signature = signature("{}", world.console.clock.now().timestamp(), SECRET);
    let (status, after) = stalled(&world.console, "/api/stripe/events", &[("stripe-signature", &signature)]);
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!(after.as_secs() >= 9, "{after:?}");
}

#[test]
fn without_a_secret_there_is_no_address_for_events() {
    let world = World::start_with(|config| {
        if let Some(stripe) = &mut config.stripe {
            stripe.webhook_secret = None;
        }
    });
    let reply = send(&world, "{}", &signature("{}", world.console.clock.now().timestamp(), SECRET));
    assert_eq!(reply.status, 404);
}

#[test]
fn events_in_any_order_twice_or_late_come_to_the_same() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    world.double.switch("duplicate", "2");
    world.double.switch("reorder", "50");
    world.travel(TimeDelta::days(31) + TimeDelta::hours(2));
    world.double.control("deliver", &[]);
    world.settle();
    let state = || {
        world.console.text(
            "SELECT concat_ws(' ', o.plan, s.status, s.period_ends_at, (SELECT count(*) FROM invoices), (SELECT count(*) FROM payments))
            FROM organizations o JOIN subscriptions s ON s.organization_id = o.id",
        )
    };
    let before = state();
    assert!(before.starts_with("team active") && before.ends_with(" 2 2"), "{before}");
    let ids: Vec<String> = world.there("events?limit=100")["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    for id in &ids {
        world.double.control("replay", &[("event", id)]);
    }
    world.settle();
    assert_eq!(state(), before, "replayed events change nothing");
    let ann = world.console.signed_in(&acme.owner);
    let log = ann.open(&acme.path("activity"));
    assert_eq!(log.text().matches("renewed the plan Team").count(), 1, "{}", log.text());
}

#[test]
fn what_an_event_would_have_said_is_found_without_it() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    world.settle();
    world.double.switch("lose", "all");
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    let stripe = world.stripe();
    let ends = roster::stripe::SubscriptionChange { cancel_at_period_end: Some(true), ..Default::default() };
    crate::harness::run(stripe.change_subscription(&subscription, &ends, "by-hand")).unwrap();
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Renews on"), "nobody has told it yet: {}", page.text());
    let checked = ann.submit(&page, "Check now", &[]);
    assert!(checked.flash().starts_with("Put right: cancelled the plan Team"), "{}", checked.flash());
    assert!(checked.says("Cancelled: it ends on") && checked.says("Put right"), "{}", checked.text());
    let again = ann.submit(&checked, "Check now", &[]);
    assert_eq!(again.flash(), "Everything here is as it is at Stripe.");
    // And by itself within a day.
    let resumes = roster::stripe::SubscriptionChange { cancel_at_period_end: Some(false), ..Default::default() };
    crate::harness::run(stripe.change_subscription(&subscription, &resumes, "by-hand-again")).unwrap();
    world.travel(TimeDelta::hours(25));
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Renews on") && page.says("kept the plan Team after all"), "{}", page.text());
}

#[test]
fn what_an_event_tells_a_moment_after_a_look_was_not_put_right() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    world.settle();
    world.double.switch("hold", "true");
    world.console.travel(TimeDelta::days(31) + TimeDelta::hours(2));
    world.double.switch("signature_time", &world.console.clock.now().timestamp().to_string());
    world.double.advance((TimeDelta::days(31) + TimeDelta::hours(2)).num_seconds());
    let ann = world.console.signed_in(&acme.owner);
    let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert!(checked.says("Put right") && checked.says("renewed the plan Team"), "no event came: {}", checked.text());
    world.double.switch("hold", "false");
    world.double.control("deliver", &[]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(!page.says("Put right") && page.says("Active"), "{}", page.text());
}
