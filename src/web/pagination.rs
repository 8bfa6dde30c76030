//! Keyset pages: the address holds the sort key and id of the row that the page begins after or ends before, so that a
//! late page costs what the first one does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::query_encoded;

/// Rows on a page.
pub const PAGE_SIZE: usize = 50;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    First,
    /// The rows that follow this one.
    After(Key),
    /// The rows that come before this one.
    Before(Key),
}

/// A row's place in a sorted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub value: String,
    pub id: Uuid,
}

impl Cursor {
    /// The cursor of an address: `after=…` or `before=…`. One that is malformed is the first page.
    pub fn parse(after: &str, before: &str) -> Cursor {
        match (Key::decode(after), Key::decode(before)) {
            (Some(key), _) => Cursor::After(key),
            (None, Some(key)) => Cursor::Before(key),
            (None, None) => Cursor::First,
        }
    }

    pub fn key(&self) -> Option<&Key> {
        match self {
            Cursor::First => None,
            Cursor::After(key) | Cursor::Before(key) => Some(key),
        }
    }

    pub fn is_backwards(&self) -> bool {
        matches!(self, Cursor::Before(_))
    }

    /// An address on which a list stays where it is while another one beside it turns its page; `list` as in `Page::links_of`.
    pub fn kept_in(&self, address: &str, list: &str) -> String {
        match self {
            Cursor::First => address.to_owned(),
            Cursor::After(key) => with_cursor(address, list, "after", key),
            Cursor::Before(key) => with_cursor(address, list, "before", key),
        }
    }
}

impl Key {
    pub fn encode(&self) -> String {
        let mut bytes = self.id.as_bytes().to_vec();
        bytes.extend_from_slice(self.value.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn decode(text: &str) -> Option<Key> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, value) = bytes.split_at_checked(16)?;
        let value = std::str::from_utf8(value).ok().filter(|value| !value.contains('\0'))?;
        Some(Key { id: Uuid::from_slice(id).ok()?, value: value.to_owned() })
    }
}

/// Addresses of the neighbouring pages, for ui/pagination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageLinks {
    pub previous: Option<String>,
    pub next: Option<String>,
}

/// One page out of a query that asked for one row more than it shows.
pub struct Page<T> {
    pub rows: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Page<T> {
    /// Cuts the extra row off and puts rows that were read backwards in order.
    pub fn from_rows(mut rows: Vec<T>, cursor: &Cursor) -> Page<T> {
        let more = rows.len() > PAGE_SIZE;
        rows.truncate(PAGE_SIZE);
        if cursor.is_backwards() {
            rows.reverse();
        }
        let (has_previous, has_next) = match cursor {
            Cursor::First => (false, more),
            Cursor::After(_) => (true, more),
            Cursor::Before(_) => (more, true),
        };
        Page { rows, has_previous, has_next }
    }

    /// The links, from the address that names sort and filters, and the place of a row in the list.
    pub fn links(&self, address: &str, key_of: impl Fn(&T) -> Key) -> PageLinks {
        self.links_of("", address, key_of)
    }

    /// The links of a list that is not the only one of its page: its name begins those of its cursors.
    pub fn links_of(&self, list: &str, address: &str, key_of: impl Fn(&T) -> Key) -> PageLinks {
        let link = |name: &str, row: &T| with_cursor(address, list, name, &key_of(row));
        PageLinks {
            previous: self.rows.first().filter(|_| self.has_previous).map(|row| link("before", row)),
            next: self.rows.last().filter(|_| self.has_next).map(|row| link("after", row)),
        }
    }
}

fn with_cursor(address: &str, list: &str, name: &str, key: &Key) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{list}{name}={}", query_encoded(&key.encode()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_address_and_nonsense_is_the_first_page() {
        let key = Key { value: "dana smith".to_owned(), id: Uuid::from_u128(5) };
        assert_eq!(Cursor::parse(&key.encode(), ""), Cursor::After(key.clone()));
        assert_eq!(Cursor::parse("", &key.encode()), Cursor::Before(key));
        assert_eq!(Cursor::parse("nonsense!", ""), Cursor::First);
    }

    #[test]
    fn the_row_past_the_page_tells_that_there_is_more() {
        let rows = |count: usize| (0..count).collect::<Vec<_>>();
        let key = Key { value: String::new(), id: Uuid::nil() };
        let first = Page::from_rows(rows(51), &Cursor::First);
        assert_eq!((first.rows.len(), first.has_previous, first.has_next), (50, false, true));
        let back = Page::from_rows(rows(50), &Cursor::Before(key));
        assert_eq!((back.rows.first(), back.has_previous, back.has_next), (Some(&49), false, true));
    }
}
