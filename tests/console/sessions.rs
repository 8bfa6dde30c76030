//! Sessions: keys and cookies, how long they live, how they end; and what a request must bring to change something.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::config::Config;
use url::Url;

use crate::harness::{Browser, Console, PASSWORD, Person, Reply, stalled};

fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/account").status == 200
}

fn signed_in_and_kept(console: &Console, person: &Person) -> Browser {
    let browser = console.browser();
    let page = browser.open("/sign-in");
    let fields = [("Email", person.email.as_str()), ("Password", PASSWORD), ("Keep me signed in", "true")];
    assert_eq!(browser.press(&page, "Sign in", &fields).status, 303);
    browser
}

fn set_cookies(reply: &Reply) -> Vec<&str> {
    let ours = |name: &str| name.eq_ignore_ascii_case("set-cookie");
    reply.headers.iter().filter(|(name, _)| ours(name)).map(|(_, value)| value.as_str()).collect()
}

fn https(config: &mut Config) {
    config.public_url = Url::parse("https://console.example.test").unwrap();
}

#[test]
fn a_session_gets_a_new_key_at_the_sign_in_and_the_old_one_opens_nothing() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let browser = console.browser();
    // A flash message gives a session to somebody who is not signed in.
    browser.post("/password/forgot", &[("email", "x@example.com")]);
    let before = browser.cookie("session").expect("a session");
    browser.post("/sign-in", &[("email", &dana.email), ("password", PASSWORD)]);
    assert_ne!(browser.cookie("session").unwrap(), before);
    let thief = console.browser();
    thief.set_cookie("session", &before);
    assert!(is_signed_in(&browser) && !is_signed_in(&thief));
    assert_eq!(console.number("SELECT count(*) AS number FROM sessions"), 1);
}

#[test]
fn a_session_that_was_signed_out_does_not_come_back() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    let page = browser.open("/account");
    let thief = console.browser();
    thief.set_cookie("session", &browser.cookie("session").unwrap());
    assert!(is_signed_in(&thief));
    let page = browser.submit(&page, "Sign out", &[]);
    assert_eq!(page.heading(), "Sign in");
    assert!(!is_signed_in(&browser) && !is_signed_in(&thief));
    // Writing into it does not bring it back either.
    thief.post("/password/forgot", &[("email", "x@example.com")]);
    assert!(!is_signed_in(&thief));
    assert_eq!(console.number("SELECT count(*) AS number FROM sessions WHERE account_id IS NOT NULL"), 0);
}

#[test]
fn a_session_ends_eight_hours_after_the_last_request() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    console.travel(TimeDelta::hours(7));
    assert!(is_signed_in(&browser));
    console.travel(TimeDelta::hours(7));
    assert!(is_signed_in(&browser), "a request keeps it alive");
    console.travel(TimeDelta::hours(8));
    assert!(!is_signed_in(&browser));
}

#[test]
fn a_session_ends_a_day_after_the_sign_in_however_busy() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    for hour in [6, 12, 18, 23] {
        console.travel(TimeDelta::hours(if hour == 23 { 5 } else { 6 }));
        assert!(is_signed_in(&browser), "after {hour} hours");
    }
    console.travel(TimeDelta::minutes(61));
    assert!(!is_signed_in(&browser));
}

#[test]
fn keep_me_signed_in_keeps_two_weeks() {
    let console = Console::start();
    let browser = signed_in_and_kept(&console, &console.person("Dana Smith"));
    console.travel(TimeDelta::days(13));
    assert!(is_signed_in(&browser));
    console.travel(TimeDelta::hours(25));
    assert!(!is_signed_in(&browser));
}

