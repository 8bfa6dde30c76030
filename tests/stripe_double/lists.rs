//! Lists, newest first, in pages: `limit`, `starting_after`, `ending_before`, and the filters on `created` that all lists share.

use crate::error::{Answer, ApiError};
use crate::json::{number, text};
use crate::params::Params;
use serde_json::{Value, json};

/// The parameters of every list, for [`crate::allowed::check`].
pub const PAGING: &str = "limit starting_after ending_before created created[gt] created[gte] created[lt] created[lte]";

/// One page of `values` (newest first) as a list object with its address.
pub fn page(values: Vec<Value>, params: &Params, url: &str) -> Answer {
    let limit = limit(params)?;
    let values = created_within(values, params)?;
    let position = |param: &str, id: &str| {
        let found = values.iter().position(|value| text(value, "id") == id);
        found.ok_or_else(|| ApiError::missing(values.first().map_or("object", |value| text(value, "object")), id).in_param(param))
    };
    let after = params.given("starting_after")?.map(|id| position("starting_after", &id)).transpose()?;
    let before = params.given("ending_before")?.map(|id| position("ending_before", &id)).transpose()?;
    let (from, to, has_more) = match (after, before) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "You cannot use both `starting_after` and `ending_before`: they are mutually exclusive.",
            ));
        }
        (_, Some(before)) => (before.saturating_sub(limit), before, before > limit),
        (after, None) => {
            let from = after.map_or(0, |after| after + 1);
            let to = values.len().min(from + limit);
            (from, to, to < values.len())
        }
    };
    Ok(json!({ "object": "list", "data": values[from..to], "has_more": has_more, "url": url }))
}

/// Keeps the values whose field equals a parameter of the same name, if it was sent.
pub fn matching(values: Vec<Value>, params: &Params, fields: &[&str]) -> Result<Vec<Value>, ApiError> {
    let mut values = values;
    for field in fields {
        if let Some(wanted) = params.given(field)? {
            let same = |value: &Value| match &value[*field] {
                Value::String(text) => *text == wanted,
                other => serde_json::from_str::<Value>(&wanted).is_ok_and(|wanted| *other == wanted),
            };
            values.retain(same);
        }
    }
    Ok(values)
}

fn limit(params: &Params) -> Result<usize, ApiError> {
    let limit = params.integer("limit")?.unwrap_or(10);
    if (1..=100).contains(&limit) {
        return Ok(usize::try_from(limit).expect("between 1 and 100"));
    }
    let (bound, word) = if limit < 1 { ("greater than or equal to 1", "small") } else { ("less than or equal to 100", "large") };
    let message = format!("This value must be {bound}. (limit: {limit} is too {word})");
    Err(ApiError::parameter("parameter_invalid_integer", "limit", message))
}

/// How a moment has to stand to a bound.
type Within = fn(i64, i64) -> bool;

fn created_within(mut values: Vec<Value>, params: &Params) -> Result<Vec<Value>, ApiError> {
    let created = |value: &Value| if value["created"].is_null() { number(value, "date") } else { number(value, "created") };
    if params.at("created").is_some_and(Value::is_string) {
        let exact = params.integer("created")?;
        values.retain(|value| exact.is_none_or(|exact| created(value) == exact));
        return Ok(values);
    }
    let bounds: [(&str, Within); 4] = [
        ("created.gt", |moment, bound| moment > bound),
        ("created.gte", |moment, bound| moment >= bound),
        ("created.lt", |moment, bound| moment < bound),
        ("created.lte", |moment, bound| moment <= bound),
    ];
    for (param, within) in bounds {
        if let Some(bound) = params.integer(param)? {
            values.retain(|value| within(created(value), bound));
        }
    }
    Ok(values)
}
