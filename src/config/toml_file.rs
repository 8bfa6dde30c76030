//! Settings that are files of TOML: read once, and a mistake in one is told with its line.

use std::fs;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::reading::{Read, Settings};
use super::wrong;

/// Where something is wrong, and what was expected.
pub(super) type Mistake = (Range<usize>, String);

/// Path and text of the file that a setting names; none where it is not set.
pub(super) fn read(lookup: Settings<'_>, name: &'static str) -> Read<Option<(String, String)>> {
    let Some(path) = lookup(name) else { return Ok(None) };
    let text = fs::read_to_string(path.trim())
        .map_err(|error| wrong(name, format!("a TOML file in UTF-8 that can be read, found {path:?}: {error}")))?;
    Ok(Some((path, text)))
}

/// What a text means to `check`.
///
/// # Errors
/// The line and what was expected there.
pub(super) fn parse<T: DeserializeOwned, R>(text: &str, check: impl FnOnce(T) -> Result<R, Mistake>) -> Result<R, String> {
    let at = |span: Range<usize>, words: String| format!("line {}: {words}", line_of(text, span.start));
    let read: T = toml::from_str(text).map_err(|error| {
        let words = error.message().trim().replace('\n', " ");
        at(error.span().unwrap_or_default(), words)
    })?;
    check(read).map_err(|(span, words)| at(span, words))
}

/// The line of a byte, counted from 1.
fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

/// A text of one line, for people.
pub(super) fn words(text: Spanned<String>, most: usize, what: &str) -> Result<String, Mistake> {
    let (span, text) = (text.span(), text.into_inner());
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.contains(char::is_control) {
        return Err((span, format!("expected {what} in one line of 1 to {most} characters")));
    }
    Ok(text.to_owned())
}
