//! Words for times and numbers.

use chrono::{Datelike, SecondsFormat, TimeDelta, Timelike};

use crate::clock::Moment;
pub use crate::money::grouped;

/// A time as pages show it: `<time datetime="{iso}" title="{exact}">{relative}</time>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeWords {
    pub iso: String,
    pub exact: String,
    pub relative: String,
}

impl TimeWords {
    pub fn new(moment: Moment, now: Moment) -> TimeWords {
        TimeWords {
            iso: moment.to_rfc3339_opts(SecondsFormat::Secs, true),
            exact: exact(moment),
            relative: relative(moment, now),
        }
    }
}

/// `22 November 2026, 14:02 UTC`
pub fn exact(moment: Moment) -> String {
    // Put together by hand: a list shows a hundred times, and patterns are read anew for each.
    format!("{}, {:02}:{:02} UTC", day(moment), moment.hour(), moment.minute())
}

/// `22 November 2026`
pub fn day(moment: Moment) -> String {
    format!("{} {} {}", moment.day(), month(moment), moment.year())
}

fn month(moment: Moment) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(moment.month0()).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default()
}

/// `3 hours ago`, `in 14 days`, and past a month the date.
pub fn relative(moment: Moment, now: Moment) -> String {
    // Clocks step back by a little: what has just happened is not to come.
    let ahead = moment > now + TimeDelta::seconds(2);
    let distance = (moment - now).abs();
    if distance >= TimeDelta::days(31) {
        let this_year = moment.year() == now.year();
        return if this_year { format!("{} {}", moment.day(), month(moment)) } else { day(moment) };
    }
    let Some(span) = span(distance) else { return if ahead { "in a moment".to_owned() } else { "just now".to_owned() } };
    if ahead { format!("in {span}") } else { format!("{span} ago") }
}

fn span(distance: TimeDelta) -> Option<String> {
    // Half up, so that an invitation sent this second is valid for "14 days" and not for 13.
    let minutes = (distance.num_seconds() + 30) / 60;
    let hours = (minutes + 30) / 60;
    let days = (hours + 12) / 24;
    match (days, hours, minutes) {
        (_, _, 0) => None,
        (_, 0..=1, 1..=59) => Some(count(minutes, "minute", "minutes")),
        (_, 0..=23, _) => Some(count(hours, "hour", "hours")),
        _ => Some(count(days, "day", "days")),
    }
}

/// `1 hour`, `24 hours`, `7 days`
pub fn hours(hours: i64) -> String {
    if hours > 24 && hours % 24 == 0 { count(hours / 24, "day", "days") } else { count(hours, "hour", "hours") }
}

/// `1 person`, `12 people`, `1,200 people`
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let now = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        let ago = |seconds| relative(now - TimeDelta::seconds(seconds), now);
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(3 * 3600), "3 hours ago");
        assert_eq!(ago(2 * 86_400), "2 days ago");
        assert_eq!(relative(now + TimeDelta::days(14) - TimeDelta::seconds(1), now), "in 14 days");
        assert_eq!(ago(40 * 86_400), "6 December 2026");
        assert_eq!(ago(14 * 86_400 + 31 * 86_400), "1 December 2026");
        assert_eq!(relative(now + TimeDelta::days(60), now), "16 March");
        let words = TimeWords::new(now, now);
        assert_eq!((words.iso.as_str(), words.exact.as_str()), ("2027-01-15T08:00:00Z", "15 January 2027, 08:00 UTC"));
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(count(1, "person", "people"), "1 person");
    }
}
