//! What pages ask the database: four statements at most, however much they show.

use std::sync::Mutex;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use roster::access::policy::Starter;

use crate::harness::{Browser, Client, Console, Organization, Wanted, unknown_key};
use crate::invites::{copied_link, invite};
use crate::keys::generate;

/// Statements since the last look, but for those that only begin and end transactions.
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn counting() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            if !["BEGIN", "COMMIT", "ROLLBACK", "SET"].iter().any(|word| text.starts_with(word)) {
                ASKED.lock().unwrap().push(text);
            }
        }
    }))
}

/// What a page asks for when it is opened for the second time: the first notes which organization was used last.
fn asked_for(browser: &Browser, path: &str) -> Vec<String> {
    assert_eq!(browser.get(path).status, 200, "{path}");
    ASKED.lock().unwrap().clear();
    assert_eq!(browser.get(path).status, 200, "{path}");
    std::mem::take(&mut *ASKED.lock().unwrap())
}

#[test]
fn a_page_asks_for_four_things_at_most_however_long_it_is() {
    set_default_instrumentation(counting).unwrap();
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(1_000);
    let ann = console.signed_in(&acme.owner);
    let mia = acme.member("Mia Member", Starter::Member);
    for number in 0..8 {
        console.organization_of(&format!("Other {number}"), &acme.owner);
    }
    let addresses: Vec<String> = (0..120).map(|number| format!("person{number}@example.com")).collect();
    let sent = invite(&ann, &acme, &addresses.join("\n"));
    let bound = console.browser();
    bound.open(&copied_link(&console, &sent, "person7@example.com"));
    let invitation = console.uuid("SELECT id AS uuid FROM invitations WHERE email = 'person3@example.com'");
    let mail = console.uuid("SELECT id AS uuid FROM mails WHERE recipient = 'person3@example.com'");
    let member = acme.path(&format!("members/{}", acme.member_id(&mia.email)));
    let invited = acme.path(&format!("members/{}", acme.member_id("person3@example.com")));
    let one = acme.path(&format!("invites/{invitation}"));
    let role = acme.path(&format!("roles/{}", acme.role(Starter::Writer)));
    let key = acme.path(&format!("keys/{}", generate(&ann, &acme, "Deploy", &[]).0));
    acme.invoiced();
    let pages: [(&Browser, &[&str]); 3] = [
        (
            &ann,
            &[
                "/account",
                "/organizations/new",
                "/o/acme",
                "/o/acme/members",
                "/o/acme/members?search=person",
                "/o/acme/members?search=person+example&status=invited&sort=role",
                "/o/acme/members?sort=last_sign_in&direction=descending",
                &member,
                &invited,
                &format!("{member}/remove"),
                "/o/acme/invites",
                "/o/acme/invites?status=pending",
                "/o/acme/invites/new",
                &one,
                &format!("{one}/revoke"),
                "/o/acme/roles",
                "/o/acme/roles/new",
                &role,
                &format!("{role}/delete"),
                "/o/acme/keys",
                "/o/acme/keys?search=dep&status=active",
                "/o/acme/keys/new",
                &key,
                &format!("{key}/rotate"),
                &format!("{key}/revoke"),
                "/o/acme/billing",
                "/o/acme/billing/plans",
                "/o/acme/billing/plans/team?cycle=year&currency=EUR",
                "/o/acme/billing/cancel",
                "/o/acme/billing/invoices",
                "/o/acme/billing/usage",
                "/o/acme/billing/details",
                "/o/acme/billing/tax-ids/new",
                "/o/acme/permissions/members.view",
                "/o/acme/activity",
                "/o/acme/activity?kind=invitation_sent",
                "/o/acme/leave",
            ],
        ),
        (&bound, &["/invitation", "/sign-up", "/sign-in"]),
        (&console.browser(), &["/sign-up", "/sign-in", "/password/forgot", "/mailbox", &format!("/mailbox/{mail}")]),
    ];
    for (browser, paths) in pages {
        for path in paths {
            let asked = asked_for(browser, path);
            assert!(asked.len() <= 4, "{path} asks for {}:\n{}", asked.len(), asked.join("\n"));
        }
    }
    assert_eq!(asked_for(&ann, "/o/acme/members").len(), 3, "session, membership and list: what is counted is real");
}

/// 1,000 custom roles, and 10,000 members who hold them in turn.
fn fill(console: &Console, acme: &Organization<'_>) {
    console.execute(&format!(
        "BEGIN; SET LOCAL app.organization_id = '{org}';
        UPDATE organizations SET member_limit = 20000 WHERE id = '{org}';
        INSERT INTO roles (organization_id, id, name, name_key, level, permissions, created_at, changed_at)
            SELECT '{org}', gen_random_uuid(), 'Role ' || n, 'role ' || n, 1 + n % 99,
                ARRAY['members.view', CASE WHEN n % 2 = 0 THEN 'keys.view' ELSE 'roles.view' END], now(), now()
            FROM generate_series(1, 1000) n;
        CREATE TEMPORARY TABLE people AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, 10000) n;
        INSERT INTO accounts (id, email, name, password_hash, password_changed_at, created_at)
            SELECT id, id || '@x.example', 'Person ' || n, '', now(), now() FROM people;
        INSERT INTO members (organization_id, id, account_id, email, name, name_key, role_id, role_since, status, joined_at, created_at)
            SELECT '{org}', p.id, p.id, p.id || '@x.example', 'Person ' || n, 'person ' || n, r.id, now(), 'active', now(), now()
            FROM people p JOIN roles r ON r.name = 'Role ' || (1 + p.n % 1000);
        COMMIT; ANALYZE members; ANALYZE roles; ANALYZE role_holders",
        org = acme.id
    ));
}

