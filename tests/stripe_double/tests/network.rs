//! Through sockets: the server, its pages, broken connections.

use crate::server::{Setup, start};
use crate::webhooks::Target;
use serde_json::Value;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A running double and a client of it.
pub struct Running {
    pub base: String,
    agent: ureq::Agent,
}

impl Running {
    pub fn start(target: Option<Target>) -> Self {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (server, base) = start(Setup { port: 0, now: super::harness::START, target }).unwrap();
                tell.send(base).unwrap();
                server.await.unwrap();
            });
        });
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = ureq::Agent::new_with_config(config.timeout_global(Some(Duration::from_secs(10))).build());
        Self { base: told.recv().unwrap(), agent }
    }

    /// POST of a form: status, `Location`, body; an error if the connection breaks.
    pub fn post(&self, path: &str, form: &str, key: Option<&str>) -> Result<(u16, String, String), ureq::Error> {
        let mut request = self.agent.post(self.address(path)).header("Authorization", "Bearer sk_test_1");
        request = request.header("Content-Type", "application/x-www-form-urlencoded");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let mut answer = request.send(form)?;
        let location = answer.headers().get("Location").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        Ok((answer.status().as_u16(), location, answer.body_mut().read_to_string()?))
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        let mut answer = self.agent.get(self.address(path)).header("Authorization", "Bearer sk_test_1").call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    pub fn json(&self, path: &str, form: &str) -> Value {
        let (status, _, body) = self.post(path, form, None).unwrap();
        assert_eq!(status, 200, "{path} {form}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub fn read(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).1).unwrap()
    }

    fn address(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}/{path}", self.base) }
    }

    /// A checkout session for a new customer.
    fn session(&self) -> Value {
        let customer = self.json("v1/customers", "name=A");
        let form = "mode=setup&currency=usd&success_url=http://localhost/ok?session={CHECKOUT_SESSION_ID}&cancel_url=http://localhost/no";
        self.json("v1/checkout/sessions", &format!("{form}&customer={}", customer["id"].as_str().unwrap()))
    }
}

fn card(number: &str) -> String {
    format!("card_number={number}&expiry=12+/+34&cvc=123&action=save")
}

#[test]
fn a_person_saves_a_card() {
    let double = Running::start(None);
    let session = double.session();
    let page = session["url"].as_str().unwrap();
    let (status, html) = double.get(page);
    assert_eq!(status, 200);
    for part in [
        "<label for=\"card_number\">Card number</label>",
        "Expiry MM / YY",
        ">CVC</label>",
        ">Save card</button>",
        "<a href=\"http://localhost/no\">Cancel</a>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let wrong = [
        ("4242424242424241", "number is invalid"),
        ("4000000000000002", "Your card was declined."),
        ("4000000000009995", "insufficient funds"),
        ("4000000000000069", "has expired"),
    ];
    for (number, words) in wrong {
        let (status, _, html) = double.post(page, &card(number), None).unwrap();
        assert_eq!((status, html.contains(words)), (200, true), "{words} in {html}");
    }
    let (_, _, html) = double.post(page, "card_number=4242424242424242&expiry=12/24&cvc=123", None).unwrap();
    assert!(html.contains("expiration date is in the past"));
    let (status, back, _) = double.post(page, &card("4242+4242+4242+4242"), None).unwrap();
    assert_eq!((status, back.as_str()), (303, "http://localhost/ok?session=cs_test_1"));
    let done = double.read("v1/checkout/sessions/cs_test_1?expand[]=setup_intent.payment_method");
    assert_eq!(
        (done["status"].as_str(), done["setup_intent"]["payment_method"]["customer"].as_str()),
        (Some("complete"), Some("cus_1"))
    );
    assert!(double.get(page).1.contains("all done"));
}

#[test]
fn a_person_authenticates() {
    let double = Running::start(None);
    let session = double.session();
    let page = session["url"].as_str().unwrap();
    let (status, second, _) = double.post(page, &card("4000002500003155"), None).unwrap();
    assert_eq!((status, second.ends_with("/authenticate")), (303, true));
    let (_, html) = double.get(&second);
    assert!(html.contains(">Complete authentication</button>") && html.contains(">Fail authentication</button>"));
    let (status, _, html) = double.post(&second, "action=fail", None).unwrap();
    assert_eq!((status, html.contains("unable to authenticate")), (200, true));
    let (_, second, _) = double.post(page, &card("4000002500003155"), None).unwrap();
    let (status, back, _) = double.post(&second, "action=complete", None).unwrap();
    assert_eq!((status, back.as_str()), (303, "http://localhost/ok?session=cs_test_1"));
    assert_eq!(double.read("v1/setup_intents/seti_1")["status"], "succeeded");
}

#[test]
fn an_invoice_has_a_page_and_a_pdf() {
    let double = Running::start(None);
    double.json("v1/customers", "name=Ann+(€)");
    double.json("v1/invoiceitems", "customer=cus_1&amount=1234&currency=usd&description=Seats+×+3");
    double.json("v1/invoices", "customer=cus_1&pending_invoice_items_behavior=include");
    assert_eq!(double.get("i/in_1").0, 404, "a draft has no page");
    let invoice = double.json("v1/invoices/in_1/finalize", "");
    let page = invoice["hosted_invoice_url"].as_str().unwrap();
    let (_, html) = double.get(page);
    assert!(html.contains("$12.34") && html.contains("Pay with this card"), "{html}");
    let (_, _, html) = double.post(page, &card("4000000000000341").replace("action=save", "action=card"), None).unwrap();
    assert!(html.contains("Your card was declined."));
    let (_, _, html) = double.post(page, &card("4242424242424242").replace("action=save", "action=card"), None).unwrap();
    assert!(html.contains("<span id=\"status\">paid</span>"), "{html}");
    let (status, pdf) = double.get(invoice["invoice_pdf"].as_str().unwrap());
    assert_eq!((status, pdf.starts_with("%PDF-1.4"), pdf.ends_with("%%EOF\n")), (200, true, true));
    assert!(pdf.contains(invoice["number"].as_str().unwrap()) && pdf.contains("total: $12.34"));
    let start: usize = pdf.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    assert!(pdf[start..].starts_with("xref"));
}

#[test]
fn a_broken_connection_has_executed() {
    let double = Running::start(None);
    double.json("_double/switches", "fail_after_execution=1");
    assert!(double.post("v1/customers", "name=A", Some("k")).is_err());
    let (status, _, body) = double.post("v1/customers", "name=A", Some("k")).unwrap();
    assert_eq!((status, body.contains("cus_1")), (200, true));
    let state = double.read("_double/state");
    assert_eq!((state["counts"]["customer"].as_i64(), state["requests"][0]["broken"].as_bool()), (Some(1), Some(true)));
}

#[test]
fn answers_can_hang_and_fail() {
    let double = Running::start(None);
    double.json("_double/switches", "unavailable=true&hang_ms=300");
    let since = Instant::now();
    assert_eq!(double.get("v1/customers").0, 503);
    assert!(since.elapsed() >= Duration::from_millis(300));
    double.json("_double/reset", "");
    assert_eq!(double.get("v1/customers").0, 200);
    assert_eq!(double.get("_double/nothing").0, 404);
}

#[test]
fn the_portal_has_a_page() {
    let double = Running::start(None);
    double.json("v1/customers", "");
    let session = double.json("v1/billing_portal/sessions", "customer=cus_1&return_url=http://localhost/billing");
    assert!(double.get(session["url"].as_str().unwrap()).1.contains("href=\"http://localhost/billing\""));
}
