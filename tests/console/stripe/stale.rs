//! Buttons of a page that is not as things are any more: in another tab, or of somebody else.

use chrono::TimeDelta;

use super::World;
use crate::billing::{give_address, preview};
use crate::harness::{Browser, Organization};
use crate::modules::with_modules;

/// A card whose owner is asked at every payment.
const ASKING_CARD: &str = "4000002760003184";
const MOVED: &str = "The price has changed since this page was shown, or what it is charged to.";

fn give_up(ann: &Browser, acme: &Organization<'_>) {
    let given_up = ann.submit(&ann.click(&ann.open(&acme.path("billing")), "Give it up"), "Give it up", &[]);
    assert!(given_up.flash().ends_with("is given up: nothing was charged."), "{}", given_up.flash());
}

#[test]
fn a_payment_that_was_given_up_is_neither_paid_nor_asked_for_again() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, ASKING_CARD);
    let change = preview(&ann, &acme, "team", "year").form("Change to Team now", &[]);
    ann.send_form(&change);
    let pay = ann.open(&acme.path("billing")).form("Pay now", &[]);
    give_up(&ann, &acme);
    let told = ann.follow(ann.send_form(&pay));
    assert!(told.flash().ends_with("is void: nothing of it is to be paid."), "{}", told.flash());
    let again = ann.follow(ann.send_form(&change));
    assert!(again.says(MOVED), "{}", again.text());
    // At the price that the page shows now it is another payment.
    let bank = ann.press(&again, "Change to Team now", &[]);
    assert!(bank.location().starts_with(&world.double.base), "{}", bank.body);
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "team");
}

#[test]
fn a_change_and_a_module_that_were_given_up_are_shown_anew() {
    let world = World::start_with(with_modules);
    let (acme, ann) = world.subscribed();
    let two = world.add_card(&ann, &acme, ASKING_CARD);
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    let change = preview(&ann, &acme, "business", "month").form("Change to Business now", &[]);
    let module = ann.click(&ann.open(&acme.path("billing")), "Add Reports").form("Add Reports", &[]);
    for form in [change, module] {
        let bank = ann.send_form(&form);
        assert!(bank.location().starts_with(&world.double.base), "{}", bank.body);
        world.settle();
        give_up(&ann, &acme);
        let again = ann.follow(ann.send_form(&form));
        assert!(again.says(MOVED), "{}", again.text());
    }
}

#[test]
fn an_invoice_that_was_closed_at_stripe_is_told_as_what_it_is() {
    for (deed, told) in [("pay", "is paid."), ("void", "is void: nothing of it is to be paid.")] {
        let world = World::start();
        let (acme, ann, _) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
        let page = ann.open(&acme.path("billing"));
        let invoice = world.console.text("SELECT stripe_id FROM invoices WHERE status = 'failed'");
        world.double.switch("lose", "all");
        let closed = ureq::post(&format!("{}/v1/invoices/{invoice}/{deed}", world.double.base));
        let by_hand: &[(&str, &str)] = if deed == "pay" { &[("paid_out_of_band", "true")] } else { &[] };
        closed.header("authorization", "Bearer sk_test_console").send_form(by_hand.iter().copied()).unwrap();
        for _ in 0..2 {
            let paid = ann.follow(ann.send_form(&page.form("Pay now", &[])));
            assert!(paid.flash().ends_with(told), "{deed}: {}", paid.flash());
        }
    }
}

#[test]
fn what_the_bank_made_unheard_is_told_as_paid() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, ASKING_CARD);
    let bank = ann.press(&preview(&ann, &acme, "team", "year"), "Change to Team now", &[]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    world.double.switch("lose", "all");
    world.double.submit(bank.location(), &[("action", "complete")]);
    let paid = ann.submit(&page, "Pay now", &[]);
    assert!(paid.flash().starts_with("The invoice") && paid.flash().ends_with("is paid."), "{}", paid.flash());
    assert!(paid.says("Active"), "{}", paid.text());
}
