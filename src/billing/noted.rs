//! What a look at Stripe notes for the pages, beside that which has rows of its own. The console decides nothing of it.

use super::account::SeenAtStripe;

/// Begins the names of all of it.
pub const NOTED: &str = "noted ";
/// Numbers of the invoices that the bank wants to be confirmed.
pub const AT_BANK: &str = "noted at bank";

impl SeenAtStripe {
    /// Whether the bank wants the payment of an invoice to be confirmed.
    pub fn is_at_bank(&self, number: &str) -> bool {
        self.names(AT_BANK, number)
    }

    fn names(&self, noted: &str, number: &str) -> bool {
        self.left_there.get(noted).is_some_and(|numbers| numbers.split(' ').any(|one| one == number))
    }
}
