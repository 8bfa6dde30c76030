//! Accounts: where `/` leads, confirming an address and changing it, the account page.

use chrono::TimeDelta;
use roster::access::policy::Starter;

use crate::harness::{Browser, Console, PASSWORD, Page};

fn signed_up(console: &Console, name: &str, email: &str) -> Browser {
    let browser = console.browser();
    let page = browser.open("/sign-up");
    let page = browser.submit(&page, "Create account", &[("Name", name), ("Email", email), ("Password", PASSWORD)]);
    assert_eq!(page.status, 200, "{}", page.text());
    browser
}

fn confirmation_link(console: &Console, email: &str) -> String {
    console.mail_to(email).link("/email/confirm/").to_owned()
}

fn is_confirmed(console: &Console, email: &str) -> bool {
    let count = format!("SELECT count(*) AS number FROM accounts WHERE email = '{email}' AND email_confirmed_at IS NOT NULL");
    console.number(&count) == 1
}

fn ask_for_address(browser: &Browser, email: &str, password: &str) -> Page {
    let page = browser.open("/account");
    browser.submit(&page, "Change email address", &[("New email address", email), ("Your password", password)])
}

fn signs_in(console: &Console, email: &str) -> bool {
    let browser = console.browser();
    browser.post("/sign-in", &[("email", email), ("password", PASSWORD)]);
    browser.get("/account").status == 200
}

#[test]
fn the_start_leads_to_the_organization_used_last_and_signed_out_to_the_sign_in() {
    let console = Console::start();
    let (acme, globex) = (console.organization("Acme", "Ann Owner"), console.organization("Globex", "Gil Owner"));
    let dana = acme.member("Dana Smith", Starter::Member);
    globex.add(&dana, Starter::Member);
    assert_eq!(console.browser().get("/").location(), "/sign-in");
    let browser = console.signed_in(&dana);
    assert_eq!(browser.get("/").location(), "/o/acme");
    browser.open("/o/globex");
    assert_eq!(browser.get("/").location(), "/o/globex");
    let sign_in_again = console.signed_in(&dana);
    assert_eq!(sign_in_again.get("/").location(), "/o/globex");
    globex.execute(
        "UPDATE members SET status = 'inactive' WHERE email LIKE 'dana%' AND organization_id = current_organization_id()",
    );
    assert_eq!(browser.get("/").location(), "/o/acme");
    assert_eq!(browser.get("/o/globex").status, 404);
}

#[test]
fn a_person_without_an_organization_is_led_to_create_one() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    assert_eq!(console.signed_in(&dana).get("/").location(), "/organizations/new");
}

#[test]
fn a_person_without_an_organization_whose_address_is_unproven_learns_what_waits_for_the_proof() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    console.execute("UPDATE accounts SET email_confirmed_at = NULL");
    let browser = console.signed_in(&dana);
    let page = browser.open("/");
    assert!(page.says("once you confirm that address") && page.offers("Create organization"), "{}", page.text());
    browser.submit(&page, "Send it again", &[]);
    assert_eq!(console.mails_to(&dana.email).len(), 1);
}

#[test]
fn an_address_is_confirmed_by_the_button_behind_the_link_and_not_by_opening_it() {
    let console = Console::start();
    let browser = signed_up(&console, "Dana Smith", "dana@example.com");
    let link = confirmation_link(&console, "dana@example.com");
    let reply = browser.get(&link);
    assert_eq!((reply.status, reply.location()), (303, "/email/confirm"), "the token leaves the address");
    let page = browser.open(&link);
    assert!(page.says("dana@example.com") && !is_confirmed(&console, "dana@example.com"));
    let page = browser.submit(&page, "Confirm email address", &[]);
    assert!(page.flash().contains("dana@example.com is confirmed"), "{}", page.flash());
    assert!(is_confirmed(&console, "dana@example.com"));
    assert!(browser.open("/account").says("Confirmed dana@example.com"));
}

