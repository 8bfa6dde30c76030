//! Tells what somebody changed at Stripe from what the console itself sends there. Details, VAT and the number of seats are the
//! console's to decide: what stands there is remembered with each look, and what is neither that nor what stands here was
//! changed by somebody else.

use std::collections::BTreeMap;

use super::snapshot::Snapshot;
use super::talk::hash_of;
use crate::stripe::Customer;

/// Texts by their names.
pub(super) type Facts = BTreeMap<String, String>;

const DETAILS: &str = "details";
const VAT: &str = "vat";
const SEATS: &str = "seats ";
/// What a plan or a change of it waits for. Not the console's to decide: only remembered, for the page.
pub const FIRST_INVOICES: &str = "first invoices";

/// What the console decides, as it stands at Stripe.
pub(super) fn facts(snapshot: &Snapshot) -> Facts {
    let mut facts = Facts::new();
    if snapshot.customer.deleted {
        return facts;
    }
    facts.insert(DETAILS.to_owned(), details(&snapshot.customer));
    facts.insert(FIRST_INVOICES.to_owned(), snapshot.first_invoices.join(" "));
    let Some(subscription) = &snapshot.subscription else { return facts };
    facts.insert(VAT.to_owned(), subscription.default_tax_rates.join(" "));
    // By price: a plan that follows on another one brings a number of its own.
    facts.extend(subscription.items.iter().map(|item| (format!("{SEATS}{}", item.price.id), item.quantity.to_string())));
    facts
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
    for (name, found) in found.iter().filter(|(name, _)| *name != FIRST_INVOICES) {
        let (left, now) = (left.get(name), now.get(name));
        let is_set_back = left.is_some_and(|left| left != found) && now.is_some_and(|now| now != found);
        let word = match name.as_str() {
            DETAILS => "the billing details".to_owned(),
            VAT => "the VAT".to_owned(),
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
        let next_plan = of(&[("details", "a"), ("vat", "one"), ("seats price_2", "5")]);
        assert_eq!(set_back(&left, &next_plan, &of(&[("seats price_2", "6")])), [""; 0], "another plan");
    }
}
