//! What waits for a renewal, what it tells, and what outlives its customer.

use super::harness::*;

#[test]
fn invoices_outlive_their_customer() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    api.subscription(&customer, &price, "");
    api.post("invoiceitems", &format!("customer={customer}&amount=500&currency=usd"));
    let invoice =
        id(&api.post("invoices", &format!("customer={customer}&pending_invoice_items_behavior=include&auto_advance=true")));
    api.advance(31 * DAY);
    api.delete(&format!("customers/{customer}"), "");
    api.advance(400 * DAY);
    assert_eq!(api.get(&format!("invoices/{invoice}"))["status"], "paid");
    assert_eq!(api.get(&format!("customers/{customer}"))["deleted"], true);
    assert_eq!(api.refused("invoiceitems", &format!("customer={customer}&amount=5&currency=usd")).0, 400);
    assert_eq!(api.get("subscriptions?status=canceled")["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_renewal_tells_what_it_changed() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let before = api.subscription(&customer, &price, "");
    api.advance(31 * DAY);
    let events = api.get("events?type=customer.subscription.updated&limit=1");
    let data = &events["data"][0]["data"];
    assert_eq!(data["previous_attributes"]["latest_invoice"], before["latest_invoice"]);
    assert_eq!(data["object"]["items"]["data"][0]["current_period_start"], START + 31 * DAY);
}

#[test]
fn a_free_price_that_becomes_paid_is_billed_at_once() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let (free, paid) = (api.price("Free", 0), api.price("Paid", 1000));
    let made = api.subscription(&customer, &free, "");
    let item = made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    api.advance(10 * DAY);
    let now = api.post(
        &format!("subscriptions/{}", id(&made)),
        &format!("items[0][id]={item}&items[0][price]={paid}&expand[]=latest_invoice"),
    );
    assert_eq!(
        (now["latest_invoice"]["total"].as_i64(), now["billing_cycle_anchor"].as_i64()),
        (Some(1000), Some(START + 10 * DAY))
    );
}

/// A price of one cent a second in a month of 31 days makes every second count.
#[test]
fn prorations_wait_for_the_renewal() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Second", 31 * DAY));
    let made = api.subscription(&customer, &price, "");
    let item = made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    api.advance(1000);
    let path = format!("subscriptions/{}", id(&made));
    let now = api.post(&path, &format!("items[0][id]={item}&items[0][quantity]=2"));
    assert_eq!(now["latest_invoice"], made["latest_invoice"], "nothing is billed at once");
    assert_eq!(api.get("invoiceitems?pending=true")["data"].as_array().unwrap().len(), 2);
    api.control("advance", &format!("to={}", START + 31 * DAY));
    let now = api.get(&format!("{path}?expand[]=latest_invoice"));
    assert_eq!(amounts(&now["latest_invoice"]), [-(31 * DAY - 1000), 2 * (31 * DAY - 1000), 2 * 31 * DAY]);
    assert_eq!(api.get("invoiceitems?pending=true")["data"].as_array().unwrap().len(), 0);
}
