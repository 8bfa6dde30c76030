//! Changes of a customer's balance that are made by hand or by a program. What invoices do to it is not listed here.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::{number, text};
use crate::lists;
use crate::params::Params;
use crate::world::World;
use serde_json::json;

const KIND: &str = "customer_balance_transaction";

/// `POST /v1/customers/{id}/balance_transactions`: a negative amount is credit.
pub fn create(world: &mut World, customer: &str, params: &Params) -> Answer {
    check(params, "amount currency description metadata*")?;
    let mut theirs = world.fetch("customer", customer)?;
    let amount = params.integer("amount")?;
    let amount = amount.map_or_else(|| params.required("amount").map(|_| 0), Ok)?;
    let currency = fields::currency(params)?;
    if theirs["currency"].is_null() {
        theirs["currency"] = json!(currency);
    } else if text(&theirs, "currency") != currency {
        let message = format!("The customer is bound to another currency than {currency}.");
        return Err(ApiError::parameter("parameter_invalid", "currency", message));
    }
    let balance = number(&theirs, "balance") + amount;
    theirs["balance"] = json!(balance);
    let given = json!({
        "id": "cbtxn_draft", "created": world.now, "customer": customer, "amount": amount, "currency": currency,
        "ending_balance": balance, "type": "adjustment",
    });
    let mut draft = crate::shapes::fill(KIND, given);
    fields::texts(params, &mut draft, &["description"])?;
    fields::metadata(params, &mut draft);
    draft["id"] = json!(world.new_id("cbtxn"));
    let made = world.add(KIND, draft);
    world.update(theirs, "customer.updated");
    Ok(made)
}

/// `GET /v1/customers/{id}/balance_transactions`
pub fn list(world: &World, customer: &str, params: &Params) -> Answer {
    check(params, lists::PAGING)?;
    world.fetch("customer", customer)?;
    let found = world.all(KIND).into_iter().filter(|one| text(one, "customer") == customer).collect();
    lists::page(found, params, &format!("/v1/customers/{customer}/balance_transactions"))
}
