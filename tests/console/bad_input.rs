//! Every field of every form, found by looking at the pages, with everything in it that should not be.

use roster::access::policy::{Permission, Starter};

use crate::harness::{Browser, Console, FilledForm, PASSWORD, form_bears_bad_input};
use crate::invites::{copied_link, invite};
use crate::keys::generate;
use crate::roles::{create, role_id};

/// What a field is filled with where the page leaves it empty, so that only the bad input stands in the form's way.
const GOOD: [(&str, &str); 13] = [
    ("name", "Dana Smith"),
    ("email", "new@example.com"),
    ("password", "seven quiet umbrellas on kilo"),
    ("organization_name", "Globex"),
    ("new_email", "other@example.com"),
    ("email_password", PASSWORD),
    ("current_password", PASSWORD),
    ("new_password", "seven quiet umbrellas on kilo"),
    ("emails", "ben@example.com"),
    ("message", "See you there"),
    ("search", "ann"),
    ("description", "Answers mails"),
    ("level", "25"),
];

fn filled(mut form: FilledForm) -> FilledForm {
    for (name, value) in &mut form.fields {
        if let Some((_, good)) = GOOD.iter().find(|(known, _)| known == name).filter(|_| value.is_empty()) {
            *value = (*good).to_owned();
        }
    }
    form
}

/// Tries every form of some pages. Returns where they are sent.
fn try_all(console: &Console, visitor: &dyn Fn() -> Browser, pages: &[&str]) -> Vec<String> {
    let mut tried: Vec<String> = Vec::new();
    for path in pages {
        let page = visitor().open(path);
        assert!(page.status < 500, "{path}: {}", page.status);
        // Signing out takes whatever comes with it.
        for form in page.forms().into_iter().filter(|form| form.action != "/sign-out") {
            let action = form.action.clone();
            // The forms of many rows are one form.
            let kind = format!("{path} {} {}", form.action.rsplit('/').next().unwrap(), form.fields.len());
            if !tried.contains(&kind) {
                form_bears_bad_input(console, visitor, &filled(form));
                tried.push(kind);
            }
            assert!(action.starts_with('/'), "{action}");
        }
    }
    tried
}

#[test]
fn every_form_before_the_sign_in_bears_every_input() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let tried = try_all(&console, &|| console.browser(), &["/sign-up", "/sign-in", "/password/forgot", "/mailbox"]);
    assert_eq!(tried.len(), 4, "{tried:?}");
    console.browser().post("/password/forgot", &[("email", &dana.email)]);
    let link = console.mail_to(&dana.email).link("/password/reset/").to_owned();
    let with_link = || {
        let browser = console.browser();
        browser.open(&link);
        browser
    };
    assert_eq!(try_all(&console, &with_link, &["/password/reset"]).len(), 1);
}

#[test]
fn every_form_of_an_invited_person_bears_every_input() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(100);
    let ann = console.signed_in(&acme.owner);
    let bob = console.person("Bob Miller");
    for (address, account) in [("dana@example.com", None), (bob.email.as_str(), Some(&bob)), ("other@example.com", Some(&bob))] {
        let sent = invite(&ann, &acme, address);
        let link = copied_link(&console, &sent, address);
        let visitor = || {
            let browser = account.map_or_else(|| console.browser(), |person| console.signed_in(person));
            browser.open(&link);
            browser
        };
        let pages: &[&str] = if account.is_none() { &["/sign-up", "/sign-in", "/invitation/decline"] } else { &["/invitation"] };
        let tried = try_all(&console, &visitor, pages);
        assert!(!tried.is_empty(), "{address}");
    }
    console.travel(chrono::TimeDelta::days(15));
    let ann = console.signed_in(&acme.owner);
    let link = copied_link(&console, &invite(&ann, &acme, "late@example.com"), "late@example.com");
    console.travel(chrono::TimeDelta::days(15));
    let late = || {
        let browser = console.browser();
        browser.open(&link);
        browser
    };
    assert_eq!(try_all(&console, &late, &["/invitation"]).len(), 1, "Ask for a new invitation");
}

#[test]
fn every_form_of_a_signed_in_person_bears_every_input() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(1_000);
    let mia = acme.member("Mia Manager", Starter::Manager);
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "dana@example.com");
    let invitation = console.uuid("SELECT id AS uuid FROM invitations");
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let role = acme.path(&format!("roles/{}", role_id(&console, "Support")));
    let (unheld, held) = (format!("{role}/delete"), acme.path(&format!("roles/{}/delete", acme.role(Starter::Manager))));
    let key = acme.path(&format!("keys/{}", generate(&ann, &acme, "Deploy", &[]).0));
    // An unproven address has reminders with forms of their own.
    console.execute("UPDATE accounts SET email_confirmed_at = NULL WHERE email LIKE 'mia%'");
    let member = acme.path(&format!("members/{}", acme.member_id(&mia.email)));
    let remove = format!("{member}/remove");
    let one = acme.path(&format!("invites/{invitation}"));
    let revoke = format!("{one}/revoke");
    let hash = console.text("SELECT password_hash FROM accounts WHERE email LIKE 'ann%'");
    let owner = || {
        // One of the forms may have changed it.
        console.execute(&format!("UPDATE accounts SET password_hash = '{hash}' WHERE email LIKE 'ann%'"));
        console.signed_in(&acme.owner)
    };
    let pages = [
        "/account",
        "/organizations/new",
        "/o/acme",
        "/o/acme/members",
        "/o/acme/members?search=ann&role=&status=active&sort=email&direction=descending",
        &member,
        &remove,
        "/o/acme/invites",
        "/o/acme/invites/new",
        &one,
        &revoke,
        "/o/acme/roles",
        "/o/acme/roles/new",
        &role,
        &held,
        &unheld,
        "/o/acme/keys",
        "/o/acme/keys/new",
        &key,
        &format!("{key}/rotate"),
        &format!("{key}/revoke"),
        "/o/acme/activity",
        "/o/acme/leave",
    ];
    let tried = try_all(&console, &owner, &pages);
    assert!(tried.len() >= 25, "{tried:?}");
    console.signed_in(&mia).post("/email/confirm/send", &[]);
    let link = console.mail_to(&mia.email).link("/email/confirm/").to_owned();
    for person in [&mia, &acme.owner] {
        let with_link = || {
            let browser = console.signed_in(person);
            browser.open(&link);
            browser
        };
        assert!(!try_all(&console, &with_link, &["/email/confirm"]).is_empty());
    }
    let manager = || console.signed_in(&mia);
    assert!(try_all(&console, &manager, &["/o/acme", "/o/acme/leave"]).len() >= 2);
}
