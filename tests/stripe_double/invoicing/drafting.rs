//! From lines to a draft: taxes, sums, the customer's balance, and what is copied from customer and subscription at that moment.

use super::lines::Line;
use crate::json::{array, data, data_mut, number, text};
use crate::money;
use crate::tax_ids;
use crate::tax_rates;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What an invoice is made of.
pub struct Draft {
    /// Who owes it.
    pub customer: String,
    /// The subscription that causes it.
    pub subscription: Option<Value>,
    /// Stripe's `billing_reason`.
    pub reason: &'static str,
    /// Its lines in order.
    pub lines: Vec<Line>,
    /// Start and end of the time that it looks back on.
    pub period: (i64, i64),
    /// Its currency.
    pub currency: String,
    /// Further fields.
    pub fields: Value,
}

/// Makes the draft and takes in the invoice items that its lines come from. No event: the caller decides when it is announced.
pub fn draft(world: &mut World, draft: Draft) -> Value {
    let id = world.new_id("in");
    let mut customer = world.own("customer", &draft.customer);
    if customer["currency"].is_null() {
        customer["currency"] = json!(draft.currency);
        world.save(customer.clone());
    }
    let mut given = draft.fields.clone();
    describe(world, &mut given, &customer, &draft);
    let rates: Vec<Value> = array(&given, "default_tax_rates").to_vec();
    let exempt = text(&customer, "tax_exempt").to_owned();
    let lines: Vec<Value> = draft.lines.into_iter().map(|line| numbered(world, line, &id, &rates, &exempt)).collect();
    lines.iter().for_each(|line| take_in(world, line, &id));
    given["lines"] = json!({ "data": lines, "url": format!("/v1/invoices/{id}/lines") });
    given["id"] = json!(id);
    let mut invoice = world.add("invoice", given);
    total_up(world, &mut invoice);
    world.save(invoice.clone());
    invoice
}

fn describe(world: &World, given: &mut Value, customer: &Value, draft: &Draft) {
    let tax_ids = tax_ids::of(world, &draft.customer);
    let common = json!({
        "created": world.now, "customer": draft.customer, "currency": draft.currency, "billing_reason": draft.reason, "status": "draft",
        "period_start": draft.period.0, "period_end": draft.period.1, "account_country": "US", "account_name": "Stripe double",
        "customer_address": customer["address"], "customer_email": customer["email"], "customer_name": customer["name"],
        "customer_phone": customer["phone"], "customer_shipping": customer["shipping"], "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": tax_ids.iter().rev().map(|tax_id| json!({ "type": tax_id["type"], "value": tax_id["value"] })).collect::<Value>(),
        "attempt_count": 0, "amount_paid": 0, "amount_overpaid": 0, "amount_shipping": 0, "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0, "automatic_tax": { "enabled": false }, "issuer": { "type": "self" },
        "payment_settings": { "payment_method_options": null }, "status_transitions": { "paid_at": null }, "subscription": null,
    });
    let given = given.as_object_mut().expect("further fields are an object");
    for (key, value) in common.as_object().expect("made as an object") {
        given.entry(key.clone()).or_insert_with(|| value.clone());
    }
    given.entry("collection_method").or_insert(json!("charge_automatically"));
    let Some(subscription) = &draft.subscription else { return };
    let details = json!({ "metadata": subscription["metadata"], "subscription": subscription["id"] });
    given.insert("parent".to_owned(), json!({ "type": "subscription_details", "subscription_details": details }));
    for name in ["collection_method", "default_tax_rates", "description"] {
        given.insert(name.to_owned(), subscription[name].clone());
    }
    if let Some(days) = subscription["days_until_due"].as_i64() {
        given.insert("due_date".to_owned(), json!(world.now + days * crate::calendar::DAY));
    }
}

fn numbered(world: &mut World, line: Line, invoice: &str, defaults: &[Value], exempt: &str) -> Value {
    let mut value = line.value;
    let rates = if line.rates.is_empty() { defaults } else { &line.rates };
    value["id"] = json!(world.new_id("il"));
    value["invoice"] = json!(invoice);
    value["taxes"] = tax_rates::taxes(number(&value, "amount"), rates, exempt);
    value
}

fn take_in(world: &mut World, line: &Value, invoice: &str) {
    let parent = &line["parent"];
    let pending = [&parent["invoice_item_details"], &parent["subscription_item_details"]]
        .into_iter()
        .find_map(|details| details["invoice_item"].as_str());
    if let Some(id) = pending {
        let mut item = world.own("invoiceitem", id);
        item["invoice"] = json!(invoice);
        world.save(item);
    }
}

/// Makes an invoice's sums from its lines and from the customer's balance as it is now.
pub fn total_up(world: &World, invoice: &mut Value) {
    let lines = data(invoice, "lines");
    let subtotal: i64 = lines.iter().map(|line| number(line, "amount")).sum();
    let taxes = taxes_by_rate(lines);
    let tax: i64 = taxes.iter().map(|tax| number(tax, "amount")).sum();
    let total = subtotal + tax;
    let balance = number(&world.own("customer", text(invoice, "customer")), "balance");
    let (due, _) = due(total, balance, text(invoice, "currency"));
    for (name, amount) in [
        ("subtotal", subtotal),
        ("subtotal_excluding_tax", subtotal),
        ("total", total),
        ("total_excluding_tax", subtotal),
        ("starting_balance", balance),
        ("amount_due", due),
        ("amount_remaining", due),
    ] {
        invoice[name] = json!(amount);
    }
    invoice["total_taxes"] = Value::Array(taxes);
}

/// What is due of a total, and the customer's balance after it. A balance below zero is credit; what is too small for a card is
/// carried over to the balance.
pub fn due(total: i64, balance: i64, currency: &str) -> (i64, i64) {
    let open = total + balance;
    if open < money::smallest_charge(currency) { (0, open) } else { (open, 0) }
}

/// Gives the customer's `tax_exempt` to the drafts that it owes, with taxes to match: an invoice keeps its own when it is finalized.
pub fn follow_exemption(world: &mut World, customer: &Value) {
    let exempt = text(customer, "tax_exempt");
    for mut invoice in world.all("invoice") {
        let follows = text(&invoice, "status") == "draft" && invoice["customer"] == customer["id"];
        if !follows || text(&invoice, "customer_tax_exempt") == exempt {
            continue;
        }
        invoice["customer_tax_exempt"] = json!(exempt);
        for line in data_mut(&mut invoice, "lines") {
            let named = array(line, "taxes").iter().map(|tax| text(&tax["tax_rate_details"], "tax_rate"));
            let rates: Vec<Value> = named.map(|rate| world.own("tax_rate", rate)).collect();
            line["taxes"] = tax_rates::taxes(number(line, "amount"), &rates, exempt);
        }
        total_up(world, &mut invoice);
        world.update(invoice, "invoice.updated");
    }
}

fn taxes_by_rate(lines: &[Value]) -> Vec<Value> {
    let mut sums: BTreeMap<String, Value> = BTreeMap::new();
    for tax in lines.iter().flat_map(|line| array(line, "taxes")) {
        let rate = text(&tax["tax_rate_details"], "tax_rate").to_owned();
        match sums.get_mut(&rate) {
            None => {
                sums.insert(rate, tax.clone());
            }
            Some(sum) => {
                for name in ["amount", "taxable_amount"] {
                    sum[name] = json!(number(sum, name) + number(tax, name));
                }
            }
        }
    }
    sums.into_values().collect()
}
