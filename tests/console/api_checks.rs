//! What a product's backend asks: is this key valid, may this member do this. And who found a key in the open.

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::keys::actions;
use roster::keys::key::{Expiration, Overlap};
use serde_json::{Value, json};

use crate::harness::{Client, Console, Wanted, unknown_key};

/// A verdict, with the reason if the key is not valid.
fn reason(verdict: &Value) -> &str {
    assert_eq!(verdict["valid"].as_bool().unwrap(), verdict["reason"].is_null(), "{verdict}");
    verdict["reason"].as_str().unwrap_or("valid")
}

#[test]
fn a_valid_key_is_told_with_all_that_a_product_needs() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let (id, text) = acme.key_as(
        "Of Ann",
        &acme.owner,
        Wanted { abilities: &["members.view", "roles.view"], expiration: Expiration::Year, ..Wanted::default() },
    );
    let reply = Client::new(&console, &backend).post("keys/verify", &json!({ "key": text, "ability": "roles.view" }));
    assert_eq!(reply.status, 200);
    let verdict = reply.json();
    let expires_at = verdict["key"]["expires_at"].clone();
    assert!(expires_at.is_string(), "{verdict}");
    let expected = json!({
        "valid": true, "reason": null, "remaining": null, "retry_after": null,
        "organization": { "id": acme.id, "slug": "acme", "name": "Acme" },
        "key": {
            "id": id, "name": "Of Ann", "type": "standard", "abilities": ["members.view", "roles.view"],
            "owner": { "id": acme.member_id(&acme.owner.email), "name": "Ann Owner" }, "expires_at": expires_at
        }
    });
    assert_eq!(verdict, expected);
}

#[test]
fn abilities_are_told_as_far_as_the_role_allows_them() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ada = acme.member("Ada Admin", Starter::Admin);
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let (_, text) = acme.key("Of Ada", &ada, &["members.view", "activity.view"]);
    acme.execute(&format!("UPDATE members SET role_id = '{}' WHERE email = '{}'", acme.role(Starter::Viewer), ada.email));
    let client = Client::new(&console, &backend);
    let verdict = client.post("keys/verify", &json!({ "key": text })).json();
    assert_eq!(verdict["key"]["abilities"], json!(["members.view"]));
    let lacking = client.post("keys/verify", &json!({ "key": text, "ability": "activity.view" })).json();
    assert_eq!((reason(&lacking), lacking["key"]["name"].as_str()), ("ability_missing", Some("Of Ada")));
}

#[test]
fn a_key_that_is_not_valid_says_why_and_only_its_holder_learns_more() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let client = Client::new(&console, &backend);
    let verify = |key: &str| client.post("keys/verify", &json!({ "key": key })).json();
    let silent = |verdict: &Value| verdict["key"].is_null() && verdict["organization"].is_null();
    for text in ["", "nonsense", "oat_nonsense"] {
        let verdict = verify(text);
        assert!(reason(&verdict) == "malformed" && silent(&verdict), "{verdict}");
    }
    let verdict = verify(&unknown_key());
    assert!(reason(&verdict) == "unknown" && silent(&verdict), "{verdict}");
    let (id, text) = acme.key("Of Ann", &acme.owner, &[]);
    let wrong_secret = roster::secret::KeyText::generate(id).reveal();
    let verdict = verify(&wrong_secret);
    assert!(reason(&verdict) == "unknown" && silent(&verdict), "{verdict}");
    acme.as_member(&acme.owner, move |tx| actions::pause(tx, id)).unwrap();
    let verdict = verify(&text);
    assert_eq!((reason(&verdict), verdict["key"]["name"].as_str()), ("paused", Some("Of Ann")));
    assert!(silent(&verify(&wrong_secret)), "who has not the secret is not told that it is paused");
    acme.as_member(&acme.owner, move |tx| actions::revoke(tx, id)).unwrap();
    assert_eq!(reason(&verify(&text)), "revoked");
    let (_, short) = acme.key_as("Short", &acme.owner, Wanted { expiration: Expiration::Days30, ..Wanted::default() });
    assert_eq!(reason(&verify(&short)), "valid");
    console.travel(TimeDelta::days(30));
    assert_eq!(reason(&verify(&short)), "expired");
}