#[test]
fn who_is_signed_out_signs_in_and_comes_back_to_the_confirmation() {
    let console = Console::start();
    signed_up(&console, "Dana Smith", "dana@example.com");
    let browser = console.browser();
    let page = browser.open(&confirmation_link(&console, "dana@example.com"));
    assert_eq!(page.path, "/sign-in?next=%2Femail%2Fconfirm");
    let page = browser.submit(&page, "Sign in", &[("Email", "dana@example.com"), ("Password", PASSWORD)]);
    assert_eq!((page.status, page.path.as_str()), (200, "/email/confirm"));
    browser.submit(&page, "Confirm email address", &[]);
    assert!(is_confirmed(&console, "dana@example.com"));
}

#[test]
fn nobody_confirms_an_account_that_somebody_else_made_with_their_address() {
    let console = Console::start();
    signed_up(&console, "Mallory", "dana@example.com");
    let gil = console.person("Gil Green");
    let browser = console.signed_in(&gil);
    let page = browser.open(&confirmation_link(&console, "dana@example.com"));
    assert_eq!((page.status, page.heading().as_str()), (403, "This link is for another account"));
    assert!(page.says("dana@example.com") && page.says(&gil.email));
    assert_eq!(browser.post("/email/confirm", &[]).status, 403);
    assert!(!is_confirmed(&console, "dana@example.com"));
    let page = browser.submit(&page, "Switch account", &[]);
    assert_eq!(page.heading(), "Sign in");
    let page = browser.submit(&page, "Sign in", &[("Email", "dana@example.com"), ("Password", PASSWORD)]);
    browser.submit(&page, "Confirm email address", &[]);
    assert!(is_confirmed(&console, "dana@example.com"));
}

#[test]
fn a_confirmation_link_that_was_used_replaced_cut_or_is_too_old_says_so() {
    let console = Console::start();
    let browser = signed_up(&console, "Dana Smith", "dana@example.com");
    let first = confirmation_link(&console, "dana@example.com");
    for broken in [&first[..first.len() - 2], "/email/confirm/x"] {
        let page = browser.open(broken);
        assert_eq!((page.status, page.heading().as_str()), (410, "This link does not work any more"));
        assert!(page.offers("Send a new link"));
    }
    console.travel(TimeDelta::seconds(1));
    let page = browser.open("/email/confirm");
    browser.submit(&page, "Send a new link", &[]);
    let second = confirmation_link(&console, "dana@example.com");
    assert_eq!((browser.open(&first).status, browser.open(&second).status), (410, 200));
    console.travel(TimeDelta::days(3));
    let page = browser.open("/sign-in");
    browser.submit(&page, "Sign in", &[("Email", "dana@example.com"), ("Password", PASSWORD)]);
    assert_eq!(browser.open(&second).status, 410);
    assert_eq!(browser.post("/email/confirm", &[]).status, 410);
    let page = browser.open("/email/confirm");
    browser.submit(&page, "Send a new link", &[]);
    let third = confirmation_link(&console, "dana@example.com");
    let page = browser.open(&third);
    browser.submit(&page, "Confirm email address", &[]);
    let page = browser.open(&third);
    assert_eq!((page.status, page.heading().as_str()), (200, "Your address is confirmed"));
    assert_eq!(browser.open(&first).status, 410);
}

#[test]
fn a_confirmation_is_sent_five_times_an_hour_and_comes_back_to_the_page_it_was_asked_from() {
    let console = Console::start();
    let browser = signed_up(&console, "Dana Smith", "dana@example.com");
    let referer = format!("{}/o/dana-smiths-organization", console.config.origin());
    let send = || {
        let headers = [("sec-fetch-site", "same-origin"), ("referer", referer.as_str())];
        browser.send("POST", "/email/confirm/send", &headers, Some(b""))
    };
    for _ in 0..5 {
        let reply = send();
        assert_eq!((reply.status, reply.location()), (303, "/o/dana-smiths-organization"));
    }
    let reply = send();
    assert!(reply.status == 429 && reply.body.contains("Try again in"), "{}", reply.body);
    let elsewhere = [("sec-fetch-site", "same-origin"), ("referer", "https://evil.example/o/x")];
    console.travel(TimeDelta::minutes(61));
    assert_eq!(browser.send("POST", "/email/confirm/send", &elsewhere, Some(b"")).location(), "/account");
}

