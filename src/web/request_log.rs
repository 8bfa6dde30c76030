//! One line a request: id, route pattern, status, milliseconds, organization, actor. Never the path itself, which may
//! hold a token, and never an address.

use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use uuid::Uuid;

use super::metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who made a request and where, once an extractor knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    pub account_id: Option<Uuid>,
    pub organization_id: Option<Uuid>,
    pub key_id: Option<Uuid>,
}

/// Notes the account of the request.
pub fn note_account(request: &HttpRequest, id: Uuid) {
    let mut extensions = request.extensions_mut();
    let facts = extensions.get::<Facts>().copied().unwrap_or_default();
    extensions.insert(Facts { account_id: Some(id), ..facts });
}

/// Notes the organization of the request.
pub fn note_organization(request: &HttpRequest, id: Uuid) {
    let mut extensions = request.extensions_mut();
    let facts = extensions.get::<Facts>().copied().unwrap_or_default();
    extensions.insert(Facts { organization_id: Some(id), ..facts });
}

/// Notes the key of the request.
pub fn note_key(request: &HttpRequest, id: Uuid) {
    let mut extensions = request.extensions_mut();
    let facts = extensions.get::<Facts>().copied().unwrap_or_default();
    extensions.insert(Facts { key_id: Some(id), ..facts });
}

/// Where a product's backend asks all day long, what went well is a line for `RUST_LOG=roster::request=debug` alone.
const ASKED_ALL_DAY: [&str; 2] = ["/api/v1/keys/verify", "/api/v1/access/check"];

fn write(response: &ServiceResponse<impl MessageBody>, (id, method, route): (&str, &str, &str), took: Duration) {
    let status = response.status();
    let is_quiet = status.is_success() && ASKED_ALL_DAY.contains(&route);
    if is_quiet && !tracing::enabled!(target: "roster::request", tracing::Level::DEBUG) {
        return;
    }
    let (status, milliseconds) = (status.as_u16(), took.as_secs_f64() * 1_000.0);
    let facts = response.request().extensions().get::<Facts>().copied().unwrap_or_default();
    let named = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let (organization, actor) = (named(facts.organization_id), named(facts.account_id.or(facts.key_id)));
    if is_quiet {
        tracing::debug!(target: "roster::request", %id, %method, %route, status, milliseconds, %organization, %actor);
    } else {
        tracing::info!(target: "roster::request", %id, %method, %route, status, milliseconds, %organization, %actor);
    }
}

/// A client may invent methods; neither the log nor the figures grow with its inventions.
fn word_for(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"];
    KNOWN.into_iter().find(|known| method == *known).unwrap_or("other")
}

/// Writes the line and counts the request.
pub async fn log(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Instant::now();
    let id = Uuid::now_v7().simple().to_string();
    let method = word_for(request.method());
    let mut response = next.call(request).await?;
    let took = begun.elapsed();
    let route = response.request().match_pattern().unwrap_or_else(|| "(none)".to_owned());
    let status = response.status().as_u16();
    write(&response, (&id, method, &route), took);
    metrics::observe_request(&route, method, status, took);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}
