//! Statements on invitations.

mod landing;
mod list;
mod role;
mod story;

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use uuid::Uuid;

use super::invitation::{Invitation, Status};
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{invitations, organizations, roles};
use crate::error::Result;

pub use landing::{
    Landing, Person, Waiting, account_exists, confirm_address, invitation_of, landing, person, remember_organization,
    waiting_for, who_may_invite,
};
pub use list::{Counts, Listed, Tab, counts, page, page_of};
pub use role::{Sender, move_role, set_role};
pub use story::{Happening, StoryRow, note, note_all, note_once, story};

/// Rows of one statement, well below the 65,535 values that Postgres takes.
const ROWS_AT_ONCE: usize = 1_000;

type OfOrganization = invitations::BoxedQuery<'static, Pg, SqlTypeOf<AsSelect<Invitation, Pg>>>;

/// The only entrance: invitations of this organization.
fn in_org(org: &OrgConn<'_>) -> OfOrganization {
    invitations::table.filter(invitations::organization_id.eq(org.organization_id())).select(Invitation::as_select()).into_boxed()
}

/// One invitation; `NotFound` if it is not of this organization.
pub fn by_id(org: &mut OrgConn<'_>, id: Uuid) -> Result<Invitation> {
    let query = in_org(org).filter(invitations::id.eq(id));
    Ok(query.first(org.connection())?)
}

/// One invitation with the name of its role, which may have been deleted since.
pub fn with_role_name(org: &mut OrgConn<'_>, id: Uuid) -> Result<(Invitation, String)> {
    let role = roles::organization_id.eq(invitations::organization_id).and(roles::id.eq(invitations::role_id));
    let query = invitations::table
        .inner_join(roles::table.on(role))
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::id.eq(id))
        .select((Invitation::as_select(), roles::name));
    Ok(query.first(org.connection())?)
}

/// The pending invitations of these addresses.
pub fn pending_of(org: &mut OrgConn<'_>, emails: &[String]) -> Result<Vec<Invitation>> {
    let query =
        in_org(org).filter(invitations::status.eq(Status::Pending.key())).filter(invitations::email.eq_any(emails.to_vec()));
    Ok(query.load(org.connection())?)
}

/// The pending invitations that were sent at one moment: those of one form.
pub fn sent_at(org: &mut OrgConn<'_>, at: Moment, most: i64) -> Result<Vec<Invitation>> {
    let query = in_org(org)
        .filter(invitations::sent_at.eq(at))
        .filter(invitations::status.eq(Status::Pending.key()))
        .order(invitations::id.asc())
        .limit(most);
    Ok(query.load(org.connection())?)
}

/// Inserts invitations, and the moment at which the first of them ends.
pub fn insert_all(org: &mut OrgConn<'_>, all: &[Invitation]) -> Result<()> {
    let organization_id = org.organization_id();
    for some in all.chunks(ROWS_AT_ONCE) {
        let row = |new: &Invitation| {
            (
                invitations::organization_id.eq(organization_id),
                invitations::id.eq(new.id),
                invitations::email.eq(new.email.clone()),
                invitations::name.eq(new.name.clone()),
                invitations::message.eq(new.message.clone()),
                invitations::role_id.eq(new.role_id),
                invitations::invited_by_account_id.eq(new.invited_by_account_id),
                invitations::invited_by.eq(new.invited_by.clone()),
                invitations::created_at.eq(new.created_at),
                invitations::sent_at.eq(new.sent_at),
                invitations::expires_at.eq(new.expires_at),
                invitations::notification_email.eq(new.notification_email.clone()),
                invitations::invited_by_key_id.eq(new.invited_by_key_id),
                invitations::sender_level.eq(new.sender_level),
                invitations::sender_permissions.eq(new.sender_permissions.clone()),
            )
        };
        let rows: Vec<_> = some.iter().map(row).collect();
        diesel::insert_into(invitations::table).values(rows).execute(org.connection())?;
    }
    match all.iter().map(|new| new.expires_at).min() {
        Some(first_end) => expect_end(org, first_end),
        None => Ok(()),
    }
}

