//! What somebody sets by hand at Stripe of how a subscription is paid, and amounts that they put on its next invoice.

use chrono::TimeDelta;
use serde_json::Value;

use super::World;
use crate::billing::change;
use crate::harness::{Browser, Organization, Page};

const OTHER_CARD: &str = "5555555555554444";
const UNCHANGED: &str = "Everything here is as it is at Stripe.";

impl World {
    /// Posts to the double as somebody at Stripe's own pages would.
    pub fn by_hand(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let post = ureq::post(&format!("{}/v1/{path}", self.double.base)).header("authorization", "Bearer sk_test_console");
        let mut answer = post.send_form(form.iter().copied()).unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// The path of the subscription, and the id of its item.
    pub(super) fn subscription(&self) -> (String, String) {
        let path = format!("subscriptions/{}", self.console.text("SELECT stripe_id FROM subscriptions"));
        let item = id(&self.there(&path)["items"]["data"][0]);
        (path, item)
    }

    pub(super) fn rate(&self) -> String {
        id(&self.by_hand("tax_rates", &[("display_name", "By hand"), ("percentage", "5"), ("inclusive", "false")]))
    }

    /// Sets everything that overrides how the console has a subscription paid.
    fn override_payment(&self, method: &str) {
        let (path, item) = self.subscription();
        let rate = self.rate();
        let form = [
            ("items[0][id]", item.as_str()),
            ("items[0][tax_rates][0]", rate.as_str()),
            ("default_payment_method", method),
            ("collection_method", "send_invoice"),
            ("days_until_due", "14"),
            ("proration_behavior", "none"),
        ];
        self.by_hand(&path, &form);
    }

    /// Whether the subscription is charged to what the page names, with no VAT but its own.
    fn is_plain(&self) -> bool {
        let theirs = self.there(&self.subscription().0);
        theirs["default_payment_method"].is_null()
            && theirs["collection_method"] == "charge_automatically"
            && theirs["items"]["data"][0]["tax_rates"] == serde_json::json!([])
    }
}

pub(super) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

pub(super) fn check(ann: &Browser, acme: &Organization<'_>) -> Page {
    ann.submit(&ann.open(&acme.path("billing")), "Check now", &[])
}

/// A second card, which is not charged by default: its id at Stripe.
pub(super) fn other_card(world: &World, ann: &Browser, acme: &Organization<'_>) -> String {
    world.add_card(ann, acme, OTHER_CARD);
    world.settle();
    world.console.text("SELECT stripe_id FROM payment_methods WHERE NOT is_default")
}

#[test]
fn vat_on_an_item_is_taken_away_and_told() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    world.double.switch("lose", "all");
    let ((path, item), rate) = (world.subscription(), world.rate());
    let form = [("items[0][id]", item.as_str()), ("items[0][tax_rates][0]", rate.as_str()), ("proration_behavior", "none")];
    world.by_hand(&path, &form);
    assert!(!world.is_plain());
    assert_eq!(check(&ann, &acme).flash(), "Put right: set the VAT at Stripe back to what stands here.");
    assert!(world.is_plain());
    assert_eq!(check(&ann, &acme).flash(), UNCHANGED);
}

#[test]
fn a_payment_method_of_the_subscription_s_own_is_taken_away_and_told() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let other = other_card(&world, &ann, &acme);
    world.double.switch("lose", "all");
    let (path, _) = world.subscription();
    world.by_hand(&path, &[("default_payment_method", &other)]);
    let sentence = "set the payment method of the subscription at Stripe back to what stands here";
    assert_eq!(check(&ann, &acme).flash(), format!("Put right: {sentence}."));
    assert!(world.is_plain());
    let mails = world.console.mails_to("finance@acme.example");
    assert!(mails.iter().any(|mail| mail.text.contains(sentence)), "the recipients are told");
    // The one that the page names anyway is nothing to tell, and is taken away before another one is chosen.
    let named = world.console.text("SELECT stripe_id FROM payment_methods WHERE is_default");
    world.by_hand(&path, &[("default_payment_method", &named)]);
    assert_eq!(check(&ann, &acme).flash(), UNCHANGED);
    assert!(world.is_plain());
}

#[test]
fn invoices_that_were_to_be_sent_are_charged_again() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    world.settle();
    world.double.switch("lose", "all");
    let (path, _) = world.subscription();
    world.by_hand(&path, &[("collection_method", "send_invoice"), ("days_until_due", "30")]);
    let told = "Put right: set the collection of invoices at Stripe back to what stands here.";
    assert_eq!(check(&ann, &acme).flash(), told);
    assert!(world.is_plain());
    assert_eq!(check(&ann, &acme).flash(), UNCHANGED);
}

#[test]
fn a_plan_that_follows_brings_nothing_of_it_back() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    let other = other_card(&world, &ann, &acme);
    world.double.switch("lose", "all");
    world.override_payment(&other);
    // Planned before anybody has looked: Stripe's schedule begins with what was set by hand.
    let planned = change(&ann, &acme, "team", "month");
    assert!(planned.says("Becomes Team on"), "{}", planned.text());
    assert!(world.is_plain(), "{}", world.there(&world.subscription().0));
    let schedule = &world.there("subscription_schedules")["data"][0];
    assert_eq!(schedule["default_settings"]["collection_method"], "charge_automatically");
    assert_eq!(check(&ann, &acme).flash(), UNCHANGED);
    world.double.switch("lose", "");
    world.travel(TimeDelta::days(31) + TimeDelta::hours(2));
    assert!(world.is_plain() && world.console.text("SELECT plan FROM organizations") == "team");
    let renewal = world.console.text("SELECT net || ' ' || vat || ' ' || status FROM invoices ORDER BY issued_at DESC LIMIT 1");
    assert_eq!(renewal, "1000 190 paid", "with the VAT of the file");
}

