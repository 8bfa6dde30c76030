//! Changing, cancelling and keeping a plan that Stripe collects.

use std::sync::Arc;

use super::super::actions::change::{Prepared, Shown, Wanted, prepare};
use super::super::awaited_change::OncePaid;
use super::super::modules::into_period;
use super::super::quote::Begin;
use super::super::refusal::{Outcome, Refusal, apart, refuse};
use super::super::subscription::Subscription;
use super::awaited;
use super::confirm::{confirmable, payment_page};
use super::credit::move_credit;
use super::items;
use super::look::{deed, look};
use super::plan_ahead::{cancelled, plan, uncancel, unplan, unplanned, without_cancelled};
use super::preview::{Asked, asked, priced};
use super::snapshot::{ORGANIZATION, runs};
use super::talk::{Acting, Talk};
use crate::clock::Moment;
use crate::config::Plans;
use crate::error::Stopped;
use crate::secret;
use crate::stripe::{self, NewSubscription, NextItem, Stripe, StripeError, SubscriptionChange};

/// What has become of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done<T> {
    Made(T),
    /// The bank wants the customer to confirm the payment, on this page of Stripe.
    Confirm(String),
}

/// The change with what Stripe invoices for it at once.
///
/// # Errors
/// `Away`, `NotAtStripe`, `Moved`.
pub async fn preview(stripe: &Stripe, plans: &Plans, prepared: Prepared, at: (Moment, i32)) -> Outcome<Prepared> {
    priced(stripe, plans, prepared, at).await
}

/// Changes the plan as it was shown.
///
/// # Errors
/// As `actions::change::change`, and what Stripe or the bank refuses.
pub async fn change(acting: &Acting, stripe: &Stripe, wanted: &Wanted, shown: &Shown) -> Outcome<Done<Begin>> {
    deed(acting, stripe, async |talk| {
        let prepared = confirmed(talk, wanted, shown).await?;
        let begin = prepared.quote.begin;
        let customer = talk.customer().await?;
        let plans = Arc::clone(talk.acting.db().plans());
        let asked = asked(&talk.stripe, &plans, &prepared, talk.organization.active_members).await?;
        let key = key(talk, &prepared, shown);
        let page = match (&asked.subscription, begin) {
            (Some(current), Begin::Later { .. }) => later(talk, current, &asked, &prepared, &key).await.map(|()| None)?,
            (Some(current), _) => at_once(talk, current, &asked, &prepared, shown, &key).await?,
            (None, _) => begun(talk, &customer, &asked, begin, &key).await?,
        };
        followed(talk).await;
        Ok(page.map_or(Done::Made(begin), Done::Confirm))
    })
    .await
}

/// The change, if it still costs what was shown and can be paid.
async fn confirmed(talk: &Talk, wanted: &Wanted, shown: &Shown) -> Outcome<Prepared> {
    if !shown.is_recent(talk.acting.db().now()) {
        return refuse(Refusal::Moved);
    }
    let (organization, at, wanted) = (talk.organization.clone(), shown.at, wanted.clone());
    let prepared = talk.acting.read(move |org| apart(prepare(org, &organization, &wanted, at)));
    let prepared = prepared.await?.map_err(Stopped::Refused)?;
    if matches!(prepared.quote.begin, Begin::Now { .. }) {
        if !prepared.billing.account.is_complete() {
            return refuse(Refusal::NoAddress);
        }
        if prepared.billing.methods.is_empty() {
            return refuse(Refusal::NoMethod);
        }
    }
    let plans = Arc::clone(talk.acting.db().plans());
    let prepared = priced(&talk.stripe, &plans, prepared, (shown.at, talk.organization.active_members)).await?;
    if shown.holds(&prepared) { Ok(prepared) } else { refuse(Refusal::Moved) }
}

/// Of a form: sent again after an answer was lost, it does nothing again. Another payment method is another try.
fn key(talk: &Talk, prepared: &Prepared, shown: &Shown) -> String {
    let method = prepared.billing.methods.first().map(|method| method.stripe_id.as_str()).unwrap_or_default();
    let form = format!("{} {} {} {method}", shown.at.timestamp_micros(), shown.version, shown.price);
    format!("change-{}-{}", talk.organization.id, secret::encode(&secret::hash(form.as_bytes())))
}

/// A new subscription. Returns the page on which its payment is to be confirmed.
async fn begun(talk: &Talk, customer: &str, asked: &Asked, begin: Begin, key: &str) -> Outcome<Option<String>> {
    move_credit(talk, customer).await?;
    // A subscription that the console does not know of is none to double.
    let plans = Arc::clone(talk.acting.db().plans());
    let is_a_plan = |one: &stripe::Subscription| runs(one) && items::plan_item(one, &plans).is_some();
    if talk.stripe.subscriptions(customer).await?.iter().any(is_a_plan) {
        talk.ask_now().await?;
        return refuse(Refusal::Moved);
    }
    let new = |payment_behavior| NewSubscription {
        customer: customer.to_owned(),
        items: asked.items.iter().map(next_item).collect(),
        trial_ends_at: match begin {
            Begin::Trial { until } => Some(until),
            _ => None,
        },
        default_tax_rates: asked.tax_rates.clone(),
        payment_behavior,
        metadata: [(ORGANIZATION.to_owned(), talk.organization.id.to_string())].into(),
    };
    match talk.stripe.create_subscription(&new("error_if_incomplete"), key).await {
        Ok(_) => Ok(None),
        Err(StripeError::Declined { needs_authentication: true, .. }) => {
            let waiting = talk.stripe.create_subscription(&new("allow_incomplete"), &format!("{key}-confirm")).await?;
            payment_page(talk, &waiting).await
        }
        Err(error) => Err(error.into()),
    }
}

