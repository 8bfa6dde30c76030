//! Forms as browsers send them. Reading never fails by itself, so that a malformed body cannot answer before the permit
//! has: the handler opens the form after it. Every field of a form has a default; what is wrong with one is said beside
//! it, with what was typed kept.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{AppError, Result};
use crate::secret;

/// Largest body of a form: 500 addresses of full length, encoded.
const BODY_LIMIT: usize = 512 * 1024;
/// Time for the whole body to arrive; actix itself waits for ever.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A posted form, still closed.
pub struct Form(Result<String>);

impl Form {
    /// The fields. A field that the form does not have is an error, and so is one sent twice that holds one value.
    ///
    /// # Errors
    /// `BadRequest` for what no page of ours sends, `TooLarge`.
    pub fn open<T: DeserializeOwned>(self) -> Result<T> {
        let body = self.0?;
        serde_html_form::from_str(&body).map_err(|_| {
            AppError::BadRequest("The form holds fields that this page does not have. Open the page again and fill it in there.")
        })
    }
}

impl FromRequest for Form {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Form>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let has_type = request.headers().contains_key(header::CONTENT_TYPE);
        let payload = payload.take();
        Box::pin(async move {
            let body = tokio::time::timeout(BODY_TIMEOUT, read(payload)).await;
            let body = body.unwrap_or(Err(AppError::BadRequest("The form did not arrive in time. Send it again.")));
            // An empty body needs no type: a button's form without fields.
            let body =
                body.and_then(|bytes| if is_form || (bytes.is_empty() && !has_type) { Ok(bytes) } else { Err(not_a_form()) });
            Ok(Form(body.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())))
        })
    }
}

/// Tells one form on a page from every other one, so that a double click is carried out once.
pub fn fresh_form() -> String {
    secret::encode(&secret::random_bytes::<16>())
}

/// The form of a button alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFields {}

fn not_a_form() -> AppError {
    AppError::BadRequest("That was not sent by a form of this console. Open the page and send it from there.")
}

async fn read(mut payload: Payload) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| AppError::BadRequest("The form did not arrive whole. Send it again."))?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(AppError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A mistake, beside its field and in the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's id on the page.
    pub field: Cow<'static, str>,
    pub message: String,
}

/// The mistakes of one form, in the order of its fields.
#[derive(Clone, Debug, Default)]
pub struct FormErrors(pub Vec<FieldError>);

impl FormErrors {
    /// Notes the mistake of a field, or hands on its value.
    pub fn check<T>(&mut self, field: &'static str, value: Result<T, impl Into<String>>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(message) => {
                self.add(field, message);
                None
            }
        }
    }

    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// The message beside a field; empty where there is none.
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str()).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A form with a single mistake.
    pub fn one(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> FormErrors {
        let mut errors = FormErrors::default();
        errors.add(field, message);
        errors
    }
}

/// One choice of a select, for ui/field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub selected: bool,
}

impl Choice {
    pub fn new(value: impl ToString, label: impl Into<String>, selected: bool) -> Choice {
        Choice { value: value.to_string(), label: label.into(), selected }
    }
}

/// What was typed, as it may stand in a page again: characters that cannot be shown are left out, and a text far beyond
/// every field's length is cut.
pub fn retyped(text: &str) -> String {
    const LONGEST: usize = 20_000;
    retyped_list(text).chars().take(LONGEST).collect()
}

/// As `retyped`, of any length: for lists that the size of a form alone limits.
pub fn retyped_list(text: &str) -> String {
    text.chars().filter(|c| crate::db::types::is_plain(c.encode_utf8(&mut [0; 4]))).collect()
}
