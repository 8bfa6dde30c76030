//! One request to the API, from the key that it carries to the answer that it gets: authentication, what the switches break,
//! idempotency, the operation, `expand[]`, the log.

use crate::error::ApiError;
use crate::expand;
use crate::idempotency::{Kept, Saved};
use crate::invoicing;
use crate::params::Params;
use crate::routes;
use crate::switches::Switches;
use crate::webhooks::Webhooks;
use crate::world::{Origin, World};
use base64::Engine;
use serde_json::{Value, json};
use std::sync::Arc;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET`, `POST`, `DELETE`.
    pub method: String,
    /// Below `/v1/`.
    pub path: String,
    /// The query.
    pub query: String,
    /// The body, form-encoded.
    pub body: String,
    /// The `Content-Type`.
    pub content_type: String,
    /// The `Authorization` header.
    pub authorization: String,
    /// The `Idempotency-Key`.
    pub key: Option<String>,
    /// The `Stripe-Version`.
    pub version: Option<String>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The connection breaks instead of giving the answer.
    pub broken: bool,
}

/// The account with all that is between it and its clients.
pub struct Double {
    /// The account.
    pub world: World,
    /// What goes wrong.
    pub switches: Switches,
    /// Every API request, oldest first.
    pub log: Vec<Value>,
    /// The answers that are kept for their keys.
    pub saved: Saved,
    /// Who delivers the events.
    pub webhooks: Arc<Webhooks>,
    requests: u64,
}

impl Double {
    /// An empty account whose clock stands at `now`.
    pub fn new(base: &str, now: i64, webhooks: Arc<Webhooks>) -> Self {
        let mut world = World::empty(base, now);
        world.rules.has_webhook = webhooks.has_target();
        Self { world, switches: Switches::default(), log: vec![], saved: Saved::default(), webhooks, requests: 0 }
    }

    /// Answers a request below `/v1` and hands the events that it made to the deliverer.
    pub fn answer(&mut self, request: &Request) -> Reply {
        self.requests += 1;
        let id = format!("req_{}", self.requests);
        let params = params_of(request);
        let mut reply = self.guarded(request, &params, &id).unwrap_or_else(|error| refusal(&error));
        reply.headers.push(("Request-Id", id.clone()));
        reply.headers.push(("Stripe-Version", request.version.clone().unwrap_or_else(|| crate::API_VERSION.to_owned())));
        reply.headers.extend(request.key.clone().map(|key| ("Idempotency-Key", key)));
        let replayed = reply.headers.iter().any(|(name, _)| *name == "Idempotent-Replayed");
        self.log.push(json!({
            "id": id, "time": self.world.now, "method": request.method, "path": format!("/v1/{}", request.path), "params": params.tree(),
            "idempotency_key": request.key, "stripe_version": request.version, "status": reply.status, "replayed": replayed,
            "broken": reply.broken,
        }));
        self.send_events();
        reply
    }

    /// Hands waiting events to the deliverer.
    pub fn send_events(&mut self) {
        for id in std::mem::take(&mut self.world.outbox) {
            let event = self.world.own("event", &id);
            self.webhooks.enqueue(&event);
        }
    }

    fn guarded(&mut self, request: &Request, params: &Params, id: &str) -> Result<Reply, ApiError> {
        authenticate(&request.authorization)?;
        if self.switches.unavailable {
            return Err(ApiError::new(
                503,
                "api_error",
                json!({ "message": "Stripe is temporarily unavailable. Please try again." }),
            ));
        }
        if self.switches.rate_limited > 0 {
            self.switches.rate_limited -= 1;
            let body = json!({ "code": "rate_limit", "message": "Request rate limit exceeded. Learn more about rate limits at https://stripe.com/docs/rate-limits." });
            return Err(ApiError::new(429, "invalid_request_error", body));
        }
        if request.method == "POST" && request.content_type.contains("json") {
            return Err(ApiError::invalid(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded).",
            ));
        }
        let key = request.key.clone().filter(|_| request.method == "POST");
        if let Some(key) = &key
            && let Some(kept) = self.saved.find(key, &request.path, params, self.world.now)?
        {
            return Ok(replay(kept));
        }
        if request.method == "POST" && self.switches.conflict > 0 {
            self.switches.conflict -= 1;
            let message = "There is currently another in-progress request using this Idempotent Key. Please try again later.";
            return Err(ApiError::new(409, "idempotency_error", json!({ "code": "idempotency_key_in_use", "message": message })));
        }
        self.world.origin = Origin { request: Some(id.to_owned()), key: key.clone() };
        let result = self.execute(request, params);
        self.world.origin = Origin::default();
        let (reply, keep) = match result {
            Ok(value) => (Reply { status: 200, body: pretty(&value), headers: vec![], broken: false }, true),
            Err(error) => (refusal(&error), !error.before_execution),
        };
        Ok(self.kept(request, params, key.filter(|_| keep), id, reply))
    }

    /// Does the operation; a refused one leaves no trace, but where the refusal is the issuer's of a payment or a setup.
    fn execute(&mut self, request: &Request, params: &Params) -> Result<Value, ApiError> {
        let before = (request.method != "GET").then(|| self.world.clone());
        let result = routes::answer(&mut self.world, &request.method, &request.path, params).and_then(|mut value| {
            expand::apply(&self.world, &mut value, &params.texts("expand"))?;
            invoicing::embed(&mut value);
            Ok(value)
        });
        let issuers = |error: &ApiError| {
            error.status == 402 && (request.path.starts_with("invoices/") || request.path.starts_with("setup_intents"))
        };
        if let (Err(error), Some(before)) = (&result, before)
            && !issuers(error)
        {
            self.world = before;
        }
        result
    }

    fn kept(&mut self, request: &Request, params: &Params, key: Option<String>, id: &str, reply: Reply) -> Reply {
        let fails = request.method == "POST" && self.switches.fail_after_execution > 0;
        if let Some(key) = key {
            let kept = Kept {
                path: request.path.clone(),
                params: params.tree(),
                status: reply.status,
                body: reply.body.clone(),
                request: id.to_owned(),
            };
            self.saved.keep(key, kept, self.world.now);
        }
        if !fails {
            return reply;
        }
        self.switches.fail_after_execution -= 1;
        if self.switches.failure == "drop" {
            return Reply { broken: true, ..reply };
        }
        refusal(&ApiError::new(500, "api_error", json!({ "message": "An unknown error occurred" })))
    }
}

fn params_of(request: &Request) -> Params {
    let parts: Vec<&str> = [request.query.as_str(), request.body.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    Params::parse(&parts.join("&"))
}

fn replay(kept: Kept) -> Reply {
    let headers = vec![("Idempotent-Replayed", "true".to_owned()), ("Original-Request", kept.request)];
    Reply { status: kept.status, body: kept.body, headers, broken: false }
}

fn refusal(error: &ApiError) -> Reply {
    Reply { status: error.status, body: pretty(&error.to_json()), headers: vec![], broken: false }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON values can be written")
}

/// A key of test mode as a bearer token or as the name of basic authentication.
fn authenticate(header: &str) -> Result<(), ApiError> {
    let key = match header.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim().to_owned(),
        Some((scheme, encoded)) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).unwrap_or_default();
            String::from_utf8_lossy(&decoded).split(':').next().unwrap_or_default().to_owned()
        }
        _ => String::new(),
    };
    if key.starts_with("sk_test_") || key.starts_with("rk_test_") {
        return Ok(());
    }
    let message = match key.as_str() {
        "" => "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').".to_owned(),
        _ => "Invalid API Key provided: stripe-double takes keys that begin with sk_test_".to_owned(),
    };
    Err(ApiError::new(401, "invalid_request_error", json!({ "message": message })))
}
