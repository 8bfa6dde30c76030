//! What is planned for the end of a period: another plan, modules that end. Stripe keeps it as a schedule.

use super::super::account::Billing;
use super::super::refusal::Outcome;
use super::items::{are_same, current, module_item, planned};
use super::talk::Talk;
use crate::clock::Moment;
use crate::stripe::{NextItem, Subscription, SubscriptionChange};

/// Takes back what was planned for the end of the period.
pub(super) async fn unplan(talk: &Talk, theirs: &Subscription) -> Outcome<()> {
    match theirs.schedule.as_deref() {
        Some(schedule) => Ok(talk.stripe.release_schedule(schedule, &talk.key("release")).await?),
        None => Ok(()),
    }
}

/// The same without what is planned for its next period.
pub(super) fn unplanned(theirs: &Subscription) -> Subscription {
    Subscription { schedule: None, next: None, ..theirs.clone() }
}

/// Whether a subscription ends with its period, or before: then no schedule says which of its modules were cancelled.
pub(super) fn ends_with_period(theirs: &Subscription) -> bool {
    let is_within = |at: Moment| theirs.items.iter().any(|item| at <= item.period_ends_at);
    theirs.cancel_at_period_end || theirs.cancel_at.is_some_and(is_within)
}

/// Whether a plan that was cancelled goes on at Stripe, and its modules that were cancelled do so with it: what was to be planned
/// of them is not, as somebody kept the plan there, or the way to Stripe broke off.
fn has_left_modules(theirs: &Subscription, billing: &Billing) -> bool {
    let is_kept = billing.running().is_some_and(|known| known.ends_at_period_end) && !ends_with_period(theirs);
    is_kept && theirs.next.is_none() && !cancelled(billing).is_empty()
}

/// Has the modules that were cancelled end where they were left. Whether anything was sent.
pub(super) async fn plan_left_modules(talk: &Talk, theirs: &Subscription, billing: &Billing) -> Outcome<bool> {
    if !has_left_modules(theirs, billing) {
        return Ok(false);
    }
    plan(talk, theirs, &without_cancelled(talk, theirs, billing), &talk.key("left-modules")).await?;
    Ok(true)
}

/// Lets a subscription go on after its period, where it was to end with it.
pub(super) async fn uncancel(talk: &Talk, theirs: &Subscription) -> Outcome<()> {
    if theirs.cancel_at_period_end || theirs.cancel_at.is_some() {
        let goes_on = SubscriptionChange { cancel_at_period_end: Some(false), ..SubscriptionChange::default() };
        talk.stripe.change_subscription(&theirs.id, &goes_on, &talk.key("go-on")).await?;
    }
    Ok(())
}

/// Has the next period be of these items: by a schedule, or by none where they are those of now.
pub(super) async fn plan(talk: &Talk, theirs: &Subscription, next: &[NextItem], key: &str) -> Outcome<()> {
    if theirs.next.is_some() && are_same(next, &planned(theirs)) && !are_same(next, &current(theirs)) {
        return Ok(());
    }
    plan_anew(talk, theirs, next, key).await
}

/// The same, also where Stripe has these items planned already, but not as they are to be paid.
pub(super) async fn plan_anew(talk: &Talk, theirs: &Subscription, next: &[NextItem], key: &str) -> Outcome<()> {
    if are_same(next, &current(theirs)) {
        return unplan(talk, theirs).await;
    }
    talk.stripe.schedule_next_items(theirs, next, &theirs.default_tax_rates, key).await?;
    Ok(())
}

/// The items of now without the modules that were cancelled.
pub(super) fn without_cancelled(talk: &Talk, theirs: &Subscription, billing: &Billing) -> Vec<NextItem> {
    without(talk, theirs, &cancelled(billing))
}

/// The keys of the modules that end with the period.
pub(super) fn cancelled(billing: &Billing) -> Vec<String> {
    let ending = billing.modules.iter().filter(|module| module.ends_at_period_end);
    ending.map(|module| module.module.clone()).collect()
}

/// The items of now without some modules.
pub(super) fn without(talk: &Talk, theirs: &Subscription, modules: &[String]) -> Vec<NextItem> {
    let plans = talk.acting.db().plans();
    let ending: Vec<&str> =
        modules.iter().filter_map(|key| module_item(theirs, key, plans).map(|item| item.price.id.as_str())).collect();
    current(theirs).into_iter().filter(|item| !ending.contains(&item.price.as_str())).collect()
}