#[test]
fn both_secrets_of_a_rotated_key_are_valid_for_as_long_as_was_said() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let (id, old) = acme.key("Of Ann", &acme.owner, &[]);
    let (_, new) = acme
        .as_member(&acme.owner, move |tx| actions::rotate(tx, id, Overlap::Hour, roster::keys::actions::Shown::default()))
        .unwrap();
    let client = Client::new(&console, &backend);
    let verify = |key: &str| reason(&client.post("keys/verify", &json!({ "key": key })).json()).to_owned();
    assert_eq!((verify(&old).as_str(), verify(&new.reveal()).as_str()), ("valid", "valid"));
    console.travel(TimeDelta::minutes(61));
    assert_eq!((verify(&old).as_str(), verify(&new.reveal()).as_str()), ("unknown", "valid"));
}

#[test]
fn a_key_with_networks_is_judged_by_the_address_that_the_product_saw() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let (_, text) =
        acme.key_as("Office", &acme.owner, Wanted { networks: &["203.0.113.0/24", "2001:db8::/32"], ..Wanted::default() });
    let client = Client::new(&console, &backend);
    let verify = |body: &Value| reason(&client.post("keys/verify", body).json()).to_owned();
    assert_eq!(verify(&json!({ "key": text })), "address_missing");
    assert_eq!(verify(&json!({ "key": text, "address": "198.51.100.7" })), "network_not_allowed");
    for address in ["203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7"] {
        assert_eq!(verify(&json!({ "key": text, "address": address })), "valid", "{address}");
    }
}

#[test]
fn keys_of_others_are_unknown_but_to_the_operator() {
    let console = Console::start_with(|config| config.operator_organization = Some("apex".to_owned()));
    let (acme, globex, apex) = (
        console.organization("Acme", "Ann Owner"),
        console.organization("Globex", "Gus Owner"),
        console.organization("Apex", "Ada Owner"),
    );
    let (_, text) = globex.key("Of Gus", &globex.owner, &["members.view"]);
    let verify = |organization: &crate::harness::Organization<'_>| {
        let (_, backend) = organization.key("Backend", &organization.owner, &["keys.verify"]);
        Client::new(&console, &backend).post("keys/verify", &json!({ "key": text })).json()
    };
    let stranger = verify(&acme);
    assert!(reason(&stranger) == "unknown" && stranger["key"].is_null() && stranger["organization"].is_null(), "{stranger}");
    assert_eq!(verify(&globex)["valid"], true);
    let operator = verify(&apex);
    assert_eq!((reason(&operator), operator["organization"]["slug"].as_str()), ("valid", Some("globex")));
}

#[test]
fn a_cost_is_charged_only_when_all_else_is_right() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let (_, agent) =
        acme.key_as("Agent", &acme.owner, Wanted { limits: Some((10, 25)), abilities: &["members.view"], ..Wanted::default() });
    let client = Client::new(&console, &backend);
    let verify = |body: Value| client.post("keys/verify", &body).json();
    let left = |verdict: &Value| verdict["remaining"].clone();
    assert_eq!(left(&verify(json!({ "key": agent }))), json!({ "minute": 9, "day": 24 }));
    assert_eq!(left(&verify(json!({ "key": agent, "cost": 0 }))), json!({ "minute": 9, "day": 24 }));
    let lacking = verify(json!({ "key": agent, "ability": "roles.view", "cost": 9 }));
    assert!(reason(&lacking) == "ability_missing" && lacking["remaining"].is_null(), "{lacking}");
    assert_eq!(left(&verify(json!({ "key": agent, "cost": 9, "ability": "members.view" }))), json!({ "minute": 0, "day": 15 }));
    let past = verify(json!({ "key": agent }));
    assert_eq!(reason(&past), "limit_reached");
    assert!((1..=61).contains(&past["retry_after"].as_i64().unwrap()), "{past}");
    console.travel(TimeDelta::seconds(61));
    assert_eq!(left(&verify(json!({ "key": agent, "cost": 10 }))), json!({ "minute": 0, "day": 5 }));
    console.travel(TimeDelta::seconds(61));
    let day = verify(json!({ "key": agent, "cost": 6 }));
    assert!(reason(&day) == "limit_reached" && day["retry_after"].as_i64().unwrap() > 80_000, "{day}");
    assert_eq!(left(&verify(json!({ "key": agent, "cost": 5 }))), json!({ "minute": 5, "day": 0 }));
    assert_eq!(console.number("SELECT count(*) AS number FROM idempotent_answers"), 0);
}

