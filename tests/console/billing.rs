//! Billing by invoice: plans, prices before the click, periods, seats, invoices and who gets them.

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::billing::actions::{operator, seats};
use roster::config::{Config, Plans};
use roster::upkeep;
use std::sync::Arc;

use crate::harness::{Browser, Console, Organization, Page, run};
use crate::invites::{copied_link, invite};

/// Plans of the tests: no trials, so that money moves at once; German VAT.
pub const PLANS: &str = r#"
[issuer]
name = "Apex Software GmbH"
lines = ["Lindenstraße 12", "10969 Berlin"]
tax_id = "DE136695976"
country = "DE"
payment = ["IBAN DE02 1203 0000 0000 2020 51"]
vat.DE = "19"

[[items]]
key = "credits"
name = "Credits"
per = 1000

[[plans]]
key = "free"
name = "Free"
sentence = "For a start."
member_slots = 5
included = [{ item = "credits", quantity = 100 }]

[[plans]]
key = "team"
name = "Team"
sentence = "For teams."
charge = "per_member"
member_slots = 20
features = ["custom_roles"]
prices.EUR = { month = 1000, year = 10000 }
prices.USD = { month = 1100 }
included = [{ item = "credits", quantity = 1000, prices = { EUR = 500 } }]

[[plans]]
key = "business"
name = "Business"
sentence = "For companies."
charge = "per_member"
member_slots = "unlimited"
features = ["custom_roles"]
prices.EUR = { month = 3000, year = 30000 }

[[plans]]
key = "flat"
name = "Flat"
sentence = "For everybody at once."
member_slots = "unlimited"
features = ["custom_roles"]
prices.EUR = { month = 2000 }
"#;

pub fn with_plans(config: &mut Config) {
    config.plans = Arc::new(Plans::parse(PLANS).unwrap());
}

pub fn look_after(console: &Console) {
    run(async { upkeep::once(&console.db()).await.unwrap() });
}

/// The owner, days later, signed in anew: no session lives that long.
pub fn days_later(console: &Console, acme: &Organization<'_>, days: i64) -> Browser {
    console.travel(TimeDelta::days(days) + TimeDelta::hours(1));
    look_after(console);
    console.signed_in(&acme.owner)
}

/// Gives a billing address in Germany.
pub fn give_address(browser: &Browser, acme: &Organization<'_>) {
    let page = browser.open(&acme.path("billing/details"));
    let fields = [
        ("Name", "Acme Rockets GmbH"),
        ("Street and number", "Hauptstraße 1"),
        ("Postal code", "10827"),
        ("City", "Berlin"),
        ("Country", "Germany"),
        ("Billing email", "finance@acme.example"),
        ("Further recipients", "tax@advisers.example"),
    ];
    let saved = browser.submit(&page, "Save", &fields);
    assert!(saved.flash().contains("saved"), "{}", saved.text());
}

/// The page that shows what a change costs.
pub fn preview(browser: &Browser, acme: &Organization<'_>, plan: &str, cycle: &str) -> Page {
    browser.open(&acme.path(&format!("billing/plans/{plan}?cycle={cycle}&currency=EUR")))
}

/// Changes the plan as the page offers it.
pub fn change(browser: &Browser, acme: &Organization<'_>, plan: &str, cycle: &str) -> Page {
    let page = preview(browser, acme, plan, cycle);
    let buttons = page.buttons();
    let is_change = |button: &&String| ["Change to", "Begin", "Continue"].iter().any(|begins| button.starts_with(begins));
    let button = buttons.iter().find(is_change);
    let button = button.unwrap_or_else(|| panic!("{buttons:?}: {}", page.text()));
    browser.submit(&page, button, &[])
}

/// Has the operator note a payment.
fn pay(console: &Console, acme: &Organization<'_>, number: &str) -> String {
    run(operator::mark_paid(&console.db(), acme.id, number, None, "")).unwrap()
}

fn invoices(console: &Console) -> i64 {
    console.number("SELECT count(*) AS number FROM invoices")
}