#[test]
fn who_was_deactivated_or_removed_is_a_stranger_at_the_next_request() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (bob, eve) = (acme.member("Bob Smith", Starter::Admin), acme.member("Eve Jones", Starter::Admin));
    let (as_bob, as_eve) = (console.signed_in(&bob), console.signed_in(&eve));
    assert_eq!((as_bob.get("/o/acme").status, as_eve.get("/o/acme").status), (200, 200));
    acme.execute("UPDATE members SET status = 'inactive' WHERE email LIKE 'bob%'; DELETE FROM members WHERE email LIKE 'eve%'");
    assert_eq!((as_bob.get("/o/acme").status, as_eve.get("/o/acme").status), (404, 404));
    assert_eq!(as_bob.get("/o/acme").body, as_bob.get("/o/nowhere").body);
    assert!(is_signed_in(&as_bob), "the account itself goes on");
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all_but_this() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let firefox = console.browser();
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let body = format!("email={}&password={}", dana.email, PASSWORD.replace(' ', "+"));
    firefox.send("POST", "/sign-in", &[("sec-fetch-site", "same-origin"), ("user-agent", agent)], Some(body.as_bytes()));
    let (browser, third) = (console.signed_in(&dana), console.signed_in(&dana));
    let page = browser.open("/account");
    assert!(page.says("Firefox on Linux"), "{}", page.text());
    assert_eq!(page.text().matches("This browser").count(), 1);
    let page = browser.submit(&page, "Sign out Firefox on Linux", &[]);
    assert!(!page.says("Firefox on Linux · ") && !is_signed_in(&firefox) && is_signed_in(&third));
    let page = browser.submit(&page, "Sign out everywhere else", &[]);
    assert!(page.flash().contains("1 other browser is signed out"), "{}", page.flash());
    assert!(!is_signed_in(&third) && is_signed_in(&browser));
    assert!(!page.offers("Sign out everywhere else"));
    assert!(page.says("Ended 1 session"), "{}", page.text());
}

#[test]
fn sessions_that_ended_by_themselves_are_not_listed() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    console.signed_in(&dana);
    console.travel(TimeDelta::hours(9));
    let page = console.signed_in(&dana).open("/account");
    assert!(!page.offers("Sign out everywhere else"), "{}", page.text());
}

#[test]
fn nobody_ends_the_session_of_somebody_else() {
    let console = Console::start();
    let (dana, gil) = (console.person("Dana Smith"), console.person("Gil Green"));
    let (as_dana, as_gil) = (console.signed_in(&dana), console.signed_in(&gil));
    let id = console.uuid("SELECT s.id AS uuid FROM sessions s JOIN accounts a ON a.id = account_id WHERE email LIKE 'dana%'");
    for path in [format!("/account/sessions/{id}/end"), "/account/sessions/nonsense/end".to_owned()] {
        assert_eq!(as_gil.post(&path, &[]).status, 404);
    }
    assert!(is_signed_in(&as_dana));
    assert_eq!(as_dana.post(&format!("/account/sessions/{id}/end"), &[]).location(), "/sign-in");
    assert!(!is_signed_in(&as_dana));
}

#[test]
fn a_session_ended_on_one_node_has_ended_on_the_other() {
    let mut console = Console::start();
    let dana = console.person("Dana Smith");
    let other_node = console.another_node();
    let browser = console.signed_in(&dana);
    let there = console.browser_at(other_node);
    there.set_cookie("session", &browser.cookie("session").unwrap());
    assert!(is_signed_in(&there));
    let page = browser.open("/account");
    browser.submit(&page, "Sign out", &[]);
    assert!(!is_signed_in(&there));
}

#[test]
fn under_http_the_cookie_is_called_session_and_ends_with_the_browser() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let reply = console.browser().post("/sign-in", &[("email", &dana.email), ("password", PASSWORD)]);
    let cookies = set_cookies(&reply);
    let [cookie] = cookies[..] else { panic!("{cookies:?}") };
    assert!(cookie.starts_with("session="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Max-Age") && !cookie.contains("Expires"), "{cookie}");
}

#[test]
fn under_https_the_cookie_belongs_to_the_host_and_is_secure() {
    let console = Console::start_with(https);
    let dana = console.person("Dana Smith");
    let browser = console.browser();
    let reply = browser.post("/sign-in", &[("email", &dana.email), ("password", PASSWORD)]);
    let cookies = set_cookies(&reply);
    let [cookie] = cookies[..] else { panic!("{cookies:?}") };
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && is_signed_in(&browser));
}

