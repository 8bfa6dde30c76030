//! What the console last saw of an organization at Stripe, beside that which has rows of its own: how far the looks have come,
//! what they left there, and what they noted for the pages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::awaited_change::AwaitedChange;
use super::credit::MovingCredit;
use super::stripe::others;
use crate::clock::Moment;

/// What the console last saw of an organization at Stripe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SeenAtStripe {
    /// Id of its customer; none until something is paid or kept there.
    pub customer: Option<String>,
    /// Number of the look that was written down last.
    pub applied_ticket: i64,
    /// When everything was compared last.
    pub checked_at: Option<Moment>,
    /// Since when it cannot be asked.
    pub failing_since: Option<Moment>,
    /// What the last comparison that found a difference has put right.
    pub repaired: Vec<String>,
    pub repaired_at: Option<Moment>,
    /// Hash of the billing details that it was sent last.
    pub sent_details: String,
    /// What stood there, of that which the console decides, when it was looked at last.
    pub left_there: BTreeMap<String, String>,
    /// What is charged there besides the plan and its modules.
    pub other_subscriptions: Vec<String>,
    /// Numbers of the invoices whose payment begins a subscription, or makes a change of it.
    pub first_invoices: Vec<String>,
    /// What comes of a change that waits for the bank, where it waits.
    pub awaited_change: Option<AwaitedChange>,
    /// What it holds to their credit.
    pub credit: i64,
    /// Credit on its way there.
    pub moving_credit: Option<MovingCredit>,
    pub noted: Noted,
}

/// What is looked at for the pages alone: the console decides nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Noted {
    /// Numbers of the invoices that the bank wants to be confirmed.
    pub at_bank: Vec<String>,
    /// Numbers of the invoices that somebody has written off at Stripe, which are owed all the same; none before the first
    /// look of a version that notes them.
    pub uncollectible: Option<Vec<String>>,
    /// What they owe from before, in minor units of their currency: their next invoice adds it.
    pub owed: i64,
    /// The subscription that gave the plan, where it is unpaid: Stripe has not ended it, and may charge for it again.
    pub unpaid: Option<String>,
}

impl SeenAtStripe {
    /// Whether the bank wants the payment of an invoice to be confirmed.
    pub fn is_at_bank(&self, number: &str) -> bool {
        self.noted.at_bank.iter().any(|one| one == number)
    }

    pub fn is_uncollectible(&self, number: &str) -> bool {
        self.noted.uncollectible.iter().flatten().any(|one| one == number)
    }

    /// Whether an invoice that is uncollectible now was not yet. A version that did not note it saw at least that it failed.
    pub fn is_newly_uncollectible(&self, number: &str, has_failed: bool) -> bool {
        if self.noted.uncollectible.is_some() { !self.is_uncollectible(number) } else { !has_failed }
    }

    /// Whether Stripe goes on with a subscription that is over here, once its invoice is paid.
    pub fn is_kept_unpaid(&self, subscription: &str) -> bool {
        self.noted.unpaid.as_deref() == Some(subscription)
    }

    /// Whether anything there can still charge by itself, though it does not give the plan.
    pub fn can_charge(&self) -> bool {
        self.noted.unpaid.is_some() || self.other_subscriptions.iter().any(|other| others::is_subscription(other))
    }
}
