//! What the API is sent: JSON bodies, and what an address asks for. Reading a body never fails by itself, so that a malformed
//! one cannot answer before the permit has: the handler opens it after it. The API is exact: what it does not know it refuses,
//! and says which field is meant.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::error::{AppError, Result};
use crate::secret;

/// Largest body: 500 addresses of full length.
const BODY_LIMIT: usize = 512 * 1024;
/// Time for the whole body to arrive; actix itself waits for ever.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest Idempotency-Key.
const LONGEST_KEY: usize = 255;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

const NOT_JSON: &str = "The body is not JSON. Send an object, with Content-Type: application/json.";

/// Tells a request from every other one of its key, so that it is carried out once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// SHA-256 of the Idempotency-Key.
    pub key: [u8; 32],
    /// SHA-256 of method, path and body.
    pub request: [u8; 32],
}

/// A posted body, still closed.
pub struct Json {
    body: Result<Vec<u8>>,
    /// SHA-256 of the Idempotency-Key, and method and path that it goes with.
    key: Result<Option<([u8; 32], String)>>,
}

impl Json {
    /// The fields, and what tells the request from others.
    ///
    /// # Errors
    /// `BadRequest` for what is no JSON, `Invalid` for fields that are wrong, `TooLarge`.
    pub fn open<T: DeserializeOwned>(self) -> Result<(T, Option<Once>)> {
        let (text, once) = self.text()?;
        Ok((fields(&text)?, once))
    }

    /// As `open`, for what takes no fields: an empty object, or no body at all.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_empty(self) -> Result<Option<Once>> {
        let (text, once) = self.text()?;
        if !text.is_empty() {
            fields::<NoFields>(&text)?;
        }
        Ok(once)
    }

    fn text(self) -> Result<(String, Option<Once>)> {
        let (key, body) = (self.key?, self.body?);
        let once =
            key.map(|(key, line)| Once { key, request: Sha256::new_with_prefix(line).chain_update(&body).finalize().into() });
        let text = String::from_utf8(body).map_err(|_| AppError::BadRequest(NOT_JSON))?;
        if holds_nul(&text) {
            return Err(invalid("body", "This holds the character NUL, which no field takes. Leave it out."));
        }
        Ok((text, once))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoFields {}

impl FromRequest for Json {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Json>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(is_json);
        let key = if request.query_string().is_empty() { Ok(()) } else { query::<NoFields>(request).map(drop) };
        let key = key.and_then(|()| idempotency_key(request));
        let key = key.map(|key| key.map(|key| (key, format!("{} {}\n", request.method(), request.path()))));
        let payload = payload.take();
        Box::pin(async move {
            let body = in_time(payload, BODY_LIMIT)
                .await
                .and_then(|body| if body.is_empty() || is_json { Ok(body) } else { Err(AppError::BadRequest(NOT_JSON)) });
            Ok(Json { body, key })
        })
    }
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// A body as it came, of so many bytes at most; one that stalls is cut.
///
/// # Errors
/// `BadRequest` for one that does not arrive, `TooLarge`.
pub async fn in_time(payload: Payload, most: usize) -> Result<Vec<u8>> {
    let body = tokio::time::timeout(BODY_TIMEOUT, read(payload, most)).await;
    body.unwrap_or(Err(AppError::BadRequest("The body did not arrive in time. Send it again.")))
}

async fn read(mut payload: Payload, most: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| AppError::BadRequest("The body did not arrive whole. Send it again."))?;
        if body.len() + chunk.len() > most {
            return Err(AppError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<[u8; 32]>> {
    let mut values = request.headers().get_all(&IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    let is_visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    if !is_visible || !(1..=LONGEST_KEY).contains(&value.len()) || values.next().is_some() {
        return Err(invalid("Idempotency-Key", "Send it once, as 1 to 255 visible ASCII characters without blanks."));
    }
    Ok(Some(secret::hash(value.as_bytes())))
}

/// What the address asks for.
///
/// # Errors
/// `Invalid` for parameters that are not known, stand there twice, or hold what they do not take.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T> {
    let pairs: Vec<_> = url::form_urlencoded::parse(request.query_string().as_bytes()).collect();
    for (place, (name, value)) in pairs.iter().enumerate() {
        if value.is_empty() || value.contains(['\0', char::REPLACEMENT_CHARACTER]) {
            return Err(invalid(name, "This holds nothing, or what is no text in UTF-8. Leave it out, or fill it in."));
        }
        if pairs.iter().skip(place + 1).any(|(other, _)| other == name) {
            return Err(invalid(name, TWICE));
        }
    }
    let parsed = url::form_urlencoded::parse(request.query_string().as_bytes());
    serde_path_to_error::deserialize(serde_html_form::Deserializer::new(parsed))
        .map_err(|error| told(&error.path().to_string(), &error.inner().to_string()))
}

/// One wrong field.
pub fn invalid(field: &str, words: &str) -> AppError {
    AppError::Invalid(vec![(field.to_owned(), words.to_owned())])
}

fn fields<T: DeserializeOwned>(text: &str) -> Result<T> {
    // An array would pass for the fields in their order.
    if !text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
        return Err(AppError::BadRequest(NOT_JSON));
    }
    if let Ok(fields) = serde_json::from_str(text) {
        return Ok(fields);
    }
    // Once more, slower, for the name of the field.
    let mut json = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) if error.inner().is_data() => Err(told(&error.path().to_string(), &error.inner().to_string())),
        _ => Err(AppError::BadRequest(NOT_JSON)),
    }
}

