//! Checkout sessions that save a card (`mode=setup`), and billing portal sessions. What happens on their pages is in `pages`.

use crate::allowed::check;
use crate::calendar::DAY;
use crate::cards;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::text;
use crate::lists;
use crate::params::Params;
use crate::payment_methods::{self, Printed};
use crate::setup_intents;
use crate::world::World;
use serde_json::{Value, json};

const KIND: &str = "checkout.session";

/// What changes the looks of Stripe's page: taken, and without effect here.
const LOOKS: &str = "custom_text* customer_update* tax_id_collection* phone_number_collection* consent_collection* submit_type \
    payment_method_options*";

/// `POST /v1/checkout/sessions`
pub fn create(world: &mut World, params: &Params) -> Answer {
    let known = "mode customer customer_email success_url cancel_url currency payment_method_types[] client_reference_id metadata* locale \
        expires_at ui_mode setup_intent_data[metadata]* setup_intent_data[description] billing_address_collection customer_creation";
    check(params, &format!("{known} {LOOKS}"))?;
    if params.required("mode")? != "setup" {
        return Err(ApiError::invalid("stripe-double knows mode=setup only").with("param", json!("mode")));
    }
    params.one_of("ui_mode", &["hosted"])?;
    let success = params.required("success_url")?;
    let customer = params.given("customer")?;
    if let Some(customer) = &customer {
        world.fetch("customer", customer).map_err(|error| error.in_param("customer"))?;
    }
    if !params.has("currency") && !params.has("payment_method_types") {
        let message = "`currency` is required in `setup` mode when `payment_method_types` isn't set.";
        return Err(ApiError::parameter("parameter_missing", "currency", message.to_owned()));
    }
    let intent = begin_intent(world, customer.as_deref(), &params.below("setup_intent_data"))?;
    let id = world.new_id("cs_test");
    let given = json!({
        "id": id, "created": world.now, "mode": "setup", "status": "open", "payment_status": "no_payment_required",
        "customer": customer, "success_url": success, "setup_intent": intent["id"], "expires_at": params.integer("expires_at")?.unwrap_or(world.now + DAY),
        "payment_method_types": ["card"], "payment_method_options": {}, "ui_mode": "hosted", "automatic_tax": { "enabled": false },
        "custom_text": { "submit": null }, "phone_number_collection": null, "url": format!("{}/c/pay/{id}", world.base),
    });
    let mut session = world.add(KIND, given);
    let copied = [
        "cancel_url",
        "client_reference_id",
        "currency",
        "customer_email",
        "locale",
        "billing_address_collection",
        "customer_creation",
    ];
    fields::texts(params, &mut session, &copied)?;
    fields::metadata(params, &mut session);
    world.save(session.clone());
    Ok(session)
}

fn begin_intent(world: &mut World, customer: Option<&str>, sent: &Params) -> Answer {
    let mut intent = setup_intents::begin(world, customer, "off_session");
    fields::metadata(sent, &mut intent);
    fields::texts(sent, &mut intent, &["description"])?;
    world.save(intent.clone());
    world.emit("setup_intent.created", &intent, None);
    Ok(intent)
}

/// `GET /v1/checkout/sessions`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} customer status", lists::PAGING))?;
    lists::page(lists::matching(world.all(KIND), params, &["customer", "status"])?, params, "/v1/checkout/sessions")
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub fn expire(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "")?;
    let session = world.fetch(KIND, id)?;
    if text(&session, "status") != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This one is {}.",
            text(&session, "status")
        );
        return Err(ApiError::invalid(message));
    }
    Ok(lapse(world, id))
}

/// An open session whose time is over.
pub fn lapse(world: &mut World, id: &str) -> Value {
    let mut session = world.own(KIND, id);
    session["status"] = json!("expired");
    session["url"] = Value::Null;
    world.save(session.clone());
    world.emit("checkout.session.expired", &session, None);
    session
}

/// What the card form of a page asks for.
#[derive(Debug, Clone, Default)]
pub struct CardForm {
    /// Digits, spaces allowed.
    pub card_number: String,
    /// `MM / YY`
    pub expiry: String,
    /// Three or four digits.
    pub cvc: String,
}