/// What `pdftotext` reads in a PDF.
pub fn text_of(pdf: &[u8]) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut command = Command::new("pdftotext");
    let command = command.args(["-layout", "-enc", "UTF-8", "-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("pdftotext of poppler-utils");
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_fresh_console_has_a_billing_page_that_works() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.click(&ann.open("/o/acme"), "Billing");
    assert_eq!((page.heading().as_str(), page.status), ("Billing", 200));
    assert_eq!(page.all("h2"), ["Plan", "Payment methods", "Tax IDs", "Limits", "Usage", "Billing address", "Invoices"]);
    assert!(
        page.says("Free") && page.says("1 of 10") && page.says("1 member.") && !page.says("pending invitation"),
        "{}",
        page.text()
    );
    let plans = ann.click(&page, "Change plan");
    assert_eq!(plans.all(".plan h2"), ["Free", "Team", "Business", "Enterprise"]);
    // A trial needs no address; nothing is invoiced.
    let tried = change(&ann, &acme, "team", "month");
    assert!(tried.says("Trial") && tried.says("1 of 50") && invoices(&console) == 0, "{}", tried.text());
    let ann = days_later(&console, &acme, 15);
    let after = ann.open("/o/acme/billing");
    assert!(after.says("Team ended on") && after.says("1 of 10"), "nobody could be invoiced: {}", after.text());
}

#[test]
fn a_trial_goes_on_as_a_paid_plan_once_somebody_can_be_invoiced_and_is_had_once() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    change(&ann, &acme, "team", "month");
    // Another plan within the trial costs nothing either, and does not lengthen it.
    let page = change(&ann, &acme, "business", "year");
    assert!(page.says("Business") && page.says("Add a billing address before"), "{}", page.text());
    let until = console.text("SELECT period_ends_at::text FROM subscriptions");
    change(&ann, &acme, "team", "month");
    assert_eq!(console.text("SELECT period_ends_at::text FROM subscriptions"), until);
    give_address(&ann, &acme);
    let ann = days_later(&console, &acme, 15);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Active") && page.says("R-000001") && page.says("€8.00"), "{}", page.text());
    assert_eq!(console.text("SELECT status FROM invoices"), "pending");
    pay(&console, &acme, "R-000001");
    // It ends, and the next one begins without a trial.
    ann.submit(&ann.click(&page, "Cancel plan"), "Cancel Team", &[]);
    let ann = days_later(&console, &acme, 32);
    let page = preview(&ann, &acme, "team", "month");
    assert!(page.says("Team begins at once.") && page.says("To pay €8.00"), "{}", page.text());
}

#[test]
fn who_goes_up_sees_what_is_paid_now_and_from_then_on_and_gets_an_invoice_over_just_that() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Member);
    let ann = console.signed_in(&acme.owner);
    let page = preview(&ann, &acme, "team", "month");
    assert!(page.offers("Add billing address") && !page.offers("Change to Team now"), "{}", page.text());
    give_address(&ann, &acme);
    let page = preview(&ann, &acme, "team", "month");
    assert_eq!(page.all(".sums dd"), ["€20.00", "€3.80", "€23.80"], "two members, VAT, both");
    assert!(page.says("€20.00 a month for 2 members, plus VAT 19 %"), "{}", page.text());
    let page = ann.submit(&page, "Change to Team now", &[]);
    assert!(page.says("Active") && page.says("R-000001") && page.says("€23.80"), "{}", page.text());
    // Half of the period later.
    console.execute(
        "UPDATE subscriptions SET period_starts_at = now() - interval '15 days', period_ends_at = now() + interval '15 days'",
    );
    let page = preview(&ann, &acme, "business", "month");
    assert_eq!(page.all("tbody td.cell-primary").len(), 2, "unused time, and the rest of the period: {}", page.text());
    let due = page.all(".sums .strong dd").join("");
    assert!(due.starts_with("€23.") || due.starts_with("€24."), "(60 − 20) / 2 with VAT is €23.80: {due}");
    let page = ann.submit(&page, "Change to Business now", &[]);
    assert!(page.says(&due) && page.says("R-000002"), "{due}: {}", page.text());
    assert_eq!(console.number("SELECT sum(amount)::bigint AS number FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id WHERE number = 'R-000002'"),
        console.number("SELECT net AS number FROM invoices WHERE number = 'R-000002'"));
    let told = console.mails_to("tax@advisers.example");
    let subjects: Vec<&str> = told.iter().map(|mail| mail.subject.as_str()).collect();
    assert!(subjects.contains(&"Invoice R-000002 for Acme") && subjects.contains(&"Billing of Acme has changed"), "{subjects:?}");
    assert_eq!(console.mails_to(&acme.owner.email).len(), 1, "told that the billing email gets them from then on");
}

#[test]
fn an_invoice_is_a_pdf_with_everything_on_it() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let page = ann.open("/o/acme/billing/tax-ids/new");
    ann.submit(&page, "Add tax ID", &[("Number", "de 129 273 398")]);
    let page = change(&ann, &acme, "team", "year");
    let reply = ann.get(&page.link("Download PDF of R-000001"));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/pdf")));
    assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"R-000001.pdf\""));
    let text = text_of(&reply.bytes);
    for words in [
        "Invoice",
        "R-000001",
        "Apex Software GmbH",
        "Tax id: DE136695976",
        "Acme Rockets GmbH",
        "10827 Berlin",
        "Germany",
        "EU VAT number: DE129273398",
        "Team, 1 member",
        "€100.00",
        "VAT 19 %",
        "€19.00",
        "€119.00",
        "Payment reference",
        "IBAN DE02 1203 0000 0000 2020 51",
    ] {
        assert!(text.contains(words), "{words} is missing in:\n{text}");
    }
    let total = text.lines().find(|line| line.trim_start().starts_with("Total")).unwrap();
    assert!(total.trim_end().ends_with("€119.00"), "{total}");
    assert_eq!(ann.get(&page.link("Download PDF of R-000001")).bytes, reply.bytes, "it is the same for ever");
    // What changes later does not change it.
    let details = ann.open("/o/acme/billing/details");
    ann.submit(&details, "Save", &[("Name", "Another Name Ltd")]);
    assert_eq!(ann.get(&page.link("Download PDF of R-000001")).bytes, reply.bytes);
}

