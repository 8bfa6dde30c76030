//! Statements on modules.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::super::modules::Subscribed;
use crate::access::OrgConn;
use crate::db::prepared::prepared;
use crate::db::schema::subscription_modules;
use crate::error::Result;

/// Writes a module as it is now.
pub fn save(org: &mut OrgConn<'_>, module: &Subscribed) -> Result<()> {
    diesel::insert_into(subscription_modules::table)
        .values((subscription_modules::organization_id.eq(org.organization_id()), module))
        .on_conflict((subscription_modules::organization_id, subscription_modules::module))
        .do_update()
        .set(module)
        .execute(org.connection())?;
    Ok(())
}

/// Deletes a module.
pub fn delete(org: &mut OrgConn<'_>, module: &str) -> Result<()> {
    let mine = subscription_modules::organization_id.eq(org.organization_id()).and(subscription_modules::module.eq(module));
    diesel::delete(subscription_modules::table.filter(mine)).execute(org.connection())?;
    Ok(())
}

/// Lets every look-up know which modules there are.
pub fn restate(org: &mut OrgConn<'_>) -> Result<()> {
    let query = "UPDATE organizations o SET modules = ARRAY(
            SELECT m.module FROM subscription_modules m WHERE m.organization_id = o.id ORDER BY m.module)
        WHERE o.id = $1";
    prepared(query).bind(org.organization_id()).execute(org.connection())?;
    Ok(())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many keys that work, or could again, have one of some abilities.
pub fn keys_with(org: &mut OrgConn<'_>, abilities: &[String]) -> Result<i64> {
    let query = "SELECT count(*) AS count FROM keys k WHERE k.organization_id = $1 AND k.status IN ('active', 'paused')
        AND (k.expires_at IS NULL OR k.expires_at > $2) AND k.abilities && $3";
    let query = prepared(query).bind(org.organization_id()).bind(org.now()).bind(abilities.to_vec());
    let Counted { count } = query.get_result(org.connection())?;
    Ok(count)
}
