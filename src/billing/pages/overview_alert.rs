//! What the Billing page says on top of an invoice that is not paid: when somebody is reminded, when the plan ends for it, and what
//! closes then.

use super::super::account::{Billing, Unpaid};
use super::super::dunning::{has_ended_for, stops_at};
use super::super::subscription::{Status, Subscription};
use super::super::words;
use super::overview_unpaid;
use crate::access::{Permit, rights};
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

pub(super) fn alert(permit: &ViewPermit, billing: &Billing, path: &str) -> Option<Alert> {
    let plans = permit.db().plans();
    let unpaid = billing.unpaid.as_ref()?;
    if let Some(mut alert) = overview_unpaid::alert(billing, &plans.free().name, path, permit.db().now()) {
        alert.sentences.extend(words::owed::in_all(unpaid));
        let closes = if alert.ends_plan { closes(permit, billing) } else { Vec::new() };
        return Some(Alert { closes, ..alert });
    }
    if unpaid.is_at_stripe {
        return None;
    }
    if billing.running().is_none() {
        return ended(permit, billing);
    }
    let current = billing.running().filter(|current| current.status() == Status::PastDue)?;
    let Unpaid { number, due_at, reminder_at, reminders, .. } = unpaid;
    let mut sentences = owed(unpaid, &plans.issuer);
    if let Some(again) = reminder_at.filter(|_| *reminders == 1) {
        sentences.push(format!("We remind you again on {}.", day(again)));
    }
    let title = format!("Invoice {number} is overdue");
    let Some(last) = stops_at(*due_at, *reminders, *reminder_at, plans.issuer.grace_days) else {
        return Some(Alert { title, sentences, ..Alert::default() });
    };
    sentences.push(format!("If nothing has arrived by {}, the plan {} ends then.", day(last), current.plan_name));
    Some(Alert { title, sentences, closes: closes(permit, billing), ..Alert::default() })
}

/// What was due, how it is paid, and what else is owed.
fn owed(unpaid: &Unpaid, issuer: &Issuer) -> Vec<String> {
    let (money, at) = (words::owed::money(unpaid), day(unpaid.due_at));
    let sentence = format!("{money} were due on {at}. {}", issuer.how_to_transfer(&unpaid.number));
    [sentence].into_iter().chain(words::owed::in_all(unpaid)).collect()
}

/// The plan is over, and something is owed still.
fn ended(permit: &ViewPermit, billing: &Billing) -> Option<Alert> {
    let (issuer, now) = (&permit.db().plans().issuer, permit.db().now());
    let unpaid = billing.overdue(now)?;
    let mut sentences = owed(unpaid, issuer);
    let last = billing.subscription.as_ref().filter(|last| has_ended_for(unpaid, last, issuer.grace_days));
    sentences.extend(last.map(|Subscription { plan_name, ended_at, .. }| {
        let at = day(ended_at.unwrap_or(now));
        format!("Since it was not paid, {plan_name} ended on {at}. Paying it settles it, and does not begin {plan_name} again.")
    }));
    Some(Alert { title: format!("Invoice {} is overdue", unpaid.number), sentences, ..Alert::default() })
}

/// What closes with the plan that runs, a line each.
fn closes(permit: &ViewPermit, billing: &Billing) -> Vec<String> {
    let (plans, organization) = (permit.db().plans(), &permit.organization);
    let Some(current) = billing.running() else { return Vec::new() };
    let modules = words::modules::end_with_plan(billing, organization, plans.free(), permit);
    words::closes(plans.of(&current.plan), plans.free(), &plans.items, organization).into_iter().chain(modules).collect()
}
