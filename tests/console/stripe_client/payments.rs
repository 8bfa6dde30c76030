//! Payments that are declined, that wait for the customer, that come later; amounts that wait for an invoice.

use crate::harness::stripe::{DAY, Double, after, key, subscription};
use roster::stripe::{ItemChange, NewInvoiceItem, StripeError, SubscriptionChange};
use std::collections::HashMap;

fn declined(code: &str, needs_authentication: bool) -> StripeError {
    StripeError::Declined { code: code.to_owned(), needs_authentication }
}

#[tokio::test]
async fn a_declined_invoice_is_paid_later() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, method) = double.with_card("4242424242424242").await;
    let price = double.price("plan", 1000, "month").await;
    let begun = double.subscribe(&customer, &price, 1).await;
    double.switch(&format!("decline[{method}]"), "insufficient_funds");
    let refused = stripe.create_subscription(&subscription(&customer, &price, 1), &key()).await;
    assert_eq!(refused, Err(declined("insufficient_funds", false)));
    double.advance(32 * DAY);
    let late = stripe.subscription(&begun.id).await.unwrap();
    assert_eq!(late.status, "past_due");
    let open = stripe.invoice(&late.latest_invoice.unwrap()).await.unwrap();
    let facts = (open.status.as_str(), open.amount_remaining, open.attempted, open.next_payment_attempt.is_some());
    assert_eq!(facts, ("open", 1000, true, true));
    assert_eq!(stripe.pay_invoice(&open.id, None, &key()).await, Err(declined("insufficient_funds", false)));
    double.switch(&format!("decline[{method}]"), "");
    let paid = stripe.pay_invoice(&open.id, None, &key()).await.unwrap();
    assert_eq!((paid.status.as_str(), paid.amount_paid, paid.amount_remaining), ("paid", 1000, 0));
    assert_eq!(stripe.subscription(&begun.id).await.unwrap().status, "active");
    let again = stripe.pay_invoice(&open.id, None, &key()).await;
    assert!(matches!(again, Err(StripeError::Refused { code, .. }) if code == "invoice_already_paid"));
}

#[tokio::test]
async fn some_cards_ask_the_customer_each_time() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, _) = double.with_card("4000002760003184").await;
    let price = double.price("plan", 1000, "month").await;
    let asked = stripe.create_subscription(&subscription(&customer, &price, 1), &key()).await;
    assert_eq!(asked, Err(declined("subscription_payment_intent_requires_action", true)));
    let mut new = subscription(&customer, &price, 1);
    new.payment_behavior = "allow_incomplete";
    let begun = stripe.create_subscription(&new, &key()).await.unwrap();
    assert_eq!(begun.status, "incomplete");
    let invoice = stripe.invoice(&begun.latest_invoice.unwrap()).await.unwrap();
    assert_eq!(
        stripe.pay_invoice(&invoice.id, None, &key()).await,
        Err(declined("invoice_payment_intent_requires_action", true))
    );
    let page = invoice.hosted_invoice_url.unwrap();
    assert!(stripe.is_its_page(&page) && stripe.is_its_page(&invoice.invoice_pdf.unwrap()));
    double.submit(&page, &[("action", "complete")]);
    assert_eq!(stripe.invoice(&invoice.id).await.unwrap().status, "paid");
    assert_eq!(stripe.subscription(&begun.id).await.unwrap().status, "active");
}

#[tokio::test]
async fn nothing_to_charge_is_refused() {
    let double = Double::start();
    let customer = double.customer().await;
    let price = double.price("plan", 1000, "month").await;
    let refused = double.stripe.create_subscription(&subscription(&customer, &price, 1), &key()).await;
    assert!(matches!(refused, Err(StripeError::Refused { code, .. }) if code == "resource_missing"));
}

#[tokio::test]
async fn amounts_wait_for_an_invoice() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, _) = double.with_card("4242424242424242").await;
    let price = double.price("plan", 1000, "month").await;
    let begun = double.subscribe(&customer, &price, 1).await;
    let item = NewInvoiceItem {
        customer: customer.id.clone(),
        subscription: Some(begun.id.clone()),
        amount: 700,
        currency: "eur".to_owned(),
        description: "Seats & more".to_owned(),
        from: after(0),
        to: after(DAY),
        metadata: HashMap::from([("why".to_owned(), "seats".to_owned())]),
        ..NewInvoiceItem::default()
    };
    let made = stripe.create_invoice_item(&item, &key()).await.unwrap();
    assert_eq!((made.amount, made.currency.as_str(), made.metadata["why"].as_str()), (700, "eur", "seats"));
    assert_eq!(stripe.pending_invoice_items(&customer.id).await.unwrap(), [made]);
    let key_of_it = key();
    let open = stripe.invoice_pending_items(&customer.id, Some(&begun.id), &key_of_it).await.unwrap();
    assert_eq!((open.status.as_str(), open.total, open.lines[0].description.as_str()), ("open", 700, "Seats & more"));
    assert_eq!((open.lines[0].from, open.lines[0].to, open.finalized_at), (after(0), after(DAY), Some(after(0))));
    assert_eq!(stripe.invoice_pending_items(&customer.id, Some(&begun.id), &key_of_it).await.unwrap().id, open.id);
    assert!(stripe.pending_invoice_items(&customer.id).await.unwrap().is_empty());
    assert_eq!(stripe.pay_invoice(&open.id, None, &key()).await.unwrap().status, "paid");
}

#[tokio::test]
async fn fewer_seats_become_credit() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, _) = double.with_card("4242424242424242").await;
    let price = double.price("plan", 1000, "month").await;
    let begun = double.subscribe(&customer, &price, 5).await;
    let item = ItemChange { id: Some(begun.items[0].id.clone()), quantity: Some(1), ..ItemChange::default() };
    let fewer =
        SubscriptionChange { items: vec![item], proration_behavior: Some("always_invoice"), ..SubscriptionChange::default() };
    let changed = stripe.change_subscription(&begun.id, &fewer, &key()).await.unwrap();
    let credit = stripe.invoice(&changed.latest_invoice.unwrap()).await.unwrap();
    assert_eq!((credit.total, credit.amount_due, credit.ending_balance), (-4000, 0, Some(-4000)));
    assert_eq!(stripe.customer(&customer.id).await.unwrap().balance, -4000);
}
