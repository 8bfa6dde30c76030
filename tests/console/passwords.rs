//! Passwords: signing in with one, forgetting it, setting another.

use std::sync::Barrier;

use chrono::TimeDelta;
use roster::access::policy::Starter;

use crate::harness::{Browser, Console, PASSWORD, Page, Person};

const ANOTHER: &str = "seven quiet umbrellas on kilo";

fn sign_in(browser: &Browser, email: &str, password: &str) -> Page {
    let page = browser.open("/sign-in");
    browser.submit(&page, "Sign in", &[("Email", email), ("Password", password)])
}

fn signs_in(console: &Console, person: &Person, password: &str) -> bool {
    let browser = console.browser();
    sign_in(&browser, &person.email, password);
    browser.get("/account").status == 200
}

/// Asks for a reset link and returns its path, as the mail names it.
fn reset_link(console: &Console, person: &Person) -> String {
    let browser = console.browser();
    let page = browser.open("/password/forgot");
    let page = browser.submit(&page, "Send reset link", &[("Email", &person.email)]);
    assert_eq!((page.status, page.path.as_str()), (200, "/sign-in"));
    console.mail_to(&person.email).link("/password/reset/").to_owned()
}

fn set_by(browser: &Browser, link: &str, password: &str) -> Page {
    let page = browser.open(link);
    browser.submit(&page, "Set new password", &[("New password", password)])
}

#[test]
fn a_forgotten_password_is_asked_for_with_the_same_answer_whether_there_is_an_account_or_not() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let answer = |email: &str| {
        let browser = console.browser();
        let page = browser.open("/password/forgot");
        let page = browser.submit(&page, "Send reset link", &[("Email", email)]);
        (page.status, page.path.clone(), page.flash().replace(email, "EMAIL"))
    };
    let known = answer(&dana.email);
    assert_eq!(known, answer("nobody@example.com"));
    assert!(known.2.contains("EMAIL"), "{}", known.2);
    assert_eq!(console.mails_to(&dana.email).len(), 1);
    assert_eq!(console.mails_to("nobody@example.com").len(), 0);
}

#[test]
fn a_reset_link_sets_a_new_password_signs_in_and_ends_every_other_session() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Member);
    console.execute("UPDATE accounts SET email_confirmed_at = NULL WHERE email = 'dana.smith@example.com'");
    let elsewhere = console.signed_in(&dana);
    let link = reset_link(&console, &dana);
    let browser = console.browser();
    let page = set_by(&browser, &link, ANOTHER);
    assert_eq!((page.status, page.path.as_str()), (200, "/o/acme"));
    assert!(page.flash().contains("new password is set"), "{}", page.flash());
    assert_eq!(elsewhere.get("/account").location(), "/sign-in?next=%2Faccount");
    assert!(signs_in(&console, &dana, ANOTHER) && !signs_in(&console, &dana, PASSWORD));
    let proven = "SELECT count(*) AS number FROM accounts WHERE email_confirmed_at IS NOT NULL AND email LIKE 'dana%'";
    assert_eq!(console.number(proven), 1, "who opens a mail reads the mailbox");
    let notice = console.mail_to(&dana.email);
    assert!(notice.subject.contains("password"), "{}", notice.subject);
    assert!(browser.open("/account").says("Set a new password by mail"));
}

#[test]
fn opening_a_reset_link_changes_nothing_and_takes_the_token_out_of_the_address() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let link = reset_link(&console, &dana);
    let browser = console.browser();
    let reply = browser.get(&link);
    assert_eq!((reply.status, reply.location()), (303, "/password/reset"));
    let page = browser.open(&link);
    assert!(page.says(&dana.email) && page.path == "/password/reset");
    let token = link.rsplit('/').next().unwrap();
    assert!(!page.html().contains(token));
    let tokens = format!("SELECT count(*) AS number FROM sessions WHERE state LIKE '%{token}%'");
    assert_eq!(console.number(&tokens), 0, "the session holds no token in clear");
    assert!(signs_in(&console, &dana, PASSWORD));
}

#[test]
fn a_reset_link_works_once_and_for_one_hour_and_the_newest_is_the_one_that_does() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let works = |link: &str| console.browser().open(link).status == 200;
    let first = reset_link(&console, &dana);
    console.travel(TimeDelta::seconds(1));
    let second = reset_link(&console, &dana);
    assert!(!works(&first) && works(&second));
    console.travel(TimeDelta::minutes(59));
    assert!(works(&second));
    console.travel(TimeDelta::minutes(2));
    assert!(!works(&second));
    let third = reset_link(&console, &dana);
    set_by(&console.browser(), &third, ANOTHER);
    let page = console.browser().open(&third);
    assert_eq!((page.status, page.heading().as_str()), (410, "This link does not work any more"));
    assert!(page.offers("Ask for a new link"));
}

