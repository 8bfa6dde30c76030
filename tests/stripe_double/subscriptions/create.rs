//! Beginning a subscription: with a trial, at once, or with a shorter first period up to a billing cycle anchor.

use super::terms::{self, Behavior};
use super::{billing, items, periods};
use crate::allowed::check;
use crate::calendar::DAY;
use crate::error::{Answer, ApiError};
use crate::invoicing::lines::Share;
use crate::json::text;
use crate::params::Params;
use crate::shapes;
use crate::world::World;
use serde_json::{Value, json};

/// When a subscription's first period ends, and what it costs.
struct Beginning {
    /// Where the periods are counted from.
    anchor: i64,
    /// The first period's end.
    end: i64,
    /// `trial_end`.
    trial_end: Option<i64>,
    /// What of the price the first period costs.
    share: Share,
}

/// `POST /v1/subscriptions`
pub fn create(world: &mut World, params: &Params) -> Answer {
    check(
        params,
        &format!(
            "customer currency trial_end trial_period_days billing_cycle_anchor billing_mode[type] {} {}",
            terms::KNOWN,
            items::KNOWN
        ),
    )?;
    let customer = params.required("customer")?;
    world.fetch("customer", &customer).map_err(|error| error.in_param("customer"))?;
    let behavior = terms::behavior(params)?;
    if behavior == Behavior::Pend {
        let message = "`pending_if_incomplete` can only be used with updates and cannot be passed when creating a Subscription.";
        return Err(ApiError::invalid(message).with("param", json!("payment_behavior")));
    }
    let mut draft = blank(world, &customer);
    terms::apply(world, params, &mut draft)?;
    if let Some(mode) = params.one_of("billing_mode.type", &["classic", "flexible"])? {
        draft["billing_mode"]["type"] = json!(mode);
    }
    let subscribed = items::edited(world, &draft, params)?;
    draft["currency"] = subscribed[0]["price"]["currency"].clone();
    one_currency(world, &customer, text(&draft, "currency"))?;
    let beginning = beginning(world, params, &subscribed)?;
    draft["items"]["data"] = Value::Array(subscribed);
    draft["items"]["url"] = json!(format!("/v1/subscription_items?subscription={}", text(&draft, "id")));
    draft["billing_cycle_anchor"] = json!(beginning.anchor);
    if let Some(end) = beginning.trial_end {
        draft["trial_start"] = json!(world.now);
        draft["trial_end"] = json!(end);
        draft["status"] = json!("trialing");
    }
    periods::set_period(&mut draft, (world.now, beginning.end));
    terms::ending(world, params, &mut draft)?;
    let id = text(&draft, "id").to_owned();
    world.add("subscription", draft);
    bill(world, &id, &beginning, behavior)?;
    Ok(world.own("subscription", &id))
}

fn blank(world: &mut World, customer: &str) -> Value {
    let given = json!({
        "id": world.new_id("sub"), "created": world.now, "start_date": world.now, "customer": customer, "status": "incomplete",
        "collection_method": "charge_automatically", "automatic_tax": { "enabled": false }, "billing_mode": { "type": "classic" },
        "cancellation_details": { "reason": null }, "invoice_settings": { "issuer": { "type": "self" } }, "items": { "data": [] },
        "payment_settings": { "save_default_payment_method": "off", "payment_method_options": null },
        "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } },
    });
    shapes::fill("subscription", given)
}

fn one_currency(world: &World, customer: &str, currency: &str) -> Result<(), ApiError> {
    let before = world.own("customer", customer)["currency"].clone();
    if before.is_null() || before == currency {
        return Ok(());
    }
    let message = format!(
        "You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency {}",
        before.as_str().unwrap_or_default()
    );
    Err(ApiError::invalid(message))
}

fn beginning(world: &World, params: &Params, subscribed: &[Value]) -> Result<Beginning, ApiError> {
    let interval = periods::interval_of(subscribed);
    if let Some(end) = trial_end(world, params)? {
        return Ok(Beginning { anchor: end, end, trial_end: Some(end), share: Share::Trial });
    }
    let Some(anchor) = params.integer("billing_cycle_anchor")? else {
        return Ok(Beginning {
            anchor: world.now,
            end: interval.next(world.now, world.now),
            trial_end: None,
            share: Share::Full,
        });
    };
    if anchor <= world.now || anchor > interval.next(world.now, world.now) {
        let message = "billing_cycle_anchor must be a future timestamp within the next billing interval.";
        return Err(ApiError::invalid(message).with("param", json!("billing_cycle_anchor")));
    }
    let whole = anchor - interval.previous(anchor, anchor);
    let share = match terms::proration_behavior(params)?.as_str() {
        "none" => Share::Part(0, 1),
        _ => Share::Part(anchor - world.now, whole),
    };
    Ok(Beginning { anchor, end: anchor, trial_end: None, share })
}

fn trial_end(world: &World, params: &Params) -> Result<Option<i64>, ApiError> {
    let end = match (params.given("trial_end")?.as_deref(), params.integer("trial_period_days")?) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("You may only specify one of these parameters: trial_end, trial_period_days."));
        }
        (Some("now"), None) => None,
        (Some(_), None) => params.integer("trial_end")?,
        (None, days) => days.filter(|days| *days > 0).map(|days| world.now + days * DAY),
    };
    if end.is_some_and(|end| end <= world.now || end > world.now + 730 * DAY) {
        let message = "The trial end has to be in the future and at most two years (730 days) ahead.";
        return Err(ApiError::invalid(message).with("param", json!("trial_end")));
    }
    Ok(end)
}

fn bill(world: &mut World, id: &str, beginning: &Beginning, behavior: Behavior) -> Result<(), ApiError> {
    let subscription = world.own("subscription", id);
    let mut lines = billing::waiting(world, &subscription);
    lines.extend(billing::lines_of(world, &subscription, (world.now, beginning.end), beginning.share));
    let period = (world.now, world.now);
    let Some(invoice) = billing::draft(world, id, "subscription_create", lines, period) else { return Ok(()) };
    if beginning.trial_end.is_none() {
        billing::demand_method(world, &invoice, behavior)?;
    }
    let subscription = world.own("subscription", id);
    world.emit("customer.subscription.created", &subscription, None);
    billing::settle(world, &invoice, behavior)
}
