//! Credit of the invoice way and credit at Stripe: each is spent by its own way, and who begins to pay by Stripe takes theirs along.

use chrono::TimeDelta;
use roster::billing::actions::operator::{Agreed, mark_paid, set_plan};
use roster::config::Cycle;
use roster::money::Currency;
use serde_json::Value;

use super::World;
use crate::billing::{change, look_after, preview};
use crate::harness::{Browser, Organization, run};

/// Paid for a year of Business, of which almost nothing was used: €583.10.
const CREDIT: i64 = 58_310;

fn agree(world: &World, acme: &Organization<'_>, plan: &str, (amount, cycle): (i64, Cycle)) {
    let agreed = Agreed { amount, currency: Currency::from_code("EUR").unwrap(), cycle };
    run(set_plan(&world.console.db(), acme.id, plan, Some(agreed))).unwrap();
}

/// A year by invoice that is given up at once for a cheaper plan, so that a credit note is issued.
fn with_credit_note(world: &World, acme: &Organization<'_>) {
    agree(world, acme, "business", (50_000, Cycle::Year));
    let number = world.console.text("SELECT number FROM invoices WHERE stripe_id IS NULL");
    run(mark_paid(&world.console.db(), acme.id, &number, None, "")).unwrap();
    agree(world, acme, "team", (1_000, Cycle::Month));
    assert_eq!(credits(world), (CREDIT, 0));
}

/// What is to their credit here, and what was seen of it at Stripe.
fn credits(world: &World) -> (i64, i64) {
    let number = |query: &str| world.console.number(query);
    (number("SELECT credit AS number FROM billing_accounts"), number("SELECT credit AS number FROM stripe_accounts"))
}

fn customer(world: &World) -> Value {
    world.there(&format!("customers/{}", world.console.text("SELECT stripe_customer FROM organizations")))
}

fn delete_subscription(world: &World) {
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    run(world.stripe().cancel_subscription_now(&subscription, "")).unwrap();
    world.settle();
}

/// Somebody has had a credit note, and no plan since.
fn without_plan(world: &World) -> (Organization<'_>, Browser) {
    let (acme, ann) = world.with_card();
    with_credit_note(world, &acme);
    run(set_plan(&world.console.db(), acme.id, "free", None)).unwrap();
    world.settle();
    (acme, ann)
}

#[test]
fn no_look_at_stripe_writes_over_what_invoices_are_to_take_from() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    delete_subscription(&world);
    with_credit_note(&world, &acme);
    world.travel(TimeDelta::days(2));
    assert_eq!(credits(&world), (CREDIT, 0));
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("You have €583.10 to your credit: the next invoices take from it."), "{}", page.text());
    assert!(!page.says("at Stripe: payments"), "{}", page.text());
    world.travel(TimeDelta::days(31));
    look_after(&world.console);
    let latest = "SELECT concat_ws(' ', credit_used, due) FROM invoices WHERE stripe_id IS NULL ORDER BY issued_at DESC LIMIT 1";
    assert_eq!(world.console.text(latest), "1190 0");
    assert_eq!(credits(&world), (CREDIT - 1_190, 0));
}

#[test]
fn no_invoice_takes_from_what_stripe_holds() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    let customer_path =
        format!("{}/v1/customers/{}", world.double.base, world.console.text("SELECT stripe_customer FROM organizations"));
    ureq::post(&customer_path).header("authorization", "Bearer sk_test_console").send_form([("balance", "-2000")]).unwrap();
    delete_subscription(&world);
    assert_eq!(credits(&world), (0, 2_000));
    agree(&world, &acme, "business", (3_000, Cycle::Month));
    world.travel(TimeDelta::days(2));
    let invoice = "SELECT concat_ws(' ', credit_used, due) FROM invoices WHERE stripe_id IS NULL";
    assert_eq!(world.console.text(invoice), "0 3570");
    assert_eq!((credits(&world), &customer(&world)["balance"]), ((0, 2_000), &Value::from(-2_000)));
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("You have €20.00 to your credit at Stripe: payments by Stripe take from it."), "{}", page.text());
    assert!(!page.says("the next invoices take from it"), "{}", page.text());
}

