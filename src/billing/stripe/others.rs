//! What is charged at Stripe besides the plan and its modules, and opens nothing here: named, as the console cannot judge it.

use super::catalog;
use super::snapshot::is_charged;
use crate::config::Plans;
use crate::stripe::{Subscription, SubscriptionItem};

/// Items of the subscription that gives the plan whose price is none of ours: `sub_1 (price_9)`.
pub(super) fn foreign_items(subscription: &Subscription, plans: &Plans) -> Vec<String> {
    let is_foreign = |item: &&SubscriptionItem| is_charged(subscription) && catalog::read(&item.price, plans).is_none();
    let name = |item: &SubscriptionItem| format!("{} ({})", subscription.id, item.price.id);
    subscription.items.iter().filter(is_foreign).map(name).collect()
}

/// `the subscription sub_2`, `the price price_9 of the subscription sub_1`
pub fn in_words(other: &str) -> String {
    match other.split_once(" (") {
        Some((subscription, price)) => {
            format!("the price {} of the subscription {subscription}", price.trim_end_matches(')'))
        }
        None => format!("the subscription {other}"),
    }
}