#[test]
fn a_reset_link_that_was_cut_or_changed_is_a_dead_one() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let link = reset_link(&console, &dana);
    for broken in
        [&link[..link.len() - 1], &link[..link.len() / 2], &link.replace('A', "B"), "/password/reset/%00", "/password/reset/%ff"]
    {
        let page = console.browser().open(broken);
        assert!(matches!(page.status, 404 | 410), "{broken}: {}", page.status);
    }
    let page = console.browser().open(&link.replace("/password/reset/", "/email/confirm/"));
    assert_eq!(page.heading(), "Sign in", "a reset link confirms nothing");
}

#[test]
fn of_fifty_people_who_use_one_reset_link_at_once_exactly_one_wins() {
    let console = Console::start_with(|config| config.pool_size = 16);
    let dana = console.person("Dana Smith");
    let link = reset_link(&console, &dana);
    let start = Barrier::new(50);
    let wins: Vec<(usize, bool)> = std::thread::scope(|scope| {
        let attempt = |number: usize| {
            let (console, link, start) = (&console, &link, &start);
            scope.spawn(move || {
                let browser = console.browser();
                let page = browser.open(link);
                let password = format!("{ANOTHER} {number}");
                start.wait();
                let press = || browser.press(&page, "Set new password", &[("New password", &password)]);
                // A machine busy with other tests may answer that it is; nothing was changed then.
                let reply = std::iter::repeat_with(press).find(|reply| reply.status != 503).unwrap();
                assert!(matches!(reply.status, 303 | 410), "{}", reply.status);
                (number, reply.status == 303)
            })
        };
        let threads: Vec<_> = (0..50).map(attempt).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winners: Vec<usize> = wins.iter().filter(|(_, won)| *won).map(|(number, _)| *number).collect();
    assert_eq!(winners.len(), 1);
    assert!(signs_in(&console, &dana, &format!("{ANOTHER} {}", winners[0])));
    assert_eq!(console.number("SELECT count(*) AS number FROM account_events WHERE kind = 'password_reset'"), 1);
}

#[test]
fn a_reset_link_asks_again_for_a_password_that_is_too_weak_and_still_works_then() {
    let console = Console::start();
    let dana = console.organization("Acme", "Dana Smith").owner;
    let browser = console.browser();
    let page = set_by(&browser, &reset_link(&console, &dana), "dana.smith@example.com");
    assert_eq!((page.status, page.errors().len(), page.value_of("New password").as_str()), (422, 1, ""));
    let page = browser.submit(&page, "Set new password", &[("New password", ANOTHER)]);
    assert_eq!(page.status, 200);
    assert!(signs_in(&console, &dana, ANOTHER));
}

#[test]
fn links_for_a_new_password_are_sent_three_times_an_hour_to_an_address_known_or_not() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    for email in [dana.email.as_str(), "nobody@example.com"] {
        let browser = console.browser();
        for _ in 0..3 {
            assert_eq!(browser.post("/password/forgot", &[("email", email)]).status, 303);
        }
        let reply = browser.post("/password/forgot", &[("email", email)]);
        assert_eq!(reply.status, 429);
        assert!(reply.header("retry-after").is_some() && reply.body.contains("Try again in 60 minutes"), "{}", reply.body);
    }
    assert_eq!(console.mails_to(&dana.email).len(), 3);
    console.travel(TimeDelta::minutes(61));
    assert_eq!(console.browser().post("/password/forgot", &[("email", &dana.email)]).status, 303);
}

#[test]
fn a_password_is_changed_by_who_knows_it_and_other_sessions_end() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let (browser, elsewhere) = (console.signed_in(&dana), console.signed_in(&dana));
    let unused = reset_link(&console, &dana);
    let key = browser.cookie("session");
    let page = browser.open("/account");
    let page = browser.submit(&page, "Change password", &[("Current password", PASSWORD), ("New password", ANOTHER)]);
    assert_eq!((page.status, page.path.as_str()), (200, "/account"));
    assert!(page.flash().contains("new password is set"), "{}", page.flash());
    assert_ne!(browser.cookie("session"), key, "the session goes on under a new key");
    assert_eq!(elsewhere.get("/account").status, 303);
    assert!(signs_in(&console, &dana, ANOTHER) && !signs_in(&console, &dana, PASSWORD));
    assert!(console.mail_to(&dana.email).subject.contains("password"));
    assert_eq!(console.browser().open(&unused).status, 410, "a link that was asked for before sets nothing any more");
}

