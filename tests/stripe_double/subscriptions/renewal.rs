//! The end of a period or of a trial: the next period begins with an invoice, or the subscription ends.

use super::{billing, cancel, periods};
use crate::invoicing::lines::Share;
use crate::invoicing::{collecting, pending};
use crate::json::{flag, number, text};
use crate::world::World;
use serde_json::{Value, json};

/// Ends the current period at its end, which is now. The invoice stays a draft for a while, as Stripe leaves an hour to add to it.
pub fn renew(world: &mut World, id: &str) {
    let before = world.own("subscription", id);
    let (start, end) = periods::period_of(&before);
    if before["cancel_at"].as_i64().is_some_and(|moment| moment <= end) {
        finish(world, id);
        return;
    }
    let trial_over = text(&before, "status") == "trialing";
    if trial_over
        && !chargeable(world, &before)
        && text(&before["trial_settings"]["end_behavior"], "missing_payment_method") == "cancel"
    {
        cancel::now(world, id, "payment_failed");
        return;
    }
    let mut after = before.clone();
    let interval = periods::interval_of(crate::json::data(&after, "items"));
    let period = (end, interval.next(number(&after, "billing_cycle_anchor"), end));
    periods::set_period(&mut after, period);
    if flag(&after, "cancel_at_period_end") {
        after["cancel_at"] = json!(period.1);
    }
    if trial_over {
        after["status"] = json!("active");
    }
    world.save(after.clone());
    let mut lines = billing::waiting(world, &after);
    lines.extend(billing::lines_of(world, &after, period, Share::Full));
    let Some(mut invoice) = billing::draft(world, id, "subscription_cycle", lines, (start, end)) else { return };
    if text(&after, "status") == "unpaid" {
        invoice["auto_advance"] = json!(false);
    } else {
        invoice["automatically_finalizes_at"] = json!(world.now + world.rules.draft_seconds);
        invoice["next_payment_attempt"] = invoice["automatically_finalizes_at"].clone();
    }
    world.save(invoice.clone());
    let after = world.own("subscription", id);
    world.announce(&before, &after, "customer.subscription.updated");
    world.emit("invoice.created", &invoice, None);
}

/// Ends a subscription whose end was fixed before, with an invoice for what waits.
pub fn finish(world: &mut World, id: &str) {
    let waits = pending::waits(world, id);
    if waits {
        cancel::bill_rest(world, id);
    }
    if world.preview.is_none() {
        cancel::now(world, id, "cancellation_requested");
    }
}

fn chargeable(world: &World, subscription: &Value) -> bool {
    let stand_in = json!({
        "customer": subscription["customer"], "default_payment_method": null,
        "parent": { "subscription_details": { "subscription": subscription["id"] } },
    });
    text(subscription, "collection_method") == "send_invoice" || collecting::method_for(world, &stand_in).is_some()
}
