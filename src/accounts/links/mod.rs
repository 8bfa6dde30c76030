//! Links that are mailed to the person of an account: to confirm an address, to set a new password. They are signed and
//! single-use. What a genuine one says moves from the address into the session by a redirect, so that no history, log or
//! Referer keeps it; nothing happens before the page's button is pressed.

pub mod queries;

use actix_session::Session;
use chrono::TimeDelta;
use diesel::pg::PgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Moment;
use crate::config::Config;
use crate::error::{AppError, Result};
use crate::mail::{self, Mail, Message};
use crate::secret::{LinkKind, SecretKeys};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    EmailConfirmation,
    PasswordReset,
}

impl Purpose {
    /// The name in the database and in the session.
    pub const fn key(self) -> &'static str {
        match self {
            Purpose::EmailConfirmation => "email_confirmation",
            Purpose::PasswordReset => "password_reset",
        }
    }

    const fn kind(self) -> LinkKind {
        match self {
            Purpose::EmailConfirmation => LinkKind::EmailConfirmation,
            Purpose::PasswordReset => LinkKind::PasswordReset,
        }
    }

    const fn valid_for(self) -> TimeDelta {
        match self {
            Purpose::EmailConfirmation => TimeDelta::days(3),
            Purpose::PasswordReset => TimeDelta::hours(1),
        }
    }

    /// What happened, for who asked for a link. Of a reset it says nothing about whether there is an account.
    pub fn sent_words(self, config: &Config, email: &str) -> String {
        let way = if config.smtp_url.is_some() { "is on its way" } else { "waits in the mailbox, as no mail server is set up" };
        match self {
            Purpose::EmailConfirmation => format!("A mail with a link for {email} {way}. The link works for 3 days."),
            Purpose::PasswordReset => {
                format!("If {email} has an account, a mail with a link {way}. The link works for 1 hour.")
            }
        }
    }
}

/// What a genuine link said. Whether it still works is in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    pub account_id: Uuid,
    pub link_id: Uuid,
}

/// Lets the session carry what the link says; false, and nothing carried, for a text that we did not sign.
pub fn carry(session: &Session, keys: &SecretKeys, token: &str, purpose: Purpose) -> Result<bool> {
    let Some(link) = keys.verify(token).filter(|link| link.kind == purpose.kind()) else {
        put_down(session, purpose);
        return Ok(false);
    };
    let carried = Carried { account_id: link.owner, link_id: link.id };
    session.insert(purpose.key(), carried).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(true)
}

/// What the session carries.
pub fn carried(session: &Session, purpose: Purpose) -> Option<Carried> {
    session.get(purpose.key()).ok().flatten()
}

/// Forgets it.
pub fn put_down(session: &Session, purpose: Purpose) {
    session.remove(purpose.key());
}

/// Puts the mail with a link into the outbox. Earlier links of the purpose to the same address stop working.
pub fn send(connection: &mut PgConnection, purpose: Purpose, account_id: Uuid, email: &str, now: Moment) -> Result<()> {
    let link_id = Uuid::new_v4();
    queries::delete_unused(connection, purpose, account_id, email)?;
    let new = queries::NewLink { id: link_id, account_id, purpose, email, expires_at: now + purpose.valid_for() };
    queries::insert(connection, &new, now)?;
    let message = match purpose {
        Purpose::EmailConfirmation => Message::EmailConfirmation { account_id, link_id },
        Purpose::PasswordReset => Message::PasswordReset { account_id, link_id },
    };
    mail::enqueue(connection, now, &Mail { recipient: email.to_owned(), message })?;
    Ok(())
}
