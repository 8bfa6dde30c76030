//! Customers' tax ids. Those that authorities can confirm begin as `pending` and are decided a little later, when the clock moves.
//! As in Stripe's test mode the number may say how: all zeros verified, all ones unverified, all twos pending for ever; else the
//! switch `tax_id_outcome` does.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::json::text;
use crate::lists;
use crate::params::Params;
use crate::world::World;
use serde_json::{Value, json};

/// `POST /v1/customers/{id}/tax_ids`
pub fn create(world: &mut World, customer: &str, params: &Params) -> Answer {
    check(params, "type value")?;
    create_for(world, customer, params)
}

/// Adds a tax id to a customer.
pub fn create_for(world: &mut World, customer: &str, params: &Params) -> Answer {
    world.fetch("customer", customer)?;
    let (kind, value) = (params.required("type")?, params.required("value")?);
    let value: String = value.chars().filter(|character| !character.is_whitespace()).collect();
    let Some(country) = country(&kind, &value) else {
        let message = format!("Invalid value for {kind}.");
        return Err(ApiError::parameter("tax_id_invalid", "value", message));
    };
    let confirmable = ["eu_vat", "gb_vat", "au_abn"].contains(&kind.as_str());
    let status = if confirmable { "pending" } else { "unavailable" };
    let given = json!({
        "id": world.new_id("txi"), "created": world.now, "country": country, "customer": customer, "type": kind, "value": value,
        "owner": { "customer": customer, "type": "customer" }, "verification": { "status": status },
    });
    Ok(world.add_with_event("tax_id", given, "customer.tax_id.created"))
}

/// `GET /v1/customers/{id}/tax_ids/{id}`
pub fn get(world: &World, customer: &str, id: &str) -> Answer {
    world
        .fetch("tax_id", id)
        .ok()
        .filter(|tax_id| text(tax_id, "customer") == customer)
        .ok_or_else(|| ApiError::missing("tax_id", id))
}

/// `GET /v1/customers/{id}/tax_ids`
pub fn list(world: &World, customer: &str, params: &Params) -> Answer {
    check(params, lists::PAGING)?;
    world.fetch("customer", customer)?;
    lists::page(of(world, customer), params, &format!("/v1/customers/{customer}/tax_ids"))
}

/// `DELETE /v1/customers/{id}/tax_ids/{id}`
pub fn delete(world: &mut World, customer: &str, id: &str) -> Answer {
    let tax_id = get(world, customer, id)?;
    Ok(world.delete(&tax_id, Some("customer.tax_id.deleted")))
}

/// A customer's tax ids, newest first.
pub fn of(world: &World, customer: &str) -> Vec<Value> {
    world.all("tax_id").into_iter().filter(|tax_id| text(tax_id, "customer") == customer).collect()
}

/// What becomes of a pending tax id: `verified`, `unverified`, or `pending` for ever.
pub fn outcome(world: &World, tax_id: &Value) -> String {
    let digits: String = text(tax_id, "value").chars().filter(char::is_ascii_digit).collect();
    let all = |digit: char| digits.len() > 5 && digits.chars().all(|other| other == digit);
    match digits.as_str() {
        _ if all('0') => "verified".to_owned(),
        _ if all('1') => "unverified".to_owned(),
        _ if all('2') => "pending".to_owned(),
        _ => world.rules.tax_id_outcome.clone(),
    }
}

/// Gives a tax id its verification state.
pub fn decide(world: &mut World, id: &str, status: &str) {
    let mut tax_id = world.own("tax_id", id);
    let known = status == "verified";
    let (name, address) =
        if known { (json!("Registered Company"), json!("1 Registry Street")) } else { (Value::Null, Value::Null) };
    tax_id["verification"] = json!({ "status": status, "verified_name": name, "verified_address": address });
    world.update(tax_id, "customer.tax_id.updated");
}

/// The country of a well-formed tax id, `None` for a malformed one.
fn country(kind: &str, value: &str) -> Option<String> {
    let upper = value.to_uppercase();
    let plain =
        (4..=30).contains(&value.len()) && upper.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./".contains(&byte));
    let (area, name) = kind.split_once('_')?;
    if !plain || name.is_empty() {
        return None;
    }
    if kind != "eu_vat" {
        return (area.len() == 2).then(|| area.to_uppercase());
    }
    let members = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI";
    let prefix = upper.get(..2)?;
    let digits = upper[2..].bytes().filter(u8::is_ascii_digit).count();
    let known = members.split(' ').any(|member| member == prefix) && (5..=12).contains(&digits);
    known.then(|| if prefix == "EL" { "GR".to_owned() } else { prefix.to_owned() })
}