#[test]
fn going_down_is_never_blocked_says_what_closes_and_happens_when_the_period_ends() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "business", "month");
    for number in 0..24 {
        acme.member(&format!("Person Number{number}"), Starter::Member);
    }
    let page = preview(&ann, &acme, "team", "month");
    assert!(page.says("20 member slots instead of as many as you like. 25 are in use: nobody is removed"), "{}", page.text());
    assert!(page.says("Nothing is to be paid today."), "{}", page.text());
    let button = page.buttons().into_iter().find(|button| button.starts_with("Change to Team on ")).unwrap();
    let page = ann.submit(&page, &button, &[]);
    assert!(page.says("Becomes Team on") && page.says(": €250.00 a month for 25 members."), "{}", page.text());
    // Once planned, it is not planned again; another one may be planned instead, and none.
    assert!(preview(&ann, &acme, "team", "month").flash().contains("already"));
    let page = ann.submit(&ann.open("/o/acme/billing"), "Keep Business", &[]);
    assert!(page.says("Renews on"), "{}", page.text());
    change(&ann, &acme, "team", "month");
    let ann = days_later(&console, &acme, 32);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Team") && page.says("20 of 20") || page.says("25 of 20"), "{}", page.text());
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'active'"), 25);
    assert_eq!(console.number("SELECT net AS number FROM invoices ORDER BY issued_at DESC LIMIT 1"), 25_000);
    let refused = invite(&ann, &acme, "dana@example.com");
    assert!(refused.says("no slot") || refused.says("slot"), "{}", refused.text());
    assert_eq!(console.number("SELECT count(*) AS number FROM invitations"), 0);
}

#[test]
fn a_plan_is_cancelled_for_the_end_of_its_period_and_can_be_kept_until_then() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let confirm = ann.click(&ann.open("/o/acme/billing"), "Cancel plan");
    assert!(confirm.says("5 member slots instead of 20.") && confirm.says("none can be created or edited"), "{}", confirm.text());
    let page = ann.submit(&confirm, "Cancel Team", &[]);
    assert!(page.says("Cancelled: it ends on"), "{}", page.text());
    let page = ann.submit(&page, "Keep Team", &[]);
    assert!(page.says("Renews on"), "{}", page.text());
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    let ann = days_later(&console, &acme, 32);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Team ended on") && page.says("1 of 5"), "{}", page.text());
    assert_eq!(invoices(&console), 1, "no further period is invoiced");
    // Custom roles have closed, and open again with the plan.
    let roles = ann.open("/o/acme/roles");
    assert!(!roles.offers("New role") && roles.says("The plan Free has no custom roles"), "{}", roles.text());
    let refused = ann.post("/o/acme/roles/new", &[("name", "Auditor"), ("level", "5")]);
    assert_eq!((refused.status, console.number("SELECT count(*) AS number FROM roles WHERE starter IS NULL")), (422, 0));
}

#[test]
fn periods_are_renewed_with_the_members_of_then_even_after_months_without_a_server() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    console.execute("UPDATE invoices SET status = 'paid', paid_at = now(), reminder_at = NULL");
    acme.member("Bob Smith", Starter::Member);
    console.travel(TimeDelta::days(70));
    look_after(&console);
    assert_eq!(console.text("SELECT string_agg(net::text, ' ' ORDER BY number) FROM invoices"), "1000 2000 2000");
    look_after(&console);
    assert_eq!(invoices(&console), 3, "a second round finds nothing to do");
}

#[test]
fn who_joins_within_a_period_is_on_the_next_invoice_and_a_seat_that_is_free_costs_nothing() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let form = ann.open("/o/acme/invites/new");
    assert!(form.says("Each new member costs €10.00 until") && form.says("€10.00 a month after that"), "{}", form.text());
    let dana = console.person("Dana Smith");
    let link = copied_link(&console, &invite(&ann, &acme, &dana.email), &dana.email);
    assert_eq!(console.number("SELECT count(*) AS number FROM pending_charges"), 0, "an invitation costs nothing yet");
    let danas = console.signed_in(&dana);
    danas.submit(&danas.open(&link), "Join Acme", &[]);
    assert_eq!(console.number("SELECT count(*) AS number FROM pending_charges"), 1);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("for members who joined since stand on the next invoice"), "{}", page.text());
    // She goes, and somebody takes her seat.
    let member = acme.path(&format!("members/{}", acme.member_id(&dana.email)));
    ann.post(&format!("{member}/deactivate"), &[]);
    let form = ann.open("/o/acme/invites/new");
    assert!(form.says("1 seat is paid already; each member beyond that costs"), "{}", form.text());
    ann.post(&format!("{member}/activate"), &[]);
    assert_eq!(console.number("SELECT count(*) AS number FROM pending_charges"), 1);
    let pending = console.number("SELECT amount AS number FROM pending_charges");
    console.travel(TimeDelta::days(32));
    look_after(&console);
    let next = console.number("SELECT net AS number FROM invoices ORDER BY number DESC LIMIT 1");
    assert_eq!((next, console.number("SELECT count(*) AS number FROM pending_charges")), (2_000 + pending, 0));
}

