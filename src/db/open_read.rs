//! A page's transaction in its two parts: the permit checks the right in it, then the handler reads in it.

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::PgConnection;
use tokio::sync::OwnedSemaphorePermit;

use super::gone;
use super::pool::Pooled;
use crate::error::Result;

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
        actix_web::web::block(move || self.run_last(work)).await.map_err(|_| gone())?
    }

    pub(super) fn new(connection: Pooled, turn: OwnedSemaphorePermit) -> OpenRead {
        OpenRead { connection: Some(connection), _turn: turn }
    }

    /// Runs `work` and leaves the transaction open.
    pub(super) fn run<T>(&mut self, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
        work(self.connection.as_mut().ok_or_else(gone)?)
    }

    /// Runs `work` and ends the transaction.
    pub(super) fn run_last<T>(mut self, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
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
