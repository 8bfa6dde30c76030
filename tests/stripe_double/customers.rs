//! Customers.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::invoicing::drafting;
use crate::json::text;
use crate::lists;
use crate::params::Params;
use crate::payment_methods;
use crate::subscriptions::cancel;
use crate::tax_ids;
use crate::world::World;
use serde_json::{Value, json};

const KNOWN: &str = "name email phone description address* shipping* balance metadata* invoice_prefix next_invoice_sequence tax_exempt \
    preferred_locales[] invoice_settings[default_payment_method] invoice_settings[footer] tax*";

/// `POST /v1/customers`
pub fn create(world: &mut World, params: &Params) -> Answer {
    check(params, &format!("{KNOWN} payment_method tax_id_data[][type] tax_id_data[][value]"))?;
    let mut draft = crate::shapes::fill("customer", json!({ "id": "cus_draft" }));
    change(world, &mut draft, params)?;
    let id = world.new_id("cus");
    let prefix = params.given("invoice_prefix")?.unwrap_or_else(|| format!("{:07X}", scattered(&id)));
    let given = json!({
        "id": id, "created": world.now, "balance": draft["balance"].as_i64().unwrap_or(0), "invoice_prefix": prefix,
        "next_invoice_sequence": draft["next_invoice_sequence"].as_i64().unwrap_or(1),
        "tax_exempt": draft["tax_exempt"].as_str().unwrap_or("none"), "invoice_settings": {}, "name": draft["name"],
        "email": draft["email"], "phone": draft["phone"], "description": draft["description"], "address": draft["address"],
        "shipping": draft["shipping"], "metadata": draft["metadata"], "preferred_locales": draft["preferred_locales"],
    });
    let made = world.add_with_event("customer", given, "customer.created");
    if let Some(method) = params.given("payment_method")? {
        payment_methods::attach_to(world, &method, &id)?;
    }
    for tax_id in params.elements("tax_id_data") {
        tax_ids::create_for(world, &id, &tax_id)?;
    }
    match default_method(params)? {
        Some(_) => update(world, &id, &Params::from_tree(json!({ "invoice_settings": params.at("invoice_settings") }))),
        None => Ok(made),
    }
}

/// `GET /v1/customers/{id}`: a deleted customer answers `{"deleted": true, …}`.
pub fn get(world: &World, id: &str) -> Answer {
    let found = world.any(id).filter(|value| text(value, "object") == "customer");
    found.cloned().ok_or_else(|| ApiError::missing("customer", id))
}

/// `POST /v1/customers/{id}`
pub fn update(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, KNOWN)?;
    let mut customer = world.fetch("customer", id)?;
    change(world, &mut customer, params)?;
    if let Some(method) = default_method(params)? {
        if !method.is_empty() {
            payment_methods::owned(world, &method, id, "invoice_settings[default_payment_method]")?;
        }
        customer["invoice_settings"]["default_payment_method"] = if method.is_empty() { Value::Null } else { json!(method) };
    }
    let customer = world.update(customer, "customer.updated");
    drafting::follow_exemption(world, &customer);
    Ok(customer)
}

/// `GET /v1/customers`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} email", lists::PAGING))?;
    lists::page(lists::matching(world.all("customer"), params, &["email"])?, params, "/v1/customers")
}

/// `DELETE /v1/customers/{id}`: cancels the customer's subscriptions too.
pub fn delete(world: &mut World, id: &str) -> Answer {
    let customer = world.fetch("customer", id)?;
    let theirs = world.all("subscription").into_iter().filter(|subscription| text(subscription, "customer") == id);
    for subscription in theirs {
        if !cancel::ended(&subscription) {
            cancel::now(world, text(&subscription, "id"), "cancellation_requested");
        }
    }
    Ok(world.delete(&customer, Some("customer.deleted")))
}

fn change(world: &World, customer: &mut Value, params: &Params) -> Result<(), ApiError> {
    fields::texts(params, customer, &["name", "email", "phone", "description"])?;
    if let Some(email) = params.given("email")?.filter(|email| !email.contains('@')) {
        return Err(ApiError::parameter("email_invalid", "email", format!("Invalid email address: {email}")));
    }
    fields::metadata(params, customer);
    if let Some(address) = fields::address(params, "address", &customer["address"])? {
        customer["address"] = address;
    }
    if let Some(shipping) = params.at("shipping") {
        customer["shipping"] = if shipping.is_string() { Value::Null } else { shipping.clone() };
    }
    for name in ["balance", "next_invoice_sequence"] {
        if let Some(number) = params.integer(name)? {
            customer[name] = json!(number);
        }
    }
    if params.has("tax_exempt") {
        let exempt = params.one_of("tax_exempt", &["none", "exempt", "reverse"])?;
        customer["tax_exempt"] = json!(exempt.unwrap_or_else(|| "none".to_owned()));
    }
    if params.has("preferred_locales") {
        customer["preferred_locales"] = json!(params.texts("preferred_locales"));
    }
    if let Some(prefix) = params.given("invoice_prefix")? {
        unused_prefix(world, &prefix, text(customer, "id"))?;
        customer["invoice_prefix"] = json!(prefix);
    }
    if let Some(footer) = params.given("invoice_settings.footer")? {
        customer["invoice_settings"]["footer"] = json!(footer);
    }
    Ok(())
}

fn unused_prefix(world: &World, prefix: &str, mine: &str) -> Result<(), ApiError> {
    let taken = world.all("customer").iter().any(|other| text(other, "invoice_prefix") == prefix && text(other, "id") != mine);
    let plain = (3..=12).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if plain && !taken {
        return Ok(());
    }
    Err(ApiError::parameter("parameter_invalid", "invoice_prefix", format!("Invalid or used invoice_prefix: {prefix}")))
}

fn default_method(params: &Params) -> Result<Option<String>, ApiError> {
    params.text("invoice_settings.default_payment_method")
}

/// Scatters an id over 28 bits, so that prefixes look like Stripe's and are the same in every run.
fn scattered(id: &str) -> u32 {
    id.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) >> 4
}
