//! What the pages of billing promise is what then happens: words that depend on where a plan stands.

use std::sync::Arc;

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::billing::actions::operator;
use roster::config::{Config, Plans};

use crate::billing::{PLANS, change, days_later, give_address, look_after, preview, with_plans};
use crate::harness::{Console, Page, run};
use crate::modules::with_modules;

/// Team and Business may be tried.
pub fn with_trials(config: &mut Config) {
    let plans = PLANS.replace("charge = \"per_member\"", "charge = \"per_member\"\ntrial_days = 14");
    config.plans = Arc::new(Plans::parse(&plans).unwrap());
}

fn button(page: &Page) -> String {
    let buttons = page.buttons();
    let begins = ["Change to", "Begin", "Continue"];
    let found = buttons.iter().find(|button| begins.iter().any(|begin| button.starts_with(begin)));
    found.unwrap_or_else(|| panic!("{buttons:?}")).clone()
}

#[test]
fn of_two_people_who_change_the_details_the_second_one_keeps_what_they_typed_and_sees_what_is_saved() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let fin = console.signed_in(&acme.member("Fin Ance", Starter::Billing));
    give_address(&ann, &acme);
    let path = "/o/acme/billing/details?next=/o/acme/billing/plans";
    let (anns, fins) = (ann.open(path), fin.open(path));
    ann.submit(&anns, "Save", &[("City", "Potsdam"), ("Further recipients", "")]);
    let typed = [("City", "Bonn"), ("Addition", "2nd floor"), ("Country", "Austria")];
    let page = Page::new(fin.press(&fins, "Save", &typed));
    assert_eq!(page.status, 422);
    assert_eq!(page.all(".summary h2"), ["Somebody else changed these details meanwhile"]);
    assert_eq!(page.all(".summary .clashes li"), ["City: Potsdam"], "what both changed, and nothing else");
    assert_eq!(page.all(".summary .taken li"), ["Further recipients: nothing"], "what only the other one changed");
    assert_eq!(page.errors(), ["Saved meanwhile: Potsdam"], "beside the field");
    assert_eq!(page.summary(), "Somebody else changed these details meanwhile", "it has the focus");
    let kept = ["City", "Addition", "Country", "Further recipients"].map(|label| page.value_of(label));
    assert_eq!(kept, ["Bonn", "2nd floor", "AT", ""]);
    assert!(ann.open(path).value_of("City") == "Potsdam", "nothing is overwritten yet");
    // They may take what is saved, or overwrite it knowingly, and go on to where they were going.
    let fresh = fin.click(&page, "drop what you typed and take what is saved");
    assert_eq!((fresh.value_of("City").as_str(), fresh.value_of("Addition").as_str()), ("Potsdam", ""));
    let done = fin.submit(&page, "Save", &[]);
    assert_eq!((done.heading().as_str(), done.flash().as_str()), ("Change plan", "The billing details are saved."));
    let now = "SELECT concat_ws(' ', city, line2, country, cardinality(recipients)) FROM billing_accounts";
    assert_eq!(console.text(now), "Bonn 2nd floor AT 0");
}

#[test]
fn who_changes_other_fields_than_somebody_else_undoes_nothing_of_theirs() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let fin = console.signed_in(&acme.member("Fin Ance", Starter::Billing));
    give_address(&ann, &acme);
    let path = "/o/acme/billing/details";
    let fins = fin.open(path);
    ann.submit(&ann.open(path), "Save", &[("Postal code", "10115"), ("Country", "Austria")]);
    // A mistake of their own on the way changes nothing of what they saw.
    let mistaken = Page::new(fin.press(&fins, "Save", &[("Addition", "2nd floor"), ("Billing email", "nobody")]));
    let told = Page::new(fin.press(&mistaken, "Save", &[("Billing email", "finance@acme.example")]));
    assert_eq!(
        (told.status, told.all(".summary .taken li")),
        (422, vec!["Postal code: 10115".to_owned(), "Country: Austria".to_owned()])
    );
    assert!(told.errors().is_empty() && told.all(".summary .clashes").is_empty(), "{}", told.text());
    assert_eq!(["Postal code", "Addition", "Country"].map(|label| told.value_of(label)), ["10115", "2nd floor", "AT"]);
    fin.submit(&told, "Save", &[]);
    let now = "SELECT concat_ws(' ', postal_code, line2, city, country) FROM billing_accounts";
    assert_eq!(console.text(now), "10115 2nd floor Berlin AT");
}

