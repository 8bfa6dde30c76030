//! What is settled when a plan changes or ends: use beyond the included amount, and VAT on what was not invoiced yet.

use chrono::TimeDelta;
use serde_json::json;

use crate::billing::{change, days_later, give_address, look_after, preview, with_plans};
use crate::harness::{Browser, Client, Console, Organization, run};
use roster::access::policy::Starter;
use roster::billing::actions::operator;

/// Uses 3,500 credits on Team, which includes 1,000 and has a price of €5.00 for each thousand more.
fn use_credits(console: &Console, acme: &Organization<'_>, name: &str) {
    let (_, key) = acme.key(&format!("Meter {name}"), &acme.owner, &["keys.verify"]);
    let report = json!({ "item": "credits", "quantity": 3_500, "idempotency_key": name });
    let reported = Client::new(console, &key).post("/api/v1/usage", &report);
    assert_eq!(reported.status, 200, "{}", reported.body);
}

/// An organization on Team, with its owner.
fn on_team<'a>(console: &'a Console, cycle: &str) -> (Organization<'a>, Browser) {
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", cycle);
    (acme, ann)
}

/// Somebody joins the plan within its period.
fn join(acme: &Organization<'_>, ann: &Browser, name: &str) {
    let member = acme.path(&format!("members/{}", acme.member_id(&acme.member(name, Starter::Member).email)));
    ann.post(&format!("{member}/deactivate"), &[]);
    ann.post(&format!("{member}/activate"), &[]);
}

fn credits_invoiced(console: &Console) -> String {
    console.text(
        "SELECT coalesce(string_agg(amount::text, ' ' ORDER BY amount), '') FROM invoice_lines WHERE description LIKE 'Credits%'",
    )
}

#[test]
fn who_goes_up_before_the_month_ends_pays_what_was_used_by_the_plan_of_then() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "month");
    use_credits(&console, &acme, "one");
    let shown = preview(&ann, &acme, "flat", "month");
    let sentence = "What was used beyond what is included so far, €12.50 without VAT, is on the next invoice";
    assert!(shown.says(sentence), "{}", shown.text());
    change(&ann, &acme, "flat", "month");
    let page = ann.open(&acme.path("billing"));
    assert!(page.says("0 of 0 included, since"), "{}", page.text());
    assert!(page.says("€12.50 for use beyond what was included stand on the next invoice, without VAT."), "{}", page.text());
    assert!(!page.says("members who joined"), "nobody did: {}", page.text());
    assert_eq!(credits_invoiced(&console), "", "not yet");
    days_later(&console, &acme, 32);
    assert_eq!(credits_invoiced(&console), "1250");
}

#[test]
fn what_stands_on_the_next_invoice_is_told_apart_into_members_and_use() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "month");
    join(&acme, &ann, "Bob Smith");
    let page = ann.open(&acme.path("billing"));
    assert!(
        page.says("for members who joined since stand on the next invoice, without VAT.") && !page.says("use beyond what was")
    );
    use_credits(&console, &acme, "one");
    change(&ann, &acme, "business", "month");
    join(&acme, &ann, "Cid Smith");
    let joined = console.number("SELECT amount AS number FROM pending_charges WHERE description LIKE 'Business, joined%'");
    let joined = format!("€{}.{:02}", joined / 100, joined % 100);
    let page = ann.open(&acme.path("billing"));
    let both =
        format!("{joined} for members who joined since and €12.50 for use beyond what was included stand on the next invoice");
    assert!(page.says(&both), "{both}: {}", page.text());
}

#[test]
fn who_cancels_is_told_what_is_invoiced_all_the_same() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "month");
    let stays = || ann.open(&acme.path("billing/cancel")).all(".stays li");
    assert!(stays()[3].starts_with("What is used beyond what is included until ") && stays()[3].ends_with(" is still invoiced."));
    join(&acme, &ann, "Bob Smith");
    use_credits(&console, &acme, "one");
    let joined = console.number("SELECT amount AS number FROM pending_charges");
    let told = stays()[3].clone();
    let amounts = format!(
        ": €{}.{:02} for members who joined since and €12.50 for use beyond what was included so far",
        joined / 100,
        joined % 100
    );
    assert!(told.starts_with("Still to be invoiced, by ") && told.contains(&amounts), "{amounts}: {told}");
    assert!(told.ends_with("so far, without VAT; what is used beyond what is included until then comes on top."), "{told}");
    ann.submit(&ann.open(&acme.path("billing/cancel")), "Cancel Team", &[]);
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    days_later(&console, &acme, 32);
    assert_eq!(console.number("SELECT net AS number FROM invoices WHERE number = 'R-000002'"), joined + 1_250, "as it was said");
    // A plan for everybody at once without metered use leaves nothing.
    let globex = console.organization("Globex", "Gus Owner");
    let gus = console.signed_in(&globex.owner);
    give_address(&gus, &globex);
    change(&gus, &globex, "flat", "month");
    assert_eq!(gus.open(&globex.path("billing/cancel")).all(".stays li").len(), 3);
}

#[test]
fn a_change_to_the_year_invoices_what_was_used_at_once() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "month");
    use_credits(&console, &acme, "one");
    let shown = preview(&ann, &acme, "team", "year");
    assert!(shown.says("€12.50 without VAT, is on an invoice of its own"), "{}", shown.text());
    change(&ann, &acme, "team", "year");
    assert_eq!(credits_invoiced(&console), "1250");
    assert!(ann.open(&acme.path("billing")).says("0 of 1,000 included"));
    use_credits(&console, &acme, "two");
    days_later(&console, &acme, 32);
    assert_eq!(credits_invoiced(&console), "1250 1250", "each once");
}

