//! `expand[]`: ids in an answer are replaced by the objects that they name, down to four levels, also inside lists (`data.…`).

use crate::error::ApiError;
use crate::json::text;
use crate::world::World;
use serde_json::{Value, json};

/// Members that an answer has only when they are asked for: (object, member).
const INCLUDABLE: [(&str, &str); 4] =
    [("invoice", "payments"), ("invoice", "confirmation_secret"), ("customer", "subscriptions"), ("customer", "tax_ids")];

/// Expands every path in an answer.
pub fn apply(world: &World, answer: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        if steps.len() > 5 {
            return Err(ApiError::invalid(format!("You cannot expand more than 4 levels of a property: {path}")));
        }
        if !expand(world, answer, &steps) {
            return Err(ApiError::invalid(format!("This property cannot be expanded ({path}).")).with("param", json!("expand")));
        }
    }
    Ok(())
}

fn expand(world: &World, place: &mut Value, steps: &[&str]) -> bool {
    if let Value::Array(elements) = place {
        return elements.iter_mut().all(|element| expand(world, element, steps));
    }
    if let Value::String(id) = place {
        let Some(object) = world.any(id) else { return false };
        *place = object.clone();
    }
    let Some((step, rest)) = steps.split_first() else { return place.is_object() || place.is_null() };
    if place.is_null() {
        return true;
    }
    if INCLUDABLE.contains(&(text(place, "object"), *step)) && place.get(*step).is_none() {
        place[*step] = included(world, place, step);
    }
    place.get_mut(*step).is_some_and(|child| expand(world, child, rest))
}

fn included(world: &World, place: &Value, member: &str) -> Value {
    let id = text(place, "id");
    let all = |kind: &str, field: &str| -> Vec<Value> {
        world.all(kind).into_iter().filter(|value| text(value, field) == id && text(value, "status") != "canceled").collect()
    };
    let (data, url) = match member {
        "confirmation_secret" => return confirmation_secret(world, id),
        "payments" => {
            let payments = world.all("invoice_payment").into_iter().filter(|payment| text(payment, "invoice") == id);
            (payments.collect(), format!("/v1/invoice_payments?invoice={id}"))
        }
        "tax_ids" => (all("tax_id", "customer"), format!("/v1/customers/{id}/tax_ids")),
        _ => (all("subscription", "customer"), format!("/v1/customers/{id}/subscriptions")),
    };
    json!({ "object": "list", "data": data, "has_more": false, "url": url })
}

fn confirmation_secret(world: &World, invoice: &str) -> Value {
    let intent = crate::payments::intent_of(world, invoice);
    intent.map_or(Value::Null, |intent| json!({ "client_secret": intent["client_secret"], "type": "payment_intent" }))
}
