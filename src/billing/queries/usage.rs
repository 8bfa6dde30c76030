//! Statements on metered use.

use diesel::dsl::{And, Eq};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use uuid::Uuid;

use super::super::subscription::Subscription;
use super::super::usage::Total;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::schema::{organizations, subscriptions, usage_reports, usage_totals};
use crate::error::Result;

/// The subscription that is running, and the key of the organization's plan.
pub fn running_and_plan(org: &mut OrgConn<'_>) -> Result<(Option<Subscription>, String)> {
    let running = subscriptions::organization_id.eq(organizations::id).and(subscriptions::ended_at.is_null());
    let query = organizations::table
        .left_join(subscriptions::table.on(running))
        .filter(organizations::id.eq(org.organization_id()))
        .select((Option::<Subscription>::as_select(), organizations::plan));
    Ok(query.first(org.connection())?)
}

/// A report, ready to be counted.
#[derive(Clone, Debug)]
pub struct NewReport {
    pub item: String,
    pub quantity: i64,
    /// SHA-256 of what the product calls the report.
    pub idempotency_hash: [u8; 32],
    /// Nil where the report names none.
    pub key_id: Uuid,
    pub member_id: Uuid,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Counted {
    /// False where the same report was counted before.
    #[diesel(sql_type = Bool)]
    pub is_new: bool,
    /// What was reported under this name, now or before.
    #[diesel(sql_type = BigInt)]
    pub quantity: i64,
    /// Use of the item in the month.
    #[diesel(sql_type = BigInt)]
    pub used: i64,
    /// Whether it is the first of the month.
    #[diesel(sql_type = Bool)]
    pub is_first: bool,
    /// Whether the month was closed meanwhile: it is to be added to the next one.
    #[diesel(sql_type = Bool)]
    pub is_late: bool,
}

/// Use of an item in a month after something was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Added {
    #[diesel(sql_type = BigInt)]
    pub used: i64,
    #[diesel(sql_type = Bool)]
    pub is_first: bool,
}

/// Counts a report, once. All in one statement, so that who reports waits for one round trip.
pub fn count(org: &mut OrgConn<'_>, report: &NewReport, (starts_at, ends_at): (Moment, Moment)) -> Result<Counted> {
    let statement = prepared(
        "WITH new AS (
            INSERT INTO usage_reports (organization_id, item, idempotency_hash, quantity, reported_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING RETURNING quantity
        ), total AS (
            INSERT INTO usage_totals AS t (organization_id, item, starts_at, ends_at, quantity) SELECT $1, $2, $6, $7, quantity FROM new
            ON CONFLICT ON CONSTRAINT usage_totals_pkey DO UPDATE SET quantity = t.quantity + EXCLUDED.quantity WHERE NOT t.is_closed
                RETURNING quantity, xmax = 0 AS is_first
        ), day AS (
            INSERT INTO usage_days AS d (organization_id, item, day, key_id, member_id, quantity)
                SELECT $1, $2, ($5 AT TIME ZONE 'UTC')::date, $8, $9, quantity FROM new
            ON CONFLICT ON CONSTRAINT usage_days_pkey DO UPDATE SET quantity = d.quantity + EXCLUDED.quantity
        )
        SELECT EXISTS (SELECT FROM new) AS is_new,
            coalesce((SELECT quantity FROM new), (SELECT quantity FROM usage_reports WHERE organization_id = $1 AND item = $2
                AND idempotency_hash = $3), $4) AS quantity,
            coalesce((SELECT quantity FROM total), (SELECT quantity FROM usage_totals WHERE organization_id = $1 AND item = $2
                AND starts_at = $6), 0) AS used,
            coalesce((SELECT is_first FROM total), false) AS is_first,
            EXISTS (SELECT FROM new) AND NOT EXISTS (SELECT FROM total) AS is_late",
    );
    let (organization_id, now) = (org.organization_id(), org.now());
    let statement = statement
        .bind(organization_id)
        .bind(report.item.as_str())
        .bind(report.idempotency_hash.as_slice())
        .bind(report.quantity)
        .bind(now)
        .bind(starts_at)
        .bind(ends_at)
        .bind(report.key_id)
        .bind(report.member_id);
    Ok(statement.get_result(org.connection())?)
}

/// Adds to a month what its report came too late for; none where that is closed as well.
pub fn add_late(org: &mut OrgConn<'_>, report: &NewReport, (starts_at, ends_at): (Moment, Moment)) -> Result<Option<Added>> {
    let statement = prepared(
        "INSERT INTO usage_totals AS t (organization_id, item, starts_at, ends_at, quantity) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT usage_totals_pkey DO UPDATE SET quantity = t.quantity + EXCLUDED.quantity WHERE NOT t.is_closed
            RETURNING quantity AS used, xmax = 0 AS is_first",
    );
    let organization_id = org.organization_id();
    let statement =
        statement.bind(organization_id).bind(report.item.as_str()).bind(starts_at).bind(ends_at).bind(report.quantity);
    Ok(statement.get_result(org.connection()).optional()?)
}

