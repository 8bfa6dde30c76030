//! Tax rates, exclusive ones only, and the taxes that they make on an amount.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::text;
use crate::lists;
use crate::money::Decimal;
use crate::params::Params;
use crate::world::World;
use serde_json::{Value, json};

const KNOWN: &str = "active country description display_name jurisdiction metadata* state tax_type";

/// `POST /v1/tax_rates`
pub fn create(world: &mut World, params: &Params) -> Answer {
    check(params, &format!("{KNOWN} percentage inclusive"))?;
    let name = params.required("display_name")?;
    params.required("inclusive")?;
    if params.boolean("inclusive")? == Some(true) {
        return Err(ApiError::invalid("stripe-double knows exclusive tax rates only").with("param", json!("inclusive")));
    }
    let percentage = params.required("percentage")?;
    let wrong = || ApiError::parameter("parameter_invalid", "percentage", format!("Invalid decimal: {percentage}"));
    let parsed = Decimal::parse(&percentage).filter(|percent| !percent.is_negative()).ok_or_else(wrong)?;
    let shown = parsed.whole().map_or_else(|| json!(percentage.parse::<f64>().unwrap_or_default()), |whole| json!(whole));
    let mut draft = crate::shapes::fill("tax_rate", json!({ "active": true, "display_name": name, "percentage": shown }));
    draft["rate_type"] = json!("percentage");
    change(params, &mut draft)?;
    draft["id"] = json!(world.new_id("txr"));
    draft["created"] = json!(world.now);
    Ok(world.add_with_event("tax_rate", draft, "tax_rate.created"))
}

/// `POST /v1/tax_rates/{id}`
pub fn update(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, KNOWN)?;
    let mut rate = world.fetch("tax_rate", id)?;
    change(params, &mut rate)?;
    Ok(world.update(rate, "tax_rate.updated"))
}

/// `GET /v1/tax_rates`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} active inclusive", lists::PAGING))?;
    lists::page(lists::matching(world.all("tax_rate"), params, &["active", "inclusive"])?, params, "/v1/tax_rates")
}

fn change(params: &Params, rate: &mut Value) -> Result<(), ApiError> {
    fields::texts(params, rate, &["country", "description", "display_name", "jurisdiction", "state", "tax_type"])?;
    fields::flags(params, rate, &["active"])?;
    fields::metadata(params, rate);
    Ok(())
}

/// The rates that a list parameter names; `None` if it was not sent.
pub fn named(world: &World, params: &Params, path: &str) -> Result<Option<Vec<Value>>, ApiError> {
    if !params.has(path) {
        return Ok(None);
    }
    let rates = params.texts(path).into_iter().map(|id| world.fetch("tax_rate", &id).map_err(|error| error.in_param(path)));
    rates.collect::<Result<Vec<Value>, ApiError>>().map(Some)
}

/// The `taxes` of a line: each rate on the whole amount, rounded by itself. Exempt customers pay none.
pub fn taxes(amount: i64, rates: &[Value], exempt: &str) -> Value {
    let reason = match exempt {
        "exempt" => "customer_exempt",
        "reverse" => "reverse_charge",
        _ => "not_available",
    };
    let entries = rates.iter().map(|rate| {
        let percentage = Decimal::parse(&rate["percentage"].to_string()).expect("a rate's percentage is a decimal");
        let tax = if exempt == "none" { percentage.percent_of(amount) } else { 0 };
        json!({
            "amount": tax, "tax_behavior": "exclusive", "tax_rate_details": { "tax_rate": text(rate, "id") },
            "taxability_reason": reason, "taxable_amount": amount, "type": "tax_rate_details",
        })
    });
    entries.collect()
}
