//! Signing up and in.

use crate::chromium::{self, Chromium};
use crate::harness::{Console, PASSWORD};

#[test]
fn a_person_signs_up_and_out_and_in_again() {
    let (console, _turn) = (Console::start(), chromium::turn());
    signs_up_and_out_and_in(&Chromium::start(&console));
}

#[test]
fn a_person_without_javascript_signs_up_and_out_and_in_again() {
    let (console, _turn) = (Console::start(), chromium::turn());
    signs_up_and_out_and_in(&Chromium::without_script(&console));
}

fn signs_up_and_out_and_in(dana: &Chromium) {
    dana.open("/sign-up");
    dana.fill("Name", "Dana Smith");
    dana.fill("Email", "dana@example.com");
    dana.fill("Password", PASSWORD);
    dana.go("Create account");
    dana.arrives_at("/o/dana-smiths-organization");
    dana.go("Sign out");
    dana.arrives_at("/sign-in");
    dana.fill("Email", "dana@example.com");
    dana.fill("Password", PASSWORD);
    dana.go("Sign in");
    dana.arrives_at("/o/dana-smiths-organization");
}
