//! Collecting the money of an open invoice: the first attempt, retries on later days, and what a subscription becomes when they fail.

use super::settling;
use crate::calendar::DAY;
use crate::cards::Verdict;
use crate::error::ApiError;
use crate::json::{number, text};
use crate::payments;
use crate::setup_intents::failed_authentication;
use crate::subscriptions::{cancel, pending_updates};
use crate::world::World;
use serde_json::{Value, json};

/// Tries to collect an open invoice with a payment method, or with the default one. The error is the one that `pay` answers; the
/// invoice's and the subscription's state say the same.
pub fn collect(world: &mut World, id: &str, method: Option<&str>) -> Result<Value, ApiError> {
    let mut invoice = world.own("invoice", id);
    invoice["attempt_count"] = json!(number(&invoice, "attempt_count") + 1);
    invoice["attempted"] = json!(true);
    world.save(invoice.clone());
    let Some(method) = method.map(str::to_owned).or_else(|| method_for(world, &invoice)) else {
        let error = no_method();
        failed(world, id, false);
        return Err(error);
    };
    match payments::charge(world, id, &method) {
        Verdict::Accepted => Ok(settling::paid(world, id, number(&invoice, "amount_due"))),
        Verdict::Declined(error) => {
            failed(world, id, false);
            Err(error.with("payment_intent", payments::intent_of(world, id).unwrap_or_default()))
        }
        Verdict::Authenticate => {
            failed(world, id, true);
            let message = "This payment requires additional user action before it can be completed successfully. Payment can be \
                completed using the PaymentIntent associated with this invoice.";
            let error = ApiError::card("invoice_payment_intent_requires_action", None, message);
            Err(error.with("payment_intent", payments::intent_of(world, id).unwrap_or_default()))
        }
    }
}

/// The error when there is nothing to charge.
pub fn no_method() -> ApiError {
    let message = "This customer has no attached payment source or default payment method. Please consider adding a default payment \
        method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.";
    ApiError::refused("resource_missing", message)
}

/// The payment method that an invoice is charged to: its own, the subscription's, the customer's.
pub fn method_for(world: &World, invoice: &Value) -> Option<String> {
    let subscription = settling::subscription_of(invoice).map(|id| world.own("subscription", &id)).unwrap_or_default();
    let customer = world.own("customer", text(invoice, "customer"));
    let choices = [
        &invoice["default_payment_method"],
        &subscription["default_payment_method"],
        &customer["invoice_settings"]["default_payment_method"],
    ];
    choices.into_iter().find_map(|choice| choice.as_str().map(str::to_owned))
}

/// What the owner does on the authentication page of a payment.
pub fn authenticate(world: &mut World, intent: &str, done: bool) -> Result<Value, ApiError> {
    let intent = world.fetch("payment_intent", intent)?;
    if text(&intent, "status") != "requires_action" {
        return Err(ApiError::refused("payment_intent_unexpected_state", "This PaymentIntent does not wait for authentication."));
    }
    let invoice = payments::invoice_of(world, text(&intent, "id")).expect("every payment intent is an invoice's");
    if done {
        payments::succeed(world, intent.clone());
        return Ok(settling::paid(world, &invoice, number(&intent, "amount")));
    }
    let error = failed_authentication("payment_intent_authentication_failure");
    payments::fail(world, intent, &error);
    let invoice = world.own("invoice", &invoice);
    world.emit("invoice.payment_failed", &invoice, None);
    Err(error)
}

fn failed(world: &mut World, id: &str, action_required: bool) {
    let mut invoice = world.own("invoice", id);
    let first = *world.failures.entry(id.to_owned()).or_insert(world.now);
    let pending = pending_updates::owns(world, id);
    let next = if pending { None } else { next_attempt(world, &invoice, first) };
    invoice["next_payment_attempt"] = json!(next);
    invoice["auto_advance"] = json!(next.is_some());
    let invoice = world.update(invoice, "invoice.updated");
    if action_required {
        world.emit("invoice.payment_action_required", &invoice, None);
    }
    world.emit("invoice.payment_failed", &invoice, None);
    if pending {
        return;
    }
    settling::change_subscription(world, &invoice, |state| if state == "active" { Some("past_due") } else { None });
    if next.is_none() {
        given_up(world, &invoice);
    }
}

/// The next day of retrying. A subscription's first invoice and manual ones are the client's to pay again.
fn next_attempt(world: &World, invoice: &Value, first: i64) -> Option<i64> {
    let reason = text(invoice, "billing_reason");
    let retried = text(invoice, "collection_method") == "charge_automatically"
        && ["subscription_cycle", "subscription_update"].contains(&reason);
    let moments = world.rules.retry_days.iter().map(|days| first + days * DAY);
    retried.then(|| moments.into_iter().find(|moment| *moment > world.now)).flatten()
}

fn given_up(world: &mut World, invoice: &Value) {
    let Some(id) = settling::subscription_of(invoice) else { return };
    if text(&world.own("subscription", &id), "status") != "past_due" {
        return;
    }
    match world.rules.after_retries.as_str() {
        "unpaid" => settling::change_subscription(world, invoice, |_| Some("unpaid")),
        "past_due" => {}
        _ => cancel::now(world, &id, "payment_failed"),
    }
}
