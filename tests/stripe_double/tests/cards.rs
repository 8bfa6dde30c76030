//! Cards that need 3-D Secure, now or always, and cards that go.

use super::harness::*;
use crate::pages::{self, Page};
use crate::params::Params;

fn press(api: &mut Api, path: &str, action: &str) -> Page {
    pages::answer(&mut api.double, "POST", path, &Params::parse(&format!("action={action}")))
}

#[test]
fn a_setup_that_needs_authentication() {
    let mut api = Api::new();
    let customer = api.customer("");
    let form = format!(
        "customer={customer}&payment_method=pm_card_authenticationRequiredOnSetup&confirm=true&return_url=http://localhost/back"
    );
    let intent = api.post("setup_intents", &form);
    assert_eq!(intent["status"], "requires_action");
    let address = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap().to_owned();
    let path = address.trim_start_matches("http://127.0.0.1:1/").to_owned();
    let Page::SeeOther(back) = press(&mut api, &path, "complete") else { panic!("it leads back") };
    assert_eq!(back, "http://localhost/back?setup_intent=seti_1&redirect_status=succeeded");
    let intent = api.get("setup_intents/seti_1?expand[]=payment_method");
    assert_eq!(
        (intent["status"].as_str(), intent["payment_method"]["customer"].as_str()),
        (Some("succeeded"), Some(customer.as_str()))
    );
    let method = id(&intent["payment_method"]);
    let price = api.price("Team", 1000);
    assert_eq!(
        api.subscription(&customer, &price, &format!("default_payment_method={method}"))["status"],
        "active",
        "later charges succeed"
    );
}

#[test]
fn a_setup_whose_authentication_fails() {
    let mut api = Api::new();
    api.post("setup_intents", "payment_method=pm_card_authenticationRequired&confirm=true");
    press(&mut api, "c/authenticate/seti_1", "fail");
    let intent = api.get("setup_intents/seti_1");
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["last_setup_error"]["code"], "setup_intent_authentication_failure");
    let (status, error) = api.refused("setup_intents", "payment_method=pm_card_chargeDeclined&confirm=true");
    assert_eq!((status, error["setup_intent"]["status"].as_str()), (402, Some("requires_payment_method")));
}

#[test]
fn a_card_that_always_needs_authentication() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_authenticationRequired"), api.price("Team", 1000));
    let made = api.subscription(&customer, &price, "expand[]=latest_invoice.payments.data.payment.payment_intent");
    assert_eq!(made["status"], "incomplete");
    let intent = &made["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"];
    assert_eq!(intent["status"], "requires_action");
    let invoice = id(&made["latest_invoice"]);
    let (status, error) = api.refused(&format!("invoices/{invoice}/pay"), "");
    assert_eq!((status, error["code"].as_str()), (402, Some("invoice_payment_intent_requires_action")));
    let Page::Html(_, page) = press(&mut api, &format!("i/{invoice}"), "complete") else { panic!("the page of the invoice") };
    assert!(page.contains("<span id=\"status\">paid</span>"), "{page}");
    assert_eq!(api.get(&format!("subscriptions/{}", id(&made)))["status"], "active");
    assert!(api.events().contains(&"invoice.payment_action_required".to_owned()));
    api.advance(31 * DAY + 3600);
    assert_eq!(api.get(&format!("subscriptions/{}", id(&made)))["status"], "past_due");
}

#[test]
fn a_detached_card_is_nowhere_the_default() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let made = api.subscription(&customer, &price, "default_payment_method=pm_1");
    api.post("payment_methods/pm_1/detach", "");
    assert!(api.get(&format!("customers/{customer}"))["invoice_settings"]["default_payment_method"].is_null());
    assert!(api.get(&format!("subscriptions/{}", id(&made)))["default_payment_method"].is_null());
    assert_eq!(api.refused("payment_methods/pm_1/attach", &format!("customer={customer}")).0, 400);
    let other = api.customer("pm_card_mastercard");
    assert_eq!(api.refused("payment_methods/pm_2/attach", &format!("customer={customer}")).0, 400, "it is {other}'s");
    assert_eq!(api.refused(&format!("customers/{customer}"), "invoice_settings[default_payment_method]=pm_2").0, 400);
}

#[test]
fn tax_ids_are_decided_a_little_later() {
    let mut api = Api::new();
    let customer = api.customer("");
    for number in ["DE000000000", "DE111111111", "DE222222222", "DE123456789"] {
        api.post(&format!("customers/{customer}/tax_ids"), &format!("type=eu_vat&value={number}"));
    }
    api.control("switches", "tax_id_outcome=unverified");
    api.advance(60);
    let states: Vec<String> = (1..=4)
        .map(|number| {
            api.get(&format!("customers/{customer}/tax_ids/txi_{number}"))["verification"]["status"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(states, ["verified", "unverified", "pending", "unverified"]);
    api.control("verify", "id=txi_3&status=verified");
    assert_eq!(api.get(&format!("customers/{customer}/tax_ids/txi_3"))["verification"]["status"], "verified");
    assert_eq!(api.refused(&format!("customers/{customer}/tax_ids"), "type=eu_vat&value=12").1["code"], "tax_id_invalid");
    assert_eq!(api.events().iter().filter(|event| *event == "customer.tax_id.updated").count(), 4);
}
