//! Customers that pay no tax: `tax_exempt` on the customer and on its invoices.

use super::harness::*;
use serde_json::Value;

/// A customer's subscription at 10.00 with 20 % of tax: the customer's path and the subscription's.
fn taxed(api: &mut Api, exempt: &str) -> (String, String) {
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let path = format!("customers/{customer}");
    assert_eq!(api.get(&path)["tax_exempt"], "none");
    api.post(&path, &format!("tax_exempt={exempt}"));
    let rate = id(&api.post("tax_rates", "display_name=VAT&percentage=20&inclusive=false"));
    let subscription = id(&api.subscription(&customer, &price, &format!("default_tax_rates[]={rate}")));
    (path, format!("subscriptions/{subscription}?expand[]=latest_invoice"))
}

/// What the latest invoice says of its taxes: the customer's exemption, its total, the sum of its taxes and their reason.
fn facts(api: &mut Api, subscription: &str) -> (String, i64, i64, String) {
    let invoice: Value = api.get(subscription)["latest_invoice"].clone();
    let tax = &invoice["lines"]["data"][0]["taxes"][0];
    let words = |value: &Value| value.as_str().unwrap().to_owned();
    assert_eq!(tax["amount"], invoice["total_taxes"][0]["amount"]);
    assert_eq!(invoice["total_excluding_tax"], 1000);
    let amount = |value: &Value| value.as_i64().unwrap();
    (words(&invoice["customer_tax_exempt"]), amount(&invoice["total"]), amount(&tax["amount"]), words(&tax["taxability_reason"]))
}

#[test]
fn exempt_customers_pay_no_tax() {
    let expected =
        [("none", 1200, 200, "not_available"), ("exempt", 1000, 0, "customer_exempt"), ("reverse", 1000, 0, "reverse_charge")];
    for (exempt, total, tax, reason) in expected {
        let mut api = Api::new();
        let (customer, subscription) = taxed(&mut api, exempt);
        assert_eq!(api.get(&customer)["tax_exempt"], exempt);
        assert_eq!(facts(&mut api, &subscription), (exempt.to_owned(), total, tax, reason.to_owned()));
    }
}

#[test]
fn a_customer_is_made_exempt_or_not() {
    let mut api = Api::new();
    for (sent, stored) in
        [("tax_exempt=reverse", "reverse"), ("tax_exempt=exempt", "exempt"), ("tax_exempt=", "none"), ("", "none")]
    {
        let made = api.post("customers", sent);
        assert_eq!(made["tax_exempt"], stored, "{sent}");
        let path = format!("customers/{}", id(&made));
        assert_eq!(api.post(&path, "name=B")["tax_exempt"], stored, "another change leaves it");
        assert_eq!(api.post(&path, "tax_exempt=reverse")["tax_exempt"], "reverse");
        assert_eq!(api.post(&path, "tax_exempt=")["tax_exempt"], "none");
        assert_eq!(api.refused(&path, "tax_exempt=yes").1["param"], "tax_exempt");
    }
    assert_eq!(api.refused("customers", "tax_exempt=yes").0, 400);
    assert!(api.events().contains(&"customer.updated".to_owned()));
}

#[test]
fn an_invoice_keeps_the_exemption_it_was_finalized_with() {
    let mut api = Api::new();
    let (customer, subscription) = taxed(&mut api, "none");
    api.post(&customer, "tax_exempt=reverse");
    assert_eq!(facts(&mut api, &subscription).0, "none");
    assert_eq!(facts(&mut api, &subscription).1, 1200);
    api.advance(31 * DAY + 3600);
    assert_eq!(facts(&mut api, &subscription), ("reverse".to_owned(), 1000, 0, "reverse_charge".to_owned()));
    api.post(&customer, "tax_exempt=none");
    api.advance(28 * DAY);
    assert_eq!(facts(&mut api, &subscription).1, 1200);
}

#[test]
fn a_draft_follows_its_customer() {
    let mut api = Api::new();
    let (customer, subscription) = taxed(&mut api, "none");
    api.advance(31 * DAY);
    assert_eq!(api.get(&subscription)["latest_invoice"]["status"], "draft");
    api.post(&customer, "tax_exempt=exempt");
    assert_eq!(facts(&mut api, &subscription), ("exempt".to_owned(), 1000, 0, "customer_exempt".to_owned()));
    api.post(&customer, "tax_exempt=none");
    assert_eq!(facts(&mut api, &subscription), ("none".to_owned(), 1200, 200, "not_available".to_owned()));
    api.post(&customer, "tax_exempt=reverse");
    api.advance(3600);
    let paid = api.get(&subscription)["latest_invoice"].clone();
    assert_eq!((paid["status"].as_str(), paid["amount_paid"].as_i64()), (Some("paid"), Some(1000)));
    api.events();
}

#[test]
fn items_on_a_draft_of_an_exempt_customer_are_not_taxed() {
    let mut api = Api::new();
    let customer = id(&api.post("customers", "name=A&tax_exempt=reverse"));
    let rate = id(&api.post("tax_rates", "display_name=VAT&percentage=20&inclusive=false"));
    let invoice = id(&api.post("invoices", &format!("customer={customer}&currency=usd&default_tax_rates[]={rate}")));
    api.post("invoiceitems", &format!("customer={customer}&invoice={invoice}&amount=500&currency=usd"));
    api.post("invoiceitems", &format!("customer={customer}&invoice={invoice}&amount=300&currency=usd&tax_rates[]={rate}"));
    let draft = api.get(&format!("invoices/{invoice}"));
    assert_eq!((draft["total"].as_i64(), draft["customer_tax_exempt"].as_str()), (Some(800), Some("reverse")));
    api.post(&format!("customers/{customer}"), "tax_exempt=none");
    assert_eq!(api.get(&format!("invoices/{invoice}"))["total"], 960);
}
