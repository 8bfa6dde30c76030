//! Statements on invoices and payments.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::super::quote::Line;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::schema::{invoice_lines, invoices};
use crate::error::Result;
use crate::web::pagination::{Cursor, Key, PAGE_SIZE};

/// An invoice without its words.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = invoices, treat_none_as_null = true)]
pub struct InvoiceRow {
    pub id: Uuid,
    pub number: String,
    pub issued_at: Moment,
    pub due_at: Moment,
    pub currency: String,
    pub net: i64,
    pub vat_basis_points: i32,
    pub vat: i64,
    pub credit_used: i64,
    pub due: i64,
    pub status: String,
    pub paid_at: Option<Moment>,
    pub reminder_at: Option<Moment>,
    pub reminders: i32,
    /// The invoice at Stripe, which has its document.
    pub stripe_id: Option<String>,
    /// How often Stripe tried to collect it.
    pub attempts: i32,
    pub next_attempt_at: Option<Moment>,
}

/// Statuses of those that wait for their payment.
pub const OPEN: [&str; 2] = ["pending", "failed"];

impl InvoiceRow {
    /// Whether it is paid on a page of Stripe until it is due. What Stripe charges is due at once.
    pub fn is_sent(&self) -> bool {
        self.stripe_id.is_some() && self.due_at > self.issued_at
    }

    /// Its place in the list.
    pub fn place(&self) -> Key {
        Key { value: self.issued_at.timestamp_micros().to_string(), id: self.id }
    }
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    last: i64,
}

/// The next number of an invoice: `R-000042`. Nobody else gets one until this transaction ends, and none is lost when it is
/// rolled back.
pub fn next_number(org: &mut OrgConn<'_>, prefix: &str) -> Result<String> {
    let next = prepared(
        "INSERT INTO invoice_numbers AS n (prefix, last) VALUES ($1, 1)
        ON CONFLICT ON CONSTRAINT invoice_numbers_pkey DO UPDATE SET last = n.last + 1 RETURNING last",
    );
    let Last { last } = next.bind(prefix).get_result(org.connection())?;
    Ok(format!("{prefix}{last:06}"))
}

/// Writes an invoice with its lines; without a document where Stripe has it.
pub fn insert(org: &mut OrgConn<'_>, row: &InvoiceRow, document: Option<&Value>, lines: &[Line]) -> Result<()> {
    let organization_id = org.organization_id();
    diesel::insert_into(invoices::table)
        .values((invoices::organization_id.eq(organization_id), row, invoices::document.eq(document)))
        .execute(org.connection())?;
    let rate = |line: &Line| line.vat_basis_points.and_then(|rate| i32::try_from(rate).ok()).unwrap_or(row.vat_basis_points);
    let rows: Vec<_> = lines
        .iter()
        .zip(1_i32..)
        .map(|(line, position)| {
            (
                invoice_lines::organization_id.eq(organization_id),
                invoice_lines::invoice_id.eq(row.id),
                invoice_lines::position.eq(position),
                invoice_lines::description.eq(&line.description),
                invoice_lines::quantity.eq(line.quantity),
                invoice_lines::unit_amount.eq(line.unit_amount),
                invoice_lines::amount.eq(line.amount),
                invoice_lines::vat_basis_points.eq(rate(line)),
                invoice_lines::from_at.eq(line.from),
                invoice_lines::to_at.eq(line.to),
            )
        })
        .collect();
    diesel::insert_into(invoice_lines::table).values(rows).execute(org.connection())?;
    Ok(())
}

/// One page of the invoices, newest first (oldest first for a page that ends before the cursor), with one row more than it
/// shows.
pub fn page(org: &mut OrgConn<'_>, cursor: &Cursor) -> Result<Vec<InvoiceRow>> {
    let mut query =
        invoices::table.filter(invoices::organization_id.eq(org.organization_id())).select(InvoiceRow::as_select()).into_boxed();
    let backwards = cursor.is_backwards();
    if let Some((at, id)) = cursor.key().and_then(place) {
        let comparison =
            if backwards { "(invoices.issued_at, invoices.id) > (" } else { "(invoices.issued_at, invoices.id) < (" };
        query = query.filter(sql::<Bool>(comparison).bind::<Timestamptz, _>(at).sql(", ").bind::<SqlUuid, _>(id).sql(")"));
    }
    query = match backwards {
        false => query.order((invoices::issued_at.desc(), invoices::id.desc())),
        true => query.order((invoices::issued_at.asc(), invoices::id.asc())),
    };
    Ok(query.limit(i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX)).load(org.connection())?)
}

