//! Stripe's error objects: `{"error": {"type", "code", "message", "param", …}}` with their HTTP status.

use serde_json::{Map, Value, json};

/// A refused request.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The members of `error`.
    pub body: Map<String, Value>,
    /// Whether the parameters were at fault: Stripe does not save such an answer for its `Idempotency-Key`.
    pub before_execution: bool,
}

/// What every operation answers.
pub type Answer = Result<Value, ApiError>;

impl ApiError {
    /// An error of any type; `body` is the error object without its type.
    pub fn new(status: u16, kind: &str, body: Value) -> Self {
        let Value::Object(mut body) = body else { panic!("an error is an object") };
        body.insert("type".into(), json!(kind));
        Self { status, body, before_execution: false }
    }

    /// 400 for a parameter that cannot be read: not saved for idempotency.
    pub fn parameter(code: &str, param: &str, message: String) -> Self {
        let body = json!({ "code": code, "message": message, "param": param });
        Self { before_execution: true, ..Self::new(400, "invalid_request_error", body) }
    }

    /// 400 for a request that contradicts the state.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", json!({ "message": message.into() }))
    }

    /// 400 with a code for a request that contradicts the state.
    pub fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", json!({ "code": code, "message": message.into() }))
    }

    /// 404 for an object of the path, 400 when the caller names it in a parameter (see [`ApiError::in_param`]).
    pub fn missing(kind: &str, id: &str) -> Self {
        let words = match kind {
            "payment_method" => "PaymentMethod".to_owned(),
            "checkout.session" => "checkout.session".to_owned(),
            other => other.replace('_', " "),
        };
        let body = json!({ "code": "resource_missing", "message": format!("No such {words}: '{id}'"), "param": "id" });
        Self::new(404, "invalid_request_error", body)
    }

    /// The same error, said of a parameter: Stripe answers 400 and names it.
    pub fn in_param(mut self, param: &str) -> Self {
        if self.status == 404 {
            self.status = 400;
        }
        self.body.insert("param".into(), json!(param));
        self
    }

    /// 402 for a card that is declined.
    pub fn card(code: &str, decline_code: Option<&str>, message: &str) -> Self {
        let mut body = json!({ "code": code, "message": message });
        if let Some(decline_code) = decline_code {
            body["decline_code"] = json!(decline_code);
        }
        Self::new(402, "card_error", body)
    }

    /// A further member of the error object.
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.body.insert(key.into(), value);
        self
    }

    /// The whole answer, `{"error": …}`.
    pub fn to_json(&self) -> Value {
        json!({ "error": self.body })
    }

    /// The words for a person.
    pub fn message(&self) -> String {
        self.body.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}
