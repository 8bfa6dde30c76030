//! Statements on roles.

use diesel::prelude::*;
use uuid::Uuid;

use super::definition::Stored;
use crate::access::policy::Starter;
use crate::access::{OrgConn, OrgTx, RoleRow};
use crate::db::schema::{members, organizations, role_holders, roles};
use crate::db::types::fold;
use crate::error::Result;
use crate::members::Status;

/// Roles of one organization at most, so that the memory of a server holds those of many.
pub const MOST: i64 = 2_000;

/// One role as it is stored, deleted ones left out; `NotFound` if it is not of this organization.
pub fn row(org: &mut OrgConn<'_>, id: Uuid) -> Result<RoleRow> {
    let query = roles::table
        .filter(roles::organization_id.eq(org.organization_id()))
        .filter(roles::id.eq(id))
        .filter(roles::deleted_at.is_null())
        .select(RoleRow::as_select());
    Ok(query.first(org.connection())?)
}

/// The name of a role that was deleted.
pub fn deleted_name(org: &mut OrgConn<'_>, id: Uuid) -> Result<Option<String>> {
    let query = roles::table
        .filter(roles::organization_id.eq(org.organization_id()))
        .filter(roles::id.eq(id))
        .filter(roles::deleted_at.is_not_null())
        .select(roles::name);
    Ok(query.first(org.connection()).optional()?)
}

/// Inserts a role.
pub fn insert(tx: &mut OrgTx<'_>, id: Uuid, new: &Stored, starter: Option<Starter>) -> Result<()> {
    diesel::insert_into(roles::table)
        .values((
            roles::organization_id.eq(tx.organization_id()),
            roles::id.eq(id),
            roles::name.eq(&new.name),
            roles::name_key.eq(fold(&new.name)),
            roles::description.eq(&new.description),
            roles::level.eq(new.level),
            roles::starter.eq(starter.map(Starter::key)),
            roles::permissions.eq(&new.permissions),
            roles::withheld.eq(&new.withheld),
            roles::created_at.eq(tx.now()),
            roles::changed_at.eq(tx.now()),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Replaces what a role is; forms that showed it as it was are stale from then on.
pub fn update(tx: &mut OrgTx<'_>, id: Uuid, new: &Stored) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor.name.clone());
    diesel::update(roles::table)
        .filter(roles::organization_id.eq(tx.organization_id()))
        .filter(roles::id.eq(id))
        .set((
            roles::name.eq(&new.name),
            roles::name_key.eq(fold(&new.name)),
            roles::description.eq(&new.description),
            roles::level.eq(new.level),
            roles::permissions.eq(&new.permissions),
            roles::withheld.eq(&new.withheld),
            roles::version.eq(roles::version + 1),
            roles::changed_at.eq(now),
            roles::changed_by.eq(by),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Ends a role that nobody holds. Its row stays: invitations of back then name it.
pub fn delete(tx: &mut OrgTx<'_>, id: Uuid) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor.name.clone());
    diesel::update(roles::table)
        .filter(roles::organization_id.eq(tx.organization_id()))
        .filter(roles::id.eq(id))
        .set((roles::deleted_at.eq(now), roles::changed_at.eq(now), roles::changed_by.eq(by)))
        .execute(tx.connection())?;
    Ok(())
}

/// Makes a role the one that invitations begin with.
pub fn make_default(org: &mut OrgConn<'_>, role_id: Uuid) -> Result<()> {
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set(organizations::default_role_id.eq(role_id))
        .execute(org.connection())?;
    Ok(())
}

/// How many hold a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = role_holders)]
pub struct Holders {
    pub role_id: Uuid,
    pub active_members: i32,
    pub inactive_members: i32,
    pub invited_members: i32,
    /// Raised whenever somebody gets the role, loses it, or has it with another status; 0 if nobody ever did.
    pub version: i32,
}

impl Holders {
    /// Who has the role, whether active or not.
    pub fn members(&self) -> i64 {
        i64::from(self.active_members) + i64::from(self.inactive_members)
    }

    /// Who stands in the way of deleting it.
    pub fn all(&self) -> i64 {
        self.members() + i64::from(self.invited_members)
    }
}

/// The holders of some roles; a role that nobody ever held is left out.
pub fn holders(org: &mut OrgConn<'_>, role_ids: &[Uuid]) -> Result<Vec<Holders>> {
    let query = role_holders::table
        .filter(role_holders::organization_id.eq(org.organization_id()))
        .filter(role_holders::role_id.eq_any(role_ids))
        .select(Holders::as_select());
    Ok(query.load(org.connection())?)
}

/// The holders of one role.
pub fn holders_of(org: &mut OrgConn<'_>, role_id: Uuid) -> Result<Holders> {
    Ok(holders(org, &[role_id])?.into_iter().next().unwrap_or_default())
}

/// The first active holders of a role by name: id and name.
pub fn first_holders(org: &mut OrgConn<'_>, role_id: Uuid, most: i64) -> Result<Vec<(Uuid, String)>> {
    let query = members::table
        .filter(members::organization_id.eq(org.organization_id()))
        .filter(members::role_id.eq(role_id))
        .filter(members::status.eq(Status::Active.key()))
        .order((members::name_key.asc(), members::id.asc()))
        .limit(most)
        .select((members::id, members::name));
    Ok(query.load(org.connection())?)
}
