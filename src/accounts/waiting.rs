//! Invitations that wait for the proven address of an account.

use diesel::pg::PgConnection;

use crate::access::{Account, OrgTx};
use crate::clock::Moment;
use crate::error::{Result, Stopped};
use crate::invites;
use crate::members::Member;

pub use crate::invites::pages::landing::WaitingView as Waiting;

/// For a transaction in the account's scope. Nothing for an address that nobody proved.
pub fn list(connection: &mut PgConnection, account: &Account, now: Moment) -> Result<Vec<Waiting>> {
    if !account.confirmed {
        return Ok(Vec::new());
    }
    let waiting = invites::queries::waiting_for(connection, &account.email, now)?;
    Ok(waiting.into_iter().map(|one| Waiting::new(one, now)).collect())
}

/// Ends the invitation of an invited row: the person is a member by another address.
pub fn end_for_member(tx: &mut OrgTx<'_>, invited: &Member) -> Result<()> {
    let Some(invitation_id) = invited.invitation_id else { return Ok(()) };
    match invites::actions::withdraw(tx, invitation_id) {
        // It ended by itself a moment ago, and its row with it.
        Ok(_) | Err(Stopped::Refused(_)) => Ok(()),
        Err(Stopped::Failed(error)) => Err(error),
    }
}
