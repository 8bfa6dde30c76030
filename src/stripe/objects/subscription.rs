//! A subscription with its items.

use super::catalog::Price;
use super::fields::{Fields, Object};
use super::schedule::{NextPhase, Schedule};
use crate::clock::Moment;
use crate::stripe::Answer;
use std::collections::HashMap;

/// What a customer pays for again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// `sub_…`
    pub id: String,
    /// `incomplete`, `incomplete_expired`, `trialing`, `active`, `past_due`, `canceled`, `unpaid`, `paused`.
    pub status: String,
    /// Its customer's id.
    pub customer: String,
    /// What is subscribed to.
    pub items: Vec<SubscriptionItem>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: bool,
    /// When it will end, if that is fixed.
    pub cancel_at: Option<Moment>,
    /// When its trial ends or ended.
    pub trial_ends_at: Option<Moment>,
    /// When it was made.
    pub created: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// The moment from which its periods are counted.
    pub billing_cycle_anchor: Moment,
    /// Whether a change waits for its payment, which another change would drop.
    pub has_pending_update: bool,
    /// The id of its schedule, if it has one.
    pub schedule: Option<String>,
    /// What its schedule makes of it next.
    pub next: Option<NextPhase>,
    /// The ids of the tax rates on its invoices.
    pub default_tax_rates: Vec<String>,
    /// What is charged, if it is not the customer's default.
    pub default_payment_method: Option<String>,
    /// `charge_automatically`, `send_invoice`.
    pub collection_method: String,
    /// The id of its latest invoice.
    pub latest_invoice: Option<String>,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

impl Object for Subscription {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        let schedule = fields.inner("/schedule").map(Schedule::read).transpose()?;
        Ok(Self {
            id: fields.id("/id")?,
            status: fields.text("/status")?,
            customer: fields.id("/customer")?,
            items: fields.list("/items")?,
            cancel_at_period_end: fields.flag("/cancel_at_period_end")?,
            cancel_at: fields.optional_moment("/cancel_at")?,
            trial_ends_at: fields.optional_moment("/trial_end")?,
            created: fields.moment("/created")?,
            ended_at: fields.optional_moment("/ended_at")?,
            billing_cycle_anchor: fields.moment("/billing_cycle_anchor")?,
            has_pending_update: fields.inner("/pending_update").is_some(),
            schedule: fields.optional_id("/schedule")?,
            next: schedule.and_then(|schedule| schedule.next()),
            default_tax_rates: ids(fields, "/default_tax_rates")?,
            default_payment_method: fields.optional_id("/default_payment_method")?,
            collection_method: fields.text("/collection_method")?,
            latest_invoice: fields.optional_id("/latest_invoice")?,
            metadata: fields.map("/metadata")?,
        })
    }
}

/// One of the things that a subscription is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionItem {
    /// `si_…`
    pub id: String,
    /// What each costs.
    pub price: Price,
    /// How many; 1 where Stripe counts none.
    pub quantity: i64,
    /// When the current period began.
    pub period_starts_at: Moment,
    /// When the current period ends.
    pub period_ends_at: Moment,
    /// The ids of the tax rates of its own, which go before the subscription's.
    pub tax_rates: Vec<String>,
}

impl Object for SubscriptionItem {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            price: Price::read(fields.needed("/price")?)?,
            quantity: fields.optional_number("/quantity")?.unwrap_or(1),
            period_starts_at: fields.moment("/current_period_start")?,
            period_ends_at: fields.moment("/current_period_end")?,
            tax_rates: ids(fields, "/tax_rates")?,
        })
    }
}

/// The ids of the objects of a list.
pub(super) fn ids(fields: Fields<'_>, pointer: &str) -> Answer<Vec<String>> {
    fields.each(pointer)?.into_iter().map(|element| element.optional_id("").map(Option::unwrap_or_default)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_is_absent_or_expanded() {
        let value = json!({
            "id": "sub_1", "status": "brand_new", "customer": { "id": "cus_1" }, "created": 1, "billing_cycle_anchor": 2,
            "schedule": { "id": "sub_sched_1", "status": "released", "phases": [] }, "latest_invoice": { "id": "in_1" }, "default_tax_rates": [{ "id": "txr_1" }, "txr_2"],
            "items": { "data": [{
                "id": "si_1", "current_period_start": 1, "current_period_end": 2,
                "price": { "id": "price_1", "product": "prod_1", "unit_amount": null, "recurring": null },
            }] },
        });
        let subscription = Subscription::read(Fields::of(&value)).unwrap();
        assert_eq!((subscription.customer.as_str(), subscription.latest_invoice.as_deref()), ("cus_1", Some("in_1")));
        assert_eq!((subscription.schedule.as_deref(), subscription.cancel_at), (Some("sub_sched_1"), None));
        assert_eq!(subscription.default_tax_rates, ["txr_1", "txr_2"]);
        let item = &subscription.items[0];
        assert_eq!((item.quantity, item.price.unit_amount, item.price.interval.as_ref()), (1, None, None));
        let mut torn = value.clone();
        torn["items"]["data"][0]["price"] = Value::Null;
        assert!(Subscription::read(Fields::of(&torn)).is_err());
    }
}
