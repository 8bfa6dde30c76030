//! What the product reports of metered use, and what becomes of it when the month is over.

use uuid::Uuid;

use super::super::account::Billing;
use super::super::notices;
use super::super::notices::warning::{Warning, event, notice};
use super::super::queries::usage::{self as rows, Counted, NewReport};
use super::super::queries::{self, usage_limits};
use super::super::subscription::Subscription;
use super::super::usage::{SpendingLimit, Total, charge, month_of, reached, warning};
use crate::access::{Actor, OrgConn, OrgTx, write_as};
use crate::audit::BillingEvent;
use crate::clock::Moment;
use crate::config::{Item, Plan, Plans};
use crate::db::Db;
use crate::error::{AppError, Result};
use crate::money::Currency;

/// A report as it stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    pub counted: Counted,
    pub starts_at: Moment,
    pub ends_at: Moment,
    /// Whether somebody is to be warned that a limit comes near.
    pub is_warning_due: bool,
}

/// Counts a report. Takes no lock: it administers nothing.
pub fn report(org: &mut OrgConn<'_>, report: &NewReport) -> Result<Reported> {
    let (mut running, mut plan_key) = rows::running_and_plan(org)?;
    let (mut starts_at, mut ends_at) = month_of(running.as_ref(), org.now());
    let mut counted = rows::count(org, report, (starts_at, ends_at))?;
    if counted.is_late {
        // The month was closed between the two statements, or by a server whose clock is ahead: it is invoiced already.
        (running, plan_key) = rows::running_and_plan(org)?;
        (starts_at, ends_at) = month_of(running.as_ref(), ends_at.max(org.now()));
        let added = rows::add_late(org, report, (starts_at, ends_at))?;
        let added = added.ok_or_else(|| AppError::Internal("the month after one that is closed is closed as well".to_owned()))?;
        counted = Counted { used: added.used, is_first: added.is_first, ..counted };
    }
    if counted.is_first {
        rows::plan_closing(org, ends_at)?;
    }
    let total =
        Total { item: report.item.clone(), starts_at, ends_at, quantity: counted.used, warned_percent: 0, counted_from: None };
    let is_warning_due = match usage_limits::of_item(org, &report.item, starts_at)? {
        Some((limit, warned)) => percent_of(org.plans(), (&plan_key, is_paid(running.as_ref())), &limit, &total)
            .is_some_and(|percent| warning(percent, warned).is_some()),
        None => false,
    };
    Ok(Reported { counted, starts_at, ends_at, is_warning_due })
}

/// How much of a limit is reached on a plan; none for an item that is not metered any more.
fn percent_of(plans: &Plans, (plan, is_paid): (&str, bool), limit: &SpendingLimit, total: &Total) -> Option<i64> {
    Some(reached(limit, (plans.of(plan), is_paid), plans.item(&total.item)?, total))
}

fn is_paid(running: Option<&Subscription>) -> bool {
    running.is_some_and(|current| !current.is_trial())
}

/// Warns those who manage billing as far as a limit is reached now, and has the product stop where that is wished.
pub async fn warn(db: &Db, organization_id: Uuid) -> Result<()> {
    write_as(db, organization_id, Actor::console(), |tx| {
        let (billing, plans, plan) = (queries::billing(tx)?, tx.plans().clone(), tx.organization.plan.clone());
        let is_paid = is_paid(billing.running());
        for limit in &billing.limits {
            let Some(total) = billing.used(&limit.item, tx.now()) else { continue };
            let due =
                percent_of(&plans, (&plan, is_paid), limit, total).and_then(|percent| warning(percent, total.warned_percent));
            let Some(percent) = due else { continue };
            rows::note_warning(tx, total, percent)?;
            let Some(item) = plans.item(&limit.item) else { continue };
            let warning = Warning { plan: plans.of(&plan), item, limit, total, percent, is_paid };
            notices::warned(tx, event(&warning), notice(&warning))?;
        }
        restate(tx)
    })
    .await
}

/// Says anew which items are to stop: those whose limit is reached in this month and that are wished to.
pub fn restate(tx: &mut OrgTx<'_>) -> Result<()> {
    follow_currency(tx)?;
    let organization = tx.reread_organization()?;
    let (billing, plans, now) = (queries::billing(tx)?, tx.plans().clone(), tx.now());
    let by = (organization.plan.as_str(), is_paid(billing.running()));
    let is_reached = |limit: &&SpendingLimit| {
        let percent = billing.used(&limit.item, now).and_then(|total| percent_of(&plans, by, limit, total));
        limit.stops && percent.is_some_and(|percent| percent >= 100)
    };
    let stopped: Vec<String> = billing.limits.iter().filter(is_reached).map(|limit| limit.item.clone()).collect();
    if stopped == organization.stopped_items { Ok(()) } else { rows::set_stopped(tx, &stopped) }
}