#[test]
fn a_form_that_does_not_tell_what_was_seen_clashes_wherever_it_differs() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    for seen in ["", "[1]", "{"] {
        let fields = [("name", "Acme Rockets GmbH"), ("line1", "2"), ("city", "Bonn"), ("country", "DE"), ("seen", seen)];
        let page = Page::new(ann.post("/o/acme/billing/details", &fields));
        let clashes = page.all(".summary .clashes li");
        assert!(page.status == 422 && clashes[0] == "Street and number: Hauptstraße 1", "{clashes:?}");
        assert!(page.all(".summary .taken").is_empty() && page.value_of("City") == "Bonn", "{}", page.text());
    }
}

#[test]
fn who_changes_meanwhile_again_is_told_again() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let path = "/o/acme/billing/details";
    let stale = ann.open(path);
    ann.submit(&ann.open(path), "Save", &[("City", "Potsdam")]);
    let told = Page::new(ann.press(&stale, "Save", &[("City", "Bonn")]));
    ann.submit(&ann.open(path), "Save", &[("City", "Kiel")]);
    let again = Page::new(ann.press(&told, "Save", &[]));
    assert_eq!((again.status, again.all(".summary li")), (422, vec!["City: Kiel".to_owned()]));
    assert_eq!(again.value_of("City"), "Bonn");
    // What both typed alike is no difference.
    let same = ann.submit(&again, "Save", &[("City", "Kiel")]);
    assert_eq!(same.flash(), "The billing details are saved.");
}

#[test]
fn who_has_not_confirmed_their_address_is_told_before_the_details_are_filled_in() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    console.execute("UPDATE accounts SET email_confirmed_at = NULL");
    let page = ann.open("/o/acme/billing/details");
    assert_eq!(page.all(".summary h2"), ["Confirm your address before you save"]);
    assert!(page.says(&format!("the mail that we sent to {}", acme.owner.email)), "{}", page.text());
    assert!(page.all(".reminder span")[0].ends_with("you cannot invite people or change billing details."));
    let fields = [("Name", "Acme"), ("Street and number", "1"), ("City", "Bonn"), ("Country", "Germany")];
    let refused = Page::new(ann.press(&page, "Save", &fields));
    assert_eq!((refused.status, refused.value_of("City").as_str()), (422, "Bonn"));
    assert_eq!(refused.all(".summary h2"), ["Nothing is saved yet: confirm your address first"]);
    assert!(refused.errors().is_empty(), "no field is wrong: {:?}", refused.errors());
    assert_eq!(console.number("SELECT count(*) AS number FROM billing_accounts"), 0);
    let sent = ann.submit(&page, "Send the confirmation again", &[]);
    assert!(sent.flash().contains(&acme.owner.email) && console.mail_to(&acme.owner.email).subject.contains("onfirm"));
    // Who has nothing to do with billing is not bothered with it.
    let mia = console.signed_in(&acme.member("Mia Member", Starter::Member));
    console.execute("UPDATE accounts SET email_confirmed_at = NULL");
    assert!(mia.open("/o/acme").all(".reminder span")[0].ends_with("you cannot invite people."));
    console.execute("UPDATE accounts SET email_confirmed_at = now()");
    assert!(ann.open("/o/acme/billing/details").all(".summary").is_empty());
}

#[test]
fn a_change_of_the_cycle_alone_is_called_that() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let year = preview(&ann, &acme, "team", "year");
    assert_eq!((year.heading().as_str(), button(&year).as_str()), ("Pay for Team by the year?", "Change to yearly payment now"));
    assert!(year.says("Team is paid by the year at once.") && !year.says("begins"), "{}", year.text());
    let done = ann.submit(&year, "Change to yearly payment now", &[]);
    assert_eq!(done.flash(), "Team is paid by the year now. The invoice is on its way by mail.");
    console.execute("UPDATE invoices SET status = 'paid', paid_at = now(), reminder_at = NULL");
    let month = preview(&ann, &acme, "team", "month");
    assert!(button(&month).starts_with("Change to monthly payment on "), "{:?}", month.buttons());
    // Another plan is a change to that, in whatever cycle.
    assert_eq!(button(&preview(&ann, &acme, "business", "year")), "Change to Business now");
}

