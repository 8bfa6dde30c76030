//! Ending a subscription.

use super::{billing, pending_updates, proration, terms::Behavior};
use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::{flag, text};
use crate::params::Params;
use crate::world::World;
use serde_json::{Value, json};

/// Whether a subscription is over.
pub fn ended(subscription: &Value) -> bool {
    ["canceled", "incomplete_expired"].contains(&text(subscription, "status"))
}

/// `DELETE /v1/subscriptions/{id}`, with `prorate` and `invoice_now`.
pub fn cancel(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "prorate invoice_now cancellation_details[comment] cancellation_details[feedback]")?;
    let mut before = world.fetch("subscription", id)?;
    if ended(&before) {
        return Err(ApiError::missing("subscription", id));
    }
    details(params, &mut before)?;
    world.save(before.clone());
    let charged = text(&before, "status") != "trialing" && text(&before, "status") != "incomplete";
    if params.boolean("prorate")? == Some(true) && charged {
        let moment = world.now;
        proration::of_ending(world, &before, moment);
    }
    now(world, id, "cancellation_requested");
    if params.boolean("invoice_now")? == Some(true) {
        bill_rest(world, id);
    }
    Ok(world.own("subscription", id))
}

/// Reads `cancellation_details`.
pub fn details(params: &Params, subscription: &mut Value) -> Result<(), ApiError> {
    fields::texts(&params.below("cancellation_details"), &mut subscription["cancellation_details"], &["comment", "feedback"])
}

/// Ends a subscription at this moment, for a reason that Stripe knows. Its drafts are no longer finalized by themselves.
pub fn now(world: &mut World, id: &str, reason: &str) {
    pending_updates::discard(world, id);
    let mut subscription = world.own("subscription", id);
    let expires = text(&subscription, "status") == "incomplete";
    subscription["status"] = json!(if expires { "incomplete_expired" } else { "canceled" });
    subscription["ended_at"] = json!(world.now);
    if subscription["canceled_at"].is_null() {
        subscription["canceled_at"] = json!(world.now);
    }
    if subscription["cancellation_details"]["reason"].is_null() {
        subscription["cancellation_details"]["reason"] = json!(reason);
    }
    subscription["schedule"] = Value::Null;
    world.save(subscription.clone());
    world.emit("customer.subscription.deleted", &subscription, None);
    crate::schedules::end_of(world, id);
    for mut invoice in world.all("invoice") {
        let theirs = crate::invoicing::settling::subscription_of(&invoice).as_deref() == Some(id);
        if theirs && flag(&invoice, "auto_advance") {
            invoice["auto_advance"] = json!(false);
            invoice["automatically_finalizes_at"] = Value::Null;
            invoice["next_payment_attempt"] = Value::Null;
            world.update(invoice, "invoice.updated");
        }
    }
    if expires {
        let open = subscription["latest_invoice"].as_str().map(str::to_owned);
        let _ = open.map(|invoice| crate::invoicing::settling::void(world, &invoice));
    }
}

/// The last invoice: what waits when a subscription ends.
pub fn bill_rest(world: &mut World, id: &str) {
    let subscription = world.own("subscription", id);
    let waiting = billing::waiting(world, &subscription);
    if waiting.is_empty() {
        return;
    }
    let span = (super::periods::period_of(&subscription).0, world.now);
    if let Some(invoice) = billing::draft(world, id, "subscription_cycle", waiting, span) {
        let settled = billing::settle(world, &invoice, Behavior::Allow);
        settled.expect("only error_if_incomplete refuses");
    }
}
