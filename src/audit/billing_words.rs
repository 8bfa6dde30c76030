//! Sentences on billing that take more than a line.

use crate::clock::Moment;
use crate::web::words;

pub(super) fn ended(plan: &str, is_unpaid: bool) -> String {
    format!("ended the plan {plan}{}", if is_unpaid { ", since an invoice was not paid" } else { "" })
}

pub(super) fn cycle_planned(plan: &str, cycle: &str, at: Moment) -> String {
    format!("planned to pay for the plan {plan} by the {cycle} from {} on", words::day(at))
}

pub(super) fn tried(from: &str, to: &str, until: Moment) -> String {
    format!("changed the plan from {from} to {to}, on trial until {}", words::day(until))
}

pub(super) fn seats_added(seats: i32, amount: &str) -> String {
    format!("added {} to the plan: {amount} on the next invoice", words::count(i64::from(seats), "seat", "seats"))
}

pub(super) fn other_charged(what: &[String]) -> String {
    let opens = if what.len() == 1 { "opens" } else { "open" };
    format!("noted that Stripe charges for {}, which {opens} nothing here", what.join(" and "))
}

/// What is below zero is given back.
pub(super) fn issued(number: &str, amount: &str) -> String {
    match amount.strip_prefix('−') {
        Some(credit) => format!("issued the credit note {number} over {credit}"),
        None => format!("issued the invoice {number} over {amount}"),
    }
}

pub(super) fn failed(number: &str, again: Option<Moment>, is_at_bank: bool) -> String {
    match again {
        Some(at) if is_at_bank => format!("{}; it is tried again on {}", waits(number), words::day(at)),
        None if is_at_bank => waits(number),
        Some(at) => format!("could not collect the invoice {number}, and tries again on {}", words::day(at)),
        None => format!("could not collect the invoice {number}"),
    }
}

/// How the sentence on what the console set back ends.
const SET_BACK: &str = " at Stripe back to what stands here";

pub(super) fn set_back(what: &[String]) -> String {
    format!("set {}{SET_BACK}", what.join(" and "))
}

/// Whether a sentence tells of what the console set back.
pub fn is_set_back(sentence: &str) -> bool {
    sentence.ends_with(SET_BACK)
}

fn waits(number: &str) -> String {
    format!("noted that the payment of the invoice {number} waits for the bank's confirmation")
}

pub(super) fn limited(item: &str, limit: &str, stops: bool) -> String {
    if limit.is_empty() {
        return format!("took the spending limit of {item} away");
    }
    // An amount in words, also in events of before: nothing has no other digit than 0.
    let is_nothing = !limit.contains(|c| ('1'..='9').contains(&c));
    let limit = if is_nothing { "nothing beyond what is included".to_owned() } else { format!("{limit} a month") };
    format!("set the spending limit of {item} to {limit}{}", if stops { ", at which it stops" } else { "" })
}

pub(super) fn warned(item: &str, percent: i16, spent: &str, until: Option<Moment>, stops: bool) -> String {
    let spent = if spent.is_empty() { String::new() } else { format!(": {spent}") };
    let until = until.map(|at| format!("; its use is refused until {}", words::day(at))).unwrap_or_default();
    let goes_on = if percent >= 100 { "; its use goes on" } else { "" };
    match stops {
        true => format!("stopped {item}, whose limit is reached{spent}{until}"),
        false => format!("warned that {percent} % of the limit of {item} are reached{spent}{goes_on}"),
    }
}
