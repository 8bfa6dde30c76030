//! Tells what somebody changed at Stripe from what the console itself sends there. Details, VAT, the number of seats and how
//! invoices are paid are the console's to decide: what stands there is remembered with each look, and what is neither that nor
//! what stands here was changed by somebody else.

use std::collections::BTreeMap;

use super::snapshot::Snapshot;
use super::talk::hash_of;
use super::terms::CHARGED;
use crate::stripe::{Customer, Subscription};

/// Texts by their names.
pub(super) type Facts = BTreeMap<String, String>;

const DETAILS: &str = "details";
const VAT: &str = "vat";
const SEATS: &str = "seats ";
/// Of items, by price, and of what is planned: all of them are told as the VAT.
const VAT_OF: &str = "vat ";
const METHOD: &str = "payment method";
const COLLECTION: &str = "collection";

/// What the console decides, as it stands at Stripe.
pub(super) fn facts(snapshot: &Snapshot) -> Facts {
    let mut facts = Facts::new();
    if snapshot.customer.deleted {
        return facts;
    }
    facts.insert(DETAILS.to_owned(), details(&snapshot.customer));
    let Some(subscription) = &snapshot.subscription else { return facts };
    facts.insert(VAT.to_owned(), subscription.default_tax_rates.join(" "));
    facts.insert(METHOD.to_owned(), methods(&snapshot.customer, subscription));
    facts.insert(COLLECTION.to_owned(), collections(subscription));
    for item in &subscription.items {
        // By price: a plan that follows on another one brings a number of its own.
        facts.insert(format!("{SEATS}{}", item.price.id), item.quantity.to_string());
        facts.insert(format!("{VAT_OF}{}", item.price.id), item.tax_rates.join(" "));
    }
    if let Some(next) = &subscription.next {
        let rates = next.items.iter().flat_map(|item| &item.tax_rates).chain(&next.default_tax_rates);
        facts.insert(format!("{VAT_OF}next"), rates.map(String::as_str).collect::<Vec<_>>().join(" "));
    }
    facts
}

/// What is charged instead of the customer's default, now and in the next period.
fn methods(customer: &Customer, subscription: &Subscription) -> String {
    let next = subscription.next.as_ref().and_then(|next| next.default_payment_method.as_deref());
    let is_other = |method: &&str| customer.default_payment_method.as_deref() != Some(*method);
    let now = subscription.default_payment_method.as_deref();
    now.into_iter().chain(next).filter(is_other).collect::<Vec<_>>().join(" ")
}

/// How invoices are paid now and in the next period, where that is not by charging what the page names.
fn collections(subscription: &Subscription) -> String {
    let next = subscription.next.as_ref().map(|next| next.collection_method.as_str());
    let is_other = |how: &&str| !matches!(*how, "" | CHARGED);
    [subscription.collection_method.as_str()].into_iter().chain(next).filter(is_other).collect::<Vec<_>>().join(" ")
}

/// Whether the billing details are others than those that were left there.
pub(super) fn has_other_details(left: &Facts, snapshot: &Snapshot) -> bool {
    left.get(DETAILS).is_some_and(|left| *left != details(&snapshot.customer))
}

/// The billing details in a word. That nobody pays VAT is never the console's wish, and in no details of its own.
fn details(customer: &Customer) -> String {
    let hash = hash_of(&customer.details);
    if customer.tax_exempt == "exempt" { format!("{hash} exempt") } else { hash }
}

/// What was changed there and is set back now, in words.
pub(super) fn set_back(left: &Facts, found: &Facts, now: &Facts) -> Vec<String> {
    let mut words = Vec::new();
    for (name, found) in found {
        let (left, now) = (left.get(name), now.get(name));
        let is_set_back = left.is_some_and(|left| left != found) && now.is_some_and(|now| now != found);
        let word = match name.as_str() {
            DETAILS => "the billing details".to_owned(),
            VAT => "the VAT".to_owned(),
            METHOD => "the payment method of the subscription".to_owned(),
            COLLECTION => "the collection of invoices".to_owned(),
            name if name.starts_with(VAT_OF) => "the VAT".to_owned(),
            _ => format!("the number of seats ({}, not {found})", now.map_or("", String::as_str)),
        };
        if is_set_back && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Facts {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_somebody_else_changed_is_set_back() {
        let left = of(&[("details", "a"), ("vat", "one"), ("seats price_1", "5")]);
        let members_joined = of(&[("details", "a"), ("vat", "one"), ("seats price_1", "7")]);
        assert_eq!(set_back(&left, &left, &members_joined), [""; 0]);
        let by_hand = of(&[("details", "b"), ("vat", "one"), ("seats price_1", "50")]);
        assert_eq!(set_back(&left, &by_hand, &members_joined), ["the billing details", "the number of seats (7, not 50)"]);
        assert_eq!(set_back(&left, &by_hand, &by_hand), [""; 0], "it is as here");
        assert_eq!(set_back(&of(&[]), &by_hand, &left), [""; 0], "nobody knows what was there");
        let rated = of(&[("vat price_1", "txr_1"), ("payment method", "pm_1"), ("vat next", "txr_1")]);
        let plain = of(&[("vat price_1", ""), ("payment method", ""), ("vat next", "")]);
        assert_eq!(set_back(&plain, &rated, &plain), ["the payment method of the subscription", "the VAT"], "each once");
        assert_eq!(set_back(&left, &rated, &plain), [""; 0], "a version before this one did not look at them");
        let next_plan = of(&[("details", "a"), ("vat", "one"), ("seats price_2", "5")]);
        assert_eq!(set_back(&left, &next_plan, &of(&[("seats price_2", "6")])), [""; 0], "another plan");
    }
}
