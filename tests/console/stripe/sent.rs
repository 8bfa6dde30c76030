//! Invoices that somebody makes by hand at Stripe, to be paid on its page instead of being charged.

use chrono::TimeDelta;

use super::World;
use super::by_hand::id;

/// Sends an invoice over €50.00, due in two weeks. Returns its number and its page.
fn send(world: &World) -> (String, String) {
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let form = [("customer", customer.as_str()), ("amount", "5000"), ("currency", "eur"), ("description", "Workshop")];
    world.by_hand("invoiceitems", &form);
    let form = [
        ("customer", customer.as_str()),
        ("collection_method", "send_invoice"),
        ("currency", "eur"),
        ("days_until_due", "14"),
        ("pending_invoice_items_behavior", "include"),
    ];
    let draft = id(&world.by_hand("invoices", &form));
    let sent = world.by_hand(&format!("invoices/{draft}/finalize"), &[]);
    world.settle();
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    (text("number"), text("hosted_invoice_url"))
}

#[test]
fn an_invoice_that_stripe_only_sends_is_open_until_its_day_and_paid_on_its_page() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let (number, there) = send(&world);
    let page = ann.open(&acme.path("billing"));
    assert_eq!(page.all("#alert"), [format!("Invoice {number} is open")]);
    assert!(page.says("€50.00 are to be paid by"), "{}", page.text());
    assert!(page.says("Open €50.00 due") && page.says("Active") && !page.says("What closes then"), "{}", page.text());
    let mails = world.console.mails_to("finance@acme.example");
    let mail = mails.iter().find(|mail| mail.text.contains(&number)).unwrap();
    assert!(mail.text.contains("It is to be paid by") && mail.text.contains("on a page of Stripe."), "{}", mail.text);
    assert!(mail.text.contains(&format!("Pay it here: {there} ")), "{}", mail.text);
    assert!(!mail.text.contains("charged to your payment method"), "{}", mail.text);
    let others = mails.iter().filter(|mail| mail.text.contains("Pay it here")).count();
    assert_eq!(others, 1, "the invoice of the plan is charged");
    let led = ann.press(&page, "Pay now", &[]);
    assert_eq!((led.status, led.location()), (303, there.as_str()));
    world.double.submit(&there, &[("action", "pay")]);
    world.settle();
    let page = ann.open(&acme.path("billing"));
    assert!(page.all("#alert").is_empty() && !page.says("Open"), "{}", page.text());
}

#[test]
fn an_invoice_that_stripe_only_sends_is_paid_without_a_payment_method_and_overdue_after_its_day() {
    let world = World::start();
    let (acme, _) = world.with_card();
    let method = world.console.text("SELECT stripe_id FROM payment_methods");
    world.by_hand(&format!("payment_methods/{method}/detach"), &[]);
    let (number, there) = send(&world);
    world.travel(TimeDelta::days(15));
    let ann = world.console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("billing"));
    assert_eq!(page.all("#alert"), [format!("Invoice {number} is overdue")], "{}", page.text());
    assert!(page.says("€50.00 were due on") && page.says("Overdue since"), "{}", page.text());
    let led = ann.press(&page, "Pay now", &[]);
    assert_eq!(led.location(), there);
    // A card that is refused there is tried again there.
    let refused = [("card_number", "4000000000000002"), ("expiry", "12 / 34"), ("cvc", "123"), ("action", "card")];
    world.double.submit(&there, &refused);
    world.settle();
    assert!(!ann.open(&acme.path("billing")).says("failed"));
    let log = ann.open(&acme.path("activity"));
    assert!(!log.says("could not collect"), "{}", log.text());
}
