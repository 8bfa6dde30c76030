//! Seats follow the members: who joins a plan that is paid for each member is on the next invoice for the time that is left
//! of the period. A seat that somebody left stays paid until the period ends, and the next to join takes it.

use super::super::queries;
use super::super::quote::added_seats;
use super::super::subscription::Subscription;
use crate::access::OrgTx;
use crate::audit::{BillingEvent, Event};
use crate::error::Result;

/// Pays for the members that there are now. To be called by whatever makes somebody an active member.
pub fn follow(tx: &mut OrgTx<'_>) -> Result<()> {
    let billing = queries::billing(tx)?;
    let Some(current) = billing.running().filter(|current| current.is_per_member) else { return Ok(()) };
    let active = tx.reread_organization()?.active_members;
    let added = active - current.seats;
    if added <= 0 {
        return Ok(());
    }
    if !current.is_trial()
        && let Some(line) = added_seats(current, added, tx.now())
    {
        queries::add_pending(tx, &line)?;
        let amount = current.terms().map(|terms| terms.currency.money(line.amount).to_string()).unwrap_or_default();
        tx.record(&Event::Billing(BillingEvent::SeatsAdded { seats: added, amount }))?;
    }
    queries::save_subscription(tx, &Subscription { seats: active, ..current.clone() })
}