/// Limits that were set in another currency than what the plan is paid in by now are the same amounts in that one.
fn follow_currency(tx: &mut OrgTx<'_>) -> Result<()> {
    let (billing, plans) = (queries::billing(tx)?, tx.plans().clone());
    let Some(paid) = billing.running().map(|current| current.currency.clone()) else { return Ok(()) };
    for limit in billing.limits.iter().filter(|limit| limit.currency != paid && limit.amount > 0) {
        let Some(item) = plans.item(&limit.item) else { continue };
        save_limit(tx, item, Some(&SpendingLimit { currency: paid.clone(), ..limit.clone() }))?;
    }
    Ok(())
}

/// Sets what is to be spent on an item a month at most, or takes the limit away.
pub fn set_limit(tx: &mut OrgTx<'_>, item: &Item, limit: Option<&SpendingLimit>) -> Result<()> {
    if queries::billing(tx)?.limit(&item.key) == limit {
        return Ok(());
    }
    save_limit(tx, item, limit)?;
    restate(tx)
}

fn save_limit(tx: &mut OrgTx<'_>, item: &Item, limit: Option<&SpendingLimit>) -> Result<()> {
    usage_limits::save(tx, &item.key, limit)?;
    note_reached(tx, item, limit)?;
    let words = limit.and_then(|limit| Some(Currency::from_code(&limit.currency)?.money(limit.amount).to_string()));
    let stops = limit.is_some_and(|limit| limit.stops);
    notices::changed(tx, BillingEvent::UsageLimitChanged { item: item.name.clone(), limit: words.unwrap_or_default(), stops })
}

/// Warnings begin anew with another limit: those that it has passed already are not given again.
fn note_reached(tx: &mut OrgTx<'_>, item: &Item, limit: Option<&SpendingLimit>) -> Result<()> {
    let (billing, plans, plan) = (queries::billing(tx)?, tx.plans().clone(), tx.organization.plan.clone());
    let (Some(limit), Some(total)) = (limit, billing.used(&item.key, tx.now())) else { return Ok(()) };
    let passed = percent_of(&plans, (&plan, is_paid(billing.running())), limit, total).and_then(|percent| warning(percent, 0));
    rows::note_warning(tx, total, passed.unwrap_or_default())
}

/// Puts what was used beyond the included amount in the months that are over onto the next invoice; use within a trial costs
/// nothing. Whether anything was put there.
pub fn close_months(tx: &mut OrgTx<'_>, billing: &Billing) -> Result<bool> {
    let plans = tx.plans().clone();
    let of_now = tx.organization.plan.clone();
    let mut is_charged = false;
    let now = tx.now();
    for total in rows::open(tx)?.into_iter().filter(|total| total.ends_at <= now) {
        let paid = |known: &&Subscription| known.was_paid_at(total.ends_at) && !total.is_after_end_of(known);
        let paid = billing.subscription.as_ref().filter(paid);
        let currency = paid.and_then(|paid| paid.terms()).map(|terms| terms.currency);
        // One that ended with the month has taken its plan along.
        let plan = plans.of(paid.filter(|paid| !paid.is_running()).map_or(&of_now, |ended| &ended.plan));
        is_charged |= put_on_next_invoice(tx, plan, currency, &total)?;
        rows::close(tx, &total)?;
    }
    Ok(is_charged)
}

/// The plan is another one from now on, or ends: what was used beyond its included amount so far is put onto the next invoice,
/// and counting begins anew. Use within a trial costs nothing. Whether anything was put there.
pub fn settle(tx: &mut OrgTx<'_>, billing: &Billing) -> Result<bool> {
    let Some(paid) = billing.running().filter(|current| !current.is_trial()) else { return Ok(false) };
    let (plan, currency, now) = (tx.plans().of(&paid.plan).clone(), Currency::from_code(&paid.currency), tx.now());
    let mut is_charged = false;
    for total in rows::open(tx)? {
        // What was used after the end of a plan that was cancelled is not its own.
        if !total.is_after_end_of(paid) {
            let so_far = Total { ends_at: total.ends_at.min(now), ..total.clone() };
            is_charged |= put_on_next_invoice(tx, &plan, currency, &so_far)?;
        }
        if total.ends_at <= now { rows::close(tx, &total)? } else { rows::count_anew(tx, &total)? }
    }
    Ok(is_charged)
}

fn put_on_next_invoice(tx: &mut OrgTx<'_>, plan: &Plan, currency: Option<Currency>, total: &Total) -> Result<bool> {
    let item = tx.plans().item(&total.item).cloned();
    let line = item.zip(currency).and_then(|(item, currency)| charge(plan, &item, currency, total));
    line.iter().try_for_each(|line| queries::add_pending(tx, line))?;
    Ok(line.is_some())
}

/// A paid plan begins, or a trial ends: what was used in the trial, or without any plan, is never charged.
pub fn forgive_unpaid(tx: &mut OrgTx<'_>, billing: &Billing) -> Result<()> {
    if billing.running().is_some_and(|current| !current.is_trial()) {
        return Ok(());
    }
    // Months of a plan that was paid before may be over and not charged yet.
    close_months(tx, billing)?;
    rows::forget_open(tx)
}
