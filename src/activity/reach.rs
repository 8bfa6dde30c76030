//! How far back the plan of an organization shows its log. What is older stays in the database: on a plan that shows more
//! it is there again.

use chrono::TimeDelta;

use crate::access::OrgConn;
use crate::clock::Moment;

/// The days of a log that are shown. Every statement on the log asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// None where everything is shown.
    pub days: Option<i64>,
    since: Moment,
}

impl Reach {
    /// That of an organization by the key of its plan, at the time of the transaction.
    pub fn of(org: &OrgConn<'_>, plan: &str) -> Reach {
        Reach::at(org.plans().of(plan).activity_days, org.now())
    }

    fn at(days: Option<i64>, now: Moment) -> Reach {
        let since = days.and_then(TimeDelta::try_days).and_then(|days| now.checked_sub_signed(days));
        // There is no log from before 1970.
        Reach { days, since: since.unwrap_or(Moment::UNIX_EPOCH).max(Moment::UNIX_EPOCH) }
    }

    /// The first moment that is shown.
    pub fn since(&self) -> Moment {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_back_by_whole_days_and_without_a_number_to_the_beginning() {
        let now = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(Reach::at(Some(90), now).since(), now - TimeDelta::days(90));
        for days in [None, Some(36_500), Some(i64::MAX)] {
            assert_eq!(Reach::at(days, now).since(), Moment::UNIX_EPOCH, "{days:?}");
        }
    }
}
