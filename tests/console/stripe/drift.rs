//! What others change at Stripe: set back where the console decides it, told where it cannot.

use chrono::TimeDelta;
use roster::stripe::{CustomerDetails, ItemChange, NewPrice, NewSubscription, NextItem, SubscriptionChange};

use super::World;
use crate::billing::change;
use crate::harness::run;

#[test]
fn what_others_change_at_stripe_is_set_back_and_told() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    world.double.switch("lose", "all");
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    let there = |path: &str| world.there(path);
    let item = there(&format!("subscriptions/{subscription}"))["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let more = SubscriptionChange {
        items: vec![ItemChange { id: Some(item), quantity: Some(50), ..ItemChange::default() }],
        proration_behavior: Some("none"),
        ..SubscriptionChange::default()
    };
    run(world.stripe().change_subscription(&subscription, &more, "by-hand")).unwrap();
    let elsewhere = CustomerDetails { name: "Somebody else".to_owned(), ..CustomerDetails::default() };
    run(world.stripe().update_customer(&customer, &elsewhere, "by-hand-too")).unwrap();
    let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    let sentence = "set the billing details and the number of seats (1, not 50) at Stripe back to what stands here";
    assert_eq!(checked.flash(), format!("Put right: {sentence}."));
    assert!(checked.text().matches(sentence).count() == 2, "below the payment methods too: {}", checked.text());
    assert_eq!(there(&format!("subscriptions/{subscription}"))["items"]["data"][0]["quantity"], 1);
    assert_ne!(there(&format!("customers/{customer}"))["name"], "Somebody else");
    assert!(ann.open(&acme.path("activity")).says(sentence));
    let mails = world.console.mails_to("finance@acme.example");
    assert!(mails.iter().any(|mail| mail.text.contains(sentence)), "the recipients are told");
    let again = ann.submit(&checked, "Check now", &[]);
    assert_eq!(again.flash(), "Everything here is as it is at Stripe.");
}

#[test]
fn a_customer_who_is_freed_of_vat_at_stripe_pays_it_again() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    world.double.switch("lose", "all");
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let freed = ureq::post(&format!("{}/v1/customers/{customer}", world.double.base));
    freed.header("authorization", "Bearer sk_test_console").send_form([("tax_exempt", "exempt")]).unwrap();
    let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert_eq!(checked.flash(), "Put right: set the billing details at Stripe back to what stands here.");
    assert_eq!(world.there(&format!("customers/{customer}"))["tax_exempt"], "none");
    let again = ann.submit(&checked, "Check now", &[]);
    assert_eq!(again.flash(), "Everything here is as it is at Stripe.");
}

#[test]
fn what_changes_here_is_no_drift() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    acme.member("Bob Smith", roster::access::policy::Starter::Member);
    ann.submit(&ann.open(&acme.path("billing/details")), "Save", &[("Country", "Switzerland"), ("City", "Zürich")]);
    let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert_eq!(checked.flash(), "Everything here is as it is at Stripe.");
    let subscription = world.there(&format!("subscriptions/{}", world.console.text("SELECT stripe_id FROM subscriptions")));
    assert_eq!(subscription["items"]["data"][0]["quantity"], 2, "the new member is counted");
    assert!(!ann.open(&acme.path("activity")).says("back to what stands here"));
}

#[test]
fn another_subscription_of_the_same_organization_is_told_until_it_ends() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let price = world.there("subscriptions")["data"][0]["items"]["data"][0]["price"]["id"].as_str().unwrap().to_owned();
    let new = NewSubscription {
        customer,
        items: vec![NextItem { price, quantity: 1 }],
        payment_behavior: "error_if_incomplete",
        ..NewSubscription::default()
    };
    let second = run(world.stripe().create_subscription(&new, "second")).unwrap();
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Something else is charged") && page.says(&second.id), "{}", page.text());
    let sentence = format!("noted that Stripe charges for the subscription {}, which opens nothing here", second.id);
    let log = ann.open(&acme.path("activity"));
    assert_eq!(log.text().matches(&sentence).count(), 1, "{}", log.text());
    let told = |sentence: &str| {
        world.console.mails_to("finance@acme.example").iter().filter(|mail| mail.text.contains(sentence)).count()
    };
    assert_eq!(told(&sentence), 1, "the recipients are told");
    ann.submit(&page, "Check now", &[]);
    assert_eq!(told(&sentence), 1, "once");
    assert!(page.says("Team") && page.says("Active"), "{}", page.text());
    run(world.stripe().cancel_subscription_now(&second.id, "")).unwrap();
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(!page.says("Something else is charged"), "{}", page.text());
}

