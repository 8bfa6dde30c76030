//! What people and programs type into fields that nobody meant them to: sent to every field of a form in turn.

use scraper::{Html, Selector};

use super::browser::{Browser, Reply};
use super::console::Console;
use super::page::{FilledForm, Page};

/// What is typed, with a name for the report. Bytes, since browsers are not the only ones to send forms.
fn bad_inputs() -> Vec<(&'static str, Vec<u8>)> {
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

/// A form's fields as they are sent.
type Fields = Vec<(String, Vec<u8>)>;

/// Sends every bad input in every field of a form, the other fields as they are, each time in a browser of `visitor`'s.
///
/// A posted form is answered with the form again and words (422), a plain refusal (400, 404, 409, 410), or a success of
/// something harmless (303, or 201 where the page shows what was made), or the page that asks whether it is meant (200); never with an error of ours. What was not
/// carried out has changed nothing, what was typed is kept, and
/// nothing stands in the page unescaped. A field that the form does not have, and one sent twice, are refused too. A form
/// that only asks is answered with its page. Limits on attempts are lifted between the tries.
pub fn form_bears_bad_input(console: &Console, visitor: &dyn Fn() -> Browser, form: &FilledForm) {
    let good: Fields = form.fields.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    for (place, (field, _)) in good.iter().enumerate() {
        for (kind, input) in bad_inputs() {
            let mut fields = good.clone();
            fields[place].1 = input;
            let what = format!("{kind} in {field} of {}", form.action);
            match form.method.as_str() {
                "get" => asks(&visitor(), form, &fields, &what),
                _ => posts(console, &visitor(), form, &fields, &what),
            }
        }
    }
    if form.method == "get" {
        return;
    }
    let with = |more: &(String, Vec<u8>)| [good.clone(), vec![more.clone()]].concat();
    let unknown = send(console, &visitor(), form, &with(&("is_admin".to_owned(), b"true".to_vec())));
    assert_eq!(unknown.status, 400, "a field that {} does not have", form.action);
    if let Some(first) = good.first() {
        assert_eq!(send(console, &visitor(), form, &with(first)).status, 400, "{} of {} sent twice", first.0, form.action);
    }
}

fn asks(browser: &Browser, form: &FilledForm, fields: &Fields, what: &str) {
    let reply = browser.get(&format!("{}?{}", form.action, encoded(fields)));
    assert_eq!(reply.status, 200, "{what}");
    assert!(!reply.body.contains("<script>alert"), "{what}: stands in the page as it is");
}

fn posts(console: &Console, browser: &Browser, form: &FilledForm, fields: &Fields, what: &str) {
    let before = console.dump();
    let reply = send(console, browser, form, fields);
    assert!(matches!(reply.status, 200 | 201 | 303 | 400 | 404 | 409 | 410 | 422), "{what}: {}", reply.status);
    assert!(!reply.body.contains("<script>alert"), "{what}: stands in the page as it is");
    if reply.status == 201 {
        assert_ne!(console.dump(), before, "{what}: created, and nothing is there");
    } else if reply.status != 303 {
        assert_eq!(console.dump(), before, "{what}: refused, and something was changed");
    }
    if reply.status == 200 {
        let asks = reply.body.contains("name=\"confirmed\"");
        assert!(asks, "{what}: neither carried out nor refused, and the page does not ask whether it is meant");
    }
    if reply.status == 422 {
        comes_back_whole(reply, fields, what);
    }
}

fn encoded(fields: &Fields) -> String {
    let encode = |bytes: &[u8]| url::form_urlencoded::byte_serialize(bytes).collect::<String>();
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    pairs.join("&")
}

fn send(console: &Console, browser: &Browser, form: &FilledForm, fields: &Fields) -> Reply {
    console.execute("DELETE FROM rate_limits");
    browser.send("POST", &form.action, &[("sec-fetch-site", "same-origin")], Some(encoded(fields).as_bytes()))
}

/// The form again: words, and everything typed that can be shown and is no password.
fn comes_back_whole(reply: Reply, fields: &Fields, what: &str) {
    let page = Page::new(reply);
    let words = page.errors().into_iter().chain(page.all("[role=alert]")).find(|words| !words.is_empty());
    assert!(words.is_some(), "{what}: refused without words");
    let document = Html::parse_document(page.html());
    for (name, typed) in fields {
        let control = Selector::parse(&format!("input[name='{name}'], textarea[name='{name}']")).unwrap();
        let Some(control) = document.select(&control).next() else { continue };
        let by_hand = !matches!(control.attr("type"), Some("password" | "hidden" | "checkbox" | "radio"));
        if !by_hand || control.attr("readonly").is_some() {
            continue;
        }
        let shown = control.attr("value").map_or_else(|| control.text().collect::<String>(), str::to_owned);
        let showable = std::str::from_utf8(typed).ok().filter(|text| roster::db::types::is_plain(text));
        let Some(typed) = showable else { continue };
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(one_line(&shown), one_line(typed), "{what}: {name} was not kept");
    }
}
