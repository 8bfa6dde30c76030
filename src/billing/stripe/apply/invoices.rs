//! Invoices as Stripe issued and collected them.

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::super::account::Billing;
use super::super::super::notices;
use super::super::super::notices::failed::{Failed, notice};
use super::super::super::queries;
use super::super::super::queries::held;
use super::super::super::queries::invoices::{self as rows, InvoiceRow};
use super::super::super::queries::payments::{self, NewPayment};
use super::super::super::quote::Line;
use super::super::snapshot::Snapshot;
use crate::access::OrgTx;
use crate::audit::{BillingEvent, Event};
use crate::clock::Moment;
use crate::error::Result;
use crate::mail::AtStripe;
use crate::money::Currency;
use crate::stripe::{self, PaymentState};

/// How money that Stripe collected is called in the history of payments.
const METHOD: &str = "Stripe";

/// Writes each, the oldest first, and tells what became of it. Returns what was new.
pub(super) fn apply(tx: &mut OrgTx<'_>, billing: &Billing, snapshot: &Snapshot) -> Result<Vec<BillingEvent>> {
    let ids: Vec<String> = snapshot.invoices.iter().map(|invoice| invoice.id.clone()).collect();
    let known = rows::of_stripe(tx, &ids)?;
    let standing = |theirs: &stripe::Subscription| matches!(theirs.status.as_str(), "active" | "trialing");
    let is_in_good_standing = snapshot.subscription.as_ref().is_some_and(standing);
    let mut events = Vec::new();
    for theirs in snapshot.invoices.iter().rev() {
        let before = known.iter().find(|row| row.stripe_id.as_deref() == Some(theirs.id.as_str()));
        let payment = snapshot.payments.get(&theirs.id);
        let has_failed = has_failed(theirs, payment, is_in_good_standing);
        let Some(row) = read(theirs, before, has_failed && payment != Some(&PaymentState::AtBank)) else { continue };
        let is_written_off = theirs.status == "uncollectible"
            && before.is_some_and(|row| billing.stripe.is_newly_uncollectible(&row.number, row.status == "failed"));
        if before == Some(&row) && !is_written_off {
            continue;
        }
        // Who has just begun to pay is at the bank already; who did not begin it has to be told.
        let is_begun_here = row.status == "pending" && snapshot.first_invoices.contains(&row.number);
        let is_tried = before.is_none_or(|before| before.attempts < row.attempts);
        events.extend(write(tx, theirs, (before, &row))?);
        if is_written_off || has_failed && is_tried && !is_begun_here {
            let failed = Failed {
                row: &row,
                is_awaited: snapshot.first_invoices.contains(&row.number),
                is_uncollectible: theirs.status == "uncollectible",
                page: theirs.hosted_invoice_url.clone(),
            };
            events.push(tell_failed(tx, failed)?);
        }
    }
    if snapshot.customer.deleted {
        events.extend(void_the_rest(tx)?);
    }
    Ok(events)
}

/// Whatever Stripe says of them, nothing is collected from a customer who is gone.
fn void_the_rest(tx: &mut OrgTx<'_>) -> Result<Vec<BillingEvent>> {
    held::forget(tx, None)?;
    let mut events = Vec::new();
    for row in rows::unpaid_at_stripe(tx)? {
        let row = InvoiceRow { status: "void".to_owned(), next_attempt_at: None, ..row };
        rows::update(tx, &row)?;
        events.push(tell_void(tx, &row)?);
    }
    Ok(events)
}

fn tell_void(tx: &mut OrgTx<'_>, row: &InvoiceRow) -> Result<BillingEvent> {
    let void = BillingEvent::InvoiceVoided { invoice_id: row.id, number: row.number.clone() };
    notices::changed(tx, void.clone())?;
    Ok(void)
}

/// One that has not failed, though it was tried, waits for the bank.
fn tell_failed(tx: &mut OrgTx<'_>, failed: Failed<'_>) -> Result<BillingEvent> {
    let row = failed.row;
    let (invoice_id, number, at_bank) = (row.id, row.number.clone(), row.status != "failed");
    let event = BillingEvent::PaymentFailed { invoice_id, number, again: row.next_attempt_at, at_bank };
    let told = format!("{} {}.", tx.actor.name, event.sentence());
    let (organization, billing) = (tx.reread_organization()?, queries::billing(tx)?);
    let notice = notice(failed, told, (&billing, &organization), (tx.plans(), tx.product()));
    notices::ahead(tx, &billing.account, event.clone(), notice)?;
    Ok(event)
}