#[test]
fn of_many_who_join_at_once_each_is_on_the_next_invoice_once() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let people: Vec<_> = (0..12).map(|number| console.person(&format!("Person Number{number}"))).collect();
    let addresses: Vec<&str> = people.iter().map(|person| person.email.as_str()).collect();
    let sent = invite(&ann, &acme, &addresses.join(" "));
    let joining: Vec<_> = people
        .iter()
        .map(|person| {
            let browser = console.signed_in(person);
            let form = browser.open(&copied_link(&console, &sent, &person.email)).form("Join Acme", &[]);
            (browser, form)
        })
        .collect();
    let barrier = std::sync::Barrier::new(joining.len());
    std::thread::scope(|scope| {
        for (browser, form) in &joining {
            scope.spawn(|| {
                barrier.wait();
                assert_eq!(browser.send_form(form).status, 303);
            });
        }
    });
    let seats = console.number("SELECT seats::bigint AS number FROM subscriptions");
    let charged = console.number("SELECT sum(quantity)::bigint AS number FROM pending_charges");
    assert_eq!((seats, charged), (13, 12));
}

#[test]
fn an_invoice_that_is_not_paid_is_reminded_of_and_ends_the_plan() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "year");
    let ann = days_later(&console, &acme, 14);
    let page = ann.open("/o/acme/billing");
    assert!(
        page.says("Past due") && page.says("Invoice R-000001 is overdue") && page.says("the plan Team ends then"),
        "{}",
        page.text()
    );
    assert!(page.says("Renews on") && page.says(" if what is owed is paid."), "{}", page.text());
    assert!(page.says("What closes then: 5 member slots instead of 20."), "{}", page.text());
    // Who cancels now still owes it, and may lose the plan before.
    let confirm = ann.open("/o/acme/billing/cancel");
    let stays = confirm.all(".stays li");
    assert!(stays[0].contains("if the invoice R-000001 is paid. If nothing has arrived by"), "{stays:?}");
    assert!(stays[0].ends_with(", the plan ends then."), "{stays:?}");
    assert!(stays[2].contains("€119.00 of R-000001 are still to be paid"), "{stays:?}");
    assert!(console.mail_to("finance@acme.example").subject.contains("is overdue"));
    assert!(preview(&ann, &acme, "business", "year").flash().contains("Pay it first"));
    // Paid in time: everything is as before.
    let paid = pay(&console, &acme, "R-000001");
    assert!(paid.contains("is paid"), "{paid}");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Active") && page.says("Paid") && !page.says("overdue"), "{}", page.text());
    let history = ann.click(&page, "Payment history");
    assert!(history.says("Bank transfer") && history.says("€119.00"), "{}", history.text());
    // The next one is not paid at all.
    console.travel(TimeDelta::days(360));
    look_after(&console);
    for days in [14, 7, 7] {
        console.travel(TimeDelta::days(days) + TimeDelta::hours(1));
        look_after(&console);
    }
    let mails = console.mails_to("finance@acme.example");
    let reminders = mails.iter().filter(|mail| mail.subject.contains("R-000002") && mail.subject.ends_with("is overdue"));
    let last: Vec<bool> = reminders.map(|mail| mail.text.contains("This is the last reminder.")).collect();
    assert_eq!(last, [true, false], "the newest first");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Team ended on") && page.says("Free"), "{}", page.text());
    // Nobody begins anew without paying.
    assert!(preview(&ann, &acme, "team", "year").flash().contains("R-000002 is not paid"));
    let plans = ann.open("/o/acme/billing/plans");
    assert!(plans.says("R-000002 is not paid") && !plans.offers("Change to Team"), "{}", plans.text());
    let log = ann.open("/o/acme/activity");
    assert!(log.says("ended the plan Team, since an invoice was not paid"), "{}", log.text());
}