#[test]
fn what_is_set_by_hand_for_the_next_period_is_set_back() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    change(&ann, &acme, "team", "month");
    let other = other_card(&world, &ann, &acme);
    world.double.switch("lose", "all");
    let schedule = world.there("subscription_schedules")["data"][0].clone();
    let text = |path: &str| schedule.pointer(path).unwrap().as_str().unwrap().to_owned();
    let (first, second, rate) = (text("/phases/0/items/0/price"), text("/phases/1/items/0/price"), world.rate());
    let ends = schedule["phases"][0]["end_date"].to_string();
    let form = [
        ("phases[0][items][0][price]", first.as_str()),
        ("phases[0][end_date]", ends.as_str()),
        ("phases[1][items][0][price]", second.as_str()),
        ("phases[1][items][0][tax_rates][0]", rate.as_str()),
        ("phases[1][default_payment_method]", other.as_str()),
        ("phases[1][iterations]", "1"),
    ];
    world.by_hand(&format!("subscription_schedules/{}", id(&schedule)), &form);
    let sentence = "set the payment method of the subscription and the VAT at Stripe back to what stands here";
    assert_eq!(check(&ann, &acme).flash(), format!("Put right: {sentence}."));
    let next = &world.there("subscription_schedules")["data"][0]["phases"][1];
    assert_eq!((&next["default_payment_method"], &next["items"][0]["tax_rates"]), (&Value::Null, &serde_json::json!([])));
    assert_eq!(next["default_tax_rates"][0]["percentage"], 19, "{next}");
    assert_eq!(check(&ann, &acme).flash(), UNCHANGED);
}

#[test]
fn the_next_period_has_the_vat_of_an_address_that_changes_meanwhile() {
    let world = World::start();
    let (acme, ann) = world.with_card();
    change(&ann, &acme, "business", "month");
    change(&ann, &acme, "team", "month");
    ann.submit(&ann.open(&acme.path("billing/details")), "Save", &[("Country", "Switzerland"), ("City", "Zürich")]);
    world.settle();
    let next = &world.there("subscription_schedules")["data"][0]["phases"][1];
    assert_eq!(next["default_tax_rates"], serde_json::json!([]), "{next}");
    assert!(!ann.open(&acme.path("activity")).says("back to what stands here"), "it was changed here");
    world.travel(TimeDelta::days(31) + TimeDelta::hours(2));
    let renewal = world.console.text("SELECT net || ' ' || vat || ' ' || status FROM invoices ORDER BY issued_at DESC LIMIT 1");
    assert_eq!(renewal, "1000 0 paid");
}

#[test]
fn a_version_that_did_not_look_yet_is_no_somebody_else() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let other = other_card(&world, &ann, &acme);
    world.double.switch("lose", "all");
    world.override_payment(&other);
    world.console.execute(
        "UPDATE stripe_accounts SET left_there = jsonb_build_object('details', left_there -> 'details', 'vat', left_there -> 'vat',
            'first invoices', '')",
    );
    assert_eq!(check(&ann, &acme).flash(), UNCHANGED);
    assert!(world.is_plain(), "it is put right all the same");
    assert!(!ann.open(&acme.path("activity")).says("back to what stands here"));
}

#[test]
fn an_amount_that_somebody_puts_on_the_next_invoice_is_told_until_it_is_gone() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let amount = |amount: &str, description: &str| {
        let form = [("customer", customer.as_str()), ("amount", amount), ("currency", "eur"), ("description", description)];
        id(&world.by_hand("invoiceitems", &form))
    };
    let help = amount("5000", "Help with <b>moving</b> in");
    amount("-700", "For the trouble");
    world.settle();
    let page = ann.open(&acme.path("billing"));
    let what = "€50.00 (“Help with <b>moving</b> in”) on the next invoice";
    assert!(page.says("Something else is charged"), "{}", page.text());
    assert!(page.says(&format!("Stripe charges you for {what}, which opens nothing here.")), "{}", page.text());
    assert!(!page.says("For the trouble"), "a credit costs nothing");
    let told = || {
        let mails = world.console.mails_to("finance@acme.example");
        mails.iter().filter(|mail| mail.text.contains(&format!("noted that Stripe charges for {what}"))).count()
    };
    assert_eq!(told(), 1, "the recipients are told");
    assert!(ann.open(&acme.path("activity")).says(&format!("noted that Stripe charges for {what}")));
    assert_eq!(check(&ann, &acme).flash(), UNCHANGED);
    assert_eq!(told(), 1, "once");
    let delete = ureq::delete(&format!("{}/v1/invoiceitems/{help}", world.double.base));
    delete.header("authorization", "Bearer sk_test_console").call().unwrap();
    world.settle();
    assert!(!ann.open(&acme.path("billing")).says("Something else is charged"), "it is gone");
}

#[test]
fn what_they_owe_from_before_is_said_until_an_invoice_adds_it() {
    let world = World::start();
    let (acme, ann) = world.subscribed();
    let customer = world.console.text("SELECT stripe_customer FROM organizations");
    let words = "€25.00 from before are added to your next invoice.";
    assert!(!ann.open(&acme.path("billing")).says("from before"));
    world.by_hand(&format!("customers/{customer}"), &[("balance", "2500")]);
    world.settle();
    assert!(ann.open(&acme.path("billing")).says(words));
    change(&ann, &acme, "business", "month");
    world.settle();
    assert!(!ann.open(&acme.path("billing")).says("from before"), "it stands on the invoice of the change");
}