#[test]
fn access_is_checked_with_the_reason() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Manager);
    acme.member("Ina Gone", Starter::Admin);
    acme.execute("UPDATE members SET status = 'inactive' WHERE email = 'ina.gone@example.com'");
    let (_, everything) = acme.key_of_everything();
    Client::new(&console, &everything).post("invitations", &json!({ "emails": ["guest@example.com"] }));
    let globex = console.organization("Globex", "Gus Owner");
    let client = Client::new(&console, &everything);
    let check = |user: &str, permission: &str| {
        let reply = client.post("access/check", &json!({ "user": user, "permission": permission }));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let answer = reply.json();
        (answer["allowed"].as_bool().unwrap(), answer["reason"].as_str().unwrap().to_owned())
    };
    let id = acme.member_id(&dana.email).to_string();
    for user in [id.as_str(), &dana.account_id.to_string(), "dana.smith@example.com", "Dana.Smith@EXAMPLE.com"] {
        let told = check(user, "members.invite");
        assert_eq!(told, (true, "Dana Smith is Manager, and Manager allows members.invite.".to_owned()), "{user}");
    }
    assert_eq!(check(&id, "keys.view"), (false, "Dana Smith is Manager, and Manager does not allow keys.view.".to_owned()));
    assert_eq!(check("ina.gone@example.com", "keys.view"), (false, "Ina Gone is inactive, and so may do nothing.".to_owned()));
    assert_eq!(check("guest@example.com", "keys.view"), (false, "guest@example.com has not joined yet.".to_owned()));
    let nobody = (false, "Nobody here has that id or address.".to_owned());
    let foreign = globex.member_id(&globex.owner.email).to_string();
    for user in ["nobody@example.com", "nonsense", "", &foreign, &globex.owner.account_id.to_string(), &globex.owner.email] {
        assert_eq!(check(user, "keys.view"), nobody, "{user}");
    }
    let answer = client.post("access/check", &json!({ "user": id, "permission": "keys.view" })).json();
    assert_eq!(
        answer["member"],
        json!({ "id": id, "name": "Dana Smith", "role": { "id": acme.role(Starter::Manager), "name": "Manager" } })
    );
}

