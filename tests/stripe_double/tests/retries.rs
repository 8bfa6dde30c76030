//! Payments that fail: the days of trying again, and what becomes of the subscription.

use super::harness::*;
use serde_json::{Value, json};

/// A subscription that is paid once, and whose card is then switched to decline.
fn failing() -> (Api, String, String) {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let subscription = id(&api.subscription(&customer, &price, ""));
    let method =
        api.get(&format!("customers/{customer}"))["invoice_settings"]["default_payment_method"].as_str().unwrap().to_owned();
    api.control("switches", &format!("decline[{method}]=insufficient_funds"));
    (api, subscription, method)
}

fn state(api: &mut Api, subscription: &str) -> (String, Value) {
    let now = api.get(&format!("subscriptions/{subscription}?expand[]=latest_invoice"));
    (now["status"].as_str().unwrap().to_owned(), now["latest_invoice"].clone())
}

#[test]
fn retries_come_on_their_days_and_then_it_ends() {
    let (mut api, subscription, _) = failing();
    let first = START + 31 * DAY + 3600;
    api.control("advance", &format!("to={first}"));
    for (attempt, day) in [1, 3, 5, 7].into_iter().enumerate() {
        let (status, invoice) = state(&mut api, &subscription);
        assert_eq!((status.as_str(), invoice["status"].as_str()), ("past_due", Some("open")));
        assert_eq!(invoice["attempt_count"], json!(attempt + 1));
        assert_eq!(invoice["next_payment_attempt"], json!(first + day * DAY));
        api.control("advance", &format!("to={}", first + day * DAY));
    }
    let (status, invoice) = state(&mut api, &subscription);
    assert_eq!(
        (status.as_str(), invoice["attempt_count"].as_i64(), invoice["next_payment_attempt"].as_i64()),
        ("canceled", Some(5), None)
    );
    let events = api.events();
    assert_eq!(events.iter().filter(|event| *event == "invoice.payment_failed").count(), 5);
    assert!(events.contains(&"customer.subscription.deleted".to_owned()));
}

#[test]
fn a_better_card_recovers() {
    let (mut api, subscription, method) = failing();
    api.advance(31 * DAY + 3600);
    assert_eq!(state(&mut api, &subscription).0, "past_due");
    let invoice = id(&state(&mut api, &subscription).1);
    let (status, error) = api.refused(&format!("invoices/{invoice}/pay"), "");
    assert_eq!((status, error["decline_code"].as_str()), (402, Some("insufficient_funds")));
    api.control("switches", &format!("decline[{method}]="));
    api.advance(DAY);
    let (status, invoice) = state(&mut api, &subscription);
    assert_eq!(
        (status.as_str(), invoice["status"].as_str(), invoice["amount_paid"].as_i64()),
        ("active", Some("paid"), Some(1000))
    );
}

#[test]
fn retries_can_end_as_unpaid() {
    let (mut api, subscription, method) = failing();
    api.control("switches", "after_retries=unpaid&retry_days=2");
    api.advance(31 * DAY + 3600 + 2 * DAY);
    let (status, invoice) = state(&mut api, &subscription);
    assert_eq!(status, "unpaid");
    api.advance(30 * DAY);
    assert_eq!(state(&mut api, &subscription).1["status"], "draft", "the invoices of an unpaid subscription wait");
    api.control("switches", &format!("decline[{method}]="));
    let paid = api.post(&format!("invoices/{}/pay", id(&invoice)), "");
    assert_eq!(paid["status"], "paid");
}

#[test]
fn first_payments_that_fail() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_chargeCustomerFail"), api.price("Team", 1000));
    let form = format!("customer={customer}&items[0][price]={price}");
    let (status, error) = api.refused("subscriptions", &format!("{form}&payment_behavior=error_if_incomplete"));
    assert_eq!((status, error["code"].as_str()), (402, Some("card_declined")));
    assert_eq!((api.double.world.all("subscription").len(), api.double.world.all("invoice").len()), (0, 0));
    let made = api.post("subscriptions", &form);
    assert_eq!(made["status"], "incomplete");
    api.advance(23 * 3600);
    let (status, invoice) = state(&mut api, &id(&made));
    assert_eq!((status.as_str(), invoice["status"].as_str()), ("incomplete_expired", Some("void")));
}

#[test]
fn default_incomplete_waits_for_the_client() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let expand = "payment_behavior=default_incomplete&expand[]=latest_invoice.confirmation_secret";
    let made = api.subscription(&customer, &price, expand);
    let invoice = &made["latest_invoice"];
    assert_eq!(
        (made["status"].as_str(), invoice["status"].as_str(), invoice["attempt_count"].as_i64()),
        (Some("incomplete"), Some("open"), Some(0))
    );
    assert!(invoice["confirmation_secret"]["client_secret"].as_str().unwrap().starts_with("pi_1_secret_"));
    api.post(&format!("invoices/{}/pay", id(invoice)), "");
    assert_eq!(state(&mut api, &id(&made)).0, "active");
}

#[test]
fn void_and_uncollectible() {
    let (mut api, subscription, _) = failing();
    api.advance(31 * DAY + 3600);
    let invoice = id(&state(&mut api, &subscription).1);
    assert_eq!(api.post(&format!("invoices/{invoice}/mark_uncollectible"), "")["status"], "uncollectible");
    assert_eq!(state(&mut api, &subscription).0, "active");
    assert_eq!(api.post(&format!("invoices/{invoice}/void"), "")["status"], "void");
    assert_eq!(api.refused(&format!("invoices/{invoice}/void"), "").0, 400);
    let intent = api.get("payment_intents/pi_2");
    assert_eq!(intent["status"], "canceled");
    assert!(api.events().contains(&"invoice.voided".to_owned()));
}
