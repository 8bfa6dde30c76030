//! What the next members cost, in words for who invites them: in the plan, and in the modules that are paid for each member, now
//! and in the next period, which may be another plan's or none.

use super::account::Billing;
use super::modules::{Passage, into_period, passages};
use super::quote::added_seats;
use super::subscription::Subscription;
use crate::access::Organization;
use crate::clock::Moment;
use crate::config::Plans;
use crate::money::Currency;
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
    let taken = organization.active_members + organization.invited_members;
    let who = who_costs(&steps(&parts, taken, now), terms.currency);
    match later {
        Some(price) => format!("{who} until {until} and {price} after that, without VAT, from when they join."),
        None => format!("{who} until {until}, without VAT, from when they join. {ends}"),
    }
}

/// From which of the next members on each costs how much for the rest of the period: `(2, 300)` from the third. The plan and its
/// modules may have other numbers of seats that are paid and free.
fn steps(parts: &[Subscription], taken: i32, now: Moment) -> Vec<(i32, i64)> {
    let mut free: Vec<(i32, i64)> = parts.iter().map(|part| ((part.seats - taken).max(0), price_of_seat(part, now))).collect();
    free.sort_unstable();
    let mut steps: Vec<(i32, i64)> = Vec::new();
    let mut sum = 0_i64;
    for (from, price) in free {
        sum = sum.saturating_add(price);
        match steps.last_mut().filter(|last| last.0 == from) {
            Some(last) => last.1 = sum,
            None => steps.push((from, sum)),
        }
    }
    steps
}

fn price_of_seat(part: &Subscription, now: Moment) -> i64 {
    added_seats(part, 1, now).map_or(0, |line| line.amount)
}

/// `Each new member costs €10.00`, `1 seat is paid already; the next 2 members cost €3.00 each, and each member beyond costs €13.00`
fn who_costs(steps: &[(i32, i64)], currency: Currency) -> String {
    let (Some((first, _)), Some((last, price))) = (steps.first(), steps.last()) else { return String::new() };
    let price = currency.money(*price);
    let paid = match first {
        0 => String::new(),
        paid => format!("{} paid already; ", count(i64::from(*paid), "seat is", "seats are")),
    };
    if first == last {
        return match first {
            0 => format!("Each new member costs {price}"),
            1 => format!("{paid}each member beyond that costs {price}"),
            many => format!("{paid}each member beyond those {} costs {price}", grouped(i64::from(*many))),
        };
    }
    let next: Vec<String> = steps.iter().zip(steps.iter().skip(1)).map(|(from, to)| next(from, to.0, currency)).collect();
    let the = if paid.is_empty() { "The" } else { "the" };
    format!("{paid}{the} {}, and each member beyond costs {price}", next.join(", the "))
}

fn next((from, price): &(i32, i64), to: i32, currency: Currency) -> String {
    let price = currency.money(*price);
    match to - from {
        1 => format!("next member costs {price}"),
        many => format!("next {} members cost {price} each", grouped(i64::from(many))),
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
