//! Products and their prices. A price is found again by its `lookup_key`, which one price has at a time.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::{flag, text};
use crate::lists;
use crate::money::Decimal;
use crate::params::Params;
use crate::world::World;
use serde_json::{Value, json};

const PRODUCT: &str = "name active description metadata* images[] statement_descriptor tax_code unit_label url";

/// `POST /v1/products`
pub fn create_product(world: &mut World, params: &Params) -> Answer {
    check(params, &format!("{PRODUCT} id type default_price_data*"))?;
    let name = params.required("name")?;
    let wanted = params.given("id")?;
    if let Some(taken) = wanted.as_ref().filter(|id| world.any(id).is_some()) {
        return Err(ApiError::refused("resource_already_exists", "Product already exists.").with("param", json!(taken)));
    }
    let mut draft = crate::shapes::fill("product", json!({ "name": name, "active": true, "type": "service" }));
    change_product(params, &mut draft)?;
    draft["id"] = json!(wanted.unwrap_or_else(|| world.new_id("prod")));
    draft["created"] = json!(world.now);
    draft["updated"] = json!(world.now);
    let product = world.add_with_event("product", draft, "product.created");
    if params.has("default_price_data") {
        return with_price(world, product, params.below("default_price_data").tree());
    }
    Ok(product)
}

fn with_price(world: &mut World, mut product: Value, mut sent: Value) -> Answer {
    sent["product"] = product["id"].clone();
    product["default_price"] = create_price(world, &Params::from_tree(sent))?["id"].clone();
    Ok(world.update(product, "product.updated"))
}

/// `POST /v1/products/{id}`
pub fn update_product(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, &format!("{PRODUCT} default_price"))?;
    let mut product = world.fetch("product", id)?;
    change_product(params, &mut product)?;
    fields::texts(params, &mut product, &["name", "default_price"])?;
    product["updated"] = json!(world.now);
    Ok(world.update(product, "product.updated"))
}

/// `GET /v1/products`
pub fn list_products(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} active ids[]", lists::PAGING))?;
    let mut found = lists::matching(world.all("product"), params, &["active"])?;
    let ids = params.texts("ids");
    found.retain(|product| ids.is_empty() || ids.iter().any(|id| id == text(product, "id")));
    lists::page(found, params, "/v1/products")
}

fn change_product(params: &Params, product: &mut Value) -> Result<(), ApiError> {
    fields::texts(params, product, &["description", "statement_descriptor", "tax_code", "unit_label", "url"])?;
    fields::flags(params, product, &["active"])?;
    fields::metadata(params, product);
    if params.has("images") {
        product["images"] = json!(params.texts("images"));
    }
    Ok(())
}

const PRICE: &str = "active nickname metadata* lookup_key transfer_lookup_key tax_behavior";

/// `POST /v1/prices`: `per_unit` prices only, recurring (licensed) or one-time.
pub fn create_price(world: &mut World, params: &Params) -> Answer {
    let own = "product product_data[name] product_data[metadata]* currency unit_amount unit_amount_decimal billing_scheme \
        recurring[interval] recurring[interval_count] recurring[usage_type]";
    check(params, &format!("{PRICE} {own}"))?;
    params.one_of("billing_scheme", &["per_unit"])?;
    let currency = fields::currency(params)?;
    let (amount, decimal) = amount(params)?;
    let recurring = recurring(params)?;
    let kind = if recurring.is_null() { "one_time" } else { "recurring" };
    let mut draft =
        crate::shapes::fill("price", json!({ "currency": currency, "active": true, "recurring": recurring, "type": kind }));
    draft["unit_amount"] = json!(amount);
    draft["unit_amount_decimal"] = json!(decimal);
    draft["billing_scheme"] = json!("per_unit");
    draft["tax_behavior"] = json!("unspecified");
    draft["product"] = json!(product_of(world, params)?);
    change_price(world, params, &mut draft)?;
    draft["id"] = json!(world.new_id("price"));
    draft["created"] = json!(world.now);
    Ok(world.add_with_event("price", draft, "price.created"))
}

/// `POST /v1/prices/{id}`
pub fn update_price(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, PRICE)?;
    let mut price = world.fetch("price", id)?;
    change_price(world, params, &mut price)?;
    Ok(world.update(price, "price.updated"))
}

