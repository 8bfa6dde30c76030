//! Modules as items of the subscription at Stripe.

use super::super::super::account::Billing;
use super::super::super::modules::Subscribed;
use super::super::super::queries::modules as rows;
use super::super::super::subscription::{Subscription, Terms};
use super::super::catalog::Kind;
use super::super::items::module_items;
use super::super::plan_ahead::ends_with_period;
use super::super::snapshot::{Snapshot, runs};
use crate::access::OrgTx;
use crate::audit::{BillingEvent, ModuleEvent};
use crate::config::Plans;
use crate::error::Result;
use crate::stripe;

/// `after` is the subscription as it is written by now.
pub(super) fn apply(
    tx: &mut OrgTx<'_>,
    billing: &Billing,
    snapshot: &Snapshot,
    after: &Subscription,
) -> Result<Vec<BillingEvent>> {
    let plans = tx.plans().clone();
    let now = tx.now();
    let is_same_period = billing.running().is_some_and(|before| before.shares_period_with(after));
    let theirs = snapshot.subscription.as_ref().filter(|theirs| runs(theirs) && after.is_running());
    let mut there: Vec<Subscribed> = Vec::new();
    for (item, terms) in theirs.map(|theirs| module_items(theirs, &plans)).unwrap_or_default() {
        let before = billing.modules.iter().find(|module| module.module == terms.plan);
        let quantity = i32::try_from(item.quantity).unwrap_or(i32::MAX).max(1);
        let seats = before.filter(|_| is_same_period).map_or(quantity, |before| before.seats.max(quantity));
        let next = theirs.and_then(|theirs| theirs.next.as_ref());
        let goes_on = next.map(|next| next_terms(next, item, &terms, snapshot));
        // Beside a plan that ends Stripe plans nothing: it stands here alone.
        let is_told_here = || theirs.is_some_and(ends_with_period) && before.is_some_and(|before| before.ends_at_period_end);
        there.push(Subscribed {
            seats,
            starts_at: before.map_or(now, |before| before.starts_at),
            ends_at_period_end: goes_on.as_ref().map_or_else(is_told_here, Option::is_none),
            next_unit_amount: goes_on.flatten().filter(|next| next.cycle != terms.cycle).map(|next| next.unit_amount),
            ..Subscribed::begun(&terms, seats, now)
        });
    }
    write(tx, billing, &there, after, &plans)
}

/// A module's terms of the next period; none where it ends.
fn next_terms(next: &stripe::NextPhase, item: &stripe::SubscriptionItem, terms: &Terms, snapshot: &Snapshot) -> Option<Terms> {
    let same = |price: &str| (price == item.price.id).then(|| terms.clone());
    let other = |price: &str| match snapshot.prices.get(price) {
        Some((Kind::Module, other)) if other.plan == terms.plan => Some(other.clone()),
        _ => None,
    };
    next.items.iter().find_map(|item| same(&item.price_id).or_else(|| other(&item.price_id)))
}

fn write(
    tx: &mut OrgTx<'_>,
    billing: &Billing,
    there: &[Subscribed],
    after: &Subscription,
    plans: &Plans,
) -> Result<Vec<BillingEvent>> {
    let mut events = Vec::new();
    for gone in billing.modules.iter().filter(|known| !there.iter().any(|module| module.module == known.module)) {
        rows::delete(tx, &gone.module)?;
        let plan = plans.of(if after.is_running() { &after.plan } else { "" });
        let module = gone.name.clone();
        events.push(match plan.modules.contains(&gone.module) {
            true => ModuleEvent::ModuleIncluded { module, plan: plan.name.clone() },
            false => ModuleEvent::ModuleEnded { module },
        });
    }
    for module in there {
        let before = billing.modules.iter().find(|known| known.module == module.module);
        if before == Some(module) {
            continue;
        }
        rows::save(tx, module)?;
        events.extend(event(before, module, after));
    }
    rows::restate(tx)?;
    Ok(events.into_iter().map(BillingEvent::Module).collect())
}

fn event(before: Option<&Subscribed>, module: &Subscribed, after: &Subscription) -> Option<ModuleEvent> {
    let name = module.name.clone();
    let Some(before) = before else {
        let (plan, cycle) = (after.plan_name.clone(), after.cycle.clone());
        return Some(ModuleEvent::ModuleAdded { module: name, plan, cycle });
    };
    match (before.ends_at_period_end, module.ends_at_period_end) {
        (false, true) => Some(ModuleEvent::ModuleCancelled { module: name, at: after.period_ends_at }),
        (true, false) => Some(ModuleEvent::ModuleKept { module: name }),
        _ => None,
    }
}
