//! A double of Stripe: starts it, moves its clock and switches, and fills in its pages as a browser would.

use roster::clock::Moment;
use roster::stripe::{CheckoutSession, Customer, CustomerDetails, NewPrice, NewProduct, NewSubscription, NextItem};
use roster::stripe::{Price, SetupPage, Stripe, Subscription};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use url::Url;
use uuid::Uuid;

/// Where the double's clock begins: 21 September 2026.
pub const BEGIN: i64 = 1_790_000_000;
/// A day in seconds.
pub const DAY: i64 = 86_400;

/// A double that runs until it is dropped, with a client of it.
pub struct Double {
    process: Child,
    pub base: String,
    pub stripe: Stripe,
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A key that was not used before.
pub fn key() -> String {
    Uuid::new_v4().to_string()
}

/// A moment after the double's begin.
pub fn after(seconds: i64) -> Moment {
    Moment::from_timestamp(BEGIN + seconds, 0).unwrap()
}

impl Double {
    /// Starts one at a port of its own, whose clock begins at `BEGIN`.
    pub fn start() -> Self {
        Double::start_at(BEGIN, None)
    }

    /// Starts one whose clock begins at a time, and which sends its events to an address, signed with a secret.
    pub fn start_at(now: i64, webhook: Option<(&str, &str)>) -> Self {
        // Cargo builds examples with the tests, beside the binaries.
        let binary = Path::new(env!("CARGO_BIN_EXE_roster")).with_file_name("examples").join("stripe-double");
        let mut command = Command::new(binary);
        command.args(["--port", "0", "--now", &now.to_string()]).stdout(Stdio::piped());
        if let Some((url, secret)) = webhook {
            command.args(["--webhook-url", url, "--webhook-secret", secret]);
        }
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("stripe-double listens on ").unwrap().to_owned();
        let stripe = Stripe::new("sk_test_client", &Url::parse(&base).unwrap()).unwrap();
        Self { process, base, stripe }
    }

    /// Posts a form; the status and the address that it redirects to.
    pub fn submit(&self, address: &str, form: &[(&str, &str)]) -> (u16, Option<String>) {
        let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        let answer = ureq::Agent::new_with_config(config).post(address).send_form(form.iter().copied()).unwrap();
        let location = answer.headers().get("Location").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location)
    }

    /// Posts to one of its controls.
    pub fn control(&self, path: &str, form: &[(&str, &str)]) {
        assert_eq!(self.submit(&format!("{}/_double/{path}", self.base), form).0, 200, "{path}");
    }

    /// Moves the double's clock.
    pub fn advance(&self, seconds: i64) {
        self.control("advance", &[("seconds", &seconds.to_string())]);
    }

    /// Sets a switch.
    pub fn switch(&self, name: &str, value: &str) {
        self.control("switches", &[(name, value)]);
    }

    /// What the double knows: its counts, its log of requests.
    pub fn state(&self) -> Value {
        let mut answer = ureq::get(&format!("{}/_double/state", self.base)).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        let state = self.state();
        state["requests"].as_array().unwrap().iter().filter(|request| request["path"].as_str() == Some(path)).count()
    }

    /// A customer.
    pub async fn customer(&self) -> Customer {
        let details =
            CustomerDetails { name: "Ada & Co".to_owned(), email: "ada@example.org".to_owned(), ..CustomerDetails::default() };
        self.stripe.create_customer(&details, Uuid::from_u128(7), &key()).await.unwrap()
    }

    /// Opens the page that saves a card.
    pub async fn setup(&self, customer: &str) -> CheckoutSession {
        let page = SetupPage {
            customer,
            currency: "eur",
            success_url: "http://localhost/done?session={CHECKOUT_SESSION_ID}",
            cancel_url: "http://localhost/back",
            locale: "de",
        };
        self.stripe.begin_setup(&page, &key()).await.unwrap()
    }

    /// A customer with a card that is the default, which it saved on Stripe's page.
    pub async fn with_card(&self, number: &str) -> (Customer, String) {
        let customer = self.customer().await;
        let session = self.setup(&customer.id).await;
        let form = [("card_number", number), ("expiry", "12 / 34"), ("cvc", "123")];
        let (status, next) = self.submit(&session.url.unwrap(), &form);
        assert_eq!(status, 303);
        let next = next.unwrap();
        if next.ends_with("/authenticate") {
            self.submit(&next, &[("action", "complete")]);
        }
        let session = self.stripe.checkout_session(&session.id).await.unwrap();
        assert_eq!((session.status.as_str(), session.setup_status.as_str()), ("complete", "succeeded"));
        let method = session.payment_method.unwrap();
        let customer = self.stripe.set_default_payment_method(&customer.id, &method, &key()).await.unwrap();
        (customer, method)
    }

    /// A price of a product of its own.
    pub async fn price(&self, lookup_key: &str, unit_amount: i64, interval: &str) -> Price {
        let product = NewProduct { name: format!("Plan {lookup_key}"), ..NewProduct::default() };
        let product = self.stripe.create_product(&product, &key()).await.unwrap();
        let new = NewPrice {
            product: product.id,
            currency: "eur".to_owned(),
            unit_amount,
            interval: interval.to_owned(),
            lookup_key: lookup_key.to_owned(),
            nickname: String::new(),
            metadata: HashMap::from([("plan".to_owned(), lookup_key.to_owned())]),
        };
        self.stripe.create_price(&new, &key()).await.unwrap()
    }

    /// A subscription that is paid at once.
    pub async fn subscribe(&self, customer: &Customer, price: &Price, quantity: i64) -> Subscription {
        let new = subscription(customer, price, quantity);
        self.stripe.create_subscription(&new, &key()).await.unwrap()
    }
}

/// A subscription to begin.
pub fn subscription(customer: &Customer, price: &Price, quantity: i64) -> NewSubscription {
    NewSubscription {
        customer: customer.id.clone(),
        items: vec![NextItem { price: price.id.clone(), quantity }],
        payment_behavior: "error_if_incomplete",
        ..NewSubscription::default()
    }
}
