//! Billing periods: from an anchor in steps of days, weeks, months or years. A month without the anchor's day ends the period on its
//! last day, and the next one is again on the anchor's day.

use chrono::{DateTime, Months};

/// A price's `recurring`: how long one period is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// `day`, `week`, `month` or `year`.
    pub unit: String,
    /// How many units.
    pub count: i64,
}

/// One day in seconds.
pub const DAY: i64 = 86_400;

impl Interval {
    /// The boundary that is `steps` periods after the anchor (before it, if negative).
    fn boundary(&self, anchor: i64, steps: i64) -> i64 {
        let count = self.count * steps;
        match self.unit.as_str() {
            "day" => anchor + count * DAY,
            "week" => anchor + count * 7 * DAY,
            "year" => plus_months(anchor, count * 12),
            _ => plus_months(anchor, count),
        }
    }

    /// The first boundary after a moment.
    pub fn next(&self, anchor: i64, moment: i64) -> i64 {
        let mut steps = (moment - anchor) / self.longest();
        while self.boundary(anchor, steps) > moment {
            steps -= 1;
        }
        while self.boundary(anchor, steps) <= moment {
            steps += 1;
        }
        self.boundary(anchor, steps)
    }

    /// The last boundary before a moment.
    pub fn previous(&self, anchor: i64, moment: i64) -> i64 {
        let mut steps = (moment - anchor) / self.longest() + 1;
        while self.boundary(anchor, steps) < moment {
            steps += 1;
        }
        while self.boundary(anchor, steps) >= moment {
            steps -= 1;
        }
        self.boundary(anchor, steps)
    }

    fn longest(&self) -> i64 {
        let days = match self.unit.as_str() {
            "day" => 1,
            "week" => 7,
            "year" => 366,
            _ => 31,
        };
        days * self.count * DAY
    }
}

/// A day as Stripe writes it in line items: `05 Nov 2026`.
pub fn day(moment: i64) -> String {
    date(moment).format("%d %b %Y").to_string()
}

fn plus_months(moment: i64, months: i64) -> i64 {
    let size = Months::new(u32::try_from(months.unsigned_abs()).expect("a few thousand months at most"));
    let moved = if months < 0 { date(moment) - size } else { date(moment) + size };
    moved.timestamp()
}

fn date(moment: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(moment, 0).expect("a moment within chrono's range")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_keep_the_anchors_day() {
        let month = Interval { unit: "month".to_owned(), count: 1 };
        let anchor = 1_769_817_600; // 31 Jan 2026
        let february = month.next(anchor, anchor);
        let march = month.next(anchor, february);
        assert_eq!((day(february), day(march)), ("28 Feb 2026".to_owned(), "31 Mar 2026".to_owned()));
        assert_eq!(month.previous(anchor, march), february);
        assert_eq!(day(month.previous(anchor, anchor)), "31 Dec 2025");
    }

    #[test]
    fn a_boundary_is_strictly_after() {
        for unit in ["day", "week", "month", "year"] {
            let interval = Interval { unit: unit.to_owned(), count: 2 };
            let mut moment = 1_700_000_000;
            for _ in 0..30 {
                let next = interval.next(1_700_000_000, moment);
                assert!(next > moment);
                assert_eq!(interval.previous(1_700_000_000, next), moment);
                moment = next;
            }
        }
    }
}
