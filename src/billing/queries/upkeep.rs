//! Statements by which the upkeep finds what is due.

use chrono::TimeDelta;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::super::subscription::{Status, Subscription};
use super::invoices::InvoiceRow;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{billing_accounts, invoices, organizations, subscriptions};
use crate::error::Result;

/// Organizations in which something is due, the longest waiting first.
pub fn organizations_due(connection: &mut PgConnection, now: Moment, most: i64) -> QueryResult<Vec<Uuid>> {
    organizations::table
        .filter(organizations::billing_due_at.le(now))
        .order(organizations::billing_due_at)
        .limit(most)
        .select(organizations::id)
        .load(connection)
}

/// Notes when something is due next: the end of the period or of a month of use, a reminder, seats or the end of a trial to tell
/// of.
pub fn plan_next(org: &mut OrgConn<'_>, subscription: Option<&Subscription>) -> Result<()> {
    // Stripe renews its own.
    let period = subscription.filter(|one| one.is_running() && !one.is_at_stripe()).map(|one| one.period_ends_at);
    let reminder: Option<Moment> = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::reminder_at.is_not_null())
        .order(invoices::reminder_at)
        .select(invoices::reminder_at)
        .first(org.connection())
        .optional()?
        .flatten();
    let usage = super::usage::next_closing(org)?;
    let seats: Option<Moment> = billing_accounts::table
        .filter(billing_accounts::organization_id.eq(org.organization_id()))
        .select(billing_accounts::tell_seats_at)
        .first(org.connection())
        .optional()?
        .flatten();
    let trial = trial_to_tell(org)?.map(|ends_at| ends_at - TOLD_BEFORE);
    let next = [period, reminder, usage, seats, trial].into_iter().flatten().min();
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set(organizations::billing_due_at.eq(next))
        .execute(org.connection())?;
    Ok(())
}

/// So long before a trial ends the recipients are told.
pub const TOLD_BEFORE: TimeDelta = TimeDelta::days(3);

/// The end of a running trial that nobody was told of, unless it is over.
pub fn trial_to_tell(org: &mut OrgConn<'_>) -> Result<Option<Moment>> {
    let is_untold =
        subscriptions::trial_told_at.is_null().or(subscriptions::trial_told_at.lt(subscriptions::started_at.nullable()));
    let query = subscriptions::table
        .filter(subscriptions::organization_id.eq(org.organization_id()))
        .filter(subscriptions::status.eq(Status::Trialing.key()))
        .filter(subscriptions::period_ends_at.gt(org.now()))
        .filter(is_untold)
        .select(subscriptions::period_ends_at);
    Ok(query.first(org.connection()).optional()?)
}

/// Notes that the recipients were told of the end of the trial, also for one that is moved.
pub fn note_trial_told(org: &mut OrgConn<'_>) -> Result<()> {
    let mine = subscriptions::table.filter(subscriptions::organization_id.eq(org.organization_id()));
    let now = org.now();
    diesel::update(mine).set(subscriptions::trial_told_at.eq(Some(now))).execute(org.connection())?;
    Ok(())
}

/// Invoices of which somebody is to be reminded now.
pub fn reminders_due(org: &mut OrgConn<'_>) -> Result<Vec<InvoiceRow>> {
    let query = invoices::table
        .filter(invoices::organization_id.eq(org.organization_id()))
        .filter(invoices::reminder_at.le(org.now()))
        .order(invoices::reminder_at)
        .select(InvoiceRow::as_select());
    Ok(query.load(org.connection())?)
}

/// Notes that somebody was reminded, and when it is due again.
pub fn set_reminder(org: &mut OrgConn<'_>, invoice: &InvoiceRow, next: Option<Moment>) -> Result<()> {
    let mine = invoices::organization_id.eq(org.organization_id()).and(invoices::id.eq(invoice.id));
    diesel::update(invoices::table.filter(mine))
        .set((invoices::reminder_at.eq(next), invoices::reminders.eq(invoice.reminders + 1)))
        .execute(org.connection())?;
    Ok(())
}
