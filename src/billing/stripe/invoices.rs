//! Invoices that Stripe issued: their PDF, and paying one that could not be collected.

use uuid::Uuid;

use super::super::queries::invoices::{self as rows, InvoiceRow, OPEN};
use super::super::refusal::{Outcome, Refusal, refuse};
use super::change::{Done, followed};
use super::look::deed;
use super::talk::Acting;
use crate::error::AppError;
use crate::stripe::{Stripe, StripeError};

/// Where Stripe has the PDF of an invoice now: its addresses age, so none is kept.
///
/// # Errors
/// `PdfAway`, `NotTaken` where Stripe names no page of its own.
pub async fn pdf(stripe: &Stripe, stripe_id: &str) -> Outcome<String> {
    let address = match stripe.invoice(stripe_id).await {
        Err(StripeError::Away(_)) => return refuse(Refusal::PdfAway),
        invoice => invoice?.invoice_pdf,
    };
    match address.filter(|address| stripe.is_its_page(address)) {
        Some(address) => Ok(address),
        None => refuse(Refusal::NotTaken),
    }
}

/// Pays an invoice by the default payment method now, or leads to the page where one is paid that Stripe only sends. Returns its
/// number.
///
/// # Errors
/// `NotFound` for one that is not Stripe's; what the bank refuses.
pub async fn pay(acting: &Acting, stripe: &Stripe, id: Uuid) -> Outcome<Done<String>> {
    deed(acting, stripe, async |talk| {
        let invoice = talk.acting.read(move |org| rows::by_id(org, id)).await?;
        let stripe_id = invoice.stripe_id.clone().ok_or(AppError::NotFound)?;
        if let Some(closed) = closed(&invoice) {
            return closed;
        }
        if invoice.is_sent() && invoice.status == "pending" {
            return page_of(stripe, &stripe_id).await;
        }
        let billing = talk.billing().await?;
        if billing.methods.is_empty() {
            return refuse(Refusal::NoMethod);
        }
        // Named: a payment that was begun stays with the method that it was begun with.
        let default = billing.default_method().map(|method| method.stripe_id.as_str());
        let paid = stripe.pay_invoice(&stripe_id, default, &talk.key("pay")).await;
        followed(talk).await;
        match paid {
            Ok(_) => Ok(Done::Made(invoice.number)),
            Err(StripeError::Declined { needs_authentication: true, .. }) => page_of(stripe, &stripe_id).await,
            // Somebody else was faster.
            Err(error @ StripeError::Refused { .. }) => {
                let now = talk.acting.read(move |org| rows::by_id(org, id)).await?;
                closed(&now).unwrap_or_else(|| Err(error.into()))
            }
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Leads to the page where an invoice is paid.
async fn page_of(stripe: &Stripe, stripe_id: &str) -> Outcome<Done<String>> {
    let page = stripe.invoice(stripe_id).await?.hosted_invoice_url;
    match page.filter(|page| stripe.is_its_page(page)) {
        Some(page) => Ok(Done::Confirm(page)),
        None => refuse(Refusal::NotTaken),
    }
}

/// What there is to say of an invoice that nobody has to pay any more.
fn closed(invoice: &InvoiceRow) -> Option<Outcome<Done<String>>> {
    let number = invoice.number.clone();
    match invoice.status.as_str() {
        status if OPEN.contains(&status) => None,
        "void" => Some(refuse(Refusal::NothingToPay { number })),
        _ => Some(Ok(Done::Made(number))),
    }
}
