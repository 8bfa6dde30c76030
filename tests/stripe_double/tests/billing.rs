//! Known amounts: beginnings, trials, prorations, taxes, balances, numbers.

use super::harness::*;
use serde_json::json;

#[test]
fn a_paid_beginning() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let made = api.subscription(&customer, &price, "items[0][quantity]=3&expand[]=latest_invoice");
    assert_eq!((made["status"].as_str(), made["latest_invoice"]["status"].as_str()), (Some("active"), Some("paid")));
    let invoice = &made["latest_invoice"];
    assert_eq!(
        (invoice["total"].as_i64(), invoice["amount_paid"].as_i64(), invoice["amount_remaining"].as_i64()),
        (Some(3000), Some(3000), Some(0))
    );
    let prefix = api.get(&format!("customers/{customer}"))["invoice_prefix"].as_str().unwrap().to_owned();
    assert_eq!(invoice["number"], format!("{prefix}-0001"));
    assert_eq!(invoice["lines"]["data"][0]["description"], "3 × Team (at $10.00 / month)");
    assert_eq!(made["items"]["data"][0]["current_period_end"].as_i64().unwrap() - START, 31 * DAY);
    let events = api.events();
    let billing: Vec<&str> = events
        .iter()
        .map(String::as_str)
        .filter(|event| event.contains("subscription") || event.starts_with("invoice."))
        .collect();
    let expected = [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ];
    assert_eq!(billing, expected);
}

#[test]
fn a_trial_and_its_end() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let made = api.subscription(&customer, &price, "trial_period_days=14&expand[]=latest_invoice");
    assert_eq!((made["status"].as_str(), made["latest_invoice"]["total"].as_i64()), (Some("trialing"), Some(0)));
    let subscription = id(&made);
    let preview = api.post("invoices/create_preview", &format!("subscription={subscription}"));
    assert_eq!(preview["total"], 1000);
    api.advance(11 * DAY);
    assert!(api.events().contains(&"customer.subscription.trial_will_end".to_owned()));
    api.advance(3 * DAY);
    let now = api.get(&format!("subscriptions/{subscription}?expand[]=latest_invoice"));
    assert_eq!((now["status"].as_str(), now["latest_invoice"]["status"].as_str()), (Some("active"), Some("draft")));
    api.advance(3600);
    let now = api.get(&format!("subscriptions/{subscription}?expand[]=latest_invoice"));
    assert_eq!((now["latest_invoice"]["status"].as_str(), now["latest_invoice"]["total"].as_i64()), (Some("paid"), Some(1000)));
}

#[test]
fn a_trial_without_a_card_may_cancel() {
    let mut api = Api::new();
    let (customer, price) = (api.customer(""), api.price("Team", 1000));
    let made =
        api.subscription(&customer, &price, "trial_period_days=2&trial_settings[end_behavior][missing_payment_method]=cancel");
    api.advance(2 * DAY);
    assert_eq!(api.get(&format!("subscriptions/{}", id(&made)))["status"], "canceled");
    let refused = api.refused("subscriptions", &format!("customer={customer}&items[0][price]={price}"));
    assert_eq!((refused.0, refused.1["code"].as_str()), (400, Some("resource_missing")));
}

#[test]
fn prorations_by_the_second() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let (small, large) = (api.price("Small", 1000), api.price("Large", 2500));
    let made = api.subscription(&customer, &small, "");
    let item = made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    api.advance(10 * DAY);
    let change = format!(
        "items[0][id]={item}&items[0][price]={large}&items[0][quantity]=2&proration_behavior=always_invoice&expand[]=latest_invoice"
    );
    let now = api.post(&format!("subscriptions/{}", id(&made)), &change);
    // 21 of 31 days are left: 1000 × 21/31 = 677.42, 5000 × 21/31 = 3387.10
    assert_eq!(amounts(&now["latest_invoice"]), [-677, 3387]);
    assert_eq!(now["latest_invoice"]["billing_reason"], "subscription_update");
    let lines = &now["latest_invoice"]["lines"]["data"];
    assert_eq!(lines[0]["description"], "Unused time on Small after 11 Jan 2026");
    assert_eq!(lines[1]["description"], "Remaining time on 2 × Large after 11 Jan 2026");
    assert_eq!(lines[0]["parent"]["subscription_item_details"]["proration"], true);
    assert_eq!(lines[0]["parent"]["subscription_item_details"]["subscription_item"], json!(item));
    assert_eq!(now["latest_invoice"]["amount_paid"], 2710);
}

#[test]
fn credit_goes_to_the_balance_and_comes_back() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let (small, large) = (api.price("Small", 1000), api.price("Large", 3100));
    let made = api.subscription(&customer, &large, "");
    let item = made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    api.advance(DAY);
    api.post(
        &format!("subscriptions/{}", id(&made)),
        &format!("items[0][id]={item}&items[0][price]={small}&proration_behavior=always_invoice"),
    );
    // 30/31 of both: −3000 + 968 = −2032
    assert_eq!(api.get(&format!("customers/{customer}"))["balance"], -2032);
    api.advance(30 * DAY + 3600);
    let now = api.get(&format!("subscriptions/{}?expand[]=latest_invoice", id(&made)));
    let invoice = &now["latest_invoice"];
    let facts = [&invoice["total"], &invoice["amount_due"], &invoice["starting_balance"], &invoice["ending_balance"]];
    assert_eq!(facts.map(|fact| fact.as_i64().unwrap()), [1000, 0, -2032, -1032]);
    assert_eq!(invoice["status"], "paid");
}

