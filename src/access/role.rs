//! A role, as permits and features use it, and the roles that pages asked for lately. They are kept in memory by the version
//! that the organization's row gives them: a page reads that row anyway, and so sees every change at once, whichever
//! server made it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::catalog;
use super::permission_set::PermissionSet;
use super::policy::{OWNER_LEVEL, Permission, Standing, Starter, may_assign};
use super::queries::{self, Organization};
use crate::clock::Moment;
use crate::config::ProductPermissions;
use crate::db::schema::roles;

/// A role with what it allows by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub id: Uuid,
    pub name: String,
    /// Empty without one.
    pub description: String,
    pub level: i16,
    /// The starter role that it began as; none for a custom one.
    pub starter: Option<Starter>,
    pub permissions: PermissionSet,
    /// Raised by every edit.
    pub version: i32,
    /// Who edited it last, by name, and when; nobody and its creation before the first time.
    pub changed_by: String,
    pub changed_at: Moment,
}

/// A role as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = roles)]
pub struct RoleRow {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub level: i16,
    pub starter: Option<String>,
    /// Keys, also of permissions that the product no longer has.
    pub permissions: Vec<String>,
    /// Keys of the product that its starter role would get, and that were taken from it.
    pub withheld: Vec<String>,
    pub version: i32,
    pub changed_by: String,
    pub changed_at: Moment,
}

impl Role {
    /// What the policy needs to know.
    pub fn standing(&self) -> Standing {
        Standing { level: self.level, permissions: self.permissions }
    }

    /// The same where some permissions of the product are closed.
    fn closing(self, closed: PermissionSet) -> Role {
        Role { permissions: self.permissions.closing(closed), ..self }
    }

    pub fn is_owner(&self) -> bool {
        self.level == OWNER_LEVEL
    }

    /// The role of a row. Of the product's permissions a starter role has those that the file gives it, but for the withheld.
    /// Keys that nobody knows (any more) allow nothing, and count all the same in who gives what to whom.
    pub fn of_row(row: RoleRow, product: &ProductPermissions) -> Role {
        let starter = row.starter.as_deref().and_then(Starter::from_key);
        let mut permissions = catalog::set_of(product, &row.permissions);
        for (entry, permission) in catalog::of_product(product).zip(product.all()) {
            let given = starter.is_some_and(|starter| starter.gets(&permission.starters));
            if given && !row.withheld.contains(&permission.key) {
                permissions.insert(entry.permission);
            }
        }
        if starter == Some(Starter::Admin) {
            permissions.insert_all_hidden();
        }
        Role {
            id: row.id,
            permissions: if row.level == OWNER_LEVEL { PermissionSet::EVERYTHING } else { permissions },
            name: row.name,
            description: row.description,
            level: row.level,
            starter,
            version: row.version,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
        }
    }
}

/// Roles kept at most, a few hundred bytes each; past that everything is forgotten and read anew.
const MOST: usize = 20_000;

/// Roles, and by which product their rows were read, with which of its permissions closed.
type Reading = (Arc<ProductPermissions>, PermissionSet, Arc<[Role]>);

#[derive(Default)]
struct Known {
    by_version: HashMap<Uuid, Reading>,
    count: usize,
}

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

fn all_known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All roles of an organization, if this server has read them since they were changed last.
pub(super) fn remembered(organization: &Organization, product: &Arc<ProductPermissions>) -> Option<Arc<[Role]>> {
    let known = all_known();
    let (by, closed, roles) = known.by_version.get(&organization.roles_version)?;
    (Arc::ptr_eq(by, product) && *closed == catalog::closed(product, organization)).then(|| Arc::clone(roles))
}

/// All roles of an organization as its row was read in this transaction, highest first.
pub(super) fn known(
    connection: &mut PgConnection,
    organization: &Organization,
    product: &Arc<ProductPermissions>,
) -> QueryResult<Arc<[Role]>> {
    if let Some(roles) = remembered(organization, product) {
        return Ok(roles);
    }
    let rows = queries::roles(connection, organization.id)?;
    let closed = catalog::closed(product, organization);
    let roles: Arc<[Role]> = rows.into_iter().map(|row| Role::of_row(row, product).closing(closed)).collect();
    // Every organization has its Owner: without one this transaction sees another organization.
    if roles.is_empty() {
        return Ok(roles);
    }
    let mut known = all_known();
    if known.count + roles.len() > MOST {
        *known = Known::default();
    }
    known.count += roles.len();
    known.by_version.insert(organization.roles_version, (Arc::clone(product), closed, Arc::clone(&roles)));
    Ok(roles)
}

/// People who have a permission: name and role, highest first, three at most.
pub(super) fn people_with(
    connection: &mut PgConnection,
    organization: &Organization,
    roles: &[Role],
    permission: Permission,
) -> QueryResult<Vec<(String, String)>> {
    let holding: Vec<Uuid> = roles.iter().filter(|role| role.permissions.contains(permission)).map(|role| role.id).collect();
    queries::holders(connection, organization.id, &holding)
}

/// People who could give somebody a permission, by a role that holds it: name and role, highest first, three at most.
pub(super) fn granters(
    connection: &mut PgConnection,
    organization: &Organization,
    roles: &[Role],
    permission: Permission,
) -> QueryResult<Vec<(String, String)>> {
    let holding: Vec<&Role> = roles.iter().filter(|role| role.permissions.contains(permission)).collect();
    let gives = |giver: &&Role| holding.iter().any(|role| may_assign(giver.standing(), role.standing()));
    let givers: Vec<Uuid> = roles.iter().filter(gives).map(|role| role.id).collect();
    queries::holders(connection, organization.id, &givers)
}
