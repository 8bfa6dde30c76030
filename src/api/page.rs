//! Pages of a list: how many rows, from which place on, and where the neighbouring pages are.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use crate::error::{AppError, Result};
use crate::web::json::invalid;
use crate::web::pagination::{Cursor, Key};

/// Rows of a page that asks for no number.
const USUAL: u16 = 50;
const MOST: u16 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    data: Vec<T>,
    /// The parameter `cursor` of the next page; null on the last one. The header Link has the addresses of the pages before
    /// and after.
    next_cursor: Option<String>,
}

/// A stretch of a list.
#[derive(Clone, Debug)]
pub struct Window {
    pub size: usize,
    pub cursor: Cursor,
    /// Tells cursors of this list from those of other lists.
    list: char,
}

impl Window {
    /// What an address asks for.
    ///
    /// # Errors
    /// `Invalid`, and `NotFound` for a cursor that no page of this list answered.
    pub fn of(list: char, limit: Option<u16>, cursor: Option<&str>) -> Result<Window> {
        let size = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&size) {
            return Err(invalid("limit", "Ask for 1 to 200 at once."));
        }
        let cursor = match cursor {
            None => Cursor::First,
            Some(text) => place(list, text).ok_or(AppError::NotFound)?,
        };
        Ok(Window { size: size.into(), cursor, list })
    }

    /// The page, out of rows in the order of reading that are one more than it has, where there are more.
    ///
    /// # Errors
    /// `Internal`.
    pub fn answer<R, T: Serialize>(
        &self,
        request: &HttpRequest,
        mut rows: Vec<R>,
        place_of: impl Fn(&R) -> Key,
        view: impl Fn(&R) -> T,
    ) -> Result<HttpResponse> {
        let more = rows.len() > self.size;
        rows.truncate(self.size);
        if self.cursor.is_backwards() {
            rows.reverse();
        }
        let (has_previous, has_next) = match self.cursor {
            Cursor::First => (false, more),
            Cursor::After(_) => (true, more),
            Cursor::Before(_) => (more, true),
        };
        let text = |direction: char, row: &R| format!("{}{direction}{}", self.list, place_of(row).encode());
        let next_cursor = rows.last().filter(|_| has_next).map(|row| text('a', row));
        let previous = rows.first().filter(|_| has_previous).map(|row| text('b', row));
        let links = [(next_cursor.as_deref(), "next"), (previous.as_deref(), "prev")];
        let links: Vec<String> = links.into_iter().filter_map(|(cursor, name)| Some(link(request, cursor?, name))).collect();
        let mut response = json(&Listed { data: rows.iter().map(view).collect(), next_cursor })?;
        if let Some(links) = HeaderValue::from_str(&links.join(", ")).ok().filter(|links| !links.is_empty()) {
            response.headers_mut().insert(header::LINK, links);
        }
        Ok(response)
    }
}

fn place(list: char, text: &str) -> Option<Cursor> {
    let rest = text.strip_prefix(list)?;
    let parsed = match (rest.strip_prefix('a'), rest.strip_prefix('b')) {
        (Some(after), _) => Cursor::parse(after, ""),
        (_, Some(before)) => Cursor::parse("", before),
        _ => return None,
    };
    (parsed != Cursor::First).then_some(parsed)
}

/// The same list, from another place on.
fn link(request: &HttpRequest, cursor: &str, name: &str) -> String {
    let kept = url::form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "cursor");
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("cursor", cursor).finish();
    format!("<{}?{query}>; rel=\"{name}\"", request.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_cursor_is_good_for_its_own_list_alone() {
        let key = Key { value: "dana".to_owned(), id: Uuid::from_u128(7) };
        assert_eq!(place('m', &format!("ma{}", key.encode())), Some(Cursor::After(key.clone())));
        assert_eq!(place('m', &format!("mb{}", key.encode())), Some(Cursor::Before(key.clone())));
        for wrong in [format!("ka{}", key.encode()), format!("m{}", key.encode()), "ma".to_owned(), "\u{e4}".to_owned()] {
            assert_eq!(place('m', &wrong), None, "{wrong}");
        }
        assert!(Window::of('m', Some(0), None).is_err() && Window::of('m', Some(201), None).is_err());
    }
}
