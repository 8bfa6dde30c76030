//! What somebody changed at Stripe just before a member looks at a price or clicks: it is set back first, and is the console's to
//! tell, not the member's.

use chrono::TimeDelta;

use super::World;
use super::by_hand::{check, id, other_card};
use crate::billing::{change, preview};
use crate::harness::{Browser, Organization, run};

impl World {
    /// Sets something of the subscription by hand, and nobody is told.
    fn set(&self, form: &[(&str, &str)]) {
        self.double.switch("lose", "all");
        self.by_hand(&self.subscription().0, form);
    }

    fn set_of_item(&self, name: &str, value: &str) {
        let (_, item) = self.subscription();
        self.set(&[("items[0][id]", &item), (&format!("items[0][{name}]"), value), ("proration_behavior", "none")]);
    }

    fn latest_invoice(&self) -> String {
        self.console.text("SELECT concat_ws(' ', net, vat, due, status) FROM invoices ORDER BY issued_at DESC, id DESC LIMIT 1")
    }
}

fn settled(world: &World) -> (Organization<'_>, Browser) {
    let subscribed = world.subscribed();
    world.settle();
    subscribed
}

/// What the invoice of the change is where nobody has set anything by hand.
fn untouched() -> String {
    let world = World::start();
    let (acme, ann) = settled(&world);
    change(&ann, &acme, "business", "month");
    world.latest_invoice()
}

#[test]
fn a_change_is_priced_and_paid_as_if_nothing_were_set_by_hand() {
    let plain = untouched();
    assert!(plain.ends_with(" paid"), "{plain}");
    for what in ["the collection of invoices", "the VAT", "the number of seats (1, not 9)"] {
        let world = World::start();
        let (acme, ann) = settled(&world);
        match what {
            "the VAT" => world.set_of_item("tax_rates][0", &world.rate()),
            "the collection of invoices" => world.set(&[("collection_method", "send_invoice"), ("days_until_due", "30")]),
            _ => world.set_of_item("quantity", "9"),
        }
        let done = change(&ann, &acme, "business", "month");
        assert!(done.flash().starts_with("Business is your plan now."), "{what}: {}", done.flash());
        assert_eq!(world.latest_invoice(), plain, "{what}");
        let log = ann.open(&acme.path("activity"));
        assert!(log.says(&format!("The console set {what} at Stripe back to what stands here")), "{}", log.text());
        assert!(log.says("Ann Owner changed the plan from Team to Business"), "{}", log.text());
    }
}

#[test]
fn a_change_is_charged_to_the_card_that_its_page_names() {
    for is_of_subscription in [true, false] {
        let world = World::start();
        let (acme, ann) = world.subscribed();
        let other = other_card(&world, &ann, &acme);
        let page = preview(&ann, &acme, "business", "month");
        assert!(page.says("is charged to Visa ending in 4242"), "{}", page.text());
        world.double.switch("lose", "all");
        if is_of_subscription {
            world.set(&[("default_payment_method", &other)]);
        } else {
            let customer = world.console.text("SELECT stripe_customer FROM organizations");
            world.by_hand(&format!("customers/{customer}"), &[("invoice_settings[default_payment_method]", &other)]);
        }
        let done = ann.submit(&page, "Change to Business now", &[]);
        let log = ann.open(&acme.path("activity"));
        if is_of_subscription {
            assert!(done.flash().starts_with("Business is your plan now."), "{}", done.text());
            assert!(log.says("The console set the payment method of the subscription at Stripe back"), "{}", log.text());
        } else {
            assert!(done.says("or what it is charged to"), "{}", done.text());
            assert!(done.says("is charged to Mastercard ending in 4444"), "{}", done.text());
            assert!(!log.says("Ann Owner chose"), "she has not: {}", log.text());
        }
    }
}

