//! The switches: everything that goes wrong between a client and Stripe, at will. `POST /_double/switches` sets those that it names
//! and answers all of them.

use crate::params::Params;
use crate::rules::Rules;
use serde::Serialize;
use serde_json::{Value, json};

/// How the network and the webhooks behave. Times are milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Switches {
    /// Wait this long before each webhook delivery.
    pub delay_ms: u64,
    /// Deliver each event so many times (1 is usual).
    pub duplicate: u64,
    /// Keep back so many events and deliver them in another order; 0 is off.
    pub reorder: u64,
    /// The order of `reorder`: 0 reverses, another number shuffles by it.
    pub seed: u64,
    /// Events that are never delivered: `all`, or types (`invoice.*` fits too).
    pub lose: Vec<String>,
    /// Deliver nothing until `POST /_double/deliver`.
    pub hold: bool,
    /// A second secret; its `v1` stands in the header too.
    pub second_secret: Option<String>,
    /// Sign with this secret instead of the right one: a forged event.
    pub wrong_secret: Option<String>,
    /// The `t` of signatures; absent: the wall clock.
    pub signature_time: Option<i64>,
    /// How often a delivery that is not answered with 2xx is tried again.
    pub webhook_retries: u64,
    /// The pause between those tries.
    pub webhook_retry_ms: u64,
    /// Answer every API request with 503.
    pub unavailable: bool,
    /// Wait this long before every API answer.
    pub hang_ms: u64,
    /// Answer the next n API requests with 429.
    pub rate_limited: u64,
    /// Answer the next n POSTs with 409, as if one with the same key were under way.
    pub conflict: u64,
    /// Execute and save the next n POSTs, but fail the answer.
    pub fail_after_execution: u64,
    /// How they fail: `drop` the connection, or answer `500`.
    pub failure: String,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            duplicate: 1,
            reorder: 0,
            seed: 0,
            lose: vec![],
            hold: false,
            second_secret: None,
            wrong_secret: None,
            signature_time: None,
            webhook_retries: 3,
            webhook_retry_ms: 50,
            unavailable: false,
            hang_ms: 0,
            rate_limited: 0,
            conflict: 0,
            fail_after_execution: 0,
            failure: "drop".to_owned(),
        }
    }
}

/// Sets the switches that are named; the error names the first that is not understood.
pub fn set(switches: &mut Switches, rules: &mut Rules, sent: &Params) -> Result<(), String> {
    for (name, value) in sent.tree().as_object().expect("parameters are an object") {
        let understood = number_switch(switches, name, value) || word_switch(switches, name, value) || rule(rules, name, value);
        if !understood {
            return Err(format!("no switch {name} with the value {value}"));
        }
    }
    Ok(())
}

/// All switches and rules.
pub fn show(switches: &Switches, rules: &Rules) -> Value {
    let mut shown = serde_json::to_value(switches).expect("switches are plain data");
    let more = json!({
        "tax_id_outcome": rules.tax_id_outcome, "tax_id_delay": rules.tax_id_delay, "retry_days": rules.retry_days,
        "after_retries": rules.after_retries, "draft_seconds": rules.draft_seconds, "decline": rules.declines,
    });
    let shown_members = shown.as_object_mut().expect("switches are an object");
    shown_members.extend(more.as_object().expect("made as an object").clone());
    shown
}

fn number_switch(switches: &mut Switches, name: &str, value: &Value) -> bool {
    let place = match name {
        "delay_ms" => &mut switches.delay_ms,
        "duplicate" => &mut switches.duplicate,
        "reorder" => &mut switches.reorder,
        "seed" => &mut switches.seed,
        "webhook_retries" => &mut switches.webhook_retries,
        "webhook_retry_ms" => &mut switches.webhook_retry_ms,
        "hang_ms" => &mut switches.hang_ms,
        "rate_limited" => &mut switches.rate_limited,
        "conflict" => &mut switches.conflict,
        "fail_after_execution" => &mut switches.fail_after_execution,
        _ => return false,
    };
    words(value).parse().map(|number| *place = number).is_ok()
}

fn word_switch(switches: &mut Switches, name: &str, value: &Value) -> bool {
    let text = words(value);
    let optional = (!text.is_empty()).then(|| text.clone());
    match (name, text.as_str()) {
        ("hold", "true" | "false") => switches.hold = text == "true",
        ("unavailable", "true" | "false") => switches.unavailable = text == "true",
        ("lose", _) => switches.lose = listed(value),
        ("second_secret", _) => switches.second_secret = optional,
        ("wrong_secret", _) => switches.wrong_secret = optional,
        ("signature_time", _) => switches.signature_time = text.parse().ok(),
        ("failure", "drop" | "500") => switches.failure = text,
        _ => return false,
    }
    true
}

fn rule(rules: &mut Rules, name: &str, value: &Value) -> bool {
    let text = words(value);
    match (name, text.as_str()) {
        ("tax_id_outcome", "verified" | "unverified" | "pending") => rules.tax_id_outcome = text,
        ("after_retries", "cancel" | "unpaid" | "past_due") => rules.after_retries = text,
        ("tax_id_delay", _) => return text.parse().map(|number| rules.tax_id_delay = number).is_ok(),
        ("draft_seconds", _) => return text.parse().map(|number| rules.draft_seconds = number).is_ok(),
        ("retry_days", _) => {
            let days: Result<Vec<i64>, _> = listed(value).iter().map(|day| day.parse()).collect();
            return days.map(|days| rules.retry_days = days).is_ok();
        }
        ("decline", _) => {
            let Some(declines) = value.as_object() else { return false };
            for (method, code) in declines {
                match words(code).as_str() {
                    "" => rules.declines.remove(method),
                    code => rules.declines.insert(method.clone(), code.to_owned()),
                };
            }
        }
        _ => return false,
    }
    true
}

/// A form's text, or the JSON value of the same meaning.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A list, or a text with commas.
fn listed(value: &Value) -> Vec<String> {
    match value {
        Value::Array(elements) => elements.iter().map(words).collect(),
        other => words(other).split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect(),
    }
}
