//! Statements on what the console last saw at Stripe.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::super::seen::Noted;
use crate::access::OrgConn;
use crate::audit::is_set_back;
use crate::clock::Moment;
use crate::db::schema::{organizations, stripe_accounts, stripe_events};
use crate::error::{AppError, Result};

/// For how long an event is remembered: Stripe delivers it for three days at most.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(60);

/// An event to be remembered.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub id: String,
    pub kind: String,
    pub object_id: String,
    pub created_at: Moment,
}

/// Organizations that are to be compared with Stripe, the longest waiting first.
pub fn organizations_due(connection: &mut PgConnection, now: Moment, most: i64) -> QueryResult<Vec<Uuid>> {
    organizations::table
        .filter(organizations::stripe_due_at.le(now))
        .order(organizations::stripe_due_at)
        .limit(most)
        .select(organizations::id)
        .load(connection)
}

/// The organization of a customer.
pub fn organization_of(connection: &mut PgConnection, customer: &str) -> QueryResult<Option<Uuid>> {
    organizations::table
        .filter(organizations::stripe_customer.eq(customer))
        .select(organizations::id)
        .first(connection)
        .optional()
}

/// Has the next comparison happen at a time, or earlier where that was planned.
pub fn ask_by(org: &mut OrgConn<'_>, at: Moment) -> Result<()> {
    let mine = organizations::id.eq(org.organization_id()).and(organizations::stripe_customer.is_not_null());
    let sooner = organizations::stripe_due_at.is_null().or(organizations::stripe_due_at.gt(at));
    diesel::update(organizations::table.filter(mine).filter(sooner))
        .set(organizations::stripe_due_at.eq(at))
        .execute(org.connection())?;
    Ok(())
}

/// Moves what is due now to a time, by when a talk that begins has ended. Returns what was planned.
pub fn plan_for(org: &mut OrgConn<'_>, until: Moment) -> Result<Option<Moment>> {
    let mine = || organizations::table.filter(organizations::id.eq(org.organization_id()));
    let (query, update) = (mine().select(organizations::stripe_due_at), mine());
    let planned: Option<Moment> = query.first(org.connection())?;
    diesel::update(update.filter(organizations::stripe_customer.is_not_null()))
        .set(organizations::stripe_due_at.eq(until))
        .execute(org.connection())?;
    Ok(planned)
}

/// Plans the next comparison when a talk ends, unless one was asked for since it began.
pub fn replan(org: &mut OrgConn<'_>, until: Moment, next: Moment) -> Result<()> {
    let mine = organizations::id.eq(org.organization_id()).and(organizations::stripe_due_at.eq(until));
    diesel::update(organizations::table.filter(mine)).set(organizations::stripe_due_at.eq(next)).execute(org.connection())?;
    Ok(())
}

/// Notes the customer of this organization; none where it was deleted at Stripe.
pub fn set_customer(org: &mut OrgConn<'_>, customer: Option<&str>) -> Result<()> {
    let due = customer.map(|_| org.now());
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set((organizations::stripe_customer.eq(customer), organizations::stripe_due_at.eq(due)))
        .execute(org.connection())?;
    Ok(())
}

/// Takes the lease until a time; false while somebody else has it.
pub fn take_lease(org: &mut OrgConn<'_>, lease: Uuid, until: Moment) -> Result<bool> {
    let (organization_id, now) = (org.organization_id(), org.now());
    diesel::insert_into(stripe_accounts::table)
        .values(stripe_accounts::organization_id.eq(organization_id))
        .on_conflict_do_nothing()
        .execute(org.connection())?;
    let is_free = stripe_accounts::leased_until.is_null().or(stripe_accounts::leased_until.le(now));
    let taken =
        diesel::update(stripe_accounts::table.filter(stripe_accounts::organization_id.eq(organization_id)).filter(is_free))
            .set((stripe_accounts::lease.eq(Some(lease)), stripe_accounts::leased_until.eq(Some(until))))
            .execute(org.connection())?;
    Ok(taken == 1)
}

/// Gives the lease back, if it is still this one.
pub fn give_lease_back(org: &mut OrgConn<'_>, lease: Uuid) -> Result<()> {
    let mine = stripe_accounts::organization_id.eq(org.organization_id()).and(stripe_accounts::lease.eq(lease));
    diesel::update(stripe_accounts::table.filter(mine))
        .set((stripe_accounts::lease.eq(None::<Uuid>), stripe_accounts::leased_until.eq(None::<Moment>)))
        .execute(org.connection())?;
    Ok(())
}

/// The number of a look at Stripe that begins now.
pub fn next_ticket(org: &mut OrgConn<'_>) -> Result<i64> {
    let mine = stripe_accounts::table.filter(stripe_accounts::organization_id.eq(org.organization_id()));
    let next = diesel::update(mine).set(stripe_accounts::last_ticket.eq(stripe_accounts::last_ticket + 1));
    Ok(next.returning(stripe_accounts::last_ticket).get_result(org.connection())?)
}

