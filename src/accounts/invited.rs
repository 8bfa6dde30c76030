//! Signing up with an invitation: no organization of one's own comes with the account.

use uuid::Uuid;

use super::actions::{SignUpRefused, insert_account, send_confirmation};
use super::queries::{self, NewAccount};
use crate::access::{Account, Actor, Basis, OrgTx};
use crate::db::types::{EmailAddress, PersonName};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result, Stopped};
use crate::invites;
use crate::invites::actions::{JoinRefused, Joined};
use crate::invites::binding::Bound;
use crate::invites::queries::Person;

/// An invited person whose fields are all good.
#[derive(Clone, Debug)]
pub struct InvitedSignUp {
    pub id: Uuid,
    pub name: PersonName,
    pub email: EmailAddress,
    pub password_hash: String,
    pub bound: Bound,
}

/// Why nobody was signed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitedRefused {
    AddressTaken,
    /// The invitation ended, or the organization is full: its page says which.
    NotOpen,
    /// Nobody gives its role any more.
    NobodyGives,
}

/// Creates an account and, when the link came by mail, makes it a member in the same transaction. A copied link proves no
/// mailbox: that account has to confirm its address and joins afterwards.
pub async fn sign_up(db: &Db, new: InvitedSignUp) -> Result<(Account, Option<Joined>), Stopped<InvitedRefused>> {
    let (account_id, organization_id, bound, basis) = (new.id, new.bound.organization_id, new.bound, Basis::of(db));
    let signed_up = db.write(Scope::Member { organization_id, account_id }, move |connection| {
        let now = basis.now;
        let row = NewAccount {
            id: account_id,
            email: new.email.clone(),
            name: new.name.as_str().to_owned(),
            password_hash: new.password_hash.clone(),
            confirmed: false,
        };
        insert_account(connection, &row, now).map_err(taken)?;
        let actor = Actor::person(account_id, &row.name);
        let mut tx = OrgTx::within(connection, organization_id, actor, basis.clone())?;
        let person =
            Person { id: account_id, name: row.name.clone(), email: new.email.as_str().to_owned(), email_confirmed_at: None };
        let joined = if new.bound.mailed {
            Some(invites::actions::join(&mut tx, &person, &new.bound).map_err(not_open)?)
        } else {
            still_open(&mut tx, &person, &new.bound)?;
            None
        };
        if joined.is_none() {
            send_confirmation(connection, account_id, &person.email, now)?;
        }
        Ok((queries::by_id(connection, account_id)?.account(), joined))
    });
    let signed_up = signed_up.await;
    if let Err(Stopped::Refused(InvitedRefused::NobodyGives)) = signed_up {
        invites::actions::withdraw_ungiven(db, bound).await?;
    }
    signed_up
}

fn still_open(tx: &mut OrgTx<'_>, person: &Person, bound: &Bound) -> Result<(), Stopped<InvitedRefused>> {
    let invitation = match invites::queries::by_id(tx, bound.invitation_id) {
        Ok(invitation) => invitation,
        Err(AppError::NotFound) => return Err(Stopped::Refused(InvitedRefused::NotOpen)),
        Err(error) => return Err(error.into()),
    };
    if invitation.email == person.email && invitation.is_open(bound.generation, tx.now()) {
        return Ok(());
    }
    Err(Stopped::Refused(InvitedRefused::NotOpen))
}

fn taken(stopped: Stopped<SignUpRefused>) -> Stopped<InvitedRefused> {
    match stopped {
        Stopped::Refused(SignUpRefused::AddressTaken) => Stopped::Refused(InvitedRefused::AddressTaken),
        Stopped::Failed(error) => Stopped::Failed(error),
    }
}

fn not_open(stopped: Stopped<JoinRefused>) -> Stopped<InvitedRefused> {
    match stopped {
        Stopped::Refused(JoinRefused::NobodyGives) => Stopped::Refused(InvitedRefused::NobodyGives),
        Stopped::Refused(_) => Stopped::Refused(InvitedRefused::NotOpen),
        Stopped::Failed(error) => Stopped::Failed(error),
    }
}
