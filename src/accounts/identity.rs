//! What changes who somebody is, name and address, here and in each of their organizations. One transaction holds all of
//! it: the account first, then the organizations in the order of their ids.

use diesel::pg::PgConnection;
use uuid::Uuid;

use super::account::AccountRow;
use super::links::{self, Carried, Purpose};
use super::queries;
use super::waiting;
use crate::access::{Actor, Basis, OrgTx};
use crate::audit::{self, AccountEvent, Event};
use crate::clock::Moment;
use crate::db::types::{EmailAddress, PersonName};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result, Stopped};
use crate::mail::{self, Mail, Message};
use crate::members::{self, Status};

/// Gives an account another name, in all its organizations.
pub async fn rename(db: &Db, account_id: Uuid, name: PersonName) -> Result<()> {
    let basis = Basis::of(db);
    db.write(Scope::Account(account_id), move |connection| {
        let row = queries::locked(connection, account_id)?;
        let (from, to) = (row.name.clone(), name.as_str().to_owned());
        if from == to {
            return Ok::<(), AppError>(());
        }
        queries::set_name(connection, account_id, &to)?;
        audit::record_account(connection, account_id, basis.now, &AccountEvent::NameChanged { from, to: to.clone() })?;
        everywhere(connection, &row, &basis, |tx| rename_member(tx, &row, &to))
    })
    .await
}

fn rename_member(tx: &mut OrgTx<'_>, row: &AccountRow, to: &str) -> Result<()> {
    let Some(member) = members::queries::by_account(tx, row.id)? else { return Ok(()) };
    members::queries::set_identity(tx, member.id, to, &row.email)?;
    tx.record(&Event::MemberRenamed { member_id: member.id, from: row.name.clone(), to: to.to_owned() })
}

/// Why an address was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressRefused {
    /// Another account has it.
    Taken,
    /// The link was used, replaced or has expired.
    LinkDead,
}

impl AddressRefused {
    pub fn words(self) -> &'static str {
        match self {
            AddressRefused::Taken => "Another account has this address. Choose a different one, or sign in to that account.",
            AddressRefused::LinkDead => "That link does not work any more.",
        }
    }
}

/// Mails a link to the address that an account wants to have; the change happens when the link proves it.
pub async fn ask_for_address(db: &Db, account_id: Uuid, new: EmailAddress) -> Result<(), Stopped<AddressRefused>> {
    let now = db.now();
    db.write(Scope::Account(account_id), move |connection| {
        let row = queries::locked(connection, account_id)?;
        if queries::by_email(connection, new.as_str())?.is_some() {
            return Err(Stopped::Refused(AddressRefused::Taken));
        }
        // One wish at a time: an earlier one is forgotten.
        links::queries::delete_unused_elsewhere(connection, Purpose::EmailConfirmation, account_id, &row.email)?;
        Ok(links::send(connection, Purpose::EmailConfirmation, account_id, new.as_str(), now)?)
    })
    .await
}

/// Mails the link that confirms the address again.
pub async fn send_confirmation_again(db: &Db, account_id: Uuid) -> Result<()> {
    let now = db.now();
    db.write(Scope::Account(account_id), move |connection| {
        let row = queries::locked(connection, account_id)?;
        links::send(connection, Purpose::EmailConfirmation, account_id, &row.email, now)
    })
    .await
}

/// What a confirmation brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The address that the account has is proven now.
    Address(String),
    /// The account has another, proven address now.
    NewAddress(String),
}

/// Uses a confirmation link up: the address that it was mailed to is the account's proven one from now on.
pub async fn confirm(db: &Db, carried: Carried) -> Result<Confirmed, Stopped<AddressRefused>> {
    let (account_id, basis) = (carried.account_id, Basis::of(db));
    db.write(Scope::Account(account_id), move |connection| {
        let row = queries::locked(connection, account_id)?;
        let proven = links::queries::spend(connection, carried, Purpose::EmailConfirmation, basis.now)?;
        let email = proven.ok_or(Stopped::Refused(AddressRefused::LinkDead))?;
        if email == row.email {
            confirm_address(connection, &row, basis.now)?;
            return Ok(Confirmed::Address(email));
        }
        change_address(connection, &row, &email, &basis)?;
        Ok(Confirmed::NewAddress(email))
    })
    .await
}

/// Notes that an account's address is proven, by its own link or by another mail to it.
pub fn confirm_address(connection: &mut PgConnection, row: &AccountRow, now: Moment) -> Result<()> {
    if queries::confirm(connection, row.id, now)? {
        audit::record_account(connection, row.id, now, &AccountEvent::EmailConfirmed { email: row.email.clone() })?;
    }
    Ok(())
}

fn change_address(
    connection: &mut PgConnection,
    row: &AccountRow,
    to: &str,
    basis: &Basis,
) -> Result<(), Stopped<AddressRefused>> {
    let now = basis.now;
    if !queries::set_email(connection, row.id, to, now)? {
        return Err(Stopped::Refused(AddressRefused::Taken));
    }
    // Links that went to the old address open nothing any more.
    links::queries::delete_unused_elsewhere(connection, Purpose::PasswordReset, row.id, to)?;
    links::queries::delete_unused_elsewhere(connection, Purpose::EmailConfirmation, row.id, to)?;
    everywhere(connection, row, basis, |tx| change_member_address(tx, row, to))?;
    let event = AccountEvent::EmailChanged { from: row.email.clone(), to: to.to_owned() };
    audit::record_account(connection, row.id, now, &event)?;
    let message = Message::EmailChanged { account_id: row.id, to: to.to_owned() };
    mail::enqueue(connection, now, &Mail { recipient: row.email.clone(), message })?;
    Ok(())
}

fn change_member_address(tx: &mut OrgTx<'_>, row: &AccountRow, to: &str) -> Result<()> {
    let Some(member) = members::queries::by_account(tx, row.id)? else { return Ok(()) };
    // Whoever was invited at the new address is a member already. Another account cannot stand there: addresses of
    // accounts are unique, and members' rows follow them.
    if let Some(other) = members::queries::by_email(tx, to)?.filter(|other| other.status() == Status::Invited) {
        waiting::end_for_member(tx, &other)?;
    }
    members::queries::set_identity(tx, member.id, &row.name, to)?;
    let event =
        Event::MemberAddressChanged { member_id: member.id, name: row.name.clone(), from: row.email.clone(), to: to.to_owned() };
    tx.record(&event)
}

/// Does something in each organization of an account, as the account.
fn everywhere(
    connection: &mut PgConnection,
    row: &AccountRow,
    basis: &Basis,
    work: impl Fn(&mut OrgTx<'_>) -> Result<()>,
) -> Result<()> {
    for organization_id in members::queries::organizations_of(connection, row.id)? {
        let actor = Actor::person(row.id, &row.name);
        work(&mut OrgTx::enter(connection, organization_id, actor, basis.clone())?)?;
    }
    Ok(())
}
