//! Invoices: how their lines and sums are made (`lines`, `drafting`), how they become owed and settled (`settling`), how the money is
//! collected (`collecting`), what a client can ask for (`routes`, `pending`), and what they would be (`preview`).

pub mod collecting;
pub mod drafting;
pub mod lines;
pub mod pending;
pub mod preview;
pub mod routes;
pub mod settling;

use crate::json::data;
use serde_json::{Value, json};

/// Stripe shows at most ten lines inside an invoice; the others are read from `/v1/invoices/{id}/lines`.
const EMBEDDED: usize = 10;

/// Cuts the lines of every invoice in an answer, and of every preview, to those that Stripe embeds.
pub fn embed(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(embed),
        Value::Object(members) => {
            members.values_mut().for_each(embed);
            let is_invoice = members.get("object").is_some_and(|object| object == "invoice");
            if is_invoice && data(value, "lines").len() > EMBEDDED {
                crate::json::data_mut(value, "lines").truncate(EMBEDDED);
                value["lines"]["has_more"] = json!(true);
            }
        }
        _ => {}
    }
}
