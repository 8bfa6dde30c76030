//! Every page, in every width, light and dark: pictures under target/screenshots, and what must hold in all of them (see
//! `looks_right`).

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization};
use roster::access::policy::Starter;

/// An organization with a bit of everything, long words included.
fn busy(console: &Console) -> Organization<'_> {
    let acme = console.organization("Acme Aerospace & Sons", "Ann Owner");
    acme.set_limit(60);
    let names = [
        "Bob Manager",
        "Dana Smith",
        "Eve Jones-Featherstonehaugh",
        "Finn Ó Súilleabháin",
        "Gwendolyn Maximiliana Bartholomew Featherington-Smythe",
    ];
    for (name, role) in names.iter().zip([Starter::Manager, Starter::Admin, Starter::Member, Starter::Viewer, Starter::Writer]) {
        acme.member(name, role);
    }
    acme.add(&console.person_at("李 慧", "hui@example.com"), Starter::Member);
    acme
}

#[test]
fn pages_of_an_organization_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = busy(&console);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    let home = acme.path("");
    ann.look_right(&[
        (home.trim_end_matches('/'), "overview"),
        (&acme.path("activity"), "activity"),
        ("/organizations/new", "organization-new"),
        ("/mailbox", "mailbox"),
    ]);
}

#[test]
fn pages_of_strangers_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let nobody = Chromium::start(&console);
    nobody.look_right(&[("/sign-in", "sign-in"), ("/sign-up", "sign-up"), ("/nowhere", "not-found"), ("/mailbox", "mailbox-empty")]);
}
