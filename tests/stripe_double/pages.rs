//! The pages that a person sees: Checkout's card form, 3-D Secure, an invoice, the billing portal. Plain HTML with labelled fields and
//! buttons, no script.

use crate::checkout::{self, CardForm};
use crate::double::Double;
use crate::invoicing::collecting;
use crate::json::{number, text};
use crate::money::display;
use crate::params::Params;
use crate::payment_methods;
use crate::payments;
use crate::setup_intents;
use crate::world::World;
use serde_json::Value;

/// What a page's request leads to.
pub enum Page {
    /// A page with a status.
    Html(u16, String),
    /// 303 to an address.
    SeeOther(String),
    /// A document with its file name.
    Pdf(String, Vec<u8>),
}

/// Answers a request for a page; `path` has no leading slash.
pub fn answer(double: &mut Double, method: &str, path: &str, sent: &Params) -> Page {
    let steps: Vec<&str> = path.split('/').collect();
    let posted = method == "POST";
    let world = &mut double.world;
    let page = match steps.as_slice() {
        ["c", "pay", id] => session_page(world, id, posted, sent),
        ["c", "pay", id, "authenticate"] => session_authentication(world, id, posted, sent),
        ["c", "authenticate", id] => authentication(world, id, posted, sent),
        ["i", id] => invoice_page(world, id, posted, sent),
        ["i", id, "pdf"] => invoice_pdf(world, id),
        ["p", "session", id] => portal(world, id),
        _ => None,
    };
    double.send_events();
    page.unwrap_or_else(|| Page::Html(404, frame("Not found", "<p>There is nothing here.</p>")))
}

fn session_page(world: &mut World, id: &str, posted: bool, sent: &Params) -> Option<Page> {
    let session = world.fetch("checkout.session", id).ok()?;
    match text(&session, "status") {
        "open" => {}
        "complete" => return Some(Page::Html(200, frame("All done", "<p>You're all done here.</p>"))),
        _ => return Some(Page::Html(410, frame("Expired", "<p>This checkout session has expired.</p>"))),
    }
    if !posted {
        return Some(Page::Html(200, card_page(&session, "")));
    }
    Some(match checkout::submit(world, id, &CardForm::read(sent)) {
        Ok(true) => Page::SeeOther(success(&session)),
        Ok(false) => Page::SeeOther(format!("{}/c/pay/{id}/authenticate", world.base)),
        Err(message) => Page::Html(200, card_page(&session, &message)),
    })
}

fn session_authentication(world: &mut World, id: &str, posted: bool, sent: &Params) -> Option<Page> {
    let session = world.fetch("checkout.session", id).ok()?;
    let intent = world.own("setup_intent", text(&session, "setup_intent"));
    if text(&intent, "status") != "requires_action" {
        return Some(Page::SeeOther(format!("{}/c/pay/{id}", world.base)));
    }
    if !posted {
        return Some(Page::Html(200, frame("3-D Secure", &authentication_form())));
    }
    Some(match checkout::authenticate(world, id, is_complete(sent)) {
        Ok(()) => Page::SeeOther(success(&session)),
        Err(error) => Page::Html(200, card_page(&session, &error.message())),
    })
}

/// The page of `next_action.redirect_to_url`, of a setup intent or a payment intent.
fn authentication(world: &mut World, id: &str, posted: bool, sent: &Params) -> Option<Page> {
    let kind = if id.starts_with("seti_") { "setup_intent" } else { "payment_intent" };
    let intent = world.fetch(kind, id).ok()?;
    if text(&intent, "status") != "requires_action" {
        return Some(Page::Html(200, frame("3-D Secure", "<p>Nothing has to be authenticated.</p>")));
    }
    if !posted {
        return Some(Page::Html(200, frame("3-D Secure", &authentication_form())));
    }
    let done = is_complete(sent);
    let outcome = if kind == "setup_intent" {
        setup_intents::authenticate(world, id, done)
    } else {
        collecting::authenticate(world, id, done)
    };
    let (word, message) = match outcome {
        Ok(_) => ("succeeded", "Authentication complete.".to_owned()),
        Err(error) => ("failed", error.message()),
    };
    let back = intent["next_action"]["redirect_to_url"]["return_url"].as_str().and_then(|address| url::Url::parse(address).ok());
    Some(match back {
        Some(mut address) => {
            address.query_pairs_mut().append_pair(kind, id).append_pair("redirect_status", word);
            Page::SeeOther(address.to_string())
        }
        None => Page::Html(200, frame("3-D Secure", &format!("<p>{}</p>", escaped(&message)))),
    })
}

