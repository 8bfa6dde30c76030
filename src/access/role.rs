//! A role, as permits and features use it, and the roles that pages asked for lately. They are kept in memory by the version
//! that the organization's row gives them: a page reads that row anyway, and so sees every change at once, whichever
//! server made it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::policy::{OWNER_LEVEL, Permission, PermissionSet, Standing, may_assign};
use super::queries::{self, Organization};
use crate::db::schema::roles;

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = roles)]
pub struct Role {
    pub id: Uuid,
    pub name: String,
    pub level: i16,
    #[diesel(deserialize_as = Vec<String>)]
    pub permissions: PermissionSet,
}

impl Role {
    /// What the policy needs to know.
    pub fn standing(&self) -> Standing {
        Standing { level: self.level, permissions: self.permissions }
    }

    pub fn is_owner(&self) -> bool {
        self.level == OWNER_LEVEL
    }
}

/// Roles kept at most, a few hundred bytes each; past that everything is forgotten and read anew.
const MOST: usize = 20_000;

#[derive(Default)]
struct Known {
    by_version: HashMap<Uuid, Arc<[Role]>>,
    count: usize,
}

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// All roles of an organization as its row was read in this transaction, highest first.
pub(super) fn known(connection: &mut PgConnection, organization: &Organization) -> QueryResult<Arc<[Role]>> {
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(roles) = known().by_version.get(&organization.roles_version) {
        return Ok(Arc::clone(roles));
    }
    let roles: Arc<[Role]> = queries::roles(connection, organization.id)?.into();
    // Every organization has its Owner: without one this transaction sees another organization.
    if roles.is_empty() {
        return Ok(roles);
    }
    let mut known = known();
    if known.count + roles.len() > MOST {
        *known = Known::default();
    }
    known.count += roles.len();
    known.by_version.insert(organization.roles_version, Arc::clone(&roles));
    Ok(roles)
}

/// People who could give somebody a permission, by a role that holds it: name and role, highest first, three at most.
pub(super) fn granters(
    connection: &mut PgConnection,
    organization: &Organization,
    permission: Permission,
) -> QueryResult<Vec<(String, String)>> {
    let roles = known(connection, organization)?;
    let holding: Vec<&Role> = roles.iter().filter(|role| role.permissions.contains(permission)).collect();
    let gives = |giver: &&Role| holding.iter().any(|role| may_assign(giver.standing(), role.standing()));
    let givers: Vec<Uuid> = roles.iter().filter(gives).map(|role| role.id).collect();
    queries::holders(connection, organization.id, &givers)
}
