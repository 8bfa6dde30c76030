//! What pages ask the database: four statements at most, however much they show.

use std::sync::Mutex;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use roster::access::policy::Starter;

use crate::harness::{Browser, Console};
use crate::invites::{copied_link, invite};

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
