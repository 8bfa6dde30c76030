//! Statements on the outbox.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::Mail;
use crate::clock::Moment;
use crate::db::schema::mails;
use crate::error::{AppError, Result};

/// Inserts a mail that is due at once.
pub fn insert(connection: &mut PgConnection, now: Moment, mail: &Mail) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let message = serde_json::to_value(&mail.message).map_err(|error| AppError::Internal(error.to_string()))?;
    diesel::insert_into(mails::table)
        .values((
            mails::id.eq(id),
            mails::recipient.eq(&mail.recipient),
            mails::message.eq(message),
            mails::organization_id.eq(mail.message.organization_id()),
            mails::invitation_id.eq(mail.message.invitation_id()),
            mails::account_id.eq(mail.message.account_id()),
            mails::created_at.eq(now),
            mails::next_attempt_at.eq(now),
        ))
        .execute(connection)?;
    Ok(id)
}
