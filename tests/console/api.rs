//! What the API does for programs: the same as the pages, by the same actions.

use roster::access::policy::Starter;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Client, Console, Organization, PASSWORD, Person};
use crate::roles::role_of;

#[test]
fn the_organization_of_the_key_tells_its_slots() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Viewer);
    let (_, key) = acme.key("Deploy", &acme.owner, &[]);
    let told = Client::new(&console, &key).get("organization").json();
    let expected = json!({
        "id": acme.id, "slug": "acme", "name": "Acme",
        "member_slots": { "limit": 10, "used": 2, "free": 8 },
        "members": { "active": 2, "inactive": 0, "invited": 0 }
    });
    assert_eq!(told, expected);
}

#[test]
fn members_are_found_by_status_role_and_words() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    for (name, role) in [("Bob Smith", Starter::Viewer), ("Cleo Smith", Starter::Manager), ("Dana Lee", Starter::Viewer)] {
        acme.member(name, role);
    }
    acme.execute("UPDATE members SET status = 'inactive' WHERE email = 'dana.lee@example.com'");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let names = |query: &str| -> Vec<String> {
        let found = client.get(&format!("members{query}")).json();
        found["data"].as_array().unwrap().iter().map(|member| member["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(""), ["Ann Owner", "Bob Smith", "Cleo Smith", "Dana Lee"]);
    assert_eq!(names("?search=smi"), ["Bob Smith", "Cleo Smith"]);
    assert_eq!(names("?status=inactive"), ["Dana Lee"]);
    assert_eq!(names(&format!("?role={}&status=active", acme.role(Starter::Viewer))), ["Bob Smith"]);
    let bob = client.get(&format!("members/{}", acme.member_id("bob.smith@example.com"))).json();
    assert_eq!((bob["email"].as_str(), bob["role"]["name"].as_str()), (Some("bob.smith@example.com"), Some("Viewer")));
    assert_eq!(bob, client.get("members?search=bob").json()["data"][0]);
    assert!(bob["joined_at"].as_str().unwrap().ends_with('Z'), "{bob}");
}

#[test]
fn a_member_is_changed_as_on_their_page_and_the_log_names_the_key() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Viewer);
    let (key_id, key) = acme.key_of_everything();
    let (client, id) = (Client::new(&console, &key), acme.member_id("bob.smith@example.com"));
    let role = client.post(&format!("members/{id}/role"), &json!({ "role": acme.role(Starter::Manager) }));
    assert_eq!((role.status, role.json()["role"]["name"].as_str()), (200, Some("Manager")));
    for (deed, status) in [("deactivate", "inactive"), ("activate", "active")] {
        // An empty body will do, and so will none; the second time it is so already.
        let reply = client.post(&format!("members/{id}/{deed}"), &json!({}));
        assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some(status)));
        assert_eq!(client.send("POST", &format!("members/{id}/{deed}"), &[], None).body, reply.body);
    }
    let removed = client.send("DELETE", &format!("members/{id}"), &[], None);
    assert_eq!((removed.status, removed.body.as_str()), (204, ""));
    assert_eq!(client.get(&format!("members/{id}")).status, 404);
    let log = client.get("activity").json();
    let told: Vec<&str> = log["data"].as_array().unwrap().iter().map(|event| event["sentence"].as_str().unwrap()).collect();
    assert_eq!(
        told[..4],
        [
            "removed Bob Smith (bob.smith@example.com)",
            "activated Bob Smith",
            "deactivated Bob Smith",
            "changed the role of Bob Smith from Viewer to Manager"
        ]
    );
    assert_eq!(log["data"][0]["actor"], json!({ "name": "Everything", "account_id": null, "key_id": key_id }));
    assert_eq!(log["data"][0]["subject_id"], json!(id));
    let browser = console.signed_in(&acme.owner);
    assert!(browser.open("/o/acme/activity").says("Everything removed Bob Smith"));
}

