//! Subscriptions: beginning with and without a trial, upgrades as previewed, downgrades by schedule, endings.

use crate::harness::stripe::{DAY, Double, after, key, subscription};
use roster::stripe::{Invoice, ItemChange, NewTaxRate, NextItem, Preview, StripeError, SubscriptionChange};

/// What a customer sees of an invoice.
fn shown(invoice: &Invoice) -> (Vec<i64>, Vec<(String, i64)>) {
    let sums = vec![invoice.subtotal, invoice.tax, invoice.total, invoice.amount_due, invoice.starting_balance];
    (sums, invoice.lines.iter().map(|line| (line.description.clone(), line.amount)).collect())
}

#[tokio::test]
async fn a_subscription_begins_as_its_preview_says() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, _) = double.with_card("4242424242424242").await;
    let price = double.price("small", 1000, "month").await;
    let vat = NewTaxRate { display_name: "VAT".to_owned(), percentage_basis_points: 1900, ..NewTaxRate::default() };
    let rates = vec![stripe.create_tax_rate(&vat, &key()).await.unwrap().id];
    let added = ItemChange { price: Some(price.id.clone()), quantity: Some(3), ..ItemChange::default() };
    let preview = Preview {
        customer: customer.id.clone(),
        items: vec![added],
        default_tax_rates: Some(rates.clone()),
        ..Preview::default()
    };
    let expected = stripe.preview(&preview).await.unwrap();
    let mut new = subscription(&customer, &price, 3);
    new.default_tax_rates = rates.clone();
    new.metadata.insert("roster".to_owned(), "yes".to_owned());
    let begun = stripe.create_subscription(&new, &key()).await.unwrap();
    let facts = (begun.status.as_str(), begun.items[0].quantity, begun.items[0].price.clone(), begun.default_tax_rates.clone());
    assert_eq!(facts, ("active", 3, price, rates.clone()));
    assert_eq!((begun.metadata["roster"].as_str(), begun.trial_ends_at, begun.next), ("yes", None, None));
    let paid = stripe.invoice(&begun.latest_invoice.unwrap()).await.unwrap();
    assert_eq!(shown(&paid), shown(&expected));
    assert_eq!((paid.total, paid.status.as_str(), paid.billing_reason.as_str()), (3570, "paid", "subscription_create"));
    assert_eq!((paid.subscription.as_ref(), paid.number.is_some(), paid.paid_at), (Some(&begun.id), true, Some(after(0))));
    let tax = &paid.taxes[0];
    assert_eq!((tax.basis, tax.amount, tax.tax_rate.as_ref()), (3000, 570, rates.first()));
    let line = &stripe.invoice_lines(&paid.id).await.unwrap()[0];
    assert_eq!((line.unit_amount, line.quantity, line.is_proration), (Some(1000), Some(3), false));
}

#[tokio::test]
async fn an_upgrade_costs_what_its_preview_says() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, _) = double.with_card("4242424242424242").await;
    let (small, large) = (double.price("small", 1000, "month").await, double.price("large", 2500, "month").await);
    let begun = double.subscribe(&customer, &small, 3).await;
    double.advance(10 * DAY);
    let id = Some(begun.items[0].id.clone());
    let change = ItemChange { id, price: Some(large.id.clone()), quantity: Some(4), ..ItemChange::default() };
    let moment = Some(after(10 * DAY));
    let preview = Preview {
        customer: customer.id.clone(),
        subscription: Some(begun.id.clone()),
        items: vec![change.clone()],
        proration_behavior: Some("always_invoice"),
        proration_date: moment,
        ..Preview::default()
    };
    let expected = stripe.preview(&preview).await.unwrap();
    double.advance(90);
    let upgrade = SubscriptionChange {
        items: vec![change],
        proration_behavior: Some("always_invoice"),
        proration_date: moment,
        payment_behavior: Some("error_if_incomplete"),
        ..SubscriptionChange::default()
    };
    let upgraded = stripe.change_subscription(&begun.id, &upgrade, &key()).await.unwrap();
    assert_eq!((upgraded.items[0].price.id.as_str(), upgraded.items[0].quantity), (large.id.as_str(), 4));
    let made = stripe.invoice(&upgraded.latest_invoice.unwrap()).await.unwrap();
    assert_eq!(shown(&made), shown(&expected));
    assert!(made.total > 0 && made.lines.iter().all(|line| line.is_proration) && made.lines[0].amount < 0);
    let ids: Vec<String> = stripe.invoices(&customer.id, 10).await.unwrap().into_iter().map(|invoice| invoice.id).collect();
    assert_eq!(ids, [made.id, begun.latest_invoice.unwrap()]);
    assert_eq!(stripe.invoices(&customer.id, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_downgrade_waits_for_the_end_of_the_period() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, _) = double.with_card("4242424242424242").await;
    let (year, month) = (double.price("year", 10_000, "year").await, double.price("month", 1000, "month").await);
    let begun = double.subscribe(&customer, &year, 5).await;
    let next = |quantity| vec![NextItem { price: month.id.clone(), quantity }];
    let key_of_it = key();
    stripe.schedule_next_items(&begun, &next(4), &[], &key_of_it).await.unwrap();
    // The same again, as after a crash: nothing is done twice.
    stripe.schedule_next_items(&begun, &next(4), &[], &key_of_it).await.unwrap();
    let waiting = stripe.subscriptions(&customer.id).await.unwrap().remove(0);
    let phase = waiting.next.clone().unwrap();
    assert_eq!((phase.starts_at, phase.items[0].quantity), (begun.items[0].period_ends_at, 4));
    assert_eq!((phase.items[0].price_id.as_str(), waiting.items[0].price.id.as_str()), (month.id.as_str(), year.id.as_str()));
    // Another choice replaces it.
    stripe.schedule_next_items(&waiting, &next(2), &[], &key()).await.unwrap();
    let waiting = stripe.subscription(&begun.id).await.unwrap();
    assert_eq!(waiting.next.as_ref().unwrap().items[0].quantity, 2);
    assert_eq!(waiting.latest_invoice, begun.latest_invoice);

    let schedule = waiting.schedule.unwrap();
    stripe.release_schedule(&schedule, &key()).await.unwrap();
    stripe.release_schedule(&schedule, &key()).await.unwrap();
    stripe.release_schedule("sub_sched_none", &key()).await.unwrap();
    let free = stripe.subscription(&begun.id).await.unwrap();
    assert_eq!((free.schedule.as_ref(), free.next.as_ref()), (None, None));

    stripe.schedule_next_items(&free, &next(2), &[], &key()).await.unwrap();
    double.advance(365 * DAY + 7200);
    let changed = stripe.subscription(&begun.id).await.unwrap();
    assert_eq!((changed.items[0].price.id.as_str(), changed.items[0].quantity), (month.id.as_str(), 2));
    assert_eq!(changed.next, None);
    let renewal = stripe.invoice(&changed.latest_invoice.unwrap()).await.unwrap();
    assert_eq!((renewal.total, renewal.status.as_str()), (2000, "paid"));
    double.advance(31 * DAY);
    let later = stripe.subscription(&begun.id).await.unwrap();
    assert_eq!((later.schedule, later.status.as_str(), later.items[0].quantity), (None, "active", 2));
}

