//! Keys by the role that they go by.

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use uuid::Uuid;

use crate::access::{OrgConn, OrgTx};
use crate::db::prepared::prepared;
use crate::db::schema::keys;
use crate::error::Result;

/// How many live keys have an ability.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Losing {
    #[diesel(sql_type = Text)]
    pub ability: String,
    #[diesel(sql_type = BigInt)]
    pub keys: i64,
}

/// How many live keys that go by a role have each of some abilities. Those that none has are left out.
pub fn losing(org: &mut OrgConn<'_>, role_id: Uuid, abilities: &[String]) -> Result<Vec<Losing>> {
    let query = "SELECT a AS ability, count(*) AS keys FROM keys k, unnest(k.abilities) a
        WHERE k.organization_id = $1 AND k.role_id = $2 AND k.status IN ('active', 'paused')
            AND (k.expires_at IS NULL OR k.expires_at > $3) AND a = ANY (string_to_array($4, ' '))
        GROUP BY a";
    // Keys of permissions hold no blanks.
    let abilities = abilities.join(" ");
    let query = prepared(query).bind(org.organization_id()).bind(role_id).bind(org.now()).bind(abilities.as_str());
    Ok(query.load(org.connection())?)
}

/// How many keys, ended ones too, go by a role since their owner left with it.
pub fn ownerless_of_role(org: &mut OrgConn<'_>, role_id: Uuid) -> Result<i64> {
    let left = keys::table
        .filter(keys::organization_id.eq(org.organization_id()))
        .filter(keys::role_id.eq(role_id))
        .filter(keys::owner_member_id.is_null());
    Ok(left.count().get_result(org.connection())?)
}

/// Gives the keys that go by a role and have no owner any more another role.
pub fn move_role(tx: &mut OrgTx<'_>, from: Uuid, to: Uuid) -> Result<usize> {
    let left = keys::table
        .filter(keys::organization_id.eq(tx.organization_id()))
        .filter(keys::role_id.eq(from))
        .filter(keys::owner_member_id.is_null());
    Ok(diesel::update(left).set(keys::role_id.eq(to)).execute(tx.connection())?)
}
