//! How the invites look to those who send them and to those who get them, in every situation that an invitation can be in.

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization, PASSWORD};
use chrono::TimeDelta;
use roster::access::policy::Starter;

const DANA: &str = "dana.smith@example.com";

/// Invites addresses as the Owner, past the browser.
fn invite(console: &Console, acme: &Organization<'_>, addresses: &str) {
    let owner = console.signed_in(&acme.owner);
    let page = owner.open(&acme.path("invites/new"));
    owner.submit(&page, "Send invitation", &[("Email addresses", addresses)]);
}

fn mailed_link(console: &Console) -> String {
    console.mail_to(DANA).link("/invitations/").to_owned()
}

#[test]
fn the_invites_screen_looks_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(40);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.look_right(&[("/o/acme/invites", "invites-none"), ("/o/acme/invites/new", "invite")]);
    ann.click("More settings");
    ann.looks_right("invite-more-settings");
    ann.fill(
        "Email addresses",
        "dana.smith@example.com, eve@example.com, finn@example.com, ann.owner@example.com, gwen@@example.com",
    );
    ann.fill("Message", "Come and help us with the rockets.");
    ann.go("Send invitation");
    ann.looks_right("invite-judged");
    invite(&console, &acme, "gwendolyn.featherington-smythe@engineering.example.com");
    ann.open("/o/acme/invites/new");
    ann.fill("Email addresses", "hank@example.com iris@example.com");
    ann.go("Send invitation");
    ann.looks_right("invites-sent");
    ann.open("/o/acme/invites");
    ann.looks_right("invites");
    ann.click("Revoke hank@example.com");
    ann.until_equal(true, || ann.shows("Cancel"));
    ann.looks_right("invites-dialog");
    ann.go("Revoke invitation");
    ann.look_right(&[
        ("/o/acme/invites?status=revoked", "invites-revoked"),
        ("/o/acme/members?status=invited", "members-invited"),
    ]);
    ann.open("/o/acme/invites");
    ann.go("dana.smith@example.com");
    ann.looks_right("invite-one");
}

#[test]
fn the_pages_behind_an_invitation_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    invite(&console, &acme, DANA);
    let link = mailed_link(&console);
    let dana = Chromium::start(&console);
    dana.open(&link);
    dana.looks_right("invitation-new-person");
    dana.go("Create account");
    dana.looks_right("sign-up-invited");
    dana.open(&link[..link.len() - 9]);
    dana.looks_right("invitation-cut");
    let account = console.person("Dana Smith");
    dana.open(&link);
    dana.looks_right("invitation-signed-out");
    dana.go("Sign in");
    dana.looks_right("sign-in-invited");
    dana.fill("Email", &account.email);
    dana.fill("Password", PASSWORD);
    dana.go("Sign in");
    dana.looks_right("invitation-signed-in");
    dana.go("Join Acme");
    dana.looks_right("joined");
    dana.open(&link);
    dana.looks_right("invitation-accepted");
}

#[test]
fn the_pages_behind_a_dead_invitation_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Manager", Starter::Manager);
    invite(&console, &acme, DANA);
    let link = mailed_link(&console);
    let dana = Chromium::start(&console);
    acme.set_limit(1);
    dana.open(&link);
    dana.looks_right("invitation-full");
    console.travel(TimeDelta::days(15));
    dana.open(&link);
    dana.looks_right("invitation-expired");
    dana.go("Ask for a new invitation");
    dana.looks_right("invitation-asked");
}

#[test]
fn the_mails_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    invite(&console, &acme, DANA);
    let nobody = Chromium::start(&console);
    nobody.open(&format!("/mailbox?to={DANA}"));
    nobody.looks_right("mailbox-filled");
    nobody.open_newest_mail();
    nobody.looks_right("mail");
    nobody.go("See it as HTML");
    nobody.pictures("mail-html");
}
