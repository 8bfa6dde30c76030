//! The Billing screen: a plan is tried, changed, cancelled and kept, with what it costs seen before each click.

use crate::chromium::{self, Chromium};
use crate::harness::stripe::Double;
use crate::harness::{Client, Console, Organization};
use roster::config::StripeSettings;
use serde_json::json;
use url::Url;

fn give_address(ann: &Chromium) {
    ann.go("Edit billing address and email");
    ann.fill("Name", "Acme Rockets GmbH");
    ann.fill("Street and number", "Hauptstraße 1");
    ann.fill("City", "Berlin");
    ann.choose("Country", "Germany");
    ann.fill("Billing email", "finance@acme.example");
    ann.go("Save");
    ann.sees("The billing details are saved.");
}

fn the_life_of_a_plan(console: &Console, ann: &Chromium) {
    let acme = console.organization("Acme", "Ann Owner");
    ann.sign_in(&acme.owner);
    ann.go("Billing");
    ann.go("Change plan");
    ann.go("Change to Team");
    ann.sees("Nothing is to be paid today.");
    ann.sees("€8.00 a month for 1 member");
    ann.go("Begin the trial of Team");
    ann.sees("The trial ends on");
    give_address(ann);
    if ann.runs_scripts() {
        ann.click("Cancel plan");
        ann.until_equal(true, || ann.shows("Cancel Team"));
    } else {
        ann.go("Cancel plan");
    }
    ann.go("Cancel Team");
    ann.sees("Cancelled: it ends on");
    ann.go("Keep Team");
    ann.sees("Team goes on as it is.");
    ann.go("Add tax ID");
    ann.fill("Number", "DE 136 695 976");
    ann.go("Add tax ID");
    ann.sees("DE136695976");
    // What was agreed with the operator is invoiced.
    acme.invoiced();
    ann.go("Billing");
    ann.sees("Enterprise");
    assert!(ann.shows("Download PDF of R-000001"));
    ann.go("Payment history");
    ann.sees("No payment has arrived yet.");
}

#[test]
fn a_plan_is_tried_cancelled_kept_and_invoiced() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_life_of_a_plan(&console, &Chromium::start(&console));
}

#[test]
fn a_plan_is_tried_cancelled_kept_and_invoiced_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_life_of_a_plan(&console, &Chromium::without_script(&console));
}

/// An organization that is late with a payment, in long words.
fn overdue(console: &Console, acme: &Organization<'_>) {
    acme.invoiced();
    acme.execute(
        "UPDATE billing_accounts SET name = 'Acme Aerospace, Rockets, Satellites & Ground Stations Beteiligungsgesellschaft mbH',
            line1 = 'Hauptstraße 1', city = 'Berlin', country = 'DE', recipients = ARRAY['accounts.payable@finance.acme.example'];
        UPDATE invoices SET due_at = now() - interval '1 day', reminders = 1, reminder_at = now() + interval '6 days',
            number = 'ROCKETS-GMBH-2026-R-000001';
        UPDATE subscriptions SET status = 'past_due'",
    );
    let page = console.signed_in(&acme.owner);
    let form = page.open(&acme.path("billing/tax-ids/new"));
    page.submit(&form, "Add tax ID", &[("Type", "EU VAT number (DE123456788)"), ("Number", "DE123456789")]);
}

#[test]
fn the_billing_screen_looks_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.look_right(&[
        ("/o/acme/billing", "billing-none"),
        ("/o/acme/billing/plans", "billing-plans"),
        ("/o/acme/billing/plans?cycle=year", "billing-plans-year"),
        ("/o/acme/billing/plans/business?cycle=year&currency=EUR", "billing-change-trial"),
        ("/o/acme/billing/details", "billing-details"),
        ("/o/acme/billing/tax-ids/new", "billing-tax-id"),
        ("/o/acme/billing/invoices", "billing-invoices-none"),
        ("/o/acme/billing/usage", "billing-usage"),
    ]);
    ann.open("/o/acme/billing/details");
    ann.fill("Name", "Acme");
    ann.fill("Street and number", "1");
    ann.fill("City", "Berlin");
    ann.choose("Country", "Germany");
    ann.fill("Further recipients", "nobody@");
    ann.go("Save");
    ann.looks_right("billing-details-mistakes");
    assert!(ann.is_at_summary(), "without a script, too");
    console.execute("UPDATE accounts SET email_confirmed_at = NULL");
    ann.look_right(&[("/o/acme/billing/details", "billing-details-unconfirmed")]);
    console.execute("UPDATE accounts SET email_confirmed_at = now()");
    overdue(&console, &acme);
    ann.open("/o/acme/billing/details");
    acme.execute("UPDATE billing_accounts SET city = 'Potsdam', version = version + 1");
    ann.fill("Name", "Acme");
    ann.go("Save");
    ann.sees("Somebody else changed these details meanwhile");
    assert!(ann.is_at_summary());
    ann.looks_right("billing-details-meanwhile");
    ann.look_right(&[
        ("/o/acme/billing", "billing-overdue"),
        ("/o/acme/billing/cancel", "billing-cancel"),
        ("/o/acme/billing/invoices", "billing-invoices"),
    ]);
    acme.execute("UPDATE subscriptions SET status = 'active', plan = 'free', unit_amount = 600, cycle = 'month'");
    ann.look_right(&[("/o/acme/billing/plans/team?cycle=month&currency=EUR", "billing-change")]);
}

