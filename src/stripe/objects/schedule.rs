//! The schedule that changes a subscription at the end of its period.

use super::fields::{Fields, Object};
use super::subscription::ids;
use crate::clock::Moment;
use crate::stripe::Answer;
use std::collections::HashMap;

/// What a subscription becomes when its current phase ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextPhase {
    /// When that is.
    pub starts_at: Moment,
    /// What is subscribed to then.
    pub items: Vec<NextPrice>,
    /// The ids of its tax rates.
    pub default_tax_rates: Vec<String>,
    /// What is charged then, if it is not the customer's default.
    pub default_payment_method: Option<String>,
    /// `charge_automatically`, `send_invoice`; empty: as before.
    pub collection_method: String,
}

/// A price of a later phase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextPrice {
    /// `price_…`
    pub price_id: String,
    /// How many; 1 where Stripe counts none.
    pub quantity: i64,
    /// The ids of the tax rates of its own.
    pub tax_rates: Vec<String>,
}

impl Object for NextPrice {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        let quantity = fields.optional_number("/quantity")?.unwrap_or(1);
        Ok(Self { price_id: fields.id("/price")?, quantity, tax_rates: ids(fields, "/tax_rates")? })
    }
}

/// A subscription's phases, as far as the client keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// `sub_sched_…`
    pub id: String,
    /// `active` while it changes the subscription; then `released`, `completed`, `canceled`.
    pub status: String,
    /// Start of the phase that it is in.
    current: Option<Moment>,
    phases: Vec<SchedulePhase>,
    /// What is charged in phases that name nothing else.
    pub default_payment_method: Option<String>,
    /// How phases are collected that say nothing else.
    pub collection_method: String,
}

impl Object for Schedule {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            status: fields.text("/status")?,
            current: fields.optional_moment("/current_phase/start_date")?,
            phases: fields.list("/phases")?,
            default_payment_method: fields.optional_id("/default_settings/default_payment_method")?,
            collection_method: fields.text("/default_settings/collection_method")?,
        })
    }
}

impl Schedule {
    /// The phase that it is in.
    pub fn current(&self) -> Option<&SchedulePhase> {
        self.phases.iter().find(|phase| Some(phase.starts_at) == self.current)
    }

    /// The phase that follows.
    pub fn next(&self) -> Option<NextPhase> {
        let current = self.current.filter(|_| self.status == "active")?;
        let later = self.phases.iter().filter(|phase| phase.starts_at > current);
        let next = later.min_by_key(|phase| phase.starts_at)?;
        let method = next.default_payment_method.clone().or_else(|| self.default_payment_method.clone());
        Some(NextPhase {
            starts_at: next.starts_at,
            items: next.items.clone(),
            default_tax_rates: next.default_tax_rates.clone(),
            default_payment_method: method,
            collection_method: next.collection_method.clone().unwrap_or_else(|| self.collection_method.clone()),
        })
    }
}

/// One phase. What only it says is kept, as an update of a schedule has to repeat it.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulePhase {
    /// When it begins.
    pub starts_at: Moment,
    /// What is subscribed to.
    pub items: Vec<NextPrice>,
    /// When a trial within it ends.
    pub trial_ends_at: Option<Moment>,
    /// The ids of its tax rates.
    pub default_tax_rates: Vec<String>,
    /// What becomes the subscription's metadata.
    pub metadata: HashMap<String, String>,
    /// What is charged, if it says so.
    pub default_payment_method: Option<String>,
    /// How it is collected, if it says so.
    pub collection_method: Option<String>,
}

impl Object for SchedulePhase {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            starts_at: fields.moment("/start_date")?,
            items: fields.list("/items")?,
            trial_ends_at: fields.optional_moment("/trial_end")?,
            default_tax_rates: ids(fields, "/default_tax_rates")?,
            metadata: fields.map("/metadata")?,
            default_payment_method: fields.optional_id("/default_payment_method")?,
            collection_method: fields.optional_text("/collection_method")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn schedule(status: &str) -> Value {
        let phase = |start: i64, quantity: i64| {
            let items = json!([{ "price": { "id": "price_1" }, "quantity": quantity, "tax_rates": [{ "id": "txr_1" }] }]);
            json!({ "start_date": start, "items": items, "default_tax_rates": null })
        };
        json!({
            "id": "sub_sched_1", "status": status, "current_phase": { "start_date": 20 },
            "phases": [phase(10, 1), phase(20, 2), phase(30, 3), phase(40, 4)],
        })
    }

    #[test]
    fn the_next_phase_follows_the_current_one() {
        let value = schedule("active");
        let schedule_of = Schedule::read(Fields::of(&value)).unwrap();
        assert_eq!(schedule_of.current().unwrap().items[0].tax_rates, ["txr_1"]);
        let next = schedule_of.next().unwrap();
        assert_eq!((next.starts_at.timestamp(), next.items[0].quantity), (30, 3));
        let over = schedule("released");
        assert_eq!(Schedule::read(Fields::of(&over)).unwrap().next(), None);
    }
}
