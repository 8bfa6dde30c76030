//! A payment that waits for the bank: shown as what it is, confirmed, or given up with what waits for it.

use chrono::TimeDelta;

use super::{GOOD_CARD, World};
use crate::billing::{change, give_address, preview};
use crate::harness::{Browser, Organization, Page, Reply};

/// A card whose owner is asked at every payment.
pub const ASKING_CARD: &str = "4000002760003184";

/// Somebody has begun Team by the year, and their bank waits to be answered.
pub(super) fn at_the_bank(world: &World) -> (Organization<'_>, Browser, Reply) {
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, ASKING_CARD);
    let bank = ann.press(&preview(&ann, &acme, "team", "year"), "Change to Team now", &[]);
    assert!(bank.status == 303 && bank.location().starts_with(&world.double.base), "{}", bank.body);
    (acme, ann, bank)
}

/// Makes a good card the one that is charged.
fn with_good_card(world: &World, ann: &Browser, acme: &Organization<'_>) {
    let page = world.add_card(ann, acme, GOOD_CARD);
    ann.submit(&page, "Make default: Visa ending in 4242", &[]);
}

fn invoices(world: &World) -> String {
    world.console.text("SELECT string_agg(status, ' ' ORDER BY issued_at, id) FROM invoices")
}

fn there(world: &World, kind: &str, field: &str) -> Vec<String> {
    let all = world.there(kind);
    all["data"].as_array().unwrap().iter().map(|one| one[field].as_str().unwrap().to_owned()).collect()
}

fn payments(world: &World) -> i64 {
    world.console.number("SELECT count(*) AS number FROM payments")
}

fn confirm_page(ann: &Browser, acme: &Organization<'_>) -> Page {
    ann.click(&ann.open(&acme.path("billing")), "Give it up")
}

#[test]
fn another_plan_is_chosen_once_the_payment_that_waits_is_given_up() {
    let world = World::start();
    let (acme, ann, bank) = at_the_bank(&world);
    let refused = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    assert!(refused.flash().contains("waits for your bank. Confirm it, or give it up"), "{}", refused.flash());
    let plans = ann.open(&acme.path("billing/plans"));
    assert!(plans.says("Confirm it, or give it up"), "{}", plans.text());
    let confirm = ann.click(&plans, "Give it up");
    assert_eq!(confirm.heading(), "Give up the payment of €119.00?");
    assert!(confirm.says("nothing of its €119.00 is charged") && confirm.says("Team"), "{}", confirm.text());
    assert!(confirm.says("The plan that waits for it does not begin."), "{}", confirm.text());
    let given_up = ann.submit(&confirm, "Give it up", &[]);
    assert!(given_up.flash().ends_with("is given up: nothing was charged."), "{}", given_up.text());
    assert_eq!(given_up.heading(), "Change plan");
    with_good_card(&world, &ann, &acme);
    let done = change(&ann, &acme, "business", "month");
    assert!(done.flash().starts_with("Business is your plan now."), "{}", done.text());
    // The bank's page of before charges nothing any more.
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
    assert_eq!((invoices(&world).as_str(), payments(&world)), ("void paid", 1));
    assert_eq!(there(&world, "subscriptions?status=all", "status"), ["active", "incomplete_expired"]);
    assert_eq!(there(&world, "invoices", "status"), ["paid", "void"]);
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "business");
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("Ann Owner gave up the payment of the invoice") && log.says("over €119.00"), "{}", log.text());
    let mails = world.console.mails_to("finance@acme.example");
    let told = mails.iter().filter(|mail| mail.text.contains("noted that the invoice") && mail.text.contains("is void"));
    assert_eq!(told.count(), 1, "the recipients are told");
}

#[test]
fn giving_up_twice_is_once() {
    let world = World::start();
    let (acme, ann, _) = at_the_bank(&world);
    let form = confirm_page(&ann, &acme).form("Give it up", &[]);
    for _ in 0..2 {
        let told = ann.follow(ann.send_form(&form));
        assert!(told.flash().ends_with("is given up: nothing was charged."), "{}", told.text());
    }
    let again = ann.open(&form.action);
    assert!(again.flash().starts_with("Nothing waits for the payment of invoice"), "{}", again.text());
    let log = ann.open(&acme.path("activity"));
    assert_eq!(log.text().matches("gave up the payment").count(), 1, "{}", log.text());
}

#[test]
fn a_bank_that_was_faster_makes_the_plan_and_says_so() {
    let world = World::start();
    let (acme, ann, bank) = at_the_bank(&world);
    let confirm = confirm_page(&ann, &acme);
    world.double.switch("lose", "all");
    world.double.submit(bank.location(), &[("action", "complete")]);
    let told = ann.submit(&confirm, "Give it up", &[]);
    assert!(told.flash().starts_with("Your bank was faster: invoice"), "{}", told.text());
    assert!(told.says("Team") && told.says("Active") && told.says("€100.00 a year"), "{}", told.text());
    assert_eq!((invoices(&world).as_str(), payments(&world)), ("paid", 1));
}

