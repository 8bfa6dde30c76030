//! How the API takes requests: exactly, page by page, and with problems that are told in full.

use std::time::{Duration, Instant};

use roster::access::policy::{Permission, Starter};
use roster::keys::key::{Expiration, Overlap};
use serde_json::{Value, json};

use crate::harness::{Client, Console, Wanted, stalled, unknown_key};

#[test]
fn a_key_that_lets_nobody_in_says_why() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let told = |key: &str| {
        let reply = Client::new(&console, key).get("organization");
        assert_eq!((reply.status, reply.problem().as_str()), (401, "unauthorized"));
        (reply.json()["reason"].as_str().unwrap().to_owned(), reply.header("www-authenticate").unwrap().to_owned())
    };
    assert_eq!(told(""), ("missing".to_owned(), "Bearer realm=\"api\"".to_owned()));
    assert_eq!(told("oat_nonsense").0, "malformed");
    let unknown = told(&unknown_key());
    assert_eq!(unknown.1, "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"unknown\"");
    let (paused, text) = acme.key("Paused", &acme.owner, &[]);
    acme.as_member(&acme.owner, move |tx| roster::keys::actions::pause(tx, paused)).unwrap();
    assert_eq!(told(&text).0, "paused");
    acme.as_member(&acme.owner, move |tx| roster::keys::actions::resume(tx, paused)).unwrap();
    assert_eq!(Client::new(&console, &text).get("organization").status, 200);
    let (rotated, old) = acme.key("Rotated", &acme.owner, &[]);
    acme.as_member(&acme.owner, move |tx| {
        roster::keys::actions::rotate(tx, rotated, Overlap::None, roster::keys::actions::Shown::default())
    })
    .unwrap();
    assert_eq!(told(&old).0, "unknown", "a secret that was replaced is nobody's");
    let (_, expiring) = acme.key_as("Short", &acme.owner, Wanted { expiration: Expiration::Days30, ..Wanted::default() });
    console.travel(chrono::TimeDelta::days(31));
    assert_eq!(told(&expiring).0, "expired");
    let (revoked, text) = acme.key("Revoked", &acme.owner, &[]);
    acme.as_member(&acme.owner, move |tx| roster::keys::actions::revoke(tx, revoked)).unwrap();
    assert_eq!(told(&text).0, "revoked");
    let wrong_scheme = Client::new(&console, "").send("GET", "organization", &[("authorization", "Basic YTpi")], None);
    assert_eq!(wrong_scheme.json()["reason"], "missing");
    let small = Client::new(&console, "").send("GET", "organization", &[("authorization", &format!("bearer {old}"))], None);
    assert_eq!(small.json()["reason"], "unknown");
}

#[test]
fn a_malformed_key_is_refused_without_the_database() {
    let console = Console::start_with(|config| config.pool_size = 2);
    let (_, key) = {
        let acme = console.organization("Acme", "Ann Owner");
        acme.key("Deploy", &acme.owner, &[])
    };
    // Nobody gets a connection any more: whoever asks the database is told that it is away.
    console.database.superuser();
    let name = console.text("SELECT current_database()::text");
    let mut postgres = crate::harness::superuser("postgres");
    let close = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    diesel::connection::SimpleConnection::batch_execute(&mut postgres, &close).unwrap();
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    diesel::connection::SimpleConnection::batch_execute(&mut postgres, &end).unwrap();
    let begun = Instant::now();
    let malformed = Client::new(&console, &key.replacen('.', "_", 1)).get("organization");
    assert_eq!((malformed.status, malformed.json()["reason"].as_str()), (401, Some("malformed")));
    let verify = Client::new(&console, &format!("{key}x")).post("keys/verify", &json!({ "key": key }));
    assert_eq!((verify.status, verify.json()["reason"].as_str()), (401, Some("malformed")));
    assert!(begun.elapsed() < Duration::from_secs(1));
    let away = Client::new(&console, &key).get("organization");
    assert_eq!((away.status, away.problem().as_str()), (503, "unavailable"));
    assert_eq!(away.header("retry-after"), Some("5"));
    let open = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
    diesel::connection::SimpleConnection::batch_execute(&mut postgres, &open).unwrap();
}

