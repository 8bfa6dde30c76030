//! Giving up a payment that waits for the bank, and with it what it was to begin or to change.

use uuid::Uuid;

use super::super::queries::invoices::{self as rows, InvoiceRow};
use super::super::refusal::{Outcome, Refusal, refuse};
use super::change::followed;
use super::confirm::waits_for;
use super::look::deed;
use super::talk::{Acting, Talk};
use crate::audit::{BillingEvent, Event};
use crate::error::AppError;
use crate::money::Currency;
use crate::stripe::{Invoice, Stripe, StripeError};

/// What has become of it, with the number of its invoice.
pub enum GivenUp {
    Void(String),
    /// The bank was faster: it is paid, and what it was for is made.
    Paid(String),
}

/// Gives the payment of an invoice up. Twice is once.
///
/// # Errors
/// `NotFound` for one that is not Stripe's, `NotWaiting` for one for which nothing waits.
pub async fn give_up(acting: &Acting, stripe: &Stripe, id: Uuid) -> Outcome<GivenUp> {
    deed(acting, stripe, async |talk| {
        let row = talk.acting.read(move |org| rows::by_id(org, id)).await?;
        let stripe_id = row.stripe_id.clone().ok_or(AppError::NotFound)?;
        let theirs = stripe.invoice(&stripe_id).await?;
        let is_owed = matches!(theirs.status.as_str(), "open" | "uncollectible");
        let closed = if is_owed { void(talk, &row, theirs).await? } else { theirs };
        followed(talk).await;
        match closed.status.as_str() {
            "void" => Ok(GivenUp::Void(row.number)),
            "paid" => Ok(GivenUp::Paid(row.number)),
            _ => refuse(Refusal::NotTaken),
        }
    })
    .await
}

/// Voids it, unless it is paid at this very moment.
async fn void(talk: &Talk, row: &InvoiceRow, theirs: Invoice) -> Outcome<Invoice> {
    let subscription = match theirs.subscription.as_deref() {
        Some(subscription) => Some(talk.stripe.subscription(subscription).await?),
        None => None,
    };
    if !subscription.is_some_and(|subscription| waits_for(&subscription, &theirs)) {
        return refuse(Refusal::NotWaiting { number: row.number.clone() });
    }
    match talk.stripe.void_invoice(&theirs.id, &talk.key("give-up")).await {
        Ok(closed) => {
            let amount = Currency::from_code(&row.currency).map(|currency| currency.money(row.due).to_string());
            let event = BillingEvent::PaymentGivenUp {
                invoice_id: row.id,
                number: row.number.clone(),
                amount: amount.unwrap_or_default(),
            };
            // Who gets the invoices is told once it is void here.
            talk.acting.write(move |tx| tx.record(&Event::Billing(event.clone()))).await?;
            Ok(closed)
        }
        Err(StripeError::Refused { .. }) => Ok(talk.stripe.invoice(&theirs.id).await?),
        Err(error) => Err(error.into()),
    }
}
