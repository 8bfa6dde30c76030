//! Statements on accounts.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use uuid::Uuid;

use super::account::AccountRow;
use crate::clock::Moment;
use crate::db::schema::accounts;
use crate::db::types::EmailAddress;

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

/// Inserts an account; false when the address has one.
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
        .on_conflict(accounts::email)
        .do_nothing()
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
