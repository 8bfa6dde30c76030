//! A page's transaction in its two parts: the permit checks the right in it, then the handler reads in it.

use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::PgConnection;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use super::in_time::gone;
use super::pool::Pooled;
use crate::error::Result;

/// A read-only transaction between the extractor that began it and the handler that ends it.
pub struct OpenRead(Option<Held>);

/// A connection inside its transaction, and the place in the queue that it takes.
struct Held {
    connection: Pooled,
    _turn: OwnedSemaphorePermit,
}

impl OpenRead {
    pub(super) fn new(connection: Pooled, turn: OwnedSemaphorePermit) -> OpenRead {
        OpenRead(Some(Held { connection, _turn: turn }))
    }

    /// Runs `work` and leaves the transaction open.
    pub(super) fn run<T>(&mut self, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
        work(&mut self.0.as_mut().ok_or_else(gone)?.connection)
    }

    /// Runs `work` and ends the transaction.
    pub async fn finish<T, F>(self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        actix_web::web::block(move || self.run_last(work)).await.map_err(|_| gone())?
    }

    /// Runs `work` and ends the transaction.
    pub(super) fn run_last<T>(mut self, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
        let mut held = self.0.take().ok_or_else(gone)?;
        let outcome = work(&mut held.connection);
        let ended = held.end();
        let value = outcome?;
        ended?;
        Ok(value)
    }
}

impl Held {
    fn end(mut self) -> QueryResult<()> {
        AnsiTransactionManager::rollback_transaction(&mut *self.connection)
    }
}

impl Drop for OpenRead {
    /// A page that never read: the transaction ends before the connection goes back, but not on an async thread.
    fn drop(&mut self) {
        let Some(held) = self.0.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || held.end())),
            Err(_) => drop(held.end()),
        }
    }
}
