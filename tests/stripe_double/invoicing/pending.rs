//! Invoice items: amounts that wait for the next invoice. Clients add them, and so do prorations.

use super::lines::{self, Line};
use crate::allowed::check;
use crate::catalog;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::{flag, text};
use crate::lists;
use crate::money::unit_price;
use crate::params::Params;
use crate::tax_rates;
use crate::world::World;
use serde_json::{Value, json};

/// `POST /v1/invoiceitems`
pub fn create(world: &mut World, params: &Params) -> Answer {
    let known = "customer amount currency description metadata* subscription invoice quantity price pricing[price] \
        unit_amount_decimal discountable period[start] period[end] tax_rates[]";
    check(params, known)?;
    let customer = params.required("customer")?;
    world.fetch("customer", &customer).map_err(|error| error.in_param("customer"))?;
    let mut given = priced(world, params)?;
    given["customer"] = json!(customer);
    given["date"] = json!(world.now);
    given["discountable"] = json!(params.boolean("discountable")?.unwrap_or(true));
    let start = params.integer("period.start")?.unwrap_or(world.now);
    given["period"] = json!({ "start": start, "end": params.integer("period.end")?.unwrap_or(start) });
    given["tax_rates"] = json!(tax_rates::named(world, params, "tax_rates")?.unwrap_or_default());
    if let Some(subscription) = params.given("subscription")? {
        world.fetch("subscription", &subscription).map_err(|error| error.in_param("subscription"))?;
        given["parent"] = json!({ "type": "subscription_details", "subscription_details": { "subscription": subscription } });
    }
    let mut draft = crate::shapes::fill("invoiceitem", given);
    fields::texts(params, &mut draft, &["description"])?;
    fields::metadata(params, &mut draft);
    draft["id"] = json!(world.new_id("ii"));
    let target = params.given("invoice")?;
    let item = world.add_with_event("invoiceitem", draft, "invoiceitem.created");
    match target {
        Some(invoice) => super::routes::add_line(world, &invoice, &item),
        None => Ok(item),
    }
}

fn priced(world: &World, params: &Params) -> Result<Value, ApiError> {
    let quantity = params.integer("quantity")?.unwrap_or(1);
    let (amount, currency, pricing, name) = match params.given("pricing.price")?.or(params.given("price")?) {
        Some(id) => {
            let price = catalog::usable_price(world, &id, "price")?;
            let name = lines::product_name(world, &price);
            (unit_price(&price).share(quantity, 1, 1), text(&price, "currency").to_owned(), lines::pricing(&price), json!(name))
        }
        None => {
            let amount = params.integer("amount")?;
            let amount = amount.map_or_else(|| params.required("amount").map(|_| 0), Ok)?;
            let pricing = json!({ "type": "price_details", "unit_amount_decimal": amount.to_string() });
            (amount, fields::currency(params)?, pricing, Value::Null)
        }
    };
    Ok(json!({
        "amount": amount, "net_amount": amount, "currency": currency, "quantity": quantity, "quantity_decimal": quantity.to_string(),
        "pricing": pricing, "description": name,
    }))
}

/// `GET /v1/invoiceitems`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} customer invoice pending", lists::PAGING))?;
    let mut found = lists::matching(world.all("invoiceitem"), params, &["customer", "invoice"])?;
    if let Some(pending) = params.boolean("pending")? {
        found.retain(|item| item["invoice"].is_null() == pending);
    }
    lists::page(found, params, "/v1/invoiceitems")
}

/// `DELETE /v1/invoiceitems/{id}`: while it waits, or while its invoice is a draft.
pub fn delete(world: &mut World, id: &str) -> Answer {
    let item = world.fetch("invoiceitem", id)?;
    if let Some(invoice) = item["invoice"].as_str() {
        super::routes::remove_line(world, invoice, id)?;
    }
    Ok(world.delete(&item, Some("invoiceitem.deleted")))
}

/// A proration that waits: of a subscription's item over a time, at an amount below zero for credit.
pub fn add_proration(
    world: &mut World,
    subscription: &Value,
    item: &Value,
    amount: i64,
    period: (i64, i64),
    description: String,
) {
    let quantity = item["quantity"].as_i64().unwrap_or(1);
    let details = json!({ "subscription": subscription["id"] });
    let given = json!({
        "id": world.new_id("ii"), "amount": amount, "net_amount": amount, "currency": subscription["currency"],
        "customer": subscription["customer"], "date": world.now, "description": description, "discountable": false, "proration": true,
        "quantity": quantity, "quantity_decimal": quantity.to_string(), "period": { "start": period.0, "end": period.1 },
        "parent": { "type": "subscription_details", "subscription_details": details }, "pricing": lines::pricing(&item["price"]),
        "tax_rates": item["tax_rates"],
    });
    let id = text(&given, "id").to_owned();
    world.proration_items.insert(id, text(item, "id").to_owned());
    world.add_with_event("invoiceitem", given, "invoiceitem.created");
}

/// The invoice items that wait for a subscription's next invoice, oldest first: its own, and its customer's that name no other.
pub fn lines_for(world: &World, customer: &str, subscription: Option<&str>, currency: &str) -> Vec<Line> {
    let waiting = world.each("invoiceitem").filter(|item| {
        let wants = item["parent"]["subscription_details"]["subscription"].as_str();
        let fits = wants.is_none() || wants == subscription;
        item["invoice"].is_null() && text(item, "customer") == customer && text(item, "currency") == currency && fits
    });
    waiting.map(|item| line(world, item)).collect()
}

/// The line of an invoice item; a proration's names the subscription's item.
pub fn line(world: &World, item: &Value) -> Line {
    let mut line = lines::of_pending(item);
    if flag(item, "proration") {
        let of = world.proration_items.get(text(item, "id")).cloned();
        line.value["parent"]["subscription_item_details"]["subscription_item"] = json!(of);
    }
    line
}

/// Whether prorations of a subscription wait for an invoice.
pub fn waits(world: &World, subscription: &str) -> bool {
    let mut items = world.each("invoiceitem");
    items.any(|item| {
        item["invoice"].is_null() && item["parent"]["subscription_details"]["subscription"].as_str() == Some(subscription)
    })
}
