//! Parameters that become fields as they are: texts, metadata, addresses.

use crate::error::ApiError;
use crate::params::Params;
use serde_json::{Value, json};

/// Sets nullable text fields from parameters of the same name; an empty one unsets.
pub fn texts(params: &Params, object: &mut Value, names: &[&str]) -> Result<(), ApiError> {
    for name in names {
        if let Some(text) = params.text(name)? {
            object[*name] = if text.is_empty() { Value::Null } else { json!(text) };
        }
    }
    Ok(())
}

/// Sets flags from parameters of the same name.
pub fn flags(params: &Params, object: &mut Value, names: &[&str]) -> Result<(), ApiError> {
    for name in names {
        if let Some(flag) = params.boolean(name)? {
            object[*name] = json!(flag);
        }
    }
    Ok(())
}

/// Merges `metadata[key]=value`: an empty value removes the key, an empty `metadata` all keys.
pub fn metadata(params: &Params, object: &mut Value) {
    match params.at("metadata") {
        Some(Value::Object(sent)) => {
            let kept = object["metadata"].as_object_mut().expect("metadata is an object");
            for (key, value) in sent {
                kept.insert(key.clone(), value.clone());
            }
            kept.retain(|_, value| value.as_str() != Some(""));
        }
        Some(Value::String(_)) => object["metadata"] = json!({}),
        _ => {}
    }
}

/// The address at `path`, laid over the one there is; `None` if it was not sent.
pub fn address(params: &Params, path: &str, before: &Value) -> Result<Option<Value>, ApiError> {
    let Some(sent) = params.at(path) else { return Ok(None) };
    if sent.is_string() {
        return Ok(Some(Value::Null));
    }
    let mut made = before.clone();
    if !made.is_object() {
        made = json!({ "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null });
    }
    for name in ["city", "country", "line1", "line2", "postal_code", "state"] {
        if let Some(text) = params.text(&format!("{path}.{name}"))? {
            made[name] = if text.is_empty() { Value::Null } else { json!(text) };
        }
    }
    Ok(Some(made))
}

/// The billing details of a payment method, laid over those there are.
pub fn billing_details(params: &Params, before: &Value) -> Result<Value, ApiError> {
    let mut made = before.clone();
    if let Some(address) = address(params, "billing_details.address", &before["address"])? {
        made["address"] = address;
    }
    texts(&params.below("billing_details"), &mut made, &["email", "name", "phone"])?;
    Ok(made)
}

/// The parameters that [`billing_details`] reads.
pub const BILLING_DETAILS: &str = "billing_details[name] billing_details[email] billing_details[phone] billing_details[address]*";

/// A currency code; Stripe wants three letters and answers in lower case.
pub fn currency(params: &Params) -> Result<String, ApiError> {
    let currency = params.required("currency")?.to_lowercase();
    if currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(currency);
    }
    Err(ApiError::parameter("parameter_invalid", "currency", format!("Invalid currency: {currency}.")))
}
