//! When somebody is reminded of an invoice that is not paid, and when the plan ends for it: when it is due, again half-way through
//! the days of grace, and at their end. Nobody loses a plan unreminded: a server that was off gives the time afterwards.

use chrono::TimeDelta;

use super::account::Unpaid;
use super::subscription::Subscription;
use crate::clock::Moment;

/// Reminders before the plan ends.
const REMINDERS: i32 = 2;

/// When the next step is due after so many reminders, the last of them at `now`; none after the end.
pub fn next_reminder(due_at: Moment, reminders: i32, grace_days: i64, now: Moment) -> Option<Moment> {
    match reminders {
        1 => Some((due_at + half(grace_days)).max(now + half(grace_days))),
        REMINDERS => Some((due_at + TimeDelta::days(grace_days)).max(now + rest(grace_days))),
        _ => None,
    }
}

/// Whether no reminder follows after so many.
pub fn is_last(reminders: i32) -> bool {
    reminders >= REMINDERS
}

/// When the plan ends if nobody pays; `reminder_at` is when the next step is due after so many reminders.
pub fn stops_at(due_at: Moment, reminders: i32, reminder_at: Option<Moment>, grace_days: i64) -> Option<Moment> {
    let next = reminder_at?;
    match reminders {
        0 => Some(due_at + TimeDelta::days(grace_days)),
        REMINDERS.. => Some(next),
        _ => Some((due_at + TimeDelta::days(grace_days)).max(next + rest(grace_days))),
    }
}

/// Whether a subscription has ended since an invoice was not paid: at the end of its days of grace, or when Stripe gave up. One that
/// was cancelled ends with its period.
pub fn has_ended_for(unpaid: &Unpaid, subscription: &Subscription, grace_days: i64) -> bool {
    let is_early = |ended_at: &Moment| *ended_at < subscription.period_ends_at && *ended_at >= unpaid.due_at;
    let Some(ended_at) = subscription.ended_at.filter(is_early) else { return false };
    match (unpaid.is_at_stripe, subscription.is_at_stripe()) {
        (true, true) => unpaid.status == "failed" && unpaid.next_attempt_at.is_none(),
        (false, false) => unpaid.reminders > REMINDERS && ended_at >= unpaid.due_at + TimeDelta::days(grace_days),
        _ => false,
    }
}

fn half(grace_days: i64) -> TimeDelta {
    TimeDelta::days(grace_days / 2)
}

fn rest(grace_days: i64) -> TimeDelta {
    TimeDelta::days(grace_days - grace_days / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_loses_a_plan_unreminded() {
        let due = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        let day = |days: i64| due + TimeDelta::days(days);
        // In time.
        assert_eq!(next_reminder(due, 1, 14, due), Some(day(7)));
        assert_eq!(next_reminder(due, 2, 14, day(7)), Some(day(14)));
        assert_eq!(next_reminder(due, 3, 14, day(14)), None);
        assert_eq!(stops_at(due, 1, Some(day(7)), 14), Some(day(14)));
        assert_eq!(stops_at(due, 2, Some(day(14)), 14), Some(day(14)));
        // After a month without a server.
        assert_eq!(next_reminder(due, 1, 14, day(30)), Some(day(37)));
        assert_eq!(stops_at(due, 1, Some(day(37)), 14), Some(day(44)));
        assert_eq!(next_reminder(due, 2, 14, day(37)), Some(day(44)));
        assert_eq!(stops_at(due, 0, None, 14), None);
    }
}
