//! Failures of the API as problem documents (RFC 9457). Their types are stable; each is told at /api/docs.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::AppError;

/// Paths below this one are answered by machines for machines.
const API: &str = "/api/";
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// A problem document.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem<'a> {
    /// An address below /api/docs that tells what it means. Stays as it is.
    #[serde(rename = "type")]
    #[schema(examples("/api/docs#problem-not-found"))]
    problem_type: String,
    title: &'a str,
    status: u16,
    /// What is wrong, and what to do.
    detail: String,
    /// Why a key lets nobody in.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The ability that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    ability: Option<&'a str>,
    /// Fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem<'a> {
    field: &'a str,
    detail: &'a str,
}

/// Every type of problem: its name, and when it is answered.
pub const TYPES: [(&str, &str); 15] = [
    (
        "unauthorized",
        "401: No key, or one that lets nobody in. The member reason tells which: missing, malformed, unknown, expired, paused or revoked.",
    ),
    (
        "lacks-ability",
        "403: The key lacks the ability that the member ability names, or the role of its owner does not allow it at the moment.",
    ),
    ("elsewhere-only", "403: The key may be used only from other networks."),
    ("forbidden", "403: What is asked for is not allowed."),
    ("not-found", "404: There is nothing like that in the organization of the key."),
    ("method-not-allowed", "405: The address does not take this method. The header Allow lists those it takes."),
    ("conflict", "409: The world has moved on, or the Idempotency-Key was used for something else."),
    ("too-large", "413: The body is too large."),
    ("invalid", "422: Fields are wrong. The member errors lists them."),
    ("refused", "409: The rules do not allow it. The member detail says why, and what to do."),
    (
        "too-many-requests",
        "429: Past a limit. The headers Retry-After and RateLimit-Limit, -Remaining and -Reset tell which, and until when.",
    ),
    ("bad-request", "400: The request cannot be read."),
    ("internal", "500: Something went wrong on our side. Nothing was changed."),
    ("unavailable", "503: The database is away for a moment. Nothing was changed; try again after Retry-After."),
    (
        "unsure",
        "503: The database went away while the change was saved. Look whether it was made, or send it again with the same Idempotency-Key.",
    ),
];

/// Whether a path is one of the API.
pub fn is_of_api(path: &str) -> bool {
    path.starts_with(API) || Some(path) == API.strip_suffix('/')
}

/// The answer to a failed request.
pub fn of_error(error: &AppError) -> HttpResponse {
    let words = error.words();
    let (reason, ability) = match error {
        AppError::Unauthorized(why) => (Some(why.code()), None),
        AppError::LacksAbility { ability } => (None, Some(ability.as_str())),
        _ => (None, None),
    };
    let errors = match error {
        AppError::Invalid(fields) => fields.iter().map(|(field, detail)| FieldProblem { field, detail }).collect(),
        _ => Vec::new(),
    };
    let status = error.status_code();
    let name = name_of(error);
    let problem = Problem {
        problem_type: type_of(name),
        title: &words.title,
        status: status.as_u16(),
        detail: detail_of(error).map_or(words.message, str::to_owned),
        reason,
        ability,
        errors,
    };
    let mut response = answer(status, &problem);
    add_headers(error, &mut response);
    response
}

/// Words for programs, where those for people speak of pages.
fn detail_of(error: &AppError) -> Option<&'static str> {
    match error {
        AppError::NotFound => Some(NOTHING),
        AppError::Unsure(_) => Some(
            "The database went away while the change was being saved, so it may have been made. Look how it is before you send it again, or \
             send it with the Idempotency-Key that it had.",
        ),
        _ => None,
    }
}

const NOTHING: &str = "There is nothing like that in the organization of the key. Check the id; /api/docs lists all addresses.";

/// The answer to what the framework itself refuses.
pub fn of_status(status: StatusCode, title: &str) -> HttpResponse {
    let (name, detail) = match status.as_u16() {
        404 => ("not-found", NOTHING),
        405 => ("method-not-allowed", "This address does not take this method. The header Allow lists those that it takes."),
        413 => ("too-large", "The body is too large. Send less in one go."),
        400..=499 => ("bad-request", "The request cannot be read. /api/docs tells how to ask."),
        503 => ("unavailable", "The database cannot be reached right now. Nothing was changed. Try again in a few seconds."),
        _ => ("internal", "Nothing was changed. It has been written to the log; try again later."),
    };
    let problem = Problem {
        problem_type: type_of(name),
        title,
        status: status.as_u16(),
        detail: detail.to_owned(),
        reason: None,
        ability: None,
        errors: Vec::new(),
    };
    answer(status, &problem)
}

fn type_of(name: &str) -> String {
    format!("/api/docs#problem-{name}")
}

fn name_of(error: &AppError) -> &'static str {
    match error {
        AppError::Unauthorized(_) | AppError::SignInFirst { .. } => "unauthorized",
        AppError::LacksAbility { .. } => "lacks-ability",
        AppError::ElsewhereOnly => "elsewhere-only",
        AppError::Forbidden { .. } | AppError::CrossSite => "forbidden",
        AppError::NotFound | AppError::SeeOther { .. } => "not-found",
        AppError::Conflict(_) => "conflict",
        AppError::TooLarge => "too-large",
        AppError::Invalid(_) => "invalid",
        AppError::Refused(_) => "refused",
        AppError::TooMany { .. } => "too-many-requests",
        AppError::BadRequest(_) => "bad-request",
        AppError::Unavailable(_) => "unavailable",
        AppError::Unsure(_) => "unsure",
        AppError::Internal(_) => "internal",
    }
}

fn answer(status: StatusCode, problem: &Problem<'_>) -> HttpResponse {
    let body = serde_json::to_string(problem).unwrap_or_default();
    HttpResponse::build(status).content_type("application/problem+json").body(body)
}

fn add_headers(error: &AppError, response: &mut HttpResponse) {
    let headers = response.headers_mut();
    if let AppError::Unauthorized(why) = error {
        let challenge = match why {
            crate::error::Unauthorized::Missing => "Bearer realm=\"api\"".to_owned(),
            why => format!("Bearer realm=\"api\", error=\"invalid_token\", error_description=\"{}\"", why.code()),
        };
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
    }
    if let AppError::TooMany { retry_after, limit } = error {
        headers.insert(LIMIT, HeaderValue::from(*limit));
        headers.insert(REMAINING, HeaderValue::from(0));
        headers.insert(RESET, HeaderValue::from(*retry_after));
    }
    if let Some(seconds) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}
