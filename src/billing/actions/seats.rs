//! Seats follow the members: who joins a plan or a module that is paid for each member is on the next invoice for the time that
//! is left of the period. A seat that somebody left stays paid until the period ends, and the next to join takes it.

use chrono::TimeDelta;

use super::super::account::Billing;
use super::super::notices;
use super::super::queries;
use super::super::quote::added_seats;
use super::super::subscription::Subscription;
use super::modules;
use crate::access::OrgTx;
use crate::audit::{BillingEvent, Event};
use crate::error::Result;

/// Who joins within this time is told of in one mail.
const TOLD_AFTER: TimeDelta = TimeDelta::hours(1);

/// Tells the recipients of the seats that were added since.
pub fn tell(tx: &mut OrgTx<'_>) -> Result<()> {
    let Some((seats, amount)) = queries::account::take_seats_to_tell(tx)? else { return Ok(()) };
    let billing = queries::billing(tx)?;
    let terms = billing.subscription.as_ref().and_then(Subscription::terms);
    let amount = terms.map(|terms| terms.currency.money(amount).to_string()).unwrap_or_default();
    notices::told_of(tx, &BillingEvent::SeatsAdded { seats, amount })
}

/// Pays for the members that there are now. To be called by whatever makes somebody an active member.
pub fn follow(tx: &mut OrgTx<'_>) -> Result<()> {
    let billing = queries::billing(tx)?;
    let Some(current) = billing.running().filter(|_| is_per_member(&billing)) else { return Ok(()) };
    let active = tx.reread_organization()?.active_members;
    let (of_modules, price_of_modules) = modules::follow_seats(tx, &billing, active)?;
    let added = if current.is_per_member { (active - current.seats).max(0) } else { 0 };
    let line = added_seats(current, added, tx.now()).filter(|_| added > 0 && !current.is_trial());
    if let Some(line) = &line {
        queries::add_pending(tx, line)?;
    }
    let amount = line.map_or(0, |line| line.amount).saturating_add(price_of_modules);
    if let Some(terms) = current.terms().filter(|_| amount > 0) {
        let seats = added.max(of_modules);
        let words = terms.currency.money(amount).to_string();
        tx.record(&Event::Billing(BillingEvent::SeatsAdded { seats, amount: words }))?;
        let at = tx.now() + TOLD_AFTER;
        queries::account::note_seats(tx, seats, amount, at)?;
        queries::upkeep::plan_next(tx, Some(current))?;
    }
    if added == 0 {
        return Ok(());
    }
    queries::save_subscription(tx, &Subscription { seats: active, ..current.clone() })
}

fn is_per_member(billing: &Billing) -> bool {
    billing.running().is_some_and(|current| current.is_per_member) || billing.modules.iter().any(|module| module.is_per_member)
}
