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
    let refused = ann.click(&page, "Remove Visa ending in 4242");
    assert!(refused.flash().starts_with("This is the only payment method of a paid plan."), "{}", refused.flash());
    assert!(refused.says("Visa ending in 4242"));
    let method = world.console.text("SELECT id::text FROM payment_methods");
    let sent = ann.follow(ann.post(&acme.path(&format!("billing/payment-methods/{method}/remove")), &[]));
    assert!(sent.flash().starts_with("This is the only payment method of a paid plan."), "{}", sent.flash());
}

#[test]
fn who_removes_the_only_card_of_a_trial_is_told_when_it_ends_for_that() {
    let world = World::start_with(with_trial);
    let (acme, ann) = world.with_card();
    let page = change(&ann, &acme, "business", "month");
    let remove = ann.click(&page, "Remove Visa ending in 4242");
    let stays = remove.all(".stays li");
    assert!(stays[0].starts_with("The trial of Business until"), "{stays:?}");
    assert!(
        stays[0].ends_with("Unless a payment method is added by then, it ends that day, and Free is your plan."),
        "{stays:?}"
    );
    // Another cycle is no other plan, in the log of what Stripe says too.
    let year = change(&ann, &acme, "business", "year");
    assert!(year.flash().ends_with(", and is paid by the year after that."), "{}", year.flash());
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("planned to pay for the plan Business by the year from") && !log.says("from Business to Business"));
    // Cancelled it ends then anyway.
    ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Business", &[]);
    let stays = ann.click(&ann.open(&acme.path("billing")), "Remove Visa ending in 4242").all(".stays li");
    assert!(stays[0].ends_with(", when it ends: it is cancelled."), "{stays:?}");
    ann.submit(&ann.open(&acme.path("billing")), "Keep Business", &[]);
    let removed = ann.submit(&ann.click(&ann.open(&acme.path("billing")), "Remove Visa ending in 4242"), "Remove", &[]);
    assert!(removed.flash().ends_with("is removed.") && removed.says("Trial"), "{}", removed.text());
    world.travel(TimeDelta::days(15));
    let ann = world.console.signed_in(&acme.owner);
    assert!(ann.open(&acme.path("billing")).says("Business ended on"), "as it was said");
}

fn with_trial(config: &mut roster::config::Config) {
    let plans = crate::billing::PLANS.replace("key = \"business\"", "key = \"business\"\ntrial_days = 14");
    config.plans = std::sync::Arc::new(roster::config::Plans::parse(&plans).unwrap());
}

#[test]
fn the_page_before_a_change_names_what_is_charged() {
    let world = World::start_with(with_trial);
    let (acme, ann) = world.with_card();
    let tried = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    assert!(tried.says("It is charged to Visa ending in 4242, unless you choose another by then."), "{}", tried.text());
    let page = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    assert!(page.says("€11.90 is charged to Visa ending in 4242 at once."), "{}", page.text());
    // The one that is charged is the default one.
    world.add_card(&ann, &acme, "5555555555554444");
    ann.submit(&ann.open(&acme.path("billing")), "Make default: Mastercard ending in 4444", &[]);
    let page = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    assert!(page.says("is charged to Mastercard ending in 4444 at once.") && !page.says("Visa"), "{}", page.text());
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
    assert!(waiting.says("waits for your bank") && waiting.offers("Pay now"), "{}", waiting.text());
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
        assert!(!page.says("Put right"), "nothing was wrong: {}", page.text());
    }
    let mails = world.console.mails_to("finance@acme.example");
    assert!(mails.iter().any(|mail| mail.subject.contains("works until") && mail.text.contains("Add the new one in time")));
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
