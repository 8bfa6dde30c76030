//! When a mail that was not taken is tried again: after 1, 2, 4 … minutes, over 24 hours in all.

use chrono::TimeDelta;

const DAY: TimeDelta = TimeDelta::hours(24);
/// Greylisting servers want a sender to come back, but not before this.
const GREYLISTED: TimeDelta = TimeDelta::minutes(5);
/// The first and the longest rest of the queue while the server is away.
const FIRST_REST: TimeDelta = TimeDelta::seconds(5);
const LONGEST_REST: TimeDelta = TimeDelta::minutes(5);

/// The wait after so many refusals (1 for the first); `None` when a day of trying is over. `jitter` from 0 to 1 spreads
/// mails that were refused together.
pub(super) fn wait_after(refusals: i32, greylisted: bool, jitter: f64) -> Option<TimeDelta> {
    let waited = before(refusals - 1);
    if refusals < 1 || waited >= DAY {
        return None;
    }
    let wait = before(refusals).min(DAY) - waited;
    let wait = if greylisted { wait.max(GREYLISTED) } else { wait };
    Some(spread(wait, jitter))
}

/// The rest of the whole queue after so many troubles in a row that are the server's, not the mail's.
pub(super) fn rest_after(troubles: u32, jitter: f64) -> TimeDelta {
    let doubled = FIRST_REST * (1 << troubles.saturating_sub(1).min(10));
    spread(doubled.min(LONGEST_REST), jitter)
}

/// The sum of the first so many waits: 2ⁿ − 1 minutes.
fn before(refusals: i32) -> TimeDelta {
    TimeDelta::minutes((1 << refusals.clamp(0, 20)) - 1)
}

/// Up to a fifth more.
fn spread(wait: TimeDelta, jitter: f64) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "a fifth of a day in milliseconds")]
    let extra = (wait.num_milliseconds() as f64 * jitter.clamp(0.0, 1.0) / 5.0) as i64;
    wait + TimeDelta::milliseconds(extra)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_after_a_day() {
        let waits: Vec<i64> = (1..).map_while(|n| wait_after(n, false, 0.0)).map(|wait| wait.num_minutes()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 417]);
        assert_eq!(waits.iter().sum::<i64>(), 24 * 60);
    }

    #[test]
    fn a_greylisting_server_is_not_asked_again_before_five_minutes() {
        assert_eq!(wait_after(1, true, 0.0), Some(TimeDelta::minutes(5)));
        assert_eq!(wait_after(4, true, 0.0), Some(TimeDelta::minutes(8)));
    }

    #[test]
    fn jitter_only_lengthens_a_wait_and_by_a_fifth_at_most() {
        assert_eq!(wait_after(1, false, 1.0), Some(TimeDelta::seconds(72)));
        assert_eq!(wait_after(1, true, 1.0), Some(TimeDelta::minutes(6)));
    }

    #[test]
    fn the_queue_rests_longer_and_longer_but_never_long() {
        let rests: Vec<i64> = [1, 2, 3, 7, 100].map(|troubles| rest_after(troubles, 0.0).num_seconds()).to_vec();
        assert_eq!(rests, [5, 10, 20, 300, 300]);
    }
}
