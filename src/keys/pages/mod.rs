//! The Keys screen.

mod attention;
pub mod change;
mod fields;
pub mod list;
pub mod new;
pub mod one;
pub mod rotate;
mod secret;

use actix_web::HttpRequest;
use uuid::Uuid;

use crate::access::key::KeyStatus;
use crate::error::{AppError, Result};

/// The key that the address names.
fn key_id(request: &HttpRequest) -> Result<Uuid> {
    request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)
}

/// The kind of a status' badge.
pub(crate) fn badge(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::Active => "positive",
        KeyStatus::Paused => "notice",
        KeyStatus::Expired => "neutral",
        KeyStatus::Revoked => "negative",
    }
}
