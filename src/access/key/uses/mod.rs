//! When, whence and for what keys are used: gathered in memory and written some seconds later, many in one statement, so that
//! no request waits for it and a key in constant use is written seldom.

mod statements;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::super::permission_set::{AnyPermission, PermissionSet};
use super::known::{KnownKey, Secret};
use crate::clock::Moment;
use crate::db::{Db, Scope};
use crate::error::Result;

/// Uses of one key are gathered for so long, which leaves time to write them within the ten seconds that the last use is
/// exact to.
const GATHERED: Duration = Duration::from_secs(8);
/// How often is looked whose time has come: a little at a time, so that no request meets much of it.
const TICK: Duration = Duration::from_millis(100);
/// Keys of one statement: whoever asks meanwhile waits for no longer than it takes.
const AT_ONCE: usize = 50;
/// When so many keys were used they are written before their time.
const MOST: usize = 200_000;

type UseAt = (Moment, Option<IpAddr>);

/// The latest use of a key.
#[derive(Clone, Copy, Debug)]
struct Use {
    organization_id: Uuid,
    current: Option<UseAt>,
    previous: Option<UseAt>,
    abilities: PermissionSet,
}

/// What was noted and is not written yet.
#[derive(Default)]
struct Noted {
    uses: HashMap<Uuid, Use>,
    /// When each of those keys is to be written, the earliest first.
    due: VecDeque<(Instant, Uuid)>,
}

impl Noted {
    fn entry(&mut self, key_id: Uuid, organization_id: Uuid) -> &mut Use {
        self.uses.entry(key_id).or_insert_with(|| {
            self.due.push_back((Instant::now() + GATHERED, key_id));
            Use { organization_id, current: None, previous: None, abilities: PermissionSet::default() }
        })
    }

    /// Takes some of those that are due until a moment.
    fn take(&mut self, until: Instant) -> Vec<(Uuid, Use)> {
        let is_due = |(due, _): &&(Instant, Uuid)| *due <= until;
        let count = self.due.iter().take(AT_ONCE).take_while(is_due).count();
        let taken = self.due.drain(..count);
        taken.filter_map(|(_, key_id)| self.uses.remove_entry(&key_id)).collect()
    }

    /// What was noted since counts more.
    fn take_back(&mut self, earlier: Vec<(Uuid, Use)>) {
        for (key_id, before) in earlier {
            let used = self.entry(key_id, before.organization_id);
            used.current = used.current.or(before.current);
            used.previous = used.previous.or(before.previous);
            used.abilities = used.abilities.and(before.abilities);
        }
    }
}

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
        let used = noted.entry(key.id, key.organization.id);
        match secret {
            Secret::Current => used.current = Some((now, address)),
            Secret::Previous => used.previous = Some((now, address)),
        }
        ability.into_iter().for_each(|ability| used.abilities.insert(ability));
        if noted.uses.len() >= MOST {
            self.full.notify_one();
        }
    }

    /// Writes each use when its time has come, and all of them when it is told to stop.
    async fn keep_writing(self, stop: Arc<Notify>) {
        let (mut goes_on, mut rest) = (true, TICK);
        while goes_on {
            let written = tokio::select! {
                () = tokio::time::sleep(rest) => self.flush_due().await,
                () = self.full.notified() => self.flush().await,
                () = stop.notified() => {
                    goes_on = false;
                    self.flush().await
                }
            };
            rest = if written.is_ok() { TICK } else { GATHERED };
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
            let some = self.noted().take(until);
            if some.is_empty() {
                return Ok(());
            }
            self.write(some).await?;
        }
    }

    /// Writes those whose time has come, a quarter of the time at most, so that requests get their turn.
    async fn flush_due(&self) -> Result<()> {
        let until = Instant::now();
        loop {
            let (some, begun) = (self.noted().take(until), Instant::now());
            if some.is_empty() {
                return Ok(());
            }
            self.write(some).await?;
            tokio::time::sleep(begun.elapsed() * 3).await;
        }
    }

    async fn write(&self, mut some: Vec<(Uuid, Use)>) -> Result<()> {
        // In the same order everywhere, so that nodes that write the same keys don't wait for each other in a circle.
        some.sort_unstable_by_key(|(id, _)| *id);
        let ids = some.iter().map(|(id, _)| *id).collect();
        let (some, product) = (Arc::new(some), Arc::clone(self.db.product()));
        let uses = Arc::clone(&some);
        let written = self.db.write(Scope::Keys(ids), move |connection| statements::write(connection, &uses, &product)).await;
        written.inspect_err(|_| self.noted().take_back(some.to_vec()))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
