//! The only door to Postgres. `Db::read` and `Db::write` begin every transaction of the console, scoped to the account
//! and the organization that it may see: row-level security compares each row with that scope. A queue in front of the
//! pool keeps waiting requests in order and answers 503 when none gets its turn in time.

mod collision;
pub mod embedded;
mod in_time;
pub mod migrations;
mod open_read;
mod pool;
pub mod prepared;
pub mod schema;
mod scope;
pub mod types;

use std::sync::Arc;
use std::time::Instant;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::{Connection, QueryResult, RunQueryDsl};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::{Clock, Moment};
use crate::config::{Plans, ProductPermissions};
use crate::error::{AppError, Result};

pub use collision::MaybeCollision;
use in_time::in_time;
pub use open_read::OpenRead;
use pool::{PATIENCE, Pool, Pooled};
pub use scope::Scope;

/// Tries of a write that Postgres gave up because of another one.
const WRITE_TRIES: u32 = 3;

/// The pool of connections, and what every transaction goes by: the clock, the permissions of the product, by which rows
/// of roles are read, and the plans.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    queue: Arc<Semaphore>,
    clock: Clock,
    product: Arc<ProductPermissions>,
    plans: Arc<Plans>,
}

impl Db {
    /// A pool of `size` connections; connects when first used.
    pub fn new(url: &str, size: u32, clock: Clock) -> Db {
        let queue = Arc::new(Semaphore::new(size as usize));
        Db { pool: pool::build(url, size), queue, clock, product: Arc::default(), plans: Arc::default() }
    }

    /// The same door, for a product with permissions and plans of its own.
    #[must_use]
    pub fn of_product(self, product: &Arc<ProductPermissions>, plans: &Arc<Plans>) -> Db {
        Db { product: Arc::clone(product), plans: Arc::clone(plans), ..self }
    }

    /// What organizations may subscribe to.
    pub fn plans(&self) -> &Arc<Plans> {
        &self.plans
    }

    /// The permissions of the product.
    pub fn product(&self) -> &Arc<ProductPermissions> {
        &self.product
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
        self.begun_read(scope, |open| open.run_last(work)).await
    }

    /// Runs `work` as `read` does, and again in a transaction of its own for every scope that it answers: on one connection,
    /// each begun as the one before it is ended, which takes one round trip less.
    ///
    /// # Errors
    /// `Unavailable` without a connection in time, else what `work` answers.
    pub async fn read_on<F>(&self, scope: Scope, mut work: F) -> Result<()>
    where
        F: FnMut(&mut PgConnection) -> Result<Option<Scope>> + Send + 'static,
    {
        self.begun_read(scope, move |mut open| {
            while let Some(scope) = open.run(&mut work)? {
                open.run(|connection| Ok(connection.batch_execute(&format!("ROLLBACK; {}", scope.begin_read()))?))?;
            }
            open.run_last(|_| Ok(()))
        })
        .await
    }

    /// Runs one statement that reads what belongs to no organization. It is a transaction by itself, and so takes one
    /// round trip instead of three.
    ///
    /// # Errors
    /// `Unavailable` without a connection in time, else what Postgres answers.
    pub async fn look_up<T, F>(&self, statement: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut PgConnection) -> QueryResult<T> + Send + 'static,
    {
        let (deadline, turn) = self.turn().await?;
        let pool = self.pool.clone();
        in_time(deadline, move |begun| {
            let _turn = turn;
            let (_, found) = pool::first_alive(&pool, deadline, statement)?;
            begun.tell()?;
            Ok(found)
        })
        .await
    }

    /// Begins a read-only transaction, runs `work` in it and leaves it open for the page that continues it.
    pub async fn open_read<T, F>(&self, scope: Scope, work: F) -> Result<(OpenRead, T)>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        self.begun_read(scope, |mut open| {
            let value = open.run(work)?;
            Ok((open, value))
        })
        .await
    }

    /// Begins a read-only transaction in time, and hands it over.
    async fn begun_read<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(OpenRead) -> Result<T> + Send + 'static,
    {
        let (deadline, turn) = self.turn().await?;
        let pool = self.pool.clone();
        in_time(deadline, move |begun| {
            let connection = pool::begin(&pool, &scope.begin_read(), deadline)?;
            begun.tell()?;
            work(OpenRead::new(connection, turn))
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
        let (deadline, turn) = self.turn().await?;
        let pool = self.pool.clone();
        in_time(deadline, move |begun| {
            let _turn = turn;
            let connection = pool::begin(&pool, &scope.begin_write(), deadline)?;
            begun.tell()?;
            let mut outcome = attempt(connection, &work);
            for _ in 1..WRITE_TRIES {
                if !outcome.as_ref().is_err_and(MaybeCollision::is_collision) {
                    break;
                }
                outcome = attempt(pool::begin(&pool, &scope.begin_write(), Instant::now() + PATIENCE)?, &work);
            }
            outcome
        })
        .await
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

    /// Whether a transaction could begin right now.
    pub fn has_free_connection(&self) -> bool {
        self.queue.available_permits() > 0
    }

    /// A place in the queue, and until when a transaction must have begun.
    async fn turn(&self) -> Result<(Instant, OwnedSemaphorePermit)> {
        let deadline = Instant::now() + PATIENCE;
        match tokio::time::timeout_at(deadline.into(), Arc::clone(&self.queue).acquire_owned()).await {
            Ok(Ok(turn)) => Ok((deadline, turn)),
            _ => Err(AppError::Unavailable("no connection became free in time".to_owned())),
        }
    }
}

fn attempt<T, E, F>(mut connection: Pooled, work: &F) -> Result<T, E>
where
    E: From<AppError> + From<diesel::result::Error>,
    F: Fn(&mut PgConnection) -> Result<T, E>,
{
    match work(&mut connection) {
        Ok(value) => {
            AnsiTransactionManager::commit_transaction(&mut *connection).map_err(not_committed)?;
            Ok(value)
        }
        Err(error) => {
            // A connection that cannot roll back is thrown away by the pool.
            let _ = AnsiTransactionManager::rollback_transaction(&mut *connection);
            Err(error)
        }
    }
}

/// A commit that was not answered may have happened.
fn not_committed(error: diesel::result::Error) -> AppError {
    match AppError::from(error) {
        AppError::Unavailable(cause) => AppError::Unsure(cause),
        other => other,
    }
}

/// A connection outside the pool, for migrations and commands.
///
/// # Errors
/// `Unavailable` with the reason.
pub fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::establish(url).map_err(|error| AppError::Unavailable(error.to_string()))
}
