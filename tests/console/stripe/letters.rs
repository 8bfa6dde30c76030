//! What mails say of invoices at Stripe to recipients who have no seat, and so no page of the console.

use chrono::TimeDelta;

use super::World;

/// The newest mail to somebody without a seat with some words in its subject.
fn letter(world: &World, words: &str) -> String {
    let mails = world.console.mails_to("tax@advisers.example");
    mails.into_iter().find(|mail| mail.subject.contains(words)).unwrap_or_else(|| panic!("no mail of {words}")).text
}

/// The address below some words.
fn link(mail: &str, words: &str) -> String {
    let (_, after) = mail.split_once(words).unwrap_or_else(|| panic!("no {words} in {mail}"));
    after.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn who_has_no_seat_opens_the_pdf_of_an_invoice_from_the_mail() {
    let world = World::start();
    world.subscribed();
    let number = world.console.text("SELECT number FROM invoices");
    let mail = letter(&world, &format!("Invoice {number} for"));
    assert!(mail.contains("needs no account") && mail.contains("It is paid."), "{mail}");
    assert!(!mail.contains("Pay it here") && !mail.contains("waits for you"), "{mail}");
    let mut file = ureq::get(link(&mail, "Download the PDF:")).call().unwrap();
    assert!(file.body_mut().read_to_vec().unwrap().starts_with(b"%PDF"));
}

#[test]
fn who_has_no_seat_pays_what_could_not_be_collected_from_the_mail() {
    let world = World::start();
    let (_, _, method) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    let number = world.console.text("SELECT number FROM invoices WHERE status = 'failed'");
    let mail = letter(&world, &format!("Invoice {number} for"));
    assert!(mail.contains("It can be paid on a page of Stripe"), "{mail}");
    world.double.switch(&format!("decline[{method}]"), "");
    world.double.submit(&link(&mail, "Pay it here:"), &[("action", "pay")]);
    world.settle();
    assert_eq!(world.console.text(&format!("SELECT status FROM invoices WHERE number = '{number}'")), "paid");
}

#[test]
fn a_mail_without_the_address_of_its_pdf_leads_to_the_console() {
    let world = World::start();
    world.subscribed();
    // As a row of a version before, which knew no address of the PDF.
    world.console.execute("UPDATE mails SET message = message - 'pdf' WHERE message ->> 'kind' = 'invoice_issued'");
    let mail = letter(&world, "Invoice ");
    assert!(mail.contains("The PDF waits for you under Billing.") && !mail.contains("Download"), "{mail}");
}

#[test]
fn the_mail_of_a_payment_that_failed_says_how_much_it_is_what_stops_and_where_it_is_paid() {
    let world = World::start();
    let (_, _, method) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    let number = world.console.text("SELECT number FROM invoices WHERE status = 'failed'");
    let mail = letter(&world, &format!("the payment of invoice {number} failed"));
    assert!(mail.contains("could not collect the invoice") && mail.contains("€11.90 are to be paid."), "{mail}");
    assert!(mail.contains("If Stripe's last try fails, Team ends and Free is your plan."), "{mail}");
    assert!(mail.contains("What closes then: - 5 member slots instead of 20."), "{mail}");
    world.double.switch(&format!("decline[{method}]"), "");
    world.double.submit(&link(&mail, "Pay it here:"), &[("action", "pay")]);
    world.settle();
    assert_eq!(world.console.text(&format!("SELECT status FROM invoices WHERE number = '{number}'")), "paid");
}
