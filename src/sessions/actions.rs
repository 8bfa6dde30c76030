//! Signing a browser in and out, and ending sessions of other browsers.

use actix_session::Session;
use uuid::Uuid;

use super::queries;
use crate::access::{Account, SESSION_ACCOUNT};
use crate::audit::{self, AccountEvent};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};

/// Whether the session outlives the browser; a column of its row.
pub(super) const KEPT: &str = "kept";
/// Browser and network at the sign-in; a column of its row.
pub(super) const CLIENT: &str = "client";

/// Which row it is; changes with every renewal.
pub(super) const ID: &str = "id";

/// The id of the row behind a session, for the list of sessions; nil for one that has no row yet.
pub fn id_of(session: &Session) -> Uuid {
    session.get(ID).ok().flatten().unwrap_or_default()
}

/// Signs the browser in under a new key. What rode along (a bound invitation) stays.
pub fn begin(session: &Session, account: &Account, keep: bool, client: &str) -> Result<()> {
    let put = |failed: actix_session::SessionInsertError| AppError::Internal(failed.to_string());
    session.renew();
    session.insert(SESSION_ACCOUNT, account).map_err(put)?;
    session.insert(KEPT, keep).map_err(put)?;
    session.insert(CLIENT, client).map_err(put)
}

/// Goes on under a new key, after somebody proved again who they are.
pub fn renew(session: &Session) {
    session.renew();
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

/// Ends one session of an account, wherever it is.
///
/// # Errors
/// `NotFound` for one that has ended already or is somebody else's.
pub async fn end_one(db: &Db, account_id: Uuid, id: Uuid) -> Result<()> {
    let now = db.now();
    db.write(Scope::Account(account_id), move |connection| {
        if !queries::delete_one(connection, account_id, id)? {
            return Err(AppError::NotFound);
        }
        audit::record_account(connection, account_id, now, &AccountEvent::SessionsEnded { count: 1 })
    })
    .await
}

/// Ends every session of an account but this one. Returns how many.
pub async fn end_others(db: &Db, account_id: Uuid, this: Uuid) -> Result<i64> {
    let now = db.now();
    db.write(Scope::Account(account_id), move |connection| {
        let ended = queries::delete_others(connection, account_id, this)?;
        let count = i64::try_from(ended).unwrap_or(i64::MAX);
        if count > 0 {
            audit::record_account(connection, account_id, now, &AccountEvent::SessionsEnded { count })?;
        }
        Ok::<_, AppError>(count)
    })
    .await
}
