//! Statements on what is left of a plan that ended unpaid: lines that stand on no invoice before somebody pays.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::super::quote::Line;
use super::invoices::OPEN;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{invoices, pending_charges};
use crate::error::Result;

/// How a way of paying is called in the rows.
pub const fn way(is_at_stripe: bool) -> &'static str {
    if is_at_stripe { "stripe" } else { "invoice" }
}

/// Takes the lines of one way out of the rows, as far as nothing is owed any more in that way from before they begin.
pub fn take_paid(org: &mut OrgConn<'_>, is_at_stripe: bool) -> Result<Vec<Line>> {
    type Row = (String, i32, i64, i64, Option<i32>, Moment, Moment);
    let organization_id = org.organization_id();
    let owed = invoices::table
        .filter(invoices::organization_id.eq(organization_id))
        .filter(invoices::status.eq_any(OPEN))
        .filter(invoices::stripe_id.is_not_null().eq(is_at_stripe))
        .filter(invoices::issued_at.le(pending_charges::from_at));
    let held = pending_charges::organization_id.eq(organization_id).and(pending_charges::held_for.eq(way(is_at_stripe)));
    let columns = (
        pending_charges::description,
        pending_charges::quantity,
        pending_charges::unit_amount,
        pending_charges::amount,
        pending_charges::vat_basis_points,
        pending_charges::from_at,
        pending_charges::to_at,
    );
    let rows: Vec<Row> = diesel::delete(pending_charges::table.filter(held.and(not(exists(owed)))))
        .returning(columns)
        .get_results(org.connection())?;
    let line = |(description, quantity, unit_amount, amount, vat, from, to)| Line {
        description,
        quantity,
        unit_amount,
        amount,
        vat_basis_points: Option::<i32>::map(vat, i64::from),
        from,
        to,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Forgets what is held of plans at Stripe whose periods end at some moments; with none, of all.
pub fn forget(org: &mut OrgConn<'_>, ends: Option<&[Moment]>) -> Result<()> {
    let held = pending_charges::organization_id.eq(org.organization_id()).and(pending_charges::held_for.eq(way(true)));
    match ends {
        Some(ends) => diesel::delete(pending_charges::table.filter(held.and(pending_charges::to_at.eq_any(ends))))
            .execute(org.connection())?,
        None => diesel::delete(pending_charges::table.filter(held)).execute(org.connection())?,
    };
    Ok(())
}
