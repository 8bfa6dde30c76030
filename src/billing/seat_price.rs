//! What the next members cost, in words for who invites them: in the plan, and in the modules that are paid for each member.

use super::account::Billing;
use super::quote::added_seats;
use super::subscription::Subscription;
use crate::access::Organization;
use crate::clock::Moment;
use crate::web::words::{count, day, grouped};

/// What inviting costs; empty where members cost nothing by themselves.
pub fn words(billing: &Billing, organization: &Organization, now: Moment) -> String {
    let parts = paid_for_each_member(billing);
    let (Some(current), Some(terms)) = (billing.running(), parts.first().and_then(Subscription::terms)) else {
        return String::new();
    };
    let money = |minor: i64| terms.currency.money(minor);
    let sum = |of: &dyn Fn(&Subscription) -> i64| parts.iter().fold(0_i64, |sum, part| sum.saturating_add(of(part)));
    // A module that was cancelled costs nothing after that.
    let goes_on = |part: &Subscription| part.ends_at_period_end == current.ends_at_period_end;
    let price = sum(&|part| if goes_on(part) { part.unit_amount } else { 0 });
    let (price, cycle) = (money(price), terms.cycle.key());
    let until = day(current.period_ends_at);
    if current.is_trial() {
        return format!("Nobody costs anything until the trial ends on {until}; from then on each member is {price} a {cycle}.");
    }
    let seats = parts.iter().map(|part| part.seats).min().unwrap_or_default();
    let paid = (seats - organization.active_members - organization.invited_members).max(0);
    let rest = money(sum(&|part| added_seats(part, 1, now).map_or(0, |line| line.amount)));
    let each = format!("costs {rest} until {until} and {price} a {cycle} after that, from when they join");
    match paid {
        0 => format!("Each new member {each}."),
        paid => format!(
            "{} paid already; each member beyond {} {each}.",
            count(i64::from(paid), "seat is", "seats are"),
            if paid == 1 { "that".to_owned() } else { format!("those {}", grouped(i64::from(paid))) }
        ),
    }
}

/// The plan and the modules whose price is for each member, each as a subscription.
fn paid_for_each_member(billing: &Billing) -> Vec<Subscription> {
    let Some(current) = billing.running() else { return Vec::new() };
    let modules = billing.modules.iter().map(|module| module.within(current));
    std::iter::once(current.clone()).chain(modules).filter(|part| part.is_per_member).collect()
}