#[test]
fn an_address_changes_once_the_link_to_the_new_one_is_opened() {
    let console = Console::start();
    let (acme, globex) = (console.organization("Acme", "Ann Owner"), console.organization("Globex", "Gil Owner"));
    let dana = acme.member("Dana Smith", Starter::Member);
    globex.add(&dana, Starter::Member);
    let browser = console.signed_in(&dana);
    let old_reset = {
        console.browser().post("/password/forgot", &[("email", &dana.email)]);
        console.mail_to(&dana.email).link("/password/reset/").to_owned()
    };
    let page = ask_for_address(&browser, "Dana@New.Example", PASSWORD);
    assert!(page.says("Open the link that we sent to dana@new.example"), "{}", page.text());
    assert!(signs_in(&console, &dana.email) && !signs_in(&console, "dana@new.example"));
    let page = browser.open(&confirmation_link(&console, "dana@new.example"));
    assert_eq!(page.heading(), "Change your email address");
    let key = browser.cookie("session");
    let page = browser.submit(&page, "Confirm email address", &[]);
    assert_eq!(page.path, "/account");
    assert!(page.flash().contains("dana@new.example"), "{}", page.flash());
    assert_ne!(browser.cookie("session"), key, "the session goes on under a new key");
    assert!(signs_in(&console, "dana@new.example") && !signs_in(&console, &dana.email));
    assert!(is_confirmed(&console, "dana@new.example"));
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE email = 'dana@new.example'"), 2);
    assert_eq!(console.number("SELECT count(*) AS number FROM member_terms WHERE term = 'new.example'"), 2);
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'member_address_changed'"), 2);
    assert_eq!(console.browser().open(&old_reset).status, 410, "links to the old address open nothing");
    let notice = console.mail_to(&dana.email);
    assert!(notice.text.contains("dana@new.example"), "{}", notice.text);
}

#[test]
fn a_change_of_address_needs_the_password_and_a_free_address() {
    let console = Console::start();
    let (dana, gil) = (console.person("Dana Smith"), console.person("Gil Green"));
    let browser = console.signed_in(&dana);
    let page = ask_for_address(&browser, "new@example.com", "wrong");
    assert_eq!((page.status, page.errors()), (422, vec!["That is not your password. Type it again.".to_owned()]));
    assert_eq!((page.value_of("New email address"), page.value_of("Your password")), ("new@example.com".into(), String::new()));
    assert_eq!(ask_for_address(&browser, &gil.email, PASSWORD).status, 422);
    assert_eq!(ask_for_address(&browser, &dana.email, PASSWORD).status, 422);
    assert_eq!(ask_for_address(&browser, "nonsense", PASSWORD).status, 422);
    assert_eq!(console.number("SELECT count(*) AS number FROM account_links"), 0);
}

#[test]
fn an_address_that_somebody_took_in_the_meantime_stays_theirs() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Member);
    let browser = console.signed_in(&dana);
    ask_for_address(&browser, "new@example.com", PASSWORD);
    let link = confirmation_link(&console, "new@example.com");
    console.person_at("Nel New", "new@example.com");
    let page = browser.open(&link);
    let page = browser.submit(&page, "Confirm email address", &[]);
    assert_eq!((page.status, page.heading().as_str()), (409, "That address is taken"));
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE email = 'dana.smith@example.com'"), 1);
}

#[test]
fn of_several_wishes_for_an_address_the_last_one_counts() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    ask_for_address(&browser, "one@example.com", PASSWORD);
    ask_for_address(&browser, "two@example.com", PASSWORD);
    assert_eq!(console.mails_to("one@example.com").len(), 1);
    let page = browser.open(&confirmation_link(&console, "two@example.com"));
    browser.submit(&page, "Confirm email address", &[]);
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts WHERE email = 'two@example.com'"), 1);
}

