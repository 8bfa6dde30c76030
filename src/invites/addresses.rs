//! The field of addresses: separated by commas, semicolons, blanks or new lines, also as `Dana Smith <dana@example.com>`.

use std::collections::HashSet;

use crate::db::types::{EmailAddress, PersonName, Refused};

/// Addresses in one form at most.
pub const MOST: usize = 500;

/// Something between two separators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As typed.
    pub text: String,
    pub address: Result<EmailAddress, Refused>,
    /// The name in front of `<…>`; empty without one that may be used.
    pub name: String,
}

/// Everything that was typed, in its order.
pub fn parse(text: &str) -> Vec<Entry> {
    segments(text).iter().flat_map(|segment| entries(segment)).collect()
}

/// Addresses that stand in the list before, split from the first ones.
pub fn without_repeats(entries: Vec<Entry>) -> (Vec<Entry>, Vec<Entry>) {
    let mut seen = HashSet::new();
    entries.into_iter().partition(|entry| match &entry.address {
        Ok(address) => seen.insert(address.clone()),
        Err(_) => true,
    })
}

/// Parts between commas, semicolons and line ends, none of which separates inside of quotes.
fn segments(text: &str) -> Vec<String> {
    let has_pairs = text.matches('"').count().is_multiple_of(2);
    let mut quoted = false;
    let mut all = vec![String::new()];
    for c in text.chars() {
        if c == '"' && has_pairs {
            quoted = !quoted;
        }
        if matches!(c, '\n' | '\r') || (matches!(c, ',' | ';') && !quoted) {
            all.push(String::new());
        } else if let Some(last) = all.last_mut() {
            last.push(c);
        }
    }
    all
}

fn entries(segment: &str) -> Vec<Entry> {
    let with_name =
        segment.split_once('<').and_then(|(name, rest)| rest.split_once('>').map(|(inner, after)| (name, inner, after)));
    let Some((name, inner, after)) = with_name else {
        return segment.split_whitespace().map(|word| entry(word, "")).collect();
    };
    let (before, name) = (name.trim(), name.trim().trim_matches(['"', '\'']).trim());
    // Mail programs repeat the address where they know no name; any other address in front of one is an entry itself.
    let mut all = match name.contains('@') {
        true if name.eq_ignore_ascii_case(inner.trim()) => vec![entry(inner.trim(), "")],
        true => vec![entry(before, ""), entry(inner.trim(), "")],
        false => vec![entry(inner.trim(), name)],
    };
    all.extend(entries(after));
    all
}

fn entry(text: &str, name: &str) -> Entry {
    let bare = text.trim_start_matches("mailto:");
    let address = if bare.contains('@') { EmailAddress::parse(bare) } else { Err("This is not an email address.") };
    let name = PersonName::parse(name).map(|name| name.as_str().to_owned()).unwrap_or_default();
    Entry { text: text.to_owned(), address, name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        parse(text)
            .into_iter()
            .map(|entry| entry.address.map_or_else(|_| format!("!{}", entry.text), |a| a.to_string()))
            .collect()
    }

    #[test]
    fn commas_semicolons_blanks_and_lines_separate() {
        let expected = ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"];
        assert_eq!(addresses(" a@x.example, b@x.example;c@x.example\r\n\n d@x.example\te@x.example ,;"), expected);
        assert_eq!(addresses("  \n ,"), Vec::<String>::new());
    }

    #[test]
    fn names_in_front_of_an_address_are_taken_along() {
        let all =
            parse("Dana Smith <Dana@X.example>, \"Miller, Bob\" <bob@x.example>; <c@x.example> win at evil.com <d@x.example>");
        let seen: Vec<(String, String)> =
            all.into_iter().map(|entry| (entry.name, entry.address.map(|a| a.to_string()).unwrap_or_default())).collect();
        let expected =
            [("Dana Smith", "dana@x.example"), ("Miller, Bob", "bob@x.example"), ("", "c@x.example"), ("", "d@x.example")];
        assert_eq!(seen, expected.map(|(name, address)| (name.to_owned(), address.to_owned())));
    }

    #[test]
    fn what_is_no_address_is_kept_as_it_was_typed() {
        assert_eq!(addresses("dana, a@x.example \"b"), ["!dana", "a@x.example", "!\"b"]);
        assert_eq!(addresses("<>"), ["!"]);
        assert_eq!(addresses("\"x y\"@x.example <b@x.example>"), ["!\"x y\"@x.example", "b@x.example"]);
        assert_eq!(
            addresses("\"b@x.example\" <B@x.example>, a@x.example <b@x.example>"),
            ["b@x.example", "a@x.example", "b@x.example"]
        );
    }

    #[test]
    fn the_second_of_two_equal_addresses_is_a_repeat() {
        let (first, repeats) = without_repeats(parse("a@x.example A@X.EXAMPLE b@x.example nonsense nonsense"));
        assert_eq!((first.len(), repeats.len()), (4, 1));
    }
}
