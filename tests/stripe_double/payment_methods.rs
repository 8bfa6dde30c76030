//! Payment methods: cards. Beside those that Checkout and setup intents save, a test id such as `pm_card_visa` can be attached, which
//! makes a new one each time, as in Stripe's test mode.

use crate::allowed::check;
use crate::cards::{self, Card, Verdict};
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::text;
use crate::lists;
use crate::params::Params;
use crate::world::World;
use chrono::Datelike;
use serde_json::{Value, json};

/// What is written on a card besides its number.
pub struct Printed {
    /// 1 to 12.
    pub month: i64,
    /// With its century.
    pub year: i64,
}

/// `POST /v1/payment_methods` with `card[token]` or `card[number]`.
pub fn create(world: &mut World, params: &Params) -> Answer {
    check(
        params,
        &format!("type card[token] card[number] card[exp_month] card[exp_year] card[cvc] metadata* {}", fields::BILLING_DETAILS),
    )?;
    params.required("type")?;
    params.one_of("type", &["card"])?;
    let number = match params.given("card.token")? {
        Some(token) => {
            cards::by_name(&token).ok_or_else(|| ApiError::missing("token", &token).in_param("card[token]"))?.to_owned()
        }
        None => params.required("card.number")?,
    };
    if !cards::plausible(&number) {
        return Err(ApiError::card("incorrect_number", None, "Your card number is incorrect.").with("param", json!("number")));
    }
    let usual = usual_expiry(world);
    let month = params.integer("card.exp_month")?.unwrap_or(usual.month);
    let printed = Printed { month, year: params.integer("card.exp_year")?.unwrap_or(usual.year) };
    let mut made = make(world, &number, &printed);
    made["billing_details"] = fields::billing_details(params, &made["billing_details"])?;
    fields::metadata(params, &mut made);
    world.save(made.clone());
    Ok(made)
}

/// Makes a payment method that belongs to nobody yet.
pub fn make(world: &mut World, number: &str, printed: &Printed) -> Value {
    let id = world.new_id("pm");
    world.cards.insert(id.clone(), Card { number: number.to_owned(), authenticated: false });
    let brand = cards::brand(number);
    let given = json!({
        "id": id, "created": world.now, "type": "card", "allow_redisplay": "unspecified",
        "billing_details": { "address": { "city": null } },
        "card": {
            "brand": brand, "display_brand": brand, "checks": { "cvc_check": "pass" }, "country": "US", "funding": "credit",
            "exp_month": printed.month, "exp_year": printed.year, "last4": &number[number.len() - 4..],
            "fingerprint": fingerprint(number), "networks": { "available": [brand] }, "three_d_secure_usage": { "supported": true },
        },
    });
    world.add("payment_method", given)
}

/// The expiry of cards that come by a test id: December, four years ahead of the clock.
pub fn usual_expiry(world: &World) -> Printed {
    let year = chrono::DateTime::from_timestamp(world.now, 0).map_or(2026, |now| now.year());
    Printed { month: 12, year: i64::from(year) + 4 }
}

/// `POST /v1/payment_methods/{id}/attach`
pub fn attach(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "customer")?;
    let customer = params.required("customer")?;
    attach_to(world, id, &customer)
}

/// Attaches a payment method, or one made from a test id. A card that is declined is refused with 402.
pub fn attach_to(world: &mut World, id: &str, customer: &str) -> Answer {
    world.fetch("customer", customer).map_err(|error| error.in_param("customer"))?;
    let method = resolve(world, id)?;
    let id = text(&method, "id").to_owned();
    match text(&method, "customer") {
        "" => {}
        owner if owner == customer => return Ok(method),
        _ => return Err(ApiError::invalid("The payment method you provided has already been attached to a customer.")),
    }
    let Some(card) = world.cards.get(&id) else {
        let message = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or was detached \
            from a Customer. It may not be used again.";
        return Err(ApiError::invalid(message));
    };
    if let Verdict::Declined(error) = cards::at_setup(&card.number) {
        return Err(error);
    }
    Ok(keep(world, &id, customer))
}