#[test]
fn a_thousand_roles_are_listed_with_one_query_for_them_and_one_for_their_holders() {
    set_default_instrumentation(counting).unwrap();
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    fill(&console, &acme);
    let ann = console.signed_in(&acme.owner);
    ann.get("/o/acme");
    // Another version of the roles, so that no server knows them: what follows reads them from the database.
    acme.execute("UPDATE roles SET description = 'Once more' WHERE name = 'Role 1'");
    ASKED.lock().unwrap().clear();
    let page = ann.open("/o/acme/roles");
    let asked = std::mem::take(&mut *ASKED.lock().unwrap());
    let from = |table: &str| asked.iter().filter(|text| text.contains(&format!("FROM \"{table}\""))).count();
    assert_eq!((asked.len(), from("roles"), from("role_holders")), (4, 1, 1), "{}", asked.join("\n"));
    assert_eq!((page.heading().as_str(), page.all("tbody tr").len()), ("Roles 1,009", 50));
    assert_eq!(page.all("td[data-label=Members]")[2], "10", "10,000 members on 1,000 roles");
    let counted = "SELECT count(*) AS number FROM role_holders h WHERE active_members <>
        (SELECT count(*) FROM members m WHERE m.role_id = h.role_id AND m.status = 'active')";
    assert_eq!(console.number(counted), 0);
    // All of them, page after page, each once.
    let mut names = page.all("td.cell-primary a");
    let mut page = page;
    while page.offers("Next") {
        page = ann.click(&page, "Next");
        names.extend(page.all("td.cell-primary a"));
    }
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), 1_009);
    assert_eq!(names.len(), 1_009);
    for path in ["/o/acme/members", "/o/acme/members?sort=role", "/o/acme/permissions/keys.view", "/o/acme/invites/new"] {
        let asked = asked_for(&ann, path);
        assert!(asked.len() <= 4, "{path} asks for {}:\n{}", asked.len(), asked.join("\n"));
    }
    // A row's menu does not list a thousand roles: the page of the member does.
    let members = ann.open("/o/acme/members");
    assert!(members.html().len() < 300_000, "{} bytes", members.html().len());
    let person = ann.click(&members, "Role of Person 1: Role 2");
    assert!(person.options_of("Role of Person 1").len() > 1_000);
}

#[test]
fn what_a_product_asks_all_day_is_one_look_up() {
    set_default_instrumentation(counting).unwrap();
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, everything) = acme.key_of_everything();
    let (_, text) = acme.key("Of Ann", &acme.owner, &["members.view"]);
    let limits = Some((1_000, 1_000));
    let (_, agent) = acme.key_as("Agent", &acme.owner, Wanted { limits, ..Wanted::default() });
    let asked = |key: &str, path: &str, body: Option<serde_json::Value>| {
        let ask = || match &body {
            Some(body) => Client::new(&console, key).post(path, body),
            None => Client::new(&console, key).get(path),
        };
        ask();
        ASKED.lock().unwrap().clear();
        ask();
        let asked = std::mem::take(&mut *ASKED.lock().unwrap());
        // When keys were used last is written every few seconds, for all requests of those.
        asked.into_iter().filter(|text| !text.starts_with("UPDATE key_uses")).collect::<Vec<_>>()
    };
    let verify = |key: &str| Some(serde_json::json!({ "key": key, "ability": "members.view" }));
    for (key, path, body, most) in [
        (everything.as_str(), "keys/verify", verify(&text), 1),
        (&everything, "keys/verify", verify(&unknown_key()), 1),
        (&everything, "keys/verify", verify("nonsense"), 1),
        (&everything, "keys/verify", Some(serde_json::json!({ "key": agent })), 2),
        (&unknown_key(), "keys/verify", verify(&text), 1),
        ("oat_nonsense", "keys/verify", verify(&text), 0),
        ("", "organization", None, 0),
        (&everything, "organization", None, 1),
        (&everything, "access/check", Some(serde_json::json!({ "user": acme.owner.email, "permission": "keys.view" })), 2),
        (&everything, "members", None, 2),
        (&everything, "keys", None, 2),
        (&everything, "activity", None, 2),
        (&everything, "roles", None, 2),
    ] {
        let asked = asked(key, path, body);
        assert_eq!(asked.len(), most, "{path}:\n{}", asked.join("\n"));
    }
}
