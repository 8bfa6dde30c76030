//! What is left to be invoiced when a subscription is over: members who joined, and use. What waits at Stripe for the next
//! invoice of a subscription that has none any more is taken back, and charged without it or by the one that follows.

use std::collections::HashMap;

use super::super::account::Billing;
use super::super::queries::charges::{self as charge_rows, ChargeRow};
use super::super::refusal::Outcome;
use super::push::{charge_item, is_of};
use super::snapshot::Snapshot;
use super::talk::Talk;
use super::tax;
use crate::stripe::{InvoiceItem, NewInvoiceItem, StripeError, Subscription};

/// Invoices at once what was not when the subscription ended, by itself. Whether anything was sent.
pub(super) async fn push_last_charges(talk: &Talk, snapshot: &Snapshot, billing: &Billing) -> Outcome<bool> {
    // Only once the end is written down: what was used up to then is a charge by that.
    let is_over = billing.subscription.as_ref().is_some_and(|ended| ended.is_at_stripe() && !ended.is_running());
    let Some(currency) = snapshot.customer.currency.as_deref().filter(|_| is_over) else { return Ok(false) };
    if take_back(talk, snapshot).await? {
        return Ok(true);
    }
    let charges = talk.acting.read(charge_rows::charges).await?;
    let by_itself = |charge: &ChargeRow| snapshot.pending.iter().find(|item| item.subscription.is_none() && is_of(item, charge));
    // Also what an earlier look has sent and not invoiced, since it broke off.
    let due: Vec<&ChargeRow> =
        charges.iter().filter(|charge| charge.stripe_id.is_none() || by_itself(charge).is_some()).collect();
    if due.is_empty() {
        return Ok(false);
    }
    let rates = tax::rates(&talk.stripe, &billing.vat(&talk.acting.db().plans().issuer), billing).await?;
    for charge in due {
        let item_id = match by_itself(charge) {
            Some(item) => item.id.clone(),
            None => {
                let item = charge_item(charge, &snapshot.customer.id, None, currency);
                let item = NewInvoiceItem { tax_rates: rates.clone(), ..item };
                talk.stripe.create_invoice_item(&item, &format!("charge-{}-last", charge.id)).await?.id
            }
        };
        note(talk, charge, Some(item_id)).await?;
    }
    talk.stripe.invoice_pending_items(&snapshot.customer.id, None, &talk.key("invoice-last-use")).await?;
    Ok(true)
}

/// Takes back what waits for an invoice of a subscription that is over. Whether anything was taken.
pub(super) async fn take_back(talk: &Talk, snapshot: &Snapshot) -> Outcome<bool> {
    let mut has_taken = false;
    for (charge, item) in stranded(talk, snapshot).await? {
        // Before it is gone there: whatever is noted and gone counts as invoiced.
        note(talk, &charge, None).await?;
        match talk.stripe.delete_invoice_item(&item.id).await {
            Ok(()) => has_taken = true,
            // By now it stands on an invoice.
            Err(StripeError::Refused { .. }) => note(talk, &charge, Some(item.id.clone())).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(has_taken)
}

async fn note(talk: &Talk, charge: &ChargeRow, item_id: Option<String>) -> Outcome<()> {
    let id = charge.id;
    Ok(talk.acting.write(move |tx| charge_rows::note_item(tx, id, item_id.as_deref())).await?)
}

/// The charges whose items wait for a subscription that is over.
async fn stranded<'a>(talk: &Talk, snapshot: &'a Snapshot) -> Outcome<Vec<(ChargeRow, &'a InvoiceItem)>> {
    let waiting: Vec<(&str, &InvoiceItem)> =
        snapshot.pending.iter().filter_map(|item| Some((item.subscription.as_deref()?, item))).collect();
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let charges = talk.acting.read(charge_rows::charges).await?;
    let mut over: HashMap<&str, bool> = HashMap::new();
    let mut stranded = Vec::new();
    for (subscription, item) in waiting {
        let Some(charge) = charges.iter().find(|charge| is_of(item, charge)) else { continue };
        if !over.contains_key(subscription) {
            over.insert(subscription, is_over(talk, snapshot, subscription).await?);
        }
        if over.get(subscription) == Some(&true) {
            stranded.push((charge.clone(), item));
        }
    }
    Ok(stranded)
}

async fn is_over(talk: &Talk, snapshot: &Snapshot, id: &str) -> Outcome<bool> {
    let has_ended = |theirs: &Subscription| matches!(theirs.status.as_str(), "canceled" | "incomplete_expired");
    if let Some(known) = snapshot.subscription.as_ref().filter(|known| known.id == id) {
        return Ok(has_ended(known));
    }
    match talk.stripe.subscription(id).await {
        Ok(theirs) => Ok(has_ended(&theirs)),
        Err(StripeError::Missing) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
