//! One key with its uses, and the keys of one member.

use diesel::prelude::*;
use uuid::Uuid;

use super::super::key::Key;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{key_uses, keys};
use crate::error::Result;

/// When, whence and for what a key was used.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = key_uses)]
pub struct Use {
    pub last_used_at: Option<Moment>,
    pub last_used_network: String,
    pub previous_used_at: Option<Moment>,
    pub previous_used_network: String,
    pub used_abilities: Vec<String>,
}

/// One key with its uses; `NotFound` if it is not of this organization.
pub fn with_use(org: &mut OrgConn<'_>, id: Uuid) -> Result<(Key, Use)> {
    let uses = key_uses::organization_id.eq(keys::organization_id).and(key_uses::key_id.eq(keys::id));
    let query = keys::table
        .inner_join(key_uses::table.on(uses))
        .filter(keys::organization_id.eq(org.organization_id()))
        .filter(keys::id.eq(id))
        .select((Key::as_select(), Use::as_select()));
    Ok(query.first(org.connection())?)
}