#[test]
fn a_bank_that_is_faster_by_a_moment_makes_the_plan_too() {
    let world = World::start();
    let (acme, ann, bank) = at_the_bank(&world);
    world.settle();
    let form = confirm_page(&ann, &acme).form("Give it up", &[]);
    let subscription = format!("/v1/subscriptions/{}", there(&world, "subscriptions?status=all", "id")[0]);
    let asked = world.double.asked(&subscription);
    world.double.switch("hang_ms", "300");
    let reply = std::thread::scope(|scope| {
        let sent = scope.spawn(|| ann.send_form(&form));
        // What is asked last before it is given up.
        while world.double.asked(&subscription) == asked {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        world.double.submit(bank.location(), &[("action", "complete")]);
        world.double.switch("hang_ms", "0");
        sent.join().unwrap()
    });
    let told = ann.follow(reply);
    assert!(told.flash().starts_with("Your bank was faster: invoice"), "{}", told.text());
    world.settle();
    assert_eq!((invoices(&world).as_str(), payments(&world)), ("paid", 1));
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "team");
    let log = ann.open(&acme.path("activity"));
    assert!(!log.says("gave up the payment"), "{}", log.text());
}

#[test]
fn a_change_that_waits_for_the_bank_is_given_up_and_the_plan_stays() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let two = world.add_card(&ann, &acme, ASKING_CARD);
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    let bank = ann.press(&preview(&ann, &acme, "business", "month"), "Change to Business now", &[]);
    assert!(bank.location().starts_with(&world.double.base), "{}", bank.body);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("wait for your bank's confirmation. Team stays as it is until they are paid."), "{}", page.text());
    let refused = ann.open(&acme.path("billing/plans/flat?cycle=month&currency=EUR"));
    assert!(refused.flash().contains("Confirm it, or give it up"), "{}", refused.flash());
    let confirm = ann.click(&page, "Give it up");
    assert!(confirm.says("The change that waits for it is not made.") && confirm.says("Team as it is"), "{}", confirm.text());
    ann.submit(&confirm, "Give it up", &[]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("€10.00 a month for 1 member") && page.says("Active") && !page.says("bank"), "{}", page.text());
    assert_eq!(world.there("subscriptions")["data"][0]["pending_update"], serde_json::Value::Null);
    assert_eq!(invoices(&world), "paid void");
    ann.submit(&page, "Make default: Visa ending in 4242", &[]);
    let done = change(&ann, &acme, "business", "month");
    assert!(done.flash().starts_with("Business is your plan now."), "{}", done.text());
}

#[test]
fn what_is_owed_for_a_plan_that_runs_is_not_given_up() {
    let world = World::start();
    let (acme, ann, _) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("could not be collected") && !page.says("Give it up"), "{}", page.text());
    let invoice = world.console.text("SELECT id::text FROM invoices WHERE status = 'failed'");
    let path = acme.path(&format!("billing/invoices/{invoice}/give-up"));
    assert!(ann.open(&path).flash().starts_with("Nothing waits for the payment"));
    let sent = ann.send("POST", &path, &[("sec-fetch-site", "same-origin")], Some(b""));
    assert!(ann.follow(sent).flash().starts_with("Nothing waits for the payment"));
    assert_eq!(there(&world, "invoices", "status"), ["open", "paid"]);
}

#[test]
fn an_invoice_that_waits_for_the_bank_is_pending_until_the_bank_says_no() {
    let world = World::start();
    let (acme, ann, bank) = at_the_bank(&world);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Pending") && !page.says("Failed"), "{}", page.text());
    let mails = world.console.mails_to("finance@acme.example");
    assert!(!mails.iter().any(|mail| mail.text.contains("could not collect")), "nothing has failed");
    world.double.submit(bank.location(), &[("action", "fail")]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Failed") && page.says("your bank did not make the payment."), "{}", page.text());
    let bank = ann.press(&page, "Pay now", &[]);
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
    assert!(ann.open(&acme.path("billing")).says("Active"));
}

#[test]
fn a_renewal_that_the_bank_wants_to_be_confirmed_is_told_and_leads_there() {
    let world = World::start();
    let (acme, ann, _) = world.declined("authentication_required", TimeDelta::days(31) + TimeDelta::hours(2));
    let page = ann.open(&acme.path("billing"));
    assert!(
        page.says("Waits for your bank") && page.says("Your bank wants you to confirm the payment of €11.90."),
        "{}",
        page.text()
    );
    assert!(page.says("Stripe tries again on") && page.says("Waits for the bank") && !page.says("Give it up"), "{}", page.text());
    let mails = world.console.mails_to("finance@acme.example");
    let told = |words: &str| mails.iter().any(|mail| mail.text.replace('\n', " ").contains(words));
    assert!(told("waits for the bank's confirmation; it is tried again on"), "the recipients are told");
    assert!(!told("could not collect"), "nothing has failed");
    let bank = ann.press(&page, "Pay now", &[]);
    assert!(bank.location().starts_with(&world.double.base), "{}", bank.body);
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
    let paid = ann.open(&acme.path("billing"));
    assert!(paid.says("Active") && !paid.says("Pending"), "{}", paid.text());
}
