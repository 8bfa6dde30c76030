//! A change that waits for the bank. What was planned for the next period stays as long as it waits; what becomes of it once
//! the change is paid is remembered before the change is sent, and done by the look that finds it paid.

use chrono::TimeDelta;

use super::super::account::Billing;
use super::super::awaited_change::{AwaitedChange, OncePaid};
use super::super::queries::awaited_change as rows;
use super::super::refusal::{Outcome, refuse};
use super::plan_ahead::{plan, uncancel, unplan, unplanned, without};
use super::snapshot::runs;
use super::talk::Talk;
use crate::error::Result;
use crate::stripe::{Answer, Invoice, NextItem, StripeError, Subscription};

/// So far Stripe's clock may be behind.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(1);
/// Invoices among which that of a change is looked for whose answer was lost, the newest.
const NEWEST: usize = 10;

/// Sends a change that will wait, with what is to be done once it is paid.
pub(super) async fn remembered(
    talk: &Talk,
    current: &Subscription,
    once_paid: OncePaid,
    sent: impl Future<Output = Answer<Subscription>>,
) -> Outcome<Subscription> {
    let awaited = AwaitedChange {
        subscription: current.id.clone(),
        sent_at: talk.acting.db().now(),
        before: current.latest_invoice.clone(),
        invoice: None,
        once_paid,
    };
    remember(talk, Some(awaited.clone())).await?;
    match sent.await {
        Ok(changed) => {
            remember(talk, Some(AwaitedChange { invoice: changed.latest_invoice.clone(), ..awaited })).await?;
            Ok(changed)
        }
        // It may be made all the same.
        Err(error @ (StripeError::Away(_) | StripeError::Unsure(_))) => Err(error.into()),
        Err(error) => {
            remember(talk, None).await?;
            Err(error.into())
        }
    }
}

async fn remember(talk: &Talk, awaited: Option<AwaitedChange>) -> Result<()> {
    talk.acting.write(move |tx| rows::set(tx, awaited.as_ref())).await
}

/// Does what is remembered of a change that is paid by now, and forgets it; also that of one which is not made any more.
/// Whether anything was sent. Whatever comes between, all of it is done again by the next look.
pub(super) async fn follow(talk: &Talk, theirs: Option<&Subscription>, billing: &Billing) -> Outcome<bool> {
    let Some(awaited) = &billing.stripe.awaited_change else { return Ok(false) };
    let theirs = theirs.filter(|theirs| theirs.id == awaited.subscription && runs(theirs));
    let found = match theirs {
        Some(theirs) => invoice_of(talk, awaited, theirs).await?.map(|invoice| (theirs, invoice)),
        None => None,
    };
    let is_paid = match found {
        // Stripe makes the change a moment after the payment.
        Some((theirs, invoice)) if theirs.has_pending_update || matches!(invoice.status.as_str(), "draft" | "open") => {
            return Ok(false);
        }
        Some((theirs, invoice)) if invoice.status == "paid" => {
            finish(talk, theirs, &awaited.once_paid).await?;
            true
        }
        _ => false,
    };
    remember(talk, None).await?;
    Ok(is_paid)
}

async fn finish(talk: &Talk, theirs: &Subscription, once_paid: &OncePaid) -> Outcome<()> {
    // The schedule of before knows nothing of the change.
    unplan(talk, theirs).await?;
    let next = match once_paid {
        OncePaid::Plan { ending } => {
            uncancel(talk, theirs).await?;
            without(talk, theirs, ending)
        }
        OncePaid::Module { next } => {
            next.iter().map(|(price, quantity)| NextItem { price: price.clone(), quantity: *quantity }).collect()
        }
    };
    plan(talk, &unplanned(theirs), &next, &talk.key("plan-paid")).await
}

/// The invoice of a change; none where there is none, or none any more.
async fn invoice_of(talk: &Talk, awaited: &AwaitedChange, theirs: &Subscription) -> Answer<Option<Invoice>> {
    let waiting = theirs.latest_invoice.as_ref().filter(|_| theirs.has_pending_update);
    if let Some(id) = awaited.invoice.as_ref().or(waiting) {
        return match talk.stripe.invoice(id).await {
            Err(StripeError::Missing) => Ok(None),
            found => found.map(Some),
        };
    }
    // Its answer was lost, and it does not wait any more.
    let is_its_own = |invoice: &Invoice| {
        invoice.subscription.as_deref() == Some(theirs.id.as_str())
            && invoice.billing_reason == "subscription_update"
            && awaited.before.as_deref() != Some(invoice.id.as_str())
            && invoice.created + CLOCKS_APART >= awaited.sent_at
    };
    Ok(talk.stripe.invoices(&theirs.customer, NEWEST).await?.into_iter().find(is_its_own))
}

/// Refuses what a change that waits would not survive.
///
/// # Errors
/// `ConfirmFirst`, `PayOrGiveUp`.
pub(super) async fn none_waits(talk: &Talk, theirs: &Subscription) -> Outcome<()> {
    let Some(id) = theirs.latest_invoice.as_deref().filter(|_| theirs.has_pending_update) else { return Ok(()) };
    let number = talk.stripe.invoice(id).await?.number.unwrap_or_default();
    refuse(talk.billing().await?.waits_for(number))
}
