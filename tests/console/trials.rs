//! Before a trial ends the recipients are told, in either way of being paid: when, what happens then, and what can be done.

use std::sync::{Arc, Barrier};

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::config::{Config, Plans};
use roster::upkeep;

use crate::billing::{PLANS, change, give_address, look_after, preview, with_plans};
use crate::harness::{Browser, Console, Organization, run};
use crate::stripe::World;

fn with_trials(config: &mut Config) {
    with_plans(config);
    let plans = PLANS.replace("key = \"team\"", "key = \"team\"\ntrial_days = 14");
    config.plans = Arc::new(Plans::parse(&plans).unwrap());
}

/// Subject and text of each mail about the end of a trial.
fn told(console: &Console, address: &str) -> Vec<(String, String)> {
    let all = console.mails_to(address).into_iter().filter(|mail| mail.subject.contains("the trial of"));
    all.map(|mail| (mail.subject, mail.text)).collect()
}

/// The only one.
fn the_mail(console: &Console, address: &str) -> (String, String) {
    let mut all = told(console, address);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn days(console: &Console, days: i64) {
    console.travel(TimeDelta::days(days));
    look_after(console);
}

#[test]
fn three_days_before_a_trial_ends_the_recipients_hear_once_what_is_invoiced_then() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Member);
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let ends = (console.clock.now() + TimeDelta::days(14)).format("%-d %B %Y").to_string();
    days(&console, 10);
    assert_eq!(told(&console, "finance@acme.example").len(), 0, "not yet");
    days(&console, 1);
    for address in ["finance@acme.example", "tax@advisers.example"] {
        let (subject, text) = the_mail(&console, address);
        assert_eq!(subject, format!("Acme: the trial of Team ends on {ends}"));
        for words in [
            "Team goes on then, for \u{20ac}20.00 a month for 2 members, plus VAT 19 %.",
            "\u{20ac}23.80 are to be paid by transfer within 14 days",
            "To pay nothing, cancel Team before then.",
        ] {
            assert!(text.contains(words), "{words}: {}", text);
        }
        assert!(!text.contains("What closes") && text.contains("/o/acme/billing"), "{}", text);
    }
    let log = console.signed_in(&acme.owner).open("/o/acme/activity?kind=plan_trial_ends");
    let sentence =
        format!("The console noted that the trial of Team ends on {ends}: it goes on for \u{20ac}20.00 a month for 2 members");
    assert!(log.says(&sentence), "{}", log.text());
    // Nor if it is looked at again, moved on, or over.
    look_after(&console);
    console.execute("UPDATE subscriptions SET period_ends_at = period_ends_at + interval '10 days'");
    console.execute("UPDATE organizations SET billing_due_at = now() - interval '1 day'");
    look_after(&console);
    days(&console, 8);
    days(&console, 9);
    assert_eq!(told(&console, "finance@acme.example").len(), 1);
    assert_eq!(console.number("SELECT net AS number FROM invoices"), 2_000);
}

#[test]
fn a_trial_that_does_not_go_on_is_told_with_what_closes_and_how_to_keep_it() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    change(&ann, &acme, "team", "month");
    days(&console, 12);
    let (_, text) = the_mail(&console, &acme.owner.email);
    for words in [
        "There is no billing address yet: Free is your plan then, and nothing is charged.",
        "Add a billing address before then, and Team goes on for \u{20ac}10.00 a month for 1 member, without VAT.",
        "What closes then:",
        "- 5 member slots instead of 20.",
        "- 100 credits a month included instead of 1,000.",
    ] {
        assert!(text.contains(words), "{words}: {}", text);
    }
    let log = console.signed_in(&acme.owner).open("/o/acme/activity?kind=plan_trial_ends");
    assert!(log.says("Free is the plan then"), "{}", log.text());
    // As it was said.
    days(&console, 3);
    assert_eq!(console.text("SELECT plan FROM organizations"), "");
}

#[test]
fn a_trial_that_is_cancelled_is_told_as_such_and_one_that_is_over_is_not_told() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    let globex = console.organization("Globex", "Gus Owner");
    let gus = console.signed_in(&globex.owner);
    change(&gus, &globex, "team", "month");
    gus.submit(&gus.open("/o/globex/billing/cancel"), "Cancel Team", &[]);
    console.execute("UPDATE subscriptions s SET period_ends_at = period_ends_at - interval '12 days' FROM organizations o WHERE o.id = s.organization_id AND o.slug = 'globex'");
    days(&console, 12);
    let (_, text) = the_mail(&console, "finance@acme.example");
    let words = "It is cancelled: Free is your plan then, and nothing is charged.";
    assert!(text.contains(words) && text.contains("It can be kept until then"), "{}", text);
    assert_eq!(told(&console, &globex.owner.email).len(), 0, "its server was off for the last three days");
}

