//! What becomes of an invoice: draft → open → paid, void or uncollectible, and what its subscription becomes by it.

use super::drafting;
use crate::error::ApiError;
use crate::json::{number, text};
use crate::payments;
use crate::subscriptions::pending_updates;
use crate::world::World;
use serde_json::{Value, json};

/// The subscription that an invoice belongs to.
pub fn subscription_of(invoice: &Value) -> Option<String> {
    invoice["parent"]["subscription_details"]["subscription"].as_str().map(str::to_owned)
}

/// Draft → open: it gets its number, uses the customer's balance, and is paid at once if nothing is due.
pub fn finalize(world: &mut World, id: &str) -> Value {
    let mut invoice = world.own("invoice", id);
    drafting::total_up(world, &mut invoice);
    let mut customer = world.own("customer", text(&invoice, "customer"));
    let sequence = number(&customer, "next_invoice_sequence");
    let (due, balance) = drafting::due(number(&invoice, "total"), number(&customer, "balance"), text(&invoice, "currency"));
    invoice["number"] = json!(format!("{}-{sequence:04}", text(&customer, "invoice_prefix")));
    invoice["status"] = json!("open");
    invoice["ending_balance"] = json!(balance);
    invoice["amount_due"] = json!(due);
    invoice["amount_remaining"] = json!(due);
    invoice["status_transitions"]["finalized_at"] = json!(world.now);
    invoice["effective_at"] = json!(world.now);
    invoice["automatically_finalizes_at"] = Value::Null;
    invoice["webhooks_delivered_at"] = json!(world.now);
    invoice["hosted_invoice_url"] = json!(format!("{}/i/{id}", world.base));
    invoice["invoice_pdf"] = json!(format!("{}/i/{id}/pdf", world.base));
    customer["next_invoice_sequence"] = json!(sequence + 1);
    customer["balance"] = json!(balance);
    world.update(customer, "customer.updated");
    world.save(invoice.clone());
    world.emit("invoice.finalized", &invoice, None);
    if due > 0 {
        payments::begin(world, &invoice);
        return invoice;
    }
    paid(world, id, 0)
}

/// An invoice is settled with an amount of money; its subscription becomes active.
pub fn paid(world: &mut World, id: &str, amount: i64) -> Value {
    let mut invoice = world.own("invoice", id);
    invoice["status"] = json!("paid");
    invoice["attempted"] = json!(true);
    invoice["amount_paid"] = json!(amount);
    invoice["amount_remaining"] = json!(number(&invoice, "amount_due") - amount);
    invoice["next_payment_attempt"] = Value::Null;
    invoice["auto_advance"] = json!(false);
    invoice["status_transitions"]["paid_at"] = json!(world.now);
    world.failures.remove(id);
    payments::settle(world, id, "paid");
    let invoice = world.update(invoice, "invoice.updated");
    world.emit("invoice.paid", &invoice, None);
    world.emit("invoice.payment_succeeded", &invoice, None);
    pending_updates::apply(world, &invoice);
    recover(world, &invoice);
    invoice
}

/// Open → void; a subscription that waited for its first payment expires, a change that waited for this one is dropped.
pub fn void(world: &mut World, id: &str) -> Result<Value, ApiError> {
    let invoice = close(world, id, "void", &["open", "uncollectible"], "voided")?;
    payments::cancel(world, id);
    pending_updates::forget(world, &invoice);
    Ok(invoice)
}

/// Open → uncollectible.
pub fn mark_uncollectible(world: &mut World, id: &str) -> Result<Value, ApiError> {
    close(world, id, "uncollectible", &["open"], "marked_uncollectible")
}

fn close(world: &mut World, id: &str, status: &str, from: &[&str], word: &str) -> Result<Value, ApiError> {
    let mut invoice = world.fetch("invoice", id)?;
    let before = text(&invoice, "status").to_owned();
    if !from.contains(&before.as_str()) {
        let message = format!("You can only pass in open invoices. This invoice isn't open (it is {before}).");
        return Err(ApiError::refused("invoice_not_editable", message));
    }
    invoice["status"] = json!(status);
    invoice["next_payment_attempt"] = Value::Null;
    invoice["auto_advance"] = json!(false);
    invoice["status_transitions"][format!("{word}_at")] = json!(world.now);
    let invoice = world.update(invoice, "invoice.updated");
    world.emit(&format!("invoice.{word}"), &invoice, None);
    if text(&invoice, "billing_reason") == "subscription_create" && status == "void" {
        change_subscription(world, &invoice, |state| if state == "incomplete" { Some("incomplete_expired") } else { None });
    }
    if !pending_updates::owns(world, id) {
        change_subscription(world, &invoice, |state| if state == "past_due" { Some("active") } else { None });
    }
    Ok(invoice)
}

fn recover(world: &mut World, invoice: &Value) {
    change_subscription(world, invoice, |state| match state {
        "incomplete" | "past_due" | "unpaid" => Some("active"),
        _ => None,
    });
    let Some(subscription) = subscription_of(invoice) else { return };
    let mut subscription = world.own("subscription", &subscription);
    let wanted = text(&subscription["payment_settings"], "save_default_payment_method") == "on_subscription";
    let method =
        payments::intent_of(world, text(invoice, "id")).map(|intent| intent["payment_method"].clone()).unwrap_or_default();
    if wanted && method.is_string() {
        subscription["default_payment_method"] = method;
        world.update(subscription, "customer.subscription.updated");
    }
}

/// Changes the state of the invoice's subscription, if this is its latest invoice.
pub fn change_subscription(world: &mut World, invoice: &Value, next: fn(&str) -> Option<&'static str>) {
    let Some(id) = subscription_of(invoice) else { return };
    let mut subscription = world.own("subscription", &id);
    if subscription["latest_invoice"] != invoice["id"] {
        return;
    }
    if let Some(status) = next(text(&subscription, "status")) {
        subscription["status"] = json!(status);
        if status == "incomplete_expired" {
            subscription["ended_at"] = json!(world.now);
        }
        world.update(subscription, "customer.subscription.updated");
    }
}
