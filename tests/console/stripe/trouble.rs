//! What goes wrong: payments that fail, and a Stripe that is away.

use chrono::TimeDelta;

use super::World;
use crate::billing::change;

#[test]
fn a_renewal_that_fails_is_told_with_its_dates_and_paid_again() {
    let world = World::start();
    let (acme, ann, method) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Past due") && page.says("could not be collected"), "{}", page.text());
    assert!(
        page.says("Stripe tries again on") && page.says("; if its last try fails, Team ends and Free is your plan."),
        "{}",
        page.text()
    );
    assert!(page.says("What closes then: 5 member slots instead of 20."), "{}", page.text());
    assert!(page.says("Failed") && page.says("Tried again on"), "{}", page.text());
    // Who cancels now still owes it.
    let stays = ann.open(&acme.path("billing/cancel")).all(".stays li");
    assert!(stays[0].contains("is paid. Stripe tries again on") && stays[0].ends_with("the plan ends before."), "{stays:?}");
    assert!(stays[2].contains("are still to be paid, whether you cancel or not"), "{stays:?}");
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "team", "it stays open meanwhile");
    let again = ann.submit(&page, "Pay now", &[]);
    assert!(again.flash().starts_with("The payment was declined: there is not enough money"), "{}", again.text());
    world.double.switch(&format!("decline[{method}]"), "");
    let paid = ann.submit(&again, "Pay now", &[]);
    assert!(paid.flash().ends_with("is paid."), "{}", paid.text());
    assert!(paid.says("Active") && !paid.says("could not be collected"), "{}", paid.text());
    let mails = world.console.mails_to("finance@acme.example");
    assert!(mails.iter().any(|mail| mail.text.contains("could not collect the invoice")), "the recipients are told");
}

#[test]
fn an_organization_that_never_pays_loses_the_plan_when_stripe_gives_up() {
    let world = World::start();
    let (acme, ann, _) = world.declined("insufficient_funds", TimeDelta::days(45));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Team ended on") && page.says(", since invoice ") && page.says(" was not paid."), "{}", page.text());
    assert_eq!(world.console.text("SELECT plan FROM organizations"), "");
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("ended the plan Team, since an invoice was not paid"), "{}", log.text());
}

#[test]
fn while_stripe_is_away_the_page_says_how_old_its_news_are_and_nothing_else_is_touched() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.double.switch("unavailable", "true");
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Team") && page.says("Active"), "{}", page.text());
    let checked = ann.submit(&page, "Check now", &[]);
    assert!(checked.flash().starts_with("Stripe cannot be reached"), "{}", checked.text());
    assert!(checked.says("Stripe cannot be reached. That began") && checked.says("is what it said last"), "{}", checked.text());
    assert!(checked.says("Team") && checked.says("Visa ending in 4242"), "{}", checked.text());
    let refused = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    assert!(refused.flash().starts_with("Stripe cannot be reached"), "{}", refused.text());
    let pdf = ann.get(&page.link(&format!("Download PDF of {}", world.console.text("SELECT number FROM invoices"))));
    assert_eq!((pdf.status, pdf.location()), (303, acme.path("billing").as_str()));
    let told = ann.follow(pdf);
    assert!(told.flash().starts_with("The PDF of this invoice is at Stripe, which does not answer"), "{}", told.flash());
    assert_eq!(ann.get(&acme.path("members")).status, 200);
    assert_eq!(ann.get(&acme.path("invites")).status, 200);
    world.double.switch("unavailable", "false");
    let back = ann.open(&acme.path("billing"));
    let checked = ann.submit(&back, "Check now", &[]);
    assert_eq!(checked.flash(), "Everything here is as it is at Stripe.");
    assert!(!checked.says("cannot be reached"), "{}", checked.text());
}

#[test]
fn an_answer_that_is_lost_charges_nobody_twice() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    for (failure, plan) in [("drop", "team"), ("500", "business")] {
        world.double.switch("failure", failure);
        world.double.switch("fail_after_execution", "2");
        let done = change(&ann, &acme, plan, "month");
        assert_eq!(done.status, 200, "{}", done.text());
        world.double.switch("fail_after_execution", "0");
        world.settle();
        assert_eq!(world.console.text("SELECT plan FROM organizations"), plan);
    }
    assert_eq!(world.there("subscriptions?status=all")["data"].as_array().unwrap().len(), 1);
    assert_eq!(world.there("invoices")["data"].as_array().unwrap().len(), 2, "one for each change");
}

#[test]
fn two_people_who_change_the_plan_at_once_make_one_change_each_sees() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let bob = acme.member("Bob Smith", roster::access::policy::Starter::Billing);
    let bob = world.console.signed_in(&bob);
    world.double.switch("hang_ms", "100");
    let page = |browser: &crate::harness::Browser| browser.open(&acme.path("billing/plans/flat?cycle=month&currency=EUR"));
    let (first, second) = (page(&ann), page(&bob));
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(|| ann.press(&first, "Change to Flat now", &[]).status);
        let two = scope.spawn(|| bob.press(&second, "Change to Flat now", &[]).status);
        (one.join().unwrap(), two.join().unwrap())
    });
    world.double.switch("hang_ms", "0");
    world.settle();
    let mut answers = [one, two];
    answers.sort_unstable();
    assert_eq!(answers[0], 303, "one of them has changed it: {answers:?}");
    assert_eq!(world.there("subscriptions?status=all")["data"].as_array().unwrap().len(), 1);
    assert_eq!(world.there("invoices")["data"].as_array().unwrap().len(), 1, "and it is paid once");
}

