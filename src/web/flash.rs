//! A message that the next page shows once: it rides in the session until that page is rendered.

use actix_session::Session;
use serde::{Deserialize, Serialize};

use crate::error::{AppError, Result};

const KEY: &str = "flash";

/// What happened, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub message: String,
    /// Announced as an alert rather than as news.
    pub error: bool,
}

/// Tells the next page of a deed done.
pub fn tell(session: &Session, message: impl Into<String>) -> Result<()> {
    put(session, Flash { message: message.into(), error: false })
}

/// Tells the next page of something that could not be done.
pub fn warn(session: &Session, message: impl Into<String>) -> Result<()> {
    put(session, Flash { message: message.into(), error: true })
}

/// Takes the message out of the session. A session without one stays untouched: removing what is not there would mark it as
/// changed, and every page would write its row.
pub fn take(session: &Session) -> Option<Flash> {
    if !session.contains_key(KEY) {
        return None;
    }
    session.remove_as(KEY).and_then(std::result::Result::ok)
}

fn put(session: &Session, flash: Flash) -> Result<()> {
    session.insert(KEY, flash).map_err(|error| AppError::Internal(error.to_string()))
}