#[test]
fn networks_of_a_key_hold() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, here) = acme.key_as("Here", &acme.owner, Wanted { networks: &["127.0.0.0/8"], ..Wanted::default() });
    let (_, there) =
        acme.key_as("There", &acme.owner, Wanted { networks: &["10.0.0.0/8", "2001:db8::/32"], ..Wanted::default() });
    assert_eq!(Client::new(&console, &here).get("organization").status, 200);
    let refused = Client::new(&console, &there).get("organization");
    assert_eq!((refused.status, refused.problem().as_str()), (403, "elsewhere-only"));
}

#[test]
fn cookies_open_nothing_and_no_origin_is_asked_for() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let browser = console.signed_in(&acme.owner);
    let reply = browser.get("/api/v1/organization");
    assert_eq!((reply.status, reply.header("set-cookie")), (401, None));
    let (_, key) = acme.key_of_everything();
    let headers = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let body = json!({ "user": "a@example.com", "permission": "members.view" });
    assert_eq!(Client::new(&console, &key).send("POST", "access/check", &headers, Some(&body)).status, 200);
}

#[test]
fn what_is_not_there_and_what_does_not_work_that_way_are_problems_too() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    for path in ["/api/", "/api/v1", "/api/v1/nothing", "/api/v2/members", "/api/v1/members/"] {
        let reply = client.get(path);
        assert_eq!((reply.status, reply.problem().as_str()), (404, "not-found"), "{path}");
    }
    let wrong =
        [("DELETE", "members", "GET"), ("GET", "keys/verify", "POST"), ("PUT", "organization", "GET"), ("POST", "keys", "GET")];
    for (method, path, allowed) in wrong {
        let reply = client.send(method, path, &[], None);
        assert_eq!((reply.status, reply.problem().as_str()), (405, "method-not-allowed"), "{method} {path}");
        assert!(reply.header("allow").unwrap_or_default().contains(allowed), "{method} {path}: {:?}", reply.header("allow"));
    }
}

fn wrong_fields(reply: &crate::harness::Reply) -> Vec<String> {
    assert_eq!((reply.status, reply.problem().as_str()), (422, "invalid"), "{}", reply.body);
    let errors = reply.json()["errors"].clone();
    errors.as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn bodies_are_exact() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let many: Vec<String> = (0..501).map(|number| format!("p{number}@example.com")).collect();
    let wrong: [(&str, Value, &[&str]); 12] = [
        ("keys/verify", json!({}), &["key"]),
        ("keys/verify", json!({ "key": "a", "colour": "red" }), &["colour"]),
        ("keys/verify", json!({ "key": 5 }), &["key"]),
        ("keys/verify", json!({ "key": "a", "cost": -1 }), &["cost"]),
        ("keys/verify", json!({ "key": "a", "cost": 1_000_001 }), &["cost"]),
        ("keys/verify", json!({ "key": "a", "ability": "no.such" }), &["ability"]),
        ("keys/verify", json!({ "key": "a", "address": "here" }), &["address"]),
        ("access/check", json!({ "user": "a@example.com", "permission": "no.such" }), &["permission"]),
        ("invitations", json!({ "emails": [] }), &["emails"]),
        ("invitations", json!({ "emails": many }), &["emails"]),
        ("invitations", json!({ "emails": ["a@example.com", 7] }), &["emails[1]"]),
        (
            "invitations",
            json!({ "emails": ["a@example.com", "b@example.com"], "name": "A", "message": "x".repeat(1_001) }),
            &["name", "message"],
        ),
    ];
    for (path, body, fields) in wrong {
        assert_eq!(wrong_fields(&client.post(path, &body)), fields, "{path} {body}");
    }
    assert_eq!(
        wrong_fields(&client.post(&format!("members/{}/activate", acme.member_id(&acme.owner.email)), &json!({ "a": 1 }))),
        ["a"]
    );
    let texts = [
        ("not json", "application/json"),
        ("[1]", "application/json"),
        ("{\"key\": \"a\"}", "text/plain"),
        ("", "application/json"),
    ];
    for (text, content_type) in texts {
        let reply = client.send_text("POST", "keys/verify", &[("content-type", content_type)], Some(text));
        assert_eq!((reply.status, reply.problem().as_str()), (400, "bad-request"), "{text} {content_type}");
        assert!(!reply.body.contains("expected") && !reply.body.contains("line 1"), "{}", reply.body);
    }
    assert_eq!(wrong_fields(&client.post("keys/verify", &json!({ "key": "a\0" }))), ["body"]);
    let large = client.send_text("POST", "keys/verify", &[], Some(&format!("{{\"key\": \"{}\"}}", "x".repeat(600_000))));
    assert_eq!((large.status, large.problem().as_str()), (413, "too-large"));
    assert_eq!(wrong_fields(&client.post("keys/verify?x=1", &json!({ "key": "a" }))), ["x"]);
}

