//! Statements on roles.

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use super::Role;
use crate::access::OrgConn;
use crate::access::policy::Starter;
use crate::db::schema::{organizations, roles};
use crate::db::types::fold;
use crate::error::Result;

type OfOrganization = roles::BoxedQuery<'static, Pg, SqlTypeOf<AsSelect<Role, Pg>>>;

/// The only entrance: roles of this organization.
fn in_org(org: &OrgConn<'_>) -> OfOrganization {
    roles::table.filter(roles::organization_id.eq(org.organization_id())).select(Role::as_select()).into_boxed()
}

/// One role; `NotFound` if it is not of this organization.
pub fn by_id(org: &mut OrgConn<'_>, id: Uuid) -> Result<Role> {
    let query = in_org(org).filter(roles::id.eq(id));
    Ok(query.first(org.connection())?)
}

/// The organization's copy of a starter role, under its new id.
pub fn insert_starter(org: &mut OrgConn<'_>, starter: Starter) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(roles::table)
        .values((
            roles::organization_id.eq(org.organization_id()),
            roles::id.eq(id),
            roles::name.eq(starter.name()),
            roles::name_key.eq(fold(starter.name())),
            roles::description.eq(starter.description()),
            roles::level.eq(starter.level()),
            roles::starter.eq(starter.key()),
            roles::permissions.eq(starter.permissions().keys()),
            roles::created_at.eq(org.now()),
        ))
        .execute(org.connection())?;
    Ok(id)
}

/// Makes a role the one that invitations begin with.
pub fn make_default(org: &mut OrgConn<'_>, role_id: Uuid) -> Result<()> {
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set(organizations::default_role_id.eq(role_id))
        .execute(org.connection())?;
    Ok(())
}
