//! Work off the async threads that begins in time or not at all.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::error::{AppError, Result};

/// Whether a transaction has begun or was given up, whichever came first.
#[derive(Clone, Default)]
pub(super) struct Begun(Arc<OnceLock<()>>);

impl Begun {
    /// Fails when nobody waits any more: they were told that nothing was changed.
    pub(super) fn tell(&self) -> Result<()> {
        self.0.set(()).map_err(|()| gone())
    }

    /// Whether it was given up in time: from then on it cannot begin.
    fn give_up(&self) -> bool {
        self.0.set(()).is_ok()
    }
}

/// Runs `work` off the async threads. A database that takes the connection and then says nothing is given up at the
/// deadline; the thread that hangs on it keeps its place in the queue.
pub(super) async fn in_time<T, E, F>(deadline: Instant, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<AppError> + Send + 'static,
    F: FnOnce(Begun) -> Result<T, E> + Send + 'static,
{
    let begun = Begun::default();
    let told = begun.clone();
    let mut done = pin!(actix_web::web::block(move || work(told)));
    let outcome = match tokio::time::timeout_at(deadline.into(), done.as_mut()).await {
        Err(_) if begun.give_up() => return Err(AppError::Unavailable("the database did not answer in time".to_owned()).into()),
        Err(_) => done.await,
        Ok(outcome) => outcome,
    };
    outcome.map_err(|_| gone())?
}

pub(super) fn gone() -> AppError {
    AppError::Unavailable("the server is stopping".to_owned())
}