#[test]
fn a_leaked_key_is_revoked_by_whoever_shows_it() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (ada, bob) = (acme.member("Ada Admin", Starter::Admin), acme.member("Bob Smith", Starter::Operator));
    let (id, text) = acme.key("Deploy", &acme.owner, &["members.view"]);
    let nobody = Client::new(&console, "");
    let report = |key: &str| nobody.post("keys/leaked", &json!({ "key": key }));
    for wrong in [text.replacen('.', "_", 1), unknown_key(), roster::secret::KeyText::generate(id).reveal()] {
        assert_eq!((report(&wrong).status, report(&wrong).problem().as_str()), (404, "not-found"));
    }
    assert_eq!(Client::new(&console, &text).get("members").status, 200);
    let told = report(&text);
    assert_eq!(
        (told.status, told.json()),
        (200, json!({ "revoked": true, "key": { "id": id, "name": "Deploy", "prefix": &text[..12] } }))
    );
    assert_eq!(report(&text).body, told.body, "also when it was revoked already");
    let subject = "The key Deploy of Acme was found in the open and is revoked";
    for admin in [&acme.owner.email, &ada.email] {
        let mails: Vec<String> = console.mails_to(admin).into_iter().map(|mail| mail.subject).collect();
        assert_eq!(mails.iter().filter(|known| *known == subject).count(), 1, "{admin}: {mails:?}");
    }
    assert!(console.mails_to(&bob.email).is_empty());
    assert_eq!(Client::new(&console, &text).get("members").json()["reason"], "revoked");
    assert_eq!(
        console.number("SELECT count(*) AS number FROM events WHERE kind = 'key_leaked' AND actor_name = 'The console'"),
        1
    );
}

#[test]
fn an_old_secret_that_still_works_is_proof_too_and_one_that_does_not_is_none() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let nobody = Client::new(&console, "");
    for (name, overlap, status) in [("One", Overlap::Day, 200), ("Two", Overlap::None, 404)] {
        let (id, old) = acme.key(name, &acme.owner, &[]);
        acme.as_member(&acme.owner, move |tx| actions::rotate(tx, id, overlap, roster::keys::actions::Shown::default())).unwrap();
        assert_eq!(nobody.post("keys/leaked", &json!({ "key": old })).status, status, "{name}");
    }
}

#[test]
fn reports_are_limited_by_network() {
    let console = Console::start();
    let nobody = Client::new(&console, "");
    let statuses: Vec<u16> = (0..301).map(|_| nobody.post("keys/leaked", &json!({ "key": unknown_key() })).status).collect();
    assert!(statuses[..300].iter().all(|status| *status == 404));
    let past = nobody.post("keys/leaked", &json!({ "key": unknown_key() }));
    assert_eq!((past.status, past.problem().as_str(), past.header("ratelimit-limit")), (429, "too-many-requests", Some("300")));
    let acme = console.organization("Acme", "Ann Owner");
    let (_, found) = acme.key("Deploy", &acme.owner, &[]);
    assert_eq!(nobody.post("keys/leaked", &json!({ "key": found })).status, 200, "a key that was really found");
}

#[test]
fn a_key_may_hold_what_the_product_offers_as_far_as_its_owners_role_does() {
    const FILE: &str = "[[groups]]\nname = 'Data'\n[[groups.permissions]]\nkey = 'data.read'\nsentence = 'Read data.'\nroles = ['operator']\n\
        [[groups.permissions]]\nkey = 'data.write'\nsentence = 'Write data.'\nroles = []\n";
    let product = std::sync::Arc::new(roster::config::ProductPermissions::parse(FILE).unwrap());
    let console = Console::start_with(|config| config.product_permissions = product);
    let acme = console.organization("Acme", "Ann Owner");
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    let browser = console.signed_in(&olaf);
    let page = browser.open(&acme.path("keys/new"));
    let page = browser.submit(&page, "Generate API key", &[("Name", "Reader"), ("Read data. data.read", "true")]);
    let text = page.value_of("API key Reader");
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let client = Client::new(&console, &backend);
    let verdict = |ability: &str| client.post("keys/verify", &json!({ "key": text, "ability": ability })).json();
    let (read, write) = (verdict("data.read"), verdict("data.write"));
    assert_eq!((&read["valid"], &read["key"]["abilities"]), (&json!(true), &json!(["data.read"])));
    assert_eq!((&write["valid"], &write["reason"]), (&json!(false), &json!("ability_missing")));
    acme.execute(&format!("UPDATE members SET role_id = '{}' WHERE email = '{}'", acme.role(Starter::Viewer), olaf.email));
    assert_eq!(verdict("data.read")["reason"], "ability_missing", "with the next request");
}
