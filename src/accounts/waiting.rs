//! Invitations that wait for the proven address of an account, as `/` and `/account` list them.

use diesel::pg::PgConnection;

use crate::access::{Account, OrgTx};
use crate::clock::Moment;
use crate::error::{Result, Stopped};
use crate::invites;
use crate::members::Member;
use crate::web::words::TimeWords;

/// A waiting invitation, display-ready.
pub struct Waiting {
    pub organization: String,
    pub invited_by: String,
    pub expires: TimeWords,
    /// Where the button leads that opens it.
    pub action: String,
}

/// For a transaction in the account's scope. Nothing for an address that nobody proved.
pub fn list(connection: &mut PgConnection, account: &Account, now: Moment) -> Result<Vec<Waiting>> {
    if !account.confirmed {
        return Ok(Vec::new());
    }
    let waiting = invites::queries::waiting_for(connection, &account.email, now)?;
    let item = |one: invites::queries::Waiting| Waiting {
        action: format!("/invitations/waiting/{}/{}/open", one.organization_id, one.invitation_id),
        organization: one.organization,
        invited_by: one.invited_by,
        expires: TimeWords::new(one.expires_at, now),
    };
    Ok(waiting.into_iter().map(item).collect())
}

/// Ends the invitation of an invited row: the person is a member by another address.
pub fn end_for_member(tx: &mut OrgTx<'_>, invited: &Member) -> Result<()> {
    let Some(invitation_id) = invited.invitation_id else { return Ok(()) };
    match invites::actions::revoke(tx, invitation_id) {
        // It ended by itself a moment ago, and its row with it.
        Ok(_) | Err(Stopped::Refused(_)) => Ok(()),
        Err(Stopped::Failed(error)) => Err(error),
    }
}
