//! Statements on what is left of a plan that ended unpaid: lines that stand on no invoice before somebody pays.

use diesel::prelude::*;

use super::super::quote::Line;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::pending_charges;
use crate::error::Result;

/// Takes the lines out of the rows.
pub fn take(org: &mut OrgConn<'_>) -> Result<Vec<Line>> {
    type Row = (String, i32, i64, i64, Option<i32>, Moment, Moment);
    let held = pending_charges::organization_id.eq(org.organization_id()).and(pending_charges::is_held.eq(true));
    let columns = (
        pending_charges::description,
        pending_charges::quantity,
        pending_charges::unit_amount,
        pending_charges::amount,
        pending_charges::vat_basis_points,
        pending_charges::from_at,
        pending_charges::to_at,
    );
    let rows: Vec<Row> = diesel::delete(pending_charges::table.filter(held)).returning(columns).get_results(org.connection())?;
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

/// Has the lines stand on the next invoice.
pub fn release(org: &mut OrgConn<'_>) -> Result<()> {
    let held = pending_charges::organization_id.eq(org.organization_id()).and(pending_charges::is_held.eq(true));
    diesel::update(pending_charges::table.filter(held)).set(pending_charges::is_held.eq(false)).execute(org.connection())?;
    Ok(())
}
