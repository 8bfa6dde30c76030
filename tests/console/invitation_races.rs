//! Races for an invitation and for the last slots, many times over.

use std::sync::Barrier;
use std::thread;

use roster::access::Account;
use roster::error::{AppError, Stopped};
use roster::invites::actions::{JoinRefused, accept};
use roster::invites::binding::Bound;

use crate::harness::{Browser, Console, PASSWORD, Person, run};
use crate::invites::{copied_link, invite};

fn account(person: &Person) -> Account {
    let Person { account_id, name, email } = person.clone();
    Account { id: account_id, name, email, confirmed: true, last_organization_id: None }
}

/// Presses a button in several browsers at the same moment. Returns the statuses.
fn pressed_at_once(browsers: &[&Browser], link: &str, button: &str, fields: &[(&str, &str)]) -> Vec<u16> {
    let barrier = Barrier::new(browsers.len());
    let press = |browser: &Browser| {
        let mut page = browser.open(link);
        if page.offers("Create account") {
            page = browser.click(&page, "Create account");
        }
        barrier.wait();
        browser.press(&page, button, fields).status
    };
    thread::scope(|scope| {
        let presses: Vec<_> = browsers.iter().map(|browser| scope.spawn(|| press(browser))).collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    })
}

#[test]
fn one_invitation_accepted_in_two_browsers_at_once_makes_one_member() {
    let console = Console::start();
    let ann = console.person("Ann Owner");
    let dana = console.person("Dana Smith");
    let (annas, one, two) = (console.signed_in(&ann), console.signed_in(&dana), console.signed_in(&dana));
    for round in 0..50 {
        let organization = console.organization_of(&format!("Round {round}"), &ann);
        let link = copied_link(&console, &invite(&annas, &organization, &dana.email), &dana.email);
        let answers = pressed_at_once(&[&one, &two], &link, &format!("Join Round {round}"), &[]);
        assert_eq!(answers, [303, 303], "round {round}: the second is inside already");
        let members = format!("SELECT count(*) AS number FROM members WHERE organization_id = '{}'", organization.id);
        assert_eq!(console.number(&members), 2, "round {round}");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'member_joined'"), 50);
    assert_eq!(console.number("SELECT count(*) AS number FROM invitation_events WHERE kind = 'accepted'"), 50);
}

#[test]
fn one_invitation_signed_up_with_in_two_browsers_at_once_makes_one_account() {
    let console = Console::start();
    let ann = console.person("Ann Owner");
    let annas = console.signed_in(&ann);
    let acme = console.organization_of("Acme", &ann);
    acme.set_limit(1_000);
    for round in 0..50 {
        let email = format!("dana{round}@example.com");
        invite(&annas, &acme, &email);
        let link = console.mail_to(&email).link("/invitations/").to_owned();
        let fields = [("Name", "Dana Smith"), ("Password", PASSWORD)];
        let (one, two) = (console.browser(), console.browser());
        let mut answers = pressed_at_once(&[&one, &two], &link, "Create account", &fields);
        answers.sort_unstable();
        assert_eq!(answers, [303, 422], "round {round}");
        console.execute("TRUNCATE rate_limits");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts"), 51);
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'active'"), 51);
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 1);
}

#[test]
fn of_fifty_people_who_accept_at_once_exactly_as_many_join_as_there_are_slots() {
    let console = Console::start();
    let ann = console.person("Ann Owner");
    let annas = console.signed_in(&ann);
    let people: Vec<Person> = (0..50).map(|number| console.person(&format!("Person Number{number}"))).collect();
    let addresses: Vec<&str> = people.iter().map(|person| person.email.as_str()).collect();
    let db = console.db();
    for round in 0..50 {
        let organization = console.organization_of(&format!("Round {round}"), &ann);
        organization.set_limit(100);
        assert_eq!(invite(&annas, &organization, &addresses.join(" ")).status, 200);
        organization.set_limit(6);
        let barrier = Barrier::new(people.len());
        let join = |person: &Person| {
            let found = format!(
                "SELECT id AS uuid FROM invitations WHERE organization_id = '{}' AND email = '{}'",
                organization.id, person.email
            );
            let bound =
                Bound { organization_id: organization.id, invitation_id: console.uuid(&found), generation: 1, mailed: false };
            barrier.wait();
            loop {
                match run(accept(&db, &account(person), bound)) {
                    Ok(_) => return true,
                    Err(Stopped::Refused(JoinRefused::Full)) => return false,
                    // No connection in time: as a person would, once more.
                    Err(Stopped::Failed(AppError::Unavailable(_))) => {}
                    Err(other) => panic!("round {round}: {other:?}"),
                }
            }
        };
        let joined = thread::scope(|scope| {
            let joins: Vec<_> = people.iter().map(|person| scope.spawn(|| join(person))).collect();
            joins.into_iter().map(|join| join.join().unwrap()).filter(|joined| *joined).count()
        });
        let active = format!("SELECT active_members::bigint AS number FROM organizations WHERE id = '{}'", organization.id);
        assert_eq!((joined, console.number(&active)), (5, 6), "round {round}");
        console.execute("TRUNCATE rate_limits");
    }
}
