//! The page behind an invitation's link, for everybody who may come there.

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::secret::{Link, LinkKind};

use crate::harness::{Browser, Console, Organization, PASSWORD, Page};
use crate::invites::{copied_link, invite};

const DANA: &str = "dana@example.com";

/// Acme with Ann as its Owner and Dana invited: the mailed and the copied link.
struct Invited<'a> {
    acme: Organization<'a>,
    ann: Browser,
    mailed: String,
    copied: String,
}

fn invited(console: &Console) -> Invited<'_> {
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = invite(&ann, &acme, DANA);
    let copied = copied_link(console, &page, DANA);
    Invited { acme, ann, mailed: console.mail_to(DANA).link("/invitations/").to_owned(), copied }
}

fn active(console: &Console, email: &str) -> i64 {
    console.number(&format!("SELECT count(*) AS number FROM members WHERE email = '{email}' AND status = 'active'"))
}

fn confirmed(console: &Console) -> i64 {
    console.number(&format!("SELECT count(*) AS number FROM accounts WHERE email = '{DANA}' AND email_confirmed_at IS NOT NULL"))
}

fn organizations(console: &Console) -> i64 {
    console.number("SELECT count(*) AS number FROM organizations")
}

fn sign_up(browser: &Browser, page: &Page) -> Page {
    let page = browser.click(page, "Create account");
    browser.submit(&page, "Create account", &[("Name", "Dana Smith"), ("Password", PASSWORD)])
}

#[test]
fn a_new_person_signs_up_within_the_acceptance_and_no_other_organization_appears() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let page = browser.open(&world.mailed);
    assert_eq!((page.path.as_str(), page.heading().as_str()), ("/invitation", "Join Acme"));
    assert!(page.says("Ann Owner invited you to Acme.") && page.says("Member") && page.says(DANA));
    let form = browser.click(&page, "Create account");
    assert_eq!(form.value_of("Email"), DANA);
    assert!(!form.has_field("Organization name") && form.heading().contains("Acme"));
    let page = sign_up(&browser, &page);
    assert_eq!((page.status, page.path.as_str()), (200, "/o/acme"));
    assert!(page.flash().contains("You joined Acme as Member."), "{}", page.flash());
    assert_eq!((active(&console, DANA), confirmed(&console), organizations(&console)), (1, 1, 1));
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'invited'"), 0);
    assert_eq!(
        console.number("SELECT count(*) AS number FROM events WHERE kind = 'member_joined' AND actor_name = 'Dana Smith'"),
        1
    );
    assert_eq!(console.mails_to(DANA).len(), 1, "an address that the link proved needs no confirmation");
    assert!(world.ann.open("/o/acme/invites?status=accepted").says(DANA));
}

#[test]
fn somebody_with_an_account_signs_in_and_joins() {
    let console = Console::start();
    let world = invited(&console);
    console.person_at("Dana Smith", DANA);
    let browser = console.browser();
    let page = browser.open(&world.mailed);
    let buttons = page.all("main .button");
    let place = |label: &str| buttons.iter().position(|button| button == label).unwrap();
    assert!(place("Sign in") < place("Create account"), "{buttons:?}");
    let page = browser.click(&page, "Sign in");
    assert_eq!(page.value_of("Email"), DANA);
    let page = browser.submit(&page, "Sign in", &[("Password", PASSWORD)]);
    assert_eq!(page.path, "/invitation");
    assert!(page.offers("Decline"));
    let page = browser.submit(&page, "Join Acme", &[]);
    assert_eq!((page.status, page.path.as_str(), active(&console, DANA)), (200, "/o/acme", 1));
}

#[test]
fn a_copied_link_does_not_tell_whether_the_address_has_an_account() {
    let console = Console::start();
    let world = invited(&console);
    let before = console.browser().open(&world.copied);
    console.person_at("Dana Smith", DANA);
    let after = console.browser().open(&world.copied);
    assert_eq!(before.all("main .button"), after.all("main .button"));
    assert_eq!(before.text(), after.text());
}