#[test]
fn a_plan_that_ends_for_want_of_payment_invoices_what_was_used() {
    let console = Console::start_with(with_plans);
    let (acme, _) = on_team(&console, "year");
    use_credits(&console, &acme, "one");
    for _ in 0..4 {
        days_later(&console, &acme, 9);
    }
    look_after(&console);
    assert_eq!(console.text("SELECT plan FROM organizations"), "", "the plan has ended");
    assert_eq!(credits_invoiced(&console), "1250");
    assert_eq!(console.number("SELECT count(*) AS number FROM pending_charges WHERE held_for IS NULL"), 0);
}

#[test]
fn an_agreed_plan_begins_after_what_was_used_is_invoiced() {
    let console = Console::start_with(with_plans);
    let (acme, _) = on_team(&console, "month");
    use_credits(&console, &acme, "one");
    run(operator::set_plan(&console.db(), acme.id, "business", None)).unwrap();
    assert_eq!(credits_invoiced(&console), "1250");
}

#[test]
fn who_joined_and_is_not_invoiced_yet_is_given_back_with_the_vat_of_the_same_invoice() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "year");
    ["Bob Smith", "Cid Smith", "Dan Smith"].into_iter().for_each(|name| join(&acme, &ann, name));
    let details = ann.open(&acme.path("billing/details"));
    ann.submit(&details, "Save", &[("Country", "Switzerland"), ("City", "Zürich")]);
    change(&ann, &acme, "business", "year");
    // €300.00 for each of four members, without VAT; of the old plan only the first seat bore VAT, €19.00.
    assert_eq!(console.text("SELECT concat_ws(' ', net, vat) FROM invoices WHERE number = 'R-000002'"), "110000 -1900");
}

#[test]
fn who_joined_and_is_invoiced_with_a_months_use_is_given_back_with_the_vat_of_that_invoice() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "year");
    join(&acme, &ann, "Bob Smith");
    let details = ann.open(&acme.path("billing/details"));
    ann.submit(&details, "Save", &[("Country", "Switzerland"), ("City", "Zürich")]);
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    use_credits(&console, &acme, "one");
    let ann = days_later(&console, &acme, 32);
    // Bob's seat and the use, without VAT.
    assert_eq!(console.text("SELECT vat::text FROM invoices WHERE number = 'R-000002'"), "0");
    assert_eq!(console.number("SELECT count(*) AS number FROM invoice_lines WHERE description LIKE '%joined%'"), 1);
    run(operator::mark_paid(&console.db(), acme.id, "R-000002", None, "")).unwrap();
    change(&ann, &acme, "business", "year");
    let unused = "SELECT string_agg(quantity || ' at ' || vat_basis_points, ', ' ORDER BY vat_basis_points DESC)
        FROM invoice_lines WHERE description LIKE 'Unused: Team%'";
    assert_eq!(console.text(unused), "1 at 1900, 1 at 0");
    let vat = "SELECT round((SELECT sum(amount) FROM invoice_lines WHERE description LIKE 'Unused%' AND vat_basis_points = 1900) * 0.19)::bigint
        - vat AS number FROM invoices WHERE number = 'R-000003'";
    assert_eq!(console.number(vat), 0, "of the seat that was paid with VAT, and of no other");
}

#[test]
fn use_after_the_end_of_a_cancelled_plan_is_not_charged_by_it() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "month");
    use_credits(&console, &acme, "paid");
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    console.travel(TimeDelta::days(31) + TimeDelta::hours(1));
    use_credits(&console, &acme, "after the end");
    // Nobody looks for more than a month.
    console.travel(TimeDelta::days(40));
    look_after(&console);
    assert_eq!(credits_invoiced(&console), "1250", "what was used while it was paid");
    assert_eq!(console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}

#[test]
fn use_between_the_end_of_a_cancelled_plan_and_the_look_after_it_is_not_charged() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "month");
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    console.travel(TimeDelta::days(31) + TimeDelta::hours(1));
    use_credits(&console, &acme, "after the end");
    look_after(&console);
    console.travel(TimeDelta::days(40));
    look_after(&console);
    assert_eq!(credits_invoiced(&console), "");
    assert_eq!(console.number("SELECT count(*) AS number FROM pending_charges"), 0);
}

#[test]
fn who_joins_on_the_same_day_is_one_line_and_who_joins_on_another_one_can_be_told_apart() {
    let console = Console::start_with(with_plans);
    let (acme, ann) = on_team(&console, "month");
    join(&acme, &ann, "Bob Smith");
    join(&acme, &ann, "Cat Jones");
    join(&acme, &days_later(&console, &acme, 10), "Dan Brown");
    days_later(&console, &acme, 22);
    let of = |what: &str| {
        console.text(&format!(
            "SELECT string_agg({what}, ' ' ORDER BY position) FROM invoice_lines
                WHERE description = 'Team, joined within the period'"
        ))
    };
    let days: Vec<i64> = of("extract(day FROM to_at - from_at)::text").split(' ').map(|days| days.parse().unwrap()).collect();
    assert_eq!(of("quantity::text"), "2 1");
    assert_eq!(days[0] - days[1], 10, "{days:?}");
}
