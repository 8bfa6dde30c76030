//! Idempotency-Key: a request that is sent again is carried out once.

use std::sync::Barrier;

use chrono::TimeDelta;
use roster::access::policy::Starter;
use serde_json::{Value, json};

use crate::harness::{Client, Console, Reply, Wanted};

fn once(client: &Client, key: &str, path: &str, body: &Value) -> Reply {
    client.send("POST", path, &[("idempotency-key", key)], Some(body))
}

#[test]
fn a_request_that_is_sent_again_is_answered_as_before() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let body = json!({ "emails": ["guest@example.com"] });
    let first = once(&client, "one", "invitations", &body);
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, None));
    let again = once(&client, "one", "invitations", &body);
    assert_eq!((again.status, &again.body, again.header("idempotent-replayed")), (200, &first.body, Some("true")));
    let without = client.post("invitations", &body);
    assert_eq!(without.json()["data"][0]["outcome"], "already_invited");
    for (path, body) in [("invitations", json!({ "emails": ["other@example.com"] })), ("access/check", body.clone())] {
        let other = once(&client, "one", path, &body);
        // What is no question at all is told first.
        let expected = if path == "invitations" { (409, "conflict".to_owned()) } else { (422, "invalid".to_owned()) };
        assert_eq!((other.status, other.problem()), expected, "{path}");
    }
    // Other keys have keys of their own.
    let (_, second) = acme.key("Second", &acme.owner, &["members.invite"]);
    let reply = once(&Client::new(&console, &second), "one", "invitations", &json!({ "emails": ["x@example.com"] }));
    assert_eq!((reply.status, reply.header("idempotent-replayed")), (200, None));
    console.travel(TimeDelta::hours(25));
    let later = once(&client, "one", "invitations", &json!({ "emails": ["later@example.com"] }));
    assert_eq!((later.status, later.header("idempotent-replayed")), (200, None), "{}", later.body);
    let kept = || console.number("SELECT count(*) AS number FROM idempotent_answers");
    assert_eq!(kept(), 1, "what is older than a day is forgotten");
    // Also where nobody asks any more; before that the upkeep does not even see it.
    let upkeep = || crate::harness::run(roster::upkeep::once(&console.db())).unwrap();
    console.travel(TimeDelta::hours(25));
    upkeep();
    assert_eq!(kept(), 1);
    acme.execute("UPDATE idempotent_answers SET created_at = now() - interval '25 hours'");
    upkeep();
    assert_eq!(kept(), 0);
}

#[test]
fn what_was_refused_is_kept_nowhere() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Viewer);
    let id = acme.member_id("bob.smith@example.com");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    once(&client, "a", &format!("members/{id}/deactivate"), &json!({}));
    acme.set_limit(1);
    let path = format!("members/{id}/activate");
    assert_eq!(once(&client, "b", &path, &json!({})).status, 409);
    acme.set_limit(5);
    let reply = once(&client, "b", &path, &json!({}));
    assert_eq!((reply.status, reply.header("idempotent-replayed")), (200, None));
}

#[test]
fn an_idempotency_key_is_of_visible_characters() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let body = json!({ "user": "a@example.com", "permission": "members.view" });
    let long = "x".repeat(256);
    for wrong in ["", "two words", long.as_str()] {
        let reply = once(&client, wrong, "access/check", &body);
        assert_eq!((reply.status, reply.problem().as_str()), (422, "invalid"), "{wrong:?}");
        assert_eq!(reply.json()["errors"][0]["field"], "Idempotency-Key");
    }
    assert_eq!(once(&client, &long[1..], "access/check", &body).status, 200);
}

#[test]
fn two_at_the_same_moment_do_it_once() {
    let mut console = Console::start();
    let node = console.another_node();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(500);
    let (_, key) = acme.key_of_everything();
    for round in 0..15 {
        let (barrier, path) = (Barrier::new(4), "invitations");
        let body = json!({ "emails": [format!("guest{round}@example.com")] });
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let ask = |number: usize| {
                let client =
                    if usize::is_multiple_of(number, 2) { Client::new(&console, &key) } else { Client::at(&console, node, &key) };
                let (barrier, body) = (&barrier, &body);
                scope.spawn(move || {
                    barrier.wait();
                    once(&client, &format!("round-{round}"), path, body)
                })
            };
            let asked: Vec<_> = (0..4).map(ask).collect();
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(replies.iter().all(|reply| reply.status == 200 && reply.body == replies[0].body), "{}", replies[0].body);
        let anew = replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none()).count();
        assert_eq!(anew, 1);
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM mails"), 15);
}

#[test]
fn a_replayed_request_costs_nothing_of_the_limit_on_invitations() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let emails: Vec<String> = (0..500).map(|number| format!("guest{number}@example.com")).collect();
    let body = json!({ "emails": emails });
    for _ in 0..6 {
        assert_eq!(once(&client, "same", "invitations", &body).status, 200);
    }
    for number in 0..3 {
        assert_eq!(once(&client, &format!("{number}"), "invitations", &body).status, 200);
    }
    let past = once(&client, "more", "invitations", &body);
    assert_eq!((past.status, past.header("ratelimit-limit")), (429, Some("2000")));
}

