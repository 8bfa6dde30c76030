//! A bank that does not make a payment, and one that only waits to be answered: what the page says of either, and the way out.

use chrono::TimeDelta;

use super::World;
use super::giving_up::ASKING_CARD;
use crate::billing::preview;
use crate::harness::{Browser, Organization, Page};
use crate::modules::with_modules;

/// Somebody on Team whose default card asks at every payment, and who has another one.
fn with_asking_card(world: &World) -> (Organization<'_>, Browser) {
    let (acme, ann) = world.subscribed();
    let two = world.add_card(&ann, &acme, ASKING_CARD);
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    (acme, ann)
}

/// Presses the button for a change, and answers the bank that it leads to. Returns the Billing page after it.
fn answered(world: &World, (acme, ann): (&Organization<'_>, &Browser), page: &Page, button: &str, answer: &str) -> Page {
    let bank = ann.press(page, button, &[]);
    assert!(bank.location().starts_with(&world.double.base), "{}", bank.body);
    world.settle();
    if !answer.is_empty() {
        world.double.submit(bank.location(), &[("action", answer)]);
        world.settle();
    }
    ann.open(&acme.path("billing"))
}

/// The payment method that an invoice was to be paid by last, as the double was asked.
fn paid_by(world: &World) -> String {
    let state = world.double.state();
    let is_payment = |request: &&serde_json::Value| request["path"].as_str().is_some_and(|path| path.ends_with("/pay"));
    let last = state["requests"].as_array().unwrap().iter().rfind(is_payment).unwrap();
    last["params"]["payment_method"].as_str().unwrap_or("the one that it was begun with").to_owned()
}

fn method(world: &World, digits: &str) -> String {
    world.console.text(&format!("SELECT stripe_id FROM payment_methods WHERE last_digits = '{digits}'"))
}

#[test]
fn a_change_that_the_bank_did_not_pay_has_failed_and_is_paid_by_another_card() {
    let world = World::start();
    let (acme, ann) = with_asking_card(&world);
    let change = preview(&ann, &acme, "business", "month");
    let page = answered(&world, (&acme, &ann), &change, "Change to Business now", "fail");
    assert_eq!(page.all("#alert").len(), 1);
    assert!(page.all("#alert")[0].ends_with("failed") && page.says("Failed"), "{}", page.text());
    assert!(page.says("your bank did not make the payment. Team stays as it is until they are paid."), "{}", page.text());
    assert!(!page.says("wait for your bank's confirmation"), "{}", page.text());
    assert!(page.says("Pay now charges Visa ending in 3184. To pay otherwise, add another payment method"), "{}", page.text());
    let refused = ann.open(&acme.path("billing/plans/flat?cycle=month&currency=EUR"));
    assert!(refused.flash().ends_with("failed. Pay it, or give it up; then choose something else."), "{}", refused.flash());
    let page = ann.submit(&page, "Make default: Visa ending in 4242", &[]);
    assert!(page.says("Pay now charges Visa ending in 4242."), "{}", page.text());
    let paid = ann.submit(&page, "Pay now", &[]);
    assert!(paid.flash().ends_with("is paid."), "{}", paid.text());
    assert_eq!(paid_by(&world), method(&world, "4242"));
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("€30.00 a month for 1 member") && page.says("Active") && !page.says("failed"), "{}", page.text());
}

#[test]
fn a_change_that_waits_is_paid_by_the_card_that_is_the_default_by_now() {
    let world = World::start();
    let (acme, ann) = with_asking_card(&world);
    let change = preview(&ann, &acme, "business", "month");
    let page = answered(&world, (&acme, &ann), &change, "Change to Business now", "");
    assert!(page.all("#alert")[0].ends_with("waits for your bank") && !page.says("failed"), "{}", page.text());
    assert!(page.says("Pay now charges Visa ending in 3184, and leads to its bank's page"), "{}", page.text());
    let page = ann.submit(&page, "Make default: Visa ending in 4242", &[]);
    let paid = ann.submit(&page, "Pay now", &[]);
    assert!(paid.flash().ends_with("is paid."), "{}", paid.text());
    assert_eq!(paid_by(&world), method(&world, "4242"));
}

#[test]
fn a_module_that_the_bank_did_not_pay_has_failed_and_is_given_up() {
    let world = World::start_with(with_modules);
    let (acme, ann) = with_asking_card(&world);
    let module = ann.click(&ann.open(&acme.path("billing")), "Add Reports");
    let page = answered(&world, (&acme, &ann), &module, "Add Reports", "fail");
    assert!(page.all("#alert")[0].ends_with("failed") && !page.says("confirmation"), "{}", page.text());
    ann.submit(&ann.click(&page, "Give it up"), "Give it up", &[]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.all("#alert").is_empty() && page.offers("Add Reports"), "{}", page.text());
}

