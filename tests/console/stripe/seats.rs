//! Seats at Stripe: what is paid for stays paid for, and who joins while something is under way is charged once.

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::billing::actions::seats;

use super::{World, add_member};
use crate::billing::{change, give_address, look_after, preview};
use crate::harness::run;

#[test]
fn who_joins_while_the_first_payment_waits_for_the_bank_is_charged() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, "4000002760003184");
    let bank = ann.press(&preview(&ann, &acme, "team", "year"), "Change to Team now", &[]);
    assert!(bank.status == 303 && bank.location().starts_with(&world.double.base), "{}", bank.body);
    add_member(&world, &acme, "Bob Smith");
    add_member(&world, &acme, "Cid Smith");
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
    assert_eq!(world.console.text("SELECT plan || ' ' || (SELECT seats FROM subscriptions) FROM organizations"), "team 3");
    let charged = world.console.number("SELECT sum(quantity) AS number FROM pending_charges WHERE stripe_id IS NOT NULL");
    assert_eq!(charged, 2, "both stand on the next invoice");
    assert_eq!(world.there("subscriptions")["data"][0]["items"]["data"][0]["quantity"], 3);
    world.settle();
    assert_eq!(world.console.number("SELECT sum(quantity) AS number FROM pending_charges"), 2, "once");
}

#[test]
fn who_joins_while_the_plan_changes_is_charged_by_the_new_plan() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    let page = preview(&ann, &acme, "team", "year");
    let changed = format!("/v1/subscriptions/{}", world.console.text("SELECT stripe_id FROM subscriptions"));
    let asked = world.double.asked(&changed);
    world.double.switch("hang_ms", "200");
    std::thread::scope(|scope| {
        let pressed = scope.spawn(|| ann.press(&page, "Change to yearly payment now", &[]).status);
        while world.double.asked(&changed) == asked && !pressed.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        add_member(&world, &acme, "Bob Smith");
        assert_eq!(pressed.join().unwrap(), 303);
    });
    world.double.switch("hang_ms", "0");
    world.settle();
    let seats = world.console.text("SELECT cycle || ' ' || seats FROM subscriptions");
    let charges = world.console.text("SELECT string_agg(quantity || ' ' || (amount > 9000), ', ') FROM pending_charges");
    assert_eq!((seats.as_str(), charges.as_str()), ("year 2", "1 true"), "by the price of a year");
}

#[test]
fn a_seat_that_the_invoice_of_a_change_tells_is_not_told_again() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let told = || {
        look_after(&world.console);
        let mails = world.console.mails_to("finance@acme.example");
        mails.iter().filter(|mail| mail.text.contains("to the plan: €")).count()
    };
    add_member(&world, &acme, "Bob Smith");
    world.settle();
    change(&ann, &acme, "business", "month");
    world.travel(TimeDelta::minutes(61));
    assert_eq!(told(), 0, "it is on no next invoice any more");
    add_member(&world, &acme, "Cid Smith");
    world.travel(TimeDelta::minutes(61));
    assert_eq!(told(), 1, "who joins afterwards is told as ever");
}

#[test]
fn a_seat_that_somebody_left_is_given_back_with_the_plan() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let bob = acme.member("Bob Smith", Starter::Member);
    change(&ann, &acme, "team", "month");
    world.settle();
    let removed = ann.open(&acme.path(&format!("members/{}/remove", acme.member_id(&bob.email))));
    ann.submit(&removed, "Remove", &[]);
    world.settle();
    let shown = preview(&ann, &acme, "flat", "month");
    assert!(shown.says("€20.00") && !shown.says("−€10.00"), "two seats are given back: {}", shown.text());
    let follow = run(roster::access::write_as(&world.console.db(), acme.id, roster::access::Actor::console(), seats::follow));
    follow.unwrap();
    assert_eq!(world.console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}

#[test]
fn an_invoice_of_many_lines_is_written_down_whole() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    for number in 1..=14 {
        add_member(&world, &acme, &format!("Bob{number} Smith"));
        world.settle();
    }
    let page = preview(&ann, &acme, "team", "year");
    let joined: Vec<String> = page.all("tbody tr").into_iter().filter(|row| row.contains("joined within")).collect();
    assert!(joined.len() == 1 && joined[0].contains(" 14 €10.00 "), "{joined:?}");
    let before = world.double.asked("/v1/invoices");
    let done = ann.submit(&page, "Change to yearly payment now", &[]);
    assert!(done.flash().starts_with("Team is paid by the year now."), "{}", done.text());
    world.settle();
    let lines = "SELECT count(*) || ' ' || (sum(l.amount) = i.net) FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id
        GROUP BY i.id, i.net ORDER BY i.net DESC LIMIT 1";
    assert_eq!(world.console.text(lines), "16 true");
    let whole = format!("/v1/invoices/{}/lines", world.console.text("SELECT stripe_id FROM invoices ORDER BY net DESC LIMIT 1"));
    let (asked, looks) = (world.double.asked(&whole), world.double.asked("/v1/invoices"));
    assert!(asked > 0 && looks > before);
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert_eq!((world.double.asked(&whole), world.double.asked("/v1/invoices") > looks), (asked, true), "it is known");
}
