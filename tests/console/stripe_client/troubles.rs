//! What goes wrong on the way, and what the client makes of it.

use crate::harness::stripe::{Double, key};
use roster::stripe::{CustomerDetails, Stripe, StripeError};
use std::time::{Duration, Instant};
use url::Url;
use uuid::Uuid;

fn named(name: &str) -> CustomerDetails {
    CustomerDetails { name: name.to_owned(), ..CustomerDetails::default() }
}

#[tokio::test]
async fn what_is_busy_is_asked_again() {
    let double = Double::start();
    double.switch("rate_limited", "2");
    let customer = double.customer().await;
    assert_eq!(double.asked("/v1/customers"), 3);
    double.switch("conflict", "2");
    double.stripe.update_customer(&customer.id, &named("Bea"), &key()).await.unwrap();
    double.switch("rate_limited", "3");
    let refused = double.stripe.customer(&customer.id).await;
    assert_eq!(refused, Err(StripeError::Away("it answers with status 429".to_owned())));
    assert!(double.stripe.customer(&customer.id).await.is_ok());
}

#[tokio::test]
async fn what_is_down_is_away() {
    let double = Double::start();
    double.switch("unavailable", "true");
    let begin = Instant::now();
    let away = double.stripe.products().await;
    assert_eq!(away, Err(StripeError::Away("it answers with status 503".to_owned())));
    assert!(begin.elapsed() < Duration::from_secs(5));
    double.switch("unavailable", "false");
    assert!(double.stripe.products().await.unwrap().is_empty());
    let nobody = Stripe::new("sk_test_x", &Url::parse("http://127.0.0.1:1").unwrap()).unwrap();
    assert_eq!(nobody.products().await, Err(StripeError::Away("it cannot be connected to".to_owned())));
}

#[tokio::test]
async fn lost_answers_are_done_once() {
    let double = Double::start();
    double.switch("failure", "drop");
    double.switch("fail_after_execution", "1");
    let customer = double.stripe.create_customer(&named("Ada"), Uuid::nil(), &key()).await.unwrap();
    assert_eq!((customer.id.as_str(), double.asked("/v1/customers")), ("cus_1", 2));
    let price = double.price("plan", 1000, "month").await;
    double.switch("fail_after_execution", "1");
    let mut new = crate::harness::stripe::subscription(&customer, &price, 1);
    new.trial_ends_at = Some(crate::harness::stripe::after(86_400));
    double.stripe.create_subscription(&new, &key()).await.unwrap();
    assert_eq!(double.stripe.subscriptions(&customer.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let double = Double::start();
    let used = key();
    let first = double.stripe.create_customer(&named("Ada"), Uuid::nil(), &used).await.unwrap();
    assert_eq!(double.stripe.create_customer(&named("Ada"), Uuid::nil(), &used).await.unwrap(), first);
    let other = double.stripe.create_customer(&named("Bea"), Uuid::nil(), &used).await;
    assert!(matches!(other, Err(StripeError::Refused { code, .. }) if code == "idempotency_error"));
    let without = double.stripe.create_customer(&named("Ada"), Uuid::nil(), "").await;
    assert!(matches!(without, Err(StripeError::Malformed(_))));
    let without = double.stripe.invoice_pending_items(&first.id, None, "").await;
    assert!(matches!(without, Err(StripeError::Malformed(_))));
}

#[tokio::test]
async fn what_hangs_is_away_in_time() {
    let double = Double::start();
    double.switch("hang_ms", "60000");
    let begin = Instant::now();
    let away = double.stripe.products().await;
    assert_eq!(away, Err(StripeError::Away("it does not answer in time".to_owned())));
    let elapsed = begin.elapsed().as_secs_f64();
    assert!((20.0..26.0).contains(&elapsed), "{elapsed}");
}
