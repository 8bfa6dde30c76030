//! Subscriptions: beginning, changing and ending them. Each answer comes with the schedule, so that it tells what is next.

use super::client::Stripe;
use super::error::{Answer, StripeError};
use super::inputs::{ItemChange, NewSubscription, SubscriptionChange};
use super::objects::Subscription;
use super::params::Params;

/// How many subscriptions are read at most.
const SUBSCRIPTIONS: usize = 100;

impl Stripe {
    /// A customer's subscriptions in every status, newest first, 100 at most.
    pub async fn subscriptions(&self, customer: &str) -> Answer<Vec<Subscription>> {
        let query = Params::new().with("customer", customer).with("status", "all").with("expand[]", "data.schedule");
        self.list(&["subscriptions"], &query, SUBSCRIPTIONS).await
    }

    /// A subscription.
    pub async fn subscription(&self, id: &str) -> Answer<Subscription> {
        self.get(&["subscriptions", id], &expanded()).await
    }

    /// Begins a subscription, while its customer is at the screen.
    pub async fn create_subscription(&self, new: &NewSubscription, key: &str) -> Answer<Subscription> {
        let mut params = expanded().with("customer", &new.customer).with("off_session", false);
        for (position, item) in new.items.iter().enumerate() {
            params = params
                .with(&format!("items[{position}][price]"), &item.price)
                .with(&format!("items[{position}][quantity]"), item.quantity);
        }
        params = params
            .with("trial_settings[end_behavior][missing_payment_method]", "cancel")
            .with_moment("trial_end", new.trial_ends_at)
            .with_filled("payment_behavior", new.payment_behavior)
            .with_map("metadata", &new.metadata);
        if !new.default_tax_rates.is_empty() {
            params = params.with_list("default_tax_rates", &new.default_tax_rates);
        }
        self.post(&["subscriptions"], &params, key).await
    }

    /// Changes a subscription.
    pub async fn change_subscription(&self, id: &str, change: &SubscriptionChange, key: &str) -> Answer<Subscription> {
        let trial_end = change.trial_ends_at.map(|moment| moment.timestamp().to_string());
        let trial_end = if change.trial_end_now { Some("now".to_owned()) } else { trial_end };
        let mut params = with_items(expanded(), "items", &change.items)
            .with_some("proration_behavior", change.proration_behavior)
            .with_moment("proration_date", change.proration_date)
            .with_some("payment_behavior", change.payment_behavior)
            .with_some("cancel_at_period_end", change.cancel_at_period_end)
            .with_some("trial_end", trial_end)
            .with_some("default_payment_method", change.default_payment_method)
            .with_some("collection_method", change.collection_method)
            .with_map("metadata", &change.metadata);
        if let Some(rates) = &change.default_tax_rates {
            params = params.with_list("default_tax_rates", rates);
        }
        self.post(&["subscriptions", id], &params, key).await
    }

    /// Ends a subscription at this moment: no money comes back and no last invoice is made. One that has ended before is
    /// answered as it is. Stripe takes no keys for what it deletes, so `_key` only keeps the calls alike.
    pub async fn cancel_subscription_now(&self, id: &str, _key: &str) -> Answer<Subscription> {
        let query = expanded().with("invoice_now", false).with("prorate", false);
        match self.delete(&["subscriptions", id], &query).await {
            // Stripe says so of one that has ended, also when the answer to an earlier try was lost.
            Err(StripeError::Missing) => self.subscription(id).await,
            outcome => outcome,
        }
    }
}

fn expanded() -> Params {
    Params::new().with("expand[]", "schedule")
}

/// Adds the changes of items below a name such as `items`.
pub fn with_items(params: Params, name: &str, items: &[ItemChange]) -> Params {
    items.iter().enumerate().fold(params, |params, (position, item)| {
        let field = |field: &str| format!("{name}[{position}][{field}]");
        params
            .with_some(&field("id"), item.id.as_ref())
            .with_some(&field("price"), item.price.as_ref())
            .with_some(&field("quantity"), item.quantity)
            .with_some(&field("deleted"), item.deleted.then_some(true))
            .with_some(&field("tax_rates"), item.without_tax_rates.then_some(""))
    })
}
