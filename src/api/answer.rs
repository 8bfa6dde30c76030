//! What answers have in common.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use chrono::SecondsFormat;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Role;
use crate::access::key::Answered;
use crate::clock::Moment;
use crate::error::{AppError, Result, Stopped};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// An answer in JSON.
///
/// # Errors
/// `Internal` for what has no JSON.
pub fn json(body: &impl Serialize) -> Result<HttpResponse> {
    let text = serde_json::to_string(body).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

/// What was carried out now, or before under the same Idempotency-Key.
pub fn answered(answered: Answered) -> HttpResponse {
    let mut response = HttpResponse::Ok().content_type("application/json").body(answered.text);
    if answered.is_replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// A refusal of an action, in its words.
pub fn refused<R>(stopped: Stopped<R>, words: impl Fn(R) -> String) -> AppError {
    match stopped {
        Stopped::Refused(refusal) => AppError::Refused(words(refusal)),
        Stopped::Failed(error) => error,
    }
}

/// The id in the address. A malformed one is like an unknown one.
///
/// # Errors
/// `NotFound`.
pub fn id_of(request: &HttpRequest) -> Result<Uuid> {
    let id = request.match_info().get("id").filter(|id| id.len() == 36);
    id.and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)
}

/// A time in UTC, to the second.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2026-11-22T14:02:00Z"))]
pub struct Time(Moment);

impl From<Moment> for Time {
    fn from(at: Moment) -> Time {
        Time(at)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// A role by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleName {
    id: Uuid,
    #[schema(examples("Manager"))]
    name: String,
}

impl RoleName {
    /// The name of a role, among all that there are.
    pub fn among(roles: &[Role], id: Uuid) -> RoleName {
        let name = roles.iter().find(|role| role.id == id).map(|role| role.name.clone());
        RoleName { id, name: name.unwrap_or_default() }
    }

    pub fn of(id: Uuid, name: String) -> RoleName {
        RoleName { id, name }
    }
}
