//! Statements on sessions.

use chrono::TimeDelta;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::access::Account;
use crate::clock::Moment;
use crate::db::schema::{accounts, sessions};

/// Without a request for so long, a session ends.
pub const IDLE: TimeDelta = TimeDelta::hours(8);
/// A session ends so long after the sign-in, whatever happens.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(24);
/// Both, with "Keep me signed in".
pub const KEPT: TimeDelta = TimeDelta::days(14);
/// How exactly the last request is remembered.
const TOUCH_EVERY: TimeDelta = TimeDelta::seconds(60);

/// A session as a request needs it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub id: Uuid,
    pub account: Option<Account>,
    pub kept: bool,
    pub client: String,
    pub state: String,
    /// Whether the time of the last request is due to be written.
    pub stale: bool,
}

type AccountColumns = (Uuid, String, String, Option<Moment>, Option<Uuid>);

/// The session of a key, with its account, if neither has ended.
pub fn load(connection: &mut PgConnection, key_hash: &[u8], now: Moment) -> QueryResult<Option<Loaded>> {
    let account =
        (accounts::id, accounts::name, accounts::email, accounts::email_confirmed_at, accounts::last_organization_id).nullable();
    type Row = (Uuid, bool, String, String, Moment, Moment, Option<Uuid>, Option<AccountColumns>);
    let row: Option<Row> = sessions::table
        .left_join(accounts::table.on(sessions::account_id.eq(accounts::id.nullable())))
        .filter(sessions::key_hash.eq(key_hash))
        .select((
            sessions::id,
            sessions::kept,
            sessions::client,
            sessions::state,
            sessions::created_at,
            sessions::last_seen_at,
            sessions::account_id,
            account,
        ))
        .first(connection)
        .optional()?;
    let Some((id, kept, client, state, created_at, last_seen_at, account_id, account)) = row else { return Ok(None) };
    let (idle, absolute) = if kept { (KEPT, KEPT) } else { (IDLE, ABSOLUTE) };
    if now >= last_seen_at + idle || now >= created_at + absolute || account_id.is_some() != account.is_some() {
        return Ok(None);
    }
    let account = account.map(|(id, name, email, confirmed_at, last_organization_id)| Account {
        id,
        name,
        email,
        confirmed: confirmed_at.is_some(),
        last_organization_id,
    });
    Ok(Some(Loaded { id, account, kept, client, state, stale: now >= last_seen_at + TOUCH_EVERY }))
}

/// Remembers that a session was used.
pub fn touch(connection: &mut PgConnection, key_hash: &[u8], now: Moment) -> QueryResult<usize> {
    diesel::update(sessions::table.filter(sessions::key_hash.eq(key_hash)))
        .set(sessions::last_seen_at.eq(now))
        .execute(connection)
}

/// What a session is made of.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub key_hash: Vec<u8>,
    pub account_id: Option<Uuid>,
    pub kept: bool,
    pub client: String,
    pub state: String,
}

pub fn insert(connection: &mut PgConnection, new: &NewSession, now: Moment) -> QueryResult<usize> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::key_hash.eq(&new.key_hash),
            sessions::id.eq(Uuid::new_v4()),
            sessions::account_id.eq(new.account_id),
            sessions::kept.eq(new.kept),
            sessions::client.eq(&new.client),
            sessions::state.eq(&new.state),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
        ))
        .execute(connection)
}

/// Replaces what rides along. Never inserts: a session that was ended stays ended.
pub fn set_state(connection: &mut PgConnection, key_hash: &[u8], state: &str) -> QueryResult<usize> {
    diesel::update(sessions::table.filter(sessions::key_hash.eq(key_hash))).set(sessions::state.eq(state)).execute(connection)
}

pub fn delete(connection: &mut PgConnection, key_hash: &[u8]) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::key_hash.eq(key_hash))).execute(connection)
}

/// Ends every session of an account.
pub fn delete_of_account(connection: &mut PgConnection, account_id: Uuid) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::account_id.eq(account_id))).execute(connection)
}

/// Ends every session of an account but one. Returns how many.
pub fn delete_others(connection: &mut PgConnection, account_id: Uuid, this: Uuid) -> QueryResult<usize> {
    let others = sessions::table.filter(sessions::account_id.eq(account_id)).filter(sessions::id.ne(this));
    diesel::delete(others).execute(connection)
}

/// Ends one session of an account; false when it has none like that.
pub fn delete_one(connection: &mut PgConnection, account_id: Uuid, id: Uuid) -> QueryResult<bool> {
    let one = sessions::table.filter(sessions::id.eq(id)).filter(sessions::account_id.eq(account_id));
    Ok(diesel::delete(one).execute(connection)? == 1)
}

/// Whether a session of an account still goes on, kept so until the transaction ends: what a changed password ended a
/// moment ago must not come back by changing something itself.
pub fn hold(connection: &mut PgConnection, account_id: Uuid, id: Uuid) -> QueryResult<bool> {
    let mine = sessions::table.filter(sessions::id.eq(id)).filter(sessions::account_id.eq(account_id));
    let held: Option<Uuid> = mine.select(sessions::id).for_update().first(connection).optional()?;
    Ok(held.is_some())
}

/// Deletes sessions that have ended by themselves.
pub fn delete_ended(connection: &mut PgConnection, now: Moment) -> QueryResult<usize> {
    let idle = sessions::last_seen_at.lt(now - IDLE).and(sessions::kept.eq(false));
    diesel::delete(sessions::table.filter(idle.or(sessions::last_seen_at.lt(now - KEPT)))).execute(connection)
}
