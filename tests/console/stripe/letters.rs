//! What mails say of invoices at Stripe to recipients who have no seat, and so no page of the console.

use chrono::TimeDelta;

use super::World;
use crate::harness::Mail;

/// The mails to somebody without a seat with some words in their subject, the newest first.
fn letters(world: &World, words: &str) -> Vec<Mail> {
    let mails = world.console.mails_to("tax@advisers.example");
    mails.into_iter().filter(|mail| mail.subject.contains(words)).collect()
}

/// The address below some words.
fn link(mail: &Mail, words: &str) -> String {
    let (_, after) = mail.text.split_once(words).unwrap_or_else(|| panic!("no {words} in {}", mail.text));
    after.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn who_has_no_seat_opens_the_pdf_of_an_invoice_from_the_mail() {
    let world = World::start();
    world.subscribed();
    let number = world.console.text("SELECT number FROM invoices");
    let mail = letters(&world, &format!("Invoice {number} for")).remove(0);
    assert!(mail.text.contains("needs no account") && mail.text.contains("It is paid."), "{}", mail.text);
    assert!(!mail.text.contains("Pay it here") && !mail.text.contains("waits for you"), "{}", mail.text);
    let mut file = ureq::get(link(&mail, "Download the PDF:")).call().unwrap();
    assert!(file.body_mut().read_to_vec().unwrap().starts_with(b"%PDF"));
}

#[test]
fn who_has_no_seat_pays_what_could_not_be_collected_from_the_mail() {
    let world = World::start();
    let (_, _, method) = world.declined("insufficient_funds", TimeDelta::days(31) + TimeDelta::hours(2));
    let number = world.console.text("SELECT number FROM invoices WHERE status = 'failed'");
    let mail = letters(&world, &format!("Invoice {number} for")).remove(0);
    assert!(mail.text.contains("It can be paid on a page of Stripe"), "{}", mail.text);
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
    let mail = letters(&world, "Invoice ").remove(0);
    assert!(mail.text.contains("The PDF waits for you under Billing.") && !mail.text.contains("Download"), "{}", mail.text);
}