/// Time and id of the row that a page begins after or ends before.
pub(super) fn place(key: &Key) -> Option<(Moment, Uuid)> {
    let at = Moment::from_timestamp_micros(key.value.parse().ok()?)?;
    // Years that Postgres does not have.
    (0..=253_402_300_799).contains(&at.timestamp()).then_some((at, key.id))
}

/// The latest invoices.
pub fn latest(org: &mut OrgConn<'_>, count: i64) -> Result<Vec<InvoiceRow>> {
    let query = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .order((invoices::issued_at.desc(), invoices::id.desc()))
        .limit(count)
        .select(InvoiceRow::as_select());
    Ok(query.load(org.connection())?)
}

/// Those of Stripe's invoices that are known.
pub fn of_stripe(org: &mut OrgConn<'_>, ids: &[String]) -> Result<Vec<InvoiceRow>> {
    let query = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::stripe_id.eq_any(ids))
        .select(InvoiceRow::as_select());
    Ok(query.load(org.connection())?)
}

/// Writes an invoice of Stripe as it is now.
pub fn update(org: &mut OrgConn<'_>, row: &InvoiceRow) -> Result<()> {
    let mine = invoices::organization_id.eq(org.organization_id()).and(invoices::id.eq(row.id));
    diesel::update(invoices::table.filter(mine)).set(row).execute(org.connection())?;
    Ok(())
}

/// What one invoice is downloaded as.
#[derive(Clone, Debug, Queryable)]
pub struct Document {
    pub number: String,
    /// Every word of it; none where Stripe has them.
    pub words: Option<Value>,
    pub stripe_id: Option<String>,
}

/// Number and words of one invoice.
///
/// # Errors
/// `NotFound` without such a one.
pub fn document(org: &mut OrgConn<'_>, id: Uuid) -> Result<Document> {
    let query = invoices::table.filter(invoices::organization_id.eq(org.organization_id())).filter(invoices::id.eq(id)).select((
        invoices::number,
        invoices::document,
        invoices::stripe_id,
    ));
    Ok(query.first(org.connection())?)
}

/// One invoice by its id.
///
/// # Errors
/// `NotFound` without such a one in this organization.
pub fn by_id(org: &mut OrgConn<'_>, id: Uuid) -> Result<InvoiceRow> {
    let query = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::id.eq(id))
        .select(InvoiceRow::as_select());
    Ok(query.first(org.connection())?)
}

/// What the lines of an invoice say.
pub fn descriptions(org: &mut OrgConn<'_>, id: Uuid) -> Result<Vec<String>> {
    let query = invoice_lines::table
        .filter(invoice_lines::organization_id.eq(org.organization_id()))
        .filter(invoice_lines::invoice_id.eq(id))
        .order(invoice_lines::position)
        .select(invoice_lines::description);
    Ok(query.load(org.connection())?)
}

/// One invoice by its number.
///
/// # Errors
/// `NotFound` without such a one in this organization.
pub fn by_number(org: &mut OrgConn<'_>, number: &str) -> Result<InvoiceRow> {
    let query = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::number.eq(number))
        .select(InvoiceRow::as_select());
    Ok(query.first(org.connection())?)
}

/// Invoices that Stripe is to collect and that wait for their payment.
pub fn unpaid_at_stripe(org: &mut OrgConn<'_>) -> Result<Vec<InvoiceRow>> {
    let query = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::status.eq_any(OPEN))
        .filter(invoices::stripe_id.is_not_null())
        .order((invoices::issued_at.desc(), invoices::id.desc()))
        .select(InvoiceRow::as_select());
    Ok(query.load(org.connection())?)
}

/// Invoices that wait for their payment, those that are due longest first.
pub fn unpaid(org: &mut OrgConn<'_>, most: i64) -> Result<Vec<InvoiceRow>> {
    let query = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::status.eq_any(OPEN))
        .order((invoices::due_at, invoices::id))
        .limit(most)
        .select(InvoiceRow::as_select());
    Ok(query.load(org.connection())?)
}
