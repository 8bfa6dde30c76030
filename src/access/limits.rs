//! Limits on attempts, counted in Postgres so that every node counts together. Buckets are digests: neither addresses nor
//! networks stand in the table.

use actix_web::HttpRequest;
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamptz};

use crate::clock::Moment;
use crate::db::Scope;
use crate::db::prepared::prepared;
use crate::db::schema::rate_limits;
use crate::error::{AppError, Result};
use crate::web::{Console, client};

/// So many attempts in so many seconds, for one subject.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub name: &'static str,
    pub most: i32,
    pub seconds: i64,
}

// An account's limits count by network, so that nobody locks out somebody elsewhere; the wide ones hold over all networks.
pub const SIGN_IN_ACCOUNT: Limit = Limit { name: "sign-in account", most: 10, seconds: 900 };
pub const SIGN_IN_ACCOUNT_WIDE: Limit = Limit { name: "sign-in account wide", most: 100, seconds: 900 };
pub const PASSWORD_ACCOUNT: Limit = Limit { name: "password account", most: 10, seconds: 900 };
pub const SIGN_IN_NETWORK: Limit = Limit { name: "sign-in network", most: 100, seconds: 900 };
pub const SIGN_UP_NETWORK: Limit = Limit { name: "sign-up network", most: 30, seconds: 3_600 };
pub const INVITED_SIGN_UP_NETWORK: Limit = Limit { name: "invited sign-up network", most: 1_000, seconds: 3_600 };
pub const RESET_ACCOUNT: Limit = Limit { name: "reset account", most: 3, seconds: 3_600 };
pub const RESET_ACCOUNT_WIDE: Limit = Limit { name: "reset account wide", most: 12, seconds: 3_600 };
pub const RESET_NETWORK: Limit = Limit { name: "reset network", most: 30, seconds: 3_600 };
pub const CONFIRM_ACCOUNT: Limit = Limit { name: "confirm account", most: 5, seconds: 3_600 };
pub const INVITE_ORGANIZATION: Limit = Limit { name: "invite organization", most: 2_000, seconds: 86_400 };
pub const RESEND_INVITATION: Limit = Limit { name: "resend invitation", most: 5, seconds: 3_600 };
pub const ASK_INVITATION: Limit = Limit { name: "ask invitation", most: 1, seconds: 86_400 };
pub const CREATE_KEY: Limit = Limit { name: "create key", most: 200, seconds: 3_600 };
pub const CHANGE_BILLING: Limit = Limit { name: "change billing", most: 60, seconds: 3_600 };
pub const BILLING_RECIPIENTS: Limit = Limit { name: "billing recipients", most: 60, seconds: 86_400 };
pub const LEAKED_KEY_NETWORK: Limit = Limit { name: "leaked key network", most: 300, seconds: 3_600 };
pub const CREATE_ORGANIZATION: Limit = Limit { name: "create organization", most: 20, seconds: 86_400 };

#[derive(QueryableByName)]
struct Spent {
    #[diesel(sql_type = Integer)]
    count: i32,
    #[diesel(sql_type = Timestamptz)]
    resets_at: Moment,
}

/// Counts `cost` attempts of a subject.
///
/// # Errors
/// `TooMany` past the limit, with the seconds until the window ends.
pub async fn spend(console: &Console, limit: Limit, subject: &str, cost: usize) -> Result<()> {
    let cost = i32::try_from(cost).unwrap_or(i32::MAX / 2);
    spend_buckets(console, vec![(limit, bucket(console, limit, subject), cost)]).await
}

/// Counts an attempt of the client's network.
///
/// # Errors
/// As `spend`.
pub async fn spend_by_network(console: &Console, limit: Limit, request: &HttpRequest) -> Result<()> {
    spend(console, limit, &network(console, request), 1).await
}