#[test]
fn a_renewal_that_only_waits_for_the_bank_is_not_called_failed_until_it_has() {
    let world = World::start();
    let (acme, ann, _) = world.declined("authentication_required", TimeDelta::days(31) + TimeDelta::hours(2));
    let page = ann.open(&acme.path("billing"));
    assert!(page.all("#alert")[0].ends_with("waits for your bank"), "{}", page.text());
    assert!(page.says("Plan Waits for your bank") && !page.says("Past due") && !page.says("failed"), "{}", page.text());
    let bank = ann.press(&page, "Pay now", &[]);
    world.double.submit(bank.location(), &[("action", "fail")]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.all("#alert")[0].ends_with("failed") && page.says("Past due"), "{}", page.text());
    assert!(page.says("could not be collected") && !page.says("wants you to confirm"), "{}", page.text());
}

/// Marks the invoices that are open at Stripe as uncollectible, as somebody there would.
fn write_off(world: &World) {
    let open = world.there("invoices?status=open");
    for invoice in open["data"].as_array().unwrap() {
        world.by_hand(&format!("invoices/{}/mark_uncollectible", invoice["id"].as_str().unwrap()), &[]);
    }
    world.settle();
}

/// How often the recipients and the log were told that an invoice could not be collected.
fn told(world: &World, acme: &Organization<'_>, ann: &Browser) -> (usize, usize) {
    let words = "could not collect the invoice";
    let mails = world.console.mails_to("finance@acme.example");
    let log = ann.open(&acme.path("activity")).text();
    (mails.iter().filter(|mail| mail.text.contains(words)).count(), log.matches(words).count())
}

#[test]
fn a_first_invoice_that_is_written_off_at_stripe_is_told_and_given_up_for_the_plan_anew() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let two = world.add_card(&ann, &acme, ASKING_CARD);
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    let change = preview(&ann, &acme, "team", "month");
    let page = answered(&world, (&acme, &ann), &change, "Change to Team now", "fail");
    assert!(page.says("The plan begins when they are paid."), "{}", page.text());
    assert_eq!(told(&world, &acme, &ann), (0, 0), "who pressed the button knows");
    write_off(&world);
    assert_eq!(told(&world, &acme, &ann), (1, 1));
    let page = super::by_hand::check(&ann, &acme);
    assert_eq!(told(&world, &acme, &ann), (1, 1), "once");
    assert!(page.says("are not paid, and Stripe does not try to collect them any more."), "{}", page.text());
    assert!(page.all("#alert")[0].ends_with("failed") && page.offers("Pay now"), "{}", page.text());
    let plans = ann.submit(&ann.click(&page, "Give it up"), "Give it up", &[]);
    assert!(plans.flash().ends_with("is given up: nothing was charged."), "{}", plans.text());
    ann.submit(&ann.open(&acme.path("billing")), "Make default: Visa ending in 4242", &[]);
    let done = crate::billing::change(&ann, &acme, "team", "month");
    assert!(done.flash().starts_with("Team is your plan now."), "{}", done.text());
}

#[test]
fn a_first_invoice_that_is_written_off_at_stripe_is_paid_all_the_same() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let two = world.add_card(&ann, &acme, ASKING_CARD);
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    let change = preview(&ann, &acme, "team", "month");
    answered(&world, (&acme, &ann), &change, "Change to Team now", "");
    write_off(&world);
    let page = ann.submit(&ann.open(&acme.path("billing")), "Make default: Visa ending in 4242", &[]);
    let paid = ann.submit(&page, "Pay now", &[]);
    assert!(paid.flash().ends_with("is paid.") && paid.says("€10.00 a month for 1 member"), "{}", paid.text());
}

#[test]
fn a_renewal_that_is_written_off_at_stripe_is_told_and_is_owed_while_the_plan_goes_on() {
    let world = World::start();
    let (acme, ann, method) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    let before = told(&world, &acme, &ann);
    write_off(&world);
    assert_eq!(told(&world, &acme, &ann), (before.0 + 1, before.1 + 1));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("could not be collected.") && page.says("Active"), "{}", page.text());
    assert!(page.says("Stripe does not try again by itself, and Team goes on."), "{}", page.text());
    assert!(!page.says("What closes then") && !page.says("may end Team"), "{}", page.text());
    world.double.switch(&format!("decline[{method}]"), "");
    let paid = ann.submit(&page, "Pay now", &[]);
    assert!(paid.flash().ends_with("is paid.") && paid.all("#alert").is_empty(), "{}", paid.text());
}
