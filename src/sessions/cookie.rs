//! The session cookie: its attributes, and the life that "Keep me signed in" gives it. actix-session knows one life for
//! all cookies, so the longer one is written into the answer of a kept session.

use actix_session::config::{CookieContentSecurity, SessionLifecycle};
use actix_session::{SessionExt, SessionMiddleware};
use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, Key, SameSite, time};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use super::Store;
use super::actions::KEPT;
use super::queries;
use crate::config::Config;
use crate::web::guard::COOKIE_NAMES;

/// The session middleware of one worker.
pub fn middleware(config: &Config, store: Store) -> SessionMiddleware<Store> {
    let [plain, secure] = COOKIE_NAMES;
    let name = if config.is_https() { secure } else { plain };
    SessionMiddleware::builder(store, Key::from(&config.secret_keys.cookie_key()))
        .cookie_name(name.to_owned())
        .cookie_secure(config.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(SessionLifecycle::BrowserSession(Default::default()))
        .build()
}

/// The session behind this answer is a kept one.
struct Kept;

/// Inside the session middleware: notes whether the session is kept, before the middleware takes its state away.
pub async fn note_kept(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    let kept = response.request().get_session().get::<bool>(KEPT).ok().flatten();
    if kept == Some(true) {
        response.request().extensions_mut().insert(Kept);
    }
    Ok(response)
}

/// Outside of it: gives a kept session's cookie its life.
pub async fn lengthen(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    if response.request().extensions_mut().remove::<Kept>().is_none() {
        return Ok(response);
    }
    let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).cloned().collect();
    response.headers_mut().remove(header::SET_COOKIE);
    for value in cookies {
        response.headers_mut().append(header::SET_COOKIE, lengthened(&value).unwrap_or(value));
    }
    Ok(response)
}

fn lengthened(value: &HeaderValue) -> Option<HeaderValue> {
    let mut cookie = Cookie::parse(value.to_str().ok()?.to_owned()).ok()?;
    if !COOKIE_NAMES.contains(&cookie.name()) || cookie.value().is_empty() {
        return None;
    }
    cookie.set_max_age(time::Duration::seconds(queries::KEPT.num_seconds()));
    HeaderValue::from_str(&cookie.to_string()).ok()
}
