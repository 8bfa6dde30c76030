//! The subscription as Stripe has it, and what became of the plan.

use super::super::super::account::Billing;
use super::super::super::actions::{open_plan, rest, usage};
use super::super::super::queries::{self, held};
use super::super::super::subscription::{Status, Subscription, Terms};
use super::super::catalog::Kind;
use super::super::items::{module_items, plan_item};
use super::super::snapshot::{Snapshot, runs};
use crate::access::OrgTx;
use crate::audit::BillingEvent;
use crate::clock::Moment;
use crate::config::Plans;
use crate::error::Result;
use crate::money::share;
use crate::stripe;

pub(super) fn apply(tx: &mut OrgTx<'_>, billing: &Billing, snapshot: &Snapshot) -> Result<Vec<BillingEvent>> {
    let before = billing.subscription.as_ref();
    // One that is paid by invoice is not Stripe's to end.
    if billing.running().is_some_and(|current| !current.is_at_stripe()) {
        return Ok(Vec::new());
    }
    let after = match &snapshot.subscription {
        Some(theirs) => read(tx, before, theirs, snapshot),
        None => before.filter(|ours| ours.is_at_stripe()).map(|ours| ended(ours, tx.now())),
    };
    let Some(after) = after else { return Ok(Vec::new()) };
    if before == Some(&after) {
        return Ok(Vec::new());
    }
    if !after.is_trial() && (after.is_running() || before.is_some_and(Subscription::is_trial)) {
        usage::forgive_unpaid(tx, billing)?;
    }
    let is_settled = before.is_some_and(|before| is_another(before, &after)) && usage::settle(tx, billing)?;
    // What is left to be invoiced of one that is over is looked for at once.
    let goes_on = |before: &Subscription| after.is_running() && before.stripe_id == after.stripe_id;
    if is_settled || billing.running().is_some_and(|before| !goes_on(before)) {
        let now = tx.now();
        queries::stripe::ask_by(tx, now)?;
    }
    hold_rest(tx, billing, &after, snapshot)?;
    queries::save_subscription(tx, &after)?;
    if after.is_trial() && billing.account.trial_used_at.is_none() {
        queries::account::note_trial(tx)?;
    }
    let from = tx.plans().of(&tx.organization.plan).clone();
    let plans = tx.plans().clone();
    // What the operator has put them on since it was over stays.
    let opens = if after.is_running() { Some(plans.of(&after.plan)) } else { billing.running().map(|_| plans.free()) };
    opens.map_or(Ok(()), |plan| open_plan(tx, plan))?;
    let events = events((before, &after), &from.name, is_unpaid(snapshot), &plans);
    Ok(events.into_iter().map(|event| on_its_day(event, snapshot)).collect())
}

/// Somebody may have set a day at Stripe for the end.
fn on_its_day(event: BillingEvent, snapshot: &Snapshot) -> BillingEvent {
    match (event, snapshot.subscription.as_ref().and_then(|theirs| theirs.cancel_at)) {
        (BillingEvent::PlanCancelled { plan, .. }, Some(at)) => BillingEvent::PlanCancelled { plan, at },
        (event, _) => event,
    }
}

/// What is left of a plan that Stripe has ended unpaid is held back, if its period was invoiced; nothing is when it goes on after
/// all.
fn hold_rest(tx: &mut OrgTx<'_>, billing: &Billing, after: &Subscription, snapshot: &Snapshot) -> Result<()> {
    let is_same = |before: &&Subscription| before.stripe_id == after.stripe_id && !before.is_trial();
    let Some(before) = billing.subscription.as_ref().filter(is_same) else { return Ok(()) };
    match (before.is_running(), after.is_running()) {
        (false, true) => held::forget(tx, Some(&[before.period_ends_at])),
        (true, false) if is_unpaid(snapshot) => {
            let Some(rate) = rate_of(snapshot, after.period_ends_at) else { return Ok(()) };
            // Those that the period which was not paid begins with.
            let theirs = snapshot.subscription.iter().flat_map(|theirs| module_items(theirs, tx.plans()));
            let keys: Vec<String> = theirs.map(|(_, terms)| terms.plan).collect();
            let modules = billing.modules.iter().filter(|module| keys.contains(&module.module)).cloned().collect();
            rest::hold(tx, &Billing { modules, ..billing.clone() }, after, Some(rate))
        }
        _ => Ok(()),
    }
}