#[test]
fn who_begins_to_pay_by_stripe_takes_their_credit_along() {
    let world = World::start();
    let (acme, ann) = without_plan(&world);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("You have €583.10 to your credit: the plan that you choose next takes from it."), "{}", page.text());
    let page = preview(&ann, &acme, "team", "month");
    assert!(page.says("From your credit") && page.all(".sums .strong dd") == ["€0.00"], "{}", page.text());
    let done = change(&ann, &acme, "team", "month");
    assert!(done.flash().starts_with("Team is your plan now."), "{}", done.text());
    world.settle();
    let (first, left) = (world.there("invoices")["data"][0].clone(), customer(&world)["balance"].as_i64().unwrap());
    let total = first["total"].as_i64().unwrap();
    assert_eq!((&first["status"], &first["amount_due"], left), (&"paid".into(), &0.into(), total - CREDIT));
    assert_eq!(credits(&world), (0, CREDIT - total));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("to your credit at Stripe: payments by Stripe take from it."), "{}", page.text());
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("moved the credit of €583.10 to Stripe, whose payments take from it"), "{}", log.text());
}

#[test]
fn credit_arrives_once_wherever_the_console_died() {
    let world = World::start();
    let (acme, ann) = without_plan(&world);
    change(&ann, &acme, "team", "month");
    world.settle();
    let (credit, balance) = (credits(&world), customer(&world)["balance"].clone());
    let moved = world.there(&format!("customers/{}/balance_transactions", customer(&world)["id"].as_str().unwrap()));
    let id = moved["data"][0]["metadata"]["roster_credit"].as_str().unwrap().to_owned();
    let broke_off = |id: &str, amount: i64| {
        world.console.execute(&format!(
            "UPDATE stripe_accounts SET moving_credit = '{{\"id\": \"{id}\", \"amount\": {amount}, \"currency\": \"EUR\"}}'"
        ));
        let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
        assert_eq!(checked.status, 200, "{}", checked.text());
        world.settle();
        assert_eq!(world.console.number("SELECT count(*) AS number FROM stripe_accounts WHERE moving_credit IS NOT NULL"), 0);
    };
    // After it was sent, and a day later too, when Stripe has forgotten the key.
    broke_off(&id, CREDIT);
    assert_eq!((credits(&world), &customer(&world)["balance"]), (credit, &balance));
    // Before it was sent.
    broke_off("01890000-0000-7000-8000-000000000001", 700);
    assert_eq!(customer(&world)["balance"], balance.as_i64().unwrap() - 700);
    assert_eq!(credits(&world), (0, credit.1 + 700));
}

#[test]
fn credit_stays_here_when_stripe_does_not_take_it() {
    let world = World::start();
    let (acme, ann) = without_plan(&world);
    let path = format!("{}/v1/customers/{}/balance_transactions", world.double.base, customer(&world)["id"].as_str().unwrap());
    let page = preview(&ann, &acme, "team", "month");
    // Somebody has bound the customer to another currency: no price is another one since.
    for amount in ["1", "-1"] {
        let bound = [("amount", amount), ("currency", "usd")];
        ureq::post(&path).header("authorization", "Bearer sk_test_console").send_form(bound).unwrap();
    }
    let refused = ann.submit(&page, "Change to Team now", &[]);
    assert!(refused.flash().starts_with("Stripe did not accept this"), "{} {}", refused.status, refused.flash());
    world.settle();
    assert_eq!(credits(&world), (CREDIT, 0));
    assert_eq!(world.there("subscriptions")["data"].as_array().unwrap().len(), 0);
}

#[test]
fn what_credit_pays_is_said_before_and_afterwards() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    let path = format!("{}/v1/customers/{}", world.double.base, world.console.text("SELECT stripe_customer FROM organizations"));
    ureq::post(&path).header("authorization", "Bearer sk_test_console").send_form([("balance", "-36388")]).unwrap();
    world.settle();
    let page = preview(&ann, &acme, "team", "month");
    let words = "Your credit pays first (€363.88 at the moment); what it does not cover is charged to Visa ending in 4242";
    assert!(page.says(words), "{}", page.text());
    world.travel(TimeDelta::days(31) + TimeDelta::hours(2));
    let number = world.console.text("SELECT number FROM invoices WHERE due = 0");
    let mails = world.console.mails_to("finance@acme.example");
    let mail = mails.iter().find(|mail| mail.subject.contains(&format!("Invoice {number} for"))).unwrap();
    assert!(mail.text.contains("Nothing is to be paid: it was taken from your credit."), "{}", mail.text);
    assert!(mail.text.contains("From credit: €"), "{}", mail.text);
}
