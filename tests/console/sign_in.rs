//! Signing up and in.

use crate::harness::{Console, PASSWORD};
use roster::access::policy::Starter;

#[test]
fn a_person_signs_up_and_stands_in_an_organization_of_their_own() {
    let console = Console::start();
    let browser = console.browser();
    let page = browser.open("/sign-up");
    let fields = [("Name", "Dana Smith"), ("Email", "Dana@Example.com"), ("Password", PASSWORD)];
    let page = browser.submit(&page, "Create account", &fields);
    assert_eq!((page.status, page.path.as_str()), (200, "/o/dana-smiths-organization"));
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts WHERE email = 'dana@example.com'"), 1);
    assert!(console.mail_to("dana@example.com").link("/email/confirm/").len() > 70);
}

#[test]
fn a_sign_up_with_mistakes_comes_back_with_everything_typed_but_the_password() {
    let console = Console::start();
    let browser = console.browser();
    let page = browser.open("/sign-up");
    let page = browser.submit(&page, "Create account", &[("Name", "Dana <b>"), ("Email", "dana"), ("Password", "short")]);
    assert_eq!(page.status, 422);
    assert_eq!(page.errors().len(), 2);
    assert_eq!(
        (page.value_of("Name"), page.value_of("Email"), page.value_of("Password")),
        ("Dana <b>".into(), "dana".into(), String::new())
    );
}

#[test]
fn a_member_signs_in_and_a_wrong_password_says_no_more_than_an_unknown_address() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    assert_eq!(console.signed_in(&bob).open("/o/acme").status, 200);
    let refused = |email: &str| {
        let browser = console.browser();
        let page = browser.open("/sign-in");
        let page = browser.submit(&page, "Sign in", &[("Email", email), ("Password", "wrong wrong wrong")]);
        (page.status, page.errors())
    };
    assert_eq!(refused(&bob.email), refused("nobody@example.com"));
    assert_eq!(refused(&bob.email).0, 422);
}
