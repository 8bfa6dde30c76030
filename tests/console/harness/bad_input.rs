//! What people and programs type into fields that nobody meant them to: sent to every field of a form in turn.

use scraper::{Html, Selector};

use super::browser::{Browser, Reply};
use super::console::Console;
use super::page::Page;

/// What is typed, with a name for the report. Bytes, since browsers are not the only ones to send forms.
pub fn bad_inputs() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("blanks", b"  \t ".to_vec()),
        ("10,000 characters", vec![b'x'; 10_000]),
        ("NUL", b"Dana\0Smith".to_vec()),
        ("invalid UTF-8", b"Dana\xff\xfeSmith".to_vec()),
        ("a right-to-left override", "Dana \u{202E}htimS".into()),
        ("emoji", "\u{1F98A}\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}".into()),
        ("HTML", b"<script>alert(1)</script><b>Dana".to_vec()),
        ("quotes", b"\"Dana\" 'Smith' `x`; --".to_vec()),
        ("a formula", b"=cmd|' /C calc'!A0".to_vec()),
        ("CR LF", b"Dana\r\nBcc: everybody@example.com".to_vec()),
    ]
}

/// Sends every bad input in every field of a form, the other fields filled as given. Each answer must be the form again
/// with words (422), a plain refusal (400), or a success of something harmless (303); never an error of ours, nothing typed
/// may be lost, and nothing may stand in the page unescaped. A field that the form does not have, and one sent twice, must
/// be refused too. Limits on attempts are lifted between the tries.
pub fn form_bears_bad_input(console: &Console, browser: &Browser, path: &str, good: &[(&str, &str)]) {
    for (field, _) in good {
        for (kind, input) in bad_inputs() {
            let fields: Vec<(&str, &[u8])> =
                good.iter().map(|(name, value)| (*name, if name == field { &input[..] } else { value.as_bytes() })).collect();
            let reply = send(console, browser, path, &fields);
            let what = format!("{kind} in {field} of {path}");
            assert!(matches!(reply.status, 303 | 400 | 422), "{what}: {}", reply.status);
            assert!(!reply.body.contains("<script>alert"), "{what}: stands in the page as it is");
            if reply.status == 422 {
                comes_back_whole(reply, &fields, &what);
            }
        }
    }
    let mut unknown: Vec<(&str, &[u8])> = good.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    unknown.push(("is_admin", b"true"));
    assert_eq!(send(console, browser, path, &unknown).status, 400, "a field that {path} does not have");
    if let Some((first, value)) = good.first() {
        let twice: Vec<(&str, &[u8])> = vec![(first, value.as_bytes()), (first, value.as_bytes())];
        assert_eq!(send(console, browser, path, &twice).status, 400, "{first} of {path} sent twice");
    }
}

fn send(console: &Console, browser: &Browser, path: &str, fields: &[(&str, &[u8])]) -> Reply {
    console.execute("DELETE FROM rate_limits");
    let encode = |bytes: &[u8]| url::form_urlencoded::byte_serialize(bytes).collect::<String>();
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    browser.send("POST", path, &[("sec-fetch-site", "same-origin")], Some(pairs.join("&").as_bytes()))
}

/// The form again: words, and everything typed that can be shown and is no password.
fn comes_back_whole(reply: Reply, fields: &[(&str, &[u8])], what: &str) {
    let page = Page::new(reply);
    let words = page.errors().into_iter().chain(page.all("[role=alert]")).find(|words| !words.is_empty());
    assert!(words.is_some(), "{what}: refused without words");
    let document = Html::parse_document(page.html());
    for (name, typed) in fields {
        let control = Selector::parse(&format!("input[name='{name}'], textarea[name='{name}']")).unwrap();
        let Some(control) = document.select(&control).next() else { continue };
        if matches!(control.attr("type"), Some("password" | "hidden" | "checkbox" | "radio")) {
            continue;
        }
        let shown = control.attr("value").map_or_else(|| control.text().collect::<String>(), str::to_owned);
        let showable = std::str::from_utf8(typed).ok().filter(|text| roster::db::types::is_plain(text));
        let Some(typed) = showable else { continue };
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(one_line(&shown), one_line(typed), "{what}: {name} was not kept");
    }
}