fn next_item(item: &stripe::ItemChange) -> NextItem {
    NextItem { price: item.price.clone().unwrap_or_default(), quantity: item.quantity.unwrap_or(1) }
}

/// Another plan from now on. Returns the page on which its payment is to be confirmed.
async fn at_once(
    talk: &Talk,
    current: &stripe::Subscription,
    asked: &Asked,
    prepared: &Prepared,
    shown: &Shown,
    key: &str,
) -> Outcome<Option<String>> {
    unplan(talk, current).await?;
    let is_paid = matches!(prepared.quote.begin, Begin::Now { .. });
    let prorates = is_paid && !asked.ends_trial;
    let change = |payment_behavior| SubscriptionChange {
        items: asked.items.clone(),
        proration_behavior: Some(if prorates { "always_invoice" } else { "none" }),
        proration_date: prorates.then_some(shown.at),
        payment_behavior: is_paid.then_some(payment_behavior),
        cancel_at_period_end: current.cancel_at_period_end.then_some(false),
        trial_end_now: asked.ends_trial,
        default_tax_rates: Some(asked.tax_rates.clone()),
        ..SubscriptionChange::default()
    };
    let changed = match talk.stripe.change_subscription(&current.id, &change("error_if_incomplete"), key).await {
        Ok(changed) => changed,
        Err(error) => {
            // Nothing is changed, also of what was planned.
            if current.next.is_some() {
                plan(talk, &unplanned(current), &items::planned(current), &talk.key("restore")).await?;
            }
            let once_paid = OncePaid::Plan { ending: cancelled(&prepared.billing) };
            return confirmable(talk, error, (current, &change("")), Some(once_paid), key).await;
        }
    };
    // Modules that were to end with this period still are.
    let next = without_cancelled(talk, &changed, &prepared.billing);
    plan(talk, &changed, &next, &talk.key("plan-again")).await?;
    Ok(None)
}

/// Another plan when the period ends.
async fn later(talk: &Talk, current: &stripe::Subscription, asked: &Asked, prepared: &Prepared, key: &str) -> Outcome<()> {
    uncancel(talk, current).await?;
    let plans = Arc::clone(talk.acting.db().plans());
    let passages = into_period(&prepared.quote.modules);
    let modules = (passages.as_slice(), talk.organization.active_members);
    let modules = items::next_modules(&talk.stripe, &plans, current, modules).await?;
    let Some(mut next) = modules else { return refuse(Refusal::NotAtStripe { plan: prepared.terms.plan_name.clone() }) };
    next.extend(asked.items.first().map(next_item));
    plan(talk, current, &next, key).await
}

/// Lets the plan end with its period. Returns when.
///
/// # Errors
/// `NotRunning`, and what Stripe refuses.
pub async fn cancel(acting: &Acting, stripe: &Stripe) -> Outcome<Moment> {
    deed(acting, stripe, async |talk| {
        let (current, theirs) = running(talk).await?;
        unplan(talk, &theirs).await?;
        let ends = SubscriptionChange { cancel_at_period_end: Some(true), ..SubscriptionChange::default() };
        talk.stripe.change_subscription(&theirs.id, &ends, &talk.key("cancel")).await?;
        followed(talk).await;
        Ok(current.period_ends_at)
    })
    .await
}

/// Lets the plan go on as it is. Returns its name.
///
/// # Errors
/// As `cancel`.
pub async fn resume(acting: &Acting, stripe: &Stripe) -> Outcome<String> {
    deed(acting, stripe, async |talk| {
        let (current, theirs) = running(talk).await?;
        uncancel(talk, &theirs).await?;
        let next = without_cancelled(talk, &theirs, &talk.billing().await?);
        plan(talk, &theirs, &next, &talk.key("resume")).await?;
        followed(talk).await;
        Ok(current.plan_name)
    })
    .await
}

/// The subscription that runs, here and there.
async fn running(talk: &Talk) -> Outcome<(Subscription, stripe::Subscription)> {
    let billing = talk.billing().await?;
    let current = billing.running().filter(|current| current.is_at_stripe()).cloned();
    let Some((current, id)) = current.and_then(|current| current.stripe_id.clone().map(|id| (current, id))) else {
        return refuse(billing.confirm_first().unwrap_or(Refusal::NotRunning));
    };
    let theirs = talk.stripe.subscription(&id).await?;
    awaited::none_waits(talk, &theirs).await?;
    Ok((current, theirs))
}

/// Reads back what was done. Where that does not work it is done all the same, and is looked at again soon.
pub(super) async fn followed(talk: &Talk) {
    if let Err(error) = look(talk).await {
        tracing::warn!(organization = %talk.organization.id, ?error, "what was done at Stripe is not read back yet");
        if let Err(error) = talk.ask_now().await {
            tracing::warn!(%error, "it is read back with the next comparison");
        }
    }
}
