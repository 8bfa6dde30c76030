//! The part of the switches that changes how the account behaves, not how the network does: what becomes of tax ids, how often a
//! payment is tried again, which cards fail from now on.

use std::collections::BTreeMap;

/// The account's behaviour; `POST /_double/switches` changes it by these names.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Whether events go to a webhook (`pending_webhooks`).
    pub has_webhook: bool,
    /// What becomes of a pending tax id whose number does not say it: `verified`, `unverified` or `pending`.
    pub tax_id_outcome: String,
    /// Seconds until a pending tax id is decided.
    pub tax_id_delay: i64,
    /// Days after the first failed payment on which it is tried again.
    pub retry_days: Vec<i64>,
    /// What becomes of the subscription when the last retry fails: `cancel`, `unpaid` or `past_due`.
    pub after_retries: String,
    /// Seconds that a renewal's invoice stays a draft.
    pub draft_seconds: i64,
    /// Payment methods whose charges fail from now on, with the decline code (`authentication_required` asks for 3-D Secure).
    pub declines: BTreeMap<String, String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            has_webhook: false,
            tax_id_outcome: "verified".to_owned(),
            tax_id_delay: 60,
            retry_days: vec![1, 3, 5, 7],
            after_retries: "cancel".to_owned(),
            draft_seconds: 3600,
            declines: BTreeMap::new(),
        }
    }
}
