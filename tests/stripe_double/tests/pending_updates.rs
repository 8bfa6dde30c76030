//! Changes that wait for their payment: `payment_behavior=pending_if_incomplete`.

use super::harness::*;
use crate::pages::{self, Page};
use crate::params::Params;
use serde_json::{Value, json};

/// An hour in seconds.
pub const HOUR: i64 = 3600;

/// A subscription of 2 × 10.00 since ten days, whose card can be switched to fail.
pub struct Scene {
    pub api: Api,
    pub subscription: String,
    pub item: String,
    pub customer: String,
}

impl Scene {
    pub fn new(more: &str) -> Self {
        let mut api = Api::new();
        let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
        let made = api.subscription(&customer, &price, &format!("items[0][quantity]=2{more}"));
        api.advance(10 * DAY);
        Self { api, subscription: id(&made), item: id(&made["items"]["data"][0]), customer }
    }

    pub fn decline(&mut self, code: &str) {
        self.api.control("switches", &format!("decline[pm_1]={code}"));
    }

    pub fn path(&self) -> String {
        format!("subscriptions/{}", self.subscription)
    }

    /// A change that may wait, with its invoice expanded.
    pub fn change(&mut self, change: &str) -> Value {
        let sent = format!("{change}&payment_behavior=pending_if_incomplete&off_session=true&expand[]=latest_invoice");
        self.api.post(&self.path(), &sent)
    }

    /// More seats that are billed at once.
    pub fn seats(&mut self, quantity: i64) -> Value {
        let item = self.item.clone();
        self.change(&format!("items[0][id]={item}&items[0][quantity]={quantity}&proration_behavior=always_invoice"))
    }

    pub fn now(&mut self) -> Value {
        let path = self.path();
        self.api.get(&format!("{path}?expand[]=latest_invoice"))
    }

    pub fn press(&mut self, invoice: &Value, action: &str) -> String {
        let address = invoice["hosted_invoice_url"].as_str().unwrap().to_owned();
        let path = address.trim_start_matches("http://127.0.0.1:1/");
        match pages::answer(&mut self.api.double, "POST", path, &Params::parse(&format!("action={action}"))) {
            Page::Html(200, page) => page,
            _ => panic!("the page of an invoice"),
        }
    }

    pub fn happened(&mut self, event: &str) -> usize {
        let name = format!("customer.subscription.{event}");
        self.api.events().iter().filter(|other| **other == name).count()
    }
}

/// The quantity, the status, whether an update waits, and the status of the latest invoice.
pub fn state(subscription: &Value) -> (i64, &str, bool, &str) {
    (
        subscription["items"]["data"][0]["quantity"].as_i64().unwrap(),
        subscription["status"].as_str().unwrap(),
        !subscription["pending_update"].is_null(),
        subscription["latest_invoice"]["status"].as_str().unwrap(),
    )
}

#[test]
fn what_is_paid_is_applied_at_once() {
    let mut scene = Scene::new("");
    let updates = scene.happened("updated");
    let after = scene.seats(5);
    assert_eq!(state(&after), (5, "active", false, "paid"));
    assert_eq!((scene.happened("updated"), scene.happened("pending_update_applied")), (updates + 1, 0));
    let waiting = format!("items[0][id]={}&items[0][quantity]=3&proration_behavior=create_prorations", scene.item);
    assert_eq!(state(&scene.change(&waiting)), (3, "active", false, "paid"), "no invoice is made at once");
}

#[test]
fn what_is_declined_waits_for_the_invoice() {
    let mut scene = Scene::new("");
    let before = scene.now();
    scene.decline("insufficient_funds");
    let updates = scene.happened("updated");
    let waiting = scene.seats(5);
    assert_eq!(state(&waiting), (2, "active", true, "open"));
    assert_eq!((&waiting["items"], scene.happened("updated")), (&before["items"], updates + 1));
    let pending = &waiting["pending_update"];
    assert_eq!(pending["expires_at"], json!(START + 10 * DAY + 23 * HOUR));
    assert_eq!((&pending["subscription_items"][0]["quantity"], pending["trial_end"].is_null()), (&json!(5), true));
    assert!(pending["billing_cycle_anchor"].is_null() && pending["trial_from_plan"].is_null());
    scene.api.advance(22 * HOUR);
    let still = scene.now();
    assert_eq!(state(&still), (2, "active", true, "open"));
    assert_eq!((&still["latest_invoice"]["attempt_count"], still["pending_update"] == *pending), (&json!(1), true), "no retry");
    let invoice = still["latest_invoice"].clone();
    assert_eq!(scene.api.refused(&format!("invoices/{}/pay", id(&invoice)), "").0, 402);
    assert_eq!(state(&scene.now()), (2, "active", true, "open"));
    scene.decline("");
    assert!(scene.press(&invoice, "pay").contains("<span id=\"status\">paid</span>"));
    let after = scene.now();
    assert_eq!(state(&after), (5, "active", false, "paid"));
    assert_eq!(amounts(&after["latest_invoice"]), amounts(&invoice), "as invoiced, though a day has passed");
    assert_eq!((scene.happened("pending_update_applied"), scene.happened("pending_update_expired")), (1, 0));
    scene.api.advance(21 * DAY + HOUR);
    assert_eq!(amounts(&scene.now()["latest_invoice"]), [5000]);
}

