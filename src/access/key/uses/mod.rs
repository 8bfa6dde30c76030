//! When, whence and for what keys are used: gathered in memory and written some seconds later, many in one statement, so that
//! no request waits for it and a key in constant use is written seldom.

mod noted;
mod statements;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::super::permission_set::AnyPermission;
use super::known::{KnownKey, Secret};
use crate::config::ProductPermissions;
use crate::db::{Db, Scope};
use crate::error::Result;
use noted::{GATHERED, Noted, Use};

/// How often is looked whose time has come: a little at a time, so that no request meets much of it.
const TICK: Duration = Duration::from_millis(100);
/// Keys of one statement: whoever asks meanwhile waits for no longer than it takes.
const AT_ONCE: usize = noted::FEW;
/// Keys of one statement where it has to be done soon.
const AT_ONCE_LATE: usize = 500;
const LONGEST_REST: Duration = Duration::from_millis(20);
const REST_AFTER_ERROR: Duration = Duration::from_secs(1);
/// When so many keys were used they are written before their time. Past twice as many, which takes a database that reads and
/// does not write, the uses of others are forgotten.
const MOST: usize = 200_000;

#[derive(Clone)]
pub struct Uses {
    db: Db,
    noted: Arc<Mutex<Noted>>,
    full: Arc<Notify>,
}

/// The task that writes uses down.
pub struct Writer {
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Writer {
    pub fn start(uses: &Uses) -> Writer {
        let stop = Arc::<Notify>::default();
        Writer { task: tokio::spawn(uses.clone().keep_writing(Arc::clone(&stop))), stop }
    }

    /// Writes what was noted last, and ends. For when no more requests come.
    pub async fn stop(self) {
        self.stop.notify_one();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the last uses of keys were not written");
        }
    }
}

impl Uses {
    pub fn new(db: Db) -> Uses {
        Uses { db, noted: Arc::default(), full: Arc::default() }
    }

    /// Notes that a key let somebody in, and which of its abilities was asked for.
    pub fn note(&self, key: &KnownKey, secret: Secret, address: Option<IpAddr>, ability: Option<AnyPermission>) {
        let now = self.db.now();
        let mut noted = self.noted();
        if noted.uses.len() >= 2 * MOST && !noted.uses.contains_key(&key.id) {
            return;
        }
        let used = noted.entry(key, now);
        used.turn_to(key.rotated_at);
        // Who was looked up just before the last rotation had what is the previous secret since.
        match secret == Secret::Current && key.rotated_at == used.rotated_at {
            true => used.current = Some((now, address)),
            false => used.previous = Some((now, address)),
        }
        ability.into_iter().for_each(|ability| used.abilities.insert(ability));
        if noted.uses.len() >= MOST {
            self.full.notify_one();
        }
    }

    /// Writes each use when its time has come, and all of them when it is told to stop.
    async fn keep_writing(self, stop: Arc<Notify>) {
        let (mut goes_on, mut rest, mut last) = (true, TICK, Instant::now());
        while goes_on {
            let written = tokio::select! {
                () = tokio::time::sleep(rest) => {
                    let elapsed = std::mem::replace(&mut last, Instant::now()).elapsed();
                    self.flush_due(elapsed, &stop).await
                }
                () = self.full.notified(), if rest == TICK => self.flush().await,
                () = stop.notified() => {
                    goes_on = false;
                    self.flush().await
                }
            };
            rest = if written.is_ok() { TICK } else { REST_AFTER_ERROR };
            if let Err(error) = written {
                tracing::warn!(%error, "the last uses of keys were not written");
            }
        }
    }

    /// Writes what was noted so far.
    ///
    /// # Errors
    /// As the database; what was not written is kept for the next time.
    pub async fn flush(&self) -> Result<()> {
        let until = Instant::now() + GATHERED;
        loop {
            let some = self.noted().take(until, 0, AT_ONCE_LATE);
            if some.is_empty() {
                return Ok(());
            }
            self.write(some).await?;
        }
    }

    /// Writes those whose time has come, and others that had some time already: evenly, since keys that are used in turn would
    /// all be due at the same time. Rests longer than it works where statements are short, so that requests get their turn, and
    /// not at all where it is late. Ends when it is told to stop.
    async fn flush_due(&self, elapsed: Duration, stop: &Notify) -> Result<()> {
        let until = Instant::now();
        let mut even = self.noted().share(elapsed);
        loop {
            let is_late = self.noted().is_late();
            let most = if is_late { AT_ONCE_LATE } else { AT_ONCE };
            let (some, begun) = (self.noted().take(until, even, most), Instant::now());
            even = even.saturating_sub(some.len());
            if some.is_empty() {
                return Ok(());
            }
            self.write(some).await?;
            if is_late {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep((begun.elapsed() * 3).min(LONGEST_REST)) => {}
                () = stop.notified() => {
                    stop.notify_one();
                    return Ok(());
                }
            }
        }
    }

    /// Ordinary uses and others in transactions of their own: each locks its rows in the same order everywhere, so that nodes
    /// that write the same keys don't wait for each other in a circle.
    async fn write(&self, mut some: Vec<(Uuid, Use)>) -> Result<()> {
        some.sort_unstable_by_key(|(id, _)| *id);
        let written = self.run(&some, statements::write_ordinary).await;
        let written = written.inspect_err(|_| self.noted().take_back(some.clone()))?;
        some.retain(|(id, _)| !written.contains(id));
        if some.is_empty() {
            return Ok(());
        }
        let others = self.run(&some, statements::write_others).await;
        others.inspect_err(|_| self.noted().take_back(some))
    }

    async fn run<T: Send + 'static>(
        &self,
        some: &[(Uuid, Use)],
        statement: impl Fn(&mut PgConnection, &[(Uuid, Use)], &ProductPermissions) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (some, product) = (some.to_vec(), Arc::clone(self.db.product()));
        let scope = Scope::Keys(some.iter().map(|(id, _)| *id).collect());
        let work = move |connection: &mut PgConnection| {
            // A crash may forget the last uses, as it forgets those in memory: nobody waits for the disk.
            connection.batch_execute("SET LOCAL synchronous_commit = off")?;
            statement(connection, &some, &product)
        };
        self.db.write(scope, work).await
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