/// Notes that the look of a ticket is written down. False where a later one is, and this one is not to be.
pub fn apply_ticket(org: &mut OrgConn<'_>, ticket: i64) -> Result<bool> {
    let (organization_id, now) = (org.organization_id(), org.now());
    let mine = stripe_accounts::organization_id.eq(organization_id).and(stripe_accounts::applied_ticket.lt(ticket));
    let applied = diesel::update(stripe_accounts::table.filter(mine))
        .set((
            stripe_accounts::applied_ticket.eq(ticket),
            stripe_accounts::checked_at.eq(Some(now)),
            stripe_accounts::failing_since.eq(None::<Moment>),
            stripe_accounts::failures.eq(0),
        ))
        .execute(org.connection())?;
    let old = stripe_events::organization_id.eq(organization_id).and(stripe_events::received_at.le(now - EVENTS_KEPT));
    diesel::delete(stripe_events::table.filter(old)).execute(org.connection())?;
    Ok(applied == 1)
}

/// Notes what a comparison that began at a time has put right.
pub fn note_repaired(org: &mut OrgConn<'_>, repaired: &[String], at: Moment) -> Result<()> {
    diesel::update(stripe_accounts::table.filter(stripe_accounts::organization_id.eq(org.organization_id())))
        .set((stripe_accounts::repaired.eq(repaired), stripe_accounts::repaired_at.eq(Some(at))))
        .execute(org.connection())?;
    Ok(())
}

/// What a comparison found whose event was under way already was not missed, and nobody put it right. What it set back stays.
fn forget_announced(org: &mut OrgConn<'_>, event: &NewEvent) -> Result<()> {
    let mine = stripe_accounts::organization_id.eq(org.organization_id());
    let found = stripe_accounts::table.filter(mine.and(stripe_accounts::repaired_at.gt(event.created_at)));
    let repaired: Option<Vec<String>> = found.select(stripe_accounts::repaired).first(org.connection()).optional()?;
    let Some(repaired) = repaired else { return Ok(()) };
    let still: Vec<&String> = repaired.iter().filter(|words| is_set_back(words)).collect();
    if still.len() < repaired.len() {
        diesel::update(stripe_accounts::table.filter(mine)).set(stripe_accounts::repaired.eq(still)).execute(org.connection())?;
    }
    Ok(())
}

/// Notes that a talk failed, and whether since Stripe is away. Returns how often in a row.
pub fn note_failure(org: &mut OrgConn<'_>, is_away: bool) -> Result<i32> {
    let (organization_id, now) = (org.organization_id(), org.now());
    let mine = || stripe_accounts::table.filter(stripe_accounts::organization_id.eq(organization_id));
    if is_away {
        diesel::update(mine().filter(stripe_accounts::failing_since.is_null()))
            .set(stripe_accounts::failing_since.eq(Some(now)))
            .execute(org.connection())?;
    }
    let counted = diesel::update(mine()).set(stripe_accounts::failures.eq(stripe_accounts::failures + 1));
    Ok(counted.returning(stripe_accounts::failures).get_result(org.connection())?)
}

/// Remembers an event, which the next look at Stripe covers. False when it was there already.
pub fn remember(org: &mut OrgConn<'_>, event: &NewEvent) -> Result<bool> {
    let (organization_id, now) = (org.organization_id(), org.now());
    let ticket = next_ticket(org)?;
    let inserted = diesel::insert_into(stripe_events::table)
        .values((
            stripe_events::id.eq(&event.id),
            stripe_events::organization_id.eq(organization_id),
            stripe_events::kind.eq(&event.kind),
            stripe_events::object_id.eq(&event.object_id),
            stripe_events::created_at.eq(event.created_at),
            stripe_events::received_at.eq(now),
            stripe_events::ticket.eq(ticket),
        ))
        .on_conflict_do_nothing()
        .execute(org.connection())?;
    if inserted == 1 {
        forget_announced(org, event)?;
    }
    Ok(inserted == 1)
}

/// Whether an event waits for a look at Stripe.
pub fn has_news(org: &mut OrgConn<'_>) -> Result<bool> {
    let account = stripe_accounts::organization_id.eq(stripe_events::organization_id);
    let waiting = stripe_events::table
        .inner_join(stripe_accounts::table.on(account))
        .filter(stripe_events::organization_id.eq(org.organization_id()))
        .filter(stripe_events::ticket.gt(stripe_accounts::applied_ticket));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(org.connection())?)
}

/// Notes what a look has found besides that which has rows of its own.
pub fn save_seen(
    org: &mut OrgConn<'_>,
    left_there: &BTreeMap<String, String>,
    noted: &Noted,
    (others, first_invoices): (&[String], &[String]),
) -> Result<()> {
    let internal = |error: serde_json::Error| AppError::Internal(error.to_string());
    let facts = serde_json::to_value(left_there).map_err(internal)?;
    let noted = serde_json::to_value(noted).map_err(internal)?;
    diesel::update(stripe_accounts::table.filter(stripe_accounts::organization_id.eq(org.organization_id())))
        .set((
            stripe_accounts::left_there.eq(facts),
            stripe_accounts::noted.eq(noted),
            stripe_accounts::other_subscriptions.eq(others),
            stripe_accounts::first_invoices.eq(first_invoices),
        ))
        .execute(org.connection())?;
    Ok(())
}

/// Notes which billing details Stripe was sent.
pub fn set_sent_details(org: &mut OrgConn<'_>, hash: &str) -> Result<()> {
    diesel::update(stripe_accounts::table.filter(stripe_accounts::organization_id.eq(org.organization_id())))
        .set(stripe_accounts::sent_details.eq(hash))
        .execute(org.connection())?;
    Ok(())
}
