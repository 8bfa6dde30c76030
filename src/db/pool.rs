//! Connections: how they are set up, and how one with a begun transaction is had in time or not at all.

use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, PooledConnection, R2D2Connection};

use crate::error::{AppError, Result};

/// How long a request waits for a begun transaction before it is answered with 503.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

type Manager = ConnectionManager<PgConnection>;
pub(super) type Pool = diesel::r2d2::Pool<Manager>;
pub(super) type Pooled = PooledConnection<Manager>;

/// Limits of every connection: nothing of the console may hold the database up.
#[derive(Debug)]
struct Limits;

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Limits {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        // What does not begin as a write cannot write.
        let settings = "SET default_transaction_read_only = on; SET statement_timeout = '10s'; SET lock_timeout = '3s'; \
            SET idle_in_transaction_session_timeout = '15s'; SET TIME ZONE 'UTC'; SET application_name = 'roster'";
        connection.batch_execute(settings).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// The pool tries again every second while the database is away, on every connection; who waits for one logs why.
#[derive(Debug)]
struct Quiet;

impl r2d2::HandleError<diesel::r2d2::Error> for Quiet {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::debug!(%error, "no connection to the database");
    }
}

/// A pool of `size` connections; connects when first used.
pub(super) fn build(url: &str, size: u32) -> Pool {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(PATIENCE)
        .test_on_check_out(false)
        .connection_customizer(Box::new(Limits))
        .error_handler(Box::new(Quiet))
        .build_unchecked(Manager::new(impatient(url)))
}

/// The URL with time limits for a network that swallows packets, where it names none itself.
fn impatient(url: &str) -> String {
    const LIMITS: [(&str, &str); 2] = [("connect_timeout", "2"), ("tcp_user_timeout", "10000")];
    let missing = LIMITS.into_iter().filter(|(name, _)| !url.contains(&format!("{name}=")));
    missing.fold(url.to_owned(), |url, (name, value)| {
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{name}={value}")
    })
}

/// A connection with the transaction begun.
///
/// # Errors
/// `Unavailable` when there is none until `deadline`.
pub(super) fn begin(pool: &Pool, statement: &str, deadline: Instant) -> Result<Pooled> {
    let begun = |connection: &mut _| AnsiTransactionManager::begin_transaction_sql(connection, statement);
    first_alive(pool, deadline, begun).map(|(connection, ())| connection)
}

/// Runs the first statement on a connection. One that died unnoticed fails then and the pool throws it away; the next
/// ones are tried as well, since a restarted database leaves a whole pool of dead ones.
///
/// # Errors
/// `Unavailable` when there is none until `deadline`, else what Postgres answers.
pub(super) fn first_alive<T, F>(pool: &Pool, deadline: Instant, statement: F) -> Result<(Pooled, T)>
where
    F: Fn(&mut PgConnection) -> QueryResult<T>,
{
    let mut last = None;
    for _ in 0..=pool.max_size() {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut connection = pool.get_timeout(left).map_err(|error| AppError::Unavailable(error.to_string()))?;
        match statement(&mut connection) {
            Ok(value) => return Ok((connection, value)),
            Err(error) if connection.is_broken() => last = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    Err(AppError::Unavailable(last.map(|error| error.to_string()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::impatient;

    #[test]
    fn a_url_gets_the_limits_that_it_does_not_name() {
        assert_eq!(impatient("postgres:///a"), "postgres:///a?connect_timeout=2&tcp_user_timeout=10000");
        let named = impatient("postgres://h/a?connect_timeout=9");
        assert_eq!(named, "postgres://h/a?connect_timeout=9&tcp_user_timeout=10000");
    }
}
