//! Statements on the outbox.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::{Mail, Message, Progress};
use crate::clock::Moment;
use crate::db::schema::{invitation_events, invitations, mails};
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

/// A mail that this worker alone may send until `until`.
#[derive(Clone, Debug)]
pub struct Leased {
    pub row: OutboxRow,
    /// How often the server refused it for now.
    pub refusals: i32,
    pub until: Moment,
}

/// Leases mails that are due and that nobody else has, the longest due first.
pub(super) fn lease(connection: &mut PgConnection, now: Moment, until: Moment, limit: i64) -> Result<Vec<Leased>> {
    let ids: Vec<Uuid> = mails::table
        .filter(mails::next_attempt_at.le(now))
        .filter(mails::locked_until.is_null().or(mails::locked_until.le(now)))
        .order(mails::next_attempt_at)
        .limit(limit)
        .select(mails::id)
        .for_update()
        .skip_locked()
        .load(connection)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(RawRow, i32)> = diesel::update(mails::table.filter(mails::id.eq_any(ids)))
        .set(mails::locked_until.eq(until))
        .returning((RawRow::as_select(), mails::attempts))
        .get_results(connection)?;
    rows.into_iter().map(|(raw, refusals)| Ok(Leased { row: raw.read()?, refusals, until })).collect()
}

/// What became of a leased mail.
#[derive(Clone, Debug, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = mails, treat_none_as_null = true)]
pub(super) struct Settlement {
    pub next_attempt_at: Option<Moment>,
    pub attempts: i32,
    pub locked_until: Option<Moment>,
    pub sent_at: Option<Moment>,
    pub failed_at: Option<Moment>,
    pub dropped_at: Option<Moment>,
    pub trouble: String,
}

/// Ends a lease with its outcome; false when the lease had run out and somebody else has the mail.
pub(super) fn settle(connection: &mut PgConnection, leased: &Leased, outcome: &Settlement) -> QueryResult<bool> {
    let mine = mails::table.filter(mails::id.eq(leased.row.id)).filter(mails::locked_until.eq(leased.until));
    Ok(diesel::update(mine).set(outcome).execute(connection)? == 1)
}

/// Gives leases back untouched.
pub(super) fn give_back(connection: &mut PgConnection, leases: &[(Uuid, Moment)]) -> QueryResult<()> {
    for (id, until) in leases {
        let mine = mails::table.filter(mails::id.eq(id)).filter(mails::locked_until.eq(until));
        diesel::update(mine).set(mails::locked_until.eq(None::<Moment>)).execute(connection)?;
    }
    Ok(())
}

/// Adds a delay to the story of an invitation, if it is still there. Inside the scope of its organization.
pub(super) fn tell_delay(
    connection: &mut PgConnection,
    (organization_id, invitation_id): (Uuid, Uuid),
    now: Moment,
    reason: &str,
) -> QueryResult<()> {
    use diesel::IntoSql;
    use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
    let event = invitations::table
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::id.eq(invitation_id))
        .select((
            invitations::organization_id,
            Uuid::now_v7().into_sql::<SqlUuid>(),
            invitations::id,
            now.into_sql::<Timestamptz>(),
            "mail_delayed".into_sql::<Text>(),
            reason.into_sql::<Text>(),
        ));
    diesel::insert_into(invitation_events::table)
        .values(event)
        .into_columns((
            invitation_events::organization_id,
            invitation_events::id,
            invitation_events::invitation_id,
            invitation_events::at,
            invitation_events::kind,
            invitation_events::detail,
        ))
        .execute(connection)?;
    Ok(())
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