#[tokio::test]
async fn subscriptions_end_now_or_later() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, _) = double.with_card("4242424242424242").await;
    let price = double.price("plan", 1000, "month").await;
    let begun = double.subscribe(&customer, &price, 1).await;
    let at_end = |value| SubscriptionChange { cancel_at_period_end: Some(value), ..SubscriptionChange::default() };
    let ending = stripe.change_subscription(&begun.id, &at_end(true), &key()).await.unwrap();
    assert_eq!((ending.cancel_at_period_end, ending.cancel_at), (true, Some(begun.items[0].period_ends_at)));
    let resumed = stripe.change_subscription(&begun.id, &at_end(false), &key()).await.unwrap();
    assert_eq!((resumed.cancel_at_period_end, resumed.cancel_at), (false, None));
    stripe.change_subscription(&begun.id, &at_end(true), &key()).await.unwrap();
    double.advance(31 * DAY);
    let ended = stripe.subscription(&begun.id).await.unwrap();
    assert_eq!((ended.status.as_str(), ended.ended_at), ("canceled", Some(begun.items[0].period_ends_at)));
    let second = double.subscribe(&customer, &price, 1).await;
    let canceled = stripe.cancel_subscription_now(&second.id, &key()).await.unwrap();
    assert_eq!(canceled.status, "canceled");
    assert_eq!(stripe.cancel_subscription_now(&second.id, &key()).await.unwrap(), canceled);
    assert_eq!(stripe.cancel_subscription_now("sub_none", &key()).await, Err(StripeError::Missing));
    let all: Vec<String> = stripe.subscriptions(&customer.id).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(all, [second.id, begun.id]);
}

#[tokio::test]
async fn trials_become_paid_or_end() {
    let double = Double::start();
    let stripe = &double.stripe;
    let price = double.price("plan", 1000, "month").await;
    let (customer, _) = double.with_card("4242424242424242").await;
    let mut new = subscription(&customer, &price, 2);
    new.trial_ends_at = Some(after(14 * DAY));
    let trial = stripe.create_subscription(&new, &key()).await.unwrap();
    assert_eq!((trial.status.as_str(), trial.trial_ends_at), ("trialing", Some(after(14 * DAY))));
    let longer = SubscriptionChange { trial_ends_at: Some(after(20 * DAY)), ..SubscriptionChange::default() };
    let longer = stripe.change_subscription(&trial.id, &longer, &key()).await.unwrap();
    assert_eq!(longer.trial_ends_at, Some(after(20 * DAY)));
    let preview = Preview {
        customer: customer.id.clone(),
        subscription: Some(trial.id.clone()),
        trial_end_now: true,
        ..Preview::default()
    };
    let expected = stripe.preview(&preview).await.unwrap();
    let now = SubscriptionChange { trial_end_now: true, ..SubscriptionChange::default() };
    let paid = stripe.change_subscription(&trial.id, &now, &key()).await.unwrap();
    assert_eq!(paid.status, "active");
    let invoice = stripe.invoice(&paid.latest_invoice.unwrap()).await.unwrap();
    assert_eq!((invoice.total, shown(&invoice)), (2000, shown(&expected)));

    let poor = double.customer().await;
    let mut new = subscription(&poor, &price, 1);
    new.trial_ends_at = Some(after(14 * DAY));
    let trial = stripe.create_subscription(&new, &key()).await.unwrap();
    double.advance(15 * DAY);
    assert_eq!(stripe.subscription(&trial.id).await.unwrap().status, "canceled");
}
