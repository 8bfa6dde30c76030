//! Statements on keys.

mod attention;
mod change;
mod list;
mod one;
mod role;

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use super::key::Key;
use crate::access::OrgConn;
use crate::access::key::KeyStatus;
use crate::db::schema::{keys, members};
use crate::error::Result;

pub use attention::{Aside, Reason, aside, aside_statement};
pub use change::{
    Made, Rotation, end, end_all, end_old_secret, insert, organizations_due, plan_next_reminder, plan_reminder, rotate,
    set_owner, set_reminder, set_status,
};
pub use list::{Filter, Listed, page, statement};
pub use one::{Use, with_use};
pub use role::{Losing, losing, move_role, ownerless_of_role};

type OfOrganization = keys::BoxedQuery<'static, Pg, SqlTypeOf<AsSelect<Key, Pg>>>;

/// The only entrance: keys of this organization.
fn in_org(org: &OrgConn<'_>) -> OfOrganization {
    keys::table.filter(keys::organization_id.eq(org.organization_id())).select(Key::as_select()).into_boxed()
}

/// One key; `NotFound` if it is not of this organization.
pub fn by_id(org: &mut OrgConn<'_>, id: Uuid) -> Result<Key> {
    let query = in_org(org).filter(keys::id.eq(id));
    Ok(query.first(org.connection())?)
}

/// The key of a folded name, whatever became of it.
pub fn by_name(org: &mut OrgConn<'_>, name_key: &str) -> Result<Option<Key>> {
    let query = in_org(org).filter(keys::name_key.eq(name_key.to_owned()));
    Ok(query.first(org.connection()).optional()?)
}

/// The keys of a member that work, or could again; by name.
pub fn live_of_member(org: &mut OrgConn<'_>, member_id: Uuid) -> Result<Vec<Key>> {
    let live = KeyStatus::ALL.into_iter().filter(|status| status.is_live()).map(KeyStatus::key);
    let query = in_org(org)
        .filter(keys::owner_member_id.eq(member_id))
        .filter(keys::status.eq_any(live.collect::<Vec<_>>()))
        .order((keys::name_key.asc(), keys::id.asc()));
    Ok(query.load(org.connection())?)
}

/// The keys whose next mail is due, a few at once, the longest due first.
pub fn due(org: &mut OrgConn<'_>) -> Result<Vec<Key>> {
    const AT_ONCE: i64 = 200;
    let query = in_org(org).filter(keys::reminder_at.le(org.now())).order(keys::reminder_at.asc()).limit(AT_ONCE);
    Ok(query.load(org.connection())?)
}

/// A member who answers for keys, or could.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = members)]
pub struct Owner {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub role_id: Uuid,
}

/// The address of a key's owner, as long as they are an active member.
pub fn active_owner(org: &mut OrgConn<'_>, key: &Key) -> Result<Option<String>> {
    let Some(owner) = key.owner_member_id else { return Ok(None) };
    let query = members::table
        .filter(members::organization_id.eq(org.organization_id()))
        .filter(members::id.eq(owner))
        .filter(members::status.eq("active"));
    Ok(query.select(members::email).first(org.connection()).optional()?)
}

/// A member by their id; `NotFound` if there is none.
pub fn owner_by_id(org: &mut OrgConn<'_>, id: Uuid) -> Result<Owner> {
    let query = members::table.filter(members::organization_id.eq(org.organization_id())).filter(members::id.eq(id));
    Ok(query.select(Owner::as_select()).first(org.connection())?)
}

/// The active member with an address.
pub fn active_by_email(org: &mut OrgConn<'_>, email: &str) -> Result<Option<Owner>> {
    let query = members::table
        .filter(members::organization_id.eq(org.organization_id()))
        .filter(members::email.eq(email))
        .filter(members::status.eq("active"));
    Ok(query.select(Owner::as_select()).first(org.connection()).optional()?)
}

/// How many keys of a member work, or could again.
pub fn count_live_of_member(org: &mut OrgConn<'_>, member_id: Uuid) -> Result<i64> {
    let live = KeyStatus::ALL.into_iter().filter(|status| status.is_live()).map(KeyStatus::key);
    let query = keys::table
        .filter(keys::organization_id.eq(org.organization_id()))
        .filter(keys::owner_member_id.eq(member_id))
        .filter(keys::status.eq_any(live.collect::<Vec<_>>()));
    Ok(query.count().get_result(org.connection())?)
}
