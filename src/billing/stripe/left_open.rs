//! What a customer who was deleted at Stripe leaves open. Nothing of it can be collected there any more: Stripe lists it no
//! longer, and says by its id what has become of each.

use super::super::queries::charges;
use super::super::queries::invoices as rows;
use super::super::refusal::Outcome;
use super::snapshot::Snapshot;
use super::talk::Talk;
use crate::stripe::{Invoice, InvoiceItem, StripeError};

/// The same with the invoices that were open, which are void now or paid, and the amounts that no invoice took.
pub(super) async fn with_left_open(talk: &Talk, snapshot: Snapshot) -> Outcome<Snapshot> {
    if !snapshot.customer.deleted {
        return Ok(snapshot);
    }
    let read = talk.acting.read(|org| Ok((rows::unpaid_at_stripe(org)?, charges::charges(org)?)));
    let (unpaid, charges) = read.await?;
    let (mut invoices, mut pending) = (Vec::new(), Vec::new());
    for id in unpaid.into_iter().filter_map(|row| row.stripe_id) {
        invoices.extend(closed(talk, &id).await?);
    }
    for id in charges.into_iter().filter_map(|charge| charge.stripe_id) {
        pending.extend(waiting(talk, id).await?);
    }
    Ok(Snapshot { invoices, pending, ..snapshot })
}

/// An invoice that nobody can pay any more. None where Stripe does not have it.
async fn closed(talk: &Talk, id: &str) -> Outcome<Option<Invoice>> {
    let theirs = match talk.stripe.invoice(id).await {
        Err(StripeError::Missing) => return Ok(None),
        invoice => invoice?,
    };
    if !matches!(theirs.status.as_str(), "open" | "uncollectible") {
        return Ok(Some(theirs));
    }
    match talk.stripe.void_invoice(id, &talk.key("left-open")).await {
        // It is paid at this very moment, or stays as it is.
        Err(StripeError::Missing | StripeError::Refused { .. }) => Ok(Some(talk.stripe.invoice(id).await?)),
        void => Ok(Some(void?)),
    }
}

/// An amount that no invoice took.
async fn waiting(talk: &Talk, id: String) -> Outcome<Option<InvoiceItem>> {
    match talk.stripe.invoice_item(&id).await {
        // Gone with its customer.
        Err(StripeError::Missing) => Ok(Some(InvoiceItem { id, ..InvoiceItem::default() })),
        item => Ok(Some(item?).filter(|item| item.invoice.is_none())),
    }
}
