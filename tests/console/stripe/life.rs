//! A subscription from its first payment to its end.

use chrono::TimeDelta;
use roster::access::policy::Starter;

use super::World;
use crate::billing::change;
use crate::harness::run;

#[test]
fn a_plan_is_paid_by_card() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let preview = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    assert!(preview.says("€10.00") && preview.says("VAT 19 %") && preview.says("€1.90"), "{}", preview.text());
    assert!(preview.says("To pay €11.90"), "{}", preview.text());
    let done = ann.submit(&preview, "Change to Team now", &[]);
    assert!(done.flash().starts_with("Team is your plan now."), "{}", done.text());
    assert!(done.says("Active") && done.says("€10.00 a month for 1 member") && done.says("Renews on"), "{}", done.text());
    assert!(done.says("Paid") && done.says("€11.90") && done.says("Last checked with Stripe"), "{}", done.text());
    // The same there, and the PDF is Stripe's own.
    let theirs = world.there("subscriptions?status=all");
    assert_eq!(theirs["data"].as_array().unwrap().len(), 1);
    assert_eq!((&theirs["data"][0]["status"], &theirs["data"][0]["items"]["data"][0]["quantity"]), (&"active".into(), &1.into()));
    let number = world.console.text("SELECT number FROM invoices");
    let pdf = ann.get(&done.link(&format!("Download PDF of {number}")));
    assert_eq!(pdf.status, 303);
    let mut file = ureq::get(pdf.location()).call().unwrap();
    assert!(file.body_mut().read_to_vec().unwrap().starts_with(b"%PDF"));
    // Who gets the invoices is told, and so is the log.
    let subjects: Vec<String> = world.console.mails_to("tax@advisers.example").into_iter().map(|mail| mail.subject).collect();
    assert!(subjects.iter().any(|subject| subject.contains(&number)), "{subjects:?}");
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("changed the plan from Free to Team, paid by the month"), "{}", log.text());
    assert!(log.says("added the payment method Visa ending in 4242"), "{}", log.text());
    let payments = ann.open(&acme.path("billing/invoices"));
    assert!(payments.says("Payment history") && payments.says("€11.90"), "{}", payments.text());
}

#[test]
fn a_plan_goes_up_at_once_and_down_with_its_period_as_the_page_said() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    world.travel(TimeDelta::days(10));
    let ann = world.console.signed_in(&acme.owner);
    let up = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    let due = up.all(".sums .strong dd");
    let done = ann.submit(&up, "Change to Business now", &[]);
    assert!(done.says("Business") && done.flash().contains("Business"), "{}", done.text());
    let paid = world.console.text("SELECT to_char(due / 100.0, 'FM999990.00') FROM invoices ORDER BY issued_at DESC LIMIT 1");
    assert_eq!(due.last().unwrap(), &format!("€{paid}"), "what the page said is what was charged");
    let down = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    assert!(down.says("Nothing is to be paid today."), "{}", down.text());
    let button = down.buttons().into_iter().find(|button| button.starts_with("Change to Team on")).unwrap();
    let planned = ann.submit(&down, &button, &[]);
    assert!(planned.says("Becomes Team on"), "{}", planned.text());
    // Kept after all, planned again, and cancelled instead.
    let kept = ann.submit(&planned, "Keep Business", &[]);
    assert!(kept.says("Renews on"), "{}", kept.text());
    let again = change(&ann, &acme, "team", "month");
    assert!(again.says("Becomes Team on"), "{}", again.text());
    world.travel(TimeDelta::days(31));
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("€10.00 a month for 1 member") && page.says("Renews on"), "{}", page.text());
    let cancel = ann.open(&acme.path("billing/cancel"));
    assert!(cancel.offers("Keep Team"), "{:?}", cancel.buttons());
    let cancelled = ann.submit(&cancel, "Cancel Team", &[]);
    assert!(cancelled.says("Cancelled: it ends on"), "{}", cancelled.text());
    world.travel(TimeDelta::days(32));
    let ann = world.console.signed_in(&acme.owner);
    let ended = ann.open(&acme.path("billing"));
    assert!(ended.says("Team ended on"), "{}", ended.text());
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "");
}

#[test]
fn members_who_join_are_on_the_next_invoice_and_those_who_left_are_not() {
    let world = World::start();
    let (acme, _) = world.subscribed();
    world.travel(TimeDelta::days(10));
    let bob = acme.member("Bob Smith", Starter::Member);
    run(roster::access::write_as(&world.console.db(), acme.id, roster::access::Actor::console(), |tx| {
        roster::billing::actions::seats::follow(tx)
    }))
    .unwrap();
    world.settle();
    let items = |quantity: i64| {
        let theirs = world.there("subscriptions?status=all");
        assert_eq!(theirs["data"][0]["items"]["data"][0]["quantity"], quantity);
    };
    items(2);
    let waiting = world.there("invoiceitems?pending=true");
    assert_eq!(waiting["data"].as_array().unwrap().len(), 1, "{waiting}");
    let joined = waiting["data"][0]["amount"].as_i64().unwrap();
    assert!((600..700).contains(&joined), "20 of 30 days of 10 euro: {joined}");
    let ann = world.console.signed_in(&acme.owner);
    let removed = ann.open(&acme.path(&format!("members/{}/remove", acme.member_id(&bob.email))));
    ann.submit(&removed, "Remove", &[]);
    world.settle();
    items(2);
    world.travel(TimeDelta::days(19));
    items(1);
    world.travel(TimeDelta::days(3));
    let renewal = world.console.number("SELECT net AS number FROM invoices ORDER BY issued_at DESC LIMIT 1");
    assert_eq!(renewal, 1_000 + joined, "one member from now on, and the other one's time");
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}
