//! The main job: an admin invites, a person opens the mail and joins.

use crate::chromium::{self, Chromium};
use crate::harness::{Console, PASSWORD};

#[test]
fn an_admin_invites_and_a_person_opens_the_mail_and_joins() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_main_job(&Chromium::start(&console), &Chromium::start(&console));
}

#[test]
fn an_admin_invites_and_a_person_joins_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_main_job(&Chromium::without_script(&console), &Chromium::without_script(&console));
}

#[test]
fn an_admin_invites_and_a_person_joins_by_keyboard_alone() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_main_job(&Chromium::by_keyboard(&console), &Chromium::by_keyboard(&console));
}

fn the_main_job(ann: &Chromium, dana: &Chromium) {
    signs_up_and_confirms(ann);

    ann.go("Members");
    ann.go("Invite members");
    ann.fill("Email addresses", "dana@example.com, eve@example.com");
    ann.go("Send invitation");
    ann.sees("dana@example.com");
    ann.sees("eve@example.com");

    joins_by_mail(dana);
    dana.arrives_at("/o/acme");
    assert!(!dana.text().contains("Dana Smith's organization"), "an empty organization came with her");

    ann.go("Members");
    ann.sees("Dana Smith");
    assert_eq!(ann.chosen("Role of Dana Smith"), "Member");
    let (dana, eve) = (ann.row("dana@example.com"), ann.row("eve@example.com"));
    assert!(dana.contains("Active"), "{dana}");
    assert!(eve.contains("Invited"), "{eve}");
}

fn signs_up_and_confirms(ann: &Chromium) {
    ann.open("/sign-up");
    ann.fill("Name", "Ann Owner");
    ann.fill("Email", "ann@example.com");
    ann.fill("Password", PASSWORD);
    ann.fill("Organization name", "Acme");
    ann.go("Create account");
    ann.arrives_at("/o/acme");
    ann.follow_mail("ann@example.com");
    ann.go("Confirm email address");
    ann.open("/o/acme");
}

fn joins_by_mail(dana: &Chromium) {
    dana.follow_mail("dana@example.com");
    dana.arrives_at("/invitation");
    dana.sees("Acme");
    dana.sees("Ann Owner");
    dana.go("Create account");
    dana.fill("Name", "Dana Smith");
    dana.fill("Password", PASSWORD);
    dana.go("Create account");
}