impl CardForm {
    /// Reads the fields `card_number`, `expiry`, `cvc`.
    pub fn read(sent: &Params) -> Self {
        let field = |name: &str| sent.given(name).ok().flatten().unwrap_or_default();
        Self { card_number: field("card_number"), expiry: field("expiry"), cvc: field("cvc") }
    }
}

/// Reads a card from a page's form; the error is for the person.
pub fn read_card(world: &World, form: &CardForm) -> Result<(String, Printed), String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = digits(&form.card_number);
    if !cards::plausible(&number) {
        return Err("Your card number is invalid.".to_owned());
    }
    let expiry = digits(&form.expiry);
    let (Some(month), Some(year)) = (expiry.get(..2), expiry.get(2..)) else {
        return Err("Your card's expiration date is incomplete.".to_owned());
    };
    let (month, year): (i64, i64) = (month.parse().unwrap_or_default(), year.parse().unwrap_or_default());
    if !(1..=12).contains(&month) || ![4, 6].contains(&expiry.len()) {
        return Err("Your card's expiration date is incomplete.".to_owned());
    }
    let printed = Printed { month, year: if year < 100 { 2000 + year } else { year } };
    let now = chrono::DateTime::from_timestamp(world.now, 0).map(|now| now.format("%Y%m").to_string()).unwrap_or_default();
    if printed.year * 100 + month < now.parse().unwrap_or_default() {
        return Err("Your card's expiration date is in the past.".to_owned());
    }
    if !(3..=4).contains(&digits(&form.cvc).len()) {
        return Err("Your card's security code is incomplete.".to_owned());
    }
    Ok((number, printed))
}

/// A person submits the session's page: the session is complete, or its setup intent waits for authentication (`false`).
pub fn submit(world: &mut World, id: &str, form: &CardForm) -> Result<bool, String> {
    let session = world.own(KIND, id);
    let (number, printed) = read_card(world, form)?;
    let method = payment_methods::make(world, &number, &printed);
    let mut intent = world.own("setup_intent", text(&session, "setup_intent"));
    intent["payment_method"] = method["id"].clone();
    world.save(intent.clone());
    let intent = setup_intents::confirm_now(world, text(&intent, "id"), None).map_err(|error| error.message())?;
    let done = text(&intent, "status") == "succeeded";
    if done {
        complete(world, id);
    }
    Ok(done)
}

/// A person authenticates, or fails to, on the second page.
pub fn authenticate(world: &mut World, id: &str, done: bool) -> Result<(), ApiError> {
    let session = world.own(KIND, id);
    setup_intents::authenticate(world, text(&session, "setup_intent"), done)?;
    complete(world, id);
    Ok(())
}

fn complete(world: &mut World, id: &str) {
    let mut session = world.own(KIND, id);
    let customer = session["customer"].as_str().map(|customer| world.own("customer", customer));
    let email = customer.as_ref().map_or(session["customer_email"].clone(), |customer| customer["email"].clone());
    let fields = json!({ "customer_details": { "email": email, "tax_exempt": "none" } });
    session["customer_details"] = crate::shapes::fill(KIND, fields)["customer_details"].clone();
    session["status"] = json!("complete");
    session["url"] = Value::Null;
    world.save(session.clone());
    world.emit("checkout.session.completed", &session, None);
}

/// `POST /v1/billing_portal/sessions`
pub fn create_portal(world: &mut World, params: &Params) -> Answer {
    check(params, "customer return_url locale configuration flow_data*")?;
    let customer = params.required("customer")?;
    world.fetch("customer", &customer).map_err(|error| error.in_param("customer"))?;
    let id = world.new_id("bps");
    let given = json!({
        "id": id, "created": world.now, "customer": customer, "configuration": params.given("configuration")?.unwrap_or_else(|| "bpc_1".to_owned()),
        "url": format!("{}/p/session/{id}", world.base), "return_url": params.given("return_url")?, "locale": params.given("locale")?,
    });
    Ok(world.add("billing_portal.session", given))
}
