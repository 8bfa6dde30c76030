//! What somebody was shown of a change before they confirmed it: another price than that is never taken.

use chrono::TimeDelta;

use super::change::Prepared;
use crate::clock::Moment;

/// For how long a price that was shown holds.
const SHOWN_FOR: TimeDelta = TimeDelta::minutes(30);
/// How far the clocks of two nodes, or of one before and after it was set, may be apart.
const CLOCKS_APART: TimeDelta = TimeDelta::seconds(10);

/// What they were shown before they confirmed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The moment that the price was calculated for.
    pub at: Moment,
    /// What `Prepared::price` said of it.
    pub price: String,
    /// Of the subscription.
    pub version: i32,
}

impl Shown {
    /// Whether it was shown not long ago.
    pub fn is_recent(&self, now: Moment) -> bool {
        self.at <= now + CLOCKS_APART && self.at >= now - SHOWN_FOR
    }

    /// Whether it is still what a change costs.
    pub fn holds(&self, prepared: &Prepared) -> bool {
        let began = prepared.billing.running().is_none_or(|current| current.period_starts_at <= self.at);
        began && prepared.billing.version() == self.version && prepared.price() == self.price
    }
}