#[test]
fn a_body_never_answers_before_the_key() {
    let console = Console::start();
    for (path, body) in [("keys/verify", "not json"), ("invitations", "{\"a\": 1}"), ("access/check", "[]")] {
        let reply = Client::new(&console, &unknown_key()).send_text("POST", path, &[], Some(body));
        assert_eq!(reply.status, 401, "{path}");
    }
}

#[test]
fn a_stalled_body_is_cut_after_ten_seconds() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let authorization = format!("Bearer {key}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let (status, after) = stalled(&console, "/api/v1/keys/verify", &headers);
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!((9..13).contains(&after.as_secs()), "{after:?}");
}

#[test]
fn addresses_are_exact() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let foreign = client.get("members?limit=1").json()["next_cursor"].clone();
    assert!(foreign.is_null());
    for (path, field) in [
        ("members?colour=red", "colour"),
        ("members?limit=0", "limit"),
        ("members?limit=201", "limit"),
        ("members?limit=many", "limit"),
        ("members?limit=5&limit=6", "limit"),
        ("members?status=asleep", "status"),
        ("members?role=1", "role"),
        ("members?search=%00", "search"),
        ("members?search=", "search"),
        ("invitations?status=all", "status"),
        ("keys?type=human", "type"),
        ("keys?status=gone", "status"),
        ("activity?kind=earthquake", "kind"),
        ("organization?x=1", "x"),
    ] {
        assert_eq!(wrong_fields(&client.get(path)), [field], "{path}");
    }
}

/// All rows of a list by its cursors, page after page, and back again by its links.
fn walked(client: &Client, path: &str, size: usize) -> Vec<Value> {
    let (mut rows, mut address) = (Vec::new(), format!("{path}?limit={size}"));
    let link = |reply: &crate::harness::Reply, name: &str| -> Option<String> {
        let links = reply.header("link")?.to_owned();
        let found = links.split(", ").find(|link| link.ends_with(&format!("rel=\"{name}\"")))?.to_owned();
        Some(found.split(['<', '>']).nth(1).unwrap().to_owned())
    };
    let mut pages = Vec::new();
    loop {
        let reply = client.get(&address);
        let page = reply.json();
        let data = page["data"].as_array().unwrap().clone();
        assert!(data.len() <= size);
        pages.push(data.clone());
        rows.extend(data);
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert!(link(&reply, "next").is_none());
            // And back.
            let mut reply = reply;
            for expected in pages.iter().rev().skip(1) {
                reply = client.get(&link(&reply, "prev").unwrap());
                assert_eq!(reply.json()["data"].as_array().unwrap(), expected);
            }
            assert!(link(&reply, "prev").is_none(), "{:?}", reply.header("link"));
            return rows;
        };
        assert_eq!(link(&reply, "next").unwrap(), format!("/api/v1/{path}?limit={size}&cursor={cursor}"));
        address = format!("{path}?limit={size}&cursor={cursor}");
    }
}

