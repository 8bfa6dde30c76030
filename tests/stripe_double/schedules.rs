//! Subscription schedules: what a subscription becomes in later phases (`phases`). A schedule is made from a subscription, given
//! further phases, and released. Entering a phase changes the subscription as `POST /v1/subscriptions/{id}` would.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::{array, number, text};
use crate::lists;
use crate::params::Params;
use crate::payment_methods;
use crate::phases;
use crate::subscriptions::cancel;
use crate::world::World;
use serde_json::{Value, json};

const KIND: &str = "subscription_schedule";

/// `POST /v1/subscription_schedules` with `from_subscription`.
pub fn create(world: &mut World, params: &Params) -> Answer {
    check(params, "from_subscription")?;
    let from = params.required("from_subscription")?;
    let mut subscription = world.fetch("subscription", &from).map_err(|error| error.in_param("from_subscription"))?;
    if !subscription["schedule"].is_null() || cancel::ended(&subscription) {
        return Err(ApiError::invalid("You cannot migrate a subscription that is already attached to a schedule, or is over."));
    }
    let phase = phases::of_subscription(&subscription);
    let id = world.new_id("sub_sched");
    let given = json!({
        "id": id, "created": world.now, "customer": subscription["customer"], "subscription": from, "status": "active",
        "end_behavior": "release", "current_phase": span(&phase), "billing_mode": { "type": "classic" },
        "default_settings": {
            "automatic_tax": { "enabled": false }, "billing_cycle_anchor": "automatic", "collection_method": subscription["collection_method"],
            "invoice_settings": { "issuer": { "type": "self" }, "days_until_due": subscription["days_until_due"] },
        },
        "phases": [phase],
    });
    subscription["schedule"] = json!(id);
    world.update(subscription, "customer.subscription.updated");
    Ok(world.add_with_event(KIND, given, "subscription_schedule.created"))
}

/// `GET /v1/subscription_schedules`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} customer", lists::PAGING))?;
    lists::page(lists::matching(world.all(KIND), params, &["customer"])?, params, "/v1/subscription_schedules")
}

/// `POST /v1/subscription_schedules/{id}`
pub fn update(world: &mut World, id: &str, params: &Params) -> Answer {
    let settings = "default_settings[collection_method] default_settings[default_payment_method]";
    check(params, &format!("{} {settings} end_behavior metadata* proration_behavior", phases::KNOWN))?;
    let mut schedule = active(world, id)?;
    fields::metadata(params, &mut schedule);
    default_settings(world, params, &mut schedule)?;
    if let Some(behavior) = params.one_of("end_behavior", &["release", "cancel"])? {
        schedule["end_behavior"] = json!(behavior);
    }
    let mut changed = None;
    if params.has("phases") {
        let sent = phases::read(world, &schedule, params)?;
        let is_now = |phase: &&Value| number(phase, "start_date") <= world.now && world.now < number(phase, "end_date");
        let current = sent.phases.iter().find(is_now);
        let current = current
            .ok_or_else(|| ApiError::invalid("The schedule needs a phase for the present.").with("param", json!("phases")))?;
        schedule["current_phase"] = span(current);
        changed = Some(current.clone());
        schedule["phases"] = Value::Array(sent.phases);
        let theirs = format!("{id}/");
        world.emptied.retain(|place| !place.starts_with(&theirs));
        world.emptied.extend(sent.emptied);
    }
    let schedule = world.update(schedule, "subscription_schedule.updated");
    if let Some(mut phase) = changed {
        if let Some(behavior) = params.given("proration_behavior")? {
            phase["proration_behavior"] = json!(behavior);
        }
        phases::enter(world, id, text(&schedule, "subscription"), &phase)?;
    }
    Ok(schedule)
}

