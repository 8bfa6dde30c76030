//! Events on their way: signed, in order, again after failures; lost, doubled, held, shuffled, forged by switches.

use super::checking::differences;
use super::network::Running;
use super::receiver::Receiver;
use crate::signature;
use crate::webhooks::Target;

const SECRET: &str = "whsec_test";

fn both(failures: usize) -> (Running, Receiver) {
    let receiver = Receiver::start(failures);
    let target = Target { url: receiver.url.clone(), secret: SECRET.to_owned() };
    (Running::start(Some(target)), receiver)
}

fn settle(double: &Running) {
    assert_eq!(double.json("_double/settle", "")["settled"], true);
}

fn customers(double: &Running, count: usize) {
    for _ in 0..count {
        double.json("v1/customers", "");
    }
}

fn time_of(signature: &str) -> i64 {
    signature.split(',').next().unwrap().trim_start_matches("t=").parse().unwrap()
}

#[test]
fn events_are_signed_and_in_order() {
    let (double, receiver) = both(0);
    customers(&double, 5);
    settle(&double);
    assert_eq!(receiver.ids(), ["evt_1", "evt_2", "evt_3", "evt_4", "evt_5"]);
    for event in receiver.all() {
        let time = time_of(&event.signature);
        assert_eq!(event.signature, signature::header(time, &event.body, &[SECRET]));
        let now = chrono::Utc::now().timestamp();
        assert!((now - time).abs() < 60, "signed by the wall clock");
        let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
        assert_eq!(differences(&body), Vec::<String>::new());
        assert_eq!((body["pending_webhooks"].as_i64(), body["request"]["id"].as_str().is_some()), (Some(1), true));
    }
}

#[test]
fn failed_deliveries_come_again() {
    let (double, receiver) = both(2);
    customers(&double, 2);
    settle(&double);
    assert_eq!(receiver.ids(), ["evt_1", "evt_1", "evt_1", "evt_2"]);
    let state = double.read("_double/state");
    let log = state["webhooks"]["deliveries"].as_array().unwrap();
    let statuses: Vec<i64> = log.iter().map(|entry| entry["status"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [500, 500, 200, 200]);
}

#[test]
fn given_up_after_the_last_try() {
    let (double, receiver) = both(2);
    double.json("_double/switches", "webhook_retries=1&webhook_retry_ms=1");
    customers(&double, 2);
    settle(&double);
    assert_eq!(receiver.ids(), ["evt_1", "evt_1", "evt_2"]);
}

#[test]
fn events_get_lost_doubled_and_replayed() {
    let (double, receiver) = both(0);
    double.json("_double/switches", "lose=customer.updated,product.*");
    customers(&double, 1);
    double.json("v1/customers/cus_1", "name=B");
    double.json("v1/products", "name=P");
    double.json("_double/switches", "lose=&duplicate=3");
    customers(&double, 1);
    double.json("_double/switches", "duplicate=1");
    double.json("_double/replay", "event=evt_1");
    settle(&double);
    assert_eq!(receiver.ids(), ["evt_1", "evt_4", "evt_4", "evt_4", "evt_1"]);
    assert_eq!(double.read("v1/events")["data"].as_array().unwrap().len(), 4, "what is lost is still to be asked for");
}

#[test]
fn events_are_held_and_reordered() {
    let (double, receiver) = both(0);
    double.json("_double/switches", "hold=true");
    customers(&double, 2);
    settle(&double);
    assert!(receiver.ids().is_empty());
    assert_eq!(double.json("_double/deliver", "")["released"], 2);
    double.json("_double/switches", "hold=false&reorder=3");
    customers(&double, 4);
    settle(&double);
    assert_eq!(receiver.ids(), ["evt_1", "evt_2", "evt_5", "evt_4", "evt_3"]);
    double.json("_double/switches", "reorder=0");
    settle(&double);
    assert_eq!(receiver.ids().last().unwrap(), "evt_6", "turning it off lets the rest go");
    double.json("_double/switches", "hold=true&reorder=9&seed=7");
    customers(&double, 9);
    double.json("_double/deliver", "");
    settle(&double);
    let mut shuffled = receiver.ids().split_off(6);
    assert_ne!(shuffled, (7..16).map(|number| format!("evt_{number}")).collect::<Vec<_>>());
    shuffled.sort_by_key(|id| id.trim_start_matches("evt_").parse::<u32>().unwrap());
    assert_eq!(shuffled, (7..16).map(|number| format!("evt_{number}")).collect::<Vec<_>>());
}

#[test]
fn signatures_rotate_and_are_forged() {
    let (double, receiver) = both(0);
    double.json("_double/switches", "second_secret=whsec_next");
    customers(&double, 1);
    settle(&double);
    double.json("_double/switches", "second_secret=&wrong_secret=whsec_evil&signature_time=1000");
    customers(&double, 1);
    settle(&double);
    let events = receiver.all();
    let rotated = signature::header(time_of(&events[0].signature), &events[0].body, &["whsec_next", SECRET]);
    assert_eq!(events[0].signature, rotated);
    assert_eq!(events[1].signature, signature::header(1000, &events[1].body, &["whsec_evil"]));
}
