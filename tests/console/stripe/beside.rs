//! Plans that the operator agrees upon, and what Stripe has of the organization beside them: nothing is paid twice unseen.

use std::sync::Arc;

use chrono::TimeDelta;
use roster::billing::actions::operator;
use roster::config::Plans;

use super::World;
use super::by_hand::{check, id};
use super::ended::delete_subscription;
use super::giving_up::at_the_bank;
use crate::agreed::{agree, refusal};
use crate::billing::{PLANS, change, look_after};
use crate::harness::{Browser, Organization, run};

/// A subscription that is over here since Stripe could not collect it, and that Stripe keeps.
fn kept_unpaid(world: &World) -> (Organization<'_>, Browser, String) {
    world.double.switch("after_retries", "unpaid");
    world.declined("insufficient_funds", TimeDelta::days(50))
}

fn plan(world: &World) -> String {
    world.console.text("SELECT plan FROM organizations")
}

#[test]
fn no_plan_is_agreed_upon_while_a_first_payment_waits_at_the_bank() {
    let world = World::start();
    let (acme, ann, _) = at_the_bank(&world);
    let refused = refusal(agree(&world.console, &acme, "business", Some(3_000)));
    assert!(refused.contains("waits for its first payment"), "{refused}");
    let confirm = ann.click(&ann.open(&acme.path("billing")), "Give it up");
    ann.submit(&confirm, "Give it up", &[]);
    world.settle();
    agree(&world.console, &acme, "business", Some(3_000)).unwrap();
}

#[test]
fn no_plan_is_agreed_upon_while_stripe_keeps_one_that_is_unpaid() {
    let world = World::start();
    let (acme, _, _) = kept_unpaid(&world);
    for amount in [Some(3_000), None] {
        let refused = refusal(agree(&world.console, &acme, "business", amount));
        assert!(refused.contains("can charge the organization: end it there first"), "{refused}");
    }
    delete_subscription(&world);
    world.settle();
    agree(&world.console, &acme, "business", Some(3_000)).unwrap();
    world.travel(TimeDelta::days(2));
    assert_eq!(plan(&world), "business");
}

#[test]
fn a_subscription_beside_a_plan_by_invoice_is_told_until_it_ends() {
    let world = World::start();
    let (acme, _) = world.with_card();
    agree(&world.console, &acme, "business", Some(3_000)).unwrap();
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let price = id(&world.there("prices?lookup_keys[]=roster_team_month_eur")["data"][0]);
    let made = id(&world.by_hand("subscriptions", &[("customer", &customer), ("items[0][price]", &price)]));
    world.settle();
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Something else is charged") && page.says("Business"), "{}", page.text());
    assert!(page.says(&format!("Stripe charges you for the subscription {made}, which opens nothing here.")), "{}", page.text());
    let words = format!("noted that Stripe charges for the subscription {made}");
    let told = || world.console.mails_to("finance@acme.example").iter().filter(|mail| mail.text.contains(&words)).count();
    assert_eq!(told(), 1, "the recipients are told");
    assert!(ann.open(&acme.path("activity")).says(&words));
    world.travel(TimeDelta::days(2));
    assert_eq!((told(), plan(&world).as_str()), (1, "business"), "once");
    assert!(refusal(agree(&world.console, &acme, "business", Some(4_000))).contains("end it there first"));
    run(world.stripe().cancel_subscription_now(&made, "")).unwrap();
    world.settle();
    let page = world.console.signed_in(&acme.owner).open(&acme.path("billing"));
    assert!(!page.says("Something else is charged"), "{}", page.text());
}

#[test]
fn one_that_is_unpaid_has_ended_once() {
    let world = World::start();
    let (acme, ann, _) = kept_unpaid(&world);
    let ended = || world.console.text("SELECT status || ' ' || ended_at FROM subscriptions");
    let first = ended();
    assert!(first.starts_with("cancelled 20"), "{first}");
    check(&ann, &acme);
    assert_eq!(ended(), first);
    world.travel(TimeDelta::days(2));
    assert_eq!(ended(), first);
    delete_subscription(&world);
    world.settle();
    assert_eq!(ended(), first);
}

#[test]
fn a_plan_without_a_price_stays_whatever_becomes_of_the_one_that_is_over() {
    let mut world = World::start();
    {
        let (acme, _) = world.subscribed();
        delete_subscription(&world);
        world.settle();
        assert_eq!(plan(&world), "", "that of Free");
        agree(&world.console, &acme, "business", None).unwrap();
    }
    let before = world.console.text("SELECT plan_name FROM subscriptions");
    world.console.config.plans = Arc::new(Plans::parse(&PLANS.replace("name = \"Team\"", "name = \"Teams\"")).unwrap());
    world.travel(TimeDelta::days(2));
    assert_eq!((before.as_str(), world.console.text("SELECT plan_name FROM subscriptions").as_str()), ("Team", "Teams"));
    assert_eq!(plan(&world), "business");
}

#[test]
fn paying_for_one_that_stripe_keeps_unpaid_is_not_said_to_begin_nothing() {
    let world = World::start();
    let (acme, ann, card) = kept_unpaid(&world);
    let page = ann.open(&acme.path("billing"));
    let words = "Stripe has not ended its subscription: paying them can begin Team again, which is charged from then on.";
    assert!(page.says(words) && !page.says("does not begin the plan again"), "{}", page.text());
    world.double.switch(&format!("decline[{card}]"), "");
    ann.submit(&page, "Pay now", &[]);
    world.settle();
    assert_eq!(plan(&world), "team");
}

#[test]
fn a_payment_that_failed_at_stripe_ends_no_plan_by_invoice() {
    let world = World::start();
    let (acme, _, _) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    delete_subscription(&world);
    world.settle();
    agree(&world.console, &acme, "business", Some(3_000)).unwrap();
    world.travel(TimeDelta::days(15));
    look_after(&world.console);
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    let titles = page.all(".summary h2");
    assert!(titles.len() == 2 && titles[0].ends_with(" failed") && titles[1] == "Invoice R-000001 is overdue", "{titles:?}");
    assert!(page.says("Paying them settles it; Business is paid by invoice and does not end for it."), "{}", page.text());
    assert!(!page.says("Stripe tries again") && !page.says("may end Business"), "{}", page.text());
    assert!(page.says("the plan Business ends then."), "for its own invoice: {}", page.text());
    let stays = ann.open(&acme.path("billing/cancel")).all(".stays li");
    assert!(stays[0].contains("if the invoice R-000001 is paid. If nothing has arrived by"), "{stays:?}");
    run(operator::mark_paid(&world.console.db(), acme.id, "R-000001", None, "")).unwrap();
    assert_eq!(world.console.text("SELECT status FROM subscriptions"), "active");
}

#[test]
fn an_overdue_invoice_of_the_console_is_said_while_a_plan_at_stripe_runs() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    agree(&world.console, &acme, "business", Some(3_000)).unwrap();
    agree(&world.console, &acme, "free", None).unwrap();
    change(&ann, &acme, "team", "year");
    world.travel(TimeDelta::days(15));
    look_after(&world.console);
    let page = world.console.signed_in(&acme.owner).open(&acme.path("billing"));
    assert_eq!(page.all(".summary h2"), ["Invoice R-000001 is overdue"]);
    assert!(page.says("the reference R-000001 with your transfer."), "{}", page.text());
    assert!(
        page.says("Team does not end for it. It is to be paid before the plan or its modules are changed."),
        "{}",
        page.text()
    );
}