#[test]
fn a_trial_that_goes_on_does_not_begin() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    assert_eq!(button(&preview(&ann, &acme, "team", "month")), "Begin the trial of Team");
    change(&ann, &acme, "team", "month");
    let until = console.text("SELECT period_ends_at::text FROM subscriptions");
    let year = preview(&ann, &acme, "team", "year");
    assert_eq!(button(&year), "Continue the trial, paid by the year after it");
    assert!(year.says("The trial of Team goes on and costs nothing until") && !year.says("begins"), "{}", year.text());
    let done = ann.submit(&year, &button(&year), &[]);
    assert!(done.flash().ends_with(", and is paid by the year after that."), "{}", done.flash());
    let log = ann.open("/o/acme/activity");
    assert!(log.says("planned to pay for the plan Team by the year from") && !log.says("from Team to Team"), "{}", log.text());
    let other = preview(&ann, &acme, "business", "year");
    assert_eq!(button(&other), "Continue the trial with Business");
    assert!(other.says("Business begins at once. The trial goes on with it"), "{}", other.text());
    ann.submit(&other, &button(&other), &[]);
    assert_eq!(console.text("SELECT period_ends_at::text FROM subscriptions"), until);
    // A plan without a trial ends it.
    give_address(&ann, &acme);
    assert_eq!(button(&preview(&ann, &acme, "flat", "month")), "Change to Flat now");
}

#[test]
fn the_invite_form_says_what_members_cost_when_the_plan_ends_or_changes() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let lead = || ann.open("/o/acme/invites/new").all(".page-title p").pop().unwrap_or_default();
    give_address(&ann, &acme);
    change(&ann, &acme, "business", "month");
    assert!(
        lead().contains("Each new member costs €30.00 until") && lead().contains("and €30.00 a month after that"),
        "{}",
        lead()
    );
    // Less from the next period on.
    change(&ann, &acme, "team", "month");
    assert!(lead().contains("costs €30.00 until") && lead().contains("and €10.00 a month after that"), "{}", lead());
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Business", &[]);
    let words = lead();
    assert!(words.contains("costs €30.00 until") && !words.contains("after that"), "{words}");
    assert!(
        words.contains(", without VAT, from when they join.")
            && words.ends_with("Business ends then, and Free is your plan: members cost nothing there."),
        "{words}"
    );
    // From a plan for everybody at once down to one for each member.
    let globex = console.organization("Globex", "Gus Owner");
    let gus = console.signed_in(&globex.owner);
    give_address(&gus, &globex);
    change(&gus, &globex, "flat", "month");
    let lead = || gus.open("/o/globex/invites/new").all(".page-title p").pop().unwrap_or_default();
    assert!(!lead().contains('€'), "{}", lead());
    change(&gus, &globex, "team", "month");
    assert!(lead().starts_with("Nobody costs anything by themselves until"), "{}", lead());
    assert!(lead().ends_with("; from then on each member is €10.00 a month, without VAT."), "{}", lead());
}

#[test]
fn the_invite_form_of_a_cancelled_trial_promises_no_price() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let lead = || ann.open("/o/acme/invites/new").all(".page-title p").pop().unwrap_or_default();
    change(&ann, &acme, "team", "month");
    assert!(lead().ends_with("from then on each member is €10.00 a month, without VAT."), "{}", lead());
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    assert!(lead().starts_with("Nobody costs anything until the trial ends on") && !lead().contains('€'), "{}", lead());
}

/// It is reminded of later than the period ends: until then it changes nothing, and is owed all the same.
#[test]
fn who_cancels_with_an_open_invoice_is_told_that_it_is_still_to_be_paid() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let stays = ann.open("/o/acme/billing/cancel").all(".stays li");
    assert!(stays[0].starts_with("Everything as it is until") && stays[0].ends_with("you can keep the plan until then."));
    assert!(stays[2].contains("€11.90 of R-000001 are still to be paid, whether you cancel or not."), "{stays:?}");
    // Past due it ends before the period does.
    let ann = days_later(&console, &acme, 14);
    let confirm = ann.open("/o/acme/billing/cancel");
    let stays = confirm.all(".stays li");
    assert!(stays[0].contains("if the invoice R-000001 is paid. If nothing has arrived by"), "{stays:?}");
    ann.submit(&confirm, "Cancel Team", &[]);
    for days in [7, 7] {
        console.travel(TimeDelta::days(days) + TimeDelta::hours(1));
        look_after(&console);
    }
    let period = console.text("SELECT (ended_at < period_ends_at)::text FROM subscriptions");
    assert_eq!(period, "true", "as it was said: {}", console.text("SELECT status FROM subscriptions"));
}

