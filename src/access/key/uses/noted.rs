//! Uses that are not written yet, each with the moment when it is to be.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::super::known::KnownKey;
use crate::access::permission_set::PermissionSet;
use crate::clock::Moment;

/// Uses of one key are gathered for so long, which leaves time to write them within the ten seconds that the last use is
/// exact to.
pub(super) const GATHERED: Duration = Duration::from_secs(8);
/// As long as few keys were used, one statement holds them all, and whoever tries a key sees at once that it was used.
const GATHERED_FEW: Duration = Duration::from_secs(1);
/// So many keys are few.
pub(super) const FEW: usize = 50;
/// Uses that are overdue by more are late.
const LATE: Duration = Duration::from_secs(1);

/// When, and from where.
pub(super) type UseAt = (Moment, Option<IpAddr>);

/// The latest use of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) organization_id: Uuid,
    /// The rotation that made the current secret, as far as requests saw.
    pub(super) rotated_at: Option<Moment>,
    pub(super) current: Option<UseAt>,
    pub(super) previous: Option<UseAt>,
    pub(super) abilities: PermissionSet,
}

impl Use {
    /// From a later rotation on what was the current secret is the previous one.
    pub(super) fn turn_to(&mut self, rotated_at: Option<Moment>) {
        if rotated_at > self.rotated_at {
            self.previous = self.current.take().or(self.previous);
            self.rotated_at = rotated_at;
        }
    }

    /// Adds what happened before: it counts where nothing later is known.
    pub(super) fn add_earlier(&mut self, mut earlier: Use) {
        self.turn_to(earlier.rotated_at);
        earlier.turn_to(self.rotated_at);
        self.current = self.current.or(earlier.current);
        self.previous = self.previous.or(earlier.previous);
        self.abilities = self.abilities.and(earlier.abilities);
    }
}

/// How long the uses of a key are gathered beside those of others. Which of two secrets is still used is watched by who
/// rotates them.
fn gathered_for(others: usize, has_two_secrets: bool) -> Duration {
    if others < FEW || has_two_secrets { GATHERED_FEW } else { GATHERED }
}

/// What was noted and is not written yet.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) uses: HashMap<Uuid, Use>,
    /// When each of those keys is to be written.
    due: BTreeSet<(Instant, Uuid)>,
}

impl Noted {
    pub(super) fn entry(&mut self, key: &KnownKey, now: Moment) -> &mut Use {
        let Noted { uses, due } = self;
        let time = gathered_for(uses.len(), key.has_two_secrets(now));
        uses.entry(key.id).or_insert_with(|| {
            due.insert((Instant::now() + time, key.id));
            let (organization_id, rotated_at) = (key.organization.id, key.rotated_at);
            Use { organization_id, rotated_at, current: None, previous: None, abilities: PermissionSet::default() }
        })
    }

    /// How many are to be written in some time, so that all of them are within the time for which they are gathered.
    pub(super) fn share(&self, time: Duration) -> usize {
        let share = time.min(GATHERED).as_secs_f64() / GATHERED.as_secs_f64();
        (self.uses.len() as f64 * share) as usize
    }

    /// Takes those that are due until a moment, and of the others the next ones where there are fewer than `even`; not more than
    /// `most`.
    pub(super) fn take(&mut self, until: Instant, even: usize, most: usize) -> Vec<(Uuid, Use)> {
        let mut taken = Vec::new();
        while taken.len() < most && self.due.first().is_some_and(|(due, _)| taken.len() < even || *due <= until) {
            taken.extend(self.due.pop_first().and_then(|(_, key_id)| self.uses.remove_entry(&key_id)));
        }
        if self.uses.is_empty() {
            // Gives the room back, too.
            *self = Noted::default();
        }
        taken
    }

