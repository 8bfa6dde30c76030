//! The screens: list, form, one invitation for the admins; the link and the page behind it for the invited.

pub mod answers;
pub mod changes;
mod fields;
mod judged;
pub mod landing;
pub mod link;
pub mod list;
pub mod new;
mod offered;
pub mod one;
pub mod role;
mod words;

use actix_web::HttpRequest;
use uuid::Uuid;

use crate::error::{AppError, Result};

/// An id in the address. A malformed one is like an unknown one.
fn id_of(request: &HttpRequest, name: &str) -> Result<Uuid> {
    request.match_info().get(name).and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)
}