#[test]
fn every_list_is_walked_page_by_page_without_gaps_and_back() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(500);
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let emails: Vec<String> = (0..119).map(|number| format!("guest{number:03}@example.com")).collect();
    assert_eq!(client.post("invitations", &json!({ "emails": emails })).status, 200);
    for number in 0..6 {
        acme.key(&format!("Key {number}"), &acme.owner, &[]);
    }
    for (path, count) in [("members", 120), ("invitations", 119), ("roles", 9), ("keys", 7), ("activity", 127)] {
        for size in [3, 50, 60, 200] {
            let rows = walked(&client, path, size);
            let ids: std::collections::BTreeSet<String> = rows.iter().map(|row| row["id"].to_string()).collect();
            assert_eq!((rows.len(), ids.len()), (count, count), "{path} by {size}");
        }
    }
    assert_eq!(client.get("members").json()["data"].as_array().unwrap().len(), 50);
    let keys = client.get("keys?limit=2").json()["next_cursor"].as_str().unwrap().to_owned();
    for cursor in [keys.as_str(), "nonsense"] {
        let reply = client.get(&format!("members?cursor={cursor}"));
        assert_eq!((reply.status, reply.problem().as_str()), (404, "not-found"), "no page of this list answered {cursor}");
    }
}

#[test]
fn the_list_of_roles_goes_on_after_a_role_that_was_deleted_meanwhile() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let names = |path: &str| -> Vec<String> {
        let data = client.get(path).json()["data"].clone();
        data.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = names("roles");
    let first = client.get("roles?limit=3").json();
    let (cursor, last) = (first["next_cursor"].as_str().unwrap(), first["data"][2]["id"].as_str().unwrap());
    acme.execute("UPDATE organizations SET default_role_id = (SELECT id FROM roles WHERE starter = 'viewer')");
    acme.execute(&format!("UPDATE roles SET deleted_at = now() WHERE id = '{last}'"));
    assert_eq!(names(&format!("roles?cursor={cursor}")), all[3..]);
    let back = client.get(&format!("roles?limit=2&cursor={cursor}"));
    let link = back.header("link").unwrap().split(", ").find(|link| link.ends_with("rel=\"prev\"")).unwrap().to_owned();
    let previous = link.split_once("/api/v1/").unwrap().1.split_once('>').unwrap().0.to_owned();
    assert_eq!(names(&previous), all[..2]);
}

#[test]
fn a_key_neither_makes_somebody_an_owner_nor_takes_that_from_them() {
    // Owners hold what there will ever be; a key holds what was ticked.
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Owner);
    let eve = acme.member("Eve Admin", Starter::Admin);
    let (_, key) = acme.key("All", &acme.owner, &Permission::ALL.map(Permission::key));
    let client = Client::new(&console, &key);
    for (person, role, words) in [
        (&eve, Starter::Owner, "cannot get the role Owner from you"),
        (&bob, Starter::Admin, "all that there will ever be, which only an Owner holds"),
    ] {
        let reply = client.post(&format!("members/{}/role", acme.member_id(&person.email)), &json!({ "role": acme.role(role) }));
        assert_eq!(reply.status, 409, "{}", reply.body);
        assert!(reply.json()["detail"].as_str().unwrap().contains(words), "{}", reply.body);
    }
}

#[test]
fn a_key_outlives_the_member_who_made_it() {
    // A key of a member who is gone goes on, with nobody to answer for it.
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Admin);
    let (id, text) = acme.key("Of Bob", &bob, &["members.view"]);
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    assert_eq!(client.send("DELETE", &format!("members/{}", acme.member_id(&bob.email)), &[], None).status, 204);
    assert_eq!(client.get(&format!("keys/{id}")).json()["owner"], json!({ "id": null, "name": "Bob Smith" }));
    assert_eq!(Client::new(&console, &text).get("members").status, 200);
}
