//! The items of a subscription at Stripe: one is the plan, the others are modules; and what they become with its next period.

use super::super::modules::{Becomes, Passage};
use super::super::subscription::Terms;
use super::catalog::{self, Kind};
use crate::config::Plans;
use crate::stripe::{Answer, ItemChange, NextItem, Stripe, Subscription, SubscriptionItem};

/// The item that is the plan, and its terms.
pub(super) fn plan_item<'a>(subscription: &'a Subscription, plans: &Plans) -> Option<(&'a SubscriptionItem, Terms)> {
    subscription.items.iter().find_map(|item| match catalog::read(&item.price, plans)? {
        (Kind::Plan, terms) => Some((item, terms)),
        (Kind::Module, _) => None,
    })
}

/// The items that are modules, each module once, and their terms.
pub(super) fn module_items<'a>(subscription: &'a Subscription, plans: &Plans) -> Vec<(&'a SubscriptionItem, Terms)> {
    let mut found: Vec<(&SubscriptionItem, Terms)> = Vec::new();
    for item in &subscription.items {
        match catalog::read(&item.price, plans) {
            Some((Kind::Module, terms)) if !found.iter().any(|(_, known)| known.plan == terms.plan) => found.push((item, terms)),
            _ => {}
        }
    }
    found
}

/// The item of a module.
pub(super) fn module_item<'a>(subscription: &'a Subscription, key: &str, plans: &Plans) -> Option<&'a SubscriptionItem> {
    module_items(subscription, plans).into_iter().find(|(_, terms)| terms.plan == key).map(|(item, _)| item)
}

/// What becomes of the modules at once, said to Stripe: those that go on at their price are not named.
///
/// # Errors
/// As Stripe. None where Stripe has no price for one that goes on in another cycle.
pub(super) async fn module_changes(
    stripe: &Stripe,
    plans: &Plans,
    subscription: &Subscription,
    (passages, active_members): (&[Passage], i32),
) -> Answer<Option<Vec<ItemChange>>> {
    let mut changes = Vec::new();
    for (item, known) in module_items(subscription, plans) {
        let id = Some(item.id.clone());
        let becomes = passages.iter().find(|passage| passage.module.module == known.plan).map(|passage| &passage.becomes);
        match becomes {
            Some(Becomes::GoesOn(terms)) if terms.cycle != known.cycle => {
                let Some(price) = catalog::price_of(stripe, Kind::Module, terms, plans).await? else { return Ok(None) };
                let quantity = Some(i64::from(terms.seats(active_members)));
                changes.push(ItemChange { id, price: Some(price), quantity, ..ItemChange::default() });
            }
            Some(Becomes::Included | Becomes::Ends) => changes.push(ItemChange { id, deleted: true, ..ItemChange::default() }),
            Some(Becomes::GoesOn(_)) | None => {}
        }
    }
    Ok(Some(changes))
}

/// What becomes of the modules with the next period: those that go on.
///
/// # Errors
/// As `module_changes`.
pub(super) async fn next_modules(
    stripe: &Stripe,
    plans: &Plans,
    subscription: &Subscription,
    (passages, active_members): (&[Passage], i32),
) -> Answer<Option<Vec<NextItem>>> {
    let mut next = Vec::new();
    for passage in passages {
        let (Some(terms), key) = (passage.goes_on(), &passage.module.module) else { continue };
        let known = module_items(subscription, plans).into_iter().find(|(_, known)| known.plan == *key);
        let price = match known {
            Some((item, known)) if known.cycle == terms.cycle => Some(item.price.id.clone()),
            _ => catalog::price_of(stripe, Kind::Module, terms, plans).await?,
        };
        let Some(price) = price else { return Ok(None) };
        next.push(NextItem { price, quantity: i64::from(terms.seats(active_members)) });
    }
    Ok(Some(next))
}

/// The items of the next period as they are planned: those of now where nothing is.
pub(super) fn planned(subscription: &Subscription) -> Vec<NextItem> {
    match &subscription.next {
        Some(next) => next.items.iter().map(|item| NextItem { price: item.price_id.clone(), quantity: item.quantity }).collect(),
        None => current(subscription),
    }
}

/// The items of now.
pub(super) fn current(subscription: &Subscription) -> Vec<NextItem> {
    subscription.items.iter().map(|item| NextItem { price: item.price.id.clone(), quantity: item.quantity }).collect()
}

/// Whether two lists say the same, in whatever order.
pub(super) fn are_same(one: &[NextItem], other: &[NextItem]) -> bool {
    one.len() == other.len() && one.iter().all(|item| other.contains(item))
}
