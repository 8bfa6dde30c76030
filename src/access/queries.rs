//! Statements behind permits: my memberships with my role in the organization that the address names, and the lock.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::role::RoleRow;
use crate::db::Scope;
use crate::db::schema::{accounts, members, organizations, roles};
use crate::error::Result;

/// The row of an organization, with its counters.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = organizations)]
pub struct Organization {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub member_limit: i32,
    pub active_members: i32,
    pub inactive_members: i32,
    /// Pending invitations; each holds a slot.
    pub invited_members: i32,
    pub default_role_id: Option<Uuid>,
    /// Another one after every change of its roles.
    pub roles_version: Uuid,
    /// Key of its plan; empty until it subscribes.
    pub plan: String,
    /// Slots that the operator gives at least.
    pub granted_slots: Option<i32>,
    /// Metered items whose limit is reached and that are to stop then.
    pub stopped_items: Vec<String>,
    /// Keys of the modules that it subscribes to; those that its plan includes stand in the file of plans.
    pub modules: Vec<String>,
}

/// The number of slots that stands for no limit.
pub const UNLIMITED_SLOTS: i32 = i32::MAX;

impl Organization {
    /// Member slots; none where there is no limit.
    pub fn slots(&self) -> Option<i32> {
        (self.member_limit != UNLIMITED_SLOTS).then_some(self.member_limit)
    }

    /// Slots that nobody holds.
    pub fn free_slots(&self) -> i32 {
        (self.member_limit - self.active_members - self.invited_members).max(0)
    }
}

/// One of my memberships.
#[derive(Clone, Debug, Queryable)]
pub(super) struct Membership {
    pub organization: Organization,
    pub member_id: Uuid,
    pub role_id: Uuid,
}

/// Most organizations that the switcher lists.
const SWITCHER_LIMIT: i64 = 200;

/// My active memberships, that in `slug` first if there is one, the others by name.
pub(super) fn memberships(connection: &mut PgConnection, account_id: Uuid, slug: &str) -> QueryResult<Vec<Membership>> {
    members::table
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .filter(members::account_id.eq(account_id))
        .filter(members::status.eq("active"))
        .order((organizations::slug.eq(slug).desc(), organizations::name.asc(), organizations::id.asc()))
        .limit(SWITCHER_LIMIT)
        .select((Organization::as_select(), members::id, members::role_id))
        .load(connection)
}

/// My membership in one organization, as it is now.
pub(super) fn membership(
    connection: &mut PgConnection,
    account_id: Uuid,
    organization_id: Uuid,
) -> QueryResult<Option<Membership>> {
    members::table
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .filter(members::organization_id.eq(organization_id))
        .filter(members::account_id.eq(account_id))
        .filter(members::status.eq("active"))
        .select((Organization::as_select(), members::id, members::role_id))
        .first(connection)
        .optional()
}

/// All roles of an organization, highest first.
pub(super) fn roles(connection: &mut PgConnection, organization_id: Uuid) -> QueryResult<Vec<RoleRow>> {
    roles::table
        .filter(roles::organization_id.eq(organization_id))
        .filter(roles::deleted_at.is_null())
        .order((roles::level.desc(), roles::name_key.asc()))
        .select(RoleRow::as_select())
        .load(connection)
}

/// The organization's row, locked until the transaction ends. Its key stays as it is: rows that only refer to it, such as those
/// of metered use, are written meanwhile, and wait for nothing.
pub(super) fn lock_organization(connection: &mut PgConnection, organization_id: Uuid) -> Result<Organization> {
    let locked = organizations::table
        .filter(organizations::id.eq(organization_id))
        .select(Organization::as_select())
        .for_no_key_update()
        .first(connection)?;
    Ok(locked)
}

/// Narrows an account's transaction to one organization.
pub(super) fn enter(connection: &mut PgConnection, organization_id: Uuid) -> QueryResult<()> {
    connection.batch_execute(&Scope::enter(organization_id))
}

/// Holders of some roles: name and role, highest first, three at most.
pub(super) fn holders(
    connection: &mut PgConnection,
    organization_id: Uuid,
    role_ids: &[Uuid],
) -> QueryResult<Vec<(String, String)>> {
    members::table
        .inner_join(roles::table.on(roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id))))
        .filter(members::organization_id.eq(organization_id))
        .filter(members::status.eq("active"))
        .filter(members::role_id.eq_any(role_ids))
        .order((roles::level.desc(), members::name_key.asc()))
        .limit(3)
        .select((members::name, roles::name))
        .load(connection)
}

/// Addresses of active members with one of these roles, those of the highest level first.
pub(super) fn addresses_of_roles(
    connection: &mut PgConnection,
    organization_id: Uuid,
    role_ids: &[Uuid],
    most: i64,
) -> QueryResult<Vec<String>> {
    members::table
        .inner_join(roles::table.on(roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id))))
        .filter(members::organization_id.eq(organization_id))
        .filter(members::status.eq("active"))
        .filter(members::role_id.eq_any(role_ids))
        .order((roles::level.desc(), members::role_since.asc(), members::id.asc()))
        .limit(most)
        .select(members::email)
        .load(connection)
}

/// Remembers where `/` leads to.
pub(super) fn remember_organization(
    connection: &mut PgConnection,
    account_id: Uuid,
    organization_id: Uuid,
) -> QueryResult<usize> {
    diesel::update(accounts::table.filter(accounts::id.eq(account_id)))
        .set(accounts::last_organization_id.eq(organization_id))
        .execute(connection)
}
