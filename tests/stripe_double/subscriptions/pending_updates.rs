//! Pending updates: a change with `payment_behavior=pending_if_incomplete` happens only when its invoice is paid. The invoice is made
//! of the subscription as it will be, then the subscription is put back as it was and the money is asked for. What is not paid waits as
//! `pending_update` until it is paid, voided, replaced by another change, or too late. The rules are those of
//! <https://docs.stripe.com/billing/subscriptions/pending-updates>.

use super::{billing, periods, terms::Behavior};
use crate::allowed::check;
use crate::error::ApiError;
use crate::invoicing::settling;
use crate::json::{data, flag, number, text};
use crate::params::Params;
use crate::shapes;
use crate::world::World;
use serde_json::{Value, json};

/// How many seconds a pending update waits at most: 23 hours.
const PATIENCE: i64 = 23 * 3600;

/// The parameters that may come with `pending_if_incomplete`.
const SUPPORTED: &str = "payment_behavior proration_behavior proration_date billing_cycle_anchor trial_end off_session items[][id] \
    items[][price] items[][quantity] items[][deleted]";

/// A change that waits for the payment of its invoice.
#[derive(Debug, Clone)]
pub struct PendingUpdate {
    /// The invoice that must be paid.
    pub invoice: String,
    /// The subscription before the change.
    before: Value,
    /// The subscription as the change makes it.
    after: Value,
}

/// Refuses what cannot wait: other parameters, naming the first of them, and subscriptions whose invoices are sent.
pub fn demand_supported(params: &Params, subscription: &Value) -> Result<(), ApiError> {
    if text(subscription, "collection_method") == "send_invoice" {
        let message = "`payment_behavior` can only be `pending_if_incomplete` if `collection_method` is `charge_automatically`.";
        return Err(ApiError::invalid(message).with("param", json!("payment_behavior")));
    }
    check(params, SUPPORTED).map_err(|error| {
        let sent = error.body["param"].as_str().unwrap_or_default();
        let param = if sent.starts_with("items") { sent } else { sent.split('[').next().unwrap_or(sent) };
        let message = format!(
            "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. `{param}` is not supported."
        );
        ApiError::invalid(message).with("param", json!(param))
    })
}

/// Makes way for a change: one that bears on items, cycle or trial, or may wait itself, takes the place of the one that waits.
pub fn make_way(world: &mut World, id: &str, behavior: Behavior, params: &Params) {
    let replaces = ["items", "billing_cycle_anchor", "trial_end"].iter().any(|name| params.has(name));
    if replaces || behavior == Behavior::Pend {
        discard(world, id);
    }
}

/// Asks for the money of a change's draft while the subscription, which the caller has changed, is again as it was. If the money does
/// not come at once the change waits.
pub fn settle(world: &mut World, before: &Value, invoice: &Value) -> Result<(), ApiError> {
    let id = text(before, "id");
    let pending =
        PendingUpdate { invoice: text(invoice, "id").to_owned(), before: before.clone(), after: world.own("subscription", id) };
    let mut kept = before.clone();
    kept["latest_invoice"] = invoice["id"].clone();
    world.save(kept);
    world.pending_updates.insert(id.to_owned(), pending.clone());
    billing::settle(world, invoice, Behavior::Pend)?;
    let mut now = world.own("subscription", id);
    if owns(world, &pending.invoice) {
        now["pending_update"] = shown(&pending, world.now);
        world.save(now.clone());
    }
    world.announce(before, &now, "customer.subscription.updated");
    Ok(())
}

/// What `pending_update` shows of a change that is asked for now. It expires with the period or the trial, if those end sooner.
fn shown(pending: &PendingUpdate, now: i64) -> Value {
    let (before, after) = (&pending.before, &pending.after);
    let changed = |name: &str| if before[name] == after[name] { Value::Null } else { after[name].clone() };
    let facts = |subscription: &Value| -> Vec<Value> {
        let items = data(subscription, "items").iter();
        items.map(|item| json!([item["id"], item["price"]["id"], item["quantity"]])).collect()
    };
    let items = if facts(before) == facts(after) { Value::Null } else { json!(data(after, "items")) };
    let given = json!({
        "expires_at": (now + PATIENCE).min(periods::period_of(before).1), "subscription_items": items,
        "billing_cycle_anchor": changed("billing_cycle_anchor"), "trial_end": changed("trial_end"), "trial_from_plan": null,
        "metadata": null,
    });
    shapes::fill_part("subscription", "/pending_update", given)
}

/// Whether a change waits for this invoice. Such an invoice is not tried again by itself and does not make anything past due.
pub fn owns(world: &World, invoice: &str) -> bool {
    world.pending_updates.values().any(|pending| pending.invoice == invoice)
}

/// Applies the change that waited for an invoice, which is paid. Only one that was shown as pending makes an event of its own.
pub fn apply(world: &mut World, invoice: &Value) {
    let Some((id, pending)) = take(world, invoice) else { return };
    let before = world.own("subscription", &id);
    let mut now = before.clone();
    for name in ["items", "billing_cycle_anchor", "trial_start", "trial_end"] {
        now[name] = pending.after[name].clone();
    }
    if pending.before["status"] != pending.after["status"] {
        now["status"] = pending.after["status"].clone();
    }
    if flag(&now, "cancel_at_period_end") {
        now["cancel_at"] = json!(periods::period_of(&now).1);
    }
    now["pending_update"] = Value::Null;
    world.save(now.clone());
    if !before["pending_update"].is_null() {
        world.announce(&before, &now, "customer.subscription.updated");
        world.emit("customer.subscription.pending_update_applied", &now, None);
    }
}

/// Drops the change of a subscription that waits, if one does, and voids its invoice.
pub fn discard(world: &mut World, id: &str) {
    if let Some(pending) = world.pending_updates.get(id) {
        let invoice = pending.invoice.clone();
        settling::void(world, &invoice).expect("an invoice that is waited for can be voided");
    }
}

/// Drops the change that waited for an invoice, which is void. The customer gets the credit back that the invoice used.
pub fn forget(world: &mut World, invoice: &Value) {
    let Some((id, _)) = take(world, invoice) else { return };
    let mut customer = world.own("customer", text(invoice, "customer"));
    let used = number(invoice, "starting_balance") - number(invoice, "ending_balance");
    customer["balance"] = json!(number(&customer, "balance") + used);
    world.update(customer, "customer.updated");
    let mut subscription = world.own("subscription", &id);
    subscription["pending_update"] = Value::Null;
    let subscription = world.update(subscription, "customer.subscription.updated");
    world.emit("customer.subscription.pending_update_expired", &subscription, None);
}

fn take(world: &mut World, invoice: &Value) -> Option<(String, PendingUpdate)> {
    let id = settling::subscription_of(invoice)?;
    let waits = world.pending_updates.get(&id).is_some_and(|pending| pending.invoice == text(invoice, "id"));
    if waits { world.pending_updates.remove_entry(&id) } else { None }
}
