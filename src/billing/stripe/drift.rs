//! Tells what somebody changed at Stripe from what the console itself sends there. Details, VAT, the number of seats and how
//! invoices are paid are the console's to decide: what stands there is remembered with each look, and what is neither that nor
//! what stands here was changed by somebody else.

use std::collections::BTreeMap;

use super::super::account::END_PLANNED;
use super::details::hash_of;
use super::snapshot::Snapshot;
use super::terms::CHARGED;
use crate::stripe::{Customer, Subscription};

/// Texts by their names.
pub(super) type Facts = BTreeMap<String, String>;

const DETAILS: &str = "details";
const VAT: &str = "vat";
const SEATS: &str = "seats ";
/// Of items, by price, and of what is planned: all of them are told as the VAT.
const VAT_OF: &str = "vat ";
/// Of the next period, by price: the console plans it, and remembers it for when it begins.
const PLANNED: &str = "planned ";
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
    if let Some(at) = subscription.cancel_at {
        facts.insert(END_PLANNED.to_owned(), at.to_rfc3339());
    }
    if let Some(next) = &subscription.next {
        let rates = next.items.iter().flat_map(|item| &item.tax_rates).chain(&next.default_tax_rates);
        facts.extend(next.items.iter().map(|item| (format!("{PLANNED}{}", item.price_id), item.quantity.to_string())));
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

/// What stays remembered after a look that sent no terms, so that a later one sets them back and tells it: the details were
/// sent, and all else was left as before. What was planned may have begun since.
pub(super) fn unsent(left: &Facts, now: Facts) -> Facts {
    let looked_at_items = left.contains_key(METHOD);
    let before = |name: &str| match name.strip_prefix(SEATS).map(|price| format!("{PLANNED}{price}")) {
        Some(planned) if left.contains_key(&planned) => left.get(&planned).cloned(),
        _ if name.starts_with(VAT_OF) && looked_at_items => Some(left.get(name).cloned().unwrap_or_default()),
        _ => left.get(name).cloned(),
    };
    let remembered = |(name, now): (String, String)| {
        let is_new = name == DETAILS || name.starts_with(PLANNED);
        let before = before(&name).filter(|_| !is_new);
        (name, before.unwrap_or(now))
    };
    now.into_iter().map(remembered).collect()
}

/// What stays remembered after a look that sent what differs. A number of seats that somebody else has set and that is paid by
/// now stands until the period ends: it is told when it is set back.
pub(super) fn remembered(left: &Facts, found: &Facts, now: Facts) -> Facts {
    let stands = |name: &str, now: &str| name.starts_with(SEATS) && found.get(name).is_some_and(|found| found == now);
    let remembered = |(name, now): (String, String)| {
        let before = left.get(&name).filter(|_| stands(&name, &now)).cloned();
        (name, before.unwrap_or(now))
    };
    now.into_iter().map(remembered).collect()
}

/// What was changed there and is set back now, in words.
pub(super) fn set_back(left: &Facts, found: &Facts, now: &Facts) -> Vec<String> {
    let mut words = Vec::new();
    let is_told = |name: &str| !name.starts_with(PLANNED);
    for (name, found) in found.iter().filter(|(name, _)| is_told(name)) {
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
    #[test]
    fn what_was_not_sent_is_still_told_later() {
        let left = of(&[("details", "a"), ("payment method", ""), ("seats price_1", "5"), ("planned price_2", "6")]);
        let found = of(&[
            ("details", "b"),
            ("payment method", "pm_1"),
            ("seats price_1", "9"),
            ("seats price_2", "9"),
            ("vat price_2", "txr_1"),
        ]);
        let remembered = unsent(&left, found.clone());
        assert_eq!(remembered["details"], "b", "they were sent");
        assert_eq!((remembered["seats price_1"].as_str(), remembered["seats price_2"].as_str()), ("5", "6"));
        let now = of(&[("payment method", ""), ("seats price_1", "5"), ("seats price_2", "7"), ("vat price_2", "")]);
        assert_eq!(set_back(&remembered, &found, &now).len(), 4);
        assert_eq!(unsent(&of(&[("details", "a")]), found.clone()), found, "a subscription that begins");
    }
}
