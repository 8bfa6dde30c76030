//! Payment methods: added on Stripe's page, chosen, removed, expiring.

use chrono::TimeDelta;

use super::{GOOD_CARD, World};
use crate::billing::{change, give_address};

#[test]
fn a_card_is_added_on_stripes_own_page() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    let reply = ann.get(&acme.path("billing"));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("form-action 'self' {}", world.double.base)), "{policy}");
    assert!(policy.contains("script-src 'self';"), "no script of others: {policy}");
    let elsewhere = ann.get(&acme.path("members"));
    assert!(elsewhere.header("content-security-policy").unwrap().contains("form-action 'self';"));
    let added = world.add_card(&ann, &acme, GOOD_CARD);
    assert!(added.says("Visa ending in 4242") && added.says("Expires 12/2034") && added.says("Default"), "{}", added.text());
    // A second one is chosen, the first one removed.
    let two = world.add_card(&ann, &acme, "5555555555554444");
    let chosen = ann.submit(&two, "Make default: Mastercard ending in 4444", &[]);
    assert_eq!(chosen.flash(), "Mastercard ending in 4444 is charged from now on.");
    let remove = ann.click(&chosen, "Remove Mastercard ending in 4444");
    assert!(remove.says("Visa ending in 4242 is charged from then on."), "{}", remove.text());
    let removed = ann.submit(&remove, "Remove", &[]);
    assert_eq!(removed.flash(), "Mastercard ending in 4444 is removed.");
    assert!(!removed.says("Mastercard") || removed.flash().contains("Mastercard"));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Default") && !page.says("Mastercard"), "{}", page.text());
}

#[test]
fn who_comes_to_where_stripe_leads_back_by_themselves_is_told_what_to_do() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing/payment-methods/added"));
    assert_eq!(page.heading(), "Billing");
    assert!(page.flash().starts_with("To add a payment method, press Add payment method"), "{}", page.flash());
}

#[test]
fn the_last_card_of_a_paid_plan_stays() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let page = ann.open(&acme.path("billing"));
    let remove = ann.click(&page, "Remove Visa ending in 4242");
    let refused = ann.submit(&remove, "Remove", &[]);
    assert!(refused.flash().starts_with("This is the only payment method of a paid plan."), "{}", refused.flash());
    assert!(refused.says("Visa ending in 4242"));
}

#[test]
fn a_plan_begins_with_address_and_card_and_leads_to_both() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    let first = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    assert!(first.offers("Add billing address"), "{}", first.text());
    give_address(&ann, &acme);
    let then = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    let form = ann.press(&then, "Add payment method", &[]);
    let back = world.fill_in(&ann, form.location(), GOOD_CARD);
    assert_eq!(back.heading(), "Change to Team?");
    let done = ann.submit(&back, "Change to Team now", &[]);
    assert!(done.flash().starts_with("Team is your plan now."), "{}", done.text());
}

#[test]
fn a_card_that_wants_its_owner_to_confirm_is_confirmed() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, "4000002760003184");
    let page = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    let bank = ann.press(&page, "Change to Team now", &[]);
    assert!(bank.status == 303 && bank.location().starts_with(&world.double.base), "{} {}", bank.status, bank.location());
    let waiting = ann.open(&acme.path("billing"));
    assert!(waiting.says("waits for its payment") && waiting.offers("Pay now"), "{}", waiting.text());
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "", "nothing is open before it is paid");
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
    let paid = ann.open(&acme.path("billing"));
    assert!(paid.says("Team") && paid.says("Active") && !paid.says("waits for its payment"), "{}", paid.text());
}

#[test]
fn a_declined_card_changes_nothing_and_says_so() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    world.add_card(&ann, &acme, "4000000000000341");
    let refused = change(&ann, &acme, "team", "month");
    assert!(refused.flash().starts_with("The payment was declined"), "{}", refused.text());
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "");
    assert_eq!(world.there("subscriptions?status=all")["data"].as_array().unwrap().len(), 0);
}

#[test]
fn a_card_that_expires_is_told_once_and_in_time() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let page = ann.open(&acme.path("billing"));
    let form = ann.press(&page, "Add payment method", &[]);
    let end = world.console.clock.now() + chrono::TimeDelta::days(50);
    let expiry = end.format("%m / %y").to_string();
    let card = [("card_number", GOOD_CARD), ("expiry", expiry.as_str()), ("cvc", "123"), ("action", "save")];
    let (_, back) = world.double.submit(form.location(), &card);
    let added = ann.open(back.unwrap().strip_prefix(&world.console.config.origin()).unwrap());
    assert!(added.says("Expires") && !added.says("Expires soon"), "{}", added.text());
    let told = || world.console.mails_to("finance@acme.example").iter().filter(|mail| mail.text.contains("works until")).count();
    assert_eq!(told(), 0);
    for days in [55, 10] {
        // The end of its month is 50 to 81 days away.
        world.travel(chrono::TimeDelta::days(days));
        let ann = world.console.signed_in(&acme.owner);
        let page = ann.open(&acme.path("billing"));
        assert!(page.says("Expires soon") || page.says("Expired"), "{}", page.text());
        assert_eq!(told(), 1, "once");
    }
}

