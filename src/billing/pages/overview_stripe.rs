//! What the Billing page says of Stripe: payment methods, and how old its news are.

use super::super::account::Billing;
use super::super::payment_method::{Expiry, PaymentMethod};
use super::super::stripe::others::in_words;
use super::super::way::Way;
use crate::clock::Moment;
use crate::config::Issuer;
use crate::stripe::Stripe;
use crate::web::words::TimeWords;

/// The part of an organization that pays by Stripe.
pub(super) struct StripeView {
    pub methods: Vec<MethodView>,
    pub may_add: bool,
    /// When everything was compared last; none before there was anything to compare.
    pub checked: Option<TimeWords>,
    /// Since when Stripe cannot be asked.
    pub failing: Option<TimeWords>,
    /// What the last comparison that found a difference has put right.
    pub repaired: Vec<String>,
    pub repaired_at: Option<TimeWords>,
}

/// A payment method, as the page shows it.
pub(super) struct MethodView {
    pub name: String,
    pub detail: String,
    /// Kind of badge and word.
    pub state: Option<(&'static str, &'static str)>,
    pub is_default: bool,
    pub choose: String,
    pub remove: String,
}

/// None for who pays by invoice.
pub(super) fn view(billing: &Billing, stripe: Option<&Stripe>, path: &str, now: Moment) -> Option<StripeView> {
    let Way::Stripe(client) = Way::of(billing, stripe) else { return None };
    let seen = &billing.stripe;
    let time = |at: Option<Moment>| at.map(|at| TimeWords::new(at, now));
    Some(StripeView {
        methods: billing.methods.iter().map(|method| method_view(method, path, now)).collect(),
        may_add: client.is_some(),
        checked: time(seen.checked_at).filter(|_| seen.customer.is_some()),
        failing: time(seen.failing_since),
        repaired: seen.repaired.clone(),
        repaired_at: time(seen.repaired_at),
    })
}

/// What is charged at Stripe and opens nothing here, whichever way the plan is paid; mostly empty.
pub(super) fn others(billing: &Billing, issuer: &Issuer) -> String {
    let all = billing.stripe.other_subscriptions.as_slice();
    let opens = match all {
        [] => return String::new(),
        [_] => "opens",
        _ => "open",
    };
    let whom =
        if issuer.email.is_empty() { "ask whoever runs this console".to_owned() } else { format!("write to {}", issuer.email) };
    let which: Vec<String> = all.iter().map(|other| in_words(other)).collect();
    format!("Stripe charges you for {}, which {opens} nothing here. To have that ended, {whom}.", which.join(" and "))
}

fn method_view(method: &PaymentMethod, path: &str, now: Moment) -> MethodView {
    let last = method.last_month();
    let (detail, state) = match method.expiry(now) {
        _ if last.is_empty() => (String::new(), None),
        Expiry::Far => (format!("Expires {last}"), None),
        Expiry::Soon => (format!("Expires {last}: add the new one in time"), Some(("notice", "Expires soon"))),
        Expiry::Over => (format!("Expired {last}"), Some(("negative", "Expired"))),
    };
    MethodView {
        name: method.name(),
        detail,
        state,
        is_default: method.is_default,
        choose: format!("{path}/payment-methods/{}/default", method.id),
        remove: format!("{path}/payment-methods/{}/remove", method.id),
    }
}
