//! What can go wrong between the console and Stripe, sorted by what the console does about it.

use serde_json::Value;
use thiserror::Error;

/// What every question to Stripe answers.
pub type Answer<T> = Result<T, StripeError>;

/// Why Stripe did not do it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StripeError {
    /// It could not be reached, or was not able to answer, after all tries. The text is for the log.
    #[error("Stripe is away: {0}")]
    Away(String),
    /// It was sent a change, and its answer never came: it may have been made or not. The text is for the log.
    #[error("Stripe may have done it: {0}")]
    Unsure(String),
    /// The bank refuses the payment.
    #[error("the payment is declined: {code}")]
    Declined {
        /// Stripe's decline code such as `insufficient_funds`, else its error code.
        code: String,
        /// Whether the customer has to confirm the payment (3-D Secure).
        needs_authentication: bool,
    },
    /// There is no such object (any more).
    #[error("Stripe has no such object")]
    Missing,
    /// It understood the request and refuses it.
    #[error("Stripe refuses: {code} {param} {message}")]
    Refused {
        /// Stripe's error code; its error type where it gives no code.
        code: String,
        /// The parameter at fault, empty if Stripe names none. A missing object that a parameter names comes here, with
        /// the code `resource_missing`.
        param: String,
        /// Stripe's words, for the log only: they may quote what was sent.
        message: String,
    },
    /// Its answer, or what it was to be asked, is not what the documentation says.
    #[error("not as documented: {0}")]
    Malformed(String),
}

/// Codes that ask for the customer's confirmation, see <https://docs.stripe.com/error-codes>.
const CONFIRMATION: [&str; 3] =
    ["authentication_required", "invoice_payment_intent_requires_action", "subscription_payment_intent_requires_action"];

impl StripeError {
    /// Of a change that may have been made.
    pub(super) fn unsure(self) -> Self {
        match self {
            Self::Away(why) => Self::Unsure(why),
            known => known,
        }
    }

    /// Of something that changes nothing.
    pub(super) fn harmless(self) -> Self {
        match self {
            Self::Unsure(why) => Self::Away(why),
            known => known,
        }
    }

    /// The error of an answer with a status of 400 to 499 and its body, `{"error": {"type", "code", "param", …}}`.
    pub(super) fn of_answer(status: u16, body: &Value) -> Self {
        let text = |name: &str| {
            let found = body.pointer("/error").and_then(|error| error.get(name)).and_then(Value::as_str);
            found.unwrap_or_default().to_owned()
        };
        let (kind, code, decline) = (text("type"), text("code"), text("decline_code"));
        if status == 402 || kind == "card_error" {
            let needs_authentication = [&code, &decline].iter().any(|word| CONFIRMATION.contains(&word.as_str()));
            return Self::Declined { code: if decline.is_empty() { code } else { decline }, needs_authentication };
        }
        if status == 404 && code == "resource_missing" {
            return Self::Missing;
        }
        let code = if code.is_empty() { kind } else { code };
        let code = if code.is_empty() { format!("status_{status}") } else { code };
        Self::Refused { code, param: text("param"), message: text("message") }
    }

    /// The word for the log: Stripe's code, or which kind of error it is.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Away(_) | Self::Unsure(_) => "away",
            Self::Declined { code, .. } | Self::Refused { code, .. } => code,
            Self::Missing => "missing",
            Self::Malformed(_) => "malformed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_sorted_by_what_to_do() {
        let of = |status, error: Value| StripeError::of_answer(status, &json!({ "error": error }));
        let declined = |code: &str, needs_authentication| StripeError::Declined { code: code.to_owned(), needs_authentication };
        let card = json!({ "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds" });
        assert_eq!(of(402, card), declined("insufficient_funds", false));
        let action = json!({ "type": "card_error", "code": "subscription_payment_intent_requires_action" });
        assert_eq!(of(402, action), declined("subscription_payment_intent_requires_action", true));
        let required = json!({ "type": "card_error", "code": "card_declined", "decline_code": "authentication_required" });
        assert_eq!(of(402, required), declined("authentication_required", true));
        assert_eq!(of(404, json!({ "code": "resource_missing" })), StripeError::Missing);
        let refused = |code: &str, param: &str| StripeError::Refused {
            code: code.to_owned(),
            param: param.to_owned(),
            message: String::new(),
        };
        assert_eq!(of(400, json!({ "code": "resource_missing", "param": "customer" })), refused("resource_missing", "customer"));
        assert_eq!(of(400, json!({ "type": "idempotency_error" })), refused("idempotency_error", ""));
        assert_eq!(StripeError::of_answer(403, &Value::Null), refused("status_403", ""));
    }
}
