//! Metered use: which month of an organization it belongs to, and what is to be paid of it.

use chrono::{Datelike, Months, NaiveTime, TimeDelta};
use serde::Deserialize;

use super::quote::Line;
use super::subscription::{Subscription, period_end};
use crate::clock::Moment;
use crate::config::{Cycle, Item, Plan};
use crate::money::{Currency, share};

/// The month in which use is counted at a moment: of the subscription, by whole months from its anchor, else of the calendar
/// (UTC).
pub fn month_of(running: Option<&Subscription>, at: Moment) -> (Moment, Moment) {
    let anchor = running.map_or_else(|| first_of_month(at), |subscription| subscription.anchor_at);
    if at < anchor {
        return month_before(anchor, at);
    }
    let ends = period_end(anchor, at, Cycle::Month);
    let mut starts = anchor;
    // The last whole month after the anchor that has begun.
    while period_end(anchor, starts, Cycle::Month) < ends {
        starts = period_end(anchor, starts, Cycle::Month);
    }
    (starts, ends)
}

/// The same where the anchor lies ahead, as in a trial at Stripe: so many whole months before it.
fn month_before(anchor: Moment, at: Moment) -> (Moment, Moment) {
    let mut ends = anchor;
    for months in 1.. {
        let starts = anchor.checked_sub_months(Months::new(months)).unwrap_or(Moment::MIN_UTC);
        if starts <= at {
            return (starts, ends);
        }
        ends = starts;
    }
    (at, ends)
}

fn first_of_month(at: Moment) -> Moment {
    at.date_naive().with_day(1).unwrap_or(at.date_naive()).and_time(NaiveTime::MIN).and_utc()
}

/// How long a report is known by its name.
pub const REPORTS_KEPT: TimeDelta = TimeDelta::days(60);

/// Use of an item in a month.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Total {
    pub item: String,
    pub starts_at: Moment,
    pub ends_at: Moment,
    pub quantity: i64,
    /// Up to which part of the limit somebody was warned.
    #[serde(default)]
    pub warned_percent: i16,
    /// Since when it counts, where what was used earlier in the month is charged already.
    #[serde(default)]
    pub counted_from: Option<Moment>,
}

impl Total {
    /// Whether all of it was used after a plan that was cancelled was over, though its end may not be written down yet.
    pub fn is_after_end_of(&self, subscription: &Subscription) -> bool {
        subscription.ends_at_period_end && subscription.period_ends_at <= self.starts_at
    }
}

/// What an organization wants to spend on an item a month at most.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SpendingLimit {
    pub item: String,
    /// In minor units, without VAT; 0: nothing beyond what is included.
    pub amount: i64,
    pub currency: String,
    /// Whether the product is told to stop when it is reached.
    pub stops: bool,
}

/// Parts of a limit at which somebody is warned, in percent.
const WARNINGS: [i64; 3] = [100, 80, 50];

/// How much of a limit is reached, in percent: of the money, or of what is included where nothing more is to be spent. Where the
/// plan is not paid nothing is spent.
pub fn reached(limit: &SpendingLimit, (plan, is_paid): (&Plan, bool), item: &Item, total: &Total) -> i64 {
    let currency = Currency::from_code(&limit.currency).filter(|_| is_paid);
    let spent = currency.and_then(|currency| charge(plan, item, currency, total));
    let (part, whole) = match limit.amount {
        0 => (total.quantity, plan.included(&item.key)),
        amount => (spent.map_or(0, |line| line.amount), amount),
    };
    match whole {
        0 => 100,
        whole => i64::try_from(i128::from(part) * 100 / i128::from(whole)).unwrap_or(i64::MAX),
    }
}

/// The warning that is due at so many percent, unless it was given.
pub fn warning(percent: i64, warned_percent: i16) -> Option<i16> {
    let due = WARNINGS.into_iter().find(|warning| percent >= *warning)?;
    i16::try_from(due).ok().filter(|due| *due > warned_percent)
}

/// What a line that charges an item says of it.
pub fn beyond_included(item: &Item) -> String {
    format!("{} beyond what is included", item.name)
}

/// What use beyond the included amount costs; none where nothing is to be paid.
pub fn charge(plan: &Plan, item: &Item, currency: Currency, total: &Total) -> Option<Line> {
    let beyond = total.quantity - plan.included(&item.key);
    let price = plan.price_of_use(&item.key, currency).filter(|_| beyond > 0)?;
    let per = crate::web::words::grouped(item.per);
    let unit = if item.per == 1 { String::new() } else { format!(", for {per} each") };
    let (description, amount) = (beyond_included(item) + &unit, share(price, beyond, item.per));
    let (from, to) = (total.counted_from.unwrap_or(total.starts_at), total.ends_at);
    let line = Line { description, quantity: 1, unit_amount: amount, amount, vat_basis_points: None, from, to };
    Some(match i32::try_from(beyond) {
        Ok(quantity) => Line { quantity, unit_amount: price, ..line },
        // More than the column of quantities has room for.
        Err(_) => Line { description: format!("{} {}", crate::web::words::grouped(beyond), line.description), ..line },
    })
}

