//! What a look at Stripe notes for the pages, beside that which has rows of its own. The console decides nothing of it.

use super::account::SeenAtStripe;

/// Begins the names of all of it.
pub const NOTED: &str = "noted ";
/// Numbers of the invoices that the bank wants to be confirmed.
pub const AT_BANK: &str = "noted at bank";
/// Numbers of the invoices that somebody has written off at Stripe, which are owed all the same.
pub const UNCOLLECTIBLE: &str = "noted uncollectible";
/// What they owe from before, in minor units of their currency: their next invoice adds it.
pub const OWED: &str = "noted owed";

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

    fn names(&self, noted: &str, number: &str) -> bool {
        self.left_there.get(noted).is_some_and(|numbers| numbers.split(' ').any(|one| one == number))
    }
}