#[test]
fn usage_that_is_stopped_or_counted_anew_looks_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    acme.invoiced();
    let (id, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let report = |quantity: i64| {
        let by = json!({ "item": "credits", "quantity": quantity, "idempotency_key": quantity.to_string(), "key": id, "user": acme.owner.email });
        assert_eq!(client.post("usage", &by).status, 200);
    };
    report(1_234_567);
    acme.execute(
        "UPDATE subscriptions SET plan = 'team', plan_name = 'Team';
        UPDATE organizations SET plan = 'team';
        UPDATE usage_totals SET quantity = 0, counted_from = now();
        INSERT INTO usage_limits (organization_id, item, amount, currency, stops) SELECT id, 'credits', 1000, 'EUR', true FROM organizations",
    );
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    report(12_345);
    ann.look_right(&[("/o/acme/billing/usage", "billing-usage-stopped"), ("/o/acme/billing", "billing-stopped")]);
    ann.sees("Further use is refused until");
}

/// A console whose organizations pay by Stripe, and the double that stands for it.
fn by_stripe() -> (Console, Double) {
    let double = Double::start();
    let base = Url::parse(&double.base).unwrap();
    let console = Console::start_with(|config| {
        config.stripe = Some(StripeSettings { secret_key: "sk_test_browser".to_owned(), webhook_secret: None, api_base: base });
    });
    (console, double)
}

fn add_a_card(console: &Console, ann: &Chromium) {
    let acme = console.organization("Acme", "Ann Owner");
    ann.sign_in(&acme.owner);
    ann.go("Billing");
    // The form leads on to a page of Stripe, which the policy of the page allows.
    ann.go("Add payment method");
    ann.fill("Card number", "4242424242424242");
    ann.fill("Expiry MM / YY", "12 / 34");
    ann.fill("CVC", "123");
    ann.go("Save card");
    ann.sees("Visa ending in 4242 is added.");
    ann.sees("Expires 12/2034");
    if ann.runs_scripts() {
        ann.click("Remove Visa ending in 4242");
        ann.until_equal(true, || ann.shows("Keep Visa ending in 4242"));
    } else {
        ann.go("Remove Visa ending in 4242");
    }
    ann.go("Remove");
    ann.sees("Visa ending in 4242 is removed.");
}

#[test]
fn a_card_is_added_on_a_page_of_stripe_and_removed() {
    let ((console, _double), _turn) = (by_stripe(), chromium::turn());
    add_a_card(&console, &Chromium::start(&console));
}

#[test]
fn a_card_is_added_on_a_page_of_stripe_and_removed_without_javascript() {
    let ((console, _double), _turn) = (by_stripe(), chromium::turn());
    add_a_card(&console, &Chromium::without_script(&console));
}

#[test]
fn the_billing_screen_of_who_pays_by_stripe_looks_right() {
    let ((console, _double), _turn) = (by_stripe(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.look_right(&[("/o/acme/billing", "billing-stripe-none")]);
    acme.invoiced();
    acme.execute(
        "INSERT INTO stripe_accounts (organization_id, checked_at, failing_since, failures, repaired, repaired_at)
            SELECT id, now() - interval '2 days', now() - interval '1 hour', 3,
                ARRAY['renewed the plan Team until 23 December 2026', 'noted that the invoice 551100C-0002 was paid (Stripe)'], now() - interval '2 days'
            FROM organizations WHERE id = current_organization_id();
        INSERT INTO payment_methods (organization_id, id, stripe_id, brand, last_digits, expires_on, is_default, added_at)
            SELECT id, gen_random_uuid(), 'pm_' || n, brand, last_digits, expires_on, is_default, now() FROM organizations,
                (VALUES (1, 'Visa', '4242', current_date + 10, true), (2, 'American Express', '0005', current_date - 1, false),
                    (3, 'SEPA Direct Debit', '3000', NULL::date, false)) AS v (n, brand, last_digits, expires_on, is_default)
            WHERE id = current_organization_id();
        UPDATE subscriptions SET stripe_id = 'sub_1', status = 'past_due';
        UPDATE invoices SET stripe_id = 'in_1', document = NULL, status = 'failed', attempts = 1, next_attempt_at = now() + interval '3 days',
            reminder_at = NULL",
    );
    ann.look_right(&[("/o/acme/billing", "billing-stripe"), ("/o/acme/billing/invoices", "billing-stripe-invoices")]);
    ann.open("/o/acme/billing");
    ann.click("Remove Visa ending in 4242");
    ann.until_equal(true, || ann.shows("Keep Visa ending in 4242"));
    ann.looks_right("billing-stripe-remove");
}
