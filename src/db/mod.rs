//! The only door to Postgres. `Db::read` and `Db::write` begin every transaction of the console, scoped to the account
//! and the organization that it may see: row-level security compares each row with that scope. A queue in front of the
//! pool keeps waiting requests in order and answers 503 when none gets its turn in time.

pub mod embedded;
pub mod migrations;
pub mod schema;
mod scope;
pub mod types;

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::{Connection, RunQueryDsl};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::{Clock, Moment};
use crate::error::{AppError, Result, Stopped};

pub use scope::Scope;

/// How long a request waits for a connection before it is answered with 503.
const TURN_TIMEOUT: Duration = Duration::from_secs(2);
/// Tries of a write that Postgres gave up because of another one.
const WRITE_TRIES: u32 = 3;

type Manager = ConnectionManager<PgConnection>;
type Pooled = PooledConnection<Manager>;

/// The pool of connections, and the clock that every transaction takes its time from.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Manager>,
    queue: Arc<Semaphore>,
    clock: Clock,
}

/// Limits of every connection: nothing of the console may hold the database up.
#[derive(Debug)]
struct Session;

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Session {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        use diesel::connection::SimpleConnection;
        let settings = "SET statement_timeout = '10s'; SET lock_timeout = '3s'; \
            SET idle_in_transaction_session_timeout = '15s'; SET TIME ZONE 'UTC'; SET application_name = 'roster'";
        connection.batch_execute(settings).map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Db {
    /// A pool of `size` connections; connects when first used.
    pub fn new(url: &str, size: u32, clock: Clock) -> Db {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(TURN_TIMEOUT)
            .test_on_check_out(false)
            .connection_customizer(Box::new(Session))
            .build_unchecked(Manager::new(url));
        Db { pool, queue: Arc::new(Semaphore::new(size as usize)), clock }
    }

    /// Now, by the clock of this server.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Runs `work` in a read-only transaction that sees what `scope` allows.
    ///
    /// # Errors
    /// `Unavailable` without a connection in time, else what `work` answers.
    pub async fn read<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        let turn = self.turn().await?;
        let pool = self.pool.clone();
        blocking(move || {
            let connection = begin(&pool, &scope.begin_read())?;
            OpenRead { connection: Some(connection), _turn: turn }.run_last(work)
        })
        .await
    }

    /// Begins a read-only transaction, runs `work` in it and leaves it open for the page that continues it.
    pub async fn open_read<T, F>(&self, scope: Scope, work: F) -> Result<(OpenRead, T)>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        let turn = self.turn().await?;
        let pool = self.pool.clone();
        blocking(move || {
            let connection = begin(&pool, &scope.begin_read())?;
            let mut open = OpenRead { connection: Some(connection), _turn: turn };
            let value = work(open.connection.as_mut().ok_or_else(gone)?)?;
            Ok((open, value))
        })
        .await
    }

    /// Runs `work` in a transaction, and again when Postgres gave it up in favour of another one.
    ///
    /// # Errors
    /// `Unavailable` without a connection in time, else what `work` answers; any error rolls everything back.
    pub async fn write<T, E, F>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<diesel::result::Error> + MaybeCollision + Send + 'static,
        F: Fn(&mut PgConnection) -> Result<T, E> + Send + 'static,
    {
        let turn = self.turn().await?;
        let pool = self.pool.clone();
        let done = actix_web::web::block(move || {
            let _turn = turn;
            let mut tries = 1;
            loop {
                match attempt(&pool, &scope, &work) {
                    Err(error) if error.is_collision() && tries < WRITE_TRIES => tries += 1,
                    outcome => return outcome,
                }
            }
        });
        done.await.map_err(|_| E::from(AppError::Unavailable("the server is stopping".to_owned())))?
    }

    /// Asks the database for its time and follows it.
    pub async fn compare_clocks(&self) -> Result<()> {
        let now = self.read(Scope::Nobody, |connection| {
            use diesel::IntoSql;
            Ok(diesel::select(diesel::dsl::now.into_sql::<diesel::sql_types::Timestamptz>()).get_result::<Moment>(connection)?)
        });
        self.clock.follow(now.await?);
        Ok(())
    }

    /// Connections in use and connections open, for the metrics.
    pub fn connections(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections - state.idle_connections, state.connections)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        match tokio::time::timeout(TURN_TIMEOUT, Arc::clone(&self.queue).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(AppError::Unavailable("no connection became free in time".to_owned())),
        }
    }
}

/// A read-only transaction between the extractor that began it and the handler that ends it.
pub struct OpenRead {
    connection: Option<Pooled>,
    _turn: OwnedSemaphorePermit,
}

impl OpenRead {
    /// Runs `work` and ends the transaction.
    pub async fn finish<T, F>(self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        blocking(move || self.run_last(work)).await
    }

    fn run_last<T>(mut self, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
        let mut connection = self.connection.take().ok_or_else(gone)?;
        let outcome = work(&mut connection);
        let ended = AnsiTransactionManager::rollback_transaction(&mut *connection);
        let value = outcome?;
        ended?;
        Ok(value)
    }
}

impl Drop for OpenRead {
    /// A page that never read: the transaction ends before the connection goes back.
    fn drop(&mut self) {
        if let Some(connection) = self.connection.as_mut() {
            let _ = AnsiTransactionManager::rollback_transaction(&mut **connection);
        }
    }
}

/// Whether an error means that two transactions met and one was given up.
pub trait MaybeCollision {
    fn is_collision(&self) -> bool;
}

impl MaybeCollision for AppError {
    fn is_collision(&self) -> bool {
        let AppError::Internal(cause) = self else { return false };
        cause.contains("deadlock detected") || cause.contains("could not serialize access")
    }
}

impl<R> MaybeCollision for Stopped<R> {
    fn is_collision(&self) -> bool {
        matches!(self, Stopped::Failed(error) if error.is_collision())
    }
}

fn attempt<T, E, F>(pool: &Pool<Manager>, scope: &Scope, work: &F) -> Result<T, E>
where
    E: From<AppError> + From<diesel::result::Error>,
    F: Fn(&mut PgConnection) -> Result<T, E>,
{
    let mut connection = begin(pool, &scope.begin_write())?;
    match work(&mut connection) {
        Ok(value) => {
            AnsiTransactionManager::commit_transaction(&mut *connection)?;
            Ok(value)
        }
        Err(error) => {
            // A connection that cannot roll back is thrown away by the pool.
            let _ = AnsiTransactionManager::rollback_transaction(&mut *connection);
            Err(error)
        }
    }
}

/// A connection with the transaction begun. The first statement on a connection that died unnoticed fails; the next
/// connections are tried as well, since a restarted database leaves a whole pool of dead ones.
fn begin(pool: &Pool<Manager>, statement: &str) -> Result<Pooled> {
    let mut last = None;
    for _ in 0..=pool.max_size() {
        let mut connection = pool.get().map_err(|error| AppError::Unavailable(error.to_string()))?;
        match AnsiTransactionManager::begin_transaction_sql(&mut *connection, statement) {
            Ok(()) => return Ok(connection),
            Err(error) => last = Some(error),
        }
    }
    Err(AppError::Unavailable(last.map(|error| error.to_string()).unwrap_or_default()))
}

async fn blocking<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    actix_web::web::block(work).await.map_err(|_| gone())?
}

fn gone() -> AppError {
    AppError::Unavailable("the server is stopping".to_owned())
}

/// A connection outside the pool, for migrations and commands.
///
/// # Errors
/// `Unavailable` with the reason.
pub fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::establish(url).map_err(|error| AppError::Unavailable(error.to_string()))
}