#[test]
fn who_is_signed_in_with_another_address_sees_both_and_switches() {
    let console = Console::start();
    let world = invited(&console);
    let bob = console.person("Bob Other");
    console.person_at("Dana Smith", DANA);
    let browser = console.signed_in(&bob);
    let page = browser.open(&world.mailed);
    assert!(page.says(DANA) && page.says(&bob.email), "{}", page.text());
    assert!(!page.offers("Join Acme"));
    let page = browser.submit(&page, "Switch account", &[]);
    assert_eq!((page.path.as_str(), page.heading().as_str()), ("/invitation", "Join Acme"));
    let page = browser.click(&page, "Sign in");
    let page = browser.submit(&page, "Sign in", &[("Email", DANA), ("Password", PASSWORD)]);
    let page = browser.submit(&page, "Join Acme", &[]);
    assert_eq!((page.path.as_str(), active(&console, DANA), active(&console, &bob.email)), ("/o/acme", 1, 0));
}

#[test]
fn no_form_lets_another_account_join() {
    let console = Console::start();
    let world = invited(&console);
    let bob = console.person("Bob Other");
    let browser = console.signed_in(&bob);
    let page = browser.open(&world.mailed);
    let names = page.form("Switch account", &[]).fields;
    let fields: Vec<(&str, &str)> = names.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for deed in ["join", "decline"] {
        let reply = browser.post(&format!("/invitation/{deed}"), &fields);
        assert_eq!(reply.status, 422, "{deed}");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM invitations WHERE status = 'pending'"), 1);
    assert_eq!(active(&console, &bob.email), 0);
}

#[test]
fn an_accepted_invitation_says_so_to_me_and_to_others() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    sign_up(&browser, &browser.open(&world.mailed));
    let mine = browser.open(&world.mailed);
    assert_eq!(mine.heading(), "You are in Acme already");
    assert_eq!(browser.click(&mine, "Open Acme").path, "/o/acme");
    let nobody = console.browser().open(&world.mailed);
    assert_eq!(nobody.heading(), "This invitation was accepted already");
    assert!(nobody.offers("Sign in") && !nobody.offers("Create account"));
    let other = console.signed_in(&console.person("Bob Other")).open(&world.copied);
    assert!(other.heading().contains("accepted already") && other.offers("Switch account"));
    console.execute(&format!(
        "SET app.organization_id = '{}'; UPDATE members SET status = 'inactive' WHERE email = '{DANA}'",
        world.acme.id
    ));
    let out = browser.open(&world.mailed);
    assert!(out.heading().contains("no longer an active member") && !out.offers("Open Acme"), "{}", out.text());
}

#[test]
fn who_has_an_expired_link_asks_for_a_new_one_and_those_who_may_invite_get_a_mail() {
    let console = Console::start();
    let world = invited(&console);
    let manager = world.acme.member("Max Manager", Starter::Manager);
    let member = world.acme.member("Mel Member", Starter::Member);
    console.travel(TimeDelta::days(15));
    let browser = console.browser();
    let page = browser.open(&world.mailed);
    assert_eq!(page.heading(), "This invitation has expired");
    let page = browser.submit(&page, "Ask for a new invitation", &[]);
    assert!(page.flash().contains("have been told"), "{}", page.flash());
    for person in [&world.acme.owner, &manager] {
        assert!(console.mail_to(&person.email).text.contains(DANA), "{}", person.name);
    }
    assert!(console.mails_to(&member.email).is_empty());
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'invitation_asked_for'"), 1);
    let page = browser.submit(&page, "Ask for a new invitation", &[]);
    assert_eq!(page.status, 429);
    assert!(page.says("You have asked already"));
    assert_eq!(console.mails_to(&manager.email).len(), 1);
}

