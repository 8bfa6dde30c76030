//! What the Billing page says of an invoice at Stripe that is not paid: whether its payment failed or only waits, and what to do.

use super::super::account::{Billing, Unpaid};
use super::super::subscription::{Status, Subscription};
use super::super::words;
use super::overview_alert::Alert;
use crate::clock::Moment;
use crate::web::words::day;

/// What waits for its payment at Stripe.
pub(super) fn alert(billing: &Billing, unpaid: &Unpaid, free_plan: &str, path: &str, now: Moment) -> Option<Alert> {
    let (Unpaid { id, number, .. }, money) = (unpaid, words::owed::money(unpaid));
    let alert = Alert { title: title(billing, unpaid, now), pay: format!("{path}/invoices/{id}/pay"), ..Alert::default() };
    match billing.running() {
        current if billing.is_awaited(number) => {
            let sentences = awaited(&money, current, billing, unpaid);
            Some(Alert { sentences, give_up: format!("{path}/invoices/{id}/give-up"), ..alert })
        }
        _ if is_open(unpaid) => Some(Alert { sentences: vec![sent(&money, unpaid, now)], ..alert }),
        None => Some(Alert { sentences: vec![owed(&money, billing)], ..alert }),
        Some(current) if !current.is_at_stripe() => Some(Alert { sentences: vec![beside(&money, current, billing)], ..alert }),
        Some(current) if unpaid.status == "failed" || current.status() == Status::PastDue => {
            let is_at_bank = billing.stripe.is_at_bank(number);
            let goes_on = billing.stripe.is_uncollectible(number) && current.status() != Status::PastDue;
            let then = if goes_on { written_off(current) } else { tried_again(current, unpaid, free_plan) };
            Some(Alert { sentences: vec![collected(&money, unpaid, is_at_bank), then], ends_plan: !goes_on, ..alert })
        }
        Some(_) => None,
    }
}

/// Kind of badge and word of a plan. One whose payment the bank only wants to be confirmed is not behind with it yet.
pub(super) fn badge(current: &Subscription, billing: &Billing) -> (&'static str, &'static str) {
    let is_at_bank = |unpaid: &Unpaid| unpaid.status == "pending" && billing.stripe.is_at_bank(&unpaid.number);
    match current.status() {
        Status::PastDue if current.is_at_stripe() && billing.unpaid_by(true).is_some_and(is_at_bank) => {
            ("notice", "Waits for your bank")
        }
        status => words::badge(status),
    }
}

/// Whether it is paid on a page of Stripe, which does not collect it.
fn is_open(unpaid: &Unpaid) -> bool {
    unpaid.is_sent && unpaid.status == "pending"
}

fn title(billing: &Billing, unpaid: &Unpaid, now: Moment) -> String {
    let number = &unpaid.number;
    match unpaid.status.as_str() {
        "failed" => format!("The payment of invoice {number} failed"),
        _ if is_open(unpaid) && unpaid.due_at <= now => format!("Invoice {number} is overdue"),
        _ if is_open(unpaid) => format!("Invoice {number} is open"),
        _ if billing.stripe.is_at_bank(number) => format!("Invoice {number} waits for your bank"),
        _ => format!("Invoice {number} waits for its payment"),
    }
}

/// Of a plan, or a change of it, that waits for a payment.
fn awaited(money: &str, current: Option<&Subscription>, billing: &Billing, unpaid: &Unpaid) -> Vec<String> {
    let has_failed = unpaid.status == "failed";
    let wait = match () {
        () if billing.stripe.is_uncollectible(&unpaid.number) => {
            "are not paid, and Stripe does not try to collect them any more."
        }
        () if has_failed => "are not paid: your bank did not make the payment.",
        () => "wait for your bank's confirmation.",
    };
    let until = match current {
        Some(current) => format!("{} stays as it is until they are paid.", current.plan_name),
        None => "The plan begins when they are paid.".to_owned(),
    };
    let pay = match billing.default_method() {
        None => "Add a payment method; Pay now charges it then.".to_owned(),
        Some(method) if has_failed => {
            format!("Pay now charges {}. To pay otherwise, add another payment method and make it the default.", method.name())
        }
        Some(method) => format!("Pay now charges {}, and leads to its bank's page if that wants to be asked.", method.name()),
    };
    let give_up = "To choose something else, give it up; within a day that happens by itself.";
    vec![format!("{money} {wait} {until}"), pay, give_up.to_owned()]
}

fn sent(money: &str, unpaid: &Unpaid, now: Moment) -> String {
    let until = if unpaid.due_at <= now { "were due on" } else { "are to be paid by" };
    format!("{money} {until} {}. Pay now leads to a page of Stripe, where you pay.", day(unpaid.due_at))
}

fn owed(money: &str, billing: &Billing) -> String {
    match &billing.subscription {
        Some(former) if former.stripe_id.as_deref().is_some_and(|id| billing.stripe.is_kept_unpaid(id)) => {
            let plan = &former.plan_name;
            format!(
                "{money} for {plan} are not paid. Stripe has not ended its subscription: paying them can begin {plan} again, which is charged from then on."
            )
        }
        Some(former) => {
            let rest = if billing.holds_rest(true) { words::owed::REST } else { "" };
            let plan = &former.plan_name;
            format!("{money} for {plan} are not paid. Paying them settles it, and does not begin the plan again.{rest}")
        }
        None => format!("{money} are not paid yet."),
    }
}

/// Of a subscription at Stripe that was over before a plan by invoice began.
fn beside(money: &str, current: &Subscription, billing: &Billing) -> String {
    let plan = &current.plan_name;
    if billing.stripe.can_charge() {
        return format!(
            "{money} are not paid. {plan} is paid by invoice and does not end for it; paying them can begin the subscription at Stripe again beside it."
        );
    }
    format!("{money} are not paid. Paying them settles it; {plan} is paid by invoice and does not end for it.")
}

fn collected(money: &str, unpaid: &Unpaid, is_at_bank: bool) -> String {
    match unpaid.status.as_str() {
        "failed" => format!("{money} could not be collected. Pay now, or add a payment method that works."),
        _ if is_at_bank => format!("Your bank wants you to confirm the payment of {money}. Pay now leads to its page."),
        _ => format!("{money} are not paid yet. Pay now charges your payment method at once."),
    }
}

/// Of an invoice that somebody has marked as uncollectible at Stripe.
fn written_off(current: &Subscription) -> String {
    let plan = &current.plan_name;
    format!(
        "Stripe does not try again by itself, and {plan} goes on. It is to be paid before the plan or its modules are changed."
    )
}

fn tried_again(current: &Subscription, unpaid: &Unpaid, free_plan: &str) -> String {
    let plan = &current.plan_name;
    match unpaid.next_attempt_at {
        Some(at) => format!(
            "Stripe tries again on {}; if its last try fails, {plan} ends and {free_plan} is your plan. Members and keys stay.",
            day(at)
        ),
        None => format!(
            "Stripe does not try again by itself, and may end {plan} at any time: {free_plan} is your plan then. Members and keys stay."
        ),
    }
}