#[test]
fn a_refusal_has_the_words_of_the_page() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let cora = acme.member("Cora Admin", Starter::CoAdmin);
    acme.member("Ada Admin", Starter::Admin);
    let (_, key) = acme.key("Of Cora", &cora, &["members.manage", "members.assign_role", "members.view"]);
    let client = Client::new(&console, &key);
    let (ada, owner) = (acme.member_id("ada.admin@example.com"), acme.member_id(&acme.owner.email));
    let reply = client.post(&format!("members/{ada}/deactivate"), &json!({}));
    assert_eq!((reply.status, reply.problem().as_str()), (409, "refused"));
    assert!(
        reply.json()["detail"].as_str().unwrap().contains("is Admin. Your own role does not reach that far"),
        "{}",
        reply.body
    );
    assert_eq!(client.send("DELETE", &format!("members/{owner}"), &[], None).status, 409);
    let up = client.post(&format!("members/{ada}/role"), &json!({ "role": acme.role(Starter::Viewer) }));
    assert_eq!(up.status, 409);
    let (_, strong) = acme.key_of_everything();
    let last = Client::new(&console, &strong).post(&format!("members/{owner}/deactivate"), &json!({}));
    assert_eq!(last.status, 409, "{}", last.body);
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'active'"), 3);
}

#[test]
fn what_a_key_may_do_shrinks_with_the_role_of_its_owner() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ada = acme.member("Ada Admin", Starter::Admin);
    let (_, key) = acme.key("Of Ada", &ada, &["members.view", "activity.view"]);
    let client = Client::new(&console, &key);
    assert_eq!(client.get("activity").status, 200);
    let role = acme.role(Starter::Viewer);
    acme.execute(&format!("UPDATE members SET role_id = '{role}' WHERE email = '{}'", ada.email));
    assert_eq!((client.get("members").status, client.get("activity").status), (200, 403));
}

#[test]
fn many_are_invited_at_once_and_each_outcome_is_told_in_order() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Viewer);
    acme.member("Ina Gone", Starter::Viewer);
    acme.execute("UPDATE members SET status = 'inactive' WHERE email = 'ina.gone@example.com'");
    acme.set_limit(5);
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let first =
        client.post("invitations", &json!({ "emails": ["guest@example.com"], "name": "Gus Guest", "message": "Welcome." }));
    assert_eq!((first.status, first.json()["data"][0]["outcome"].as_str()), (200, Some("invited")));
    let emails = [
        "bob.smith@example.com",
        "Guest@Example.com",
        "nonsense",
        "ina.gone@example.com",
        "new@example.com",
        "NEW@example.com",
        "x@example.com",
        "late@example.com",
    ];
    let told = client.post("invitations", &json!({ "emails": emails, "role": acme.role(Starter::Viewer) })).json();
    let told = told["data"].as_array().unwrap();
    let outcomes: Vec<&str> = told.iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    let expected = ["already_member", "already_invited", "invalid", "deactivated", "invited", "invited", "invited", "no_slot"];
    assert_eq!(outcomes, expected);
    assert!(told.iter().zip(emails).all(|(one, email)| one["email"] == email));
    assert_eq!(told[1]["invitation_id"], first.json()["data"][0]["invitation_id"]);
    assert_eq!(
        (&told[4]["invitation_id"], &told[3]["member_id"]),
        (&told[5]["invitation_id"], &json!(acme.member_id("ina.gone@example.com")))
    );
    assert!(told[2]["reason"].as_str().unwrap().contains("address"), "{}", told[2]);
    let text = client.get("invitations").body;
    assert!(!text.contains("http") && !first.body.contains("http"), "no link stands in the API");
    assert_eq!(console.text("SELECT invited_by FROM invitations WHERE email = 'new@example.com'"), "Everything");
    assert!(console.number("SELECT count(*) AS number FROM mails") >= 3);
}

#[test]
fn invitations_are_listed_sent_again_and_taken_back() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let id = client.post("invitations", &json!({ "emails": ["guest@example.com"] })).json()["data"][0]["invitation_id"].clone();
    let path = format!("invitations/{}", id.as_str().unwrap());
    let one = client.get(&path).json();
    assert_eq!(
        (one["status"].as_str(), one["invited_by"].as_str(), one["role"]["name"].as_str()),
        (Some("pending"), Some("Everything"), Some("Member"))
    );
    assert_eq!(client.get("invitations?status=pending").json()["data"], json!([one]));
    console.travel(chrono::TimeDelta::days(15));
    assert_eq!(client.get(&path).json()["status"], "expired");
    let again = client.post(&format!("{path}/resend"), &json!({}));
    assert_eq!((again.status, again.json()["status"].as_str()), (200, Some("pending")), "{}", again.body);
    let twice = client.post(&format!("{path}/resend"), &json!({}));
    assert_eq!((twice.status, twice.problem().as_str()), (409, "conflict"));
    assert_eq!(client.post(&format!("{path}/revoke"), &json!({})).json()["status"], "revoked");
    let ended = client.post(&format!("{path}/revoke"), &json!({}));
    assert!(ended.status == 409 && ended.body.contains("this invitation is revoked already"), "{}", ended.body);
    assert_eq!(client.get("invitations?status=pending").json()["data"], json!([]));
}