/// `GET /v1/prices`
pub fn list_prices(world: &World, params: &Params) -> Answer {
    check(
        params,
        &format!("{} active product currency type lookup_keys[] recurring[interval] recurring[usage_type]", lists::PAGING),
    )?;
    let mut found = lists::matching(world.all("price"), params, &["active", "product", "currency", "type"])?;
    let keys = params.texts("lookup_keys");
    found.retain(|price| !params.has("lookup_keys") || keys.iter().any(|key| key == text(price, "lookup_key")));
    if let Some(interval) = params.given("recurring.interval")? {
        found.retain(|price| text(&price["recurring"], "interval") == interval);
    }
    lists::page(found, params, "/v1/prices")
}

fn amount(params: &Params) -> Result<(Option<i64>, String), ApiError> {
    let (param, text) = match (params.given("unit_amount")?, params.given("unit_amount_decimal")?) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("You may only specify one of these parameters: unit_amount, unit_amount_decimal."));
        }
        (None, None) => ("unit_amount", params.required("unit_amount")?),
        (Some(_), None) => ("unit_amount", params.integer("unit_amount")?.unwrap_or_default().to_string()),
        (None, Some(decimal)) => ("unit_amount_decimal", decimal),
    };
    let parsed = Decimal::parse(&text).filter(|amount| !amount.is_negative());
    let wrong = || ApiError::parameter("parameter_invalid_integer", param, format!("Invalid non-negative amount: {text}"));
    Ok((parsed.ok_or_else(wrong)?.whole(), text.clone()))
}

fn recurring(params: &Params) -> Result<Value, ApiError> {
    if !params.has("recurring") {
        return Ok(Value::Null);
    }
    params.required("recurring.interval")?;
    let interval = params.one_of("recurring.interval", &["day", "week", "month", "year"])?;
    params.one_of("recurring.usage_type", &["licensed"])?;
    let count = params.integer("recurring.interval_count")?.unwrap_or(1);
    if !(1..=1095).contains(&count) {
        return Err(ApiError::parameter(
            "parameter_invalid_integer",
            "recurring[interval_count]",
            "Invalid interval_count".to_owned(),
        ));
    }
    Ok(json!({ "interval": interval, "interval_count": count, "usage_type": "licensed" }))
}

fn product_of(world: &mut World, params: &Params) -> Result<String, ApiError> {
    if params.has("product_data") {
        let made = create_product(world, &params.below("product_data"))?;
        return Ok(text(&made, "id").to_owned());
    }
    let id = params.required("product")?;
    world.fetch("product", &id).map_err(|error| error.in_param("product"))?;
    Ok(id)
}

fn change_price(world: &mut World, params: &Params, price: &mut Value) -> Result<(), ApiError> {
    fields::texts(params, price, &["nickname"])?;
    fields::flags(params, price, &["active"])?;
    fields::metadata(params, price);
    if let Some(behavior) = params.one_of("tax_behavior", &["exclusive", "inclusive", "unspecified"])? {
        price["tax_behavior"] = json!(behavior);
    }
    if let Some(key) = params.given("lookup_key")? {
        let holder = world.all("price").into_iter().find(|other| text(other, "lookup_key") == key && other["id"] != price["id"]);
        if let Some(mut holder) = holder {
            if !params.boolean("transfer_lookup_key")?.unwrap_or(false) {
                let message = format!("A price (`{}`) already uses that lookup key.", text(&holder, "id"));
                return Err(ApiError::refused("resource_already_exists", message).with("param", json!("lookup_key")));
            }
            holder["lookup_key"] = Value::Null;
            world.update(holder, "price.updated");
        }
    }
    fields::texts(params, price, &["lookup_key"])
}

/// A price that a subscription or an invoice item can use: it exists and is active.
pub fn usable_price(world: &World, id: &str, param: &str) -> Answer {
    let price = world.fetch("price", id).map_err(|error| error.in_param(param))?;
    if flag(&price, "active") {
        return Ok(price);
    }
    let message = "The price specified is inactive. This field only accepts active prices.";
    Err(ApiError::refused("resource_missing", message).with("param", json!(param)))
}