/// Whether use of an item beyond what a plan includes has a price, so that an amount can be reached.
pub fn is_priced(plan: &Plan, item: &Item, currency: Option<Currency>) -> bool {
    currency.and_then(|currency| plan.price_of_use(&item.key, currency)).is_some_and(|price| price > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::subscription::{Status, Terms};
    use crate::config::Plans;

    fn at(text: &str) -> Moment {
        format!("{text}:00Z").parse().unwrap()
    }

    #[test]
    fn use_is_counted_by_the_month_of_the_subscription_or_of_the_calendar() {
        assert_eq!(month_of(None, at("2027-02-14T12:00")), (at("2027-02-01T00:00"), at("2027-03-01T00:00")));
        let plans = Plans::default();
        let euro = Currency::from_code("EUR").unwrap();
        let terms = Terms::of(plans.of("team"), euro, Cycle::Year).unwrap();
        let begun = Subscription::begun(&terms, 1, Status::Active, (at("2027-01-31T10:00"), at("2028-01-31T10:00")));
        let month = |moment: &str| month_of(Some(&begun), at(moment));
        assert_eq!(month("2027-01-31T10:00"), (at("2027-01-31T10:00"), at("2027-02-28T10:00")));
        assert_eq!(month("2027-03-01T00:00"), (at("2027-02-28T10:00"), at("2027-03-31T10:00")));
        assert_eq!(month("2027-03-31T10:00"), (at("2027-03-31T10:00"), at("2027-04-30T10:00")));
    }

    #[test]
    fn a_month_is_the_same_at_each_moment_also_before_an_anchor_that_lies_ahead() {
        let plans = Plans::default();
        let euro = Currency::from_code("EUR").unwrap();
        let terms = Terms::of(plans.of("team"), euro, Cycle::Month).unwrap();
        let month = |anchor: &str, moment: &str| {
            let trial = Subscription::begun(&terms, 1, Status::Trialing, (at("2027-03-05T10:00"), at(anchor)));
            month_of(Some(&Subscription { anchor_at: at(anchor), ..trial }), at(moment))
        };
        let all = (at("2027-02-19T10:00"), at("2027-03-19T10:00"));
        for moment in ["2027-03-05T10:00", "2027-03-05T10:01", "2027-03-10T00:00", "2027-03-19T09:59", "2027-02-19T10:00"] {
            assert_eq!(month("2027-03-19T10:00", moment), all, "{moment}");
        }
        assert_eq!(month("2027-03-19T10:00", "2027-03-19T10:00"), (at("2027-03-19T10:00"), at("2027-04-19T10:00")));
        // By the 31st, more than a month ahead.
        let short = (at("2027-02-28T10:00"), at("2027-03-31T10:00"));
        assert_eq!(
            [month("2027-05-31T10:00", "2027-02-28T10:00"), month("2027-05-31T10:00", "2027-03-31T09:59")],
            [short, short]
        );
        assert_eq!(month("2027-05-31T10:00", "2027-02-28T09:59"), (at("2027-01-31T10:00"), at("2027-02-28T10:00")));
    }

    #[test]
    fn only_what_is_beyond_the_included_amount_is_charged() {
        let plans = Plans::default();
        let (item, euro) = (plans.item("credits").unwrap(), Currency::from_code("EUR").unwrap());
        let total = |quantity| Total {
            item: "credits".to_owned(),
            starts_at: at("2027-01-01T00:00"),
            ends_at: at("2027-02-01T00:00"),
            quantity,
            warned_percent: 0,
            counted_from: None,
        };
        let amount = |plan: &str, quantity| charge(plans.of(plan), item, euro, &total(quantity)).map(|line| line.amount);
        assert_eq!(amount("team", 10_000), None);
        assert_eq!(amount("team", 11_500), Some(750), "€5.00 for 1,000");
        assert_eq!(amount("team", 10_001), Some(1), "half a cent");
        assert_eq!(amount("free", 5_000), None, "without a price nothing is charged");
        let most = charge(plans.of("team"), item, euro, &total(3_000_010_000)).unwrap();
        let words = "3,000,000,000 Credits beyond what is included, for 1,000 each";
        assert_eq!((most.description.as_str(), most.quantity, most.amount), (words, 1, 1_500_000_000));
        let limit = |amount| SpendingLimit { item: "credits".to_owned(), amount, currency: "EUR".to_owned(), stops: true };
        let part = |amount, quantity| reached(&limit(amount), (plans.of("team"), true), item, &total(quantity));
        let on_trial = reached(&limit(1_000), (plans.of("team"), false), item, &total(50_000));
        assert_eq!(on_trial, 0, "nobody pays for it");
        assert_eq!([part(1_000, 10_000), part(1_000, 11_000), part(1_000, 12_000)], [0, 50, 100]);
        assert_eq!([part(0, 5_000), part(0, 10_000)], [50, 100], "nothing beyond what is included");
        assert_eq!([warning(49, 0), warning(50, 0), warning(79, 50), warning(230, 50)], [None, Some(50), None, Some(100)]);
    }
}
