//! What waits for its payment, by the way in which it is paid: an invoice of Stripe ends no plan by invoice, and none of the
//! console a plan at Stripe.

use super::account::{Billing, Unpaid};
use super::queries::held;

impl Billing {
    /// The invoice that waits longest of those that are paid in one way.
    pub fn unpaid_by(&self, is_at_stripe: bool) -> Option<&Unpaid> {
        self.all_unpaid().find(|unpaid| unpaid.is_at_stripe == is_at_stripe)
    }

    /// Whether something is left of a plan that ended unpaid in one way.
    pub fn holds_rest(&self, is_at_stripe: bool) -> bool {
        self.held_for.iter().any(|way| way == held::way(is_at_stripe))
    }

    /// The invoices that wait longest, one of each way.
    pub fn all_unpaid(&self) -> impl Iterator<Item = &Unpaid> {
        self.unpaid.iter().chain(&self.unpaid_otherwise)
    }
}