#[test]
fn the_price_that_was_shown_is_the_price_or_nothing_happens() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let shown = preview(&ann, &acme, "team", "month");
    acme.member("Bob Smith", Starter::Member);
    let reply = ann.press(&shown, "Change to Team now", &[]);
    assert_eq!((reply.status, invoices(&console)), (422, 0));
    let again = Page::new(reply);
    assert!(again.says("The price has changed") && again.says("€23.80"), "{}", again.text());
    assert_eq!(again.summary(), "Please look again");
    // What is shown now holds, once.
    let form = again.form("Change to Team now", &[]);
    assert_eq!((ann.send_form(&form).status, ann.send_form(&form).status), (303, 303));
    assert_eq!(invoices(&console), 1);
    // A form with another sum, another moment or another version changes nothing.
    let form = preview(&ann, &acme, "business", "month").form("Change to Business now", &[]);
    for (name, value) in [("price", ""), ("price", "x"), ("at", "0"), ("at", "9999999999999999"), ("version", "0")] {
        let fields: Vec<(&str, &str)> = form
            .fields
            .iter()
            .map(|(field, known)| (field.as_str(), if field == name { value } else { known.as_str() }))
            .collect();
        assert_eq!(ann.post(&form.action, &fields).status, 422, "{name} = {value}");
    }
    assert_eq!(invoices(&console), 1);
    console.travel(TimeDelta::minutes(31));
    assert_eq!(ann.send_form(&form).status, 422, "a price holds for half an hour");
}

#[test]
fn invoices_are_numbered_without_gaps_however_many_are_issued_at_once() {
    let console = Console::start_with(with_plans);
    let names: Vec<String> = (0..12).map(|number| format!("Firm {number}")).collect();
    let firms: Vec<Organization<'_>> = names.iter().map(|name| console.organization(name, &format!("Owner {name}"))).collect();
    let forms: Vec<_> = firms
        .iter()
        .map(|firm| {
            let browser = console.signed_in(&firm.owner);
            give_address(&browser, firm);
            let form = preview(&browser, firm, "team", "month").form("Change to Team now", &[]);
            (browser, form)
        })
        .collect();
    let barrier = std::sync::Barrier::new(forms.len());
    std::thread::scope(|scope| {
        for (browser, form) in &forms {
            scope.spawn(|| {
                barrier.wait();
                browser.send_form(form)
            });
        }
    });
    let numbers = console.text("SELECT string_agg(number, ' ' ORDER BY number) FROM invoices");
    let expected: Vec<String> = (1..=12).map(|number| format!("R-{number:06}")).collect();
    assert_eq!(numbers, expected.join(" "));
}

#[test]
fn what_is_to_their_credit_is_taken_by_the_next_invoices() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    for number in 0..4 {
        acme.member(&format!("Person Number{number}"), Starter::Member);
    }
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "business", "year");
    // The flat plan stands higher and costs less: what is not used of the year is more than it costs. It has to be paid first.
    assert!(preview(&ann, &acme, "flat", "month").flash().contains("Pay it first"));
    pay(&console, &acme, "R-000001");
    let page = preview(&ann, &acme, "flat", "month");
    assert!(page.says("To your credit") && page.all(".sums .strong dd") == ["€0.00"], "{}", page.text());
    let page = ann.submit(&page, "Change to Flat now", &[]);
    assert!(page.says("to your credit"), "{}", page.text());
    let credit = console.number("SELECT credit AS number FROM billing_accounts");
    assert_eq!(console.text("SELECT document->>'title' FROM invoices WHERE number = 'R-000002'"), "Credit note");
    console.travel(TimeDelta::days(32));
    look_after(&console);
    assert_eq!(console.number("SELECT credit AS number FROM billing_accounts"), credit - 2_380);
    assert_eq!(console.text("SELECT status || ' ' || due FROM invoices WHERE number = 'R-000003'"), "paid 0");
}

#[test]
fn billing_details_are_checked_kept_and_never_overwritten_unseen() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/billing/details");
    let stale = ann.open("/o/acme/billing/details");
    let wrong = [("Name", "  "), ("City", "Berlin"), ("Billing email", "nobody"), ("Further recipients", "a@b.example, c@")];
    let reply = ann.press(&page, "Save", &wrong);
    let again = Page::new(reply);
    assert_eq!((again.status, again.errors().len()), (422, 5), "{:?}", again.errors());
    assert_eq!(
        (again.value_of("City"), again.value_of("Further recipients")),
        ("Berlin".to_owned(), "a@b.example, c@".to_owned())
    );
    give_address(&ann, &acme);
    let reply =
        ann.press(&stale, "Save", &[("Name", "Other"), ("Street and number", "2"), ("City", "Bonn"), ("Country", "Austria")]);
    let again = Page::new(reply);
    assert!(again.status == 422 && again.says("Somebody else changed these details meanwhile"), "{}", again.text());
    assert_eq!((again.value_of("Name"), again.value_of("City")), ("Other".to_owned(), "Bonn".to_owned()), "what was typed");
    // Nothing different is nothing done.
    let events = || console.number("SELECT count(*) AS number FROM events");
    let before = events();
    ann.submit(&ann.open("/o/acme/billing/details"), "Save", &[]);
    assert_eq!(events(), before);
}

