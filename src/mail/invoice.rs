//! What the mail of an invoice is rendered from.

/// "Invoice R-000042 for Acme", or the reminder of it.
pub(super) struct Invoice {
    pub product_name: String,
    pub accent: String,
    /// "Invoice", "Credit note".
    pub title: String,
    pub number: String,
    pub organization: String,
    pub total: String,
    pub due: String,
    pub due_on: String,
    /// Stripe collects it, and has its document.
    pub is_at_stripe: bool,
    /// What became of it there, in a sentence; its last line with an amount, if there is one.
    pub collected: String,
    pub collected_label: &'static str,
    pub collected_amount: String,
    /// The page of Stripe where it is paid, and for what one goes there; mostly empty.
    pub page: String,
    pub page_label: &'static str,
    /// Where Stripe has its PDF.
    pub pdf: String,
    /// Whether something is to be transferred.
    pub is_open: bool,
    pub is_overdue: bool,
    /// Whether no reminder follows on this one.
    pub is_last: bool,
    /// What is said where nothing is to be transferred.
    pub settled: &'static str,
    /// What was taken from their credit; empty where nothing was.
    pub from_credit: String,
    /// When the plan ends; empty where none does.
    pub stops_on: String,
    pub plan: String,
    /// With what reference to transfer it, and where to.
    pub transfer: String,
    pub link: String,
}
