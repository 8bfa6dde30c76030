//! Setup intents: saving a card for later, with 3-D Secure where the card wants it.

use crate::allowed::check;
use crate::cards::{self, Verdict};
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::text;
use crate::lists;
use crate::params::Params;
use crate::payment_methods;
use crate::world::World;
use serde_json::{Value, json};

/// `POST /v1/setup_intents`
pub fn create(world: &mut World, params: &Params) -> Answer {
    let known = "customer payment_method confirm usage payment_method_types[] automatic_payment_methods[enabled] \
        automatic_payment_methods[allow_redirects] description metadata* return_url \
        payment_method_options* mandate_data* use_stripe_sdk";
    check(params, known)?;
    let customer = params.given("customer")?;
    if let Some(customer) = &customer {
        world.fetch("customer", customer).map_err(|error| error.in_param("customer"))?;
    }
    let usage = params.one_of("usage", &["off_session", "on_session"])?.unwrap_or_else(|| "off_session".to_owned());
    let mut intent = begin(world, customer.as_deref(), &usage);
    fields::texts(params, &mut intent, &["description"])?;
    fields::metadata(params, &mut intent);
    if let Some(method) = params.given("payment_method")? {
        let method = payment_methods::resolve(world, &method).map_err(|error| error.in_param("payment_method"))?;
        intent["payment_method"] = method["id"].clone();
        intent["status"] = json!("requires_confirmation");
    }
    world.save(intent.clone());
    world.emit("setup_intent.created", &intent, None);
    if params.boolean("confirm")? == Some(true) {
        return confirm_now(world, text(&intent, "id"), params.given("return_url")?);
    }
    Ok(intent)
}

/// A setup intent without a card yet; makes no event.
pub fn begin(world: &mut World, customer: Option<&str>, usage: &str) -> Value {
    let id = world.new_id("seti");
    let given = json!({
        "id": id, "created": world.now, "client_secret": format!("{id}_secret_{}", world.next_number("secret")), "customer": customer,
        "payment_method_types": ["card"], "payment_method_options": {}, "status": "requires_payment_method", "usage": usage,
    });
    world.add("setup_intent", given)
}

/// `GET /v1/setup_intents`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} customer payment_method", lists::PAGING))?;
    lists::page(lists::matching(world.all("setup_intent"), params, &["customer", "payment_method"])?, params, "/v1/setup_intents")
}

/// `POST /v1/setup_intents/{id}/confirm`
pub fn confirm(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "payment_method return_url payment_method_options* mandate_data* use_stripe_sdk")?;
    let mut intent = world.fetch("setup_intent", id)?;
    if let Some(method) = params.given("payment_method")? {
        let method = payment_methods::resolve(world, &method).map_err(|error| error.in_param("payment_method"))?;
        intent["payment_method"] = method["id"].clone();
        world.save(intent);
    }
    confirm_now(world, id, params.given("return_url")?)
}

/// `POST /v1/setup_intents/{id}/cancel`
pub fn cancel(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "cancellation_reason")?;
    let mut intent = world.fetch("setup_intent", id)?;
    if ["succeeded", "canceled"].contains(&text(&intent, "status")) {
        return Err(unexpected(&intent, "cancel"));
    }
    intent["status"] = json!("canceled");
    intent["next_action"] = Value::Null;
    fields::texts(params, &mut intent, &["cancellation_reason"])?;
    Ok(world.update(intent, "setup_intent.canceled"))
}

/// Asks the issuer: succeeds, waits for authentication (`requires_action`), or answers 402.
pub fn confirm_now(world: &mut World, id: &str, return_url: Option<String>) -> Answer {
    let mut intent = world.own("setup_intent", id);
    if ["succeeded", "canceled"].contains(&text(&intent, "status")) {
        return Err(unexpected(&intent, "confirm"));
    }
    let method = text(&intent, "payment_method").to_owned();
    let Some(card) = world.cards.get(&method) else {
        return Err(ApiError::refused(
            "parameter_missing",
            "You cannot confirm this SetupIntent because it's missing a payment method.",
        ));
    };
    match cards::at_setup(&card.number) {
        Verdict::Accepted => Ok(succeed(world, intent)),
        Verdict::Declined(error) => Err(fail(world, intent, error)),
        Verdict::Authenticate => {
            let url = format!("{}/c/authenticate/{id}", world.base);
            intent["status"] = json!("requires_action");
            intent["next_action"] =
                json!({ "type": "redirect_to_url", "redirect_to_url": { "url": url, "return_url": return_url } });
            Ok(world.update(intent, "setup_intent.requires_action"))
        }
    }
}

/// What the owner does on the authentication page.
pub fn authenticate(world: &mut World, id: &str, done: bool) -> Answer {
    let intent = world.fetch("setup_intent", id)?;
    if text(&intent, "status") != "requires_action" {
        return Err(unexpected(&intent, "authenticate"));
    }
    if done {
        if let Some(card) = world.cards.get_mut(text(&intent, "payment_method")) {
            card.authenticated = true;
        }
        return Ok(succeed(world, intent));
    }
    Err(fail(world, intent, failed_authentication("setup_intent_authentication_failure")))
}

/// The error after a failed authentication.
pub fn failed_authentication(code: &str) -> ApiError {
    let message = "We are unable to authenticate your payment method. Please choose a different payment method and try again.";
    ApiError::new(402, "invalid_request_error", json!({ "code": code, "message": message }))
}

fn succeed(world: &mut World, mut intent: Value) -> Value {
    intent["status"] = json!("succeeded");
    intent["next_action"] = Value::Null;
    intent["last_setup_error"] = Value::Null;
    let (method, customer) = (text(&intent, "payment_method").to_owned(), text(&intent, "customer").to_owned());
    if !customer.is_empty() && world.own("payment_method", &method)["customer"].is_null() {
        payment_methods::keep(world, &method, &customer);
    }
    world.update(intent, "setup_intent.succeeded")
}

fn fail(world: &mut World, mut intent: Value, error: ApiError) -> ApiError {
    intent["status"] = json!("requires_payment_method");
    intent["next_action"] = Value::Null;
    intent["payment_method"] = Value::Null;
    intent["last_setup_error"] = Value::Object(error.body.clone());
    let intent = world.update(intent, "setup_intent.setup_failed");
    error.with("setup_intent", intent)
}

fn unexpected(intent: &Value, verb: &str) -> ApiError {
    let message = format!("You cannot {verb} this SetupIntent because it has a status of {}.", text(intent, "status"));
    ApiError::refused("setup_intent_unexpected_state", message)
}