/// The VAT that a period was invoiced with, in hundredths of a percent; none for one that is on no invoice that counts.
fn rate_of(snapshot: &Snapshot, period_ends_at: Moment) -> Option<i64> {
    let counts = |invoice: &&stripe::Invoice| matches!(invoice.status.as_str(), "open" | "paid" | "uncollectible");
    let is_for_it = |invoice: &&stripe::Invoice| invoice.lines.iter().any(|line| line.to == period_ends_at && line.amount > 0);
    let invoice = snapshot.invoices.iter().filter(counts).find(is_for_it)?;
    let net = (invoice.total - invoice.tax).max(1);
    Some(share(invoice.tax, 10_000, net))
}

/// Whether use is counted by another plan, or by other months, from now on.
fn is_another(before: &Subscription, after: &Subscription) -> bool {
    let counted_by = |of: &Subscription| (of.is_running(), of.plan.clone(), of.anchor_at);
    counted_by(before) != counted_by(after)
}

/// The row of Stripe's subscription; none for one that never ran and of which nothing is known.
fn read(
    tx: &OrgTx<'_>,
    before: Option<&Subscription>,
    theirs: &stripe::Subscription,
    snapshot: &Snapshot,
) -> Option<Subscription> {
    let same = before.filter(|ours| ours.stripe_id.as_deref() == Some(theirs.id.as_str()));
    let status = status(&theirs.status);
    if !runs(theirs) && same.is_none() {
        // An ended one of an earlier time, or a first payment that is not made: the one before it is over as well.
        return before.filter(|ours| ours.is_at_stripe()).map(|ours| ended(ours, tx.now()));
    }
    let (item, terms) = plan_item(theirs, tx.plans())?;
    let quantity = i32::try_from(item.quantity).unwrap_or(i32::MAX).max(1);
    let is_running = status != Status::Cancelled;
    let next = theirs.next.as_ref().filter(|_| is_running).and_then(|next| next_plan(next, snapshot));
    let next = next.filter(|next| (&next.plan, next.cycle) != (&terms.plan, terms.cycle));
    let begun = Subscription::begun(&terms, quantity, status, (item.period_starts_at, item.period_ends_at));
    let begun = Subscription { stripe_id: Some(theirs.id.clone()), ..begun };
    let seats = before.filter(|ours| ours.is_in_period_of(&begun)).map_or(quantity, |ours| ours.seats.max(quantity));
    Some(Subscription {
        seats,
        anchor_at: theirs.billing_cycle_anchor,
        next_plan: next.map(|terms| terms.plan.clone()),
        next_cycle: next.map(|terms| terms.cycle.key().to_owned()),
        next_unit_amount: next.map(|terms| terms.unit_amount),
        ends_at_period_end: is_running
            && (theirs.cancel_at_period_end || theirs.cancel_at.is_some_and(|at| at <= item.period_ends_at)),
        version: before.map_or(1, |ours| ours.version),
        started_at: theirs.created,
        // One that is unpaid has no end at Stripe: it stays the one that was noted first.
        ended_at: (!is_running).then(|| same.and_then(|ours| ours.ended_at).or(theirs.ended_at).unwrap_or(tx.now())),
        ..begun
    })
}

/// The plan of the next period, at the price of the day when it was planned.
fn next_plan<'a>(next: &stripe::NextPhase, snapshot: &'a Snapshot) -> Option<&'a Terms> {
    next.items.iter().find_map(|item| match snapshot.prices.get(&item.price_id)? {
        (Kind::Plan, terms) => Some(terms),
        (Kind::Module, _) => None,
    })
}