#[test]
fn a_verification_is_always_fresh_and_charged_once() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let (id, agent) = acme.key_as("Agent", &acme.owner, Wanted { limits: Some((10, 100)), ..Wanted::default() });
    let client = Client::new(&console, &key);
    let body = json!({ "key": agent, "cost": 4 });
    for _ in 0..3 {
        let verdict = once(&client, "one", "keys/verify", &body);
        assert_eq!(
            (verdict.status, verdict.json()["remaining"].clone()),
            (200, json!({ "minute": 6, "day": 96 })),
            "{}",
            verdict.body
        );
    }
    let other = once(&client, "one", "keys/verify", &json!({ "key": agent, "cost": 5 }));
    assert_eq!((other.status, other.problem().as_str()), (409, "conflict"));
    // Past the limit it is not charged, and so is tried again.
    let large = json!({ "key": agent, "cost": 7 });
    assert_eq!(once(&client, "two", "keys/verify", &large).json()["reason"], "limit_reached");
    console.travel(TimeDelta::seconds(61));
    assert_eq!(once(&client, "two", "keys/verify", &large).json()["remaining"], json!({ "minute": 3, "day": 89 }));
    assert_eq!(once(&client, "two", "keys/verify", &large).json()["remaining"], json!({ "minute": 3, "day": 89 }));
    assert_eq!(client.post(&format!("keys/{id}/revoke"), &json!({})).status, 200);
    assert_eq!(once(&client, "one", "keys/verify", &body).json()["reason"], "revoked", "a replay never says valid");
    // Checks of people are fresh too.
    let question = json!({ "user": acme.owner.email, "permission": "keys.view" });
    assert_eq!(once(&client, "three", "access/check", &question).json()["allowed"], true);
    acme.execute("UPDATE members SET status = 'inactive'");
    assert_eq!(once(&client, "three", "access/check", &question).json()["allowed"], false);
    let other = json!({ "user": acme.owner.email, "permission": "roles.view" });
    assert_eq!(once(&client, "three", "access/check", &other).status, 409);
}

#[test]
fn a_check_and_a_change_under_one_idempotency_key_at_the_same_moment_are_never_both_answered() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(500);
    let (_, key) = acme.key_of_everything();
    for round in 0..20 {
        let (barrier, under) = (Barrier::new(2), format!("round-{round}"));
        let question = json!({ "user": acme.owner.email, "permission": "keys.view" });
        let wanted = json!({ "emails": [format!("guest{round}@example.com")] });
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let ask = |path: &'static str, body: Value| {
                let (client, barrier, under) = (Client::new(&console, &key), &barrier, &under);
                scope.spawn(move || {
                    barrier.wait();
                    once(&client, under, path, &body).status
                })
            };
            let asked = [ask("access/check", question), ask("invitations", wanted)];
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let invited =
            console.number(&format!("SELECT count(*) AS number FROM invitations WHERE email = 'guest{round}@example.com'"));
        assert!(matches!(statuses[..], [200, 409] | [409, 200]), "{statuses:?}");
        assert_eq!(invited == 1, statuses[1] == 200);
    }
}

#[test]
fn a_key_that_revokes_itself_is_answered() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (id, key) = acme.key("Last", &acme.owner, &["keys.revoke"]);
    let client = Client::new(&console, &key);
    let path = format!("keys/{id}/revoke");
    assert_eq!(once(&client, "bye", &path, &json!({})).status, 200);
    assert_eq!(once(&client, "bye", &path, &json!({})).json()["reason"], "revoked");
}

#[test]
fn a_cost_is_charged_once_by_two_nodes_at_the_same_moment_also_for_another_organization() {
    let mut console = Console::start_with(|config| config.operator_organization = Some("apex".to_owned()));
    let node = console.another_node();
    let (apex, acme) = (console.organization("Apex", "Ada Owner"), console.organization("Acme", "Ann Owner"));
    let (_, operator) = apex.key("Backend", &apex.owner, &["keys.verify"]);
    let (_, agent) = acme.key_as("Agent", &acme.owner, Wanted { limits: Some((1_000, 1_000)), ..Wanted::default() });
    for round in 0..15 {
        let (barrier, body) = (Barrier::new(4), json!({ "key": agent, "cost": 3 }));
        std::thread::scope(|scope| {
            for number in 0..4 {
                let client = if usize::is_multiple_of(number, 2) {
                    Client::new(&console, &operator)
                } else {
                    Client::at(&console, node, &operator)
                };
                let (barrier, body) = (&barrier, &body);
                scope.spawn(move || {
                    barrier.wait();
                    let verdict = once(&client, &format!("round-{round}"), "keys/verify", body);
                    assert_eq!((verdict.status, verdict.json()["valid"].as_bool()), (200, Some(true)), "{}", verdict.body);
                });
            }
        });
    }
    assert_eq!(console.number("SELECT minute_count::bigint AS number FROM key_meters"), 45);
}
