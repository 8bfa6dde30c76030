//! Statements on organizations.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::organizations;
use crate::error::Result;

/// Inserts an organization under `slug`; false when that is taken.
pub fn insert_with_slug(connection: &mut PgConnection, id: Uuid, name: &str, slug: &str, now: Moment) -> Result<bool> {
    let inserted = diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(id),
            organizations::slug.eq(slug),
            organizations::name.eq(name),
            organizations::created_at.eq(now),
        ))
        .on_conflict(organizations::slug)
        .do_nothing()
        .execute(connection)?;
    Ok(inserted == 1)
}

/// The organization behind a slug.
pub fn id_of_slug(connection: &mut PgConnection, slug: &str) -> Result<Uuid> {
    Ok(organizations::table.filter(organizations::slug.eq(slug)).select(organizations::id).first(connection)?)
}

pub fn set_member_limit(org: &mut OrgConn<'_>, limit: i32) -> Result<()> {
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set(organizations::member_limit.eq(limit))
        .execute(org.connection())?;
    Ok(())
}