#[test]
fn tax_ids_are_checked_for_their_form_and_decide_the_vat() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let page = ann.open("/o/acme/billing/details");
    ann.submit(&page, "Save", &[("Country", "Austria"), ("City", "Wien")]);
    let form = ann.open("/o/acme/billing/tax-ids/new");
    assert!(form.options_of("Type")[0].starts_with("EU VAT number"), "those of the country first");
    let refused = Page::new(ann.press(&form, "Add tax ID", &[("Number", "ATU1")]));
    assert_eq!((refused.status, refused.value_of("Number")), (422, "ATU1".to_owned()));
    assert!(refused.errors()[0].contains("Austria"), "{:?}", refused.errors());
    let page = ann.submit(&form, "Add tax ID", &[("Number", " atu 338 647 07 ")]);
    assert!(page.says("ATU33864707") && page.says("Form checked"), "{}", page.text());
    let shown = preview(&ann, &acme, "team", "month");
    assert!(shown.says("Reverse charge") && shown.all(".sums dd") == ["€10.00", "€10.00"], "{}", shown.text());
    let page = ann.submit(&page, "Remove ATU33864707", &[]);
    assert!(!page.all("section").join(" ").contains("ATU33864707"));
    assert_eq!(preview(&ann, &acme, "team", "month").all(".sums dd"), ["€10.00", "€1.90", "€11.90"]);
}

#[test]
fn the_role_billing_looks_after_billing_and_nothing_else() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let fin = console.signed_in(&acme.member("Fin Ance", Starter::Billing));
    let page = fin.open("/o/acme/billing");
    assert!(page.offers("Change plan") && !page.offers("Cancel plan"), "{}", page.text());
    assert_eq!(fin.get("/o/acme/members").status, 403);
    let viewer = console.signed_in(&acme.member("Vic Viewer", Starter::Viewer));
    assert_eq!(viewer.get("/o/acme/billing").status, 403);
    // Who only sees billing is offered nothing that changes it.
    acme.execute("UPDATE roles SET permissions = ARRAY['billing.view'] WHERE starter = 'viewer'");
    let page = viewer.open("/o/acme/billing");
    assert!(page.status == 200 && !page.offers("Change plan") && !page.offers("Add tax ID"), "{}", page.text());
}

#[test]
fn organizations_are_created_with_the_slots_of_the_first_plan_and_the_operator_gives_more() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    assert!(ann.open("/o/acme").says("1 of 5"));
    let set = |limit: i32| run(roster::organizations::actions::set_member_limit(&console.db(), "acme", limit)).unwrap();
    assert_eq!(set(3), "Acme: the member limit stays as it is, 5. The plan Free gives more than 3.");
    assert!(ann.open("/o/acme").says("1 of 5") && !ann.open("/o/acme/activity").says("member limit"));
    set(30);
    assert!(ann.open("/o/acme/billing").says("1 of 30"));
    give_address(&ann, &acme);
    assert!(!preview(&ann, &acme, "team", "month").says("20 member slots"), "they have more already");
    let page = change(&ann, &acme, "team", "month");
    assert!(page.says("1 of 30"), "the plan has 20, the operator gave 30: {}", page.text());
    let page = change(&ann, &acme, "business", "month");
    assert!(page.says("1, no limit"), "{}", page.text());
    let said = set(3);
    assert_eq!(said, "Acme: the member limit stays as it is, no limit. The plan Business gives more than 3.");
    assert!(ann.open("/o/acme").says("1, no limit") && ann.open("/o/acme/invites/new").says("no limit"));
}

#[test]
fn what_is_given_back_has_the_vat_that_it_was_paid_with() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    ann.submit(&ann.open("/o/acme/billing/details"), "Save", &[("Country", "United States")]);
    change(&ann, &acme, "business", "year");
    pay(&console, &acme, "R-000001");
    ann.submit(&ann.open("/o/acme/billing/details"), "Save", &[("Country", "Germany")]);
    let page = preview(&ann, &acme, "flat", "month");
    let sums = page.all(".sums dd");
    assert_eq!((sums[1].as_str(), sums.last().unwrap().as_str()), ("€3.80", "€0.00"), "VAT on what is new alone: {sums:?}");
    change(&ann, &acme, "flat", "month");
    let gross = "SELECT net + vat AS number FROM invoices WHERE number = 'R-000002'";
    assert!((-27_620..=-27_600).contains(&console.number(gross)), "300 less 23.80: {}", console.number(gross));
    let rates = console.text(
        "SELECT string_agg(l.vat_basis_points::text, ' ' ORDER BY position) FROM invoice_lines l
        JOIN invoices i ON i.id = l.invoice_id WHERE number = 'R-000002'",
    );
    assert_eq!(rates, "0 1900");
}

