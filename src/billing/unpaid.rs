//! What waits for its payment, by the way in which it is paid: an invoice of Stripe ends no plan by invoice, and none of the
//! console a plan at Stripe.

use super::account::{Billing, Unpaid};

impl Billing {
    /// The invoice that waits longest of those that are paid in one way.
    pub fn unpaid_by(&self, is_at_stripe: bool) -> Option<&Unpaid> {
        self.all_unpaid().find(|unpaid| unpaid.is_at_stripe == is_at_stripe)
    }

    /// The invoices that wait longest, one of each way.
    pub fn all_unpaid(&self) -> impl Iterator<Item = &Unpaid> {
        self.unpaid.iter().chain(&self.unpaid_otherwise)
    }
}
