//! What time alone brings about: the next period and its invoice, the end of a plan, reminders of what is overdue.

use super::super::account::Billing;
use super::super::dunning::{is_last, next_reminder, stops_at};
use super::super::modules::{into_period, passages, period_lines};
use super::super::notices;
use super::super::queries;
use super::super::queries::invoices::InvoiceRow;
use super::super::quote::period_line;
use super::super::subscription::{Status, Subscription, period_end};
use super::{issue, modules, open_plan, rest, seats, trial, usage};
use crate::access::{Actor, OrgTx, write_as};
use crate::audit::{BillingEvent, Event};
use crate::config::Cycle;
use crate::db::{Db, Scope};
use crate::error::Result;

/// Periods that one round renews at most, for a server that was off for long.
const MOST_PERIODS: usize = 24;

/// Does what is due, wherever there is any. Returns in how many organizations.
///
/// # Errors
/// As the database; what was done before the error stays so.
pub async fn look_after_due(db: &Db) -> Result<usize> {
    const AT_ONCE: i64 = 100;
    let now = db.now();
    let mut done = 0;
    loop {
        let due = db.read(Scope::Nobody, move |connection| Ok(queries::upkeep::organizations_due(connection, now, AT_ONCE)?));
        let due = due.await?;
        let mut failed = None;
        for organization_id in &due {
            match write_as(db, *organization_id, Actor::console(), look_after).await {
                Ok(()) => done += 1,
                // One organization's trouble does not hold up the others.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) => return Err(error),
            None if due.is_empty() => return Ok(done),
            None => {}
        }
    }
}

fn look_after(tx: &mut OrgTx<'_>) -> Result<()> {
    close_months(tx)?;
    for _ in 0..MOST_PERIODS {
        let billing = queries::billing(tx)?;
        let by_invoice = billing.running().filter(|current| !current.is_at_stripe());
        let Some(current) = by_invoice.filter(|current| current.period_ends_at <= tx.now()) else { break };
        go_on(tx, &billing, current)?;
    }
    for invoice in queries::upkeep::reminders_due(tx)? {
        remind(tx, &invoice)?;
    }
    seats::tell(tx)?;
    trial::tell(tx)?;
    usage::restate(tx)?;
    let billing = queries::billing(tx)?;
    queries::upkeep::plan_next(tx, billing.subscription.as_ref())
}

/// Use of the months that are over is charged: with the next period, or at once where that is a long way off.
fn close_months(tx: &mut OrgTx<'_>) -> Result<()> {
    let before = queries::billing(tx)?;
    if !usage::close_months(tx, &before)? {
        return Ok(());
    }
    let billing = queries::billing(tx)?;
    if billing.subscription.as_ref().is_some_and(Subscription::is_at_stripe) {
        let now = tx.now();
        return queries::stripe::ask_by(tx, now);
    }
    let goes_on = billing.running().filter(|current| current.period_ends_at > tx.now());
    let Some(terms) = goes_on.and_then(Subscription::terms).filter(|terms| terms.cycle != Cycle::Month) else { return Ok(()) };
    issue::issue_pending(tx, terms.currency)
}

/// The period is over: the next one begins, or the plan ends.
fn go_on(tx: &mut OrgTx<'_>, billing: &Billing, current: &Subscription) -> Result<()> {
    let nobody_to_invoice = current.is_trial() && !billing.account.is_complete();
    let Some(terms) = current.next_terms(tx.plans()).filter(|_| !current.ends_at_period_end && !nobody_to_invoice) else {
        return end(tx, billing, current, false);
    };
    usage::forgive_unpaid(tx, billing)?;
    let begins = current.period_ends_at;
    let is_new_cycle = current.is_trial() || terms.cycle != current.cycle();
    let anchor = if is_new_cycle { begins } else { current.anchor_at };
    let ends = period_end(anchor, begins, terms.cycle);
    let active = tx.reread_organization()?.active_members;
    let status = if current.status() == Status::PastDue { Status::PastDue } else { Status::Active };
    let next = Subscription {
        anchor_at: anchor,
        period_starts_at: begins,
        period_ends_at: ends,
        status: status.key().to_owned(),
        seats: terms.seats(active),
        ..current.clone().with_terms(&terms).going_on()
    };
    let plans = tx.plans().clone();
    let (plan, basis_points) = (plans.of(&terms.plan), billing.vat(&plans.issuer).basis_points);
    let next = next.invoiced_with(basis_points);
    queries::save_subscription(tx, &next)?;
    let of_modules = into_period(&passages(&billing.modules, Some(current), (plan, &terms), &plans));
    let mut lines = billing.pending.clone();
    lines.push(period_line(&terms, next.seats, (begins, ends)));
    lines.extend(period_lines(&of_modules, active, (begins, ends)));
    modules::renew(tx, &of_modules, (&terms.plan_name, basis_points))?;
    queries::clear_pending(tx)?;
    issue::issue(tx, billing, &lines, terms.currency)?;
    if next.plan == current.plan {
        return tx.record(&Event::Billing(BillingEvent::PlanRenewed { plan: terms.plan_name, until: ends }));
    }
    open_plan(tx, plan)?;
    let (from, cycle) = (current.plan_name.clone(), terms.cycle.key().to_owned());
    notices::changed(tx, BillingEvent::PlanChanged { from, to: terms.plan_name, cycle })
}

/// Ends the plan: the organization is on the first one from now on. What was used until then is invoiced.
fn end(tx: &mut OrgTx<'_>, billing: &Billing, current: &Subscription, unpaid: bool) -> Result<()> {
    let ended =
        Subscription { status: Status::Cancelled.key().to_owned(), ended_at: Some(tx.now()), ..current.clone().going_on() };
    if unpaid {
        rest::hold(tx, billing, &ended, None)?;
    }
    usage::forgive_unpaid(tx, billing)?;
    usage::settle(tx, billing)?;
    queries::save_subscription(tx, &ended)?;
    if let Some(terms) = current.terms() {
        issue::issue_pending(tx, terms.currency)?;
    }
    let free = tx.plans().free().clone();
    open_plan(tx, &free)?;
    modules::end_all(tx, billing)?;
    notices::changed(tx, BillingEvent::PlanEnded { plan: current.plan_name.clone(), unpaid })
}

fn remind(tx: &mut OrgTx<'_>, invoice: &InvoiceRow) -> Result<()> {
    let grace_days = tx.plans().issuer.grace_days;
    let now = tx.now();
    let next = next_reminder(invoice.due_at, invoice.reminders + 1, grace_days, now);
    queries::upkeep::set_reminder(tx, invoice, next)?;
    let billing = queries::billing(tx)?;
    let running = billing.running().filter(|current| !current.is_trial() && !current.is_at_stripe());
    let Some(next) = next else {
        return running.map_or(Ok(()), |current| end(tx, &billing, current, true));
    };
    if let Some(current) = running.filter(|current| current.status() == Status::Active) {
        let late = Subscription { status: Status::PastDue.key().to_owned(), ..current.clone() };
        queries::save_subscription(tx, &late)?;
    }
    let (invoice_id, number) = (invoice.id, invoice.number.clone());
    tx.record(&Event::Billing(BillingEvent::PaymentOverdue { invoice_id, number }))?;
    let stops_at = stops_at(invoice.due_at, invoice.reminders + 1, Some(next), grace_days);
    let is_last = is_last(invoice.reminders + 1);
    notices::overdue(tx, &billing.account, invoice.id, (running.and(stops_at), is_last))
}