/// Counts an attempt of each subject, in one transaction. Whoever counts several does so in the same order.
///
/// # Errors
/// As `spend`.
pub async fn spend_each(console: &Console, attempts: &[(Limit, &str)]) -> Result<()> {
    let buckets = attempts.iter().map(|(limit, subject)| (*limit, bucket(console, *limit, subject), 1));
    spend_buckets(console, buckets.collect()).await
}

/// Gives attempts back that turned out to be right, so that only failures count.
pub async fn refund_each(console: &Console, attempts: &[(Limit, &str)]) -> Result<()> {
    let buckets: Vec<[u8; 32]> = attempts.iter().map(|(limit, subject)| bucket(console, *limit, subject)).collect();
    let uncount = move |connection: &mut PgConnection| {
        forgettable(connection)?;
        buckets.iter().try_for_each(|bucket| uncount(connection, bucket).map(drop))?;
        Ok::<_, AppError>(())
    };
    console.db.write(Scope::Nobody, uncount).await
}

/// The client's network, as a subject.
pub fn network(console: &Console, request: &HttpRequest) -> String {
    client::address(request, &console.config.trusted_proxies).map(client::network).unwrap_or_default()
}

/// A subject as seen from a network.
pub fn seen_from(network: &str, subject: &str) -> String {
    format!("{subject}\0{network}")
}

type Bucket = [u8; 32];

fn bucket(console: &Console, limit: Limit, subject: &str) -> Bucket {
    console.config.secret_keys.digest(format!("{}\0{subject}", limit.name).as_bytes())
}

async fn spend_buckets(console: &Console, buckets: Vec<(Limit, Bucket, i32)>) -> Result<()> {
    let now = console.db.now();
    let spend = move |connection: &mut PgConnection| {
        forgettable(connection)?;
        let spent = |(limit, bucket, cost): &(Limit, Bucket, i32)| Ok((*limit, count(connection, bucket, *limit, *cost, now)?));
        buckets.iter().map(spent).collect::<Result<Vec<(Limit, Spent)>>>()
    };
    let spent = console.db.write(Scope::Nobody, spend).await?;
    let passed = spent.into_iter().filter(|(limit, spent)| spent.count > limit.most);
    match passed.map(|(limit, spent)| ((spent.resets_at - now).num_seconds().max(1), limit.most)).max() {
        Some((retry_after, limit)) => Err(AppError::TooMany { retry_after, limit }),
        None => Ok(()),
    }
}

/// A crash may forget the last attempts: nobody waits for the disk.
fn forgettable(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute("SET LOCAL synchronous_commit = off")
}

fn uncount(connection: &mut PgConnection, bucket: &[u8]) -> QueryResult<usize> {
    let counted = rate_limits::table.filter(rate_limits::bucket.eq(bucket)).filter(rate_limits::count.gt(0));
    diesel::update(counted).set(rate_limits::count.eq(rate_limits::count - 1)).execute(connection)
}

fn count(connection: &mut PgConnection, bucket: &[u8], limit: Limit, cost: i32, now: Moment) -> QueryResult<Spent> {
    // Saturates, so that a flood cannot overflow the counter.
    let query = "INSERT INTO rate_limits AS r (bucket, count, resets_at) VALUES ($1, $2, $3)
        ON CONFLICT (bucket) DO UPDATE SET
            count = CASE WHEN r.resets_at <= $4 THEN excluded.count ELSE least(r.count::bigint + excluded.count, 1000000000)::integer END,
            resets_at = CASE WHEN r.resets_at <= $4 THEN excluded.resets_at ELSE r.resets_at END
        RETURNING count, resets_at";
    let resets_at = now + TimeDelta::seconds(limit.seconds);
    prepared(query).bind(bucket).bind(cost).bind(resets_at).bind(now).get_result(connection)
}

/// Deletes windows that have ended.
pub fn forget_ended(connection: &mut PgConnection, now: Moment) -> QueryResult<usize> {
    diesel::delete(rate_limits::table.filter(rate_limits::resets_at.lt(now))).execute(connection)
}
