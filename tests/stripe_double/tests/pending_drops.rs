//! Changes that wait for their payment and do not get it, and random ones: what is applied is what an ordinary update makes, what is
//! dropped leaves nothing.

use super::harness::*;
use super::pending_updates::{HOUR, Scene, state};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

#[test]
fn time_runs_out() {
    let mut scene = Scene::new("");
    scene.api.post(&format!("customers/{}", scene.customer), "balance=-300");
    scene.decline("insufficient_funds");
    let waiting = scene.seats(5);
    assert_eq!(waiting["latest_invoice"]["starting_balance"], -300);
    scene.api.advance(23 * HOUR);
    assert_eq!(state(&scene.now()), (2, "active", false, "void"));
    assert_eq!(scene.api.get(&format!("customers/{}", scene.customer))["balance"], -300, "the credit is not lost");
    assert_eq!((scene.happened("pending_update_expired"), scene.happened("pending_update_applied")), (1, 0));
    scene.decline("");
    scene.api.advance(21 * DAY);
    let renewed = scene.now();
    assert_eq!((amounts(&renewed["latest_invoice"]), state(&renewed).1), (vec![2000], "active"), "prorations are gone too");
}

#[test]
fn the_period_ends_sooner() {
    let mut scene = Scene::new("");
    scene.api.advance(21 * DAY - 20 * HOUR);
    scene.decline("insufficient_funds");
    let waiting = scene.seats(5);
    assert_eq!(waiting["pending_update"]["expires_at"], waiting["items"]["data"][0]["current_period_end"]);
    scene.api.advance(20 * HOUR);
    let renewed = scene.now();
    assert_eq!((state(&renewed), amounts(&renewed["latest_invoice"])), ((2, "active", false, "draft"), vec![2000]));
    assert_eq!(scene.api.get(&format!("invoices/{}", id(&waiting["latest_invoice"])))["status"], "void");
}

#[test]
fn voiding_and_ending_drop_it() {
    let mut scene = Scene::new("");
    scene.decline("insufficient_funds");
    let first = id(&scene.seats(5)["latest_invoice"]);
    scene.api.post(&format!("invoices/{first}/void"), "");
    assert_eq!(state(&scene.now()), (2, "active", false, "void"));
    assert_eq!(scene.happened("pending_update_expired"), 1);
    let second = id(&scene.seats(6)["latest_invoice"]);
    let path = scene.path();
    let ended = scene.api.delete(&path, "");
    assert!(ended["pending_update"].is_null());
    assert_eq!(scene.api.get(&format!("invoices/{second}"))["status"], "void");
    scene.api.advance(3 * DAY);
    assert_eq!(scene.happened("pending_update_expired"), 2);
}

#[test]
fn a_later_change_takes_its_place() {
    let mut scene = Scene::new("");
    scene.decline("insufficient_funds");
    let first = scene.seats(5);
    scene.api.advance(HOUR);
    scene.api.post(&scene.path(), "metadata[note]=kept");
    let second = scene.seats(7);
    assert_eq!(second["pending_update"]["expires_at"], json!(START + 10 * DAY + 24 * HOUR));
    let old = scene.api.get(&format!("invoices/{}", id(&first["latest_invoice"])));
    assert_eq!((old["status"].as_str(), state(&second)), (Some("void"), (2, "active", true, "open")));
    assert_eq!(scene.api.refused(&format!("invoices/{}/pay", id(&old)), "").0, 400);
    scene.decline("");
    scene.api.post(&format!("invoices/{}/pay", id(&second["latest_invoice"])), "");
    let after = scene.now();
    assert_eq!((state(&after), after["metadata"]["note"].as_str()), ((7, "active", false, "paid"), Some("kept")));
    scene.decline("insufficient_funds");
    scene.seats(9);
    let item = scene.item.clone();
    scene.api.post(&scene.path(), &format!("items[0][id]={item}&items[0][quantity]=8"));
    assert_eq!(state(&scene.now()), (8, "active", false, "void"), "so does a change that does not wait");
}

