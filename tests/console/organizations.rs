//! Creating organizations, and the overview of each.

use std::sync::Barrier;

use roster::access::policy::Starter;

use crate::harness::{Browser, Console, PASSWORD};

fn create(browser: &Browser, name: &str) -> String {
    let page = browser.open("/organizations/new");
    let reply = browser.press(&page, "Create organization", &[("Organization name", name)]);
    assert_eq!(reply.status, 303, "{}", reply.body);
    reply.location().to_owned()
}

#[test]
fn a_new_organization_is_mine_and_the_switcher_knows_it() {
    let console = Console::start();
    let ann = console.person("Ann Archer");
    let browser = console.signed_in(&ann);
    let page = browser.open("/organizations/new");
    let page = browser.submit(&page, "Create organization", &[("Organization name", "Café Zürich")]);
    assert_eq!((page.status, page.path.as_str()), (200, "/o/cafe-zurich"));
    assert_eq!(page.flash(), "Café Zürich is ready. You are its Owner.");
    assert!(page.all(".switcher-list a").contains(&"CZ Café Zürich".to_owned()), "{:?}", page.all(".switcher-list a"));
    assert_eq!(console.number("SELECT count(*) AS number FROM roles"), 9);
}

#[test]
fn the_same_name_gets_the_next_number_in_its_address() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Ann Archer"));
    assert_eq!([create(&browser, "Acme"), create(&browser, "Acme")], ["/o/acme", "/o/acme-2"]);
    // Without the field that tells forms apart, too.
    assert_eq!(browser.post("/organizations/new", &[("organization_name", "Acme")]).location(), "/o/acme-3");
    assert_eq!(browser.post("/organizations/new", &[("organization_name", "Acme")]).location(), "/o/acme-4");
}

#[test]
fn two_creations_of_one_name_at_once_both_succeed() {
    let console = Console::start();
    let browsers = ["Ann Archer", "Bob Baker"].map(|name| console.signed_in(&console.person(name)));
    for round in 0..50 {
        let (name, barrier) = (format!("Round {round}"), Barrier::new(2));
        let mut slugs: Vec<String> = std::thread::scope(|scope| {
            let start = |browser| {
                let (name, barrier) = (&name, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let reply = Browser::post(browser, "/organizations/new", &[("organization_name", name)]);
                    assert_eq!(reply.status, 303);
                    reply.location().to_owned()
                })
            };
            let threads: Vec<_> = browsers.iter().map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        slugs.sort();
        assert_eq!(slugs, [format!("/o/round-{round}"), format!("/o/round-{round}-2")]);
        // Past the limit of 20 a day nothing would be tried any more.
        console.execute("DELETE FROM rate_limits");
    }
}

#[test]
fn a_double_click_creates_one_organization() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Ann Archer"));
    for round in 0..50 {
        let name = format!("Round {round}");
        let form = browser.open("/organizations/new").form("Create organization", &[("Organization name", &name)]);
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    barrier.wait();
                    let reply = browser.send_form(&form);
                    assert_eq!((reply.status, reply.location()), (303, format!("/o/round-{round}").as_str()));
                });
            }
        });
        console.execute("DELETE FROM rate_limits");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 50);
}

#[test]
fn nobody_creates_more_than_twenty_organizations_a_day() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Ann Archer"));
    let statuses: Vec<u16> =
        (0..21).map(|_| browser.post("/organizations/new", &[("organization_name", "Acme")]).status).collect();
    assert_eq!((statuses.iter().filter(|status| **status == 303).count(), statuses.last()), (20, Some(&429)));
}

#[test]
fn a_name_that_cannot_be_is_said_beside_the_field_with_what_was_typed() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Ann Archer"));
    let long = "x".repeat(10_000);
    for wrong in ["", "   ", long.as_str(), "a\u{0}b", "\u{202E}evil", "Line\r\nbreak", "https://evil.example"] {
        let page = browser.open("/organizations/new");
        let page = browser.submit(&page, "Create organization", &[("Organization name", wrong)]);
        assert_eq!((page.status, page.errors().len()), (422, 1), "{wrong:?}");
        let kept: String = wrong.chars().filter(|c| !matches!(c, '\0' | '\u{202E}' | '\r')).collect();
        assert_eq!(page.value_of("Organization name"), kept, "{wrong:?}");
    }
    assert_eq!(
        browser.send("POST", "/organizations/new", &[("sec-fetch-site", "same-origin")], Some(b"organization_name=%FF")).status,
        422
    );
    assert_eq!(browser.post("/organizations/new", &[("organization_name", "Acme"), ("owner", "x")]).status, 400);
    for fine in ["🦊 Foxes", "<b>Bold</b>", "O'Neil \"& Sons\"", "=1+1"] {
        let page = browser.open(&create(&browser, fine));
        assert!(page.flash().starts_with(&format!("{fine} is ready.")), "{}", page.flash());
    }
}

#[test]
fn a_new_owner_is_told_the_first_steps_and_they_go_once_somebody_is_there() {
    let console = Console::start();
    let browser = console.browser();
    let page = browser.open("/sign-up");
    let fields = [("Name", "Ann Archer"), ("Email", "ann@example.com"), ("Password", PASSWORD), ("Organization name", "Acme")];
    let page = browser.submit(&page, "Create account", &fields);
    assert!(page.says("1. Confirm your address") && page.says("Waiting for you"), "{}", page.text());
    assert!(page.says("Ann Archer created the organization Acme"));
    console.execute("UPDATE accounts SET email_confirmed_at = now()");
    let page = browser.open("/o/acme");
    assert!(page.says("Done") && page.link("Invite members, step 2") == "/o/acme/invites/new");
}

#[test]
fn the_overview_counts_members_invitations_and_slots() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Manager);
    acme.set_limit(2);
    let page = console.signed_in(&acme.owner).open("/o/acme");
    assert_eq!(page.all(".stat strong"), ["2", "0"]);
    assert!(page.says("2 of 2") && page.says("No slot is free"), "{}", page.text());
    assert!(!page.says("First steps"));
    assert!(page.offers("Invite members") && page.offers("See members") && page.offers("See everything"));
}

#[test]
fn the_overview_offers_only_what_the_role_allows_and_says_who_can_help() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let manager = console.signed_in(&acme.member("Bob Manager", Starter::Manager)).open("/o/acme");
    assert!(manager.offers("Invite members") && manager.says("Your role: Manager") && !manager.says("Recent activity"));
    let viewer = console.signed_in(&acme.member("Vic Viewer", Starter::Viewer)).open("/o/acme");
    assert!(!viewer.offers("Invite members") && viewer.offers("See members"));
    let member = console.signed_in(&acme.member("Mia Member", Starter::Member)).open("/o/acme");
    assert!(!member.offers("See members") && member.all(".stat").is_empty() && !member.says("of 10"));
    assert!(member.says("Your role: Member") && member.says("Ann Owner (Owner)"), "{}", member.text());
    assert!(member.offers("Your account"));
}
