//! Money that came in, as the operator says.

use super::super::account::Billing;
use super::super::notices;
use super::super::queries;
use super::super::queries::invoices::{self, InvoiceRow};
use super::super::queries::payments::{self, NewPayment};
use super::super::subscription::{Status, Subscription};
use super::rest;
use crate::access::OrgTx;
use crate::audit::BillingEvent;
use crate::clock::Moment;
use crate::error::{AppError, Result};

/// Marks an invoice paid by transfer. Returns it; none when it was paid before.
///
/// # Errors
/// `NotFound` where this organization has no such invoice, `BadRequest` for one of Stripe and for a day before it was issued.
pub fn mark_paid(tx: &mut OrgTx<'_>, number: &str, at: Moment, note: &str) -> Result<Option<InvoiceRow>> {
    let invoice = invoices::by_number(tx, number)?;
    if invoice.stripe_id.is_some() {
        return Err(AppError::BadRequest("Stripe collects that invoice: mark it paid there."));
    }
    // As the invoice is dated.
    if at.date_naive() < invoice.issued_at.date_naive() {
        return Err(AppError::BadRequest("The day lies before the date of the invoice."));
    }
    let method = "Bank transfer".to_owned();
    let payment = NewPayment { invoice_id: invoice.id, at, amount: invoice.due, method: method.clone(), note: note.to_owned() };
    if !payments::pay(tx, &payment)? {
        return Ok(None);
    }
    let billing = queries::billing(tx)?;
    settle(tx, &billing)?;
    let event = BillingEvent::InvoicePaid { invoice_id: invoice.id, number: invoice.number.clone(), method };
    notices::changed(tx, event)?;
    rest::give_back(tx, &billing, false)?;
    Ok(Some(invoice))
}

/// No invoice of the console is overdue any more: a plan that is paid by them goes on as before.
fn settle(tx: &mut OrgTx<'_>, billing: &Billing) -> Result<()> {
    let now = tx.now();
    let is_overdue = billing.unpaid_by(false).is_some_and(|unpaid| unpaid.due_at <= now);
    let mut subscription = billing.subscription.clone();
    let is_late = |current: &Subscription| current.status() == Status::PastDue && !current.is_at_stripe();
    if let Some(current) = subscription.as_mut().filter(|current| is_late(current) && !is_overdue) {
        *current = Subscription { status: Status::Active.key().to_owned(), ..current.clone() };
        queries::save_subscription(tx, current)?;
    }
    queries::upkeep::plan_next(tx, subscription.as_ref())
}
