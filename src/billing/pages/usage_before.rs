//! What the days and users of a month show that does not count in it: use before a change of plan, before the month began
//! within its first day, or of a plan that ended.

use super::super::account::Billing;
use super::super::queries::settled::InvoicedUse;
use super::super::queries::usage_days::DayRow;
use super::super::usage::{beyond_included, month_of};
use crate::clock::Moment;
use crate::config::Item;
use crate::web::words::{exact, grouped};

/// Use of an item before counting began.
pub(super) struct Before {
    item: String,
    quantity: i64,
    /// When counting began.
    pub at: Moment,
    why: Why,
}

enum Why {
    PlanChanged,
    /// The first day has use before it, as days are whole.
    MonthBegan,
    PlanEnded {
        name: String,
    },
}

/// What does not count of each item; nothing for those where everything does.
pub(super) fn all(billing: &Billing, days: &[DayRow], now: Moment) -> Vec<Before> {
    let mut items: Vec<&str> = days.iter().map(|row| row.item.as_str()).collect();
    items.dedup();
    items.into_iter().filter_map(|item| of_item(item, billing, days, now)).collect()
}

fn of_item(item: &str, billing: &Billing, days: &[DayRow], now: Moment) -> Option<Before> {
    let (begins, _) = month_of(billing.running(), now);
    let of_item = || days.iter().filter(|row| row.item == item);
    let shown: i64 = of_item().map(|row| row.quantity).sum();
    let total = billing.used(item, now);
    let surplus = shown - total.map_or(0, |total| total.quantity);
    let first_day: i64 = of_item().filter(|row| row.day == begins.date_naive()).map(|row| row.quantity).sum();
    let ended = billing.subscription.as_ref().filter(|last| !last.is_running());
    let ended = ended.and_then(|last| Some((last, last.ended_at.filter(|at| *at > begins)?)));
    let (at, quantity, why) = match (total.and_then(|total| total.counted_from), ended) {
        (Some(at), _) => (at, surplus, Why::PlanChanged),
        (None, Some((last, at))) => (at, surplus, Why::PlanEnded { name: last.plan_name.clone() }),
        (None, None) => (begins, surplus.min(first_day), Why::MonthBegan),
    };
    (quantity > 0).then(|| Before { item: item.to_owned(), quantity, at, why })
}

/// Why days and users show more than what counts, and where the rest is charged; empty where they do not.
pub(super) fn words(item: &Item, (billing, days): (&Billing, &[DayRow]), invoiced: &[InvoicedUse], now: Moment) -> String {
    let Some(before) = of_item(&item.key, billing, days, now) else { return String::new() };
    let at = exact(before.at);
    let began = match &before.why {
        Why::PlanChanged => format!("Counting began anew on {at}, with the change of plan."),
        Why::MonthBegan => format!("This month began on {at}."),
        Why::PlanEnded { name } => format!("{name} ended on {at}."),
    };
    let is_pending = billing.pending.iter().any(|line| before.is_settled_by(item, &line.description, line.to));
    let of_it = invoiced.iter().find(|line| before.is_settled_by(item, &line.description, line.to));
    let charged = match (of_it, is_pending) {
        (Some(line), _) => format!("; what of it is to be paid is on the invoice {}", line.number),
        (None, true) => "; what of it is to be paid is on the next invoice".to_owned(),
        (None, false) => ", which do not count here".to_owned(),
    };
    format!("{began} Days and users below also show the {} used before then{charged}.", grouped(before.quantity))
}

impl Before {
    /// Whether a line of an invoice charges it: a month begins when its price was shown, and what was used is charged up to the
    /// click. Stripe tells moments to the second.
    fn is_settled_by(&self, item: &Item, description: &str, to: Moment) -> bool {
        self.item == item.key && to.timestamp() >= self.at.timestamp() && description.contains(&beyond_included(item))
    }
}
