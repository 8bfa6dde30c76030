//! What the Billing page says of Stripe: payment methods, how old its news are, and what could not be collected.

use super::super::account::{Billing, Unpaid};
use super::super::payment_method::{Expiry, PaymentMethod};
use super::super::stripe::others::in_words;
use super::super::subscription::{Status, Subscription};
use super::super::way::Way;
use super::super::words;
use super::overview_alert::Alert;
use crate::clock::Moment;
use crate::config::Issuer;
use crate::stripe::Stripe;
use crate::web::words::{TimeWords, day};

/// The part of an organization that pays by Stripe.
pub(super) struct StripeView {
    pub methods: Vec<MethodView>,
    pub may_add: bool,
    /// When everything was compared last; none before there was anything to compare.
    pub checked: Option<TimeWords>,
    /// Since when Stripe cannot be asked.
    pub failing: Option<TimeWords>,
    /// What the last comparison that found a difference has put right.
    pub repaired: Vec<String>,
    pub repaired_at: Option<TimeWords>,
    /// What is charged there and opens nothing here; mostly empty.
    pub others: String,
}

/// A payment method, as the page shows it.
pub(super) struct MethodView {
    pub name: String,
    pub detail: String,
    /// Kind of badge and word.
    pub state: Option<(&'static str, &'static str)>,
    pub is_default: bool,
    pub choose: String,
    pub remove: String,
}

/// None for who pays by invoice.
pub(super) fn view(billing: &Billing, stripe: Option<&Stripe>, issuer: &Issuer, path: &str, now: Moment) -> Option<StripeView> {
    let Way::Stripe(client) = Way::of(billing, stripe) else { return None };
    let seen = &billing.stripe;
    let time = |at: Option<Moment>| at.map(|at| TimeWords::new(at, now));
    Some(StripeView {
        methods: billing.methods.iter().map(|method| method_view(method, path, now)).collect(),
        may_add: client.is_some(),
        checked: time(seen.checked_at).filter(|_| seen.customer.is_some()),
        failing: time(seen.failing_since),
        repaired: seen.repaired.clone(),
        repaired_at: time(seen.repaired_at),
        others: others(&seen.other_subscriptions, issuer),
    })
}

fn others(all: &[String], issuer: &Issuer) -> String {
    let opens = match all {
        [] => return String::new(),
        [_] => "opens",
        _ => "open",
    };
    let whom =
        if issuer.email.is_empty() { "ask whoever runs this console".to_owned() } else { format!("write to {}", issuer.email) };
    let which: Vec<String> = all.iter().map(|other| in_words(other)).collect();
    format!("Stripe charges you for {}, which {opens} nothing here. To have that ended, {whom}.", which.join(" and "))
}

fn method_view(method: &PaymentMethod, path: &str, now: Moment) -> MethodView {
    let last = method.last_month();
    let (detail, state) = match method.expiry(now) {
        _ if last.is_empty() => (String::new(), None),
        Expiry::Far => (format!("Expires {last}"), None),
        Expiry::Soon => (format!("Expires {last}: add the new one in time"), Some(("notice", "Expires soon"))),
        Expiry::Over => (format!("Expired {last}"), Some(("negative", "Expired"))),
    };
    MethodView {
        name: method.name(),
        detail,
        state,
        is_default: method.is_default,
        choose: format!("{path}/payment-methods/{}/default", method.id),
        remove: format!("{path}/payment-methods/{}/remove", method.id),
    }
}

/// What Stripe could not collect.
pub(super) fn alert(billing: &Billing, free_plan: &str, path: &str) -> Option<Alert> {
    let unpaid = billing.unpaid.as_ref().filter(|unpaid| unpaid.is_at_stripe)?;
    let (Unpaid { id, number, .. }, money) = (unpaid, words::owed::money(unpaid));
    let alert = Alert { pay: format!("{path}/invoices/{id}/pay"), ..Alert::default() };
    let title = format!("Invoice {number} waits for its payment");
    match billing.running() {
        current if billing.is_awaited(number) => {
            let sentences = awaited(&money, current, unpaid);
            Some(Alert { title, sentences, give_up: format!("{path}/invoices/{id}/give-up"), ..alert })
        }
        None => Some(Alert { title, sentences: vec![owed(&money, billing)], ..alert }),
        Some(current) if unpaid.status == "failed" || current.status() == Status::PastDue => Some(Alert {
            title: format!("The payment of invoice {number} failed"),
            sentences: failed(&money, current, unpaid, free_plan),
            ..alert
        }),
        Some(_) => None,
    }
}

/// Of a plan, or a change of it, that waits for a payment.
fn awaited(money: &str, current: Option<&Subscription>, unpaid: &Unpaid) -> Vec<String> {
    let wait = match unpaid.status.as_str() {
        "failed" => "were not confirmed by your bank.",
        _ => "wait for your bank's confirmation.",
    };
    let until = match current {
        Some(current) => format!("{} stays as it is until they are paid.", current.plan_name),
        None => "The plan begins when they are paid.".to_owned(),
    };
    let ways = "Pay now leads to the bank's page. To choose something else, give it up; within a day that happens by itself.";
    vec![format!("{money} {wait} {until}"), ways.to_owned()]
}

fn owed(money: &str, billing: &Billing) -> String {
    match &billing.subscription {
        Some(former) => {
            format!("{money} for {} are not paid. Paying them settles it, and does not begin the plan again.", former.plan_name)
        }
        None => format!("{money} are not paid yet."),
    }
}

fn failed(money: &str, current: &Subscription, unpaid: &Unpaid, free_plan: &str) -> Vec<String> {
    let what = match unpaid.status.as_str() {
        "pending" => format!("Your bank wants you to confirm the payment of {money}. Pay now leads to its page."),
        _ => format!("{money} could not be collected. Pay now, or add a payment method that works."),
    };
    let plan = &current.plan_name;
    let again = match unpaid.next_attempt_at {
        Some(at) => format!(
            "Stripe tries again on {}; if its last try fails, {plan} ends and {free_plan} is your plan. Members and keys stay.",
            day(at)
        ),
        None => format!(
            "Stripe does not try again by itself, and may end {plan} at any time: {free_plan} is your plan then. Members and keys stay."
        ),
    };
    vec![what, again]
}
