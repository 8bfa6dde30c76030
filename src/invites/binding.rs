//! The invitation that a browser session carries.

use actix_session::Session;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{AppError, Result};

const KEY: &str = "invitation";

/// What a genuine link said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub organization_id: Uuid,
    pub invitation_id: Uuid,
    /// An earlier generation than the invitation's is a dead link.
    pub generation: i32,
    /// Whether the link came by mail and so proves the mailbox.
    pub mailed: bool,
}

/// Lets the session carry an invitation, in place of an earlier one.
pub fn bind(session: &Session, bound: Bound) -> Result<()> {
    session.insert(KEY, bound).map_err(|error| AppError::Internal(error.to_string()))
}

/// The invitation that the session carries.
pub fn bound(session: &Session) -> Option<Bound> {
    session.get(KEY).ok().flatten()
}

/// Forgets it, once joined or declined.
pub fn release(session: &Session) {
    session.remove(KEY);
}