#[test]
fn revoked_declined_and_replaced_links_are_dead_and_say_why() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let page = browser.open(&world.mailed);
    let page = browser.click(&page, "Decline");
    assert!(page.heading().contains("Decline the invitation to Acme?"));
    let page = browser.submit(&page, "Decline", &[]);
    assert_eq!(page.heading(), "This invitation was declined");
    assert!(page.offers("Ask for a new invitation"));
    assert!(world.ann.open("/o/acme/invites?status=revoked").says("Declined"));
    assert_eq!(console.number("SELECT invited_members::bigint AS number FROM organizations"), 0);
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'invitation_declined'"), 1);
}

#[test]
fn a_copied_link_lets_nobody_decline_for_the_address() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let page = browser.open(&world.copied);
    assert!(!page.offers("Decline"));
    assert_eq!(browser.get("/invitation/decline").status, 303);
    let id = console.uuid("SELECT id AS uuid FROM invitations").to_string();
    let reply = browser.post("/invitation/decline", &[("invitation", &id), ("generation", "1")]);
    assert_eq!(reply.status, 422);
    assert_eq!(console.number("SELECT count(*) AS number FROM invitations WHERE status = 'pending'"), 1);
}

#[test]
fn a_full_organization_says_who_can_help_and_keeps_the_invitation_valid() {
    let console = Console::start();
    let world = invited(&console);
    world.acme.set_limit(1);
    let browser = console.browser();
    let page = browser.open(&world.mailed);
    assert_eq!(page.heading(), "Acme is full");
    assert!(page.says("Ask Ann Owner") && page.says("stays valid") && !page.offers("Create account"));
    assert_eq!(browser.open("/sign-up").path, "/invitation");
    world.acme.set_limit(2);
    let page = browser.click(&page, "Try again");
    assert_eq!(sign_up(&browser, &page).path, "/o/acme");
}

#[test]
fn a_link_that_is_cut_or_forged_says_what_to_do() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let half = &world.mailed[..world.mailed.len() / 2];
    let mut flipped = world.mailed.clone();
    let last = flipped.pop().unwrap();
    flipped.push(if last == 'A' { 'B' } else { 'A' });
    for path in [half, &world.mailed[..world.mailed.len() - 1], &flipped, "/invitations", "/invitations/", "/invitations/%ff%00"]
    {
        let page = browser.open(path);
        assert_eq!(page.status, 404, "{path}");
        assert!(page.says("copy the whole link") && page.says("ask the person who invited you"), "{path}");
    }
    assert!(browser.cookie("session").is_none() || browser.open("/invitation").status == 404);
    let wrapped = format!("{}%3E.", world.mailed);
    assert_eq!(console.browser().open(&wrapped).heading(), "Join Acme", "signs that a mail program adds are overlooked");
}

#[test]
fn a_link_of_another_kind_opens_no_invitation() {
    let console = Console::start();
    let world = invited(&console);
    let id = console.uuid("SELECT id AS uuid FROM invitations");
    let keys = &console.config.secret_keys;
    for kind in [LinkKind::EmailConfirmation, LinkKind::PasswordReset] {
        let token = keys.sign(&Link { kind, owner: world.acme.id, id, generation: 1 });
        assert_eq!(console.browser().open(&format!("/invitations/{token}")).status, 404);
    }
    for (owner, id) in [(uuid::Uuid::new_v4(), id), (world.acme.id, uuid::Uuid::new_v4())] {
        let token = keys.sign(&Link { kind: LinkKind::InvitationMailed, owner, id, generation: 1 });
        let page = console.browser().open(&format!("/invitations/{token}"));
        assert_eq!((page.status, page.path.as_str()), (404, "/invitation"));
    }
}

#[test]
fn what_a_mail_scanner_fetches_changes_nothing() {
    let console = Console::start();
    let world = invited(&console);
    console.person_at("Dana Smith", DANA);
    let before = console.dump();
    for link in [&world.mailed, &world.copied] {
        for method in ["GET", "HEAD"] {
            let scanner = console.browser();
            let reply = scanner.send(method, link, &[], None);
            assert_eq!((reply.status, reply.location()), (303, "/invitation"));
            for path in ["/invitation", "/invitation/decline", "/sign-up", "/sign-in?next=/invitation"] {
                assert!(scanner.send(method, path, &[], None).status < 400, "{method} {path}");
            }
        }
    }
    assert_eq!(console.dump(), before);
}