fn invoice_page(world: &mut World, id: &str, posted: bool, sent: &Params) -> Option<Page> {
    let invoice = world.fetch("invoice", id).ok().filter(|invoice| text(invoice, "status") != "draft")?;
    let message = if posted && text(&invoice, "status") == "open" {
        settle(world, &invoice, sent).err().unwrap_or_default()
    } else {
        String::new()
    };
    let invoice = world.own("invoice", id);
    let amount = display(number(&invoice, "amount_due"), text(&invoice, "currency"));
    let facts = format!(
        "<p>Invoice {} <strong id=\"amount\">{}</strong> <span id=\"status\">{}</span></p>{}<p><a href=\"/i/{id}/pdf\">Download invoice</a></p>",
        escaped(text(&invoice, "number")),
        escaped(&amount),
        escaped(text(&invoice, "status")),
        alert(&message)
    );
    let waits = payments::intent_of(world, id).is_some_and(|intent| text(&intent, "status") == "requires_action");
    let forms = match (text(&invoice, "status"), waits) {
        ("open", true) => authentication_form(),
        ("open", false) => {
            let saved = collecting::method_for(world, &invoice).is_some();
            let pay =
                format!("<form method=\"post\"><button name=\"action\" value=\"pay\">Pay {}</button></form>", escaped(&amount));
            format!("{}{}", if saved { pay } else { String::new() }, card_form("Pay with this card", "card"))
        }
        _ => String::new(),
    };
    Some(Page::Html(200, frame("Invoice", &format!("{facts}{forms}"))))
}

fn settle(world: &mut World, invoice: &Value, sent: &Params) -> Result<(), String> {
    let id = text(invoice, "id");
    let action = sent.given("action").ok().flatten().unwrap_or_default();
    let outcome = match action.as_str() {
        "complete" | "fail" => {
            let intent = payments::intent_of(world, id).ok_or("Nothing has to be authenticated.")?;
            collecting::authenticate(world, text(&intent, "id"), action == "complete")
        }
        "card" => {
            let (number, printed) = checkout::read_card(world, &CardForm::read(sent))?;
            let method = payment_methods::make(world, &number, &printed);
            collecting::collect(world, id, Some(text(&method, "id")))
        }
        _ => collecting::collect(world, id, None),
    };
    outcome.map(drop).map_err(|error| error.message())
}

fn invoice_pdf(world: &World, id: &str) -> Option<Page> {
    let invoice = world.fetch("invoice", id).ok().filter(|invoice| text(invoice, "status") != "draft")?;
    Some(Page::Pdf(format!("Invoice-{}.pdf", text(&invoice, "number")), crate::pdf::of_invoice(&invoice)))
}

fn portal(world: &World, id: &str) -> Option<Page> {
    let session = world.fetch("billing_portal.session", id).ok()?;
    let back = session["return_url"].as_str().map(|address| format!("<p><a href=\"{}\">Return</a></p>", escaped(address)));
    let words = format!("<p>Billing portal of {}</p>{}", escaped(text(&session, "customer")), back.unwrap_or_default());
    Some(Page::Html(200, frame("Billing portal", &words)))
}

fn success(session: &Value) -> String {
    text(session, "success_url").replace("{CHECKOUT_SESSION_ID}", text(session, "id"))
}

fn is_complete(sent: &Params) -> bool {
    sent.given("action").ok().flatten().as_deref() == Some("complete")
}

fn card_page(session: &Value, message: &str) -> String {
    let cancel = session["cancel_url"].as_str().map(|address| format!("<p><a href=\"{}\">Cancel</a></p>", escaped(address)));
    let form = card_form("Save card", "save");
    frame("Save a card", &format!("{}{form}{}", alert(message), cancel.unwrap_or_default()))
}

fn card_form(button: &str, action: &str) -> String {
    let field = |name: &str, label: &str, hint: &str| {
        format!(
            "<p><label for=\"{name}\">{label}</label> <input id=\"{name}\" name=\"{name}\" inputmode=\"numeric\" placeholder=\"{hint}\" required></p>"
        )
    };
    format!(
        "<form method=\"post\">{}{}{}<button name=\"action\" value=\"{action}\">{button}</button></form>",
        field("card_number", "Card number", "1234 1234 1234 1234"),
        field("expiry", "Expiry MM / YY", "MM / YY"),
        field("cvc", "CVC", "CVC")
    )
}

fn authentication_form() -> String {
    "<p>Your bank asks whether this is you.</p><form method=\"post\"><button name=\"action\" value=\"complete\">Complete authentication</button> \
    <button name=\"action\" value=\"fail\">Fail authentication</button></form>"
        .to_owned()
}

fn alert(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!("<p role=\"alert\">{}</p>", escaped(message)) }
}

fn frame(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
        <title>{title} (stripe-double)</title></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