#[test]
fn two_workers_tell_of_a_trial_once() {
    let console = Console::start_with(with_trials);
    let firms: Vec<_> =
        (0..6).map(|number| console.organization(&format!("Firm {number}"), &format!("Owner {number}"))).collect();
    for firm in &firms {
        change(&console.signed_in(&firm.owner), firm, "team", "month");
    }
    console.travel(TimeDelta::days(12));
    let barrier = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                barrier.wait();
                run(async { upkeep::once(&console.db()).await.unwrap() });
            });
        }
    });
    for firm in &firms {
        the_mail(&console, &firm.owner.email);
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'plan_trial_ends'"), 6);
}

#[test]
fn by_stripe_the_mail_names_the_card_that_is_charged_or_that_there_is_none() {
    let world = World::start_with(with_trials);
    let console = &world.console;
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "team", "month");
    let globex = console.organization("Globex", "Gus Owner");
    change(&console.signed_in(&globex.owner), &globex, "team", "month");
    world.settle();
    world.travel(TimeDelta::days(10));
    look_after(console);
    assert_eq!(told(console, "finance@acme.example").len(), 0, "not yet");
    world.travel(TimeDelta::days(1) + TimeDelta::hours(1));
    look_after(console);
    let (_, text) = the_mail(console, "finance@acme.example");
    let words = "The first payment of \u{20ac}11.90 is charged to Visa ending in 4242 then.";
    assert!(text.contains(words) && text.contains("plus VAT 19 %"), "{}", text);
    let (_, text) = the_mail(console, &globex.owner.email);
    let words = "There is no payment method yet: Free is your plan then, and nothing is charged.";
    assert!(text.contains(words) && text.contains("Add a payment method before then"), "{}", text);
    world.travel(TimeDelta::days(4));
    look_after(console);
    assert_eq!(console.text("SELECT string_agg(plan, ' ' ORDER BY slug) FROM organizations"), "team ");
    assert_eq!(console.number("SELECT (net + vat) AS number FROM invoices WHERE net > 0"), 1_190);
    assert_eq!(told(console, "finance@acme.example").len(), 1);
}

/// What the cards promise of trials, and what the page before the change to Team says of its begin.
fn promised(ann: &Browser, acme: &Organization<'_>) -> (usize, bool) {
    let lines = ann.open(&acme.path("billing/plans")).all(".plan .ticks li");
    let promises = lines.iter().filter(|line| line.ends_with("free to try")).count();
    (promises, preview(ann, acme, "team", "month").says("trial"))
}

/// Before a plan without a trial, beside it, and after it has ended.
fn promises_what_is_given(console: &Console, (acme, ann): (&Organization<'_>, &Browser), end: impl Fn()) {
    assert_eq!(promised(ann, acme), (1, true));
    let done = change(ann, acme, "business", "month");
    assert!(done.flash().starts_with("Business is your plan now."), "{}", done.text());
    assert_eq!(promised(ann, acme), (0, false), "no trial stands beside a paid plan");
    end();
    let ann = console.signed_in(&acme.owner);
    assert_eq!(promised(&ann, acme), (1, true), "there was none yet");
    change(&ann, acme, "team", "month");
    let lines = ann.open(&acme.path("billing/plans")).all(".plan .ticks li");
    assert!(!lines.iter().any(|line| line.ends_with("free to try")), "it runs: {lines:?}");
}

#[test]
fn a_card_promises_a_trial_where_the_change_begins_one_and_nowhere_else() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    promises_what_is_given(&console, (&acme, &ann), || {
        console.execute("UPDATE invoices SET status = 'paid', paid_at = now(), reminder_at = NULL");
        ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Business", &[]);
        days(&console, 32);
    });

    let world = World::start_with(with_trials);
    let (acme, ann) = world.with_card();
    promises_what_is_given(&world.console, (&acme, &ann), || {
        ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Business", &[]);
        world.travel(TimeDelta::days(32));
    });
}