#[test]
fn a_next_phase_drops_it() {
    let mut scene = Scene::new("");
    let sent = format!("from_subscription={}", scene.subscription);
    let schedule = id(&scene.api.post("subscription_schedules", &sent));
    let change = START + 10 * DAY + 2 * HOUR;
    let phases = format!(
        "phases[0][start_date]={START}&phases[0][end_date]={change}&phases[0][items][0][price]=price_1&phases[0][items][0][quantity]=2\
        &phases[1][items][0][price]=price_1&phases[1][items][0][quantity]=4&phases[1][proration_behavior]=none"
    );
    scene.api.post(&format!("subscription_schedules/{schedule}"), &phases);
    scene.decline("insufficient_funds");
    assert_eq!(state(&scene.seats(9)), (2, "active", true, "open"));
    scene.api.advance(2 * HOUR);
    assert_eq!((state(&scene.now()), scene.happened("pending_update_expired")), ((4, "active", false, "void"), 1));
}

/// What a change makes of a subscription, and what of it stays if the change is dropped.
fn facts(subscription: &Value) -> Value {
    let names = ["items", "status", "billing_cycle_anchor", "trial_start", "trial_end", "cancel_at", "cancel_at_period_end"];
    names.iter().map(|name| subscription[*name].clone()).collect()
}

fn random_change(scene: &Scene, random: &mut StdRng, yearly: &str) -> String {
    let (item, quantity) = (&scene.item, random.random_range(1..20));
    match random.random_range(0..5) {
        0 => "billing_cycle_anchor=now".to_owned(),
        1 => format!("items[0][id]={item}&items[0][price]={yearly}"),
        2 => "trial_end=now".to_owned(),
        3 => format!("items[0][id]={item}&items[0][price]=price_1&items[0][quantity]={quantity}"),
        _ => format!("items[0][id]={item}&items[0][quantity]={quantity}&proration_behavior=always_invoice"),
    }
}

#[test]
fn random_changes_happen_whole_or_not_at_all() {
    let (mut applied, mut dropped) = (0, 0);
    for seed in 0..60 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut scene = Scene::new(["", "&trial_period_days=25", "&cancel_at_period_end=true"][random.random_range(0..3)]);
        let yearly = scene.api.price_each("Team yearly", 9000, "year");
        scene.api.advance(random.random_range(0..20 * DAY));
        let before = scene.now();
        let change = random_change(&scene, &mut random, &yearly);
        let kept = scene.api.double.world.clone();
        let path = scene.path();
        let ordinary = scene.api.post(&path, &change);
        scene.api.double.world = kept;
        scene.decline(["", "insufficient_funds", "authentication_required"][random.random_range(0..3)]);
        let asked = scene.change(&change);
        if asked["pending_update"].is_null() {
            assert_eq!(facts(&asked), facts(&ordinary), "{change}");
            continue;
        }
        assert_eq!(facts(&asked), facts(&before), "{change}");
        let wait = random.random_range(0..46 * HOUR);
        scene.api.advance(wait);
        let end = asked["pending_update"]["expires_at"].as_i64().unwrap();
        let expired = scene.api.double.world.now >= end;
        assert_eq!(scene.now()["pending_update"].is_null(), expired, "{change}");
        if expired {
            dropped += 1;
            let renewed = end == before["items"]["data"][0]["current_period_end"].as_i64().unwrap();
            assert!(renewed || facts(&scene.now()) == facts(&before), "{change}");
            continue;
        }
        scene.decline("");
        scene.api.post(&format!("invoices/{}/pay", id(&asked["latest_invoice"])), "");
        assert_eq!(facts(&scene.now()), facts(&ordinary), "{change}");
        applied += 1;
    }
    assert!(applied > 5 && dropped > 5, "{applied} {dropped}");
}
