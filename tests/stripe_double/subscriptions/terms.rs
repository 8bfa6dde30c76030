//! The terms that creating and updating share: how it is paid, when it ends, its taxes, its metadata.

use crate::error::ApiError;
use crate::fields;
use crate::json::{flag, text};
use crate::params::Params;
use crate::payment_methods;
use crate::subscriptions::periods;
use crate::tax_rates;
use crate::world::World;
use serde_json::{Value, json};

/// The parameters of the terms, for [`crate::allowed::check`].
pub const KNOWN: &str = "collection_method days_until_due default_payment_method default_tax_rates[] metadata* description off_session \
    payment_behavior proration_behavior trial_settings[end_behavior][missing_payment_method] cancel_at cancel_at_period_end \
    payment_settings[save_default_payment_method] payment_settings[payment_method_types][] payment_settings[payment_method_options]* automatic_tax[enabled]";

/// What happens when the first payment does not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// `allow_incomplete`: the subscription is made and waits as `incomplete` (`past_due` after an update).
    Allow,
    /// `default_incomplete`: no payment is tried: the client confirms it.
    Wait,
    /// `error_if_incomplete`: the request is refused with 402.
    Refuse,
    /// `pending_if_incomplete`: the change of a subscription waits until it is paid ([`super::pending_updates`]).
    Pend,
}

/// Reads `payment_behavior`.
pub fn behavior(params: &Params) -> Result<Behavior, ApiError> {
    let words = ["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"];
    match params.one_of("payment_behavior", &words)?.as_deref() {
        Some("default_incomplete") => Ok(Behavior::Wait),
        Some("error_if_incomplete") => Ok(Behavior::Refuse),
        Some("pending_if_incomplete") => Ok(Behavior::Pend),
        _ => Ok(Behavior::Allow),
    }
}

/// Reads `proration_behavior`.
pub fn proration_behavior(params: &Params) -> Result<String, ApiError> {
    let words = ["create_prorations", "none", "always_invoice"];
    Ok(params.one_of("proration_behavior", &words)?.unwrap_or_else(|| "create_prorations".to_owned()))
}

/// Applies the terms to a subscription. Its ending is applied by [`ending`], when its period is known.
pub fn apply(world: &World, params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    let customer = text(subscription, "customer").to_owned();
    fields::texts(params, subscription, &["description"])?;
    fields::metadata(params, subscription);
    if let Some(method) = params.text("default_payment_method")? {
        if !method.is_empty() {
            payment_methods::owned(world, &method, &customer, "default_payment_method")?;
        }
        subscription["default_payment_method"] = if method.is_empty() { Value::Null } else { json!(method) };
    }
    if let Some(rates) = tax_rates::named(world, params, "default_tax_rates")? {
        subscription["default_tax_rates"] = json!(rates);
    }
    if let Some(behavior) = params.one_of("trial_settings.end_behavior.missing_payment_method", &["create_invoice", "cancel"])? {
        subscription["trial_settings"] = json!({ "end_behavior": { "missing_payment_method": behavior } });
    }
    if let Some(save) = params.one_of("payment_settings.save_default_payment_method", &["off", "on_subscription"])? {
        subscription["payment_settings"]["save_default_payment_method"] = json!(save);
    }
    if params.boolean("automatic_tax.enabled")? == Some(true) {
        return Err(
            ApiError::invalid("stripe-double does not compute taxes by itself").with("param", json!("automatic_tax[enabled]"))
        );
    }
    collection(params, subscription)
}

fn collection(params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    if let Some(method) = params.one_of("collection_method", &["charge_automatically", "send_invoice"])? {
        subscription["collection_method"] = json!(method);
    }
    if let Some(days) = params.integer("days_until_due")? {
        subscription["days_until_due"] = json!(days);
    }
    let sent = text(subscription, "collection_method") == "send_invoice";
    if sent && subscription["days_until_due"].is_null() {
        let message = "If collection_method is set to send_invoice, days_until_due is required.";
        return Err(ApiError::parameter("parameter_missing", "days_until_due", message.to_owned()));
    }
    if !sent && params.has("days_until_due") {
        return Err(ApiError::invalid("You can only set days_until_due if collection_method is send_invoice.")
            .with("param", json!("days_until_due")));
    }
    if !sent {
        subscription["days_until_due"] = Value::Null;
    }
    Ok(())
}

/// Applies `cancel_at_period_end` and `cancel_at`; `cancel_at_period_end=false` resumes.
pub fn ending(world: &World, params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    if params.given("cancel_at")?.is_some() && params.boolean("cancel_at_period_end")? == Some(true) {
        return Err(ApiError::invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end."));
    }
    if let Some(at_end) = params.boolean("cancel_at_period_end")? {
        if at_end != flag(subscription, "cancel_at_period_end") {
            stop(subscription, at_end.then_some(world.now));
        }
        subscription["cancel_at_period_end"] = json!(at_end);
    }
    if params.has("cancel_at") {
        let moment = params.integer("cancel_at")?;
        if moment.is_some_and(|moment| moment <= world.now) {
            return Err(ApiError::invalid("cancel_at must be in the future.").with("param", json!("cancel_at")));
        }
        stop(subscription, moment.map(|_| world.now));
        subscription["cancel_at"] = json!(moment);
        subscription["cancel_at_period_end"] = json!(false);
    }
    if flag(subscription, "cancel_at_period_end") {
        subscription["cancel_at"] = json!(periods::period_of(subscription).1);
    }
    Ok(())
}

fn stop(subscription: &mut Value, since: Option<i64>) {
    subscription["canceled_at"] = json!(since);
    subscription["cancel_at"] = Value::Null;
    let reason = since.map(|_| "cancellation_requested");
    subscription["cancellation_details"]["reason"] = json!(reason);
}
