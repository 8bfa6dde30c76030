//! When, whence and for what keys are used: gathered in memory and written every few seconds in one statement, so that no
//! request waits for it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::super::catalog;
use super::super::permission_set::{AnyPermission, PermissionSet};
use super::known::{KnownKey, Secret};
use crate::clock::Moment;
use crate::config::ProductPermissions;
use crate::db::prepared::prepared;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::web::client;

/// Well within the ten seconds that the time of the last use is exact to.
const EVERY: Duration = Duration::from_secs(4);
/// Keys of one statement. Whoever asks meanwhile waits for no longer than it takes, and a connection keeps the room of its
/// longest statement for good.
const AT_ONCE: usize = 250;
/// When so many keys were used they are written before their time.
const MOST: usize = 200_000;

/// The latest use of a key.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    current: Option<(Moment, Option<IpAddr>)>,
    previous: Option<(Moment, Option<IpAddr>)>,
    abilities: PermissionSet,
}

#[derive(Clone)]
pub struct Uses {
    db: Db,
    noted: Arc<Mutex<HashMap<Uuid, Use>>>,
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

/// A row of the statement that writes them.
#[derive(Serialize)]
struct Line {
    key_id: Uuid,
    current_at: Option<Moment>,
    current_network: String,
    previous_at: Option<Moment>,
    previous_network: String,
    abilities: Vec<String>,
}

impl Uses {
    pub fn new(db: Db) -> Uses {
        Uses { db, noted: Arc::default(), full: Arc::default() }
    }

    /// Notes that a key let somebody in, and which of its abilities was asked for.
    pub fn note(&self, key: &KnownKey, secret: Secret, address: Option<IpAddr>, ability: Option<AnyPermission>) {
        let now = self.db.now();
        let mut noted = self.noted();
        let used = noted.entry(key.id).or_default();
        match secret {
            Secret::Current => used.current = Some((now, address)),
            Secret::Previous => used.previous = Some((now, address)),
        }
        ability.into_iter().for_each(|ability| used.abilities.insert(ability));
        if noted.len() >= MOST {
            self.full.notify_one();
        }
    }

    /// Writes what was noted, every few seconds, and once more when it is told to stop.
    async fn keep_writing(self, stop: Arc<Notify>) {
        let mut goes_on = true;
        while goes_on {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.full.notified() => {}
                () = stop.notified() => goes_on = false,
            }
            let written = if goes_on { self.flush_gently().await } else { self.flush().await };
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
        self.flush_with_rests(|_| Duration::ZERO).await
    }

    /// As `flush`, resting for as long as it works, so that requests get their turn.
    async fn flush_gently(&self) -> Result<()> {
        self.flush_with_rests(|worked| worked).await
    }

    async fn flush_with_rests(&self, rest: impl Fn(Duration) -> Duration) -> Result<()> {
        let mut taken: Vec<(Uuid, Use)> = std::mem::take(&mut *self.noted()).into_iter().collect();
        taken.sort_unstable_by_key(|(id, _)| *id);
        while !taken.is_empty() {
            let (some, begun) = (taken.split_off(taken.len().saturating_sub(AT_ONCE)), Instant::now());
            if let Err(error) = self.write(&some).await {
                taken.extend(some);
                self.take_back(taken);
                return Err(error);
            }
            if !taken.is_empty() {
                tokio::time::sleep(rest(begun.elapsed())).await;
            }
        }
        Ok(())
    }

    async fn write(&self, some: &[(Uuid, Use)]) -> Result<()> {
        let lines: Vec<Line> = some.iter().map(|(id, used)| line(*id, used, self.db.product())).collect();
        let lines = serde_json::to_string(&lines).map_err(|error| AppError::Internal(error.to_string()))?;
        let ids = some.iter().map(|(id, _)| *id).collect();
        self.db.write(Scope::Keys(ids), move |connection| Ok::<_, AppError>(write(connection, &lines)?)).await.map(drop)
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<Uuid, Use>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was noted since counts more.
    fn take_back(&self, earlier: Vec<(Uuid, Use)>) {
        let mut noted = self.noted();
        for (id, before) in earlier {
            let used = noted.entry(id).or_default();
            used.current = used.current.or(before.current);
            used.previous = used.previous.or(before.previous);
            used.abilities = used.abilities.and(before.abilities);
        }
    }
}

fn line(key_id: Uuid, used: &Use, product: &ProductPermissions) -> Line {
    let network =
        |used: Option<(Moment, Option<IpAddr>)>| used.and_then(|(_, from)| from).map(client::network).unwrap_or_default();
    Line {
        key_id,
        current_at: used.current.map(|(at, _)| at),
        current_network: network(used.current),
        previous_at: used.previous.map(|(at, _)| at),
        previous_network: network(used.previous),
        abilities: catalog::keys_of(product, used.abilities),
    }
}

/// Inside the scope of these keys. A use before the last rotation was one of the previous secret, whoever noted it.
fn write(connection: &mut PgConnection, lines: &str) -> QueryResult<usize> {
    let query = "UPDATE key_uses u SET
            idle_since = greatest(u.idle_since, date_trunc('day', greatest(n.current_at, n.previous_at), 'UTC')),
            last_used_at = greatest(u.last_used_at, n.current_at),
            last_used_network = CASE WHEN u.last_used_at > n.current_at OR n.current_at IS NULL THEN u.last_used_network ELSE n.current_network END,
            previous_used_at = greatest(u.previous_used_at, n.previous_at),
            previous_used_network = CASE WHEN u.previous_used_at > n.previous_at OR n.previous_at IS NULL THEN u.previous_used_network ELSE n.previous_network END,
            used_abilities = CASE WHEN n.abilities <@ u.used_abilities THEN u.used_abilities
                ELSE ARRAY(SELECT DISTINCT a FROM unnest(u.used_abilities || n.abilities) a ORDER BY a) END,
            has_unused_abilities = NOT n.all_abilities <@ (u.used_abilities || n.abilities)
        FROM (
            SELECT k.organization_id, k.id, k.abilities AS all_abilities, l.abilities,
                CASE WHEN l.current_at < k.rotated_at THEN NULL ELSE l.current_at END AS current_at, l.current_network,
                CASE WHEN l.current_at < k.rotated_at THEN greatest(l.current_at, l.previous_at) ELSE l.previous_at END AS previous_at,
                CASE WHEN l.current_at < k.rotated_at AND l.previous_at IS NULL THEN l.current_network ELSE l.previous_network END AS previous_network
            FROM jsonb_to_recordset($1::jsonb) l (key_id uuid, current_at timestamptz, current_network text,
                previous_at timestamptz, previous_network text, abilities text[])
            JOIN keys k ON k.id = l.key_id) n
        WHERE u.organization_id = n.organization_id AND u.key_id = n.id";
    // A crash may forget the last uses, as it forgets those in memory: nobody waits for the disk.
    connection.batch_execute("SET LOCAL synchronous_commit = off")?;
    prepared(query).bind(lines).execute(connection)
}
