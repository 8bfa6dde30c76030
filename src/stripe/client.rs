//! The connection to Stripe: who asks, where, and how answers become objects. The endpoints are in the files beside it.

use super::address::Pages;
use super::attempt::{self, Request};
use super::error::{Answer, StripeError};
use super::objects::{Fields, Object};
use super::params::Params;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The version of Stripe's API that the objects are read in.
const VERSION: &str = "2025-03-31.basil";

/// A client of Stripe's API. Clones share one connection pool.
#[derive(Clone)]
pub struct Stripe(Arc<Shared>);

struct Shared {
    http: Client,
    /// The address below which the API is, without a slash at its end.
    base: String,
    pages: Pages,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stripe").field("base", &self.0.base).finish_non_exhaustive()
    }
}

impl Stripe {
    /// A client with a secret key, of the API at an address without a slash at its end, such as <https://api.stripe.com>.
    /// [`StripeError::Malformed`] if these cannot be used; a live key is not sent without TLS.
    pub fn new(secret_key: &str, api_base: &Url) -> Result<Self, StripeError> {
        let encrypted = match api_base.scheme() {
            "https" => true,
            "http" if !secret_key.contains("_live_") => false,
            "http" => return Err(malformed("a live key needs https")),
            _ => return Err(malformed("the address of the API is not one of the web")),
        };
        if api_base.host_str().is_none() || secret_key.trim().is_empty() {
            return Err(malformed("the key or the address of the API is empty"));
        }
        let mut http = Client::builder()
            .tls_backend_preconfigured(tls(encrypted)?)
            .default_headers(headers(secret_key)?)
            .user_agent(concat!("roster/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .pool_idle_timeout(Duration::from_secs(30));
        if !encrypted {
            // A proxy of the environment cannot reach a double on this machine.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|_| malformed("the client cannot be set up"))?;
        let base = api_base.as_str().trim_end_matches('/').to_owned();
        Ok(Self(Arc::new(Shared { http, base, pages: Pages::of(api_base) })))
    }

    /// Whether customers may be sent to an address: https at stripe.com or below it; with another API also its very origin.
    pub fn is_its_page(&self, address: &str) -> bool {
        self.0.pages.contain(address)
    }

    /// The origins of Stripe's pages, or that of the double, for a Content-Security-Policy.
    pub fn page_origins(&self) -> Vec<String> {
        self.0.pages.origins()
    }

    /// Gets an object.
    pub(super) async fn get<T: Object>(&self, path: &[&str], query: &Params) -> Answer<T> {
        self.ask(Method::GET, path, query, None).await
    }

    /// Sends a change. `key` makes it happen once, however often it is sent within a day.
    pub(super) async fn post<T: Object>(&self, path: &[&str], params: &Params, key: &str) -> Answer<T> {
        self.ask(Method::POST, path, params, Some(key)).await
    }

    /// Deletes an object.
    pub(super) async fn delete<T: Object>(&self, path: &[&str], query: &Params) -> Answer<T> {
        self.ask(Method::DELETE, path, query, None).await
    }

    /// Gets the first objects of a list, `most` at most, in pages of 100.
    pub(super) async fn list<T: Object>(&self, path: &[&str], query: &Params, most: usize) -> Answer<Vec<T>> {
        let mut found: Vec<T> = vec![];
        let mut after: Option<String> = None;
        while found.len() < most {
            let limit = (most - found.len()).min(100);
            let page: Page<T> =
                self.get(path, &query.clone().with("limit", limit).with_some("starting_after", after.take())).await?;
            found.extend(page.objects);
            after = page.last.filter(|_| page.has_more);
            if after.is_none() {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }

    async fn ask<T: Object>(&self, method: Method, path: &[&str], params: &Params, key: Option<&str>) -> Answer<T> {
        if key.is_some_and(|key| key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(malformed("an idempotency key has 1 to 255 visible characters"));
        }
        // An id that Stripe cannot have made names nothing; it must not become another path either.
        let is_plain = |step: &&str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !path.iter().all(is_plain) {
            return Err(StripeError::Missing);
        }
        let path = format!("/v1/{}", path.join("/"));
        let request = Request { base: &self.0.base, path: &path, params: params.encoded(), key, method };
        let answer = attempt::send(&self.0.http, &request).await?;
        T::read(Fields::of(&answer)).inspect_err(|error| tracing::warn!(path, %error, "Stripe's answer cannot be read"))
    }
}

/// One page of a list.
struct Page<T> {
    objects: Vec<T>,
    last: Option<String>,
    has_more: bool,
}

impl<T: Object> Object for Page<T> {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        let elements = fields.each("/data")?;
        let last = elements.last().map(|element| element.id("/id")).transpose()?;
        let objects = elements.into_iter().map(T::read).collect::<Answer<Vec<T>>>()?;
        Ok(Self { objects, last, has_more: fields.flag("/has_more")? })
    }
}

/// The key of one of several requests that a call makes. No key stays none, which is refused.
pub(super) fn key_of_step(key: &str, step: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}-{step}") }
}

fn malformed(what: &str) -> StripeError {
    StripeError::Malformed(what.to_owned())
}

fn headers(secret_key: &str) -> Answer<HeaderMap> {
    let bearer = HeaderValue::from_str(&format!("Bearer {secret_key}"));
    let mut bearer = bearer.map_err(|_| malformed("the key has characters that no key has"))?;
    bearer.set_sensitive(true);
    let version = (HeaderName::from_static("stripe-version"), HeaderValue::from_static(VERSION));
    Ok(HeaderMap::from_iter([(AUTHORIZATION, bearer), version]))
}

/// TLS by ring with the machine's certificate authorities; without TLS there are none to be read.
fn tls(encrypted: bool) -> Answer<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if encrypted {
        let (usable, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if usable == 0 {
            return Err(malformed("this machine has no certificate authorities"));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let config = config.map_err(|_| malformed("TLS cannot be set up"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_not_shown_and_a_live_one_not_sent_openly() {
        let stripe = |key: &str, base: &str| Stripe::new(key, &Url::parse(base).unwrap());
        let shown = format!("{:?}", stripe("sk_test_hidden", "http://127.0.0.1:1/").unwrap());
        assert_eq!(shown, "Stripe { base: \"http://127.0.0.1:1\", .. }");
        assert!(stripe("sk_live_x", "http://127.0.0.1:1").is_err() && stripe(" ", "http://127.0.0.1:1").is_err());
        assert!(stripe("sk_test_\n", "http://127.0.0.1:1").is_err() && stripe("sk_test_x", "ftp://a").is_err());
        assert!(stripe("sk_live_x", "https://api.stripe.com").is_ok());
    }
}