#[test]
fn another_name_reaches_every_organization_and_its_activity() {
    let console = Console::start();
    let (acme, globex) = (console.organization("Acme", "Ann Owner"), console.organization("Globex", "Gil Owner"));
    let dana = acme.member("Dana Smith", Starter::Member);
    globex.add(&dana, Starter::Member);
    let browser = console.signed_in(&dana);
    let page = browser.open("/account");
    let page = browser.submit(&page, "Save name", &[("Name", "Dana Quill")]);
    assert_eq!((page.path.as_str(), page.value_of("Name").as_str()), ("/account", "Dana Quill"));
    assert!(page.says("Changed the name from Dana Smith to Dana Quill"), "{}", page.text());
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE name = 'Dana Quill' AND name_key = 'dana quill'"), 2);
    let found = "SELECT count(*) AS number FROM member_terms WHERE term IN ('quill') ";
    assert_eq!(console.number(found), 2);
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'member_renamed'"), 2);
    browser.submit(&page, "Save name", &[("Name", "Dana Quill")]);
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'member_renamed'"), 2, "nothing changed");
}

#[test]
fn renaming_in_many_organizations_at_once_from_two_browsers_leaves_one_name_everywhere() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    for number in 0..5 {
        console.organization(&format!("Acme {number}"), &format!("Owner {number}")).add(&dana, Starter::Member);
    }
    let browsers = [console.signed_in(&dana), console.signed_in(&dana)];
    for round in 0..10 {
        std::thread::scope(|scope| {
            for (number, browser) in browsers.iter().enumerate() {
                let name = format!("Dana {round} {number}");
                scope.spawn(move || assert_eq!(browser.post("/account/name", &[("name", &name)]).status, 303));
            }
        });
        let names =
            "SELECT count(DISTINCT name) AS number FROM (SELECT name FROM members WHERE account_id = (SELECT id FROM accounts
            WHERE email LIKE 'dana%') UNION ALL SELECT name FROM accounts WHERE email LIKE 'dana%') n";
        assert_eq!(console.number(names), 1);
    }
}

#[test]
fn the_account_page_shows_organizations_with_roles_and_what_happened() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Manager);
    let page = console.signed_in(&dana).open("/account");
    assert!(page.says("Acme") && page.says("Manager") && page.offers("Leave Acme"), "{}", page.text());
    assert!(page.says("Signed in with Unknown browser") && page.says("This browser"), "{}", page.text());
    assert!(page.says("Sign-in methods") && page.says("Password"));
}

#[test]
fn addresses_that_only_take_forms_say_so_to_everything_else() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    for path in ["/account/name", "/account/email", "/account/password", "/account/sessions/end-others", "/email/confirm/send"] {
        let reply = browser.get(path);
        assert!(reply.status == 405 && reply.body.contains("does not work that way"), "{path}: {}", reply.status);
    }
    for (method, path) in [("DELETE", "/account"), ("PUT", "/sign-in"), ("POST", "/account"), ("PATCH", "/password/forgot")] {
        let reply = browser.send(method, path, &[("sec-fetch-site", "same-origin")], Some(b""));
        assert_eq!(reply.status, 405, "{method} {path}");
    }
}

fn invited(console: &Console, organization: &crate::harness::Organization<'_>, email: &str) -> String {
    let owner = console.signed_in(&organization.owner);
    let page = owner.open(&organization.path("invites/new"));
    let page = owner.submit(&page, "Send invitation", &[("Email addresses", email)]);
    assert_eq!(page.status, 200, "{}", page.text());
    console.mail_to(email).link("/invitations/").to_owned()
}

#[test]
fn who_lost_the_link_finds_the_waiting_invitation_at_the_start_and_on_the_account_page() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = console.person("Dana Smith");
    invited(&console, &acme, &dana.email);
    let browser = console.signed_in(&dana);
    assert!(browser.open("/account").offers("View invitation to Acme"));
    let page = browser.open("/");
    assert_eq!((page.path.as_str(), page.heading().as_str()), ("/", "You are invited"));
    assert!(page.says("Invited by Ann Owner") && page.offers("Create organization"), "{}", page.text());
    let page = browser.submit(&page, "View invitation to Acme", &[]);
    let page = browser.submit(&page, "Join Acme", &[]);
    assert_eq!(page.path, "/o/acme");
    assert_eq!(browser.get("/").location(), "/o/acme");
    assert!(!browser.open("/account").offers("View invitation to Acme"));
}

