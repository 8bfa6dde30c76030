//! Compares an answer with the official fixtures, key by key and all the way down.

use crate::json::text;
use crate::shapes::{OPEN, official};
use serde_json::Value;

/// Members that are there only when `expand[]` asks for them.
const ASKED_FOR: [&str; 4] = ["payments", "confirmation_secret", "subscriptions", "tax_ids"];

/// What differs between an answer and the fixtures of the objects in it; empty if nothing does.
pub fn differences(value: &Value) -> Vec<String> {
    let mut found = vec![];
    any(value, None, "answer", &mut found);
    found
}

fn any(value: &Value, shape: Option<&Value>, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(elements) => {
            let shape = shape.and_then(|shape| shape.get(0));
            elements.iter().enumerate().for_each(|(at, element)| any(element, shape, &format!("{place}[{at}]"), found));
        }
        Value::Object(members) => {
            let kind = text(value, "object");
            if kind == "list" {
                any(&value["data"], None, &format!("{place}.data"), found);
                return;
            }
            let deleted = value.get("deleted").is_some();
            let own = (!kind.is_empty()).then(|| official(&if deleted { format!("deleted_{kind}") } else { kind.to_owned() }));
            let Some(Value::Object(expected)) = own.or(shape) else { return };
            for key in expected.keys().filter(|key| !members.contains_key(*key)) {
                found.push(format!("{place}.{key} is missing"));
            }
            for (key, member) in members {
                let place = format!("{place}.{key}");
                if !expected.contains_key(key) && !ASKED_FOR.contains(&key.as_str()) {
                    found.push(format!("{place} is not in the fixture"));
                } else if key == "data" && kind == "event" {
                    any(&member["object"], None, &place, found);
                } else if !OPEN.contains(&key.as_str()) {
                    any(member, expected.get(key), &place, found);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn what_is_missing_or_too_much_is_found() {
    let mut customer =
        crate::shapes::fill("customer", serde_json::json!({ "id": "cus_1", "invoice_settings": { "footer": "x" } }));
    assert_eq!(differences(&customer), Vec::<String>::new());
    customer["invoice_settings"].as_object_mut().unwrap().remove("footer");
    customer["surprise"] = serde_json::json!(1);
    let list = serde_json::json!({ "object": "list", "data": [customer], "has_more": false, "url": "/" });
    let found = differences(&list);
    assert_eq!(found, ["answer.data[0].invoice_settings.footer is missing", "answer.data[0].surprise is not in the fixture"]);
}