fn write(
    tx: &mut OrgTx<'_>,
    theirs: &stripe::Invoice,
    (before, row): (Option<&InvoiceRow>, &InvoiceRow),
) -> Result<Vec<BillingEvent>> {
    let (invoice_id, number) = (row.id, row.number.clone());
    let mut events = Vec::new();
    match before {
        Some(_) => rows::update(tx, row)?,
        None => events.push(issue(tx, theirs, row)?),
    }
    let was = |status: &str| before.is_some_and(|before| before.status == status);
    if row.status == "paid" && !was("paid") && theirs.amount_paid > 0 {
        let at = row.paid_at.unwrap_or(tx.now());
        let payment = NewPayment { invoice_id, at, amount: theirs.amount_paid, method: METHOD.to_owned(), note: String::new() };
        payments::insert(tx, &payment)?;
        let paid = BillingEvent::InvoicePaid { invoice_id, number, method: METHOD.to_owned() };
        notices::changed(tx, paid.clone())?;
        events.push(paid);
    }
    if row.status == "void" && before.is_some() && !was("void") {
        // Nobody pays it any more, so nothing of it is given back.
        held::forget(tx, Some(&theirs.lines.iter().map(|line| line.to).collect::<Vec<_>>()))?;
        events.push(tell_void(tx, row)?);
    }
    Ok(events)
}

fn issue(tx: &mut OrgTx<'_>, theirs: &stripe::Invoice, row: &InvoiceRow) -> Result<BillingEvent> {
    let currency = Currency::from_code(&row.currency);
    rows::insert(tx, row, None, &theirs.lines.iter().map(line).collect::<Vec<Line>>())?;
    let amount = currency.map(|currency| currency.money(row.net.saturating_add(row.vat)).to_string()).unwrap_or_default();
    let issued = BillingEvent::InvoiceIssued { invoice_id: row.id, number: row.number.clone(), amount };
    tx.record(&Event::Billing(issued.clone()))?;
    let account = queries::billing(tx)?.account;
    let at_stripe = AtStripe { page: theirs.hosted_invoice_url.clone(), pdf: theirs.invoice_pdf.clone() };
    notices::issued(tx, &account, row.id, Some(at_stripe))?;
    Ok(issued)
}

/// Whether it could not be collected. A debit may be on its way for days: it has failed once the bank refuses it, it is tried
/// again, or the subscription suffers from it.
fn has_failed(theirs: &stripe::Invoice, payment: Option<&PaymentState>, is_in_good_standing: bool) -> bool {
    let is_refused = payment == Some(&PaymentState::Refused);
    match theirs.status.as_str() {
        "paid" | "void" => false,
        "uncollectible" => true,
        // Stripe does not collect it, and on its page another try follows at once.
        _ if theirs.is_sent() => false,
        _ => theirs.attempt_count > 0 && (is_refused || theirs.next_payment_attempt.is_some() || !is_in_good_standing),
    }
}

/// What Stripe charges is due at once; what it sends is told from that by being due later.
fn due_at(theirs: &stripe::Invoice, issued_at: Moment) -> Moment {
    if !theirs.is_sent() {
        return issued_at;
    }
    theirs.due_date.unwrap_or(issued_at).max(issued_at + TimeDelta::seconds(1))
}

/// The row of Stripe's invoice; none for a currency that this version does not know.
fn read(theirs: &stripe::Invoice, before: Option<&InvoiceRow>, has_failed: bool) -> Option<InvoiceRow> {
    let currency = Currency::from_code(&theirs.currency)?;
    let issued_at = theirs.finalized_at.unwrap_or(theirs.created);
    let attempts = i32::try_from(theirs.attempt_count).unwrap_or(i32::MAX);
    let status = match theirs.status.as_str() {
        "paid" => "paid",
        "void" => "void",
        _ if has_failed => "failed",
        _ => "pending",
    };
    Some(InvoiceRow {
        id: before.map_or_else(Uuid::now_v7, |before| before.id),
        number: theirs.number.clone()?,
        issued_at,
        due_at: due_at(theirs, issued_at),
        currency: currency.code().to_owned(),
        net: theirs.total - theirs.tax,
        vat_basis_points: before.map_or(0, |before| before.vat_basis_points),
        vat: theirs.tax,
        credit_used: theirs.total - theirs.amount_due,
        due: theirs.amount_due,
        status: status.to_owned(),
        paid_at: (status == "paid").then(|| theirs.paid_at.unwrap_or(issued_at)),
        reminder_at: None,
        reminders: 0,
        stripe_id: Some(theirs.id.clone()),
        attempts,
        next_attempt_at: theirs.next_payment_attempt.filter(|_| attempts > 0),
    })
}

/// A line as Stripe words it.
pub(in super::super) fn line(theirs: &stripe::InvoiceLine) -> Line {
    let quantity = theirs.quantity.and_then(|quantity| i32::try_from(quantity).ok()).unwrap_or(1);
    Line {
        description: theirs.description.clone(),
        quantity,
        unit_amount: theirs.unit_amount.unwrap_or(theirs.amount),
        amount: theirs.amount,
        vat_basis_points: None,
        from: theirs.from,
        to: theirs.to,
    }
}
