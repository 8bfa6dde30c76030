//! The story of an invitation: what people did to it, and what became of its mails.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz};
use uuid::Uuid;

use super::super::binding::Bound;
use super::ROWS_AT_ONCE;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::schema::invitation_events;
use crate::error::Result;
use crate::secret;

/// Something that happened to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    Created,
    Resent,
    RoleChanged,
    Opened,
    OpenedAsOther,
    AskedFor,
    Accepted,
    Declined,
    Revoked,
    Expired,
}

impl Happening {
    pub const fn key(self) -> &'static str {
        match self {
            Happening::Created => "created",
            Happening::Resent => "resent",
            Happening::RoleChanged => "role_changed",
            Happening::Opened => "opened",
            Happening::OpenedAsOther => "opened_as_other",
            Happening::AskedFor => "asked_for",
            Happening::Accepted => "accepted",
            Happening::Declined => "declined",
            Happening::Revoked => "revoked",
            Happening::Expired => "expired",
        }
    }
}

/// Adds to an invitation's story; `detail` is the name of who did it, or empty.
pub fn note(org: &mut OrgConn<'_>, invitation_id: Uuid, happening: Happening, detail: &str) -> Result<()> {
    note_all(org, &[(invitation_id, detail.to_owned())], happening)
}

/// Adds the same to the stories of many invitations.
pub fn note_all(org: &mut OrgConn<'_>, all: &[(Uuid, String)], happening: Happening) -> Result<()> {
    let (organization_id, now) = (org.organization_id(), org.now());
    for some in all.chunks(ROWS_AT_ONCE) {
        let row = |(invitation_id, detail): &(Uuid, String)| {
            (
                invitation_events::organization_id.eq(organization_id),
                invitation_events::id.eq(Uuid::now_v7()),
                invitation_events::invitation_id.eq(*invitation_id),
                invitation_events::at.eq(now),
                invitation_events::kind.eq(happening.key()),
                invitation_events::detail.eq(detail.clone()),
            )
        };
        let rows: Vec<_> = some.iter().map(row).collect();
        diesel::insert_into(invitation_events::table).values(rows).execute(org.connection())?;
    }
    Ok(())
}

/// Adds to the story of a link's invitation unless it stands there for this generation and account: the row's id is made
/// from them. Takes no lock, as it changes nothing else.
pub fn note_once(
    connection: &mut PgConnection,
    bound: &Bound,
    happening: Happening,
    account_id: Option<Uuid>,
    now: Moment,
) -> Result<()> {
    let (id, generation) = (bound.invitation_id, bound.generation);
    let what = format!("{id} {generation} {} {}", happening.key(), account_id.unwrap_or_default());
    let row_id = u128::from_be_bytes(secret::hash(what.as_bytes()).first_chunk::<16>().copied().unwrap_or_default());
    diesel::insert_into(invitation_events::table)
        .values((
            invitation_events::organization_id.eq(bound.organization_id),
            invitation_events::id.eq(Uuid::from_u128(row_id)),
            invitation_events::invitation_id.eq(id),
            invitation_events::at.eq(now),
            invitation_events::kind.eq(happening.key()),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(())
}

/// A line of the story. Mails come as `mail_queued`, `mail_taken`, `mail_refused` and `mail_dropped` out of their rows, and as
/// `mail_delayed` out of the events, where the worker writes each new reason why a mail has to wait.
#[derive(Clone, Debug, QueryableByName)]
pub struct StoryRow {
    #[diesel(sql_type = Timestamptz)]
    pub at: Moment,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub detail: String,
}

/// The story, oldest first.
pub fn story(org: &mut OrgConn<'_>, invitation_id: Uuid) -> Result<Vec<StoryRow>> {
    let query = "SELECT at, kind, detail FROM (
            (SELECT at, 0 AS place, kind, detail, id FROM invitation_events
                WHERE organization_id = $1 AND invitation_id = $2 ORDER BY at DESC, id DESC LIMIT 200)
            UNION ALL
            (SELECT v.at, v.place, v.kind, v.detail, m.id
                FROM (SELECT * FROM mails WHERE organization_id = $1 AND invitation_id = $2 ORDER BY created_at DESC LIMIT 50) m,
                LATERAL (VALUES (m.created_at, 1, 'mail_queued', ''), (m.sent_at, 2, 'mail_taken', ''),
                    (m.failed_at, 2, 'mail_refused', m.trouble), (m.dropped_at, 2, 'mail_dropped', ''))
                    v (at, place, kind, detail)
                WHERE v.at IS NOT NULL)
        ) s ORDER BY at, place, id";
    Ok(prepared(query).bind(org.organization_id()).bind(invitation_id).load(org.connection())?)
}