/// Lets the upkeep know that a month is to be closed when it is over.
pub fn plan_closing(org: &mut OrgConn<'_>, ends_at: Moment) -> Result<()> {
    let mine = organizations::table.filter(organizations::id.eq(org.organization_id()));
    let later = mine.filter(organizations::billing_due_at.is_null().or(organizations::billing_due_at.gt(ends_at)));
    diesel::update(later).set(organizations::billing_due_at.eq(Some(ends_at))).execute(org.connection())?;
    Ok(())
}

type IsRow =
    And<And<Eq<usage_totals::organization_id, Uuid>, Eq<usage_totals::item, String>>, Eq<usage_totals::starts_at, Moment>>;

/// Which row is that of an item in a month.
fn is_row_of(org: &OrgConn<'_>, total: &Total) -> IsRow {
    usage_totals::organization_id
        .eq(org.organization_id())
        .and(usage_totals::item.eq(total.item.clone()))
        .and(usage_totals::starts_at.eq(total.starts_at))
}

/// Notes how far somebody was warned in a month.
pub fn note_warning(org: &mut OrgConn<'_>, total: &Total, percent: i16) -> Result<()> {
    diesel::update(usage_totals::table.filter(is_row_of(org, total)))
        .set(usage_totals::warned_percent.eq(percent))
        .execute(org.connection())?;
    Ok(())
}

/// Lets who verifies keys know which items are to stop.
pub fn set_stopped(org: &mut OrgConn<'_>, items: &[String]) -> Result<()> {
    let mine = organizations::table.filter(organizations::id.eq(org.organization_id()));
    diesel::update(mine).set(organizations::stopped_items.eq(items)).execute(org.connection())?;
    Ok(())
}

/// Months that are not closed yet, the oldest first. Reports wait until it is settled what becomes of them, so that none is counted
/// in what is charged already.
pub fn open(org: &mut OrgConn<'_>) -> Result<Vec<Total>> {
    type Row = (String, Moment, Moment, i64, i16, Option<Moment>);
    let columns = (
        usage_totals::item,
        usage_totals::starts_at,
        usage_totals::ends_at,
        usage_totals::quantity,
        usage_totals::warned_percent,
        usage_totals::counted_from,
    );
    let query = usage_totals::table
        .filter(usage_totals::organization_id.eq(org.organization_id()))
        .filter(usage_totals::is_closed.eq(false))
        .order((usage_totals::ends_at, usage_totals::item))
        .select(columns)
        .for_update();
    let rows: Vec<Row> = query.load(org.connection())?;
    let total = |(item, starts_at, ends_at, quantity, warned_percent, counted_from)| Total {
        item,
        starts_at,
        ends_at,
        quantity,
        warned_percent,
        counted_from,
    };
    Ok(rows.into_iter().map(total).collect())
}

/// Notes that a month is on an invoice as far as it is to be paid.
pub fn close(org: &mut OrgConn<'_>, total: &Total) -> Result<()> {
    diesel::update(usage_totals::table.filter(is_row_of(org, total)))
        .set(usage_totals::is_closed.eq(true))
        .execute(org.connection())?;
    Ok(())
}

/// Begins to count anew in a month that goes on: what was used so far is charged.
pub fn count_anew(org: &mut OrgConn<'_>, total: &Total) -> Result<()> {
    let now = org.now();
    let anew = (usage_totals::quantity.eq(0), usage_totals::warned_percent.eq(0), usage_totals::counted_from.eq(Some(now)));
    diesel::update(usage_totals::table.filter(is_row_of(org, total))).set(anew).execute(org.connection())?;
    Ok(())
}

/// Forgets what was counted in months that are not closed: what is used from now on counts from nothing.
pub fn forget_open(org: &mut OrgConn<'_>) -> Result<()> {
    let open = usage_totals::organization_id.eq(org.organization_id()).and(usage_totals::is_closed.eq(false));
    diesel::delete(usage_totals::table.filter(open)).execute(org.connection())?;
    Ok(())
}

/// When the next month is to be closed.
pub fn next_closing(org: &mut OrgConn<'_>) -> Result<Option<Moment>> {
    let query = usage_totals::table
        .filter(usage_totals::organization_id.eq(org.organization_id()))
        .filter(usage_totals::is_closed.eq(false))
        .order(usage_totals::ends_at)
        .select(usage_totals::ends_at);
    Ok(query.first(org.connection()).optional()?)
}

/// Deletes the reports whose time is over, in every organization.
pub fn forget_old_reports(connection: &mut PgConnection, before: Moment) -> QueryResult<usize> {
    diesel::delete(usage_reports::table.filter(usage_reports::reported_at.le(before))).execute(connection)
}
