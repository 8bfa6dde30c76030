//! What a look at Stripe notes for the pages, beside that which has rows of its own. The console decides nothing of it.

use super::account::SeenAtStripe;
use super::stripe::others;

/// Begins the names of all of it.
pub const NOTED: &str = "noted ";
/// Numbers of the invoices that the bank wants to be confirmed.
pub const AT_BANK: &str = "noted at bank";
/// Numbers of the invoices that somebody has written off at Stripe, which are owed all the same.
pub const UNCOLLECTIBLE: &str = "noted uncollectible";
/// What they owe from before, in minor units of their currency: their next invoice adds it.
pub const OWED: &str = "noted owed";
/// The subscription that gave the plan, where it is unpaid: Stripe has not ended it, and may charge for it again.
pub const UNPAID: &str = "noted unpaid";

impl SeenAtStripe {
    /// What their next invoice adds from before.
    pub fn owed(&self) -> i64 {
        self.left_there.get(OWED).and_then(|owed| owed.parse().ok()).unwrap_or_default()
    }

    /// Whether the bank wants the payment of an invoice to be confirmed.
    pub fn is_at_bank(&self, number: &str) -> bool {
        self.names(AT_BANK, number)
    }

    pub fn is_uncollectible(&self, number: &str) -> bool {
        self.names(UNCOLLECTIBLE, number)
    }

    /// Whether an invoice that is uncollectible now was not yet. A version that did not note it saw at least that it failed.
    pub fn is_newly_uncollectible(&self, number: &str, has_failed: bool) -> bool {
        if self.left_there.contains_key(UNCOLLECTIBLE) { !self.is_uncollectible(number) } else { !has_failed }
    }

    /// Whether Stripe goes on with a subscription that is over here, once its invoice is paid.
    pub fn is_kept_unpaid(&self, subscription: &str) -> bool {
        self.names(UNPAID, subscription)
    }

    /// Whether anything there can still charge by itself, though it does not give the plan.
    pub fn can_charge(&self) -> bool {
        let is_unpaid = self.left_there.get(UNPAID).is_some_and(|unpaid| !unpaid.is_empty());
        is_unpaid || self.other_subscriptions.iter().any(|other| others::is_subscription(other))
    }

    fn names(&self, noted: &str, number: &str) -> bool {
        self.left_there.get(noted).is_some_and(|numbers| numbers.split(' ').any(|one| one == number))
    }
}
