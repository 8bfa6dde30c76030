//! Modules that Stripe collects: items of the plan's subscription.

use std::sync::Arc;

use super::super::account::Billing;
use super::super::actions::change::Shown;
use super::super::actions::modules::{PreparedModule, prepare, set_end};
use super::super::awaited_change::OncePaid;
use super::super::modules::Subscribed;
use super::super::refusal::{Outcome, Refusal, apart, refuse};
use super::super::subscription::Subscription;
use super::awaited;
use super::catalog::{self, Kind};
use super::change::{Done, followed};
use super::confirm::confirmable;
use super::items::{module_item, planned};
use super::look::deed;
use super::plan_ahead::{ends_with_period, plan};
use super::preview::{is_same, lines, totals};
use super::talk::{Acting, Talk};
use super::tax;
use crate::clock::Moment;
use crate::config::Plans;
use crate::error::Stopped;
use crate::secret;
use crate::stripe::{self, ItemChange, NextItem, Preview, Stripe, SubscriptionChange};

/// A module as it is asked of Stripe.
struct Asked {
    subscription: stripe::Subscription,
    item: ItemChange,
    tax_rates: Vec<String>,
}

async fn asked(stripe: &Stripe, plans: &Plans, prepared: &PreparedModule) -> Outcome<Asked> {
    let PreparedModule { billing, current, terms, module, rule, .. } = prepared;
    let Some(price) = catalog::price_of(stripe, Kind::Module, terms, plans).await? else {
        return refuse(Refusal::NotAtStripe { plan: module.name.clone() });
    };
    let Some(id) = current.stripe_id.as_deref() else { return refuse(Refusal::Moved) };
    let subscription = stripe.subscription(id).await?;
    if !is_same(current, &subscription, plans) || module_item(&subscription, &module.key, plans).is_some() {
        return refuse(Refusal::Moved);
    }
    let tax_rates = tax::rates(stripe, rule, billing).await?;
    let item = ItemChange { price: Some(price), quantity: Some(i64::from(prepared.seats())), ..ItemChange::default() };
    Ok(Asked { subscription, item, tax_rates })
}

/// The module with what Stripe invoices for it at once.
///
/// # Errors
/// `NotAtStripe`, `Moved`, `Away`.
pub async fn preview(stripe: &Stripe, plans: &Plans, prepared: PreparedModule, at: Moment) -> Outcome<PreparedModule> {
    if prepared.current.is_trial() {
        return Ok(prepared);
    }
    let asked = asked(stripe, plans, &prepared).await?;
    let preview = Preview {
        customer: asked.subscription.customer.clone(),
        subscription: Some(asked.subscription.id.clone()),
        items: vec![asked.item],
        proration_behavior: Some("always_invoice"),
        proration_date: Some(at),
        default_tax_rates: Some(asked.tax_rates),
        ..Preview::default()
    };
    let invoice = stripe.preview(&preview).await?;
    let lines = lines(&invoice, &prepared.billing.pending);
    let totals = totals(&invoice, &prepared.rule);
    Ok(PreparedModule { lines, totals, ..prepared })
}

/// Adds a module as it was shown. Returns its name.
///
/// # Errors
/// As `actions::modules::add`, and what Stripe or the bank refuses.
pub async fn add(acting: &Acting, stripe: &Stripe, key: &str, shown: &Shown) -> Outcome<Done<String>> {
    deed(acting, stripe, async |talk| {
        let prepared = confirmed(talk, key, shown).await?;
        let plans = Arc::clone(talk.acting.db().plans());
        let asked = asked(&talk.stripe, &plans, &prepared).await?;
        let is_paid = !prepared.current.is_trial();
        let change = |payment_behavior| SubscriptionChange {
            items: vec![asked.item.clone()],
            proration_behavior: Some(if is_paid { "always_invoice" } else { "none" }),
            proration_date: is_paid.then_some(shown.at),
            payment_behavior: is_paid.then_some(payment_behavior),
            default_tax_rates: Some(asked.tax_rates.clone()),
            ..SubscriptionChange::default()
        };
        let form = format!("{key} {} {} {}", shown.at.timestamp_micros(), shown.version, shown.price);
        let key = format!("module-{}-{}", talk.organization.id, secret::encode(&secret::hash(form.as_bytes())));
        let id = asked.subscription.id.as_str();
        let page = match talk.stripe.change_subscription(id, &change("error_if_incomplete"), &key).await {
            Ok(changed) => {
                plan_with(talk, &asked, &changed, &prepared).await?;
                None
            }
            Err(error) => {
                let once_paid = once_paid(&asked, &prepared);
                confirmable(talk, error, (&asked.subscription, &change("")), once_paid, &key).await?
            }
        };
        followed(talk).await;
        Ok(page.map_or(Done::Made(prepared.module.name.clone()), Done::Confirm))
    })
    .await
}

/// What was planned for the next period has the module too.
async fn plan_with(talk: &Talk, asked: &Asked, changed: &stripe::Subscription, prepared: &PreparedModule) -> Outcome<()> {
    let Some(next) = next_with(asked, prepared) else { return Ok(()) };
    let known = stripe::Subscription { next: asked.subscription.next.clone(), ..changed.clone() };
    plan(talk, &known, &next, &talk.key("plan-with")).await
}

/// What is planned, with the module; none where nothing is, or it is paid in another cycle then.
fn next_with(asked: &Asked, prepared: &PreparedModule) -> Option<Vec<NextItem>> {
    let is_same_cycle = prepared.current.next_cycle.as_deref().is_none_or(|cycle| cycle == prepared.terms.cycle.key());
    let price = asked.item.price.clone().filter(|_| asked.subscription.next.is_some() && is_same_cycle)?;
    let item = NextItem { price, quantity: asked.item.quantity.unwrap_or(1) };
    Some(planned(&asked.subscription).into_iter().chain([item]).collect())
}

