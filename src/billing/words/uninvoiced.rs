//! What stands on no invoice yet, in words: members who joined, and use beyond what is included.

use super::super::account::Billing;
use super::super::quote::Line;
use super::super::subscription::Subscription;
use super::super::usage::{Total, charge, is_priced};
use crate::config::Plans;
use crate::money::Currency;
use crate::web::words::day;

/// What was used beyond the included amount since it was charged last; within a trial it costs nothing.
pub fn use_so_far(billing: &Billing, plans: &Plans) -> i64 {
    let paid = billing.running().filter(|current| !current.is_trial());
    let Some((paid, terms)) = paid.and_then(|paid| Some((paid, paid.terms()?))) else { return 0 };
    let line = |total: &Total| charge(plans.of(&paid.plan), plans.item(&total.item)?, terms.currency, total);
    sum(billing.usage.iter().filter_map(line))
}

fn sum(lines: impl Iterator<Item = Line>) -> i64 {
    lines.fold(0, |sum, line| sum.saturating_add(line.amount))
}

/// `€5.00 for members who joined since and €12.50 for use beyond what was included`; empty where there is neither. `used` is
/// what comes on top of the use that stands on the next invoice.
fn parts(billing: &Billing, currency: Currency, used: i64) -> String {
    let (joined, settled): (Vec<Line>, Vec<Line>) = billing.pending.iter().cloned().partition(Line::is_for_joined);
    let joined = sum(joined.into_iter());
    let used = sum(settled.into_iter()).saturating_add(used);
    let part = |amount: i64, what: &str| (amount > 0).then(|| format!("{} for {what}", currency.money(amount)));
    let parts = [part(joined, "members who joined since"), part(used, "use beyond what was included")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// What stands on the next invoice already; empty for nothing.
pub fn on_next_invoice(billing: &Billing, currency: Currency) -> String {
    let parts = parts(billing, currency, 0);
    if parts.is_empty() { parts } else { format!("{parts} stand on the next invoice, without VAT.") }
}

/// What is invoiced all the same when a plan is cancelled; none where nothing can be.
pub fn at_the_end(billing: &Billing, current: &Subscription, plans: &Plans) -> Option<String> {
    let currency = current.terms()?.currency;
    let plan = plans.of(&current.plan);
    let costs = !current.is_trial() && plans.items.iter().any(|item| is_priced(plan, item, Some(currency)));
    let (parts, at) = (parts(billing, currency, use_so_far(billing, plans)), day(current.period_ends_at));
    match (parts.is_empty(), costs) {
        (true, false) => None,
        (true, true) => Some(format!("What is used beyond what is included until {at} is still invoiced.")),
        (false, false) => Some(format!("Still to be invoiced, by {at}: {parts} so far, without VAT.")),
        (false, true) => {
            let more = "what is used beyond what is included until then comes on top";
            Some(format!("Still to be invoiced, by {at}: {parts} so far, without VAT; {more}."))
        }
    }
}