#[test]
fn a_wrong_current_password_changes_nothing_and_is_limited() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let browser = console.signed_in(&dana);
    for _ in 0..10 {
        let page = browser.open("/account");
        let page = browser.submit(&page, "Change password", &[("Current password", "wrong"), ("New password", ANOTHER)]);
        assert_eq!(page.status, 422);
        assert_eq!(page.errors(), ["That is not your password. Type it again."]);
    }
    let page = browser.open("/account");
    let fields = [("Current password", PASSWORD), ("New password", ANOTHER)];
    assert_eq!(browser.press(&page, "Change password", &fields).status, 429);
    assert!(signs_in(&console, &dana, PASSWORD), "who guesses there locks nobody out of the sign-in");
    console.travel(TimeDelta::minutes(16));
    let page = browser.open("/account");
    assert_eq!(browser.press(&page, "Change password", &fields).status, 303);
}

#[test]
fn nobody_is_locked_out_by_what_others_try_elsewhere() {
    let console = Console::start_with(|config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]);
    let dana = console.person("Dana Smith");
    let from = |network: &str, path: &str, fields: &[(&str, &str)]| {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("sec-fetch-site", "same-origin"), ("x-forwarded-for", network)];
        console.browser().send("POST", path, &headers, Some(body.as_bytes())).status
    };
    let (wrong, right) =
        ([("email", dana.email.as_str()), ("password", "wrong")], [("email", &*dana.email), ("password", PASSWORD)]);
    let tries: Vec<u16> = (0..11).map(|_| from("66.1.1.1", "/sign-in", &wrong)).collect();
    assert_eq!((tries[9], tries[10]), (422, 429));
    assert_eq!((from("66.1.1.1", "/sign-in", &right), from("99.1.1.1", "/sign-in", &right)), (429, 303));
    let forgot = [("email", dana.email.as_str())];
    let asked: Vec<u16> = (0..4).map(|_| from("66.1.1.1", "/password/forgot", &forgot)).collect();
    assert_eq!((asked[2], asked[3], from("99.1.1.1", "/password/forgot", &forgot)), (303, 429, 303));
    // From everywhere at once it ends, too.
    for network in 0..20 {
        for _ in 0..9 {
            from(&format!("77.{network}.1.1"), "/sign-in", &wrong);
        }
    }
    assert_eq!(from("99.1.1.1", "/sign-in", &wrong), 429);
}

#[test]
fn both_mistakes_of_a_password_change_are_told_at_once() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    let page = browser.open("/account");
    let page = browser.submit(&page, "Change password", &[("Current password", "wrong"), ("New password", "short")]);
    assert_eq!((page.status, page.errors().len()), (422, 2));
}

#[test]
fn the_right_password_works_after_wrong_ones_until_there_were_too_many() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    for _ in 0..9 {
        assert_eq!(sign_in(&console.browser(), &dana.email, "wrong").status, 422);
    }
    assert!(signs_in(&console, &dana, PASSWORD));
    assert_eq!(sign_in(&console.browser(), &dana.email, "wrong").status, 422);
    let page = sign_in(&console.browser(), &dana.email, PASSWORD);
    assert_eq!((page.status, page.heading().as_str()), (429, "Too many attempts"));
    assert!(page.says("Try again in 15 minutes"), "{}", page.text());
    let seconds: i64 = page.reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
    console.travel(TimeDelta::seconds(seconds + 1));
    assert!(signs_in(&console, &dana, PASSWORD));
}

#[test]
fn signing_in_often_is_no_attack() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    for round in 0..120 {
        assert!(signs_in(&console, &dana, PASSWORD), "round {round}");
    }
}

#[test]
fn an_unknown_address_is_limited_like_a_known_one() {
    let console = Console::start();
    let statuses = || (0..11).map(|_| sign_in(&console.browser(), "nobody@example.com", "wrong").status).collect::<Vec<_>>();
    let mut expected = vec![422; 10];
    expected.push(429);
    assert_eq!(statuses(), expected);
}

#[test]
fn guesses_of_many_accounts_from_one_network_are_limited_together() {
    let console = Console::start();
    let guess = |number: usize| {
        let email = format!("person{number}@example.com");
        console.browser().post("/sign-in", &[("email", &email), ("password", "wrong")]).status
    };
    assert!((0..100).all(|number| guess(number) == 422));
    assert_eq!(guess(100), 429);
}