const TWICE: &str = "This stands there more than once. Send it once.";

/// Our words for what a parser found wrong with a field: its own quote its code.
fn told(path: &str, found: &str) -> AppError {
    let named = |start: &str| found.strip_prefix(start).and_then(|rest| rest.split('`').next());
    // The name of a field that is too much or missing may stand in the path already.
    let whole = |name: &str| match path.rsplit('.').next() {
        Some(last) if last == name => path.to_owned(),
        _ if path == "." => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    if let Some(name) = named("missing field `") {
        return invalid(&whole(name), "This is required.");
    }
    if let Some(name) = named("unknown field `") {
        return invalid(&whole(name), "There is nothing of that name here. Leave it out.");
    }
    if let Some(name) = named("duplicate field `") {
        return invalid(&whole(name), TWICE);
    }
    invalid(path, "This is none of the values that it takes: /api/docs tells which those are.")
}

/// Whether a text in JSON holds a NUL, which is always written as an escape.
fn holds_nul(text: &str) -> bool {
    let is_escape = |(at, _): (usize, &str)| {
        let before = text.get(..at).unwrap_or_default();
        before.bytes().rev().take_while(|byte| *byte == b'\\').count().is_multiple_of(2)
    };
    text.match_indices("\\u0000").any(is_escape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        name: String,
        number: Option<i32>,
        list: Option<Vec<String>>,
    }

    fn wrong<T: std::fmt::Debug>(outcome: Result<T>) -> String {
        match outcome {
            Err(AppError::Invalid(fields)) => fields.iter().map(|(field, words)| format!("{field}: {words}")).collect(),
            Err(AppError::BadRequest(words)) => words.to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_field_is_named_in_words_of_ours() {
        let body = |text: &str| wrong(fields::<Fields>(text));
        assert_eq!(body("{}"), "name: This is required.");
        assert!(body(r#"{"name": "a", "other": 1}"#).starts_with("other: There is nothing"));
        assert!(body(r#"{"name": "a", "name": "b"}"#).starts_with("name: This stands there more"));
        assert!(body(r#"{"name": "a", "number": 1.5}"#).starts_with("number: This is none"));
        assert!(body(r#"{"name": "a", "number": 99999999999}"#).starts_with("number: This is none"));
        assert!(body(r#"{"name": "a", "list": ["b", 1]}"#).starts_with("list[1]: This is none"));
        for text in ["", "{", "[\"a\"]", "\"a\"", "{\"name\": \"a\"} x", "null", "{\"name\": \"\\ud800\"}"] {
            assert!(matches!(fields::<Fields>(text), Err(AppError::BadRequest(NOT_JSON) | AppError::Invalid(_))), "{text}");
        }
        let right = fields::<Fields>(" {\"name\": \"a\", \"number\": null}").unwrap();
        assert_eq!(right, Fields { name: "a".to_owned(), number: None, list: None });
    }

    #[test]
    fn an_address_asks_for_what_there_is_or_is_refused() {
        let asked = |text: &str| query::<Fields>(&TestRequest::get().uri(&format!("/x?{text}")).to_http_request());
        assert_eq!(asked("name=a&number=5").unwrap().number, Some(5));
        for (text, field) in [
            ("name=a&other=1", "other"),
            ("number=5", "name"),
            ("name=a&name=b", "name"),
            ("name=", "name"),
            ("name=a&number=x", "number"),
            ("name=%00", "name"),
            ("name=%FF", "name"),
        ] {
            assert!(wrong(asked(text)).starts_with(&format!("{field}: ")), "{text}: {}", wrong(asked(text)));
        }
    }

    #[test]
    fn a_nul_is_found_and_an_escaped_backslash_is_none() {
        assert!(holds_nul(r#"{"a": "\u0000"}"#) && holds_nul(r#"{"a": "\\\u0000"}"#));
        assert!(!holds_nul(r#"{"a": "\\u0000"}"#));
    }
}
