//! Signing a browser in and out.

use actix_session::Session;

use crate::access::{Account, SESSION_ACCOUNT};
use crate::error::{AppError, Result};

/// Whether the session outlives the browser; a column of its row.
pub(super) const KEPT: &str = "kept";
/// Browser and network at the sign-in; a column of its row.
pub(super) const CLIENT: &str = "client";

/// Signs the browser in under a new key. What rode along (a bound invitation) stays.
pub fn begin(session: &Session, account: &Account, keep: bool, client: &str) -> Result<()> {
    let put = |failed: actix_session::SessionInsertError| AppError::Internal(failed.to_string());
    session.renew();
    session.insert(SESSION_ACCOUNT, account).map_err(put)?;
    session.insert(KEPT, keep).map_err(put)?;
    session.insert(CLIENT, client).map_err(put)
}

/// Signs the browser out and forgets everything that rode along.
pub fn end(session: &Session) {
    session.purge();
}

/// Signs the browser out but keeps what rides along, for who goes on as somebody else.
pub fn switch_account(session: &Session) {
    session.remove(SESSION_ACCOUNT);
    session.remove(KEPT);
    session.remove(CLIENT);
    session.renew();
}