#[test]
fn a_key_does_not_take_back_what_its_creator_sent_with_a_role_beyond_it() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/invites/new");
    ann.submit(&page, "Send invitation", &[("Email addresses", "ada@example.com"), ("Role", "Admin")]);
    let id = console.uuid("SELECT id AS uuid FROM invitations");
    let (_, weak) = acme.key("Weak", &acme.owner, &["members.invite"]);
    let reply = Client::new(&console, &weak).post(&format!("invitations/{id}/revoke"), &json!({}));
    assert_eq!(reply.status, 409, "{}", reply.body);
    let (_, strong) = acme.key_of_everything();
    let body = json!({ "emails": ["ada2@example.com"], "role": acme.role(Starter::Admin) });
    let beyond = Client::new(&console, &strong).post("invitations", &body);
    assert_eq!((beyond.status, beyond.problem().as_str()), (409, "refused"), "an Admin may more than the key");
}

#[test]
fn the_key_of_somebody_unconfirmed_invites_nobody() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    console.execute("UPDATE accounts SET email_confirmed_at = NULL");
    let reply = Client::new(&console, &key).post("invitations", &json!({ "emails": ["guest@example.com"] }));
    assert!(reply.status == 409 && reply.body.contains("has not confirmed their address"), "{}", reply.body);
    assert_eq!(console.number("SELECT count(*) AS number FROM invitations"), 0);
}

/// Invites somebody as a Writer by a key, and has them join after `meanwhile`. Returns the role that they got.
fn joined_as(meanwhile: impl Fn(&Organization<'_>, &Person, Uuid)) -> String {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ada = acme.member("Ada Admin", Starter::Admin);
    let dana = console.person("Dana Smith");
    let (id, key) = acme.key("Inviter", &ada, &["members.invite", "members.assign_role", "members.view"]);
    let body = json!({ "emails": [dana.email], "role": acme.role(Starter::Writer) });
    let reply = Client::new(&console, &key).post("invitations", &body);
    assert_eq!(reply.status, 200, "{}", reply.body);
    meanwhile(&acme, &ada, id);
    let browser = console.browser();
    browser.open(console.mail_to(&dana.email).link("/invitations/"));
    let page = browser.open("/sign-in");
    let page = browser.submit(&page, "Sign in", &[("Email", &dana.email), ("Password", PASSWORD)]);
    browser.submit(&page, "Join Acme", &[]);
    role_of(&console, &dana.email)
}

#[test]
fn who_accepts_a_keys_invitation_gets_what_the_key_may_still_give() {
    assert_eq!(joined_as(|_, _, _| {}), "Writer");
    let revoked = |acme: &Organization<'_>, ada: &Person, id: Uuid| {
        drop(acme.as_member(ada, move |tx| roster::keys::actions::revoke(tx, id)).unwrap());
    };
    assert_eq!(joined_as(revoked), "Member", "a key that was revoked gives nothing any more");
    let paused = |acme: &Organization<'_>, ada: &Person, id: Uuid| {
        drop(acme.as_member(ada, move |tx| roster::keys::actions::pause(tx, id)).unwrap());
    };
    assert_eq!(joined_as(paused), "Member");
    let left = |acme: &Organization<'_>, ada: &Person, _: Uuid| {
        acme.execute(&format!("DELETE FROM members WHERE email = '{}'", ada.email));
    };
    assert_eq!(joined_as(left), "Writer", "a key outlives its owner");
}

#[test]
fn what_a_key_sent_stands_there_with_what_it_holds() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key("Weak", &acme.owner, &["members.invite"]);
    assert_eq!(Client::new(&console, &key).post("invitations", &json!({ "emails": ["guest@example.com"] })).status, 200);
    let stored = console.text("SELECT sender_level || ' ' || array_to_string(sender_permissions, ',') FROM invitations");
    assert_eq!(stored, "99 members.invite", "the level of an Owner stands for everything");
}

