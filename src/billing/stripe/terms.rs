//! What the next period is by the console's wish: how many members, which VAT, and paid by what the page names.

use std::sync::Arc;

use chrono::TimeDelta;

use super::super::account::Billing;
use super::super::refusal::Outcome;
use super::super::subscription::Terms;
use super::catalog::{self, Kind, Prices};
use super::items::{are_same, planned};
use super::others::is_foreign;
use super::plan_ahead::{plan_anew, plan_left_modules};
use super::talk::Talk;
use super::tax;
use crate::access::Organization;
use crate::clock::Moment;
use crate::config::Plans;
use crate::stripe::{ItemChange, NextItem, NextPhase, Subscription, SubscriptionChange, SubscriptionItem};

/// So long before a period ends the members for the next one are told: longer than from one daily look to the next.
const LAST_DAY: TimeDelta = TimeDelta::hours(26);

/// Invoices are charged to the customer's default, not sent.
pub(super) const CHARGED: &str = "charge_automatically";

/// Members that Stripe is to count. A seat that somebody left is paid until the period ends, and a change of plan within it gives
/// back what was paid: only shortly before the next period they become those that there are.
fn seats_due(billing: &Billing, kind: Kind, terms: &Terms, active_members: i32, at: Moment) -> i32 {
    let running = billing.running().filter(|current| !current.is_trial() && at < current.period_ends_at - LAST_DAY);
    let paid = running.map_or(0, |current| match kind {
        Kind::Plan => current.seats,
        Kind::Module => billing.modules.iter().find(|module| module.module == terms.plan).map_or(0, |module| module.seats),
    });
    active_members.max(paid)
}

/// Sends what the next period is. None of it changes what is paid for this one: who joined within it is a charge of its own.
pub(super) async fn push_terms(
    talk: &Talk,
    subscription: &Subscription,
    billing: &Billing,
    organization: &Organization,
) -> Outcome<bool> {
    if subscription.has_pending_update {
        return Ok(false);
    }
    let plans = Arc::clone(talk.acting.db().plans());
    let rates = tax::rates(&talk.stripe, &billing.vat(&plans.issuer), billing).await?;
    let wished = wished(subscription, billing, &plans, (organization.active_members, talk.acting.db().now()), rates);
    let is_same = wished == *subscription;
    if !is_same {
        let change = difference(subscription, &wished);
        talk.stripe.change_subscription(&subscription.id, &change, &talk.key("members")).await?;
    }
    let has_planned = plan_left_modules(talk, &wished, billing).await? || push_plans(talk, &wished, organization).await?;
    Ok(has_planned || !is_same)
}

/// Whether a subscription is as it is to be; one whose change waits for the bank stays as it is meanwhile.
pub(super) fn is_as_wished(
    theirs: &Subscription,
    billing: &Billing,
    plans: &Plans,
    now: (i32, Moment),
    rates: Vec<String>,
) -> bool {
    theirs.has_pending_update || wished(theirs, billing, plans, now, rates) == *theirs
}

/// A subscription as it is to be. An item that is foreign is left as it is.
fn wished(
    theirs: &Subscription,
    billing: &Billing,
    plans: &Plans,
    (active_members, at): (i32, Moment),
    rates: Vec<String>,
) -> Subscription {
    let ours = |item: &SubscriptionItem| catalog::read(&item.price, plans).filter(|_| !is_foreign(item, theirs, plans));
    let item = |item: &SubscriptionItem| match ours(item) {
        Some((kind, terms)) => {
            let seats = terms.seats(seats_due(billing, kind, &terms, active_members, at));
            SubscriptionItem { quantity: i64::from(seats), tax_rates: Vec::new(), ..item.clone() }
        }
        None => item.clone(),
    };
    Subscription {
        items: theirs.items.iter().map(item).collect(),
        default_tax_rates: rates,
        default_payment_method: None,
        collection_method: CHARGED.to_owned(),
        ..theirs.clone()
    }
}

fn difference(theirs: &Subscription, wished: &Subscription) -> SubscriptionChange {
    let item = |(item, wished): (&SubscriptionItem, &SubscriptionItem)| ItemChange {
        id: Some(item.id.clone()),
        quantity: Some(wished.quantity),
        without_tax_rates: item.tax_rates != wished.tax_rates,
        ..ItemChange::default()
    };
    let pairs = theirs.items.iter().zip(&wished.items);
    SubscriptionChange {
        items: pairs.filter(|(item, wished)| item != wished).map(item).collect(),
        proration_behavior: Some("none"),
        default_tax_rates: Some(wished.default_tax_rates.clone()),
        default_payment_method: theirs.default_payment_method.is_some().then_some(""),
        collection_method: (theirs.collection_method != CHARGED).then_some(CHARGED),
        ..SubscriptionChange::default()
    }
}

/// What is planned for the next period is for as many members as there are by then, and paid as this one is.
async fn push_plans(talk: &Talk, wished: &Subscription, organization: &Organization) -> Outcome<bool> {
    let Some(next) = &wished.next else { return Ok(false) };
    let plans = Arc::clone(talk.acting.db().plans());
    let known = catalog::prices_of(&talk.stripe, wished, &plans).await?;
    let seats = |price: &str| known.get(price).map(|(_, terms)| i64::from(terms.seats(organization.active_members)));
    let counted: Vec<NextItem> = next
        .items
        .iter()
        .map(|item| NextItem { price: item.price_id.clone(), quantity: seats(&item.price_id).unwrap_or(item.quantity) })
        .collect();
    if are_same(&counted, &planned(wished)) && is_paid_alike(next, wished, &known) {
        return Ok(false);
    }
    plan_anew(talk, wished, &counted, &talk.key("members-planned")).await?;
    Ok(true)
}

/// Whether the next period has the VAT of the subscription, and is paid by the customer's default.
fn is_paid_alike(next: &NextPhase, wished: &Subscription, known: &Prices) -> bool {
    let has_own_rates = next.items.iter().any(|item| known.contains_key(&item.price_id) && !item.tax_rates.is_empty());
    !has_own_rates
        && next.default_tax_rates == wished.default_tax_rates
        && next.default_payment_method.is_none()
        && matches!(next.collection_method.as_str(), "" | CHARGED)
}
