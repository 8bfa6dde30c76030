//! What holds across nodes: limits, revocations, and when a key was used last.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use roster::access::key::{Keys, Secret};
use roster::keys::actions::{self, Shown};
use roster::keys::key::Overlap;
use serde_json::json;

use crate::harness::{Client, Console, Process, Wanted, eventually, run};

#[test]
fn past_its_limit_a_key_is_told_until_when() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, agent) = acme.key_as("Agent", &acme.owner, Wanted { limits: Some((3, 4)), ..Wanted::default() });
    let client = Client::new(&console, &agent);
    assert_eq!((0..3).map(|_| client.get("organization").status).collect::<Vec<_>>(), [200; 3]);
    let past = client.get("organization");
    assert_eq!((past.status, past.problem().as_str()), (429, "too-many-requests"));
    assert_eq!((past.header("ratelimit-limit"), past.header("ratelimit-remaining")), (Some("3"), Some("0")));
    let wait: i64 = past.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait) && past.header("ratelimit-reset") == past.header("retry-after"), "{wait}");
    console.travel(chrono::TimeDelta::seconds(wait));
    assert_eq!(client.get("organization").status, 200);
    let day = client.get("organization");
    assert_eq!((day.status, day.header("ratelimit-limit")), (429, Some("4")));
    assert!(day.header("retry-after").unwrap().parse::<i64>().unwrap() > 80_000);
    assert_eq!(client.get("members").status, 429, "never 401, and before what it lacks");
}

#[test]
fn a_limit_is_exact_when_two_nodes_are_asked_at_once() {
    let mut console = Console::start();
    let node = console.another_node();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, agent) = acme.key_as("Agent", &acme.owner, Wanted { limits: Some((50, 1_000)), ..Wanted::default() });
    let passed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let client =
                if usize::is_multiple_of(number, 2) { Client::new(&console, &agent) } else { Client::at(&console, node, &agent) };
            let passed = &passed;
            scope.spawn(move || {
                for _ in 0..20 {
                    match client.get("organization").status {
                        200 => drop(passed.fetch_add(1, Ordering::SeqCst)),
                        status => assert_eq!(status, 429),
                    }
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 50);
}

#[test]
fn a_key_that_is_revoked_on_one_node_is_refused_by_the_next_request_on_another() {
    let mut console = Console::start();
    let node = console.another_node();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, admin) = acme.key_of_everything();
    for number in 0..20 {
        let (id, text) = acme.key(&format!("Key {number}"), &acme.owner, &[]);
        let (here, there) = (Client::new(&console, &admin), Client::at(&console, node, &text));
        assert_eq!(there.get("organization").status, 200);
        assert_eq!(here.post(&format!("keys/{id}/revoke"), &json!({})).status, 200);
        assert_eq!(
            (there.get("organization").status, there.get("organization").json()["reason"].as_str()),
            (401, Some("revoked"))
        );
    }
}

#[test]
fn no_verification_is_valid_after_a_revocation_was_answered() {
    let mut console = Console::start();
    let node = console.another_node();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, admin) = acme.key_of_everything();
    let (id, text) = acme.key("Of Ann", &acme.owner, &[]);
    let (answered, barrier) = (Arc::new(AtomicBool::new(false)), Barrier::new(201));
    let (valid, late) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for number in 0..200 {
            let client =
                if usize::is_multiple_of(number, 2) { Client::new(&console, &admin) } else { Client::at(&console, node, &admin) };
            let (answered, barrier, text, valid, late) = (Arc::clone(&answered), &barrier, &text, &valid, &late);
            scope.spawn(move || {
                barrier.wait();
                for _ in 0..5 {
                    let begun_after = answered.load(Ordering::SeqCst);
                    let reply = client.post("keys/verify", &json!({ "key": text }));
                    // A busy server may put somebody off; it never says valid.
                    let is_valid = reply.status == 200 && reply.json()["valid"] == true;
                    assert!(matches!(reply.status, 200 | 503), "{}", reply.body);
                    valid.fetch_add(usize::from(is_valid), Ordering::SeqCst);
                    late.fetch_add(usize::from(is_valid && begun_after), Ordering::SeqCst);
                }
            });
        }
        barrier.wait();
        std::thread::sleep(Duration::from_millis(300));
        let client = Client::new(&console, &admin);
        while client.post(&format!("keys/{id}/revoke"), &json!({})).status != 200 {}
        answered.store(true, Ordering::SeqCst);
    });
    assert!(valid.into_inner() > 0, "some came before it");
    assert_eq!(late.into_inner(), 0);
}