#[test]
fn only_a_kept_cookie_has_a_life_of_its_own_and_keeps_it_when_the_session_changes() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let two_weeks = format!("Max-Age={}", 14 * 86_400);
    let kept = console.browser();
    let reply = kept.post("/sign-in", &[("email", &dana.email), ("password", PASSWORD), ("keep", "true")]);
    assert!(set_cookies(&reply).iter().all(|cookie| cookie.contains(&two_weeks)) && set_cookies(&reply).len() == 1);
    // A flash message is put into the session, then taken out again.
    let changed = kept.post("/account/name", &[("name", "Dana Quill")]);
    let shown = kept.get("/account");
    for reply in [&changed, &shown] {
        for cookie in set_cookies(reply) {
            assert!(cookie.contains(&two_weeks), "{cookie}");
        }
    }
    let out = kept.post("/sign-out", &[]);
    assert!(set_cookies(&out).iter().all(|cookie| !cookie.contains(&two_weeks)), "{:?}", set_cookies(&out));
    let brief = console.signed_in(&dana);
    let changed = brief.post("/account/name", &[("name", "Dana Smith")]);
    for reply in [&changed, &brief.get("/account")] {
        assert!(set_cookies(reply).iter().all(|cookie| !cookie.contains("Max-Age")), "{:?}", set_cookies(reply));
    }
}

#[test]
fn no_spelling_of_the_cookie_puts_another_session_in_its_place() {
    for change in [None, Some(https as fn(&mut Config))] {
        let console = Console::start_with(|config| change.into_iter().for_each(|change| change(config)));
        let name = if change.is_some() { "__Host-session" } else { "session" };
        let (dana, eve) = (console.person("Dana Smith"), console.person("Eve Jones"));
        let (mine, theirs) = (console.signed_in(&dana), console.signed_in(&eve));
        let (mine, theirs) = (mine.cookie(name).unwrap(), theirs.cookie(name).unwrap());
        let shown = |cookies: &[u8]| {
            let page = raw(&console, &[b"GET /account HTTP/1.1\r\nCookie: ", cookies, b"\r\n"].concat());
            let seen = |person: &Person| page.contains(&person.email);
            (seen(&dana), seen(&eve))
        };
        let own = format!("{name}={mine}");
        assert_eq!(shown(own.as_bytes()), (true, false));
        let spelled: Vec<String> = match change {
            Some(_) => vec![format!("%5F%5FHost-session={theirs}"), format!("_%5fHost-session={theirs}")],
            None => vec![format!("%73ession={theirs}"), format!("s%65ssion={theirs}")],
        };
        for other in spelled.iter().chain([&format!(" {name} ={theirs}"), &format!("\t{name}={theirs}")]) {
            for line in [format!("{other}; {own}"), format!("{own}; {other}")] {
                assert!(!shown(line.as_bytes()).1, "{line}");
            }
            assert!(!shown(format!("a=1; {other}").as_bytes()).1, "{other} alone");
        }
        let twice = format!("{name}={theirs}; {own}");
        assert_eq!(shown(twice.as_bytes()), (false, false), "two of them: neither counts");
        let with_junk = [b"junk=\xff; ".as_slice(), own.as_bytes()].concat();
        assert_eq!(shown(&with_junk), (true, false), "another site's broken cookie signs nobody out");
    }
}

#[test]
fn after_the_sign_in_only_paths_of_this_console_follow() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let leads_to = |next: &str| {
        let browser = console.browser();
        let page = browser.open(&format!("/sign-in?next={next}"));
        assert_eq!(page.status, 200, "{next}");
        let reply = browser.press(&page, "Sign in", &[("Email", &dana.email), ("Password", PASSWORD)]);
        let again = browser.get(&format!("/sign-in?next={next}"));
        assert_eq!((reply.status, again.location()), (303, reply.location()));
        reply.location().to_owned()
    };
    assert_eq!(leads_to("%2Faccount"), "/account");
    for elsewhere in
        ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "", "%00", "%ff", "%2Fa%0D%0Ab", "a&next=b"]
    {
        assert_eq!(leads_to(elsewhere), "/", "{elsewhere}");
    }
}

#[test]
fn a_forged_or_cut_cookie_is_nobody_and_no_error() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    let real = browser.cookie("session").unwrap();
    let other_key = Console::start_with(|config| config.secret_keys = roster::secret::SecretKeys::new("another", None));
    let foreign = other_key.signed_in(&other_key.person("Eve Jones")).cookie("session").unwrap();
    for forged in [&real[..real.len() - 1], &real[1..], "x", "%00", "%ff", &"a".repeat(4_000), foreign.as_str()] {
        let thief = console.browser();
        thief.set_cookie("session", forged);
        assert_eq!(thief.get("/account").status, 303, "{forged}");
    }
}