#[test]
fn an_opened_invitation_is_told_once_a_link_and_account() {
    let console = Console::start();
    let world = invited(&console);
    let bob = console.signed_in(&console.person("Bob Other"));
    let story = "SELECT count(*) AS number FROM invitation_events WHERE kind = ";
    for browser in [&console.browser(), &console.browser(), &bob, &bob] {
        browser.open(&world.mailed);
        browser.send("GET", "/invitation", &[("sec-fetch-dest", "document")], None);
    }
    assert_eq!(console.number(&format!("{story}'opened'")), 1);
    assert_eq!(console.number(&format!("{story}'opened_as_other'")), 1);
    let page = world.ann.click(&world.ann.open("/o/acme/invites"), DANA);
    assert!(page.says("The link was opened") && page.says("signed in with another address"), "{}", page.text());
    assert!(!page.says("bob.other@example.com"), "whose address it is, is theirs");
}

#[test]
fn an_account_made_from_a_copied_link_confirms_its_address_before_it_is_inside() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let page = sign_up(&browser, &browser.open(&world.copied));
    assert_eq!((page.path.as_str(), page.heading().as_str()), ("/invitation", "Confirm your address to join Acme"));
    assert!(page.offers("Send the confirmation again"));
    assert_eq!((active(&console, DANA), confirmed(&console), organizations(&console)), (0, 0, 1));
    let id = console.uuid("SELECT id AS uuid FROM invitations").to_string();
    let reply = browser.post("/invitation/join", &[("invitation", &id), ("generation", "1")]);
    assert_eq!((reply.status, active(&console, DANA)), (422, 0));
    assert!(console.mail_to(DANA).text.contains("/email/confirm/"));
    console.execute("UPDATE accounts SET email_confirmed_at = now()");
    let page = browser.submit(&browser.click(&page, "I have confirmed it"), "Join Acme", &[]);
    assert_eq!((page.path.as_str(), active(&console, DANA), organizations(&console)), ("/o/acme", 1, 1));
}

#[test]
fn a_mailed_link_proves_the_address_of_an_account_that_had_not_confirmed_it() {
    let console = Console::start();
    let world = invited(&console);
    let dana = console.person_at("Dana Smith", DANA);
    console.execute(&format!("UPDATE accounts SET email_confirmed_at = NULL WHERE email = '{DANA}'"));
    let browser = console.signed_in(&dana);
    assert!(!browser.open(&world.copied).offers("Join Acme"));
    let page = browser.submit(&browser.open(&world.mailed), "Join Acme", &[]);
    assert_eq!((page.path.as_str(), confirmed(&console)), ("/o/acme", 1));
}

#[test]
fn nothing_is_created_when_the_invitation_died_while_somebody_signed_up() {
    let console = Console::start();
    for kill in ["revoke", "expire", "replace", "fill"] {
        let world = invited(&console);
        let accounts = console.number("SELECT count(*) AS number FROM accounts");
        let before = organizations(&console);
        let browser = console.browser();
        let page = browser.click(&browser.open(&world.mailed), "Create account");
        match kill {
            "expire" => console.execute("UPDATE invitations SET expires_at = now() - interval '1 day'"),
            "replace" => console.execute("UPDATE invitations SET generation = 2"),
            "fill" => world.acme.set_limit(1),
            _ => {
                let revoke = world.ann.click(&world.ann.open("/o/acme/invites"), "Revoke dana@example.com");
                world.ann.submit(&revoke, "Revoke invitation", &[]);
            }
        }
        let page = browser.submit(&page, "Create account", &[("Name", "Dana Smith"), ("Password", PASSWORD)]);
        assert_eq!(page.status, 422, "{kill}");
        assert_eq!(console.number("SELECT count(*) AS number FROM accounts"), accounts, "{kill}");
        assert_eq!(organizations(&console), before, "{kill}");
        console.execute("TRUNCATE accounts, organizations, mails, rate_limits CASCADE");
    }
}

