//! Subscription schedules: a subscription's items in later phases. A schedule is made from a subscription, given further phases, and
//! released. Entering a phase changes the subscription as `POST /v1/subscriptions/{id}` would.

use crate::allowed::check;
use crate::calendar::Interval;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::{array, data, number, text};
use crate::lists;
use crate::params::Params;
use crate::shapes;
use crate::subscriptions::{cancel, periods, update as change_subscription};
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
    let (start, end) = periods::period_of(&subscription);
    let items: Value =
        data(&subscription, "items").iter().map(|item| phase_item(&item["price"]["id"], &item["quantity"])).collect();
    let phase = json!({
        "items": items, "start_date": start, "end_date": end, "currency": subscription["currency"],
        "proration_behavior": "create_prorations",
    });
    let id = world.new_id("sub_sched");
    let given = json!({
        "id": id, "created": world.now, "customer": subscription["customer"], "subscription": from, "status": "active",
        "end_behavior": "release", "current_phase": { "start_date": start, "end_date": end }, "billing_mode": { "type": "classic" },
        "default_settings": {
            "automatic_tax": { "enabled": false }, "billing_cycle_anchor": "automatic", "collection_method": subscription["collection_method"],
            "invoice_settings": { "issuer": { "type": "self" } },
        },
        "phases": [shapes::fill_part(KIND, "/phases/0", phase)],
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
    let phases = "phases[][items][][price] phases[][items][][quantity] phases[][start_date] phases[][end_date] phases[][iterations] \
        phases[][duration][interval] phases[][duration][interval_count] phases[][proration_behavior] phases[][metadata]*";
    check(params, &format!("{phases} end_behavior metadata* proration_behavior"))?;
    let mut schedule = active(world, id)?;
    fields::metadata(params, &mut schedule);
    if let Some(behavior) = params.one_of("end_behavior", &["release", "cancel"])? {
        schedule["end_behavior"] = json!(behavior);
    }
    let mut changed = None;
    if params.has("phases") {
        let phases = read_phases(world, &schedule, params)?;
        let current =
            phases.iter().find(|phase| number(phase, "start_date") <= world.now && world.now < number(phase, "end_date"));
        let current = current
            .ok_or_else(|| ApiError::invalid("The schedule needs a phase for the present.").with("param", json!("phases")))?;
        schedule["current_phase"] = json!({ "start_date": current["start_date"], "end_date": current["end_date"] });
        changed = Some(current.clone());
        schedule["phases"] = Value::Array(phases);
    }
    let schedule = world.update(schedule, "subscription_schedule.updated");
    if let Some(mut phase) = changed {
        if let Some(behavior) = params.given("proration_behavior")? {
            phase["proration_behavior"] = json!(behavior);
        }
        enter(world, text(&schedule, "subscription"), &phase)?;
    }
    Ok(schedule)
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
    schedule["current_phase"] = json!({ "start_date": next["start_date"], "end_date": next["end_date"] });
    world.update(schedule, "subscription_schedule.updated");
    // A price that was switched off meanwhile leaves the subscription as it is.
    let _ = enter(world, subscription, &next);
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

fn phase_item(price: &Value, quantity: &Value) -> Value {
    shapes::fill_part(KIND, "/phases/0/items/0", json!({ "price": price, "quantity": quantity }))
}

fn read_phases(world: &World, schedule: &Value, params: &Params) -> Result<Vec<Value>, ApiError> {
    let mut start = number(&array(schedule, "phases")[0], "start_date");
    let mut phases = vec![];
    for sent in params.elements("phases") {
        let mut items = vec![];
        let mut prices = vec![];
        for item in sent.elements("items") {
            let price = crate::catalog::usable_price(world, &item.required("price")?, "phases[items][price]")?;
            items.push(phase_item(&price["id"], &json!(item.integer("quantity")?.unwrap_or(1))));
            prices.push(json!({ "price": price }));
        }
        let first = prices
            .first()
            .ok_or_else(|| ApiError::parameter("parameter_missing", "phases[items]", "Missing items".to_owned()))?;
        let usual = periods::interval_of(&prices);
        start = sent.integer("start_date").ok().flatten().unwrap_or(start);
        let end = phase_end(&sent, start, &usual)?;
        if end <= start {
            return Err(ApiError::invalid("A phase has to end after it starts.").with("param", json!("phases[end_date]")));
        }
        let given = json!({
            "items": items, "start_date": start, "end_date": end, "currency": first["price"]["currency"],
            "proration_behavior": crate::subscriptions::terms::proration_behavior(&sent)?,
        });
        let mut phase = shapes::fill_part(KIND, "/phases/0", given);
        fields::metadata(&sent, &mut phase);
        phases.push(phase);
        start = end;
    }
    Ok(phases)
}

fn phase_end(sent: &Params, start: i64, usual: &Interval) -> Result<i64, ApiError> {
    if let Some(end) = sent.integer("end_date")? {
        return Ok(end);
    }
    let count = sent.integer("duration.interval_count")?.unwrap_or(1);
    let length = match sent.given("duration.interval")? {
        Some(unit) => Interval { unit, count },
        None => Interval { unit: usual.unit.clone(), count: usual.count * sent.integer("iterations")?.unwrap_or(1) },
    };
    Ok(length.next(start, start))
}

/// Changes the subscription's items to those of a phase.
fn enter(world: &mut World, subscription: &str, phase: &Value) -> Result<(), ApiError> {
    let wanted = array(phase, "items");
    let mut edits = vec![];
    let now = world.own("subscription", subscription);
    for item in data(&now, "items") {
        let kept = wanted.iter().find(|other| other["price"] == item["price"]["id"]);
        edits.push(match kept {
            Some(other) => json!({ "id": item["id"], "quantity": other["quantity"].to_string() }),
            None => json!({ "id": item["id"], "deleted": "true" }),
        });
    }
    let added = wanted.iter().filter(|other| !data(&now, "items").iter().any(|item| item["price"]["id"] == other["price"]));
    edits.extend(added.map(|item| json!({ "price": item["price"], "quantity": item["quantity"].to_string() })));
    let sent = json!({ "items": edits, "proration_behavior": phase["proration_behavior"] });
    change_subscription::update(world, subscription, &Params::from_tree(sent)).map(drop)
}
