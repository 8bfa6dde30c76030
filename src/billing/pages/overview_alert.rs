//! What the Billing page says on top of an invoice that is not paid: when somebody is reminded, when the plan ends for it, and what
//! closes then.

use super::super::account::{Billing, Unpaid};
use super::super::dunning::{has_ended_for, stops_at};
use super::super::words;
use super::overview_unpaid;
use crate::access::{Permit, rights};
use crate::clock::Moment;
use crate::config::Issuer;
use crate::web::words::day;

type ViewPermit = Permit<rights::ViewBilling>;

/// What is wrong, what stops when, and what to do.
#[derive(Default)]
pub(super) struct Alert {
    pub title: String,
    pub sentences: Vec<String>,
    /// Whether the plan ends if nobody pays. What was not begun yet ends nothing.
    pub ends_plan: bool,
    /// What closes if nobody pays, a line each.
    pub closes: Vec<String>,
    /// The form that pays it; empty for a transfer.
    pub pay: String,
    /// The page that gives the payment up; empty where nothing waits for it.
    pub give_up: String,
}

/// One for each way of paying in which something waits.
pub(super) fn alerts(permit: &ViewPermit, billing: &Billing, path: &str) -> Vec<Alert> {
    let both = billing.all_unpaid().filter_map(|unpaid| match unpaid.is_at_stripe {
        true => at_stripe(permit, billing, unpaid, path),
        false => by_invoice(permit, billing, unpaid),
    });
    both.collect()
}

fn at_stripe(permit: &ViewPermit, billing: &Billing, unpaid: &Unpaid, path: &str) -> Option<Alert> {
    let mut alert = overview_unpaid::alert(billing, unpaid, &permit.db().plans().free().name, path, permit.db().now())?;
    alert.sentences.extend(words::owed::in_all(unpaid));
    let closes = if alert.ends_plan { closes(permit, billing) } else { Vec::new() };
    Some(Alert { closes, ..alert })
}

fn by_invoice(permit: &ViewPermit, billing: &Billing, unpaid: &Unpaid) -> Option<Alert> {
    let (issuer, now) = (&permit.db().plans().issuer, permit.db().now());
    let Unpaid { number, due_at, reminder_at, reminders, .. } = unpaid;
    if *due_at > now {
        return None;
    }
    let mut alert = Alert { title: format!("Invoice {number} is overdue"), sentences: owed(unpaid, issuer), ..Alert::default() };
    let Some(current) = billing.running() else {
        alert.sentences.extend(ended(billing, unpaid, issuer.grace_days));
        return Some(alert);
    };
    let plan = &current.plan_name;
    // A trial ends for it only once it is over, and what Stripe collects never.
    let is_spared = |last: &Moment| current.is_at_stripe() || current.is_trial() && *last <= current.period_ends_at;
    match stops_at(*due_at, *reminders, *reminder_at, issuer.grace_days).filter(|last| !is_spared(last)) {
        Some(last) => {
            let again = reminder_at.filter(|_| *reminders == 1);
            alert.sentences.extend(again.map(|again| format!("We remind you again on {}.", day(again))));
            alert.sentences.push(format!("If nothing has arrived by {}, the plan {plan} ends then.", day(last)));
            alert.closes = closes(permit, billing);
        }
        None => alert
            .sentences
            .push(format!("{plan} does not end for it. It is to be paid before the plan or its modules are changed.")),
    }
    Some(alert)
}

/// What was due, how it is paid, and what else is owed.
fn owed(unpaid: &Unpaid, issuer: &Issuer) -> Vec<String> {
    let (money, at) = (words::owed::money(unpaid), day(unpaid.due_at));
    let sentence = format!("{money} were due on {at}. {}", issuer.how_to_transfer(&unpaid.number));
    [sentence].into_iter().chain(words::owed::in_all(unpaid)).collect()
}

/// How the last plan ended, where it did since this was not paid.
fn ended(billing: &Billing, unpaid: &Unpaid, grace_days: i64) -> Option<String> {
    let last = billing.subscription.as_ref().filter(|last| has_ended_for(unpaid, last, grace_days))?;
    let (plan, at) = (&last.plan_name, day(last.ended_at?));
    let rest = if billing.holds_rest(false) { words::owed::REST } else { "" };
    Some(format!("Since it was not paid, {plan} ended on {at}. Paying it settles it, and does not begin {plan} again.{rest}"))
}

/// What closes with the plan that runs, a line each.
fn closes(permit: &ViewPermit, billing: &Billing) -> Vec<String> {
    let (plans, organization) = (permit.db().plans(), &permit.organization);
    let Some(current) = billing.running() else { return Vec::new() };
    let modules = words::modules::end_with_plan(billing, organization, plans.free(), permit);
    words::closes(plans.of(&current.plan), plans.free(), &plans.items, organization).into_iter().chain(modules).collect()
}
