//! Use of an item against what is included and what is to be spent, for the pages Billing and Usage.

use super::super::account::Billing;
use super::super::usage::{SpendingLimit, Total, charge, is_priced, month_of};
use super::super::words::content::beyond;
use super::limit::amount_field;
use super::usage::currency as in_which;
use crate::access::policy::Permission;
use crate::access::{Permit, Right};
use crate::clock::Moment;
use crate::config::{Item, Plan};
use crate::money::Currency;
use crate::web::words::{day, exact, grouped};

pub(super) struct Summary {
    pub name: String,
    pub used: i64,
    pub included: i64,
    pub words: String,
    /// What is to be paid of it so far; empty where nothing is.
    pub cost: String,
    /// What is to be spent at most; empty without a limit, and where it is reached and stops use.
    pub limit: String,
    /// That use is refused, until when and why; mostly empty.
    pub stopped: String,
    /// Where the limit is changed, and what can be done with it there; empty for who may not.
    pub change: String,
    pub change_words: &'static str,
    pub full: bool,
}

/// Use of each item in this month.
pub(super) fn summaries<P: Right>(permit: &Permit<P>, billing: &Billing) -> Vec<Summary> {
    let plans = permit.db().plans();
    let plan = plans.of(&permit.organization.plan);
    let paid = billing.running().filter(|current| !current.is_trial());
    let currency = paid.and_then(|current| Currency::from_code(&current.currency));
    let month = month_of(billing.running(), permit.db().now());
    let with_limit = |item: &Item| {
        let summary = summary(item, plan, currency, &billing.usage, month);
        let Some(limit) = billing.limit(&item.key) else { return summary };
        // What is said of a key that is verified for it now.
        if !permit.organization.stopped_items.contains(&item.key) {
            return Summary { limit: limit_words(limit), ..summary };
        }
        // Another amount would be refused where use costs nothing.
        let change_words = if is_priced(plan, item, in_which(permit, billing)) { "Raise the limit" } else { "Remove the limit" };
        Summary { stopped: stopped(limit, month.1), change: change(permit, item), change_words, ..summary }
    };
    plans.items.iter().map(with_limit).collect()
}

fn summary(item: &Item, plan: &Plan, currency: Option<Currency>, usage: &[Total], month: (Moment, Moment)) -> Summary {
    let of_month = usage.iter().find(|total| total.item == item.key && total.starts_at == month.0);
    let (used, included) = (of_month.map_or(0, |total| total.quantity), plan.included(&item.key));
    let line = of_month.zip(currency).and_then(|(total, currency)| Some((charge(plan, item, currency, total)?, currency)));
    let since = of_month.and_then(|total| total.counted_from).map(|from| format!(", since {}", day(from)));
    Summary {
        name: item.name.clone(),
        used: used.min(included.max(1)),
        included: included.max(1),
        words: format!("{} of {} included{}", grouped(used), grouped(included), since.unwrap_or_default()),
        cost: match (line, beyond(plan, item, currency)) {
            (Some((line, currency)), _) => format!("{} beyond that so far, without VAT.", currency.money(line.amount)),
            (None, Some(price)) => format!("Beyond that {price}, without VAT."),
            (None, None) => String::new(),
        },
        limit: String::new(),
        stopped: String::new(),
        change: String::new(),
        change_words: "",
        full: used >= included,
    }
}

/// What is to be spent; none where it is nothing beyond what is included.
fn amount(limit: &SpendingLimit) -> Option<String> {
    let currency = Currency::from_code(&limit.currency).filter(|_| limit.amount > 0)?;
    Some(currency.money(limit.amount).to_string())
}

fn limit_words(limit: &SpendingLimit) -> String {
    let stops = if limit.stops { ", at which it stops" } else { "" };
    match amount(limit) {
        Some(amount) => format!("Spending limit: {amount} a month{stops}."),
        None => format!("Spending limit: nothing beyond what is included{stops}."),
    }
}

fn stopped(limit: &SpendingLimit, until: Moment) -> String {
    let why = match amount(limit) {
        Some(amount) => format!("the spending limit of {amount} is reached"),
        None => "what is included is used up, and the spending limit is nothing beyond it".to_owned(),
    };
    format!("Further use is refused until {}: {why}.", exact(until))
}

fn change<P: Right>(permit: &Permit<P>, item: &Item) -> String {
    match permit.standing.permissions.contains(Permission::BillingManage) {
        true => permit.path_to(&format!("billing/usage#{}", amount_field(item))),
        false => String::new(),
    }
}