#[test]
fn a_dearer_plan_waits_for_the_payment_that_is_to_be_confirmed() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let two = world.add_card(&ann, &acme, "4000002760003184");
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    let up = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    let bank = ann.press(&up, "Change to Business now", &[]);
    assert!(bank.status == 303 && bank.location().starts_with(&world.double.base), "{} {}", bank.status, bank.location());
    world.settle();
    let waiting = ann.open(&acme.path("billing"));
    assert!(waiting.says("€10.00 a month for 1 member") && waiting.says("Active"), "{}", waiting.text());
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "team", "nothing is open before it is paid");
    world.double.submit(bank.location(), &[("action", "complete")]);
    world.settle();
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "business");
    assert!(ann.open(&acme.path("billing")).says("€30.00 a month for 1 member"));
}

#[test]
fn a_dearer_plan_that_nobody_confirms_takes_nothing_away() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let two = world.add_card(&ann, &acme, "4000002760003184");
    ann.submit(&two, "Make default: Visa ending in 3184", &[]);
    let up = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    assert_eq!(ann.press(&up, "Change to Business now", &[]).status, 303);
    world.travel(chrono::TimeDelta::hours(25));
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "team");
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Active") && page.says("Void"), "{}", page.text());
}

#[test]
fn two_people_who_add_the_first_card_at_once_are_one_customer() {
    let world = World::start();
    let acme = world.console.organization("Acme", "Ann Owner");
    let ann = world.console.signed_in(&acme.owner);
    let bob = world.console.signed_in(&acme.member("Bob Smith", roster::access::policy::Starter::Billing));
    world.double.switch("hang_ms", "100");
    let press = |browser: &crate::harness::Browser| {
        let form = browser.open(&acme.path("billing")).form("Add payment method", &[]);
        browser.send_form(&form).status
    };
    let answers = std::thread::scope(|scope| {
        let pressed: Vec<_> = [&ann, &bob].into_iter().map(|browser| scope.spawn(move || press(browser))).collect();
        pressed.into_iter().map(|pressed| pressed.join().unwrap()).collect::<Vec<u16>>()
    });
    world.double.switch("hang_ms", "0");
    assert_eq!(answers, [303, 303]);
    assert_eq!(world.there("customers")["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_card_that_is_added_while_a_payment_has_failed_pays_it() {
    let world = World::start();
    let (acme, ann, _) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    let added = world.add_card(&ann, &acme, "5555555555554444");
    let words = "Mastercard ending in 4444 is added and is charged from now on. Press Pay now to pay what failed.";
    assert_eq!(added.flash(), words);
    assert!(added.offers("Make default: Visa ending in 4242"), "{}", added.text());
    let paid = ann.submit(&added, "Pay now", &[]);
    assert!(paid.flash().ends_with("is paid.") && !paid.says("could not be collected"), "{}", paid.text());
}

#[test]
fn a_new_plan_that_waits_for_the_bank_is_no_old_debt() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let subscription = world.console.text("SELECT stripe_id FROM subscriptions");
    let method = world.console.text("SELECT stripe_id FROM payment_methods");
    crate::harness::run(world.stripe().cancel_subscription_now(&subscription, "")).unwrap();
    world.settle();
    let page = world.add_card(&ann, &acme, "4000002760003184");
    let button = page.buttons().into_iter().find(|button| button.starts_with("Make default: ")).unwrap();
    ann.submit(&page, &button, &[]);
    assert_ne!(world.console.text("SELECT stripe_id FROM payment_methods WHERE is_default"), method);
    let page = ann.open(&acme.path("billing/plans/team?cycle=year&currency=EUR"));
    let bank = ann.press(&page, "Change to Team now", &[]);
    assert!(bank.status == 303 && bank.location().starts_with(&world.double.base), "{} {}", bank.status, bank.location());
    let waiting = ann.open(&acme.path("billing"));
    assert!(waiting.says("wait for your bank's confirmation. The plan begins when they are paid."), "{}", waiting.text());
    assert!(!waiting.says("does not begin the plan again"), "{}", waiting.text());
    let mails = world.console.mails_to("finance@acme.example");
    let says = |sentence: &str, amount: &str| mails.iter().any(|mail| mail.text.contains(sentence) && mail.text.contains(amount));
    assert!(says("It is paid.", "Paid: €") && says("It is not paid yet.", "To pay: €119.00"));
}
