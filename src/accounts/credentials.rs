//! What changes a password: a reset by mail, and a change by who knows the old one.

use diesel::pg::PgConnection;
use uuid::Uuid;

use super::account::AccountRow;
use super::identity;
use super::links::{self, Carried, Purpose};
use super::queries;
use crate::audit::{self, AccountEvent};
use crate::clock::Moment;
use crate::db::types::EmailAddress;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result, Stopped};
use crate::mail::{self, Mail, Message};
use crate::sessions;

/// Mails a link that sets a new password, if there is an account with the address.
pub async fn send_reset_link(db: &Db, email: EmailAddress) -> Result<()> {
    let now = db.now();
    db.write(Scope::Nobody, move |connection| match queries::by_email(connection, email.as_str())? {
        Some(row) => links::send(connection, Purpose::PasswordReset, row.id, &row.email, now),
        None => Ok(()),
    })
    .await
}

/// The link was used, replaced or has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkDead;

/// Sets a new password by a link. The mailbox is proven by it, and every session of the account ends.
pub async fn reset(db: &Db, carried: Carried, password_hash: String) -> Result<AccountRow, Stopped<LinkDead>> {
    let (account_id, now) = (carried.account_id, db.now());
    db.write(Scope::Account(account_id), move |connection| {
        let row = queries::locked(connection, account_id)?;
        let proven = links::queries::spend(connection, carried, Purpose::PasswordReset, now)?;
        // A link to an address that the account gave up opens nothing.
        if proven.as_deref() != Some(row.email.as_str()) {
            return Err(Stopped::Refused(LinkDead));
        }
        identity::confirm_address(connection, &row, now)?;
        sessions::queries::delete_of_account(connection, account_id)?;
        // Whoever held the account before may have asked for an address of their own.
        links::queries::delete_unused_elsewhere(connection, Purpose::EmailConfirmation, account_id, &row.email)?;
        set_password(connection, &row, &password_hash, &AccountEvent::PasswordReset {}, now)?;
        Ok(queries::by_id(connection, account_id)?)
    })
    .await
}

/// Sets a new password for who knew the old one, in the session that they keep. All others end.
///
/// # Errors
/// `SignInFirst` when that session was ended in the meantime.
pub async fn change(db: &Db, account_id: Uuid, session_id: Uuid, password_hash: String) -> Result<()> {
    let now = db.now();
    db.write(Scope::Account(account_id), move |connection| {
        let row = queries::locked(connection, account_id)?;
        if !sessions::queries::hold(connection, account_id, session_id)? {
            return Err(AppError::SignInFirst { next: "/account".to_owned() });
        }
        sessions::queries::delete_others(connection, account_id, session_id)?;
        set_password(connection, &row, &password_hash, &AccountEvent::PasswordChanged {}, now)
    })
    .await
}

fn set_password(
    connection: &mut PgConnection,
    row: &AccountRow,
    password_hash: &str,
    event: &AccountEvent,
    now: Moment,
) -> Result<()> {
    queries::set_password(connection, row.id, password_hash, now)?;
    links::queries::delete_unused(connection, Purpose::PasswordReset, row.id, &row.email)?;
    audit::record_account(connection, row.id, now, event)?;
    let message = Message::PasswordChanged { account_id: row.id };
    mail::enqueue(connection, now, &Mail { recipient: row.email.clone(), message })?;
    Ok(())
}
