//! Invoices with more lines than Stripe shows with them.

use super::super::queries::invoices as rows;
use super::super::refusal::Outcome;
use super::snapshot::Snapshot;
use super::talk::Talk;
use crate::stripe::Invoice;

/// The same with all lines of the invoices that are not written down yet: what stands here does not change any more.
pub(super) async fn with_all_lines(talk: &Talk, mut snapshot: Snapshot) -> Outcome<Snapshot> {
    let long: Vec<String> = snapshot.invoices.iter().filter(|one| one.has_more_lines).map(|one| one.id.clone()).collect();
    if long.is_empty() {
        return Ok(snapshot);
    }
    let known = talk.acting.read(move |org| rows::of_stripe(org, &long)).await?;
    let is_new = |one: &Invoice| !known.iter().any(|row| row.stripe_id.as_deref() == Some(one.id.as_str()));
    for invoice in snapshot.invoices.iter_mut().filter(|one| is_new(one)) {
        *invoice = talk.stripe.with_all_lines(invoice.clone()).await?;
    }
    Ok(snapshot)
}
