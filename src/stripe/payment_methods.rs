//! Payment methods, and the page of Stripe on which a customer saves one. Card numbers never come to the console.

use super::client::Stripe;
use super::error::Answer;
use super::inputs::SetupPage;
use super::objects::{CheckoutSession, PaymentMethod};
use super::params::Params;

/// How many payment methods are read at most.
const METHODS: usize = 300;

impl Stripe {
    /// A customer's payment methods, newest first, 300 at most.
    pub async fn payment_methods(&self, customer: &str) -> Answer<Vec<PaymentMethod>> {
        self.list(&["customers", customer, "payment_methods"], &Params::new(), METHODS).await
    }

    /// Takes a payment method away from its customer, for good. One that nobody has any more is refused.
    pub async fn detach_payment_method(&self, id: &str, key: &str) -> Answer<()> {
        self.post(&["payment_methods", id, "detach"], &Params::new(), key).await
    }

    /// Opens a page on which a customer saves a payment method.
    pub async fn begin_setup(&self, setup: &SetupPage<'_>, key: &str) -> Answer<CheckoutSession> {
        let params = Params::new()
            .with("mode", "setup")
            .with("customer", setup.customer)
            .with("currency", setup.currency)
            .with("success_url", setup.success_url)
            .with("cancel_url", setup.cancel_url)
            .with_filled("locale", setup.locale);
        self.post(&["checkout", "sessions"], &params, key).await
    }

    /// A visit of that page, with the payment method that it saved.
    pub async fn checkout_session(&self, id: &str) -> Answer<CheckoutSession> {
        self.get(&["checkout", "sessions", id], &Params::new().with("expand[]", "setup_intent")).await
    }
}
