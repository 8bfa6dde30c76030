//! Statements on metered use that is on an invoice before its month is over.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{invoice_lines, invoices};
use crate::error::Result;

/// A line that charges something up to a moment.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct InvoicedUse {
    pub number: String,
    pub description: String,
    pub to: Moment,
}

/// Lines of invoices that charge something up to the first of some moments or later, to the second.
pub fn invoiced_use(org: &mut OrgConn<'_>, moments: &[Moment]) -> Result<Vec<InvoicedUse>> {
    let Some(first) = moments.iter().min() else { return Ok(Vec::new()) };
    let from = *first - TimeDelta::seconds(1);
    let same = invoices::organization_id.eq(invoice_lines::organization_id).and(invoices::id.eq(invoice_lines::invoice_id));
    let query = invoices::table
        .inner_join(invoice_lines::table.on(same))
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::issued_at.gt(from))
        .filter(invoices::status.ne("void"))
        .filter(invoice_lines::to_at.gt(from))
        .order((invoices::issued_at, invoices::id, invoice_lines::position))
        .select((invoices::number, invoice_lines::description, invoice_lines::to_at));
    Ok(query.load(org.connection())?)
}