#[test]
fn a_plan_that_was_moved_to_a_price_of_others_is_told() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "team", "month");
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    let item = world.there(&format!("subscriptions/{subscription}"))["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let price = run(world.double.price("of_another_program", 500, "month")).id;
    let moved = SubscriptionChange {
        items: vec![ItemChange { id: Some(item), price: Some(price), ..ItemChange::default() }],
        proration_behavior: Some("none"),
        ..SubscriptionChange::default()
    };
    run(world.stripe().change_subscription(&subscription, &moved, "moved")).unwrap();
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Something else is charged") && page.says(&subscription), "{}", page.text());
}

#[test]
fn an_item_of_others_in_the_plan_s_own_subscription_is_told() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    let price = run(world.double.price("of_another_program", 500, "month")).id;
    let more = SubscriptionChange {
        items: vec![ItemChange { price: Some(price.clone()), ..ItemChange::default() }],
        proration_behavior: Some("none"),
        ..SubscriptionChange::default()
    };
    run(world.stripe().change_subscription(&subscription, &more, "more")).unwrap();
    world.settle();
    let page = ann.open(&acme.path("billing"));
    let words = format!("Stripe charges you for the price {price} of the subscription {subscription}, which opens nothing here.");
    assert!(page.says("Something else is charged") && page.says(&words), "{}", page.text());
    assert!(page.says("Team") && page.says("Active"), "{}", page.text());
}

#[test]
fn a_price_that_is_changed_at_stripe_within_the_plan_is_told() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    let item = world.there(&format!("subscriptions/{subscription}"))["items"]["data"][0].clone();
    let words = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let dear = NewPrice {
        product: words(&item["price"]["product"]),
        currency: "eur".to_owned(),
        unit_amount: 99_900,
        interval: "month".to_owned(),
        lookup_key: "by_hand".to_owned(),
        nickname: String::new(),
        metadata: item["price"]["metadata"].as_object().unwrap().iter().map(|(key, value)| (key.clone(), words(value))).collect(),
    };
    let price = run(world.stripe().create_price(&dear, "dear")).unwrap().id;
    let moved = SubscriptionChange {
        items: vec![ItemChange { id: Some(words(&item["id"])), price: Some(price), ..ItemChange::default() }],
        proration_behavior: Some("none"),
        ..SubscriptionChange::default()
    };
    run(world.stripe().change_subscription(&subscription, &moved, "moved")).unwrap();
    world.settle();
    let sentence = "noted that the plan Team costs €999.00 per member a month now";
    assert!(ann.open(&acme.path("activity")).says(sentence));
    let mails = world.console.mails_to("finance@acme.example");
    assert!(mails.iter().any(|mail| mail.text.contains(sentence)), "the recipients are told");
}

#[test]
fn a_plan_that_follows_is_told_by_its_name() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    let page = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    let button = page.buttons().into_iter().find(|button| button.starts_with("Change to Team")).unwrap();
    ann.submit(&page, &button, &[]);
    assert!(ann.open(&acme.path("activity")).says("planned to change the plan from Business to Team on"));
}

#[test]
fn who_has_only_looked_has_done_nothing() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("Ann Owner changed the plan from Free to Team"), "{}", log.text());
    assert!(log.says("The console issued the invoice"), "{}", log.text());
    world.double.switch("lose", "all");
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    run(world.stripe().cancel_subscription_now(&subscription, "")).unwrap();
    let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert!(checked.flash().contains("ended the plan Team"), "{}", checked.flash());
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("The console ended the plan Team"), "{}", log.text());
    let mails = world.console.mails_to("finance@acme.example");
    let told = mails.iter().find(|mail| mail.text.contains("ended the plan Team")).unwrap();
    assert!(!told.text.contains("Ann Owner"), "{}", told.text);
}

#[test]
fn an_invoice_that_is_given_up_at_stripe_is_owed_by_nobody() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    let method = world.console.text("SELECT stripe_id FROM payment_methods");
    world.double.switch(&format!("decline[{method}]"), "insufficient_funds");
    world.travel(TimeDelta::days(31) + TimeDelta::hours(2));
    world.double.switch("lose", "all");
    let invoice = world.console.text("SELECT stripe_id FROM invoices WHERE status = 'failed'");
    let void = ureq::post(&format!("{}/v1/invoices/{invoice}/void", world.double.base));
    void.header("authorization", "Bearer sk_test_console").send_empty().unwrap();
    let ann = world.console.signed_in(&acme.owner);
    let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert!(checked.flash().contains("is void") && !checked.says("could not be collected"), "{}", checked.text());
    let mails = world.console.mails_to("finance@acme.example");
    assert!(mails.iter().any(|mail| mail.text.contains("is void")), "the recipients are told");
}
