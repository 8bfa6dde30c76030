//! What the Billing page says of credit: that of the invoice way and that at Stripe apart, each with what takes from it.

use super::super::account::Billing;
use super::super::subscription::Subscription;
use super::super::way::Way;
use crate::stripe::Stripe;

/// A sentence for each credit that there is.
pub(super) fn sentences(billing: &Billing, stripe: Option<&Stripe>) -> Vec<String> {
    let Some(currency) = billing.account.currency() else { return Vec::new() };
    let takes = match Way::of(billing, stripe) {
        Way::Stripe(Some(_)) if billing.running().is_some_and(Subscription::is_at_stripe) => "the next payment takes from it",
        Way::Stripe(Some(_)) => "the plan that you choose next takes from it",
        _ => "the next invoices take from it",
    };
    let invoiced = (billing.account.credit, "to your credit", takes);
    let at_stripe = (billing.credit_at_stripe(), "to your credit at Stripe", "payments by Stripe take from it");
    let in_words = |(amount, place, takes): (i64, &str, &str)| format!("You have {} {place}: {takes}.", currency.money(amount));
    [invoiced, at_stripe].into_iter().filter(|(amount, ..)| *amount > 0).map(in_words).collect()
}