#[test]
fn a_sign_up_whose_invitation_is_no_longer_in_the_session_makes_no_organization() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let page = browser.click(&browser.open(&world.mailed), "Create account");
    browser.set_cookie("session", "");
    let page = browser.submit(&page, "Create account", &[("Name", "Dana Smith"), ("Password", PASSWORD)]);
    assert!(page.says("Open the link in your invitation once more"), "{}", page.text());
    assert_eq!((organizations(&console), console.number("SELECT count(*) AS number FROM accounts")), (1, 1));
}

#[test]
fn a_sign_up_that_was_open_before_the_link_shows_the_invitation_first() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let form = browser.open("/sign-up");
    browser.open(&world.mailed);
    let fields = [("Name", "Dana Smith"), ("Email", "other@example.com"), ("Password", PASSWORD)];
    let page = browser.submit(&form, "Create account", &fields);
    assert_eq!((page.status, page.value_of("Email").as_str(), page.value_of("Name").as_str()), (422, DANA, "Dana Smith"));
    assert_eq!(organizations(&console), 1);
    let page = browser.submit(&page, "Create account", &[("Password", PASSWORD)]);
    assert_eq!((page.path.as_str(), organizations(&console)), ("/o/acme", 1));
}

#[test]
fn a_form_that_shows_another_invitation_than_the_session_carries_is_refused() {
    let console = Console::start();
    let world = invited(&console);
    let globex = console.organization("Globex", "Gus Other");
    invite(&console.signed_in(&globex.owner), &globex, DANA);
    let other = console.mail_to(DANA).link("/invitations/").to_owned();
    let dana = console.person_at("Dana Smith", DANA);
    let browser = console.signed_in(&dana);
    let page = browser.open(&world.mailed);
    browser.open(&other);
    let page = browser.submit(&page, "Join Acme", &[]);
    assert_eq!((page.status, page.heading().as_str(), active(&console, DANA)), (422, "Join Globex", 0));
    assert!(page.says("Another invitation was opened"));
}

#[test]
fn an_account_with_a_proven_address_finds_its_waiting_invitations_when_the_session_is_lost() {
    let console = Console::start();
    let world = invited(&console);
    let globex = console.organization("Globex", "Gus Other");
    let dana = console.person_at("Dana Smith", DANA);
    let bob = console.person("Bob Other");
    let browser = console.signed_in(&dana);
    let page = browser.open("/invitation");
    assert!(page.says("Acme") && page.offers("View invitation to Acme"), "{}", page.text());
    let page = browser.submit(&page, "View invitation to Acme", &[]);
    assert_eq!(page.heading(), "Join Acme");
    let id = console.uuid("SELECT id AS uuid FROM invitations");
    let open = |organization| format!("/invitations/waiting/{organization}/{id}/open");
    assert_eq!(console.signed_in(&bob).post(&open(world.acme.id), &[]).status, 404);
    assert_eq!(browser.post(&open(globex.id), &[]).status, 404);
    assert_eq!(browser.post("/invitations/waiting/x/y/open", &[]).status, 404);
    assert_eq!(browser.submit(&page, "Join Acme", &[]).path, "/o/acme");
}

#[test]
fn an_address_that_nobody_proved_finds_no_invitations() {
    let console = Console::start();
    let world = invited(&console);
    let dana = console.person_at("Dana Smith", DANA);
    console.execute(&format!("UPDATE accounts SET email_confirmed_at = NULL WHERE email = '{DANA}'"));
    let browser = console.signed_in(&dana);
    assert_eq!(browser.get("/invitation").status, 404);
    let id = console.uuid("SELECT id AS uuid FROM invitations");
    assert_eq!(browser.post(&format!("/invitations/waiting/{}/{id}/open", world.acme.id), &[]).status, 404);
}