fn status(theirs: &str) -> Status {
    match theirs {
        "trialing" => Status::Trialing,
        "active" => Status::Active,
        "past_due" => Status::PastDue,
        // unpaid, canceled, incomplete, paused: nothing is paid for.
        _ => Status::Cancelled,
    }
}

fn ended(ours: &Subscription, now: Moment) -> Subscription {
    if !ours.is_running() {
        return ours.clone();
    }
    Subscription { status: Status::Cancelled.key().to_owned(), ended_at: Some(now), ..ours.clone().going_on() }
}

/// Whether Stripe has given up to collect an invoice.
fn is_unpaid(snapshot: &Snapshot) -> bool {
    let was_tried = |invoice: &stripe::Invoice| invoice.attempted && invoice.next_payment_attempt.is_none();
    snapshot.invoices.iter().any(|invoice| matches!(invoice.status.as_str(), "open" | "uncollectible") && was_tried(invoice))
}

/// What became of a plan between two looks, for the log.
fn events(
    (before, after): (Option<&Subscription>, &Subscription),
    from: &str,
    is_unpaid: bool,
    plans: &Plans,
) -> Vec<BillingEvent> {
    let (to, cycle) = (after.plan_name.clone(), after.cycle.clone());
    let from = from.to_owned();
    let running = before.filter(|before| before.is_running());
    let Some(before) = running else {
        return match after.status() {
            Status::Cancelled => Vec::new(),
            Status::Trialing => vec![BillingEvent::PlanTried { from, to, until: after.period_ends_at }],
            Status::Active | Status::PastDue => vec![BillingEvent::PlanChanged { from, to, cycle }],
        };
    };
    if !after.is_running() {
        let unpaid = before.status() == Status::PastDue || is_unpaid;
        return vec![BillingEvent::PlanEnded { plan: before.plan_name.clone(), unpaid }];
    }
    let from = before.plan_name.clone();
    let mut events = Vec::new();
    let price = |of: &Subscription| of.terms().map(|terms| terms.price());
    if before.terms().map(what) != after.terms().map(what) {
        events.push(match after.status() {
            Status::Trialing if before.plan == after.plan => {
                BillingEvent::PlanCyclePlanned { plan: to, cycle, at: after.period_ends_at }
            }
            Status::Trialing => BillingEvent::PlanTried { from, to, until: after.period_ends_at },
            _ => BillingEvent::PlanChanged { from, to, cycle },
        });
    } else {
        let price = price(after).filter(|now| price(before).as_ref() != Some(now));
        events.extend(price.map(|price| BillingEvent::PlanPriceChanged { plan: to.clone(), price }));
        let is_renewed = after.period_ends_at > before.period_ends_at;
        events.extend(is_renewed.then_some(BillingEvent::PlanRenewed { plan: to, until: after.period_ends_at }));
    }
    events.extend(planned(before, after, plans));
    events
}

/// What tells one plan from another, whatever it costs.
fn what(terms: Terms) -> (String, crate::config::Cycle) {
    (terms.plan, terms.cycle)
}

/// What is planned for the end of the period now and was not before.
fn planned(before: &Subscription, after: &Subscription, plans: &Plans) -> Option<BillingEvent> {
    let plan = after.plan_name.clone();
    let at = after.period_ends_at;
    let what = |of: &Subscription| (of.ends_at_period_end, of.next_plan.clone(), of.next_cycle.clone());
    if what(before) == what(after) || before.plan != after.plan {
        return None;
    }
    match &after.next_plan {
        _ if after.ends_at_period_end => Some(BillingEvent::PlanCancelled { plan, at }),
        Some(next) if *next == after.plan => {
            Some(BillingEvent::PlanCyclePlanned { plan, cycle: after.next_cycle.clone().unwrap_or_default(), at })
        }
        Some(next) => Some(BillingEvent::PlanChangePlanned { from: plan, to: plans.of(next).name.clone(), at }),
        None => Some(BillingEvent::PlanResumed { plan }),
    }
}
