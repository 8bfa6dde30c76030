//! Statements on links.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::{Carried, Purpose};
use crate::clock::Moment;
use crate::db::schema::{account_links, accounts};

/// A link to be mailed.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    pub id: Uuid,
    pub account_id: Uuid,
    pub purpose: Purpose,
    pub email: &'a str,
    pub expires_at: Moment,
}

pub fn insert(connection: &mut PgConnection, new: &NewLink<'_>, now: Moment) -> QueryResult<usize> {
    diesel::insert_into(account_links::table)
        .values((
            account_links::id.eq(new.id),
            account_links::account_id.eq(new.account_id),
            account_links::kind.eq(new.purpose.key()),
            account_links::email.eq(new.email),
            account_links::created_at.eq(now),
            account_links::expires_at.eq(new.expires_at),
        ))
        .execute(connection)
}

/// A link with the account it belongs to.
#[derive(Clone, Debug, Queryable)]
pub struct Found {
    /// The address that the link was mailed to.
    pub email: String,
    pub expires_at: Moment,
    pub used_at: Option<Moment>,
    pub account_name: String,
    /// The address that the account has now.
    pub account_email: String,
}

impl Found {
    pub fn works(&self, now: Moment) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }
}

pub fn find(connection: &mut PgConnection, carried: Carried, purpose: Purpose) -> QueryResult<Option<Found>> {
    account_links::table
        .inner_join(accounts::table.on(accounts::id.eq(account_links::account_id)))
        .filter(account_links::id.eq(carried.link_id))
        .filter(account_links::account_id.eq(carried.account_id))
        .filter(account_links::kind.eq(purpose.key()))
        .select((account_links::email, account_links::expires_at, account_links::used_at, accounts::name, accounts::email))
        .first(connection)
        .optional()
}

/// Uses a link up: of many at once, one gets the address that it proves and all others nothing.
pub fn spend(connection: &mut PgConnection, carried: Carried, purpose: Purpose, now: Moment) -> QueryResult<Option<String>> {
    let unused = account_links::table
        .filter(account_links::id.eq(carried.link_id))
        .filter(account_links::account_id.eq(carried.account_id))
        .filter(account_links::kind.eq(purpose.key()))
        .filter(account_links::used_at.is_null())
        .filter(account_links::expires_at.gt(now));
    diesel::update(unused).set(account_links::used_at.eq(now)).returning(account_links::email).get_result(connection).optional()
}

/// Deletes the unused links of a purpose to an address.
pub fn delete_unused(connection: &mut PgConnection, purpose: Purpose, account_id: Uuid, email: &str) -> QueryResult<usize> {
    let unused = account_links::table
        .filter(account_links::account_id.eq(account_id))
        .filter(account_links::kind.eq(purpose.key()))
        .filter(account_links::email.eq(email))
        .filter(account_links::used_at.is_null());
    diesel::delete(unused).execute(connection)
}

/// Deletes the unused links of a purpose to every address but one.
pub fn delete_unused_elsewhere(
    connection: &mut PgConnection,
    purpose: Purpose,
    account_id: Uuid,
    email: &str,
) -> QueryResult<usize> {
    let unused = account_links::table
        .filter(account_links::account_id.eq(account_id))
        .filter(account_links::kind.eq(purpose.key()))
        .filter(account_links::email.ne(email))
        .filter(account_links::used_at.is_null());
    diesel::delete(unused).execute(connection)
}

/// Deletes links that expired long ago.
pub fn delete_expired_before(connection: &mut PgConnection, before: Moment) -> QueryResult<usize> {
    diesel::delete(account_links::table.filter(account_links::expires_at.lt(before))).execute(connection)
}
