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

/// Inserts mails that are due at once.
pub fn insert_all(connection: &mut PgConnection, now: Moment, all: &[Mail]) -> Result<()> {
    /// Rows of one statement, well below the 65,535 values that Postgres takes.
    const ROWS_AT_ONCE: usize = 1_000;
    for some in all.chunks(ROWS_AT_ONCE) {
        let mut rows = Vec::with_capacity(some.len());
        for mail in some {
            let message = serde_json::to_value(&mail.message).map_err(|error| AppError::Internal(error.to_string()))?;
            rows.push((
                mails::id.eq(Uuid::now_v7()),
                mails::recipient.eq(&mail.recipient),
                mails::message.eq(message),
                mails::organization_id.eq(mail.message.organization_id()),
                mails::invitation_id.eq(mail.message.invitation_id()),
                mails::account_id.eq(mail.message.account_id()),
                mails::created_at.eq(now),
                mails::next_attempt_at.eq(now),
            ));
        }
        diesel::insert_into(mails::table).values(rows).execute(connection)?;
    }
    Ok(())
}
