//! Statements on the money that came in for invoices.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::invoices::{OPEN, place};
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{invoices, payments};
use crate::error::Result;
use crate::web::pagination::{Cursor, Key, PAGE_SIZE};

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
    pub id: Uuid,
    pub at: Moment,
    pub amount: i64,
    pub method: String,
    pub note: String,
    pub invoice_id: Uuid,
    pub number: String,
    pub currency: String,
}

impl PaymentRow {
    /// Its place in the list.
    pub fn place(&self) -> Key {
        Key { value: self.at.timestamp_micros().to_string(), id: self.id }
    }
}

/// One page of the payments, newest first (oldest first for a page that ends before the cursor), with one row more than it
/// shows.
pub fn page(org: &mut OrgConn<'_>, cursor: &Cursor) -> Result<Vec<PaymentRow>> {
    let invoice = invoices::organization_id.eq(payments::organization_id).and(invoices::id.eq(payments::invoice_id));
    let mut query = payments::table
        .inner_join(invoices::table.on(invoice))
        .filter(payments::organization_id.eq(org.organization_id()))
        .select((
            payments::id,
            payments::at,
            payments::amount,
            payments::method,
            payments::note,
            payments::invoice_id,
            invoices::number,
            invoices::currency,
        ))
        .into_boxed();
    let backwards = cursor.is_backwards();
    if let Some((at, id)) = cursor.key().and_then(place) {
        let comparison = if backwards { "(payments.at, payments.id) > (" } else { "(payments.at, payments.id) < (" };
        query = query.filter(sql::<Bool>(comparison).bind::<Timestamptz, _>(at).sql(", ").bind::<SqlUuid, _>(id).sql(")"));
    }
    query = match backwards {
        false => query.order((payments::at.desc(), payments::id.desc())),
        true => query.order((payments::at.asc(), payments::id.asc())),
    };
    Ok(query.limit(i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX)).load(org.connection())?)
}