#[test]
fn who_has_several_invoices_open_is_told_what_all_of_them_come_to() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    change(&ann, &acme, "business", "month");
    let sum = console.number("SELECT sum(due)::bigint AS number FROM invoices WHERE status = 'pending'");
    let sum = format!("€{}.{:02} of 2 invoices", sum / 100, sum % 100);
    let stays = ann.open("/o/acme/billing/cancel").all(".stays li");
    assert!(stays[2].contains(&format!("{sum} are still to be paid, whether you cancel or not.")), "{sum}: {stays:?}");
    let ann = days_later(&console, &acme, 14);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Invoice R-000001 is overdue") && page.says("€11.90 were due on"), "{}", page.text());
    assert!(page.says(&format!("In all, {sum} are to be paid.")), "{sum}: {}", page.text());
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Invoice R-000002 is overdue") && !page.says("In all"), "{}", page.text());
}

#[test]
fn a_plan_that_ended_since_nobody_paid_says_so_and_what_is_owed() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "year");
    for days in [14, 7, 7] {
        console.travel(TimeDelta::days(days) + TimeDelta::hours(1));
        look_after(&console);
    }
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/billing");
    assert_eq!(page.all(".summary h2"), ["Invoice R-000001 is overdue"]);
    let owed = page.all(".summary p");
    assert!(owed[0].starts_with("€119.00 were due on") && owed[0].ends_with("Use the reference R-000001 with your transfer."));
    assert!(owed[1].starts_with("Since it was not paid, Team ended on"), "{owed:?}");
    let then = "Paying it settles it, and does not begin Team again. What is left of its period is to your credit then.";
    assert!(owed[1].ends_with(then), "{owed:?}");
    assert!(page.says(", since invoice R-000001 was not paid."), "beside the plan of now: {}", page.text());
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    let page = ann.open("/o/acme/billing");
    assert!(page.all(".summary h2").is_empty() && page.says("Team ended on") && !page.says("was not paid"), "{}", page.text());
}

#[test]
fn a_plan_that_ended_otherwise_is_not_said_to_have_ended_for_an_open_invoice() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    run(operator::set_plan(&console.db(), acme.id, "free", None)).unwrap();
    assert!(ann.open("/o/acme/billing").all(".summary").is_empty(), "it is not due yet");
    for days in [14, 7, 7] {
        console.travel(TimeDelta::days(days) + TimeDelta::hours(1));
        look_after(&console);
    }
    let page = console.signed_in(&acme.owner).open("/o/acme/billing");
    assert_eq!(page.all(".summary h2"), ["Invoice R-000001 is overdue"]);
    assert!(page.says("Team ended on") && !page.says("was not paid"), "{}", page.text());
}

#[test]
fn the_price_of_the_renewal_is_that_of_the_members_of_now() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.path(&format!("members/{}", acme.member_id(&acme.member("Bob Smith", Starter::Member).email)));
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("€20.00 a month for 2 members") && !page.says("for 1 member"), "{}", page.text());
    ann.post(&format!("{bob}/deactivate"), &[]);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("€20.00 a month for 2 members") && page.says(" for 1 member: €10.00."), "{}", page.text());
    let ann = days_later(&console, &acme, 14);
    let page = ann.open("/o/acme/billing");
    assert!(page.says(" if what is owed is paid, for 1 member: €10.00."), "{}", page.text());
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    let page = days_later(&console, &acme, 20).open("/o/acme/billing");
    assert_eq!(console.number("SELECT net AS number FROM invoices WHERE number = 'R-000002'"), 1_000, "as it was said");
    assert!(page.says("€10.00 a month for 1 member") && !page.says("for 1 member:"), "{}", page.text());
}

#[test]
fn a_trial_counts_the_members_of_now() {
    let console = Console::start_with(with_trials);
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.path(&format!("members/{}", acme.member_id(&acme.member("Bob Smith", Starter::Member).email)));
    let ann = console.signed_in(&acme.owner);
    change(&ann, &acme, "team", "month");
    assert!(ann.open("/o/acme/billing").says("€20.00 a month for 2 members"));
    ann.post(&format!("{bob}/deactivate"), &[]);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("€10.00 a month for 1 member") && !page.says("2 members"), "no seat is paid: {}", page.text());
}

