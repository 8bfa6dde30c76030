//! Payment intents and the charges behind them: every invoice with an amount due has one, joined to it by an `invoice_payment`.

use crate::cards::{self, Card, Verdict};
use crate::json::{number, text};
use crate::world::World;
use serde_json::{Value, json};

/// The invoice's payment intent, if it has one.
pub fn intent_of(world: &World, invoice: &str) -> Option<Value> {
    let payment = payment_of(world, invoice)?;
    Some(world.own("payment_intent", text(&payment["payment"], "payment_intent")))
}

/// The invoice that a payment intent pays.
pub fn invoice_of(world: &World, intent: &str) -> Option<String> {
    let found = world.each("invoice_payment").find(|payment| text(&payment["payment"], "payment_intent") == intent)?;
    Some(text(found, "invoice").to_owned())
}

/// Gives an invoice its payment intent.
pub fn begin(world: &mut World, invoice: &Value) {
    let id = world.new_id("pi");
    let amount = number(invoice, "amount_due");
    let given = json!({
        "id": id, "created": world.now, "amount": amount, "currency": invoice["currency"], "customer": invoice["customer"],
        "amount_capturable": 0, "amount_received": 0, "capture_method": "automatic", "confirmation_method": "automatic",
        "client_secret": format!("{id}_secret_{}", world.next_number("secret")), "payment_method_types": ["card"],
        "payment_method_options": {}, "status": "requires_payment_method", "setup_future_usage": "off_session",
    });
    world.add_with_event("payment_intent", given, "payment_intent.created");
    let payment = json!({
        "id": world.new_id("inpay"), "created": world.now, "amount_requested": amount, "currency": invoice["currency"],
        "invoice": invoice["id"], "is_default": true, "payment": { "type": "payment_intent", "payment_intent": id },
        "status": "open", "status_transitions": { "paid_at": null },
    });
    world.add("invoice_payment", payment);
}

/// Asks the issuer for the money and writes its answer into the payment intent.
pub fn charge(world: &mut World, invoice: &str, method: &str) -> Verdict {
    let mut intent = intent_of(world, invoice).expect("an invoice with an amount due has a payment intent");
    let verdict = verdict(world, method);
    intent["payment_method"] = json!(method);
    intent["next_action"] = Value::Null;
    intent["last_payment_error"] = Value::Null;
    match &verdict {
        Verdict::Accepted => {
            intent["status"] = json!("succeeded");
            intent["amount_received"] = intent["amount"].clone();
            world.update(intent, "payment_intent.succeeded");
        }
        Verdict::Declined(error) => {
            intent["status"] = json!("requires_payment_method");
            intent["last_payment_error"] = Value::Object(error.body.clone());
            world.update(intent, "payment_intent.payment_failed");
        }
        Verdict::Authenticate => {
            let url = format!("{}/c/authenticate/{}", world.base, text(&intent, "id"));
            intent["status"] = json!("requires_action");
            intent["next_action"] = json!({ "type": "redirect_to_url", "redirect_to_url": { "url": url, "return_url": null } });
            world.update(intent, "payment_intent.requires_action");
        }
    }
    verdict
}

/// The intent of an invoice that is paid in another way, voided or given up.
pub fn cancel(world: &mut World, invoice: &str) {
    let Some(mut intent) = intent_of(world, invoice) else { return };
    intent["status"] = json!("canceled");
    intent["canceled_at"] = json!(world.now);
    intent["cancellation_reason"] = json!("void_invoice");
    intent["next_action"] = Value::Null;
    world.update(intent, "payment_intent.canceled");
    settle(world, invoice, "canceled");
}

/// Closes the `invoice_payment`: `paid` or `canceled`.
pub fn settle(world: &mut World, invoice: &str, status: &str) {
    let Some(mut payment) = payment_of(world, invoice) else { return };
    payment["status"] = json!(status);
    payment["status_transitions"][format!("{status}_at")] = json!(world.now);
    if status == "paid" {
        payment["amount_paid"] = payment["amount_requested"].clone();
    }
    world.update(payment, &format!("invoice_payment.{status}"));
}

/// Marks an intent as authenticated by its owner: the money is received.
pub fn succeed(world: &mut World, mut intent: Value) {
    intent["status"] = json!("succeeded");
    intent["amount_received"] = intent["amount"].clone();
    intent["next_action"] = Value::Null;
    world.update(intent, "payment_intent.succeeded");
}

/// Marks an intent as failed at authentication.
pub fn fail(world: &mut World, mut intent: Value, error: &crate::error::ApiError) {
    intent["status"] = json!("requires_payment_method");
    intent["next_action"] = Value::Null;
    intent["last_payment_error"] = Value::Object(error.body.clone());
    world.update(intent, "payment_intent.payment_failed");
}

fn verdict(world: &World, method: &str) -> Verdict {
    match (world.rules.declines.get(method).map(String::as_str), world.cards.get(method)) {
        (Some("authentication_required"), _) => Verdict::Authenticate,
        (Some(code), _) => Verdict::Declined(cards::declined(code)),
        (None, Some(card)) => cards::at_charge(card),
        (None, None) => cards::at_charge(&Card { number: "4000000000000002".to_owned(), authenticated: false }),
    }
}

fn payment_of(world: &World, invoice: &str) -> Option<Value> {
    world.each("invoice_payment").find(|payment| text(payment, "invoice") == invoice).cloned()
}