#[test]
fn the_key_of_an_owner_with_all_abilities_gives_and_takes_the_role_admin() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Viewer);
    let all: Vec<&str> = roster::access::policy::Permission::ALL.iter().map(|one| one.key()).collect();
    let (_, key) = acme.key("All", &acme.owner, &all);
    let (_, less) = acme.key("Less", &acme.owner, &["members.assign_role", "members.assign_peer_role", "members.view"]);
    let id = acme.member_id(&bob.email);
    let give = |key: &str, role| {
        Client::new(&console, key).post(&format!("members/{id}/role"), &json!({ "role": acme.role(role) })).status
    };
    assert_eq!(give(&less, Starter::Admin), 409, "it may less than an Admin");
    assert_eq!((give(&key, Starter::Admin), role_of(&console, &bob.email).as_str()), (200, "Admin"));
    assert_eq!((give(&key, Starter::Viewer), role_of(&console, &bob.email).as_str()), (200, "Viewer"));
    assert_eq!(give(&key, Starter::Owner), 409, "an Owner may whatever there will be");
}

#[test]
fn a_key_does_not_do_to_its_owner_what_they_may_not_do_themselves() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ada = acme.member("Ada Admin", Starter::Admin);
    let all = ["members.manage", "members.assign_role", "members.assign_peer_role", "members.view", "members.invite"];
    let (_, key) = acme.key("Ada's", &ada, &all);
    let client = Client::new(&console, &key);
    let id = acme.member_id(&ada.email);
    for (deed, words) in [("deactivate", "is you"), ("activate", "who answers for this key")] {
        let reply = client.post(&format!("members/{id}/{deed}"), &json!({}));
        assert!(reply.status == 409 && reply.body.contains(words), "{deed}: {} {}", reply.status, reply.body);
    }
    let owner = acme.member_id(&acme.owner.email);
    let reply = client.post(&format!("members/{owner}/activate"), &json!({}));
    assert!(reply.status == 409 && !reply.body.contains(&acme.owner.email), "{}", reply.body);
}

#[test]
fn roles_tell_what_they_allow_and_who_has_them() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Manager);
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let all = client.get("roles").json();
    let names: Vec<&str> = all["data"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!((names[0], names.len()), ("Owner", 9));
    let manager = client.get(&format!("roles/{}", acme.role(Starter::Manager))).json();
    assert_eq!(manager["permissions"], json!(["members.view", "members.invite", "roles.view"]));
    assert_eq!(
        (manager["members"].as_i64(), manager["is_starter"].as_bool(), manager["is_default"].as_bool()),
        (Some(1), Some(true), Some(false))
    );
}

#[test]
fn keys_are_listed_and_revoked_and_their_secrets_stand_nowhere() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (id, text) = acme.key_as(
        "Agent",
        &acme.owner,
        crate::harness::Wanted {
            limits: Some((5, 50)),
            abilities: &["members.view"],
            networks: &["127.0.0.0/8"],
            ..Default::default()
        },
    );
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let listed = client.get("keys?type=ai_agent&status=active").json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let one = client.get(&format!("keys/{id}")).json();
    assert_eq!(
        (one["limits"].clone(), one["networks"].clone(), one["type"].clone()),
        (json!({ "minute": 5, "day": 50 }), json!(["127.0.0.0/8"]), json!("ai_agent"))
    );
    assert!(listed["data"][0].as_object().unwrap().iter().all(|(name, value)| one[name] == *value), "{listed} {one}");
    let secret = text.split('.').nth(1).unwrap();
    assert!(!client.get("keys").body.contains(secret) && text.starts_with(one["prefix"].as_str().unwrap()));
    let revoked = client.post(&format!("keys/{id}/revoke"), &json!({}));
    assert_eq!((revoked.status, revoked.json()["status"].as_str()), (200, Some("revoked")));
    assert!(revoked.json()["ended_at"].is_string());
    assert_eq!(client.post(&format!("keys/{id}/revoke"), &json!({})).body, revoked.body, "the second time it is so already");
    let told = Client::new(&console, &text).get("members");
    assert_eq!((told.status, told.json()["reason"].as_str()), (401, Some("revoked")));
    assert_eq!(client.get("activity?kind=key_revoked").json()["data"][0]["sentence"], "revoked the key Agent");
}
