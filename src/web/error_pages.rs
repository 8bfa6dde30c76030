//! Gives every failed request a page of ours. Handlers and extractors only say what went wrong; frameworks' own answers
//! (wrong method, broken session store) have empty bodies and are dressed here as well.

use std::sync::Arc;

use actix_session::storage::LoadError;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use askama::Template;

use super::assets::Look;
use super::frame::{Frame, Public};
use super::{Console, headers, problem, query_encoded};
use crate::error::{AppError, ErrorWords, words_for};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Public,
    status: u16,
    words: ErrorWords,
}

/// What a member may not see, inside the frame of what they may.
#[derive(Template)]
#[template(path = "forbidden.html")]
struct ForbiddenPage {
    frame: Frame,
    words: ErrorWords,
}

/// Turns errors and empty failures into pages.
pub async fn dress(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let console = request.app_data::<web::Data<Console>>().ok_or_else(|| AppError::Internal("no console".to_owned()))?;
    let (look, https) = (Arc::clone(&console.assets.look), console.config.is_https());
    let changes = !request.method().is_safe();
    // Only the session's store fails past the handlers, and only without its database. No request is left to answer to
    // here, so the answer is made whole.
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            let mut response = from_app_error(&store_failed(&error, changes), &look);
            headers::apply(response.headers_mut(), https);
            return Err(InternalError::from_response(error.to_string(), response).into());
        }
    };
    let status = response.status();
    let empty = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    let own_error = response.response().error().and_then(|error| error.as_error::<AppError>());
    let frame = response.request().extensions_mut().remove::<Frame>();
    if problem::is_of_api(response.request().path()) {
        return Ok(with_problem(response, empty));
    }
    let dressed = match (own_error, frame) {
        (Some(error @ AppError::Forbidden { .. }), Some(frame)) => forbidden(frame, error.words()),
        (Some(error), _) => from_app_error(error, &look),
        (None, _) if status.is_server_error() && empty => {
            let error = response.response().error();
            let failed = error.map_or_else(|| AppError::Unavailable(String::new()), |error| store_failed(error, changes));
            from_app_error(&failed, &look)
        }
        (None, _) if status.is_client_error() && empty => error_page(status, owned(words_for(status)), &look),
        (None, _) => return Ok(response),
    };
    Ok(with_allow(response, dressed))
}

/// What takes the place of an answer keeps its list of methods.
fn with_allow(response: ServiceResponse<BoxBody>, dressed: HttpResponse) -> ServiceResponse<BoxBody> {
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut response = response.into_response(dressed);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// A failure of the API as a problem document.
fn with_problem(response: ServiceResponse<BoxBody>, empty: bool) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let own_error = response.response().error().and_then(|error| error.as_error::<AppError>());
    let dressed = match own_error {
        Some(error) => {
            log(error);
            problem::of_error(error)
        }
        None if empty && (status.is_client_error() || status.is_server_error()) => {
            let (title, _) = words_for(status);
            problem::of_status(status, title)
        }
        None => return response,
    };
    with_allow(response, dressed)
}

/// Each failure once, where it becomes an answer.
fn log(error: &AppError) {
    match error {
        AppError::Internal(cause) => tracing::error!(%cause, "request failed"),
        AppError::Unavailable(cause) | AppError::Unsure(cause) => tracing::warn!(%cause, "database unavailable"),
        _ => {}
    }
}

/// Handlers answer with `AppError` only; what else fails is the session store, and so the database. A session that could
/// not be loaded stops a request in front of its handler; one that could not be kept, behind it.
fn store_failed(error: &Error, changes: bool) -> AppError {
    let is_before = error.as_error::<InternalError<LoadError>>().is_some();
    let cause = error.to_string();
    if changes && !is_before { AppError::Unsure(cause) } else { AppError::Unavailable(cause) }
}

fn owned((title, message): (&str, &str)) -> ErrorWords {
    ErrorWords { title: title.to_owned(), message: message.to_owned() }
}

fn from_app_error(error: &AppError, look: &Arc<Look>) -> HttpResponse {
    log(error);
    let location = match error {
        AppError::SignInFirst { next } => Some(format!("/sign-in?next={}", query_encoded(next))),
        AppError::SeeOther { location } => Some(location.clone()),
        _ => None,
    };
    if let Some(location) = location {
        return super::see_other(&location);
    }
    let status = actix_web::ResponseError::status_code(error);
    let mut response = error_page(status, error.words(), look);
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    }
    response
}

fn forbidden(frame: Frame, words: ErrorWords) -> HttpResponse {
    let page = ForbiddenPage { frame, words };
    let html = page.render().unwrap_or_else(|_| page.words.message.clone());
    HttpResponse::build(StatusCode::FORBIDDEN).content_type("text/html; charset=utf-8").body(html)
}

fn error_page(status: StatusCode, words: ErrorWords, look: &Arc<Look>) -> HttpResponse {
    let page = ErrorPage { page: Public::new(Arc::clone(look), None), status: status.as_u16(), words };
    let html = page.render().unwrap_or_else(|_| page.words.message.clone());
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html)
}
