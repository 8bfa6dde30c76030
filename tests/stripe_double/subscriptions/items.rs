//! A subscription's items: what is subscribed to, and how many.

use crate::catalog::usable_price;
use crate::error::ApiError;
use crate::fields;
use crate::json::{data, number, text};
use crate::params::Params;
use crate::shapes;
use crate::tax_rates;
use crate::world::World;
use serde_json::{Value, json};

/// The parameters of items, for [`crate::allowed::check`].
pub const KNOWN: &str = "items[][id] items[][price] items[][quantity] items[][deleted] items[][metadata]* items[][tax_rates][]";

/// The items after the edits of `items[…]`: those with an `id` are changed or deleted, those without are added, the others stay.
pub fn edited(world: &mut World, subscription: &Value, params: &Params) -> Result<Vec<Value>, ApiError> {
    let mut items = data(subscription, "items").to_vec();
    for (position, edit) in params.elements("items").iter().enumerate() {
        let Some(id) = edit.given("id")? else {
            let item = begin(world, subscription, edit, position)?;
            items.push(item);
            continue;
        };
        let Some(at) = items.iter().position(|item| text(item, "id") == id) else {
            return Err(ApiError::missing("subscription_item", &id).in_param(&format!("items[{position}][id]")));
        };
        if edit.boolean("deleted")? == Some(true) {
            items.remove(at);
        } else {
            change(world, &mut items[at], edit, position)?;
        }
    }
    consistent(&items)?;
    Ok(items)
}

fn begin(world: &mut World, subscription: &Value, params: &Params, position: usize) -> Result<Value, ApiError> {
    params.required("price").map_err(|error| error.in_param(&format!("items[{position}][price]")))?;
    let given = json!({
        "id": world.new_id("si"), "created": world.now, "quantity": 1, "subscription": subscription["id"],
    });
    let mut item = shapes::fill("subscription_item", given);
    change(world, &mut item, params, position)?;
    Ok(item)
}

fn change(world: &World, item: &mut Value, params: &Params, position: usize) -> Result<(), ApiError> {
    if let Some(id) = params.given("price")? {
        let price = usable_price(world, &id, &format!("items[{position}][price]"))?;
        if price["recurring"].is_null() {
            let message = format!(
                "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`: {id}"
            );
            return Err(ApiError::invalid(message).with("param", json!(format!("items[{position}][price]"))));
        }
        item["plan"] = plan_of(&price);
        item["price"] = price;
    }
    if let Some(quantity) = params.integer("quantity")? {
        if quantity < 0 {
            let param = format!("items[{position}][quantity]");
            return Err(ApiError::parameter("parameter_invalid_integer", &param, "Invalid non-negative integer".to_owned()));
        }
        item["quantity"] = json!(quantity);
    }
    if let Some(rates) = tax_rates::named(world, params, "tax_rates")? {
        item["tax_rates"] = json!(rates);
    }
    fields::metadata(params, item);
    Ok(())
}

/// The plan that Stripe still shows beside the price.
fn plan_of(price: &Value) -> Value {
    let recurring = &price["recurring"];
    let given = json!({
        "id": price["id"], "active": price["active"], "amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit", "created": price["created"], "currency": price["currency"], "interval": recurring["interval"],
        "interval_count": recurring["interval_count"], "metadata": price["metadata"], "nickname": price["nickname"],
        "product": price["product"], "usage_type": "licensed",
    });
    shapes::fill("plan", given)
}

fn consistent(items: &[Value]) -> Result<(), ApiError> {
    let Some(first) = items.first() else {
        return Err(ApiError::invalid("A subscription must have at least one active plan. You must pass in at least one item.")
            .with("param", json!("items")));
    };
    if items.len() > 20 {
        return Err(ApiError::invalid("A subscription can have at most 20 items."));
    }
    let (interval, currency) = (&first["price"]["recurring"], &first["price"]["currency"]);
    for (at, item) in items.iter().enumerate() {
        let recurring = &item["price"]["recurring"];
        if text(recurring, "interval") != text(interval, "interval")
            || number(recurring, "interval_count") != number(interval, "interval_count")
        {
            return Err(ApiError::invalid("Currently, all items of a subscription must have the same `recurring` interval."));
        }
        if item["price"]["currency"] != *currency {
            return Err(ApiError::invalid(
                "The price specified only supports another currency than the subscription's other prices.",
            ));
        }
        if items[..at].iter().any(|other| other["price"]["id"] == item["price"]["id"]) {
            let message = format!("Cannot add multiple subscription items with the same plan: {}", text(&item["price"], "id"));
            return Err(ApiError::invalid(message).with("param", json!("items")));
        }
    }
    Ok(())
}
