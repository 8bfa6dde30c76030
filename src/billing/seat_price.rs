//! What the next members cost, in words for who invites them.

use super::account::Billing;
use super::quote::added_seats;
use crate::access::Organization;
use crate::clock::Moment;
use crate::web::words::{count, day, grouped};

/// What inviting costs; empty where members cost nothing by themselves.
pub fn words(billing: &Billing, organization: &Organization, now: Moment) -> String {
    let Some(current) = billing.running().filter(|current| current.is_per_member) else { return String::new() };
    let Some(terms) = current.terms() else { return String::new() };
    let (price, cycle) = (terms.currency.money(terms.unit_amount), terms.cycle.key());
    let until = day(current.period_ends_at);
    if current.is_trial() {
        return format!("Nobody costs anything until the trial ends on {until}; from then on each member is {price} a {cycle}.");
    }
    let paid = (current.seats - organization.active_members - organization.invited_members).max(0);
    let rest = added_seats(current, 1, now).map_or(0, |line| line.amount);
    let rest = terms.currency.money(rest);
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
