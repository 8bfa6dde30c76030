//! What Stripe's objects look like. `shapes.json` beside this file holds the official fixtures of the types that the double answers
//! with, cut without change from the fixtures that Stripe publishes with its OpenAPI description. Every object is made by
//! [`fill`], so it has the keys of its fixture and no others: what the caller does not give is null, false or empty.

use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static SHAPES: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("shapes.json")).expect("shapes.json is a JSON object"));

/// Places where the fixture shows the least that an open map or a union can hold (`{}`, or its `type` alone). Stripe fills them
/// further, and so does the double: a client cannot find the payment intent of an invoice without it.
pub const OPEN: [&str; 11] = [
    "metadata",
    "shipping",
    "customer_shipping",
    "payment_method_options",
    "last_payment_error",
    "last_setup_error",
    "next_action",
    "pricing",
    "payment",
    "data",
    "wallet",
];

/// The official fixture of a type, such as `customer` or `checkout.session`; panics on a type that the double does not know.
pub fn official(kind: &str) -> &'static Value {
    SHAPES.get(kind).unwrap_or_else(|| panic!("no shape for {kind}"))
}

/// A new object of a type: all keys of its fixture, with the values that are given. Panics on a key that the fixture lacks.
pub fn fill(kind: &str, given: Value) -> Value {
    merged(official(kind), given, kind)
}

/// A part of an object that stands in a list, such as `/phases/0` of a schedule.
pub fn fill_part(kind: &str, pointer: &str, given: Value) -> Value {
    let shape = official(kind).pointer(pointer).unwrap_or_else(|| panic!("{kind} has nothing at {pointer}"));
    merged(shape, given, pointer)
}

fn merged(shape: &Value, given: Value, place: &str) -> Value {
    let mut made = blank(shape);
    let Value::Object(given) = given else { panic!("{place} is filled from an object") };
    for (key, value) in given {
        let Some(expected) = shape.get(&key) else { panic!("{place} has no key {key}") };
        let place = format!("{place}.{key}");
        let nested = expected.is_object() && value.is_object() && !OPEN.contains(&key.as_str()) && value.get("id").is_none();
        made[&key] = if nested { merged(expected, value, &place) } else { value };
    }
    made
}

fn blank(shape: &Value) -> Value {
    let Value::Object(shape) = shape else { return Value::Null };
    let blanks = shape.iter().map(|(key, value)| {
        let empty = match (key.as_str(), value) {
            ("metadata", _) => json!({}),
            ("object", name) => name.clone(),
            (_, Value::Bool(_)) => json!(false),
            (_, Value::Array(_)) => json!([]),
            _ => Value::Null,
        };
        (key.clone(), empty)
    });
    Value::Object(blanks.collect())
}
