//! The ways into an organization besides the mail's link: a link that was copied, and a browser signed in as another.

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization, PASSWORD};

/// Invites an address and gives the link to copy.
fn invite(ann: &Chromium, acme: &Organization<'_>, address: &str) -> String {
    ann.sign_in(&acme.owner);
    ann.go("Invites");
    ann.go("Invite members");
    ann.fill("Email addresses", address);
    ann.go("Send invitation");
    ann.value_of(&format!("Invitation link of {address}"))
}

#[test]
fn a_copied_link_makes_an_account_that_confirms_its_address_first() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let (ann, dana) = (Chromium::start(&console), Chromium::start(&console));
    let link = invite(&ann, &acme, "dana@example.com");

    dana.open(&link);
    dana.go("Create account");
    dana.fill("Name", "Dana Smith");
    dana.fill("Password", PASSWORD);
    dana.go("Create account");
    assert!(!dana.path().starts_with("/o/"), "inside without a proven address, at {}", dana.path());
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'active'"), 1);

    dana.follow_mail("dana@example.com");
    dana.go("Confirm email address");
    dana.arrives_at("/invitation");
    dana.go("Join Acme");
    dana.arrives_at("/o/acme");
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 1);
}

#[test]
fn a_link_in_the_browser_of_another_offers_to_switch_account() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let (dana, eve) = (console.person("Dana Smith"), console.person("Eve Jones"));
    let (ann, shared) = (Chromium::start(&console), Chromium::start(&console));
    invite(&ann, &acme, &dana.email);

    shared.sign_in(&eve);
    shared.follow_mail(&dana.email);
    shared.sees(&dana.email);
    shared.sees(&eve.email);
    shared.looks_right("invitation-other-account");
    shared.go("Switch account");
    shared.arrives_at("/invitation");
    shared.go("Sign in");
    shared.fill("Email", &dana.email);
    shared.fill("Password", PASSWORD);
    shared.go("Sign in");
    shared.arrives_at("/invitation");
    shared.go("Join Acme");
    shared.arrives_at("/o/acme");
}
