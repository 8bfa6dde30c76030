//! Races for an invitation and for the last slots, many times over.

use std::sync::Barrier;
use std::thread;

use roster::access::Account;
use roster::error::{AppError, Stopped};
use roster::invites::actions::{JoinRefused, accept};
use roster::invites::binding::Bound;

use crate::harness::{Browser, Console, FilledForm, PASSWORD, Person, run};
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

/// Sends a filled form twice at the same moment in one browser, as a double click does. Returns where the answers lead.
fn sent_twice_at_once(browser: &Browser, form: &FilledForm) -> Vec<String> {
    let barrier = Barrier::new(2);
    let send = || {
        barrier.wait();
        let reply = browser.send_form(form);
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply.location().to_owned()
    };
    let mut places = thread::scope(|scope| [scope.spawn(send), scope.spawn(send)].map(|sent| sent.join().unwrap()).to_vec());
    places.sort();
    places
}

#[test]
fn a_person_who_clicks_create_account_twice_has_one_account_and_one_organization() {
    let console = Console::start();
    for round in 0..50 {
        let browser = console.browser();
        let (name, email) = (format!("Round {round}"), format!("dana{round}@example.com"));
        let fields = [("Name", "Dana Smith"), ("Email", &email), ("Password", PASSWORD), ("Organization name", &name)];
        let form = browser.open("/sign-up").form("Create account", &fields);
        let leads_to = sent_twice_at_once(&browser, &form);
        assert_eq!(leads_to, ["/".to_owned(), format!("/o/round-{round}")], "round {round}");
        assert_eq!(browser.open("/").path, format!("/o/round-{round}"));
        console.execute("TRUNCATE rate_limits");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts"), 50);
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 50);
    assert_eq!(console.mails_to("dana7@example.com").len(), 1);
}

#[test]
fn a_form_that_made_an_account_opens_it_to_nobody_who_does_not_know_the_password() {
    let console = Console::start();
    let browser = console.browser();
    let fields = [("Name", "Dana Smith"), ("Email", "dana@example.com"), ("Password", PASSWORD)];
    let form = browser.open("/sign-up").form("Create account", &fields);
    let send = |password: &str| {
        let typed = |(name, value): &(String, String)| {
            (name.clone(), if name == "password" { password.to_owned() } else { value.clone() })
        };
        let fields = form.fields.iter().map(typed).collect();
        console.browser().send_form(&FilledForm { method: form.method.clone(), action: form.action.clone(), fields }).status
    };
    assert_eq!(send(PASSWORD), 303);
    assert_eq!(send("seven quiet umbrellas on kilo"), 422);
    console.execute("UPDATE accounts SET password_hash = ''");
    assert_eq!(send(PASSWORD), 422, "the password was changed since");
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
        assert_eq!(answers, [303, 422], "round {round}: two forms, not one sent twice");
        console.execute("TRUNCATE rate_limits");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts"), 51);
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'active'"), 51);
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 1);
}

#[test]
fn an_invited_person_who_clicks_twice_has_one_account_and_is_inside() {
    let console = Console::start();
    let ann = console.person("Ann Owner");
    let annas = console.signed_in(&ann);
    let acme = console.organization_of("Acme", &ann);
    acme.set_limit(1_000);
    for round in 0..50 {
        let email = format!("dana{round}@example.com");
        let sent = invite(&annas, &acme, &email);
        // Every other one by the copied link, which makes an account that is not inside yet.
        let mailed = round % 2 == 0;
        let link = match mailed {
            true => console.mail_to(&email).link("/invitations/").to_owned(),
            false => copied_link(&console, &sent, &email),
        };
        let browser = console.browser();
        browser.open(&link);
        let form = browser.open("/sign-up").form("Create account", &[("Name", "Dana Smith"), ("Password", PASSWORD)]);
        let leads_to = sent_twice_at_once(&browser, &form);
        if mailed {
            assert_eq!(leads_to, ["/", "/o/acme"], "round {round}");
        } else {
            // The second one may come without the session that the first one renewed.
            assert_eq!(leads_to[1], "/invitation", "round {round}");
            assert!(matches!(leads_to[0].as_str(), "/" | "/invitation"), "round {round}: {leads_to:?}");
        }
        assert_eq!(browser.get("/account").status, 200, "round {round}");
        console.execute("TRUNCATE rate_limits");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts"), 51);
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'active'"), 26);
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