#[test]
fn authentication_is_waited_for() {
    let mut scene = Scene::new("");
    scene.decline("authentication_required");
    let waiting = scene.seats(5);
    assert_eq!(state(&waiting), (2, "active", true, "open"));
    scene.press(&waiting["latest_invoice"], "fail");
    assert_eq!(state(&scene.now()), (2, "active", true, "open"));
    assert_eq!(scene.api.refused(&format!("invoices/{}/pay", id(&waiting["latest_invoice"])), "").0, 402);
    scene.press(&waiting["latest_invoice"], "complete");
    assert_eq!(state(&scene.now()), (5, "active", false, "paid"));
}

#[test]
fn a_new_cycle_waits_too() {
    let mut scene = Scene::new("");
    let asked = START + 10 * DAY;
    scene.decline("insufficient_funds");
    let waiting = scene.change("billing_cycle_anchor=now");
    let pending = &waiting["pending_update"];
    assert_eq!((pending["billing_cycle_anchor"].as_i64(), pending["subscription_items"].is_null()), (Some(asked), true));
    assert_eq!((waiting["billing_cycle_anchor"].as_i64(), state(&waiting)), (Some(START), (2, "active", true, "open")));
    scene.api.advance(5 * HOUR);
    scene.decline("");
    scene.press(&waiting["latest_invoice"], "pay");
    let after = scene.now();
    let since = &after["items"]["data"][0]["current_period_start"];
    assert_eq!((after["billing_cycle_anchor"].as_i64(), since.as_i64()), (Some(asked), Some(asked)));
}

#[test]
fn the_end_of_a_trial_waits_too() {
    let mut scene = Scene::new("&trial_period_days=30");
    scene.decline("insufficient_funds");
    let waiting = scene.change("trial_end=now");
    assert_eq!(state(&waiting), (2, "trialing", true, "open"));
    assert_eq!(waiting["pending_update"]["trial_end"].as_i64(), Some(START + 10 * DAY));
    scene.api.advance(24 * HOUR);
    assert_eq!(state(&scene.now()), (2, "trialing", false, "void"));
    let waiting = scene.change("trial_end=now");
    scene.decline("");
    scene.press(&waiting["latest_invoice"], "pay");
    let after = scene.now();
    assert_eq!((state(&after), after["trial_end"].as_i64()), ((2, "active", false, "paid"), Some(START + 11 * DAY)));
}

#[test]
fn what_cannot_wait_is_refused() {
    let mut scene = Scene::new("");
    let path = scene.path();
    for (sent, param) in [
        ("metadata[a]=1", "metadata"),
        ("cancel_at_period_end=true", "cancel_at_period_end"),
        ("default_payment_method=pm_1", "default_payment_method"),
        ("default_tax_rates[]=txr_1", "default_tax_rates"),
        ("items[0][id]=si_1&items[0][metadata][a]=1", "items[0][metadata][a]"),
    ] {
        let (status, error) = scene.api.refused(&path, &format!("{sent}&payment_behavior=pending_if_incomplete"));
        assert_eq!((status, error["type"].as_str(), error["param"].as_str()), (400, Some("invalid_request_error"), Some(param)));
    }
    scene.api.post(&path, "collection_method=send_invoice&days_until_due=5");
    let sent = "billing_cycle_anchor=now&payment_behavior=pending_if_incomplete";
    assert_eq!(scene.api.refused(&path, sent).1["param"], "payment_behavior");
    let new = format!("customer={}&items[0][price]=price_1&payment_behavior=pending_if_incomplete", scene.customer);
    assert_eq!(scene.api.refused("subscriptions", &new).1["param"], "payment_behavior");
}
