//! The Roles screen.

pub mod default;
pub mod delete;
mod fields;
pub mod list;
pub mod new;
pub mod one;
mod review;

use actix_web::HttpRequest;
use uuid::Uuid;

use crate::error::{AppError, Result};

/// The role's id in the address. A malformed one is like an unknown one.
fn role_id(request: &HttpRequest) -> Result<Uuid> {
    request.match_info().get("id").and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)
}
