//! Statements on the money that came in for invoices.

use diesel::prelude::*;
use uuid::Uuid;

use super::invoices::OPEN;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{invoices, payments};
use crate::error::Result;

/// Money that came in.
pub struct NewPayment {
    pub invoice_id: Uuid,
    pub at: Moment,
    pub amount: i64,
    pub method: String,
    pub note: String,
}

/// Marks an invoice paid; false when it was already.
pub fn pay(org: &mut OrgConn<'_>, payment: &NewPayment) -> Result<bool> {
    let organization_id = org.organization_id();
    let open =
        invoices::organization_id.eq(organization_id).and(invoices::id.eq(payment.invoice_id)).and(invoices::status.eq_any(OPEN));
    let paid = diesel::update(invoices::table.filter(open))
        .set((invoices::status.eq("paid"), invoices::paid_at.eq(Some(payment.at)), invoices::reminder_at.eq(None::<Moment>)))
        .execute(org.connection())?;
    if paid == 0 {
        return Ok(false);
    }
    insert(org, payment)?;
    Ok(true)
}

/// Writes a payment into the history.
pub fn insert(org: &mut OrgConn<'_>, payment: &NewPayment) -> Result<()> {
    diesel::insert_into(payments::table)
        .values((
            payments::organization_id.eq(org.organization_id()),
            payments::id.eq(Uuid::now_v7()),
            payments::invoice_id.eq(payment.invoice_id),
            payments::at.eq(payment.at),
            payments::amount.eq(payment.amount),
            payments::method.eq(&payment.method),
            payments::note.eq(&payment.note),
        ))
        .execute(org.connection())?;
    Ok(())
}

/// A payment with the invoice that it was for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct PaymentRow {
    pub at: Moment,
    pub amount: i64,
    pub method: String,
    pub note: String,
    pub invoice_id: Uuid,
    pub number: String,
    pub currency: String,
}

/// The latest payments.
pub fn latest(org: &mut OrgConn<'_>, count: i64) -> Result<Vec<PaymentRow>> {
    let invoice = invoices::organization_id.eq(payments::organization_id).and(invoices::id.eq(payments::invoice_id));
    let query = payments::table
        .inner_join(invoices::table.on(invoice))
        .filter(payments::organization_id.eq(org.organization_id()))
        .order((payments::at.desc(), payments::id.desc()))
        .limit(count)
        .select((
            payments::at,
            payments::amount,
            payments::method,
            payments::note,
            payments::invoice_id,
            invoices::number,
            invoices::currency,
        ));
    Ok(query.load(org.connection())?)
}
