//! Issuing an invoice: number, sums and every word of it are fixed in one transaction with what it is for.

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::account::Billing;
use super::super::notices;
use super::super::queries;
use super::super::queries::invoices::{self, InvoiceRow};
use super::super::quote::{Line, Totals, totals};
use super::super::vat::{self, VatRule};
use crate::access::OrgTx;
use crate::audit::{BillingEvent, Event};
use crate::error::{AppError, Result};
use crate::money::Currency;
use crate::pdf::{self, InvoiceDocument, Party};
use crate::web::words;

/// Invoices at once what waits for the next invoice.
pub fn issue_pending(tx: &mut OrgTx<'_>, currency: Currency) -> Result<()> {
    let billing = queries::billing(tx)?;
    queries::clear_pending(tx)?;
    issue(tx, &billing, &billing.pending, currency)
}

/// Issues an invoice over some lines; nothing where there are none. What has nothing to be paid is paid at once.
pub fn issue(tx: &mut OrgTx<'_>, billing: &Billing, lines: &[Line], currency: Currency) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let issuer = tx.plans().issuer.clone();
    let rule = billing.vat(&issuer);
    let totals = totals(lines, &rule, billing.account.credit);
    let number = invoices::next_number(tx, &issuer.number_prefix)?;
    let now = tx.now();
    let is_paid = totals.due == 0;
    let due_at = now + TimeDelta::days(issuer.payment_days);
    let row = InvoiceRow {
        id: Uuid::now_v7(),
        number,
        issued_at: now,
        due_at,
        currency: currency.code().to_owned(),
        net: totals.net,
        vat_basis_points: i32::try_from(rule.basis_points).unwrap_or_default(),
        vat: totals.vat,
        credit_used: totals.credit_used,
        due: totals.due,
        status: if is_paid { "paid" } else { "pending" }.to_owned(),
        paid_at: is_paid.then_some(now),
        reminder_at: (!is_paid).then_some(due_at),
        reminders: 0,
        stripe_id: None,
        attempts: 0,
        next_attempt_at: None,
    };
    let document = document(tx, billing, &row, lines, (&rule, &totals, currency));
    let document = serde_json::to_value(document).map_err(|error| AppError::Internal(error.to_string()))?;
    invoices::insert(tx, &row, Some(&document), lines)?;
    queries::account::save_credit(tx, totals.credit_left, currency.code())?;
    let (invoice_id, number) = (row.id, row.number.clone());
    let amount = currency.money(totals.gross()).to_string();
    tx.record(&Event::Billing(BillingEvent::InvoiceIssued { invoice_id, number, amount }))?;
    notices::issued(tx, &billing.account, row.id, None)
}

/// Every word of an invoice.
fn document(
    tx: &OrgTx<'_>,
    billing: &Billing,
    row: &InvoiceRow,
    lines: &[Line],
    (rule, totals, currency): (&VatRule, &Totals, Currency),
) -> InvoiceDocument {
    let issuer = &tx.plans().issuer;
    let money = |minor: i64| currency.money(minor).to_string();
    let is_credit = totals.gross() < 0;
    let account = &billing.account;
    let mut recipient = account.address_lines();
    recipient.extend(billing.tax_ids.iter().map(|tax_id| format!("{}: {}", tax_id.label(), tax_id.value)));
    let mut sender = issuer.lines.clone();
    sender.extend([&issuer.email].into_iter().filter(|text| !text.is_empty()).cloned());
    if !issuer.tax_id.is_empty() {
        sender.push(format!("Tax id: {}", issuer.tax_id));
    }
    InvoiceDocument {
        title: if is_credit { "Credit note" } else { "Invoice" }.to_owned(),
        number: row.number.clone(),
        issuer: Party { name: issuer.name.clone(), lines: sender },
        recipient: Party {
            name: if account.name.is_empty() { tx.organization.name.clone() } else { account.name.clone() },
            lines: recipient,
        },
        facts: facts(tx, row, totals),
        lines: lines.iter().map(|line| shown_line(line, currency)).collect(),
        totals: shown_totals(totals, money, !issuer.country.is_empty()),
        notes: notes(issuer, row, rule, totals, currency),
        created: row.issued_at,
    }
}

fn facts(tx: &OrgTx<'_>, row: &InvoiceRow, totals: &Totals) -> Vec<(String, String)> {
    let mut facts = vec![("Date".to_owned(), words::day(row.issued_at))];
    if totals.due > 0 {
        facts.push(("Due".to_owned(), words::day(row.due_at)));
        facts.push(("Payment reference".to_owned(), row.number.clone()));
    }
    facts.push(("Organization".to_owned(), tx.organization.name.clone()));
    facts
}

fn shown_line(line: &Line, currency: Currency) -> pdf::Line {
    pdf::Line {
        description: line.description.clone(),
        period: format!("{} – {}", words::day(line.from), words::day(line.to)),
        quantity: words::grouped(i64::from(line.quantity)),
        unit_price: currency.money(line.unit_amount).to_string(),
        amount: currency.money(line.amount).to_string(),
    }
}

/// An issuer without a country adds no VAT, and says nothing of it.
fn shown_totals(totals: &Totals, money: impl Fn(i64) -> String, has_vat: bool) -> Vec<pdf::Total> {
    let total =
        |label: &str, minor: i64, is_strong: bool| pdf::Total { label: label.to_owned(), amount: money(minor), is_strong };
    let gross = totals.gross();
    let mut all = vec![total("Subtotal", totals.net, false)];
    let vats = totals.vats.iter().filter(|(rate, _)| has_vat || *rate > 0);
    all.extend(vats.map(|(rate, amount)| total(&vat::label(*rate), *amount, false)));
    all.push(total("Total", gross, true));
    if totals.credit_used > 0 {
        all.push(total("From your credit", -totals.credit_used, false));
    }
    if totals.credit_used > 0 || gross < 0 {
        all.push(total("Amount due", totals.due, true));
    }
    all
}

fn notes(issuer: &crate::config::Issuer, row: &InvoiceRow, rule: &VatRule, totals: &Totals, currency: Currency) -> Vec<String> {
    let mut notes = Vec::new();
    if !rule.note.is_empty() {
        notes.push(rule.note.to_owned());
    }
    let gross = totals.gross();
    if totals.due > 0 {
        let due = currency.money(totals.due);
        let by = words::day(row.due_at);
        notes.push(match issuer.payment.as_slice() {
            [] => format!("Please pay {due} by {by}. {}", issuer.how_to_transfer(&row.number)),
            _ => format!("Please transfer {due} by {by}, with the reference {}.", row.number),
        });
        notes.extend(issuer.payment.iter().cloned());
    } else if gross < 0 {
        notes.push(format!("{} are to your credit: the next invoices take from it.", currency.money(-gross)));
    } else if totals.credit_used > 0 {
        notes.push("Nothing is to be paid: it was taken from your credit.".to_owned());
    } else {
        notes.push("Nothing is to be paid.".to_owned());
    }
    notes
}
