//! Statements on the outbox.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::{Mail, Message, Progress};
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

/// A mail in the outbox.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    pub id: Uuid,
    pub recipient: String,
    pub message: Message,
    pub created_at: Moment,
    pub progress: Progress,
}

/// A row as it stands in the table.
#[derive(Queryable, Selectable)]
#[diesel(table_name = mails)]
struct RawRow {
    id: Uuid,
    recipient: String,
    message: serde_json::Value,
    created_at: Moment,
    #[diesel(embed)]
    progress: Progress,
}

impl RawRow {
    fn read(self) -> Result<OutboxRow> {
        let message = serde_json::from_value(self.message).map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(OutboxRow { id: self.id, recipient: self.recipient, message, created_at: self.created_at, progress: self.progress })
    }
}

/// The newest mails, those to `recipient` only unless that is empty, those before `before` only.
pub fn newest(
    connection: &mut PgConnection,
    recipient: &str,
    before: Option<(Moment, Uuid)>,
    limit: i64,
) -> Result<Vec<OutboxRow>> {
    let mut mails = mails::table.select(RawRow::as_select()).into_boxed();
    if !recipient.is_empty() {
        mails = mails.filter(mails::recipient.eq(recipient.to_owned()));
    }
    if let Some((at, id)) = before {
        mails = mails.filter(mails::created_at.lt(at).or(mails::created_at.eq(at).and(mails::id.lt(id))));
    }
    let rows: Vec<RawRow> = mails.order((mails::created_at.desc(), mails::id.desc())).limit(limit).load(connection)?;
    rows.into_iter().map(RawRow::read).collect()
}

/// One mail.
///
/// # Errors
/// `NotFound` where there is none.
pub fn by_id(connection: &mut PgConnection, id: Uuid) -> Result<OutboxRow> {
    mails::table.filter(mails::id.eq(id)).select(RawRow::as_select()).first::<RawRow>(connection)?.read()
}

/// How far the latest mail of an invitation has come; `None` if it never had one.
pub fn latest_of_invitation(
    connection: &mut PgConnection,
    organization_id: Uuid,
    invitation_id: Uuid,
) -> QueryResult<Option<Progress>> {
    mails::table
        .filter(mails::organization_id.eq(organization_id))
        .filter(mails::invitation_id.eq(invitation_id))
        .order((mails::created_at.desc(), mails::id.desc()))
        .select(Progress::as_select())
        .first(connection)
        .optional()
}

/// The same for a page of invitations, in one statement.
pub fn latest_of_invitations(
    connection: &mut PgConnection,
    organization_id: Uuid,
    invitation_ids: &[Uuid],
) -> QueryResult<HashMap<Uuid, Progress>> {
    let rows: Vec<(Option<Uuid>, Progress)> = mails::table
        .filter(mails::organization_id.eq(organization_id))
        .filter(mails::invitation_id.eq_any(invitation_ids))
        .distinct_on(mails::invitation_id)
        .order((mails::invitation_id, mails::created_at.desc(), mails::id.desc()))
        .select((mails::invitation_id, Progress::as_select()))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(id, progress)| Some((id?, progress))).collect())
}
