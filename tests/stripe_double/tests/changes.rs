//! The preview of a change is the invoice that the change makes, to the unit, for random sequences of changes.

use super::harness::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

const FACTS: [&str; 8] = [
    "subtotal",
    "total",
    "total_excluding_tax",
    "amount_due",
    "starting_balance",
    "ending_balance",
    "currency",
    "billing_reason",
];

/// What a preview and its invoice must share.
fn facts(invoice: &Value, lines: &Value) -> Vec<String> {
    let mut facts: Vec<String> = FACTS.iter().map(|name| format!("{name} {}", invoice[*name])).collect();
    facts.push(invoice["total_taxes"].to_string());
    for line in lines["data"].as_array().unwrap() {
        facts.push(format!(
            "{} {} {} {} {}",
            line["amount"], line["description"], line["period"], line["quantity"], line["taxes"]
        ));
    }
    facts
}

fn made(api: &mut Api, invoice: &Value) -> Vec<String> {
    let lines = api.get(&format!("invoices/{}/lines?limit=100", id(invoice)));
    sums_are_right(invoice, &lines);
    facts(invoice, &lines)
}

fn sums_are_right(invoice: &Value, lines: &Value) {
    let number = |value: &Value, name: &str| value[name].as_i64().unwrap();
    let lines = lines["data"].as_array().unwrap();
    let subtotal: i64 = lines.iter().map(|line| number(line, "amount")).sum();
    let taxes: i64 = lines.iter().flat_map(|line| line["taxes"].as_array().unwrap()).map(|tax| number(tax, "amount")).sum();
    assert_eq!((number(invoice, "subtotal"), number(invoice, "total")), (subtotal, subtotal + taxes));
    let open = number(invoice, "total") + number(invoice, "starting_balance");
    assert_eq!(
        number(invoice, "amount_due") + number(invoice, "ending_balance"),
        open,
        "nothing is lost between invoice and balance"
    );
    assert_eq!(number(invoice, "amount_paid") + number(invoice, "amount_remaining"), number(invoice, "amount_due"));
}

struct World {
    api: Api,
    random: StdRng,
    prices: Vec<String>,
    subscription: String,
    /// How many invoices made at once, and how many renewals, were compared.
    compared: (usize, usize),
}

impl World {
    fn new(seed: u64) -> Self {
        let (mut api, mut random) = (Api::new(), StdRng::seed_from_u64(seed));
        let customer = api.customer("pm_card_visa");
        let mut prices: Vec<String> =
            (0..5).map(|number| api.price(&format!("P{number}"), 1 + i64::from(random.random::<u16>()))).collect();
        prices.push(api.price_each("Yearly", 99_999, "year"));
        prices.push(api.price("Free", 0));
        let rate = id(&api.post("tax_rates", "display_name=VAT&percentage=19.25&inclusive=false"));
        let more = match seed % 4 {
            0 => format!("default_tax_rates[]={rate}"),
            1 => "trial_period_days=10".to_owned(),
            2 => format!("billing_cycle_anchor={}", START + 12 * DAY + 345),
            _ => format!("items[1][price]={}&items[1][quantity]=7", prices[1]),
        };
        let subscription = id(&api.subscription(&customer, &prices[0].clone(), &more));
        Self { api, random, prices, subscription, compared: (0, 0) }
    }

    fn current(&mut self) -> Value {
        self.api.get(&format!("subscriptions/{}?expand[]=latest_invoice", self.subscription))
    }

    /// A random change of items, of the cycle or of the trial, without its `proration_behavior`.
    fn change(&mut self, now: &Value) -> String {
        let items = now["items"]["data"].as_array().unwrap();
        let item = items[self.random.random_range(0..items.len())]["id"].as_str().unwrap().to_owned();
        let price = self.prices[self.random.random_range(0..self.prices.len())].clone();
        let quantity = self.random.random_range(0..20);
        let end = self.api.double.world.now + self.random.random_range(1..20) * DAY;
        match self.random.random_range(0..8) {
            0 => format!("items[0][price]={price}&items[0][quantity]={quantity}"),
            1 if items.len() > 1 => format!("items[0][id]={item}&items[0][deleted]=true"),
            2 => "billing_cycle_anchor=now".to_owned(),
            3 => format!("items[0][id]={item}&items[0][price]={price}"),
            4 if now["status"] == "trialing" => "trial_end=now".to_owned(),
            5 if self.random.random_range(0..3) == 0 => format!("trial_end={end}"),
            _ => format!("items[0][id]={item}&items[0][quantity]={quantity}"),
        }
    }

