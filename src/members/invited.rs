//! Statements on the rows of invited people: they hold a slot from the invitation on, and joining turns them into members.

use diesel::prelude::*;
use uuid::Uuid;

use super::member::{Member, NewMember, Status, name_key, search_terms};
use super::queries::{in_org, set_identity};
use crate::access::{OrgConn, OrgTx};
use crate::clock::Moment;
use crate::db::schema::{member_terms, members};
use crate::error::{AppError, Result};

/// Rows of one statement: 65,535 values are the most that Postgres takes.
const ROWS_AT_ONCE: usize = 2_000;

/// Members and invited people with one of these addresses.
pub fn by_emails(org: &mut OrgConn<'_>, emails: &[String]) -> Result<Vec<Member>> {
    let query = in_org(org).filter(members::email.eq_any(emails.to_vec()));
    Ok(query.load(org.connection())?)
}

/// Inserts invited people and the words they are found by.
pub fn insert_all(org: &mut OrgConn<'_>, all: &[NewMember]) -> Result<()> {
    let (organization_id, now) = (org.organization_id(), org.now());
    let row = |new: &NewMember| {
        (
            members::organization_id.eq(organization_id),
            members::id.eq(new.id),
            members::email.eq(new.email.clone()),
            members::name.eq(new.name.clone()),
            members::name_key.eq(name_key(&new.name, &new.email)),
            members::role_id.eq(new.role_id),
            members::role_since.eq(now),
            members::role_given_by.eq(new.invited_by.clone()),
            members::status.eq(Status::Invited.key()),
            members::invitation_id.eq(new.invitation.map(|(id, _)| id)),
            members::invitation_expires_at.eq(new.invitation.map(|(_, expires_at)| expires_at)),
            members::invited_by.eq(new.invited_by.clone()),
            members::created_at.eq(now),
        )
    };
    for some in all.chunks(ROWS_AT_ONCE) {
        let rows: Vec<_> = some.iter().map(row).collect();
        diesel::insert_into(members::table).values(rows).execute(org.connection())?;
    }
    insert_terms(org, all)
}

fn insert_terms(org: &mut OrgConn<'_>, all: &[NewMember]) -> Result<()> {
    let of = |new: &NewMember| {
        let (id, name_key) = (new.id, name_key(&new.name, &new.email));
        search_terms(&new.name, &new.email).into_iter().map(move |term| (id, term, name_key.clone()))
    };
    let terms: Vec<(Uuid, String, String)> = all.iter().flat_map(of).collect();
    let organization_id = org.organization_id();
    for some in terms.chunks(ROWS_AT_ONCE) {
        let row = |(member_id, term, name_key): &(Uuid, String, String)| {
            (
                member_terms::organization_id.eq(organization_id),
                member_terms::member_id.eq(*member_id),
                member_terms::term.eq(term.clone()),
                member_terms::name_key.eq(name_key.clone()),
            )
        };
        let rows: Vec<_> = some.iter().map(row).collect();
        diesel::insert_into(member_terms::table).values(rows).execute(org.connection())?;
    }
    Ok(())
}

/// The account that takes the slot of an invited person.
#[derive(Clone, Debug)]
pub struct Joining<'a> {
    pub account_id: Uuid,
    pub name: &'a str,
    pub email: &'a str,
    pub role_id: Uuid,
}

/// Turns the row of an invitation into an active member. Returns the member's id.
pub fn join(org: &mut OrgConn<'_>, invitation_id: Uuid, joining: &Joining<'_>) -> Result<Uuid> {
    let (organization_id, now) = (org.organization_id(), org.now());
    let invited = members::table
        .filter(members::organization_id.eq(organization_id))
        .filter(members::invitation_id.eq(invitation_id))
        .filter(members::email.eq(joining.email))
        .filter(members::status.eq(Status::Invited.key()));
    let id: Option<Uuid> = diesel::update(invited)
        .set((
            members::account_id.eq(joining.account_id),
            members::status.eq(Status::Active.key()),
            members::role_id.eq(joining.role_id),
            members::role_since.eq(now),
            members::invitation_expires_at.eq(None::<Moment>),
            members::joined_at.eq(now),
            members::last_sign_in_at.eq(now),
            members::version.eq(members::version + 1),
        ))
        .returning(members::id)
        .get_result(org.connection())
        .optional()?;
    let id = id.ok_or_else(|| AppError::Internal("a pending invitation holds no slot".to_owned()))?;
    set_identity(org, id, joining.name, joining.email)?;
    Ok(id)
}

/// Lets go of the slots of invitations that ended without anybody joining. The words go with the rows.
pub fn remove_all(org: &mut OrgConn<'_>, addresses: &[String]) -> Result<()> {
    let invited = members::table
        .filter(members::organization_id.eq(org.organization_id()))
        .filter(members::email.eq_any(addresses))
        .filter(members::status.eq(Status::Invited.key()));
    diesel::delete(invited).execute(org.connection())?;
    Ok(())
}

/// Gives an invited person another role, as their invitation names it now.
pub fn set_role(tx: &mut OrgTx<'_>, email: &str, role_id: Uuid) -> Result<()> {
    let invited = members::table
        .filter(members::organization_id.eq(tx.organization_id()))
        .filter(members::email.eq(email))
        .filter(members::status.eq(Status::Invited.key()));
    let (since, by) = (tx.now(), tx.actor.name.clone());
    diesel::update(invited)
        .set((
            members::role_id.eq(role_id),
            members::role_since.eq(since),
            members::role_given_by.eq(&by),
            members::invited_by.eq(&by),
            members::version.eq(members::version + 1),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Holds the slot of an invitation that was sent again until it ends.
pub fn extend(org: &mut OrgConn<'_>, email: &str, expires_at: Moment, invited_by: &str) -> Result<()> {
    let invited = members::table
        .filter(members::organization_id.eq(org.organization_id()))
        .filter(members::email.eq(email))
        .filter(members::status.eq(Status::Invited.key()));
    diesel::update(invited)
        .set((members::invitation_expires_at.eq(expires_at), members::invited_by.eq(invited_by)))
        .execute(org.connection())?;
    Ok(())
}
