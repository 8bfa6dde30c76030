//! Changing a subscription: its items, its cycle, its trial, its terms. Some changes begin a new cycle, which is billed at once; the
//! others leave the cycle and only prorate.

use super::terms::{self, Behavior};
use super::{billing, cancel, items, pending_updates, periods, proration};
use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::invoicing::lines::Share;
use crate::json::{data, number, text};
use crate::money::unit_price;
use crate::params::Params;
use crate::world::World;
use serde_json::{Value, json};

/// What a change does to the billing cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cycle {
    /// It goes on.
    Same,
    /// A new one begins now.
    FromNow,
    /// A trial up to a moment comes first.
    Trial(i64),
}

/// `POST /v1/subscriptions/{id}`
pub fn update(world: &mut World, id: &str, params: &Params) -> Answer {
    let known =
        "proration_date billing_cycle_anchor trial_end cancellation_details[comment] cancellation_details[feedback] cancel_now";
    check(params, &format!("{known} {} {}", terms::KNOWN, items::KNOWN))?;
    let before = world.fetch("subscription", id)?;
    if cancel::ended(&before) {
        return Err(ApiError::invalid("A canceled subscription can only update its cancellation_details and metadata."));
    }
    let behavior = terms::behavior(params)?;
    if behavior == Behavior::Pend {
        pending_updates::demand_supported(params, &before)?;
    }
    pending_updates::make_way(world, id, behavior, params);
    let before = world.own("subscription", id);
    let prorating = terms::proration_behavior(params)?;
    let mut after = before.clone();
    terms::apply(world, params, &mut after)?;
    let changed = items::edited(world, &before, params)?;
    let cycle = cycle(world, &before, &changed, params)?;
    let moment = proration_date(world, &before, params)?;
    if prorating != "none" && text(&before, "status") != "trialing" {
        match cycle {
            Cycle::Same => proration::of_changes(world, &before, &changed, moment),
            _ => proration::of_ending(world, &before, moment),
        }
    }
    enter(world, &mut after, changed, cycle);
    terms::ending(world, params, &mut after)?;
    cancel::details(params, &mut after)?;
    world.save(after);
    let invoice = draft(world, id, &before, cycle, &prorating);
    bill(world, &before, invoice.as_ref(), behavior)?;
    Ok(world.own("subscription", id))
}

/// Announces a change that is done and collects its invoice; a change that may wait is only announced when it is known whether it does.
fn bill(world: &mut World, before: &Value, invoice: Option<&Value>, behavior: Behavior) -> Result<(), ApiError> {
    if let (Behavior::Pend, Some(invoice)) = (behavior, invoice) {
        return pending_updates::settle(world, before, invoice);
    }
    let after = world.own("subscription", text(before, "id"));
    world.announce(before, &after, "customer.subscription.updated");
    invoice.map_or(Ok(()), |invoice| billing::settle(world, invoice, behavior))
}

fn cycle(world: &World, before: &Value, changed: &[Value], params: &Params) -> Result<Cycle, ApiError> {
    let trialing = text(before, "status") == "trialing";
    match params.given("trial_end")?.as_deref() {
        Some("now") if trialing => return Ok(Cycle::FromNow),
        Some("now") | None => {}
        Some(_) => {
            let end = params.integer("trial_end")?.unwrap_or_default();
            if end <= world.now {
                return Err(ApiError::invalid("Invalid timestamp: must be an integer Unix timestamp in the future.")
                    .with("param", json!("trial_end")));
            }
            return Ok(if trialing && number(before, "trial_end") == end { Cycle::Same } else { Cycle::Trial(end) });
        }
    }
    let anchor = params.one_of("billing_cycle_anchor", &["now", "unchanged"])?;
    if trialing {
        return Ok(Cycle::Same);
    }
    let old = data(before, "items");
    let other_interval = periods::interval_of(old) != periods::interval_of(changed);
    let no_longer_free = is_free(old) && !is_free(changed);
    let restarts = anchor.as_deref() == Some("now") || other_interval || no_longer_free;
    Ok(if restarts { Cycle::FromNow } else { Cycle::Same })
}

/// Whether nothing that is subscribed to has a price; a quantity of 0 of something that has one is not free.
fn is_free(items: &[Value]) -> bool {
    items.iter().all(|item| unit_price(&item["price"]).is_zero())
}

fn proration_date(world: &World, before: &Value, params: &Params) -> Result<i64, ApiError> {
    let Some(moment) = params.integer("proration_date")? else { return Ok(world.now) };
    let (start, end) = periods::period_of(before);
    if (start..=end).contains(&moment) {
        return Ok(moment);
    }
    let message = "Cannot specify proration_date outside of current subscription period";
    Err(ApiError::invalid(message).with("param", json!("proration_date")))
}

fn enter(world: &World, after: &mut Value, changed: Vec<Value>, cycle: Cycle) {
    let period = periods::period_of(after);
    let trialing = text(after, "status") == "trialing";
    let interval = periods::interval_of(&changed);
    after["items"]["data"] = Value::Array(changed);
    match cycle {
        Cycle::Same => periods::set_period(after, period),
        Cycle::FromNow => {
            if trialing {
                after["trial_end"] = json!(world.now);
                after["status"] = json!("active");
            }
            after["billing_cycle_anchor"] = json!(world.now);
            periods::set_period(after, (world.now, interval.next(world.now, world.now)));
        }
        Cycle::Trial(end) => {
            if !trialing {
                after["trial_start"] = json!(world.now);
                after["status"] = json!("trialing");
            }
            after["trial_end"] = json!(end);
            after["billing_cycle_anchor"] = json!(end);
            periods::set_period(after, (if trialing { period.0 } else { world.now }, end));
        }
    }
}

/// The invoice that a change makes at once, if it makes one; `None` in a preview too.
fn draft(world: &mut World, id: &str, before: &Value, cycle: Cycle, prorating: &str) -> Option<Value> {
    let subscription = world.own("subscription", id);
    let period = periods::period_of(&subscription);
    let waiting = billing::waiting(world, &subscription);
    let lines = match cycle {
        Cycle::FromNow => {
            let mut lines = waiting;
            lines.extend(billing::lines_of(world, &subscription, period, Share::Full));
            lines
        }
        Cycle::Trial(_) if text(before, "status") != "trialing" => {
            let mut lines = if prorating == "always_invoice" { waiting } else { vec![] };
            lines.extend(billing::lines_of(world, &subscription, period, Share::Trial));
            lines
        }
        Cycle::Same if prorating == "always_invoice" && !waiting.is_empty() => waiting,
        _ => return None,
    };
    if let Cycle::Trial(_) = cycle {
        world.reminded.remove(id);
    }
    let span = (periods::period_of(before).0, world.now);
    billing::draft(world, id, "subscription_update", lines, span)
}
