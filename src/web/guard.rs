//! What a request must get past before any page sees it: the right host, cookies that mean what they say, and for a
//! changing request an origin of our own (security rules 9, 10, 14).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::{Console, problem};
use crate::error::AppError;

/// Refuses hosts that are not ours, so that no cache or mail ever learns a link to another one.
pub async fn known_host(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let known = match request.app_data::<web::Data<Console>>() {
        Some(console) => host_is_known(&request, console),
        None => false,
    };
    if known {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let refusal = AppError::BadRequest("This console has another address. Use the one that you were given.");
    Ok(request.error_response(refusal))
}

fn host_is_known(request: &ServiceRequest, console: &Console) -> bool {
    // A load balancer asks for these by address.
    if request.path().starts_with("/health/") || request.path() == "/metrics" {
        return true;
    }
    let from_header = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = from_header.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let url = &console.config.public_url;
    let name = url.host_str().unwrap_or_default();
    let expected = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    host.is_some_and(|host| host.eq_ignore_ascii_case(&expected))
}

/// Keeps only well-formed cookie pairs and drops the lot when one of our names is spelled twice: actix reads names
/// percent-decoded and trimmed, so another spelling could stand in for our session.
pub async fn clean_cookies(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let cleaned = cleaned(request.headers());
    let headers = request.headers_mut();
    headers.remove(header::COOKIE);
    if let Some(value) = cleaned.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::COOKIE, value);
    }
    next.call(request).await
}

/// Names of our cookie, plain and under https.
pub const COOKIE_NAMES: [&str; 2] = ["session", "__Host-session"];

fn cleaned(headers: &HeaderMap) -> Option<String> {
    let mut pairs: Vec<String> = Vec::new();
    let mut ours = 0;
    for value in headers.get_all(header::COOKIE) {
        for pair in value.as_bytes().split(|byte| *byte == b';') {
            let Ok(pair) = std::str::from_utf8(pair) else { continue };
            let Some((name, value)) = pair.trim_matches(' ').split_once('=') else { continue };
            let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(&b));
            let printable = value.bytes().all(|b| (0x21..=0x7e).contains(&b));
            if !plain || !printable {
                continue;
            }
            ours += usize::from(COOKIE_NAMES.contains(&name));
            pairs.push(format!("{name}={value}"));
        }
    }
    if ours > 1 {
        pairs.retain(|pair| !COOKIE_NAMES.iter().any(|name| pair.starts_with(&format!("{name}="))));
    }
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// Lets a changing request pass only when a page of ours sent it.
pub async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // The API takes no cookies, so another site has nothing to misuse.
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) || problem::is_of_api(request.path());
    let console = request.app_data::<web::Data<Console>>();
    let origin = console.map(|console| console.config.origin()).unwrap_or_default();
    if safe || comes_from(request.headers(), &origin) {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    Ok(request.error_response(AppError::CrossSite))
}

fn comes_from(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.get(header::ORIGIN).is_some_and(|value| value == origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(values: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::COOKIE, HeaderValue::from_bytes(value).unwrap());
        }
        cleaned(&headers)
    }

    #[test]
    fn only_well_formed_pairs_stay() {
        assert_eq!(cookies(&[b"a=1; session=x"]), Some("a=1; session=x".to_owned()));
        assert_eq!(cookies(&[b"bad\xff=1; session=x"]), Some("session=x".to_owned()));
        assert_eq!(cookies(&[b"%73ession=evil; session=x"]), Some("session=x".to_owned()));
        assert_eq!(cookies(&[b"junk"]), None);
    }

    #[test]
    fn a_second_session_cookie_takes_both_away() {
        assert_eq!(cookies(&[b"session=evil; a=1", b"session=x"]), Some("a=1".to_owned()));
    }
}