#[test]
fn what_became_of_the_plan_is_not_the_deed_of_who_clicks_next() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    other_card(&world, &ann, &acme);
    let page = ann.open(&acme.path("billing"));
    world.double.switch("lose", "all");
    run(world.stripe().cancel_subscription_now(&world.console.text("SELECT stripe_id FROM subscriptions"), "")).unwrap();
    ann.submit(&page, "Make default: Mastercard ending in 4444", &[]);
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("The console ended the plan Team"), "{}", log.text());
    assert!(log.says("Ann Owner chose Mastercard ending in 4444 to be charged"), "{}", log.text());
    let mails = world.console.mails_to("finance@acme.example");
    let told = mails.iter().find(|mail| mail.text.contains("ended the plan Team")).unwrap();
    assert!(!told.text.contains("Ann Owner"), "{}", told.text);
}

#[test]
fn what_is_set_by_hand_before_a_renewal_is_still_told_after_it() {
    let world = World::start();
    let (acme, _) = settled(&world);
    world.double.switch("lose", "all");
    world.travel(TimeDelta::days(29));
    world.set(&[("collection_method", "send_invoice"), ("days_until_due", "14")]);
    world.set_of_item("quantity", "50");
    world.travel(TimeDelta::days(2) + TimeDelta::hours(2));
    let ann = world.console.signed_in(&acme.owner);
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("The console renewed the plan Team"), "{}", log.text());
    assert!(log.says("set the collection of invoices at Stripe back"), "{}", log.text());
    assert_eq!(check(&ann, &acme).flash(), "Everything here is as it is at Stripe.");
    // Seats that are invoiced stand until their period ends.
    assert!(!log.says("the number of seats"), "{}", log.text());
    world.travel(TimeDelta::days(29));
    let ann = world.console.signed_in(&acme.owner);
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("set the number of seats (1, not 50) at Stripe back"), "{}", log.text());
    let item = &world.there(&world.subscription().0)["items"]["data"][0];
    assert_eq!(item["quantity"], 1, "the next period is for who there is");
}

#[test]
fn a_second_plan_in_the_subscription_is_named() {
    let world = World::start();
    let (acme, ann) = settled(&world);
    let prices = world.there("prices?limit=100");
    let is_business = |price: &&serde_json::Value| price["lookup_key"] == "roster_business_month_eur";
    let business = id(prices["data"].as_array().unwrap().iter().find(is_business).unwrap());
    world.set(&[("items[0][price]", &business), ("items[0][quantity]", "3"), ("proration_behavior", "none")]);
    let what = format!("the price {business} of the subscription {}", world.console.text("SELECT stripe_id FROM subscriptions"));
    assert!(check(&ann, &acme).flash().contains(&format!("noted that Stripe charges for {what}")));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says(&format!("Stripe charges you for {what}, which opens nothing here.")), "{}", page.text());
    let items = world.there(&world.subscription().0)["items"]["data"].clone();
    assert_eq!((&items[0]["quantity"], &items[1]["quantity"]), (&1.into(), &3.into()), "it is left as it is");
    assert_eq!(check(&ann, &acme).flash(), "Everything here is as it is at Stripe.");
}

#[test]
fn a_day_of_its_own_on_which_the_plan_ends_is_said() {
    for days in [5, 75] {
        let world = World::start();
        let (acme, ann) = settled(&world);
        let at = world.console.clock.now() + TimeDelta::days(days);
        world.set(&[("cancel_at", &at.timestamp().to_string())]);
        check(&ann, &acme);
        let page = ann.open(&acme.path("billing"));
        let day = at.format("%-d %B %Y");
        if days == 5 {
            assert!(page.says(&format!("Cancelled: it ends on {day}.")), "{}", page.text());
            assert!(ann.open(&acme.path("activity")).says(&format!("The console cancelled the plan Team: it ends on {day}")));
        } else {
            assert!(page.says("Renews on") && page.says(&format!(", and ends on {day}.")), "{}", page.text());
        }
    }
}
