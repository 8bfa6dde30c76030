//! What is owed, in words.

use super::super::account::Unpaid;
use crate::money::Currency;
use crate::web::words::count;

/// What becomes of the time that a plan which ended unpaid would have had.
pub const REST: &str = " What is left of its period is to your credit then.";

/// What the invoice that waits longest comes to.
pub fn money(unpaid: &Unpaid) -> String {
    in_words(unpaid, unpaid.due)
}

fn in_words(unpaid: &Unpaid, minor: i64) -> String {
    Currency::from_code(&unpaid.currency).map(|currency| currency.money(minor).to_string()).unwrap_or_default()
}

/// `€11.90 of R-000001`, `€23.80 of 2 invoices`
pub fn all(unpaid: &Unpaid) -> String {
    let of = if unpaid.count > 1 { count(unpaid.count, "invoice", "invoices") } else { unpaid.number.clone() };
    format!("{} of {of}", in_words(unpaid, unpaid.all_due))
}

/// What is owed besides the invoice that is named; none where it is the only one.
pub fn in_all(unpaid: &Unpaid) -> Option<String> {
    (unpaid.count > 1).then(|| format!("In all, {} are to be paid.", all(unpaid)))
}