#[test]
fn a_submitted_form_that_is_sent_again_changes_nothing_again() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let page = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    let form = page.form("Change to Team now", &[]);
    assert_eq!(ann.send_form(&form).status, 303);
    let again = ann.follow(ann.send_form(&form));
    assert!(again.flash().contains("Team is your plan already"), "{}", again.text());
    assert_eq!(world.there("invoices")["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_change_whose_answer_never_came_is_not_called_undone() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    world.settle();
    let page = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    world.double.switch("failure", "drop");
    world.double.switch("fail_after_execution", "1");
    world.double.switch("unavailable", "false");
    // The first answer is lost, and then Stripe is gone.
    let asked = world.double.asked("/v1/subscriptions");
    let form = page.form("Change to Team now", &[]);
    let reply = std::thread::scope(|scope| {
        let sent = scope.spawn(|| ann.send_form(&form));
        let begun = std::time::Instant::now();
        while world.double.asked("/v1/subscriptions") < asked + 2 && begun.elapsed().as_secs() < 5 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        world.double.switch("unavailable", "true");
        sent.join().unwrap()
    });
    world.double.switch("fail_after_execution", "0");
    let told = ann.follow(reply);
    let is_done = told.flash().starts_with("Team is your plan now.");
    assert!(is_done || told.flash().contains("may have been done or not"), "{}", told.flash());
    world.double.switch("unavailable", "false");
    world.console.travel(TimeDelta::minutes(5));
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("Team") && page.says("Active"), "{}", page.text());
    assert_eq!(world.there("invoices")["data"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_owed_for_a_plan_that_is_over_does_not_promise_it_again() {
    let world = World::start();
    let (acme, ann, _) = world.declined("insufficient_funds", TimeDelta::days(45));
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("for Team are not paid") && page.says("does not begin the plan again"), "{}", page.text());
}

#[test]
fn a_customer_who_was_deleted_at_stripe_is_made_anew_with_everything() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    ann.submit(&ann.open(&acme.path("billing/details")), "Save", &[("Country", "Austria"), ("City", "Wien")]);
    ann.submit(&ann.open(&acme.path("billing/tax-ids/new")), "Add tax ID", &[("Number", "ATU33864707")]);
    world.settle();
    let first = world.console.text("SELECT stripe_customer FROM organizations");
    world.double.switch("lose", "all");
    let gone =
        ureq::delete(&format!("{}/v1/customers/{first}", world.double.base)).header("authorization", "Bearer sk_test_console");
    gone.call().unwrap();
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("ATU33864707") && !page.says("Visa ending in 4242 Expires"), "{}", page.text());
    world.double.switch("lose", "");
    world.add_card(&ann, &acme, super::GOOD_CARD);
    world.settle();
    let second = world.console.text("SELECT stripe_customer FROM organizations");
    assert_ne!(first, second);
    let theirs = world.there(&format!("customers/{second}/tax_ids"));
    assert_eq!(theirs["data"][0]["value"], "ATU33864707");
    let preview = ann.open(&acme.path("billing/plans/team?cycle=month&currency=EUR"));
    assert!(preview.says("Reverse charge") && preview.says("To pay €10.00"), "{}", preview.text());
}

#[test]
fn a_subscription_of_another_program_is_in_nobody_s_way() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let price = crate::harness::run(world.double.price("of_another_program", 500, "month"));
    let new = roster::stripe::NewSubscription {
        customer,
        items: vec![roster::stripe::NextItem { price: price.id, quantity: 1 }],
        payment_behavior: "error_if_incomplete",
        ..Default::default()
    };
    crate::harness::run(world.stripe().create_subscription(&new, "another-program")).unwrap();
    world.settle();
    let done = change(&ann, &acme, "team", "month");
    assert!(done.flash().starts_with("Team is your plan now."), "{}", done.text());
}

#[test]
fn what_was_used_in_the_last_month_of_a_plan_is_invoiced_after_its_end() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let (_, key) = acme.key("Meter", &acme.owner, &["keys.verify"]);
    let report = serde_json::json!({ "item": "credits", "quantity": 3_500, "idempotency_key": "one" });
    let reported = crate::harness::Client::new(&world.console, &key).post("/api/v1/usage", &report);
    assert_eq!(reported.status, 200, "{}", reported.body);
    ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Team", &[]);
    world.travel(TimeDelta::days(32));
    crate::billing::look_after(&world.console);
    world.settle();
    let amounts = world.console.text("SELECT string_agg(amount::text, ' ') FROM invoice_lines WHERE description LIKE 'Credits%'");
    assert_eq!(amounts, "1250");
    world.travel(TimeDelta::hours(2));
    assert_eq!(
        world.console.text("SELECT concat_ws(' ', net, vat, status) FROM invoices ORDER BY issued_at DESC LIMIT 1"),
        "1250 238 paid"
    );
}

#[test]
fn drift_that_changes_no_plan_is_told_too() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    world.double.switch("lose", "all");
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let post = |path: &str, form: &[(&str, &str)]| {
        let request = ureq::post(&format!("{}/v1/{path}", world.double.base)).header("authorization", "Bearer sk_test_console");
        request.send_form(form.iter().copied()).unwrap();
    };
    post(&format!("customers/{customer}"), &[("balance", "-700")]);
    let checked = ann.submit(&ann.open(&acme.path("billing")), "Check now", &[]);
    assert!(checked.flash().contains("noted that €7.00 are to the credit"), "{}", checked.flash());
    // What they owe from before stands in the sums of the next change.
    post(&format!("customers/{customer}"), &[("balance", "2500")]);
    let preview = ann.open(&acme.path("billing/plans/business?cycle=month&currency=EUR"));
    assert!(preview.says("Owed from before €25.00"), "{}", preview.text());
}
