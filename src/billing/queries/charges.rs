//! Statements on what stands on the next invoice of Stripe.

use diesel::prelude::*;
use uuid::Uuid;

use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::pending_charges;
use crate::error::Result;

/// A charge that is to stand on Stripe's next invoice.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = pending_charges)]
pub struct ChargeRow {
    pub id: Uuid,
    pub description: String,
    pub quantity: i32,
    pub amount: i64,
    pub from_at: Moment,
    pub to_at: Moment,
    pub stripe_id: Option<String>,
}

/// The charges that are not invoiced yet.
pub fn charges(org: &mut OrgConn<'_>) -> Result<Vec<ChargeRow>> {
    let query = pending_charges::table
        .filter(pending_charges::organization_id.eq(org.organization_id()))
        .filter(pending_charges::held_for.is_null())
        .order((pending_charges::from_at, pending_charges::id))
        .select(ChargeRow::as_select());
    Ok(query.load(org.connection())?)
}

/// Forgets the charges of a description for time after a moment that Stripe does not have yet.
pub fn forget_unsent(org: &mut OrgConn<'_>, description: &str, after: Moment) -> Result<()> {
    let mine = pending_charges::organization_id.eq(org.organization_id()).and(pending_charges::description.eq(description));
    let unsent = mine.and(pending_charges::stripe_id.is_null()).and(pending_charges::to_at.gt(after));
    let unsent = unsent.and(pending_charges::held_for.is_null());
    diesel::delete(pending_charges::table.filter(unsent)).execute(org.connection())?;
    Ok(())
}

/// Notes the invoice item of a charge; none where it is to have another one.
pub fn note_item(org: &mut OrgConn<'_>, id: Uuid, stripe_id: Option<&str>) -> Result<()> {
    let mine = pending_charges::organization_id.eq(org.organization_id()).and(pending_charges::id.eq(id));
    diesel::update(pending_charges::table.filter(mine))
        .set(pending_charges::stripe_id.eq(stripe_id))
        .execute(org.connection())?;
    Ok(())
}

/// Has every charge that waits for an invoice stand on that of the next customer.
pub fn note_nothing_sent(org: &mut OrgConn<'_>) -> Result<()> {
    diesel::update(pending_charges::table.filter(pending_charges::organization_id.eq(org.organization_id())))
        .set(pending_charges::stripe_id.eq(None::<String>))
        .execute(org.connection())?;
    Ok(())
}

/// Forgets the charges whose items are not pending at Stripe any more: they are on an invoice.
pub fn forget_invoiced(org: &mut OrgConn<'_>, still_pending: &[String]) -> Result<()> {
    let organization_id = org.organization_id();
    let mine = pending_charges::organization_id.eq(organization_id).and(pending_charges::stripe_id.is_not_null());
    let gone = mine.and(pending_charges::stripe_id.ne_all(still_pending));
    diesel::delete(pending_charges::table.filter(gone)).execute(org.connection())?;
    Ok(())
}