#[test]
fn a_change_is_refused_unless_a_page_of_ours_sent_it() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let browser = console.signed_in(&dana);
    let (origin, port) = (console.config.origin(), console.config.bind.port());
    let change = |headers: &[(&str, &str)]| browser.send("POST", "/account/name", headers, Some(b"name=Dana+Quill")).status;
    let refused: &[&[(&str, &str)]] = &[
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", &format!("http://127.0.0.1:{}", port + 1))],
        &[("sec-fetch-site", "cross-site"), ("origin", &origin)],
        &[("sec-fetch-site", "same-site"), ("origin", &origin)],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site")],
        &[("referer", &origin)],
    ];
    for headers in refused {
        assert_eq!(change(headers), 403, "{headers:?}");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts WHERE name = 'Dana Quill'"), 0);
    assert_eq!(change(&[("origin", &origin)]), 303);
    assert_eq!(change(&[("sec-fetch-site", "same-origin")]), 303);
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(browser.send(method, "/account", &[("origin", "https://evil.example")], Some(b"")).status, 403);
    }
}

#[test]
fn a_body_that_stalls_is_cut_after_ten_seconds() {
    let console = Console::start();
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
    let (status, after) = stalled(&console, "/sign-in", &headers);
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!(after >= Duration::from_secs(9), "{after:?}");
}

#[test]
fn pages_that_read_a_session_are_kept_by_no_cache() {
    let console = Console::start();
    let browser = console.signed_in(&console.person("Dana Smith"));
    for path in ["/account", "/sign-in", "/password/forgot", "/email/confirm", "/nowhere"] {
        assert_eq!(browser.get(path).header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn upkeep_deletes_what_has_ended_and_nothing_else() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    console.signed_in(&dana);
    let kept = signed_in_and_kept(&console, &dana);
    console.browser().post("/password/forgot", &[("email", &dana.email)]);
    console.travel(TimeDelta::hours(9));
    let fresh = console.signed_in(&dana);
    let (db, now) = (console.db(), console.clock.now());
    crate::harness::run(async {
        db.write(roster::db::Scope::Nobody, move |connection| {
            roster::sessions::queries::delete_ended(connection, now)?;
            roster::accounts::links::queries::delete_expired_before(connection, now)?;
            Ok::<_, roster::error::AppError>(())
        })
        .await
        .unwrap();
    });
    assert!(is_signed_in(&kept) && is_signed_in(&fresh));
    assert_eq!(console.number("SELECT count(*) AS number FROM sessions"), 2);
    assert_eq!(console.number("SELECT count(*) AS number FROM account_links"), 0);
}

/// A request written byte by byte, answered as text.
fn raw(console: &Console, request: &[u8]) -> String {
    let host = console.config.origin().split("//").nth(1).unwrap().to_owned();
    let mut stream = TcpStream::connect(console.config.bind).unwrap();
    stream.write_all(request).unwrap();
    stream.write_all(format!("Host: {host}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_round_of_the_upkeep_leaves_nothing_that_has_ended() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    crate::invites::invite(&console.signed_in(&acme.owner), &acme, "dana@example.com");
    console.browser().post("/password/forgot", &[("email", &acme.owner.email)]);
    console.travel(TimeDelta::days(40));
    let fresh = console.signed_in(&acme.owner);
    let left = |table: &str| console.number(&format!("SELECT count(*) AS number FROM {table}"));
    assert_eq!((left("sessions"), left("account_links"), left("members")), (3, 1, 2));
    let ended = format!("rate_limits WHERE resets_at < '{}'", console.clock.now());
    assert!(left(&ended) > 0);
    crate::harness::run(roster::upkeep::once(&console.db())).unwrap();
    assert_eq!((left("sessions"), left("account_links"), left("members")), (1, 0, 1));
    assert_eq!(left(&ended), 0);
    assert_eq!((left("invitations WHERE status = 'expired'"), left("invitation_events WHERE kind = 'expired'")), (1, 1));
    assert!(is_signed_in(&fresh));
}