    /// Takes back what could not be written.
    pub(super) fn take_back(&mut self, earlier: Vec<(Uuid, Use)>) {
        for (key_id, before) in earlier {
            let Noted { uses, due } = self;
            match uses.entry(key_id) {
                Entry::Occupied(mut later) => later.get_mut().add_earlier(before),
                Entry::Vacant(free) => {
                    due.insert((Instant::now(), key_id));
                    free.insert(before);
                }
            }
        }
    }

    pub(super) fn is_late(&self) -> bool {
        self.due.first().is_some_and(|(due, _)| due.elapsed() > LATE)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn used(rotated_at: Option<Moment>, current: Option<UseAt>, previous: Option<UseAt>) -> Use {
        Use { organization_id: Uuid::nil(), rotated_at, current, previous, abilities: PermissionSet::default() }
    }

    #[test]
    fn a_rotation_makes_the_current_secret_the_previous_one_whichever_use_comes_first() {
        let begun = Moment::default();
        let at = |seconds: i64| begun + TimeDelta::seconds(seconds);
        let [before, after] = [1, 3].map(|seconds| Some((at(seconds), None)));
        let rotated_at = Some(at(2));
        let expected = (rotated_at, after, before);
        let parts = |used: Use| (used.rotated_at, used.current, used.previous);

        let mut turned = used(None, before, None);
        turned.turn_to(rotated_at);
        assert_eq!(parts(turned), (rotated_at, None, before));

        let mut later = used(rotated_at, after, None);
        later.add_earlier(used(None, before, None));
        assert_eq!(parts(later), expected);

        let mut stale = used(None, before, None);
        stale.add_earlier(used(rotated_at, after, None));
        assert_eq!(parts(stale), expected);
    }

    #[test]
    fn uses_are_gathered_longer_where_many_keys_are_used() {
        let times = [(0, false), (FEW - 1, false), (FEW, false), (FEW, true)].map(|(others, two)| gathered_for(others, two));
        assert_eq!(times, [GATHERED_FEW, GATHERED_FEW, GATHERED, GATHERED_FEW]);
    }

    #[test]
    fn whose_time_has_come_is_taken_first_and_what_comes_back_is_due_at_once() {
        let begun = Instant::now();
        let [now, soon, later] = [0, 1, 60].map(|seconds| begun + Duration::from_secs(seconds));
        let mut noted = Noted::default();
        for (number, due) in [(1, later), (2, soon), (3, now)] {
            noted.due.insert((due, Uuid::from_u128(number)));
            noted.uses.insert(Uuid::from_u128(number), used(None, None, None));
        }
        let numbers = |taken: &[(Uuid, Use)]| taken.iter().map(|(id, _)| id.as_u128()).collect::<Vec<_>>();
        let taken = noted.take(soon, 0, 5);
        assert_eq!(numbers(&taken), [3, 2]);
        noted.take_back(taken);
        assert_eq!(noted.take(Instant::now(), 0, 1).len(), 1);
        assert_eq!(numbers(&noted.take(later, 0, 5)).last(), Some(&1));
    }

    #[test]
    fn before_their_time_some_are_taken_so_that_writing_is_even() {
        let mut noted = Noted::default();
        for number in 1..=80 {
            noted.due.insert((Instant::now() + GATHERED, Uuid::from_u128(number)));
            noted.uses.insert(Uuid::from_u128(number), used(None, None, None));
        }
        let shares = [0, 50, 100, 4_000, 8_000, 90_000].map(|time| noted.share(Duration::from_millis(time)));
        assert_eq!(shares, [0, 0, 1, 40, 80, 80]);
        assert_eq!([noted.take(Instant::now(), 7, 5).len(), noted.take(Instant::now(), 2, 5).len()], [5, 2]);
        assert!(noted.take(Instant::now(), 0, 5).is_empty());
    }

    #[test]
    fn what_was_noted_later_counts_more() {
        let [before, after] = [1, 3].map(|seconds| Some((Moment::default() + TimeDelta::seconds(seconds), None)));
        let mut later = used(None, after, None);
        later.add_earlier(used(None, before, before));
        assert_eq!((later.current, later.previous), (after, before));
    }
}
