//! Payments that a bank does not make before the customer has confirmed them (3-D Secure), on a page of Stripe.

use super::super::awaited_change::OncePaid;
use super::super::refusal::{Outcome, Refusal, refuse};
use super::awaited;
use super::talk::Talk;
use crate::stripe::{self, Invoice, StripeError, SubscriptionChange};

/// The page on which a payment is to be confirmed that the bank does not make without: the change waits for it there, and
/// nothing of it is made before.
///
/// # Errors
/// The error itself, where it is another one.
pub(super) async fn confirmable(
    talk: &Talk,
    error: StripeError,
    (current, change): (&stripe::Subscription, &SubscriptionChange),
    once_paid: Option<OncePaid>,
    key: &str,
) -> Outcome<Option<String>> {
    let StripeError::Declined { needs_authentication: true, .. } = error else { return Err(error.into()) };
    // What Stripe takes for a change that waits.
    let waiting = SubscriptionChange {
        items: change.items.clone(),
        proration_behavior: change.proration_behavior,
        proration_date: change.proration_date,
        trial_end_now: change.trial_end_now,
        payment_behavior: Some("pending_if_incomplete"),
        ..SubscriptionChange::default()
    };
    let sent = async { talk.stripe.change_subscription(&current.id, &waiting, &format!("{key}-confirm")).await };
    let changed = match once_paid {
        Some(once_paid) => awaited::remembered(talk, current, once_paid, sent).await?,
        None => sent.await?,
    };
    payment_page(talk, &changed).await
}

/// Whether a subscription, or a change of it, waits for the payment of an invoice.
pub(super) fn waits_for(subscription: &stripe::Subscription, invoice: &Invoice) -> bool {
    let waits = subscription.status == "incomplete" || subscription.has_pending_update;
    let is_its_own = matches!(invoice.billing_reason.as_str(), "subscription_create" | "subscription_update");
    waits && is_its_own && subscription.latest_invoice.as_deref() == Some(invoice.id.as_str())
}

/// Where the customer confirms the payment of a subscription's latest invoice.
///
/// # Errors
/// `Moved` where it was given up: a form that is sent again is answered as the first time.
pub(super) async fn payment_page(talk: &Talk, subscription: &stripe::Subscription) -> Outcome<Option<String>> {
    let Some(invoice) = subscription.latest_invoice.as_deref() else { return Ok(None) };
    let invoice = talk.stripe.invoice(invoice).await?;
    if invoice.status == "void" {
        return refuse(Refusal::Moved);
    }
    let page = invoice.hosted_invoice_url;
    Ok(page.filter(|page| talk.stripe.is_its_page(page)))
}