/// Attaches without asking the issuer again, as after a setup that succeeded.
pub fn keep(world: &mut World, id: &str, customer: &str) -> Value {
    let mut method = world.own("payment_method", id);
    method["customer"] = json!(customer);
    world.save(method.clone());
    world.emit("payment_method.attached", &method, None);
    method
}

/// The payment method of an id; a test id makes a new one.
pub fn resolve(world: &mut World, id: &str) -> Answer {
    match cards::by_name(id) {
        Some(number) => {
            let printed = usual_expiry(world);
            Ok(make(world, number, &printed))
        }
        None => world.fetch("payment_method", id),
    }
}

/// `POST /v1/payment_methods/{id}/detach`: for good, and nowhere the default any more.
pub fn detach(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "")?;
    let mut method = world.fetch("payment_method", id)?;
    let owner = text(&method, "customer").to_owned();
    if owner.is_empty() {
        return Err(ApiError::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        ));
    }
    method["customer"] = Value::Null;
    world.cards.remove(id);
    let method = world.update(method, "payment_method.detached");
    for mut subscription in world.all("subscription") {
        if text(&subscription, "default_payment_method") == id {
            subscription["default_payment_method"] = Value::Null;
            world.update(subscription, "customer.subscription.updated");
        }
    }
    let mut customer = world.own("customer", &owner);
    if text(&customer["invoice_settings"], "default_payment_method") == id {
        customer["invoice_settings"]["default_payment_method"] = Value::Null;
        world.update(customer, "customer.updated");
    }
    Ok(method)
}

/// `POST /v1/payment_methods/{id}`
pub fn update(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, &format!("card[exp_month] card[exp_year] allow_redisplay metadata* {}", fields::BILLING_DETAILS))?;
    let mut method = world.fetch("payment_method", id)?;
    if method["customer"].is_null() {
        return Err(ApiError::invalid("You must save this PaymentMethod to a customer before you can update it."));
    }
    method["billing_details"] = fields::billing_details(params, &method["billing_details"])?;
    for name in ["exp_month", "exp_year"] {
        if let Some(number) = params.integer(&format!("card.{name}"))? {
            method["card"][name] = json!(number);
        }
    }
    fields::texts(params, &mut method, &["allow_redisplay"])?;
    fields::metadata(params, &mut method);
    Ok(world.update(method, "payment_method.updated"))
}

/// `GET /v1/payment_methods`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} customer type allow_redisplay", lists::PAGING))?;
    if let Some(customer) = params.given("customer")? {
        world.fetch("customer", &customer).map_err(|error| error.in_param("customer"))?;
        return of_customer(world, &customer, params, "/v1/payment_methods");
    }
    lists::page(vec![], params, "/v1/payment_methods")
}

/// `GET /v1/customers/{id}/payment_methods`
pub fn list_of_customer(world: &World, customer: &str, params: &Params) -> Answer {
    check(params, &format!("{} type allow_redisplay", lists::PAGING))?;
    world.fetch("customer", customer)?;
    of_customer(world, customer, params, &format!("/v1/customers/{customer}/payment_methods"))
}

/// A payment method that must be attached to this customer.
pub fn owned(world: &World, id: &str, customer: &str, param: &str) -> Answer {
    let method = world.fetch("payment_method", id).map_err(|error| error.in_param(param))?;
    if text(&method, "customer") == customer {
        return Ok(method);
    }
    let message = format!(
        "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer."
    );
    Err(ApiError::refused("resource_missing", message).with("param", json!(param)))
}

fn of_customer(world: &World, customer: &str, params: &Params, url: &str) -> Answer {
    let mut found = lists::matching(world.all("payment_method"), params, &["type", "allow_redisplay"])?;
    found.retain(|method| text(method, "customer") == customer);
    lists::page(found, params, url)
}

/// The same card has the same fingerprint in every run.
fn fingerprint(number: &str) -> String {
    let hash =
        number.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    format!("{hash:016x}")
}
