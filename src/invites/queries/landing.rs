//! What the page behind a link reads, and what joining needs to know of accounts.

use diesel::dsl::{exists, select, sql};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text};
use uuid::Uuid;

use super::super::invitation::{Invitation, Status};
use crate::access::policy::Permission;
use crate::access::{OrgConn, Organization};
use crate::clock::Moment;
use crate::db::schema::{accounts, invitations, members, organizations, roles};
use crate::error::Result;

/// An invitation with its organization and the name of its role.
#[derive(Clone, Debug, Queryable)]
pub struct Landing {
    pub invitation: Invitation,
    pub organization: Organization,
    pub role: String,
}

/// What a link leads to; `None` when the organization is gone.
pub fn landing(org: &mut OrgConn<'_>, id: Uuid) -> Result<Option<Landing>> {
    let role = roles::organization_id.eq(invitations::organization_id).and(roles::id.eq(invitations::role_id));
    let found = invitations::table
        .inner_join(organizations::table.on(organizations::id.eq(invitations::organization_id)))
        .inner_join(roles::table.on(role))
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::id.eq(id))
        .select((Invitation::as_select(), Organization::as_select(), roles::name))
        .first(org.connection())
        .optional()?;
    Ok(found)
}

/// Whether an address has an account.
pub fn account_exists(connection: &mut PgConnection, email: &str) -> Result<bool> {
    Ok(select(exists(accounts::table.filter(accounts::email.eq(email)))).get_result(connection)?)
}

/// Who is about to join, as the account is now.
#[derive(Clone, Debug, Queryable)]
pub struct Person {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub email_confirmed_at: Option<Moment>,
}

/// An account, kept from changing its address until the transaction ends.
pub fn person(connection: &mut PgConnection, account_id: Uuid) -> Result<Person> {
    let person = accounts::table
        .filter(accounts::id.eq(account_id))
        .select((accounts::id, accounts::name, accounts::email, accounts::email_confirmed_at))
        .for_no_key_update()
        .first(connection)?;
    Ok(person)
}

/// Remembers that a mailed link proved an account's address.
pub fn confirm_address(connection: &mut PgConnection, account_id: Uuid, now: Moment) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account_id)))
        .set(accounts::email_confirmed_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Makes `/` lead to the organization that was just joined.
pub fn remember_organization(org: &mut OrgConn<'_>, account_id: Uuid) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account_id)))
        .set(accounts::last_organization_id.eq(org.organization_id()))
        .execute(org.connection())?;
    Ok(())
}

/// Addresses of members who may invite: who sent the invitation first, then by level.
pub fn who_may_invite(org: &mut OrgConn<'_>, inviter: Uuid, most: i64) -> Result<Vec<String>> {
    let role = roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id));
    let may = sql::<Bool>("roles.permissions @> ").bind::<Array<Text>, _>(vec![Permission::MembersInvite.key()]);
    let emails = members::table
        .inner_join(roles::table.on(role))
        .filter(members::organization_id.eq(org.organization_id()))
        .filter(members::status.eq("active"))
        .filter(may)
        .order((members::account_id.eq(inviter).desc(), roles::level.desc(), members::name_key.asc()))
        .limit(most)
        .select(members::email)
        .load(org.connection())?;
    Ok(emails)
}

/// A pending invitation of an account, in whichever organization.
#[derive(Clone, Debug, Queryable)]
pub struct Waiting {
    pub organization_id: Uuid,
    pub invitation_id: Uuid,
    pub generation: i32,
    pub organization: String,
    pub invited_by: String,
    pub expires_at: Moment,
}

/// The pending invitations of an account's address, oldest first, in a transaction scoped to the account
/// (`Scope::Account`). Row-level security shows them only where the address is proven.
pub fn waiting_for(connection: &mut PgConnection, email: &str, now: Moment) -> Result<Vec<Waiting>> {
    const MOST: i64 = 50;
    let waiting = invitations::table
        .inner_join(organizations::table.on(organizations::id.eq(invitations::organization_id)))
        .filter(invitations::email.eq(email))
        .filter(invitations::status.eq(Status::Pending.key()))
        .filter(invitations::expires_at.gt(now))
        .order((invitations::sent_at.asc(), invitations::id.asc()))
        .limit(MOST)
        .select((
            invitations::organization_id,
            invitations::id,
            invitations::generation,
            organizations::name,
            invitations::invited_by,
            invitations::expires_at,
        ))
        .load(connection)?;
    Ok(waiting)
}

/// One of them; `None` when it is not waiting for this account.
pub fn invitation_of(
    connection: &mut PgConnection,
    email: &str,
    (organization_id, id): (Uuid, Uuid),
    now: Moment,
) -> Result<Option<Waiting>> {
    let waiting = waiting_for(connection, email, now)?;
    Ok(waiting.into_iter().find(|one| one.organization_id == organization_id && one.invitation_id == id))
}
