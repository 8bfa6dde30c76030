//! A customer whom somebody deletes at Stripe: what is open is void, what was not invoiced waits for the next one.

use chrono::TimeDelta;

use super::{GOOD_CARD, World, add_member};
use crate::billing::{change, give_address, preview};
use crate::harness::{Browser, Organization, run};

fn delete_customer(world: &World) {
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let gone = ureq::delete(&format!("{}/v1/customers/{customer}", world.double.base));
    gone.header("authorization", "Bearer sk_test_console").call().unwrap();
    world.settle();
}

fn invoices(world: &World) -> String {
    world.console.text("SELECT string_agg(status, ' ' ORDER BY issued_at, id) FROM invoices")
}

fn there(world: &World) -> Vec<String> {
    let all = world.there("invoices");
    all["data"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

/// How many mails tell that an invoice is void.
fn told_void(world: &World) -> usize {
    let mails = world.console.mails_to("finance@acme.example");
    mails.iter().filter(|mail| mail.text.contains("noted that the invoice") && mail.text.contains("is void")).count()
}

/// Somebody has begun Team by the year, and their bank waits to be answered. Returns its page.
fn at_the_bank(world: &World) -> (Organization<'_>, Browser, String) {
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, "4000002760003184");
    let bank = ann.press(&preview(&ann, &acme, "team", "year"), "Change to Team now", &[]);
    world.settle();
    (acme, ann, bank.location().to_owned())
}

/// With a new card everything begins anew.
fn begin_anew(world: &World, acme: &Organization<'_>, ann: &Browser) {
    world.add_card(ann, acme, GOOD_CARD);
    let page = ann.open(&acme.path("billing"));
    assert!(!page.offers("Pay now") && !page.offers("Give it up"), "{}", page.text());
    let done = change(ann, acme, "team", "month");
    assert!(done.flash().starts_with("Team is your plan now."), "{}", done.text());
    world.settle();
}

#[test]
fn a_first_payment_that_waits_goes_with_the_customer() {
    let world = World::start();
    let (acme, ann, _) = at_the_bank(&world);
    delete_customer(&world);
    assert_eq!((invoices(&world).as_str(), there(&world)), ("void", vec!["void".to_owned()]));
    assert_eq!(told_void(&world), 1);
    assert!(ann.open(&acme.path("activity")).says("is void"));
    begin_anew(&world, &acme, &ann);
    assert_eq!(invoices(&world), "void paid");
    assert_eq!(told_void(&world), 1, "once");
}

#[test]
fn what_is_owed_goes_with_the_customer() {
    let world = World::start();
    let (acme, ann, _) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    delete_customer(&world);
    assert_eq!(invoices(&world), "paid void");
    assert_eq!((there(&world), told_void(&world)), (vec!["void".to_owned(), "paid".to_owned()], 1));
    begin_anew(&world, &acme, &ann);
    assert_eq!(invoices(&world), "paid void paid");
}

#[test]
fn a_change_that_waits_goes_with_the_customer() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let two = world.add_card(&ann, &acme, "4000002760003184");
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    ann.press(&preview(&ann, &acme, "business", "month"), "Change to Business now", &[]);
    world.settle();
    delete_customer(&world);
    assert_eq!(invoices(&world), "paid void");
    begin_anew(&world, &acme, &ann);
}

#[test]
fn an_invoice_that_was_paid_before_the_customer_went_is_paid() {
    let world = World::start();
    let (acme, ann, bank) = at_the_bank(&world);
    world.double.switch("lose", "all");
    world.double.submit(&bank, &[("action", "complete")]);
    delete_customer(&world);
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert_eq!((invoices(&world).as_str(), told_void(&world)), ("paid", 0));
    assert_eq!(world.console.number("SELECT count(*) AS number FROM payments"), 1);
}

/// A member who joined after ten days, of whom Stripe knows. Returns what they cost.
fn with_a_new_member(world: &World) -> (Organization<'_>, Browser, i64) {
    let (acme, _) = world.subscribed();
    world.travel(TimeDelta::days(10));
    add_member(world, &acme, "Bob Smith");
    world.settle();
    let ann = world.console.signed_in(&acme.owner);
    let waiting = world.there("invoiceitems?pending=true");
    let amount = waiting["data"][0]["amount"].as_i64().unwrap();
    (acme, ann, amount)
}

#[test]
fn who_joined_is_charged_to_the_next_customer_once() {
    let world = World::start();
    let (acme, ann, amount) = with_a_new_member(&world);
    delete_customer(&world);
    let unsent = "SELECT sum(amount)::bigint AS number FROM pending_charges WHERE stripe_id IS NULL";
    assert_eq!(world.console.number(unsent), amount);
    begin_anew(&world, &acme, &ann);
    world.travel(TimeDelta::days(32));
    let charged = "SELECT string_agg(l.amount || ' ' || i.status, '; ') FROM invoice_lines l
        JOIN invoices i ON i.id = l.invoice_id WHERE l.description LIKE 'Team, joined%'";
    assert_eq!(world.console.text(charged), format!("{amount} paid"));
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}

#[test]
fn who_is_on_an_invoice_of_the_customer_who_went_is_not_charged_again() {
    let world = World::start();
    let (acme, ann, _) = with_a_new_member(&world);
    world.double.switch("lose", "all");
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    run(world.stripe().invoice_pending_items(&customer, Some(&subscription), "by-hand")).unwrap();
    delete_customer(&world);
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}

#[test]
fn nothing_of_a_stripe_that_was_emptied_blocks() {
    let world = World::start();
    let (acme, ann, _) = at_the_bank(&world);
    world.console.execute("UPDATE organizations SET stripe_customer = 'cus_gone'; UPDATE invoices SET stripe_id = 'in_gone'");
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert_eq!((invoices(&world).as_str(), told_void(&world)), ("void", 1));
    begin_anew(&world, &acme, &ann);
}
