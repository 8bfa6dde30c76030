//! Billing a subscription at once: the invoice of its beginning, of a trial's end, of a change.

use super::terms::Behavior;
use crate::error::ApiError;
use crate::invoicing::drafting::{self, Draft};
use crate::invoicing::lines::{self, Line, Share};
use crate::invoicing::{collecting, pending, settling};
use crate::json::{data, number, text};
use crate::world::World;
use serde_json::{Value, json};

/// The lines of a period of all items.
pub fn lines_of(world: &World, subscription: &Value, period: (i64, i64), share: Share) -> Vec<Line> {
    data(subscription, "items").iter().map(|item| lines::of_item(world, item, period, share)).collect()
}

/// What waits for the subscription's next invoice.
pub fn waiting(world: &World, subscription: &Value) -> Vec<Line> {
    pending::lines_for(world, text(subscription, "customer"), Some(text(subscription, "id")), text(subscription, "currency"))
}

/// Drafts an invoice for a subscription and makes it the latest. In a preview that is all; `None` tells so.
pub fn draft(world: &mut World, id: &str, reason: &'static str, lines: Vec<Line>, period: (i64, i64)) -> Option<Value> {
    let mut subscription = world.own("subscription", id);
    let draft = Draft {
        customer: text(&subscription, "customer").to_owned(),
        currency: text(&subscription, "currency").to_owned(),
        subscription: Some(subscription.clone()),
        reason,
        lines,
        period,
        fields: json!({ "auto_advance": true }),
    };
    let invoice = drafting::draft(world, draft);
    subscription["latest_invoice"] = invoice["id"].clone();
    world.save(subscription);
    if let Some(made) = &mut world.preview {
        made.push(text(&invoice, "id").to_owned());
        return None;
    }
    Some(invoice)
}

/// Finalizes a draft at once and collects it as the behaviour says.
pub fn settle(world: &mut World, invoice: &Value, behavior: Behavior) -> Result<(), ApiError> {
    world.emit("invoice.created", invoice, None);
    let id = text(invoice, "id");
    let invoice = settling::finalize(world, id);
    if text(&invoice, "status") != "open" {
        return Ok(());
    }
    if text(&invoice, "collection_method") == "send_invoice" {
        world.emit("invoice.sent", &invoice, None);
        settling::change_subscription(world, &invoice, |state| if state == "incomplete" { Some("active") } else { None });
        return Ok(());
    }
    if behavior == Behavior::Wait {
        settling::change_subscription(world, &invoice, |state| if state == "active" { Some("past_due") } else { None });
        return Ok(());
    }
    match collecting::collect(world, id, None) {
        Err(error) if behavior == Behavior::Refuse => Err(refused(error)),
        _ => Ok(()),
    }
}

/// Refuses to begin a paid subscription that nothing can be charged to.
pub fn demand_method(world: &World, invoice: &Value, behavior: Behavior) -> Result<(), ApiError> {
    let charged = text(invoice, "collection_method") == "charge_automatically" && number(invoice, "amount_due") > 0;
    if charged && behavior != Behavior::Wait && collecting::method_for(world, invoice).is_none() {
        return Err(collecting::no_method());
    }
    Ok(())
}

/// With `error_if_incomplete` nothing is left of the change, so the error names no payment intent.
fn refused(mut error: ApiError) -> ApiError {
    error.body.remove("payment_intent");
    if error.body.get("code").is_some_and(|code| code == "invoice_payment_intent_requires_action") {
        error.body.insert("code".to_owned(), json!("subscription_payment_intent_requires_action"));
    }
    error
}