/// The same, to be remembered.
fn once_paid(asked: &Asked, prepared: &PreparedModule) -> Option<OncePaid> {
    let next = next_with(asked, prepared)?;
    Some(OncePaid::Module { next: next.into_iter().map(|item| (item.price, item.quantity)).collect() })
}

/// The module, if it still costs what was shown and can be paid.
async fn confirmed(talk: &Talk, key: &str, shown: &Shown) -> Outcome<PreparedModule> {
    if !shown.is_recent(talk.acting.db().now()) {
        return refuse(Refusal::Moved);
    }
    let (organization, at, key) = (talk.organization.clone(), shown.at, key.to_owned());
    let prepared = talk.acting.read(move |org| apart(prepare(org, &organization, &key, at)));
    let prepared = prepared.await?.map_err(Stopped::Refused)?;
    let Billing { account, methods, .. } = &prepared.billing;
    if !prepared.current.is_trial() && !account.is_complete() {
        return refuse(Refusal::NoAddress);
    }
    if !prepared.current.is_trial() && methods.is_empty() {
        return refuse(Refusal::NoMethod);
    }
    let plans = Arc::clone(talk.acting.db().plans());
    let prepared = preview(&talk.stripe, &plans, prepared, shown.at).await?;
    if prepared.is_as(shown) { Ok(prepared) } else { refuse(Refusal::Moved) }
}

/// Lets a module end with the paid period. Returns its name and when.
///
/// # Errors
/// `NoModule`, and what Stripe refuses.
pub async fn cancel(acting: &Acting, stripe: &Stripe, key: &str) -> Outcome<(String, Moment)> {
    deed(acting, stripe, async |talk| {
        let (module, current, theirs) = known(talk, key).await?;
        if ends_with_period(&theirs) {
            end_here(talk, key, true).await?;
        } else if module_item(&theirs, key, talk.acting.db().plans()).is_some() {
            let prices = prices_of(talk, key, &theirs).await?;
            let next: Vec<NextItem> = planned(&theirs).into_iter().filter(|item| !prices.contains(&item.price)).collect();
            plan(talk, &theirs, &next, &talk.key("cancel-module")).await?;
            followed(talk).await;
        }
        Ok((module.name, current.period_ends_at))
    })
    .await
}

/// Lets a module go on that was cancelled. Returns its name.
///
/// # Errors
/// As `cancel`.
pub async fn keep(acting: &Acting, stripe: &Stripe, key: &str) -> Outcome<String> {
    deed(acting, stripe, async |talk| {
        let (module, current, theirs) = known(talk, key).await?;
        let plans = Arc::clone(talk.acting.db().plans());
        if ends_with_period(&theirs) {
            end_here(talk, key, false).await?;
        } else if let Some(item) = module_item(&theirs, key, &plans).filter(|_| module.ends_at_period_end) {
            let mut next = planned(&theirs);
            let price = match current.next_cycle.as_deref().filter(|cycle| *cycle != current.cycle) {
                None => item.price.id.clone(),
                // In the cycle that was planned, at the price of the file.
                Some(_) => match price_in_next_cycle(talk, &plans, &module, &current).await? {
                    Some(price) => price,
                    None => return refuse(Refusal::NotAtStripe { plan: module.name }),
                },
            };
            next.push(NextItem { price, quantity: item.quantity });
            plan(talk, &theirs, &next, &talk.key("keep-module")).await?;
            followed(talk).await;
        }
        Ok(module.name)
    })
    .await
}

/// A plan that ends takes its modules with it, and Stripe plans nothing more: which of them were cancelled for themselves stands
/// here, and is planned there once the plan is kept.
async fn end_here(talk: &Talk, key: &str, ends: bool) -> Outcome<()> {
    let key = key.to_owned();
    Ok(talk.acting.write(move |tx| set_end(tx, &key, ends)).await?)
}

async fn price_in_next_cycle(talk: &Talk, plans: &Plans, module: &Subscribed, current: &Subscription) -> Outcome<Option<String>> {
    let cycle = current.next_cycle.as_deref().and_then(crate::config::Cycle::from_key);
    let currency = crate::money::Currency::from_code(&current.currency);
    let offered = plans.module(&module.module).zip(currency.zip(cycle));
    let terms = offered.and_then(|(offered, (currency, cycle))| super::super::modules::terms_of(offered, currency, cycle));
    match terms {
        Some(terms) => Ok(catalog::price_of(&talk.stripe, Kind::Module, &terms, plans).await?),
        None => Ok(None),
    }
}

/// The prices of a module, of now and of what is planned.
async fn prices_of(talk: &Talk, key: &str, theirs: &stripe::Subscription) -> Outcome<Vec<String>> {
    let known = catalog::prices_of(&talk.stripe, theirs, talk.acting.db().plans()).await?;
    let of_module = known.into_iter().filter(|(_, (kind, terms))| *kind == Kind::Module && terms.plan == key);
    Ok(of_module.map(|(id, _)| id).collect())
}

/// A module that runs, with its subscription here and there.
async fn known(talk: &Talk, key: &str) -> Outcome<(Subscribed, Subscription, stripe::Subscription)> {
    let billing = talk.billing().await?;
    let module = billing.modules.iter().find(|module| module.module == key).cloned();
    let current = billing.running().filter(|current| current.is_at_stripe()).cloned();
    let Some((module, current)) = module.zip(current) else { return refuse(Refusal::NoModule) };
    let id = current.stripe_id.clone().unwrap_or_default();
    let theirs = talk.stripe.subscription(&id).await?;
    awaited::none_waits(talk, &theirs).await?;
    Ok((module, current, theirs))
}