#[test]
fn the_last_use_is_written_within_ten_seconds_and_costs_no_write_of_its_own() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (id, text) = acme.key("Of Ann", &acme.owner, &["members.view", "roles.view"]);
    let (backend_id, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let used = |column: &str, id: uuid::Uuid| console.text(&format!("SELECT {column}::text FROM key_uses WHERE key_id = '{id}'"));
    let begun = Instant::now();
    let (client, direct) = (Client::new(&console, &backend), Client::new(&console, &text));
    for _ in 0..20 {
        let verdict = client.post("keys/verify", &json!({ "key": text, "ability": "roles.view", "address": "203.0.113.7" }));
        assert_eq!(verdict.json()["valid"], true);
    }
    eventually("the last use is written", || used("coalesce(last_used_network, '')", id) == "203.0.113.0/24");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!((used("used_abilities", id), used("has_unused_abilities", id)), ("{roles.view}".to_owned(), "true".to_owned()));
    assert_eq!(used("used_abilities", backend_id), "{keys.verify}");
    direct.get("members");
    eventually("a use of another kind is added", || used("used_abilities", id) == "{members.view,roles.view}");
    assert_eq!(
        (used("has_unused_abilities", id), used("last_used_network", id)),
        ("false".to_owned(), "127.0.0.0/24".to_owned())
    );
    client.post("keys/verify", &json!({ "key": text, "ability": "roles.view", "address": "198.51.100.9" }));
    eventually("a use of a known kind is written", || used("last_used_network", id) == "198.51.100.0/24");
    assert_eq!(used("used_abilities", id), "{members.view,roles.view}");
    // A key that is refused is not used.
    let before = used("last_used_at", id);
    acme.as_member(&acme.owner, move |tx| actions::revoke(tx, id)).unwrap();
    direct.get("members");
    client.post("keys/verify", &json!({ "key": text }));
    std::thread::sleep(Duration::from_secs(10));
    assert_eq!(used("last_used_at", id), before);
}

#[test]
fn the_two_secrets_of_a_rotated_key_are_told_apart() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (id, old) = acme.key("Of Ann", &acme.owner, &[]);
    acme.as_member(&acme.owner, move |tx| actions::rotate(tx, id, Overlap::Day, Shown::default())).unwrap();
    assert_eq!(Client::new(&console, &old).get("organization").status, 200);
    let written =
        || console.number("SELECT count(*) AS number FROM key_uses WHERE previous_used_at IS NOT NULL AND last_used_at IS NULL");
    eventually("the use of the old secret is written", || written() == 1);
}

#[test]
fn a_use_by_who_was_looked_up_before_a_rotation_is_one_of_the_old_secret() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (id, _) = acme.key("Of Ann", &acme.owner, &[]);
    let keys = Keys::new(&console.db());
    let before = run(keys.desk.find(vec![id])).unwrap().remove(0).unwrap();
    acme.as_member(&acme.owner, move |tx| actions::rotate(tx, id, Overlap::Day, Shown::default())).unwrap();
    keys.uses.note(&before, Secret::Current, None, None);
    run(keys.uses.flush()).unwrap();
    let used = "SELECT count(*) AS number FROM key_uses WHERE previous_used_at IS NOT NULL AND last_used_at IS NULL";
    assert_eq!(console.number(used), 1);
    let after = run(keys.desk.find(vec![id])).unwrap().remove(0).unwrap();
    keys.uses.note(&after, Secret::Current, None, None);
    run(keys.uses.flush()).unwrap();
    assert_eq!(console.number(&used.replace("IS NULL", "> previous_used_at")), 1);
}

#[test]
fn the_last_use_is_written_when_the_server_stops() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, text) = acme.key("Of Ann", &acme.owner, &[]);
    let process = Process::start(&console, &[]);
    let reply = process.browser().send("GET", "/api/v1/organization", &[("authorization", &format!("Bearer {text}"))], None);
    assert_eq!(reply.status, 200);
    process.terminate();
    assert_eq!(console.number("SELECT count(*) AS number FROM key_uses WHERE last_used_at IS NOT NULL"), 1);
}
