//! Looks keys up. Requests that wait at the same moment are answered by one statement, which begins after they came: so each
//! sees what was committed before it, and the more there are the less each of them costs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::known::{self, KnownKey};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};

/// So many requests may wait for a statement under way before another one is begun beside it. Who comes meanwhile shares the
/// next one, which costs less than a statement each.
const GATHERED: usize = 32;
/// Statements under way at once.
const ROUNDS: usize = 4;
/// Keys of one statement at most.
const MOST: usize = 256;
/// A statement that takes longer has trouble, and others are begun beside it.
const LIVELY: Duration = Duration::from_secs(2);
/// Look-ups of one request: connections that die one after the other can take several of them.
const TRIES: u32 = 4;
/// Who was not answered by then is told so.
const PATIENCE: Duration = Duration::from_secs(5);

type Found = Vec<Option<Arc<KnownKey>>>;

struct Asked {
    ids: Vec<Uuid>,
    answer: oneshot::Sender<Found>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Asked>,
    /// Rounds by their numbers, and since when each of them is at what it does now.
    rounds: HashMap<u64, Instant>,
    begun: u64,
}

impl Queue {
    /// Rounds that can be expected to take who waits now: one that a silent database holds does not.
    fn lively(&self) -> usize {
        self.rounds.values().filter(|since| since.elapsed() < LIVELY).count()
    }
}

/// Where keys are looked up.
#[derive(Clone)]
pub struct Desk {
    db: Db,
    queue: Arc<Mutex<Queue>>,
}

impl Desk {
    pub fn new(db: Db) -> Desk {
        Desk { db, queue: Arc::default() }
    }

    /// The keys of some ids, in their order, as they are now.
    ///
    /// # Errors
    /// `Unavailable` without the database.
    pub async fn find(&self, ids: Vec<Uuid>) -> Result<Found> {
        let until = tokio::time::Instant::now() + PATIENCE;
        // A round can break off with its connection, or with the worker that it runs on: another one is asked then.
        for _ in 0..TRIES {
            match tokio::time::timeout_at(until, self.ask(ids.clone())).await {
                Ok(Ok(found)) => return Ok(found),
                Ok(Err(_)) => {}
                Err(_) => {
                    self.queue().waiting.retain(|asked| !asked.answer.is_closed());
                    break;
                }
            }
        }
        Err(broke_off())
    }

    /// Waits in the queue, and begins a round where it takes one more.
    fn ask(&self, ids: Vec<Uuid>) -> oneshot::Receiver<Found> {
        let (answer, answered) = oneshot::channel();
        let round = {
            let mut queue = self.queue();
            queue.waiting.push(Asked { ids, answer });
            let lively = queue.lively();
            let is_needed = lively < ROUNDS && queue.waiting.len() > GATHERED * lively;
            is_needed.then(|| self.begin(&mut queue))
        };
        if let Some(round) = round {
            tokio::spawn(round.run());
        }
        answered
    }

    fn begin(&self, queue: &mut Queue) -> Round {
        queue.begun += 1;
        let number = queue.begun;
        queue.rounds.insert(number, Instant::now());
        Round { desk: self.clone(), number }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        locked(&self.queue)
    }
}

/// Answers whoever waits until nobody does.
struct Round {
    desk: Desk,
    number: u64,
}

impl Round {
    async fn run(self) {
        let mut unfinished = Some(self);
        while let Some(round) = unfinished.take() {
            let db = round.desk.db.clone();
            let Some((ids, asked)) = round.next() else { return };
            let scope = Scope::Keys(ids.clone());
            let at_work = Arc::new(Mutex::new(Some((round, ids, asked))));
            if let Err(error) = db.read_on(scope, answers(Arc::clone(&at_work), db.clone())).await {
                tracing::warn!(%error, "keys could not be looked up");
            }
            // Who could not be answered is told so by dropping them; the others get another connection.
            unfinished = locked(&at_work).take().map(|(round, ..)| round);
        }
    }

    /// The next ones to be answered, after the ids of all of them. Without any the round ends under the same lock, so that who
    /// comes after this look begins another one.
    fn next(&self) -> Option<(Vec<Uuid>, Vec<Asked>)> {
        let desk = self.desk.clone();
        let mut queue = desk.queue();
        let mut keys = 0;
        let fits = queue.waiting.iter().take_while(|asked| {
            keys += asked.ids.len();
            keys <= MOST
        });
        let count = fits.count();
        if count == 0 {
            queue.rounds.remove(&self.number);
            return None;
        }
        queue.rounds.insert(self.number, Instant::now());
        let asked: Vec<Asked> = queue.waiting.drain(..count).collect();
        let mut ids: Vec<Uuid> = asked.iter().flat_map(|one| one.ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        Some((ids, asked))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broke_off() -> AppError {
    AppError::Unavailable("a look-up of keys broke off".to_owned())
}

/// A round with the ids of those that it answers now, for as long as they wait: out of the hands of a transaction that does not
/// begin in time.
type AtWork = Arc<Mutex<Option<(Round, Vec<Uuid>, Vec<Asked>)>>>;

/// Answers those at work, and says in which scope the next ones are looked up.
fn answers(at_work: AtWork, db: Db) -> impl FnMut(&mut PgConnection) -> Result<Option<Scope>> + Send + 'static {
    move |connection| {
        let (round, ids, asked) = locked(&at_work).take().ok_or_else(broke_off)?;
        let found = match known::known(connection, &ids, db.product()) {
            Ok(found) => found,
            Err(error) => {
                *locked(&at_work) = Some((round, ids, asked));
                return Err(error);
            }
        };
        // Before the transaction is ended: nothing that they read depends on its end.
        answer(found, asked);
        if !db.has_free_connection() {
            // Others wait for one: the round takes its place behind them.
            *locked(&at_work) = Some((round, Vec::new(), Vec::new()));
            return Ok(None);
        }
        let Some((ids, asked)) = round.next() else { return Ok(None) };
        let scope = Scope::Keys(ids.clone());
        *locked(&at_work) = Some((round, ids, asked));
        Ok(Some(scope))
    }
}

fn answer(found: Vec<KnownKey>, asked: Vec<Asked>) {
    let found: HashMap<Uuid, Arc<KnownKey>> = found.into_iter().map(|key| (key.id, Arc::new(key))).collect();
    for Asked { ids, answer } in asked {
        // Who went away meanwhile needs no answer.
        let _ = answer.send(ids.iter().map(|id| found.get(id).cloned()).collect());
    }
}

impl Drop for Round {
    /// Also when its worker stops in the middle of it.
    fn drop(&mut self) {
        let mut queue = self.desk.queue();
        if queue.rounds.remove(&self.number).is_some() && queue.rounds.is_empty() {
            // Nobody is left to answer them: they are told so, and ask again.
            queue.waiting.clear();
        }
    }
}