/// Tells the upkeep to come by at the end of an invitation, unless it comes earlier anyway.
fn expect_end(org: &mut OrgConn<'_>, at: Moment) -> Result<()> {
    let sooner = organizations::invitations_due_at.is_null().or(organizations::invitations_due_at.gt(at));
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())).filter(sooner))
        .set(organizations::invitations_due_at.eq(at))
        .execute(org.connection())?;
    Ok(())
}

/// Sends a pending or expired invitation again, under the next generation; false when the generation has passed.
pub fn send_again(org: &mut OrgConn<'_>, again: &Invitation) -> Result<bool> {
    let changed = diesel::update(invitations::table)
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::id.eq(again.id))
        .filter(invitations::generation.eq(again.generation - 1))
        .filter(invitations::status.eq_any([Status::Pending.key(), Status::Expired.key()]))
        .set((
            invitations::status.eq(Status::Pending.key()),
            invitations::ended_at.eq(None::<Moment>),
            invitations::generation.eq(again.generation),
            invitations::sent_at.eq(again.sent_at),
            invitations::expires_at.eq(again.expires_at),
            invitations::invited_by_account_id.eq(again.invited_by_account_id),
            invitations::invited_by.eq(&again.invited_by),
            invitations::invited_by_key_id.eq(again.invited_by_key_id),
            invitations::sender_level.eq(again.sender_level),
            invitations::sender_permissions.eq(&again.sender_permissions),
        ))
        .execute(org.connection())?;
    expect_end(org, again.expires_at)?;
    Ok(changed == 1)
}

/// Ends a pending invitation without anybody joining; false when it has ended already.
pub fn end(org: &mut OrgConn<'_>, id: Uuid, status: Status) -> Result<bool> {
    let now = org.now();
    let ended = diesel::update(invitations::table)
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::id.eq(id))
        .filter(invitations::status.eq(Status::Pending.key()))
        .filter(invitations::expires_at.gt(now))
        .set((invitations::status.eq(status.key()), invitations::ended_at.eq(now)))
        .execute(org.connection())?;
    Ok(ended == 1)
}

/// Uses an invitation up (security rule 2): one statement decides, so that it happens once. `None` when it is not, or no
/// longer, open under this generation.
pub fn consume(org: &mut OrgConn<'_>, id: Uuid, generation: i32, account_id: Uuid, role_id: Uuid) -> Result<Option<Invitation>> {
    let now = org.now();
    let used = diesel::update(invitations::table)
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::id.eq(id))
        .filter(invitations::generation.eq(generation))
        .filter(invitations::status.eq(Status::Pending.key()))
        .filter(invitations::expires_at.gt(now))
        .set((
            invitations::status.eq(Status::Accepted.key()),
            invitations::ended_at.eq(now),
            invitations::accepted_by_account_id.eq(account_id),
            invitations::role_id.eq(role_id),
        ))
        .returning(Invitation::as_returning())
        .get_result(org.connection())
        .optional()?;
    Ok(used)
}

/// Ends the pending invitations whose time is over. Returns ids and addresses.
pub fn expire(org: &mut OrgConn<'_>) -> Result<Vec<(Uuid, String)>> {
    let now = org.now();
    let expired = diesel::update(invitations::table)
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::status.eq(Status::Pending.key()))
        .filter(invitations::expires_at.le(now))
        .set((invitations::status.eq(Status::Expired.key()), invitations::ended_at.eq(invitations::expires_at.nullable())))
        .returning((invitations::id, invitations::email))
        .get_results(org.connection())?;
    Ok(expired)
}

/// Tells the upkeep when the next pending invitation ends.
pub fn plan_next_end(org: &mut OrgConn<'_>) -> Result<()> {
    let next: Option<Moment> = invitations::table
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::status.eq(Status::Pending.key()))
        .order(invitations::expires_at.asc())
        .select(invitations::expires_at)
        .first(org.connection())
        .optional()?;
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set(organizations::invitations_due_at.eq(next))
        .execute(org.connection())?;
    Ok(())
}

/// Organizations in which an invitation may have ended by now.
pub fn organizations_due(connection: &mut PgConnection, now: Moment, most: i64) -> Result<Vec<Uuid>> {
    let due = organizations::table
        .filter(organizations::invitations_due_at.le(now))
        .order(organizations::invitations_due_at.asc())
        .limit(most)
        .select(organizations::id)
        .load(connection)?;
    Ok(due)
}
