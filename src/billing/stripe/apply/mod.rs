//! Writes down what Stripe says. Whatever is different from what stood here is an event, in the log and by mail.

pub(super) mod invoices;
mod methods;
mod modules;
mod subscription;
mod tax_ids;

use super::super::account::Billing;
use super::super::actions::{rest, seats, usage};
use super::super::modules::Subscribed;
use super::super::notices;
use super::super::queries;
use super::super::queries::stripe as rows;
use super::super::quote::joined;
use super::super::subscription::Subscription;
use super::snapshot::Snapshot;
use crate::access::OrgTx;
use crate::audit::{BillingEvent, Event};
use crate::error::Result;
use crate::money::Currency;

/// Writes everything. What `has_done` does not say of who acts is told as the console's. Returns what was new.
pub(super) fn apply(
    tx: &mut OrgTx<'_>,
    billing: &Billing,
    snapshot: &Snapshot,
    has_done: impl Fn(&BillingEvent) -> bool,
) -> Result<Vec<BillingEvent>> {
    let mut events = methods::apply(tx, billing, snapshot)?;
    events.extend(tax_ids::apply(tx, billing, snapshot)?);
    events.extend(subscription::apply(tx, billing, snapshot)?);
    let written = queries::billing(tx)?;
    if let Some(after) = written.subscription.as_ref().filter(|after| after.is_at_stripe()) {
        events.extend(modules::apply(tx, billing, snapshot, after)?);
        if after.is_running() {
            follow_seats(tx, billing, after)?;
        }
    }
    let pending: Vec<String> = snapshot.pending.iter().map(|item| item.id.clone()).collect();
    queries::charges::forget_invoiced(tx, &pending)?;
    events.iter().try_for_each(|event| tell(tx, event, has_done(event)))?;
    // Stripe collects by itself, also what a change of theirs costs.
    events.extend(tx.by_console(|tx| invoices::apply(tx, billing, snapshot))?);
    rest::give_back(tx, &written, true)?;
    events.extend(tx.by_console(|tx| save_credit(tx, billing, snapshot))?);
    usage::restate(tx)?;
    let now = queries::billing(tx)?;
    queries::upkeep::plan_next(tx, now.subscription.as_ref())?;
    if snapshot.customer.deleted {
        // The next customer is told everything anew.
        rows::set_customer(tx, None)?;
        rows::set_sent_details(tx, "")?;
        queries::account::forget_stripe_tax_ids(tx)?;
        queries::charges::note_nothing_sent(tx)?;
    }
    Ok(events)
}

/// What was invoiced is for the members that Stripe knew of: those who joined meanwhile are charged by the new terms, also of a
/// module that is new, and Stripe hears of them next.
fn follow_seats(tx: &mut OrgTx<'_>, before: &Billing, after: &Subscription) -> Result<()> {
    let is_same = before.running().is_some_and(|before| before.is_in_period_of(after));
    if !is_same {
        queries::account::forget_seats_to_tell(tx)?;
        forget_unsent(tx, before, after)?;
    }
    let is_new = |module: &Subscribed| !before.modules.iter().any(|known| known.module == module.module);
    if is_same && !queries::billing(tx)?.modules.iter().any(is_new) {
        return Ok(());
    }
    seats::follow(tx)?;
    let now = tx.now();
    rows::ask_by(tx, now)
}

/// Forgets what the terms of before made of members who joined. A module that goes on in its period is paid as before.
fn forget_unsent(tx: &mut OrgTx<'_>, before: &Billing, after: &Subscription) -> Result<()> {
    let Some(current) = before.running() else { return Ok(()) };
    let modules = queries::billing(tx)?.modules;
    let is_same_period = current.shares_period_with(after);
    let goes_on = |known: &&Subscribed| is_same_period && modules.iter().any(|module| module.module == known.module);
    let begun_anew = before.modules.iter().filter(|known| !goes_on(known)).filter_map(|known| known.within(current).terms());
    let plan = current.terms();
    // What joined a period that is over is still to be paid.
    let mut forget = plan.into_iter().chain(begun_anew);
    forget.try_for_each(|terms| queries::charges::forget_unsent(tx, &joined(&terms), after.period_starts_at))
}

fn tell(tx: &mut OrgTx<'_>, event: &BillingEvent, is_own: bool) -> Result<()> {
    match event {
        // Who pays by the month wants no mail for each.
        BillingEvent::PlanRenewed { .. } => tx.by_console(|tx| tx.record(&Event::Billing(event.clone()))),
        // No click ends a plan before its period does.
        BillingEvent::PlanEnded { .. } | BillingEvent::PlanPriceChanged { .. } | BillingEvent::PaymentMethodExpires { .. } => {
            tx.by_console(|tx| notices::changed(tx, event.clone()))
        }
        _ if is_own => notices::changed(tx, event.clone()),
        _ => tx.by_console(|tx| notices::changed(tx, event.clone())),
    }
}

/// What Stripe holds to their credit; its balance is what they owe.
fn save_credit(tx: &mut OrgTx<'_>, billing: &Billing, snapshot: &Snapshot) -> Result<Option<BillingEvent>> {
    let (account, before) = (&billing.account, billing.stripe.credit);
    let theirs = snapshot.customer.currency.as_deref().and_then(Currency::from_code);
    // Credit of the invoice way keeps its own.
    if let Some(currency) = theirs.filter(|theirs| account.currency() != Some(*theirs) && account.credit == 0) {
        queries::account::save_currency(tx, currency.code())?;
    }
    let credit = snapshot.customer.balance.saturating_neg().max(0);
    let Some(currency) = theirs.or(account.currency()).filter(|_| credit != before) else { return Ok(None) };
    queries::credit::save_held(tx, credit)?;
    let event = BillingEvent::CreditChanged { amount: currency.money(credit).to_string() };
    if credit > before {
        notices::changed(tx, event.clone())?;
    } else {
        // What an invoice has taken of it stands on the invoice.
        tx.record(&Event::Billing(event.clone()))?;
    }
    Ok(Some(event))
}