/// What phases are paid by that do not say so themselves.
fn default_settings(world: &World, params: &Params, schedule: &mut Value) -> Result<(), ApiError> {
    if params.given("default_settings.collection_method")?.as_deref() == Some("send_invoice") {
        let message = "stripe-double does not let a schedule begin to send invoices";
        return Err(ApiError::invalid(message).with("param", json!("default_settings[collection_method]")));
    }
    if let Some(method) = params.one_of("default_settings.collection_method", &["charge_automatically"])? {
        schedule["default_settings"]["collection_method"] = json!(method);
        schedule["default_settings"]["invoice_settings"]["days_until_due"] = Value::Null;
    }
    if let Some(method) = params.text("default_settings.default_payment_method")? {
        if !method.is_empty() {
            let name = "default_settings[default_payment_method]";
            payment_methods::owned(world, &method, text(schedule, "customer"), name)?;
        }
        schedule["default_settings"]["default_payment_method"] = if method.is_empty() { Value::Null } else { json!(method) };
    }
    Ok(())
}

/// `POST /v1/subscription_schedules/{id}/release`
pub fn release(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "preserve_cancel_date")?;
    let schedule = active(world, id)?;
    Ok(let_go(world, schedule))
}

/// `POST /v1/subscription_schedules/{id}/cancel`: ends the subscription too.
pub fn cancel_now(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "invoice_now prorate")?;
    let schedule = active(world, id)?;
    cancel::cancel(world, text(&schedule, "subscription"), params)?;
    Ok(world.own(KIND, id))
}

/// The moment at which the current phase of a subscription's schedule ends.
pub fn due(schedule: &Value) -> Option<i64> {
    (text(schedule, "status") == "active").then(|| number(&schedule["current_phase"], "end_date"))
}

/// Goes on to the next phase, or lets the subscription go, if the current phase of its schedule is over.
pub fn advance_due(world: &mut World, subscription: &str) {
    let Some(id) = world.own("subscription", subscription)["schedule"].as_str().map(str::to_owned) else { return };
    let mut schedule = world.own(KIND, &id);
    let Some(end) = due(&schedule).filter(|end| *end <= world.now) else { return };
    let next = array(&schedule, "phases").iter().find(|phase| number(phase, "start_date") >= end).cloned();
    let Some(next) = next else {
        if text(&schedule, "end_behavior") == "cancel" {
            cancel::now(world, subscription, "cancellation_requested");
        } else {
            let_go(world, schedule);
        }
        return;
    };
    schedule["current_phase"] = span(&next);
    world.update(schedule, "subscription_schedule.updated");
    // A price that was switched off meanwhile leaves the subscription as it is.
    let _ = phases::enter(world, &id, subscription, &next);
}

/// The schedule of a subscription that ended.
pub fn end_of(world: &mut World, subscription: &str) {
    for mut schedule in world.all(KIND) {
        if text(&schedule, "subscription") == subscription && text(&schedule, "status") == "active" {
            schedule["status"] = json!("canceled");
            schedule["canceled_at"] = json!(world.now);
            schedule["current_phase"] = Value::Null;
            world.update(schedule, "subscription_schedule.canceled");
        }
    }
}

fn let_go(world: &mut World, mut schedule: Value) -> Value {
    let mut subscription = world.own("subscription", text(&schedule, "subscription"));
    subscription["schedule"] = Value::Null;
    schedule["status"] = json!("released");
    schedule["released_at"] = json!(world.now);
    schedule["released_subscription"] = schedule["subscription"].clone();
    schedule["subscription"] = Value::Null;
    schedule["current_phase"] = Value::Null;
    world.update(subscription, "customer.subscription.updated");
    world.update(schedule, "subscription_schedule.released")
}

fn active(world: &World, id: &str) -> Answer {
    let schedule = world.fetch(KIND, id)?;
    if text(&schedule, "status") == "active" {
        return Ok(schedule);
    }
    let message =
        format!("You cannot change a subscription schedule that is currently in the `{}` status.", text(&schedule, "status"));
    Err(ApiError::invalid(message))
}

fn span(phase: &Value) -> Value {
    json!({ "start_date": phase["start_date"], "end_date": phase["end_date"] })
}