#[test]
fn an_unproven_address_finds_no_invitation() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = console.person("Dana Smith");
    console.execute("UPDATE accounts SET email_confirmed_at = NULL WHERE email LIKE 'dana%'");
    invited(&console, &acme, &dana.email);
    let browser = console.signed_in(&dana);
    for path in ["/", "/account"] {
        assert!(!browser.open(path).offers("View invitation to Acme"), "{path}");
    }
}

#[test]
fn a_bound_invitation_survives_sign_in_confirmation_and_reset() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = console.person("Dana Smith");
    let link = invited(&console, &acme, &dana.email);
    let browser = console.browser();
    browser.open(&link);
    let page = browser.open("/sign-in");
    let reply = browser.press(&page, "Sign in", &[("Email", &dana.email), ("Password", PASSWORD)]);
    assert_eq!(reply.location(), "/invitation");
    let forgetful = console.browser();
    forgetful.open(&link);
    let page = forgetful.open("/password/forgot");
    forgetful.submit(&page, "Send reset link", &[("Email", &dana.email)]);
    let page = forgetful.open(console.mail_to(&dana.email).link("/password/reset/"));
    let reply = forgetful.press(&page, "Set new password", &[("New password", "seven quiet umbrellas on kilo")]);
    assert_eq!(reply.location(), "/invitation");
    assert!(forgetful.open("/invitation").offers("Join Acme"));
    console.execute("UPDATE accounts SET email_confirmed_at = NULL WHERE email LIKE 'dana%'");
    forgetful.post("/email/confirm/send", &[]);
    let page = forgetful.open(&confirmation_link(&console, &dana.email));
    assert_eq!(forgetful.press(&page, "Confirm email address", &[]).location(), "/invitation");
}

#[test]
fn an_invitation_to_the_new_address_of_a_member_ends_with_the_change() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Member);
    invited(&console, &acme, "dana@new.example");
    let browser = console.signed_in(&dana);
    ask_for_address(&browser, "dana@new.example", PASSWORD);
    let page = browser.open(&confirmation_link(&console, "dana@new.example"));
    let page = browser.submit(&page, "Confirm email address", &[]);
    assert_eq!((page.status, page.path.as_str()), (200, "/account"));
    assert_eq!(console.number("SELECT count(*) AS number FROM invitations WHERE status = 'revoked'"), 1);
    assert_eq!(
        console.number("SELECT count(*) AS number FROM members WHERE email = 'dana@new.example' AND status = 'active'"),
        1
    );
    assert_eq!(console.number("SELECT invited_members::bigint AS number FROM organizations"), 0);
}

#[test]
fn a_member_leaves_after_a_confirmation_that_says_what_ends() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Member);
    let browser = console.signed_in(&dana);
    let page = browser.open("/account");
    let page = browser.click(&page, "Leave Acme");
    assert!(page.says("What ends at once") && page.heading() == "Leave Acme?", "{}", page.text());
    let page = browser.submit(&page, "Leave Acme", &[]);
    assert_eq!((page.path.as_str(), page.flash().trim()), ("/account", "You left Acme."));
    assert_eq!(browser.get("/o/acme").status, 404);
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'member_left'"), 1);
}

#[test]
fn the_last_owner_cannot_leave() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let browser = console.signed_in(&acme.owner);
    let page = browser.open("/o/acme/leave");
    let page = browser.submit(&page, "Leave Acme", &[]);
    assert_eq!(page.status, 422);
    assert!(page.says("last active Owner. Make somebody else an Owner first"), "{}", page.text());
    acme.add(&console.person("Bea Second"), Starter::Owner);
    assert_eq!(browser.submit(&page, "Leave Acme", &[]).path, "/account");
}

#[test]
fn of_two_last_owners_who_leave_at_once_one_stays() {
    for _ in 0..50 {
        let console = Console::start();
        let acme = console.organization("Acme", "Ann Owner");
        let bea = console.person("Bea Second");
        acme.add(&bea, Starter::Owner);
        let browsers = [console.signed_in(&acme.owner), console.signed_in(&bea)];
        let start = std::sync::Barrier::new(2);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let leave = |browser| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    Browser::post(browser, "/o/acme/leave", &[]).status
                })
            };
            let threads: Vec<_> = browsers.iter().map(leave).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(statuses.contains(&303) && statuses.contains(&422), "{statuses:?}");
    }
}