#[test]
fn a_price_that_credit_covers_is_held_too() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    acme.execute("UPDATE billing_accounts SET credit = 1000000, currency = 'EUR'");
    let form = preview(&ann, &acme, "team", "month").form("Change to Team now", &[]);
    acme.member("Bob Smith", Starter::Member);
    assert_eq!((ann.send_form(&form).status, invoices(&console)), (422, 0));
}

#[test]
fn a_vat_number_of_the_issuers_own_country_reverses_no_charge() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    ann.submit(&ann.open("/o/acme/billing/details"), "Save", &[("Country", "Austria")]);
    let form = ann.open("/o/acme/billing/tax-ids/new");
    ann.submit(&form, "Add tax ID", &[("Number", "DE136695976")]);
    let page = preview(&ann, &acme, "team", "month");
    assert!(!page.says("Reverse charge") && page.all(".sums dd") == ["€10.00", "€1.90", "€11.90"], "{}", page.text());
}

#[test]
fn who_got_the_invoices_is_told_when_they_go_elsewhere() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let before = console.mails_to("tax@advisers.example").len();
    let elsewhere = [("Billing email", "mallory@evil.example"), ("Further recipients", "")];
    ann.submit(&ann.open("/o/acme/billing/details"), "Save", &elsewhere);
    for address in ["finance@acme.example", "tax@advisers.example", "mallory@evil.example"] {
        assert!(console.mail_to(address).text.contains("changed the billing details: billing email"), "{address}");
    }
    assert_eq!(console.mails_to("tax@advisers.example").len(), before + 1);
}

#[test]
fn a_plan_that_somebody_is_on_or_changes_to_stays_in_the_file() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "business", "month");
    change(&ann, &acme, "team", "month");
    let missing = |known: &[&str]| {
        roster::organizations::queries::plans_besides(&mut console.superuser(), known).unwrap().map(|(plan, _)| plan)
    };
    assert_eq!(missing(&["free", "team", "business"]), None);
    assert_eq!(missing(&["free", "team"]).as_deref(), Some("business"));
    assert_eq!(missing(&["free", "business"]).as_deref(), Some("team"), "the plan of the next period");
    ann.submit(&ann.open("/o/acme/billing"), "Keep Business", &[]);
    assert_eq!(missing(&["free", "business"]), None);
}

#[test]
fn the_operator_agrees_on_prices_that_can_be_invoiced() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let euro = roster::money::Currency::from_code("EUR").unwrap();
    let agree = |amount: i64| {
        let agreed = operator::Agreed { amount, currency: euro, cycle: roster::config::Cycle::Year };
        run(operator::set_plan(&console.db(), acme.id, "business", Some(agreed)))
    };
    assert!(agree(5_000).is_err(), "nobody can be invoiced yet");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    assert!(agree(i64::MAX).is_err() && agree(0).is_err());
    change(&ann, &acme, "team", "month");
    pay(&console, &acme, "R-000001");
    assert!(agree(5_000).unwrap().contains("Business"));
    let net = console.number("SELECT net AS number FROM invoices WHERE number = 'R-000002'");
    assert!((4_000..=4_001).contains(&net), "what is not used of the month is given back: {net}");
    let future = console.clock.now() + TimeDelta::days(40);
    let noted = |at, note: &str| run(operator::mark_paid(&console.db(), acme.id, "R-000002", at, note));
    assert!(noted(Some(future), "").is_err() && noted(None, "two\nlines").is_err() && noted(None, "one line").is_ok());
}

#[test]
fn a_payment_is_noted_on_a_day_from_that_of_the_invoice_to_that_of_today() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "year");
    let issued = console.clock.now();
    console.travel(TimeDelta::days(5));
    // As the command reads a day.
    let noon = |days: i64| (issued + TimeDelta::days(days)).date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc();
    let noted = |days: i64| run(operator::mark_paid(&console.db(), acme.id, "R-000001", Some(noon(days)), ""));
    let before = format!("{:?}", noted(-1).unwrap_err());
    assert!(before.contains("The day lies before the date of the invoice."), "{before}");
    let after = format!("{:?}", noted(7).unwrap_err());
    assert!(after.contains("The day lies in the future"), "{after}");
    assert_eq!(console.text("SELECT status FROM invoices"), "pending");
    assert!(noted(0).unwrap().contains("R-000001 of Acme is paid"));
    assert_eq!(console.text("SELECT at::date::text FROM payments"), issued.date_naive().to_string());
}

#[test]
fn seats_that_are_added_are_told_in_one_mail() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    for name in ["Bob Smith", "Cleo Jones", "Dana Moore"] {
        acme.member(name, Starter::Member);
        run(roster::access::write_as(&console.db(), acme.id, roster::access::Actor::console(), seats::follow)).unwrap();
    }
    let told = || {
        let mails = console.mails_to("tax@advisers.example");
        let texts = mails.into_iter().map(|mail| mail.text.split_whitespace().collect::<Vec<_>>().join(" "));
        texts.filter(|text| text.contains("to the plan: €")).collect::<Vec<_>>()
    };
    look_after(&console);
    assert_eq!(told().len(), 0, "others may join in the same hour");
    for _ in 0..2 {
        console.travel(TimeDelta::minutes(61));
        look_after(&console);
        let told = told();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("added 3 seats to the plan: €30.00 on the next invoice"), "{told:?}");
    }
}