#[test]
fn who_was_invited_by_somebody_without_the_right_any_more_gets_the_default_role_and_is_told() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let admin = acme.member("Ada Admin", Starter::Admin);
    let ada = console.signed_in(&admin);
    let page = ada.open("/o/acme/invites/new");
    ada.submit(&page, "Send invitation", &[("Email addresses", DANA), ("Role", "Manager")]);
    let member = acme.role(Starter::Member);
    console.execute(&format!(
        "SET app.organization_id = '{}'; UPDATE members SET role_id = '{member}' WHERE email = '{}'",
        acme.id, admin.email
    ));
    let browser = console.browser();
    let page = sign_up(&browser, &browser.open(console.mail_to(DANA).link("/invitations/")));
    assert!(page.flash().contains("as Member. The invitation said Manager"), "{}", page.flash());
    let role = format!("SELECT count(*) AS number FROM members WHERE email = '{DANA}' AND role_id = '{member}'");
    assert_eq!(console.number(&role), 1);
}

#[test]
fn the_token_leaves_the_address_bar_and_stands_in_no_table() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    let reply = browser.get(&world.mailed);
    assert_eq!((reply.status, reply.location()), (303, "/invitation"));
    let token = world.mailed.rsplit('/').next().unwrap();
    let states = console.text("SELECT coalesce(string_agg(t::text, ' '), '') FROM sessions t");
    assert!(!states.contains(token) && !console.dump().contains(token));
}

#[test]
fn the_invitation_rides_through_the_confirmation_of_the_address() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    sign_up(&browser, &browser.open(&world.copied));
    let page = browser.open(console.mail_to(DANA).link("/email/confirm/"));
    let page = browser.submit(&page, "Confirm email address", &[]);
    assert_eq!((page.path.as_str(), page.heading().as_str()), ("/invitation", "Join Acme"));
    assert_eq!(browser.submit(&page, "Join Acme", &[]).path, "/o/acme");
    assert_eq!((active(&console, DANA), organizations(&console)), (1, 1));
}

#[test]
fn the_invitation_rides_through_a_password_reset() {
    let console = Console::start();
    let world = invited(&console);
    console.person_at("Dana Smith", DANA);
    let browser = console.browser();
    let page = browser.click(&browser.open(&world.mailed), "Sign in");
    let page = browser.click(&page, "Forgot your password?");
    browser.submit(&page, "Send reset link", &[("Email", DANA)]);
    let page = browser.open(console.mail_to(DANA).link("/password/reset/"));
    let page = browser.submit(&page, "Set new password", &[("New password", "kilo quiet umbrella fox")]);
    let page = if page.path.starts_with("/sign-in") {
        browser.submit(&page, "Sign in", &[("Email", DANA), ("Password", "kilo quiet umbrella fox")])
    } else {
        page
    };
    assert_eq!((page.path.as_str(), page.heading().as_str()), ("/invitation", "Join Acme"), "{}", page.text());
}

#[test]
fn a_lost_session_is_made_good_on_the_start_page_and_the_account_page() {
    let console = Console::start();
    let world = invited(&console);
    let browser = console.browser();
    sign_up(&browser, &browser.open(&world.copied));
    let elsewhere = console.browser();
    let page = elsewhere.open("/sign-in");
    let page = elsewhere.submit(&page, "Sign in", &[("Email", DANA), ("Password", PASSWORD)]);
    assert!(!page.says("Acme"), "nobody proved the address yet: {}", page.text());
    console.execute("UPDATE accounts SET email_confirmed_at = now()");
    for path in ["/", "/account"] {
        let page = elsewhere.open(path);
        let page = elsewhere.submit(&page, "View invitation to Acme", &[]);
        assert_eq!(page.heading(), "Join Acme", "{path}");
        elsewhere.set_cookie("session", "");
        let page = elsewhere.open("/sign-in");
        elsewhere.submit(&page, "Sign in", &[("Email", DANA), ("Password", PASSWORD)]);
    }
}
