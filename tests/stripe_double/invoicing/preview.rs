//! `POST /v1/invoices/create_preview`: does the change to a copy of the account and shows the draft that comes of it, either the one
//! that the change makes at once, or that of the next renewal. So a preview and the invoice that follows are one piece of code.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::json::{data_mut, flag, text};
use crate::params::Params;
use crate::subscriptions::{self, periods, renewal};
use crate::world::World;
use serde_json::{Value, json};

const DETAILS: [&str; 10] = [
    "items",
    "proration_behavior",
    "proration_date",
    "billing_cycle_anchor",
    "cancel_at_period_end",
    "cancel_at",
    "cancel_now",
    "trial_end",
    "default_tax_rates",
    "billing_mode",
];

/// `POST /v1/invoices/create_preview`
pub fn create(world: &mut World, params: &Params) -> Answer {
    let details: Vec<String> = DETAILS.iter().map(|name| format!("subscription_details[{name}]*")).collect();
    check(params, &format!("customer subscription currency automatic_tax[enabled] preview_mode {}", details.join(" ")))?;
    let mut copy = world.clone();
    copy.preview = Some(vec![]);
    let details = params.below("subscription_details");
    let id = match params.given("subscription")? {
        Some(id) => {
            copy.fetch("subscription", &id).map_err(|error| error.in_param("subscription"))?;
            change(&mut copy, &id, &details)?;
            id
        }
        None => begin(&mut copy, params, &details)?,
    };
    let invoice = match copy.preview.clone().unwrap_or_default().first() {
        Some(made) => copy.own("invoice", made),
        None => upcoming(&mut copy, &id)?,
    };
    let number = world.next_number("upcoming_in");
    let preview = as_preview(&copy, invoice, number);
    world.keep_preview(&preview);
    Ok(preview)
}

fn change(copy: &mut World, id: &str, details: &Params) -> Result<(), ApiError> {
    if details.boolean("cancel_now")? == Some(true) {
        let sent = json!({ "invoice_now": "true", "prorate": (details.text("proration_behavior")?.as_deref() != Some("none")).to_string() });
        return subscriptions::cancel::cancel(copy, id, &Params::from_tree(sent)).map(drop);
    }
    let mut tree = details.tree();
    tree.as_object_mut().expect("parameters are an object").remove("cancel_now");
    if tree.as_object().is_some_and(|tree| !tree.is_empty()) {
        subscriptions::update::update(copy, id, &Params::from_tree(tree))?;
    }
    Ok(())
}

/// Without a subscription: a new one of the given items, or the customer's that renews first.
fn begin(copy: &mut World, params: &Params, details: &Params) -> Result<String, ApiError> {
    let customer = params.required("customer")?;
    copy.fetch("customer", &customer).map_err(|error| error.in_param("customer"))?;
    if details.has("items") {
        let mut tree = details.tree();
        tree["customer"] = json!(customer);
        let made = subscriptions::create::create(copy, &Params::from_tree(tree))?;
        return Ok(text(&made, "id").to_owned());
    }
    let theirs = copy
        .all("subscription")
        .into_iter()
        .filter(|one| text(one, "customer") == customer && !subscriptions::cancel::ended(one));
    let first = theirs.min_by_key(|one| periods::period_of(one).1);
    first.map(|one| text(&one, "id").to_owned()).ok_or_else(|| none(&customer))
}

fn upcoming(copy: &mut World, id: &str) -> Answer {
    let subscription = copy.own("subscription", id);
    let nothing = none(text(&subscription, "customer"));
    if subscriptions::cancel::ended(&subscription) {
        return Err(nothing);
    }
    copy.now = periods::period_of(&subscription).1;
    crate::schedules::advance_due(copy, id);
    renewal::renew(copy, id);
    let made = copy.preview.clone().unwrap_or_default();
    made.first().map(|invoice| copy.own("invoice", invoice)).ok_or(nothing)
}

fn none(customer: &str) -> ApiError {
    ApiError::new(
        404,
        "invalid_request_error",
        json!({ "code": "invoice_upcoming_none", "message": format!("No upcoming invoices for customer: {customer}") }),
    )
}

fn as_preview(copy: &World, mut invoice: Value, number: u64) -> Value {
    let id = format!("upcoming_in_{number}");
    let customer = copy.own("customer", text(&invoice, "customer"));
    let total = crate::json::number(&invoice, "total");
    let (_, balance) = super::drafting::due(total, crate::json::number(&customer, "balance"), text(&invoice, "currency"));
    invoice["id"] = json!(id);
    invoice["ending_balance"] = json!(balance);
    invoice["lines"]["url"] = json!(format!("/v1/invoices/{id}/lines"));
    if text(&invoice, "collection_method") == "charge_automatically" && !flag(&invoice, "attempted") {
        invoice["next_payment_attempt"] = json!(copy.now + copy.rules.draft_seconds);
    }
    for line in data_mut(&mut invoice, "lines") {
        line["invoice"] = json!(id);
        line["id"] = json!(format!("il_tmp_{}", text(line, "id").trim_start_matches("il_")));
    }
    invoice
}