#[test]
fn seats_that_the_invoice_of_a_change_tells_are_not_told_again() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    acme.member("Bob Smith", Starter::Member);
    run(roster::access::write_as(&console.db(), acme.id, roster::access::Actor::console(), seats::follow)).unwrap();
    change(&ann, &acme, "business", "month");
    console.travel(TimeDelta::minutes(61));
    look_after(&console);
    let mails = console.mails_to("tax@advisers.example");
    assert!(!mails.iter().any(|mail| mail.text.contains("to the plan: €")), "it is on no next invoice any more");
    assert!(ann.open(&acme.path("activity")).says("added 1 seat to the plan"), "the log has both");
}

#[test]
fn where_only_the_cycle_changes_all_words_say_so() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Member);
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "business", "year");
    assert_eq!(preview(&ann, &acme, "business", "year").flash(), "Business is your plan already.");
    let shown = preview(&ann, &acme, "business", "month");
    assert!(shown.says("Business is paid by the month from") && shown.says("Pay for Business by the month?"), "{}", shown.text());
    let page = change(&ann, &acme, "business", "month");
    assert!(page.flash().starts_with("Business is paid by the month from"), "{}", page.flash());
    assert!(page.says("Paid by the month from") && page.says("on: €60.00 a month for 2 members."), "{}", page.text());
    assert!(ann.open("/o/acme/activity").says("planned to pay for the plan Business by the month from"));
    assert!(console.mail_to("tax@advisers.example").text.contains("by the month from"));
    // What is there is kept by the button, and what is planned is not planned again.
    let same = preview(&ann, &acme, "business", "year");
    assert!(same.flash().contains("choose Keep Business on this page") && same.offers("Keep Business"), "{}", same.flash());
    let again = preview(&ann, &acme, "business", "month");
    assert!(again.flash().starts_with("Business is paid by the month from") && again.flash().ends_with("already."));
}

#[test]
fn where_no_account_is_set_invoices_say_whom_to_ask_and_nothing_of_vat() {
    let plans = |email: &str| {
        let plans = PLANS.split_once("[[items]]").unwrap().1;
        Arc::new(Plans::parse(&format!("[issuer]\nname = \"Apex\"\n{email}\n[[items]]{plans}")).unwrap())
    };
    for (email, whom) in [("", "Apex"), ("email = \"billing@apex.example\"", "billing@apex.example")] {
        let console = Console::start_with(|config| config.plans = plans(email));
        let acme = console.organization("Acme", "Ann Owner");
        let ann = console.signed_in(&acme.owner);
        give_address(&ann, &acme);
        let page = change(&ann, &acme, "team", "month");
        assert!(
            page.says(&format!("Ask {whom} which account to pay to, and name the number of the invoice.")),
            "{}",
            page.text()
        );
        let asked = format!("Ask {whom} which account to pay to, and name the reference R-000001.");
        let text = text_of(&ann.get(&page.link("Download PDF of R-000001")).bytes);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Please pay €10.00 by") && text.contains(&asked) && !text.contains("VAT"), "{text}");
        look_after(&console);
        let mails = console.mails_to("tax@advisers.example");
        let mail = mails.iter().find(|mail| mail.subject.starts_with("Invoice")).unwrap();
        assert!(mail.text.contains("To pay: €10.00 by") && mail.text.contains(&asked), "{}", mail.text);
        let ann = days_later(&console, &acme, 14);
        assert!(ann.open("/o/acme/billing").says(&asked));
        let overdue = console.mail_to("tax@advisers.example");
        assert!(overdue.subject.contains("is overdue") && overdue.text.contains("To pay: €10.00 since"), "{}", overdue.text);
    }
}

#[test]
fn a_price_that_is_not_there_leads_to_those_that_are() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = preview(&ann, &acme, "free", "month");
    assert!(page.flash().contains("Choose one of those on this page") && page.offers("Change to Team"), "{}", page.text());
    let reply = ann.post("/o/acme/billing/plans/team", &[("cycle", "month"), ("currency", "XXX")]);
    assert_eq!((reply.status, reply.header("location")), (303, Some("/o/acme/billing/plans")));
}

#[test]
fn a_plan_without_a_price_is_not_called_cancelled() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    run(operator::set_plan(&console.db(), acme.id, "business", None)).unwrap();
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Team ended on") && !page.says("Cancelled"), "{}", page.text());
    invite(&ann, &acme, "dana@example.com");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("1 member and 1 pending invitation, which holds its slot until it expires."), "{}", page.text());
}