#[test]
fn taxes_are_exclusive_and_rounded_by_line() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let rate = id(&api.post("tax_rates", "display_name=VAT&percentage=7.7&inclusive=false"));
    let (one, other) = (api.price("One", 1005), api.price("Other", 333));
    let made =
        api.subscription(&customer, &one, &format!("items[1][price]={other}&default_tax_rates[]={rate}&expand[]=latest_invoice"));
    let invoice = &made["latest_invoice"];
    // 77.385 → 77 and 25.641 → 26
    assert_eq!((invoice["subtotal"].as_i64(), invoice["total"].as_i64()), (Some(1338), Some(1441)));
    assert_eq!(invoice["total_taxes"][0]["amount"], 103);
    api.post(&format!("customers/{customer}"), "tax_exempt=reverse");
    assert_eq!(api.post("invoices/create_preview", &format!("subscription={}", id(&made)))["total"], 1338);
}

#[test]
fn a_new_interval_begins_a_new_period() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let (month, year) = (api.price("Team", 1000), api.price_each("Yearly", 10_000, "year"));
    let made = api.subscription(&customer, &month, "");
    let item = made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    api.advance(DAY);
    let now = api.post(
        &format!("subscriptions/{}", id(&made)),
        &format!("items[0][id]={item}&items[0][price]={year}&expand[]=latest_invoice"),
    );
    assert_eq!(amounts(&now["latest_invoice"]), [-968, 10_000]);
    assert_eq!(now["items"]["data"][0]["current_period_end"].as_i64().unwrap(), START + DAY + 365 * DAY);
    assert_eq!(now["latest_invoice"]["status"], "paid");
}

#[test]
fn cancelling_at_the_end_and_resuming() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let subscription = id(&api.subscription(&customer, &price, ""));
    let path = format!("subscriptions/{subscription}");
    let now = api.post(&path, "cancel_at_period_end=true&cancellation_details[feedback]=too_expensive");
    assert_eq!((now["cancel_at"].as_i64(), now["canceled_at"].as_i64()), (Some(START + 31 * DAY), Some(START)));
    assert_eq!(
        api.refused("invoices/create_preview", &format!("subscription={subscription}")).1["code"],
        "invoice_upcoming_none"
    );
    let now = api.post(&path, "cancel_at_period_end=false");
    assert!(now["cancel_at"].is_null() && now["canceled_at"].is_null());
    api.post(&path, "cancel_at_period_end=true");
    api.advance(31 * DAY);
    let now = api.get(&path);
    assert_eq!((now["status"].as_str(), now["ended_at"].as_i64()), (Some("canceled"), Some(START + 31 * DAY)));
    assert_eq!(api.get("subscriptions")["data"], json!([]));
    assert_eq!(api.refused(&path, "cancel_at_period_end=false").0, 400);
}

#[test]
fn an_anchor_makes_a_short_first_period() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 3100));
    let anchor = START + 10 * DAY;
    let made = api.subscription(&customer, &price, &format!("billing_cycle_anchor={anchor}&expand[]=latest_invoice"));
    assert_eq!(made["latest_invoice"]["total"], 1000);
    api.advance(10 * DAY + 3600);
    let now = api.get(&format!("subscriptions/{}?expand[]=latest_invoice", id(&made)));
    assert_eq!(now["latest_invoice"]["total"], 3100);
}

#[test]
fn invoices_that_are_sent_wait_for_payment() {
    let mut api = Api::new();
    let (customer, price) = (api.customer(""), api.price("Team", 1000));
    let made = api.subscription(&customer, &price, "collection_method=send_invoice&days_until_due=30&expand[]=latest_invoice");
    let invoice = &made["latest_invoice"];
    assert_eq!((made["status"].as_str(), invoice["status"].as_str()), (Some("active"), Some("open")));
    assert_eq!(invoice["due_date"].as_i64(), Some(START + 30 * DAY));
    let paid = api.post(&format!("invoices/{}/pay", id(invoice)), "paid_out_of_band=true");
    assert_eq!(paid["status"], "paid");
    assert_eq!(
        api.refused("subscriptions", &format!("customer={customer}&items[0][price]={price}&collection_method=send_invoice")).1["code"],
        "parameter_missing"
    );
}

#[test]
fn more_than_ten_lines_are_read_in_pages() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    for number in 1..=13 {
        api.post("invoiceitems", &format!("customer={customer}&amount={number}00&currency=usd"));
    }
    let invoice = api.post("invoices", &format!("customer={customer}&pending_invoice_items_behavior=include"));
    assert_eq!(
        (amounts(&invoice).len(), invoice["lines"]["has_more"].as_bool(), invoice["total"].as_i64()),
        (10, Some(true), Some(9100))
    );
    let last = invoice["lines"]["data"][9]["id"].as_str().unwrap().to_owned();
    let rest = api.get(&format!("invoices/{}/lines?starting_after={last}", id(&invoice)));
    assert_eq!((rest["data"].as_array().unwrap().len(), rest["has_more"].as_bool()), (3, Some(false)));
}

#[test]
fn more_than_ten_lines_of_a_preview_are_read_in_pages() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let price = api.price("Team", 1000);
    let subscription = api.subscription(&customer, &price, "");
    for number in 1..=13 {
        api.post("invoiceitems", &format!("customer={customer}&amount={number}00&currency=usd"));
    }
    let preview = api.post("invoices/create_preview", &format!("subscription={}", id(&subscription)));
    assert_eq!((amounts(&preview).len(), preview["lines"]["has_more"].as_bool()), (10, Some(true)));
    let all = api.get(&format!("invoices/{}/lines?limit=100", id(&preview)));
    assert_eq!((all["data"].as_array().unwrap().len(), all["has_more"].as_bool()), (14, Some(false)));
}