#[test]
fn a_change_of_what_is_cancelled_or_planned_says_what_becomes_of_that() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "business", "month");
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    let lead = |plan: &str, cycle: &str| preview(&ann, &acme, plan, cycle).all(".page-title p").pop().unwrap_or_default();
    assert!(!lead("team", "month").contains("takes"), "{}", lead("team", "month"));
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Business", &[]);
    let begins = lead("flat", "month");
    assert!(begins.contains("Business is cancelled and would end on "), "{begins}");
    for (plan, cycle, name) in [("flat", "month", "Flat"), ("team", "month", "Team"), ("business", "year", "Business")] {
        let taken = format!("this change takes the cancellation back, and {name} renews until you cancel it.");
        assert!(lead(plan, cycle).ends_with(&taken), "{}", lead(plan, cycle));
    }
    change(&ann, &acme, "team", "month");
    assert_eq!(console.text("SELECT ends_at_period_end::text FROM subscriptions"), "false", "as it was said");
    let begins = lead("flat", "month");
    assert!(begins.contains("This takes the place of what is planned for ") && begins.ends_with(": Team with monthly payment."));
    change(&ann, &acme, "flat", "month");
    assert_eq!(console.text("SELECT coalesce(next_plan, 'none') FROM subscriptions"), "none");
}

#[test]
fn a_plan_without_a_price_in_the_chosen_currency_names_those_that_it_has() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let page = ann.open("/o/acme/billing/plans?currency=USD");
    assert!(page.says("Not in USD Priced in EUR.") && !page.says("Not by the"), "{}", page.text());
    assert!(page.says("$11.00") && !page.offers("See it in EUR: Team"), "{}", page.text());
    assert_eq!(page.link("See it in EUR: Business"), "/o/acme/billing/plans?cycle=month&currency=EUR");
    let euro = ann.click(&page, "See it in EUR: Business");
    assert!(euro.says("€30.00") && !euro.says("Not in"), "{}", euro.text());
    // A cycle that is missing is called that.
    let year = ann.open("/o/acme/billing/plans?currency=USD&cycle=year");
    assert!(year.all(".plan-amount").contains(&"Not by the year".to_owned()), "{:?}", year.all(".plan-amount"));
    // Where the invoices have a currency there is no choice, and no way to another one.
    let dollars = ann.open("/o/acme/billing/plans/team?cycle=month&currency=USD");
    ann.submit(&dollars, "Change to Team now", &[]);
    let page = ann.open("/o/acme/billing/plans");
    assert!(page.says("Not in USD Priced in EUR.") && !page.offers("See it in EUR: Business"), "{}", page.text());
}

#[test]
fn what_opens_ends_with_a_full_stop_as_what_closes_does_and_a_rate_is_one_word() {
    let console = Console::start_with(with_modules);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let page = preview(&ann, &acme, "business", "month");
    assert!(page.html().contains("VAT 19\u{a0}%"), "nothing breaks before the sign");
    let up = page.all(".change.gained span");
    assert!(up.contains(&"As many members as you like.".to_owned()) && up.contains(&"Custom roles.".to_owned()), "{up:?}");
    change(&ann, &acme, "business", "month");
    let down = preview(&ann, &acme, "team", "month").all(".change span");
    assert!(down.contains(&"The module Reports.".to_owned()), "{down:?}");
    // A permission ends with its key, on either side.
    for line in up.iter().chain(&down) {
        assert!(line.ends_with('.') || line.ends_with(".read)") || line.ends_with(".write)"), "{line}");
    }
}

#[test]
fn kinds_of_tax_ids_stand_in_the_order_of_the_alphabet_whatever_is_in_capitals() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let kinds = console.signed_in(&acme.owner).open(&acme.path("billing/tax-ids/new")).options_of("Type");
    let place = |begins: &str| kinds.iter().position(|kind| kind.starts_with(begins)).unwrap();
    assert!(place("Ecuadorian") < place("EU VAT") && place("Egyptian") < place("EU VAT"), "{kinds:?}");
    assert!(place("EU VAT") < place("Georgian"), "{kinds:?}");
}
