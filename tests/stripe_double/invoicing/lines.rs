//! Lines of an invoice: a period of a subscription's item, or an invoice item that waited for it.

use crate::json::{flag, number, text};
use crate::money;
use crate::shapes;
use crate::world::World;
use serde_json::{Value, json};

/// A line that has no id and no taxes yet, with the rates of its own.
pub struct Line {
    /// The line item.
    pub value: Value,
    /// Its own tax rates; if there are none, the invoice's apply.
    pub rates: Vec<Value>,
}

/// What of its price a period costs.
#[derive(Clone, Copy)]
pub enum Share {
    /// All.
    Full,
    /// Nothing, as it is a trial.
    Trial,
    /// Seconds of the period out of those of a full one.
    Part(i64, i64),
}

/// The line for one period of a subscription's item.
pub fn of_item(world: &World, item: &Value, period: (i64, i64), share: Share) -> Line {
    let price = &item["price"];
    let quantity = number(item, "quantity");
    let (part, whole) = match share {
        Share::Full => (1, 1),
        Share::Trial => (0, 1),
        Share::Part(part, whole) => (part, whole),
    };
    let name = product_name(world, price);
    let description = match share {
        Share::Trial => format!("Trial period for {name}"),
        _ => format!("{quantity} × {name} (at {})", rhythm(price)),
    };
    let details = json!({
        "invoice_item": null, "proration": false, "proration_details": { "credited_items": null },
        "subscription": item["subscription"], "subscription_item": item["id"],
    });
    let amount = money::unit_price(price).share(quantity, part, whole);
    let value = shapes::fill(
        "line_item",
        json!({
            "amount": amount, "subtotal": amount, "currency": price["currency"], "description": description, "quantity": quantity,
            "quantity_decimal": quantity.to_string(), "period": { "start": period.0, "end": period.1 }, "discountable": true,
            "metadata": item["metadata"], "parent": { "type": "subscription_item_details", "subscription_item_details": details },
            "pricing": pricing(price), "subscription": null,
        }),
    );
    Line { value, rates: crate::json::array(item, "tax_rates").to_vec() }
}

/// The line for an invoice item.
pub fn of_pending(item: &Value) -> Line {
    let parent = match item["parent"]["subscription_details"].as_object() {
        Some(details) => json!({
            "type": "subscription_item_details", "subscription_item_details": {
                "invoice_item": item["id"], "proration": flag(item, "proration"), "proration_details": { "credited_items": null },
                "subscription": details["subscription"], "subscription_item": null,
            },
        }),
        None => json!({
            "type": "invoice_item_details", "invoice_item_details": {
                "invoice_item": item["id"], "proration": false, "proration_details": { "credited_items": null }, "subscription": null,
            },
        }),
    };
    let mut given = json!({ "subtotal": item["amount"], "parent": parent, "subscription": null });
    for name in
        ["amount", "currency", "description", "quantity", "quantity_decimal", "period", "discountable", "metadata", "pricing"]
    {
        given[name] = item[name].clone();
    }
    Line { value: shapes::fill("line_item", given), rates: crate::json::array(item, "tax_rates").to_vec() }
}

/// The `pricing` of a line or an invoice item.
pub fn pricing(price: &Value) -> Value {
    json!({
        "type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"],
        "price_details": { "price": price["id"], "product": price["product"] },
    })
}

/// The name on the invoice.
pub fn product_name(world: &World, price: &Value) -> String {
    text(&world.own("product", text(price, "product")), "name").to_owned()
}

fn rhythm(price: &Value) -> String {
    let amount = match price["unit_amount"].as_i64() {
        Some(amount) => money::display(amount, text(price, "currency")),
        None => format!("{} {}", text(price, "unit_amount_decimal"), text(price, "currency")),
    };
    match (number(&price["recurring"], "interval_count"), text(&price["recurring"], "interval")) {
        (1, unit) => format!("{amount} / {unit}"),
        (count, unit) => format!("{amount} / every {count} {unit}s"),
    }
}
