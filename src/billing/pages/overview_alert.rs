//! What the Billing page says on top of an invoice that is not paid: when somebody is reminded, when the plan ends for it, and what
//! closes then.

use super::super::account::{Billing, Unpaid};
use super::super::dunning::stops_at;
use super::super::subscription::Status;
use super::super::words;
use super::overview_stripe;
use crate::access::{Permit, rights};
use crate::money::Currency;
use crate::web::words::day;

type ViewPermit = Permit<rights::ViewBilling>;

/// What is wrong, what stops when, and what to do.
#[derive(Default)]
pub(super) struct Alert {
    pub title: String,
    pub sentences: Vec<String>,
    /// What closes if nobody pays, a line each.
    pub closes: Vec<String>,
    /// The form that pays it; empty for a transfer.
    pub pay: String,
    /// The page that gives the payment up; empty where nothing waits for it.
    pub give_up: String,
}

pub(super) fn alert(permit: &ViewPermit, billing: &Billing, path: &str) -> Option<Alert> {
    let plans = permit.db().plans();
    if let Some(alert) = overview_stripe::alert(billing, &plans.free().name, path) {
        // What is given up has not begun, and ends nothing.
        let closes = if alert.give_up.is_empty() { closes(permit, billing) } else { Vec::new() };
        return Some(Alert { closes, ..alert });
    }
    let current = billing.running().filter(|current| current.status() == Status::PastDue)?;
    let unpaid = billing.unpaid.as_ref().filter(|unpaid| !unpaid.is_at_stripe)?;
    let Unpaid { number, due_at, due, currency, reminder_at, reminders, .. } = unpaid;
    let money = Currency::from_code(currency).map(|currency| currency.money(*due).to_string()).unwrap_or_default();
    let mut sentences = vec![format!("{money} were due on {}. {}", day(*due_at), plans.issuer.how_to_transfer(number))];
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

/// What closes with the plan that runs, a line each.
fn closes(permit: &ViewPermit, billing: &Billing) -> Vec<String> {
    let (plans, organization) = (permit.db().plans(), &permit.organization);
    let Some(current) = billing.running() else { return Vec::new() };
    let modules = words::modules::end_with_plan(billing, organization, plans.free(), permit);
    words::closes(plans.of(&current.plan), plans.free(), &plans.items, organization).into_iter().chain(modules).collect()
}
