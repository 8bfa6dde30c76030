//! The Billing screen: a plan is tried, changed, cancelled and kept, with what it costs seen before each click.

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization};

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
        UPDATE invoices SET due_at = now() - interval '1 day', reminders = 1, reminder_at = now() + interval '6 days';
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
    overdue(&console, &acme);
    ann.look_right(&[
        ("/o/acme/billing", "billing-overdue"),
        ("/o/acme/billing/cancel", "billing-cancel"),
        ("/o/acme/billing/invoices", "billing-invoices"),
    ]);
    acme.execute("UPDATE subscriptions SET status = 'active', plan = 'free', unit_amount = 600, cycle = 'month'");
    ann.look_right(&[("/o/acme/billing/plans/team?cycle=month&currency=EUR", "billing-change")]);
}
