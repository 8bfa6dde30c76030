//! A role as other features use it.

use diesel::prelude::*;
use uuid::Uuid;

use crate::access::policy::{OWNER_LEVEL, PermissionSet, Standing};
use crate::db::schema::roles;

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = roles)]
pub struct Role {
    pub id: Uuid,
    pub name: String,
    pub level: i16,
    pub permissions: Vec<String>,
}

impl Role {
    /// What the policy needs to know.
    pub fn standing(&self) -> Standing {
        Standing { level: self.level, permissions: PermissionSet::from_keys(self.permissions.iter().map(String::as_str)) }
    }

    pub fn is_owner(&self) -> bool {
        self.level == OWNER_LEVEL
    }
}
