//! What changes accounts.

use diesel::pg::PgConnection;
use uuid::Uuid;

use super::account::AccountRow;
use super::links::{self, Purpose};
use super::queries::{self, NewAccount};
use crate::access::{Account, Basis};
use crate::audit::{self, AccountEvent};
use crate::clock::Moment;
use crate::db::types::{EmailAddress, OrganizationName, PersonName};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result, Stopped};
use crate::members;
use crate::organizations::{self, actions::Founder};

/// A sign-up whose fields are all good.
#[derive(Clone, Debug)]
pub struct SignUp {
    pub id: Uuid,
    pub name: PersonName,
    pub email: EmailAddress,
    pub password_hash: String,
    pub organization: OrganizationName,
}

/// Why nobody was signed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpRefused {
    AddressTaken,
}

/// Creates an account with an organization of its own and the mail that confirms its address. Returns the account and the
/// organization's slug.
pub async fn sign_up(db: &Db, new: SignUp) -> Result<(Account, String), Stopped<SignUpRefused>> {
    let (account_id, organization_id, basis) = (new.id, Uuid::new_v4(), Basis::of(db));
    db.write(Scope::Member { organization_id, account_id }, move |connection| {
        let now = basis.now;
        let row = NewAccount {
            id: account_id,
            email: new.email.clone(),
            name: new.name.as_str().to_owned(),
            password_hash: new.password_hash.clone(),
            confirmed: false,
        };
        insert_account(connection, &row, now)?;
        let founder = Founder { account_id, name: row.name.clone(), email: new.email.as_str().to_owned() };
        let slug = organizations::actions::create(connection, organization_id, &new.organization, &founder, &basis)?;
        send_confirmation(connection, account_id, new.email.as_str(), now)?;
        let account = queries::by_id(connection, account_id)?.account();
        Ok((account, slug))
    })
    .await
}

pub(super) fn insert_account(connection: &mut PgConnection, new: &NewAccount, now: Moment) -> Result<(), Stopped<SignUpRefused>> {
    if !queries::insert(connection, new, now)? {
        return Err(Stopped::Refused(SignUpRefused::AddressTaken));
    }
    audit::record_account(connection, new.id, now, &AccountEvent::AccountCreated {})?;
    Ok(())
}

/// Puts the mail with a link that confirms `email` into the outbox.
pub fn send_confirmation(connection: &mut PgConnection, account_id: Uuid, email: &str, now: Moment) -> Result<()> {
    links::send(connection, Purpose::EmailConfirmation, account_id, email, now)
}

/// Remembers a sign-in, on the account and in each organization's list. False, and nothing remembered, when the password
/// that was verified has been changed in the meantime.
pub async fn signed_in(db: &Db, row: &AccountRow, client: &str) -> Result<bool> {
    let (row, client, now) = (row.clone(), client.to_owned(), db.now());
    db.write(Scope::Account(row.id), move |connection| {
        if !queries::set_last_sign_in(connection, &row, now)? {
            return Ok::<_, AppError>(false);
        }
        members::queries::set_last_sign_in(connection, row.id, now)?;
        audit::record_account(connection, row.id, now, &AccountEvent::SignedIn { client: client.clone() })?;
        Ok(true)
    })
    .await
}
