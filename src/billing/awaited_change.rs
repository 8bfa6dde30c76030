//! A change of a subscription at Stripe that waits for the bank, as it is remembered here: Stripe keeps the change itself, and
//! not what it does with that which is planned for the next period.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitedChange {
    pub subscription: String,
    /// When it was sent to Stripe.
    pub sent_at: Moment,
    /// The latest invoice of before.
    pub before: Option<String>,
    /// The invoice that it waits for; none until Stripe has named it.
    pub invoice: Option<String>,
    pub once_paid: OncePaid,
}

/// What is done as soon as it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OncePaid {
    /// Another plan: it goes on, and of what was planned only these modules still end.
    Plan { ending: Vec<String> },
    /// A module, which what is planned has too: how many of which price.
    Module { next: BTreeMap<String, i64> },
}
