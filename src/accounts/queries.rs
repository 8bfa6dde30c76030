//! Statements on accounts.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Jsonb, Nullable, Text};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::account::AccountRow;
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::schema::accounts;
use crate::db::types::EmailAddress;
use crate::sessions::queries::{ABSOLUTE, IDLE, KEPT};

/// An account to be inserted.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub id: Uuid,
    pub email: EmailAddress,
    pub name: String,
    pub password_hash: String,
    /// Whether an invitation by mail proved the address already.
    pub confirmed: bool,
}

/// Inserts an account; false when the address has one, or the form that asks for it was carried out before.
pub fn insert(connection: &mut PgConnection, new: &NewAccount, now: Moment) -> QueryResult<bool> {
    let inserted = diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(new.id),
            accounts::email.eq(new.email.as_str()),
            accounts::email_confirmed_at.eq(new.confirmed.then_some(now)),
            accounts::name.eq(&new.name),
            accounts::password_hash.eq(&new.password_hash),
            accounts::password_changed_at.eq(now),
            accounts::last_sign_in_at.eq(now),
            accounts::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(inserted == 1)
}

pub fn by_email(connection: &mut PgConnection, email: &str) -> QueryResult<Option<AccountRow>> {
    accounts::table.filter(accounts::email.eq(email)).select(AccountRow::as_select()).first(connection).optional()
}

pub fn by_id(connection: &mut PgConnection, id: Uuid) -> QueryResult<AccountRow> {
    accounts::table.filter(accounts::id.eq(id)).select(AccountRow::as_select()).first(connection)
}

/// Remembers when somebody signed in last, on the account; false when the password was changed in the meantime.
pub fn set_last_sign_in(connection: &mut PgConnection, row: &AccountRow, now: Moment) -> QueryResult<bool> {
    let as_verified = accounts::table.filter(accounts::id.eq(row.id)).filter(accounts::password_hash.eq(&row.password_hash));
    Ok(diesel::update(as_verified).set(accounts::last_sign_in_at.eq(now)).execute(connection)? == 1)
}

/// The row of an account, locked until the transaction ends.
pub fn locked(connection: &mut PgConnection, id: Uuid) -> QueryResult<AccountRow> {
    accounts::table.filter(accounts::id.eq(id)).select(AccountRow::as_select()).for_update().first(connection)
}

pub fn set_name(connection: &mut PgConnection, id: Uuid, name: &str) -> QueryResult<usize> {
    diesel::update(accounts::table.filter(accounts::id.eq(id))).set(accounts::name.eq(name)).execute(connection)
}

/// Gives an account a proven address; false when another account has it.
pub fn set_email(connection: &mut PgConnection, id: Uuid, email: &str, now: Moment) -> QueryResult<bool> {
    let set = (accounts::email.eq(email), accounts::email_confirmed_at.eq(now));
    match diesel::update(accounts::table.filter(accounts::id.eq(id))).set(set).execute(connection) {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        outcome => outcome.map(|_| true),
    }
}

/// Notes that the address is proven; false when it was already.
pub fn confirm(connection: &mut PgConnection, id: Uuid, now: Moment) -> QueryResult<bool> {
    let unproven = accounts::table.filter(accounts::id.eq(id)).filter(accounts::email_confirmed_at.is_null());
    Ok(diesel::update(unproven).set(accounts::email_confirmed_at.eq(now)).execute(connection)? == 1)
}

pub fn set_password(connection: &mut PgConnection, id: Uuid, hash: &str, now: Moment) -> QueryResult<usize> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set((accounts::password_hash.eq(hash), accounts::password_changed_at.eq(now)))
        .execute(connection)
}

/// What the account page shows of an account itself, read in one round trip.
#[derive(Clone, Debug, QueryableByName)]
pub struct Snapshot {
    /// Array of `SessionFacts`, the one used last first.
    #[diesel(sql_type = Jsonb)]
    pub sessions: Value,
    /// Array of `EventFacts`, the newest first.
    #[diesel(sql_type = Jsonb)]
    pub events: Value,
    /// The address that a link was sent to which would replace the present one.
    #[diesel(sql_type = Nullable<Text>)]
    pub wanted_email: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct SessionFacts {
    pub id: Uuid,
    pub client: String,
    pub created_at: Moment,
    pub last_seen_at: Moment,
}

#[derive(Clone, Debug, Deserialize)]
pub struct EventFacts {
    pub at: Moment,
    pub kind: String,
    pub data: Value,
}

pub fn snapshot(connection: &mut PgConnection, id: Uuid, now: Moment) -> QueryResult<Snapshot> {
    let query = "SELECT
        coalesce((SELECT jsonb_agg(s) FROM (
            SELECT id, client, created_at, last_seen_at FROM sessions
            WHERE account_id = $1 AND last_seen_at > CASE WHEN kept THEN $3 ELSE $4 END
                AND created_at > CASE WHEN kept THEN $3 ELSE $5 END
            ORDER BY last_seen_at DESC, id LIMIT 50) s), '[]') AS sessions,
        coalesce((SELECT jsonb_agg(e) FROM (
            SELECT at, kind, data FROM account_events WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT 10) e), '[]') AS events,
        (SELECT l.email FROM account_links l JOIN accounts a ON a.id = l.account_id
            WHERE l.account_id = $1 AND l.kind = 'email_confirmation' AND l.used_at IS NULL AND l.expires_at > $2
                AND l.email <> a.email ORDER BY l.created_at DESC LIMIT 1) AS wanted_email";
    prepared(query).bind(id).bind(now).bind(now - KEPT).bind(now - IDLE).bind(now - ABSOLUTE).get_result(connection)
}
