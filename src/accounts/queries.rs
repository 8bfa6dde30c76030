//! Statements on accounts and their links.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::account::AccountRow;
use crate::clock::Moment;
use crate::db::schema::{account_links, accounts};
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

/// A link to be mailed.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    pub id: Uuid,
    pub account_id: Uuid,
    /// `email_confirmation` or `password_reset`.
    pub kind: &'a str,
    pub email: &'a str,
    pub expires_at: Moment,
}

/// Inserts a link; earlier ones of the kind stop working.
pub fn insert_link(connection: &mut PgConnection, new: &NewLink<'_>, now: Moment) -> QueryResult<()> {
    let earlier = account_links::table
        .filter(account_links::account_id.eq(new.account_id))
        .filter(account_links::kind.eq(new.kind))
        .filter(account_links::used_at.is_null());
    diesel::delete(earlier).execute(connection)?;
    diesel::insert_into(account_links::table)
        .values((
            account_links::id.eq(new.id),
            account_links::account_id.eq(new.account_id),
            account_links::kind.eq(new.kind),
            account_links::email.eq(new.email),
            account_links::created_at.eq(now),
            account_links::expires_at.eq(new.expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Deletes links that expired long ago.
pub fn delete_links_expired_before(connection: &mut PgConnection, before: Moment) -> QueryResult<usize> {
    diesel::delete(account_links::table.filter(account_links::expires_at.lt(before))).execute(connection)
}

/// Remembers when somebody signed in last, on the account.
pub fn set_last_sign_in(connection: &mut PgConnection, id: Uuid, now: Moment) -> QueryResult<usize> {
    diesel::update(accounts::table.filter(accounts::id.eq(id))).set(accounts::last_sign_in_at.eq(now)).execute(connection)
}
