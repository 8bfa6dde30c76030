//! A client without HTTP: every answer and every event is compared with the fixtures on its way.

use super::checking::differences;
use crate::control;
use crate::double::{Double, Reply, Request};
use crate::params::Params;
use crate::webhooks::Webhooks;
use serde_json::Value;

/// 1 January 2026, 00:00 UTC.
pub const START: i64 = 1_767_225_600;
/// A day in seconds.
pub const DAY: i64 = 86_400;

/// The double and a client of it.
pub struct Api {
    pub double: Double,
}

impl Api {
    pub fn new() -> Self {
        Self { double: Double::new("http://127.0.0.1:1", START, Webhooks::start(None)) }
    }

    pub fn send(&mut self, request: &Request) -> Reply {
        self.double.answer(request)
    }

    pub fn ask(&mut self, method: &str, path: &str, sent: &str) -> (u16, Value) {
        let (query, body) = if method == "GET" { (sent, "") } else { ("", sent) };
        let reply = self.send(&request(method, path, query, body));
        (reply.status, serde_json::from_str(&reply.body).unwrap())
    }

    fn good(&mut self, method: &str, path: &str, sent: &str) -> Value {
        let (status, answer) = self.ask(method, path, sent);
        assert_eq!(status, 200, "{method} {path} {sent}: {answer:#}");
        assert_eq!(differences(&answer), Vec::<String>::new(), "{method} {path}");
        answer
    }

    pub fn post(&mut self, path: &str, sent: &str) -> Value {
        self.good("POST", path, sent)
    }

    pub fn get(&mut self, path: &str) -> Value {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.good("GET", path, query)
    }

    pub fn delete(&mut self, path: &str, sent: &str) -> Value {
        self.good("DELETE", path, sent)
    }

    /// A refused POST: its status and its error object.
    pub fn refused(&mut self, path: &str, sent: &str) -> (u16, Value) {
        let (status, answer) = self.ask("POST", path, sent);
        assert!(status >= 400, "{path} {sent}: {answer:#}");
        (status, answer["error"].clone())
    }

    pub fn control(&mut self, path: &str, sent: &str) -> Value {
        control::answer(&mut self.double, "POST", path, &Params::parse(sent)).unwrap()
    }

    pub fn advance(&mut self, seconds: i64) {
        self.control("advance", &format!("seconds={seconds}"));
    }

    /// The types of all events since the last call, oldest first; their shapes are compared too.
    pub fn events(&mut self) -> Vec<String> {
        let events = self.double.world.all("event");
        for event in &events {
            assert_eq!(differences(event), Vec::<String>::new(), "{}", event["type"]);
        }
        events.iter().rev().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// A customer with a card by a test id, which is the default.
    pub fn customer(&mut self, card: &str) -> String {
        let customer = id(&self.post("customers", "name=Acme&email=acme@example.com"));
        if !card.is_empty() {
            let method = id(&self.post(&format!("payment_methods/{card}/attach"), &format!("customer={customer}")));
            self.post(&format!("customers/{customer}"), &format!("invoice_settings[default_payment_method]={method}"));
        }
        customer
    }

    /// A monthly price of an amount.
    pub fn price(&mut self, name: &str, amount: i64) -> String {
        self.price_each(name, amount, "month")
    }

    pub fn price_each(&mut self, name: &str, amount: i64, interval: &str) -> String {
        let product = id(&self.post("products", &format!("name={name}")));
        id(&self.post("prices", &format!("product={product}&unit_amount={amount}&currency=usd&recurring[interval]={interval}")))
    }

    pub fn subscription(&mut self, customer: &str, price: &str, more: &str) -> Value {
        self.post("subscriptions", &format!("customer={customer}&items[0][price]={price}&{more}"))
    }
}

pub fn request(method: &str, path: &str, query: &str, body: &str) -> Request {
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: body.to_owned(),
        authorization: "Bearer sk_test_1".to_owned(),
        ..Request::default()
    }
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

pub fn amounts(invoice: &Value) -> Vec<i64> {
    invoice["lines"]["data"].as_array().unwrap().iter().map(|line| line["amount"].as_i64().unwrap()).collect()
}
