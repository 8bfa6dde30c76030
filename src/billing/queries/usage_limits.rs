//! Statements on spending limits.

use diesel::prelude::*;

use super::super::usage::SpendingLimit;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{usage_limits, usage_totals};
use crate::error::Result;

/// What an organization wants to spend on an item, with how far it was warned in the month.
pub fn of_item(org: &mut OrgConn<'_>, item: &str, starts_at: Moment) -> Result<Option<(SpendingLimit, i16)>> {
    type Row = (i64, String, bool, i16);
    let total = usage_totals::organization_id
        .eq(usage_limits::organization_id)
        .and(usage_totals::item.eq(usage_limits::item))
        .and(usage_totals::starts_at.eq(starts_at));
    let query = usage_limits::table
        .inner_join(usage_totals::table.on(total))
        .filter(usage_limits::organization_id.eq(org.organization_id()))
        .filter(usage_limits::item.eq(item))
        .select((usage_limits::amount, usage_limits::currency, usage_limits::stops, usage_totals::warned_percent));
    let row: Option<Row> = query.first(org.connection()).optional()?;
    Ok(row.map(|(amount, currency, stops, warned)| (SpendingLimit { item: item.to_owned(), amount, currency, stops }, warned)))
}

/// Sets what is to be spent on an item, or takes the limit away.
pub fn save(org: &mut OrgConn<'_>, item: &str, limit: Option<&SpendingLimit>) -> Result<()> {
    let organization_id = org.organization_id();
    let mine = usage_limits::organization_id.eq(organization_id).and(usage_limits::item.eq(item.to_owned()));
    diesel::delete(usage_limits::table.filter(mine)).execute(org.connection())?;
    if let Some(limit) = limit {
        diesel::insert_into(usage_limits::table)
            .values((
                usage_limits::organization_id.eq(organization_id),
                usage_limits::item.eq(item),
                usage_limits::amount.eq(limit.amount),
                usage_limits::currency.eq(&limit.currency),
                usage_limits::stops.eq(limit.stops),
            ))
            .execute(org.connection())?;
    }
    Ok(())
}
