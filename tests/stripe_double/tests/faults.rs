//! Idempotency, and the switches that break answers.

use super::harness::*;
use crate::double::{Reply, Request};

fn with_key(path: &str, body: &str, key: &str) -> Request {
    Request { key: Some(key.to_owned()), ..request("POST", path, "", body) }
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
}

#[test]
fn the_same_key_gives_the_same_answer() {
    let mut api = Api::new();
    let first = api.send(&with_key("customers", "name=A&email=a@b.c", "k1"));
    let again = api.send(&with_key("customers", "email=a@b.c&name=A", "k1"));
    assert_eq!((first.status, &first.body), (200, &again.body));
    assert_eq!((header(&first, "Idempotent-Replayed"), header(&again, "Idempotent-Replayed")), (None, Some("true")));
    assert_eq!(header(&again, "Original-Request"), header(&first, "Request-Id"));
    assert_ne!(header(&again, "Request-Id"), header(&first, "Request-Id"));
    assert_eq!(api.double.world.all("customer").len(), 1);
    for other in [with_key("customers", "name=B", "k1"), with_key("products", "name=A&email=a@b.c", "k1")] {
        let reply = api.send(&other);
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("\"idempotency_error\""), "{}", reply.body);
    }
    api.advance(DAY);
    assert_eq!(header(&api.send(&with_key("customers", "name=B", "k1")), "Idempotent-Replayed"), None, "keys live for a day");
}

#[test]
fn only_executed_requests_are_kept() {
    let mut api = Api::new();
    assert_eq!(api.send(&with_key("customers", "nme=A", "k")).status, 400);
    assert_eq!(api.send(&with_key("customers", "name=A", "k")).status, 200, "a refused parameter keeps nothing");
    let customer = api.customer("");
    let attach = with_key("payment_methods/pm_card_chargeDeclined/attach", &format!("customer={customer}"), "declined");
    assert_eq!(api.send(&attach).status, 402);
    let again = api.send(&attach);
    assert_eq!((again.status, header(&again, "Idempotent-Replayed")), (402, Some("true")), "a declined card is kept");
}

#[test]
fn failures_before_execution_change_nothing() {
    let mut api = Api::new();
    for (switch, status) in [("rate_limited=1", 429), ("conflict=1", 409)] {
        api.control("switches", switch);
        assert_eq!(api.send(&with_key("customers", "name=A", switch)).status, status);
        assert!(api.double.world.all("customer").is_empty() || status == 409);
        assert_eq!(api.send(&with_key("customers", "name=A", switch)).status, 200, "{switch}");
    }
    api.control("switches", "unavailable=true");
    assert_eq!(api.send(&with_key("customers", "name=A", "later")).status, 503);
    assert_eq!(api.ask("GET", "customers", "").0, 503);
    api.control("switches", "unavailable=false");
    assert_eq!(header(&api.send(&with_key("customers", "name=A", "later")), "Idempotent-Replayed"), None);
}

#[test]
fn failures_after_execution_are_what_keys_are_for() {
    let mut api = Api::new();
    for failure in ["drop", "500"] {
        api.control("switches", &format!("fail_after_execution=1&failure={failure}"));
        let before = api.double.world.all("customer").len();
        let reply = api.send(&with_key("customers", "name=A", failure));
        assert!(reply.broken || reply.status == 500);
        let again = api.send(&with_key("customers", "name=A", failure));
        assert_eq!((again.status, again.broken, header(&again, "Idempotent-Replayed")), (200, false, Some("true")));
        assert_eq!(api.double.world.all("customer").len(), before + 1);
    }
}

#[test]
fn the_log_tells_what_a_client_did() {
    let mut api = Api::new();
    api.send(&with_key("customers", "name=A", "k"));
    api.send(&with_key("customers", "name=A", "k"));
    let state = crate::control::answer(&mut api.double, "GET", "state", &crate::params::Params::default()).unwrap();
    let log = state["requests"].as_array().unwrap();
    assert_eq!(
        (log[1]["path"].as_str(), log[1]["idempotency_key"].as_str(), log[1]["replayed"].as_bool()),
        (Some("/v1/customers"), Some("k"), Some(true))
    );
    assert_eq!(
        (state["counts"]["customer"].as_i64(), state["now"].as_i64(), state["saved_keys"].as_i64()),
        (Some(1), Some(START), Some(1))
    );
}

#[test]
fn a_reset_forgets_and_can_keep_counting() {
    let mut api = Api::new();
    api.post("customers", "");
    api.control("switches", "unavailable=true");
    api.control("reset", "ids=keep");
    assert_eq!(api.get("customers")["data"].as_array().unwrap().len(), 0);
    assert_eq!(id(&api.post("customers", "")), "cus_2");
    api.control("reset", &format!("now={}", START - 5));
    assert_eq!((id(&api.post("customers", "")), api.double.world.now), ("cus_1".to_owned(), START - 5));
}

#[test]
fn wrong_switches_are_refused() {
    let mut api = Api::new();
    for wrong in ["delay=1", "delay_ms=x", "after_retries=never", "hold=1"] {
        let answer = crate::control::answer(&mut api.double, "POST", "switches", &crate::params::Params::parse(wrong));
        assert_eq!(answer.unwrap_err().0, 400, "{wrong}");
    }
    let json =
        serde_json::json!({ "retry_days": [1, 2], "lose": ["invoice.paid"], "delay_ms": 5, "second_secret": null, "hold": true });
    let set = crate::control::answer(&mut api.double, "POST", "switches", &crate::params::Params::from_json(&json)).unwrap();
    assert_eq!(
        (set["retry_days"].to_string(), set["delay_ms"].as_i64(), set["hold"].as_bool()),
        ("[1,2]".to_owned(), Some(5), Some(true))
    );
}
