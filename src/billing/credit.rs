//! What they have to their credit: what was paid by invoice and not used, which the next invoices take from, and what Stripe
//! holds, which its payments take from. Neither way spends the other's; who begins to pay by Stripe takes theirs along.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::Billing;
use super::subscription::Subscription;

/// Credit of the invoice way on its way to Stripe: no invoice takes from it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovingCredit {
    /// By which it is known there, so that it arrives once.
    pub id: Uuid,
    /// In minor units.
    pub amount: i64,
    pub currency: String,
}

impl Billing {
    /// What Stripe holds, and what is on its way there.
    pub fn credit_at_stripe(&self) -> i64 {
        self.stripe.credit + self.stripe.moving_credit.as_ref().map_or(0, |moving| moving.amount)
    }

    /// What payments by Stripe take from, once that of the invoice way has gone along.
    pub fn credit_along(&self) -> i64 {
        self.credit_at_stripe() + self.account.credit
    }

    /// What the next payment of a subscription takes from.
    pub fn credit_of(&self, current: &Subscription) -> i64 {
        if current.is_at_stripe() { self.credit_along() } else { self.account.credit }
    }
}
