//! Statements behind permits: my memberships with my role in the organization that the address names, and the lock.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text};
use uuid::Uuid;

use super::policy::{Permission, PermissionSet, Standing};
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
}

impl Organization {
    /// Slots that nobody holds.
    pub fn free_slots(&self) -> i32 {
        (self.member_limit - self.active_members - self.invited_members).max(0)
    }
}

/// A role as permits need it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = roles)]
pub(super) struct SeatRole {
    name: String,
    level: i16,
    permissions: Vec<String>,
}

/// One of my memberships; the role only for the organization asked for.
#[derive(Clone, Debug, Queryable)]
pub(super) struct Membership {
    pub organization: Organization,
    pub member_id: Uuid,
    role: Option<SeatRole>,
}

impl Membership {
    pub fn standing(&self) -> Standing {
        let none = Standing { level: 0, permissions: PermissionSet::default() };
        self.role.as_ref().map_or(none, |role| Standing {
            level: role.level,
            permissions: PermissionSet::from_keys(role.permissions.iter().map(String::as_str)),
        })
    }

    pub fn role_name(&self) -> &str {
        self.role.as_ref().map(|role| role.name.as_str()).unwrap_or_default()
    }
}

/// Most organizations that the switcher lists.
const SWITCHER_LIMIT: i64 = 200;

/// My active memberships, that in `slug` first if there is one, the others by name.
pub(super) fn memberships(connection: &mut PgConnection, account_id: Uuid, slug: &str) -> QueryResult<Vec<Membership>> {
    let role_here =
        roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id)).and(organizations::slug.eq(slug));
    members::table
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .left_join(roles::table.on(role_here))
        .filter(members::account_id.eq(account_id))
        .filter(members::status.eq("active"))
        .order((organizations::slug.eq(slug).desc(), organizations::name.asc(), organizations::id.asc()))
        .limit(SWITCHER_LIMIT)
        .select((Organization::as_select(), members::id, Option::<SeatRole>::as_select()))
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
        .left_join(roles::table.on(roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id))))
        .filter(members::organization_id.eq(organization_id))
        .filter(members::account_id.eq(account_id))
        .filter(members::status.eq("active"))
        .select((Organization::as_select(), members::id, Option::<SeatRole>::as_select()))
        .first(connection)
        .optional()
}

/// The organization's row, locked until the transaction ends.
pub(super) fn lock_organization(connection: &mut PgConnection, organization_id: Uuid) -> Result<Organization> {
    let locked = organizations::table
        .filter(organizations::id.eq(organization_id))
        .select(Organization::as_select())
        .for_update()
        .first(connection)?;
    Ok(locked)
}

/// Narrows an account's transaction to one organization.
pub(super) fn enter(connection: &mut PgConnection, organization_id: Uuid) -> QueryResult<()> {
    connection.batch_execute(&Scope::enter(organization_id))
}

/// People who could give somebody a permission: name and role, highest first, three at most.
pub(super) fn granters(
    connection: &mut PgConnection,
    organization_id: Uuid,
    permission: Permission,
) -> QueryResult<Vec<(String, String)>> {
    let assigns = sql::<Bool>("roles.permissions && ARRAY['members.assign_role', 'members.assign_peer_role']");
    let has = sql::<Bool>("roles.permissions @> ").bind::<Array<Text>, _>(vec![permission.key()]);
    members::table
        .inner_join(roles::table.on(roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id))))
        .filter(members::organization_id.eq(organization_id))
        .filter(members::status.eq("active"))
        .filter(assigns)
        .filter(has)
        .order((roles::level.desc(), members::name_key.asc()))
        .limit(3)
        .select((members::name, roles::name))
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
