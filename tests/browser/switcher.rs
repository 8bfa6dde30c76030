//! The organization is in the address: two tabs show two.

use crate::chromium::{self, Chromium};
use crate::harness::Console;

#[test]
fn two_tabs_show_two_organizations_and_each_form_acts_on_its_own() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    console.organization_of("Umbrella", &acme.owner);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.open("/o/acme/members");
    ann.click("Acme");
    ann.go("Umbrella");
    ann.arrives_at("/o/umbrella/members");
    ann.open_in_new_tab("/o/acme/invites/new");
    ann.to_tab(0);
    ann.open("/o/umbrella/invites/new");
    ann.to_tab(1);
    ann.fill("Email addresses", "dana@example.com");
    ann.go("Send invitation");
    assert!(ann.path().starts_with("/o/acme/"), "{}", ann.path());
    ann.to_tab(0);
    assert!(ann.path().starts_with("/o/umbrella/"), "{}", ann.path());
    let invited =
        "SELECT count(*) AS number FROM invitations i JOIN organizations o ON o.id = i.organization_id WHERE o.slug = 'acme'";
    assert_eq!(console.number(invited), 1);

    ann.open("/");
    ann.arrives_at("/o/acme");
}