    fn preview(&mut self, details: &str) -> Option<Value> {
        let nested: Vec<String> = details
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| match part.split_once('[') {
                Some((name, rest)) => format!("subscription_details[{name}][{rest}"),
                None => part.split_once('=').map(|(name, value)| format!("subscription_details[{name}]={value}")).unwrap(),
            })
            .collect();
        let sent = format!("subscription={}&{}", self.subscription, nested.join("&"));
        let (status, preview) = self.api.ask("POST", "invoices/create_preview", &sent);
        (status == 200).then_some(preview)
    }

    fn step(&mut self) {
        let wait = self.random.random_range(0..9 * DAY);
        self.api.advance(wait);
        let before = self.current();
        let behavior = ["create_prorations", "none", "always_invoice"][self.random.random_range(0..3)];
        let change = format!("{}&proration_behavior={behavior}", self.change(&before));
        let counts = self.api.double.world.counts();
        let preview = self.preview(&change);
        assert_eq!(self.api.double.world.counts(), counts, "a preview leaves nothing behind");
        let (status, _) = self.api.ask("POST", &format!("subscriptions/{}", self.subscription), &change);
        assert_eq!(preview.is_some(), status == 200, "{change}");
        let Some(preview) = preview else { return };
        let expected = facts(&preview, &preview["lines"]);
        let after = self.current();
        if after["latest_invoice"]["id"] != before["latest_invoice"]["id"] {
            assert_eq!(made(&mut self.api, &after["latest_invoice"]), expected, "{change}");
            self.compared.0 += 1;
            return;
        }
        // Nothing was billed at once: the preview is the next renewal's invoice.
        if self.random.random_range(0..2) == 0 {
            let end = after["items"]["data"][0]["current_period_end"].as_i64().unwrap();
            self.api.control("advance", &format!("to={}", end + 3600));
            let renewed = self.current();
            assert_eq!(made(&mut self.api, &renewed["latest_invoice"]), expected, "{change}");
            self.compared.1 += 1;
        }
    }
}

#[test]
fn a_preview_is_the_invoice_that_follows() {
    let mut compared = (0, 0);
    for seed in 0..24 {
        let mut world = World::new(seed);
        for _ in 0..25 {
            world.step();
        }
        world.api.events();
        compared = (compared.0 + world.compared.0, compared.1 + world.compared.1);
    }
    assert!(compared.0 > 150 && compared.1 > 60, "{compared:?}");
}

#[test]
fn the_preview_of_a_new_subscription() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let preview = api.post(
        "invoices/create_preview",
        &format!("customer={customer}&subscription_details[items][0][price]={price}&subscription_details[items][0][quantity]=4"),
    );
    assert_eq!((preview["total"].as_i64(), preview["status"].as_str()), (Some(4000), Some("draft")));
    assert!(preview["id"].as_str().unwrap().starts_with("upcoming_in_") && preview["number"].is_null());
    assert_eq!(api.get("subscriptions")["data"].as_array().unwrap().len(), 0);
}

#[test]
fn a_proration_date_fixes_the_amounts() {
    let mut world = World::new(3);
    let moment = START + 5 * DAY + 17;
    world.api.control("advance", &format!("to={}", moment));
    let item = world.current()["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let change = format!("items[0][id]={item}&items[0][quantity]=9&proration_behavior=always_invoice&proration_date={moment}");
    let preview = world.preview(&change).unwrap();
    world.api.advance(1000);
    let subscription = world.subscription.clone();
    let now = world.api.post(&format!("subscriptions/{subscription}"), &format!("{change}&expand[]=latest_invoice"));
    assert_eq!(amounts(&now["latest_invoice"]), amounts(&preview));
    assert_eq!(world.api.refused(&format!("subscriptions/{subscription}"), "proration_date=5").0, 400);
}

#[test]
fn previews_of_endings() {
    let mut world = World::new(3);
    world.api.advance(3 * DAY);
    let preview = world.preview("cancel_now=true&proration_behavior=always_invoice").unwrap();
    let path = format!("subscriptions/{}", world.subscription);
    world.api.delete(&path, "prorate=true&invoice_now=true");
    let after = world.current();
    assert_eq!(amounts(&after["latest_invoice"]), amounts(&preview));
    assert!(world.preview("").is_none());
}
