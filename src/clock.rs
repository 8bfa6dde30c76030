//! The time that the console lives by. Every node asks the database once a minute how far their clocks are apart, so
//! that several nodes agree on what has expired; tests move it forward. Nothing else calls the system clock: functions
//! take `now`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A moment in UTC, in whole microseconds as Postgres keeps them.
pub type Moment = DateTime<Utc>;

/// The clock of one server. Clones share the same offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    database_ahead: Arc<AtomicI64>,
    travelled: Arc<AtomicI64>,
}

impl Clock {
    /// Now, by the database's clock as last compared.
    pub fn now(&self) -> Moment {
        let offset = self.database_ahead.load(Ordering::Relaxed) + self.travelled.load(Ordering::Relaxed);
        (Utc::now() + TimeDelta::microseconds(offset)).trunc_subsecs(6)
    }

    /// Takes over the database's time, as read just now.
    pub fn follow(&self, database: Moment) {
        let ahead = (database - Utc::now()).num_microseconds().unwrap_or(0);
        self.database_ahead.store(ahead, Ordering::Relaxed);
    }

    /// Moves this clock forward, for tests.
    pub fn travel(&self, by: TimeDelta) {
        self.travelled.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}
