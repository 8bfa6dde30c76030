//! What every page shares: rendering, forms and their mistakes, flash messages, the frame around a page, guards in front
//! of it and headers behind it. Knows nothing of organizations or members.

pub mod assets;
pub mod client;
pub mod error_pages;
pub mod flash;
pub mod forms;
pub mod frame;
pub mod guard;
pub mod headers;
pub mod health;
pub mod json;
pub mod metrics;
pub mod pagination;
pub mod problem;
pub mod request_log;
pub mod words;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::db::Db;
use crate::error::{AppError, Result};
use crate::stripe::Stripe;

use assets::Assets;
pub use forms::{Form, FormErrors};
pub use json::Json;

/// What every handler may use: the settings and the door to the database. Shared by all workers of a server.
pub struct Console {
    pub config: Config,
    pub db: Db,
    pub assets: Assets,
    /// What organizations pay by; by invoice without it.
    pub stripe: Option<Stripe>,
}

impl Console {
    pub fn new(config: Config, db: Db, stripe: Option<Stripe>) -> Console {
        let assets = Assets::new(&config.brand);
        Console { config, db, assets, stripe }
    }
}

/// A page with status 200.
///
/// # Errors
/// `Internal` if the template cannot be rendered.
pub fn page(template: &impl Template) -> Result<HttpResponse> {
    page_with(StatusCode::OK, template)
}

/// A form that comes back with its mistakes.
pub fn form_again(template: &impl Template) -> Result<HttpResponse> {
    page_with(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// A page with any status.
pub fn page_with(status: StatusCode, template: &impl Template) -> Result<HttpResponse> {
    let html = template.render().map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// The answer to a form that was carried out: what it says is committed.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

/// A path of this console to go on to, out of a `next` parameter. Anything else leads to `/`.
pub fn local_path(next: &str) -> &str {
    let harmless = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= 2_000
        && next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if harmless { next } else { "/" }
}

/// What the address asks for. A query that is malformed asks for nothing, so that it never answers before the permit.
pub fn query<T: DeserializeOwned + Default>(request: &HttpRequest) -> T {
    serde_html_form::from_str(request.query_string()).unwrap_or_default()
}

/// Percent-encodes a text for a query string.
pub fn query_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn next_leads_only_to_paths_of_this_console() {
        assert_eq!(local_path("/o/acme/members?page=2"), "/o/acme/members?page=2");
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "evil", "/a\r\nSet-Cookie: x", "/\u{e4}"]
        {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
