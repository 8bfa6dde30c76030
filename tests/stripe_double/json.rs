//! Short ways to read the JSON objects that are the double's state. A missing or null field reads as empty, zero or false, as the
//! shape of every object is fixed when it is made.

use serde_json::Value;

/// The text of a field, or "".
pub fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

/// The number of a field, or 0.
pub fn number(object: &Value, key: &str) -> i64 {
    object[key].as_i64().unwrap_or_default()
}

/// The flag of a field, or false.
pub fn flag(object: &Value, key: &str) -> bool {
    object[key].as_bool().unwrap_or_default()
}

/// The elements of a field that is an array, or none.
pub fn array<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object[key].as_array().map_or(&[], Vec::as_slice)
}

/// The elements of a field that is a list object (`{"object": "list", "data": […]}`).
pub fn data<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    array(&object[key], "data")
}

/// The elements of a field that is a list object, to be changed.
pub fn data_mut<'a>(object: &'a mut Value, key: &str) -> &'a mut Vec<Value> {
    object[key]["data"].as_array_mut().expect("a list object has data")
}
