//! What the next members cost, in words for who invites them: in the plan, and in the modules that are paid for each member, now
//! and in the next period, which may be another plan's or none.

use super::account::Billing;
use super::modules::{Passage, into_period, passages};
use super::quote::added_seats;
use super::subscription::Subscription;
use crate::access::Organization;
use crate::clock::Moment;
use crate::config::Plans;
use crate::web::words::{count, day, grouped};

/// What inviting costs; empty where members cost nothing by themselves, now and later.
pub fn words(billing: &Billing, organization: &Organization, plans: &Plans, now: Moment) -> String {
    let Some((current, terms)) = billing.running().and_then(|current| Some((current, current.terms()?))) else {
        return String::new();
    };
    let parts = paid_for_each_member(billing, current);
    let (plan, until) = (&current.plan_name, day(current.period_ends_at));
    let after = next_price(billing, current, plans);
    if parts.is_empty() && after.as_ref().is_none_or(String::is_empty) {
        return String::new();
    }
    let ends = format!("{plan} ends then, and {} is your plan: members cost nothing there.", plans.free().name);
    let later = after.as_ref().map(|price| if price.is_empty() { "nothing" } else { price });
    if current.is_trial() || parts.is_empty() {
        let free = if current.is_trial() { "until the trial ends on" } else { "by themselves until" };
        return match later {
            Some(price) => format!("Nobody costs anything {free} {until}; from then on each member is {price}, without VAT."),
            None => format!("Nobody costs anything {free} {until}. {ends}"),
        };
    }
    let sum = |of: &dyn Fn(&Subscription) -> i64| parts.iter().fold(0_i64, |sum, part| sum.saturating_add(of(part)));
    let rest = terms.currency.money(sum(&|part| added_seats(part, 1, now).map_or(0, |line| line.amount)));
    let seats = parts.iter().map(|part| part.seats).min().unwrap_or_default();
    let who = each((seats - organization.active_members - organization.invited_members).max(0));
    match later {
        Some(price) => format!("{who} costs {rest} until {until} and {price} after that, without VAT, from when they join."),
        None => format!("{who} costs {rest} until {until}, without VAT, from when they join. {ends}"),
    }
}

/// Who costs something, where so many seats are paid and free.
fn each(paid: i32) -> String {
    match paid {
        0 => "Each new member".to_owned(),
        paid => format!(
            "{} paid already; each member beyond {}",
            count(i64::from(paid), "seat is", "seats are"),
            if paid == 1 { "that".to_owned() } else { format!("those {}", grouped(i64::from(paid))) }
        ),
    }
}

/// The plan and the modules whose price is for each member, each as a subscription.
fn paid_for_each_member(billing: &Billing, current: &Subscription) -> Vec<Subscription> {
    let modules = billing.modules.iter().map(|module| module.within(current));
    std::iter::once(current.clone()).chain(modules).filter(|part| part.is_per_member).collect()
}

/// What a member costs in the next period, `€13.00 a month`, empty for nothing; none where the plan ends with this one.
fn next_price(billing: &Billing, current: &Subscription, plans: &Plans) -> Option<String> {
    let next = current.next_terms(plans).filter(|_| !current.ends_at_period_end)?;
    let passages = into_period(&passages(&billing.modules, Some(current), (plans.of(&next.plan), &next), plans));
    let going_on = std::iter::once(&next).chain(passages.iter().filter_map(Passage::goes_on));
    let price = going_on.filter(|part| part.is_per_member).fold(0_i64, |sum, part| sum.saturating_add(part.unit_amount));
    Some(if price > 0 { format!("{} a {}", next.currency.money(price), next.cycle.key()) } else { String::new() })
}
