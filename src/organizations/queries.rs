//! Statements on organizations.

use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use uuid::Uuid;

use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{accounts, members, organizations, roles};
use crate::error::Result;

/// Inserts an organization under `slug`; false when that is taken.
pub fn insert_with_slug(
    connection: &mut PgConnection,
    id: Uuid,
    (name, slug): (&str, &str),
    slots: i32,
    now: Moment,
) -> Result<bool> {
    let inserted = diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(id),
            organizations::slug.eq(slug),
            organizations::name.eq(name),
            organizations::member_limit.eq(slots),
            organizations::created_at.eq(now),
        ))
        .on_conflict(organizations::slug)
        .do_nothing()
        .execute(connection)?;
    Ok(inserted == 1)
}

/// Holds an account until the transaction ends, so that one person creates one organization at a time.
pub fn lock_account(connection: &mut PgConnection, account_id: Uuid) -> Result<()> {
    let mine = accounts::table.filter(accounts::id.eq(account_id)).select(accounts::id);
    mine.for_no_key_update().first::<Uuid>(connection)?;
    Ok(())
}

/// The slug of an organization, if it is there.
pub fn slug_of(connection: &mut PgConnection, id: Uuid) -> Result<Option<String>> {
    let query = organizations::table.filter(organizations::id.eq(id)).select(organizations::slug);
    Ok(query.first(connection).optional()?)
}

/// The organization behind a slug.
pub fn id_of_slug(connection: &mut PgConnection, slug: &str) -> Result<Uuid> {
    Ok(organizations::table.filter(organizations::slug.eq(slug)).select(organizations::id).first(connection)?)
}

/// Id and plan of the organization behind a slug, if there is one.
pub fn id_and_plan(connection: &mut PgConnection, slug: &str) -> Result<Option<(Uuid, String)>> {
    let query = organizations::table.filter(organizations::slug.eq(slug)).select((organizations::id, organizations::plan));
    Ok(query.first(connection).optional()?)
}

/// Organizations by their ids, those behind `after`: id and slug.
pub fn slugs_after(connection: &mut PgConnection, after: Uuid, most: i64) -> Result<Vec<(Uuid, String)>> {
    let query = organizations::table.filter(organizations::id.gt(after)).order(organizations::id).limit(most);
    Ok(query.select((organizations::id, organizations::slug)).load(connection)?)
}

/// Plans that organizations are on or will be, and that are not among `known`: the key, and one organization's slug.
pub fn plans_besides(connection: &mut PgConnection, known: &[&str]) -> Result<Option<(String, String)>> {
    let on = organizations::table
        .filter(organizations::plan.ne("").and(organizations::plan.ne_all(known)))
        .select((organizations::plan, organizations::slug));
    let planned = organizations::table
        .filter(organizations::next_plan.ne("").and(organizations::next_plan.ne_all(known)))
        .select((organizations::next_plan, organizations::slug));
    match on.first(connection).optional()? {
        None => Ok(planned.first(connection).optional()?),
        found => Ok(found),
    }
}

/// Modules that organizations subscribe to and that are not among `known`: the key, and one organization's slug.
pub fn modules_besides(connection: &mut PgConnection, known: &[&str]) -> Result<Option<(String, String)>> {
    let with_others = organizations::table
        .filter(sql::<Bool>("modules <> '{}'"))
        .filter(organizations::modules.is_contained_by(known).eq(false))
        .select((organizations::modules, organizations::slug));
    let found: Option<(Vec<String>, String)> = with_others.first(connection).optional()?;
    let unknown = |modules: Vec<String>| modules.into_iter().find(|module| !known.contains(&module.as_str()));
    Ok(found.and_then(|(modules, slug)| Some((unknown(modules)?, slug))))
}

/// An organization that a person is an active member of.
#[derive(Clone, Debug, Queryable)]
pub struct Mine {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub role: String,
}

/// Most organizations that a list of somebody's own shows.
const MINE_LIMIT: i64 = 200;

/// The organizations that an account is an active member of, by name. For a transaction in the account's scope.
pub fn of_account(connection: &mut PgConnection, account_id: Uuid) -> Result<Vec<Mine>> {
    let my_role = roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id));
    let mine = members::table
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .inner_join(roles::table.on(my_role))
        .filter(members::account_id.eq(account_id))
        .filter(members::status.eq("active"))
        .order((organizations::name, organizations::id))
        .limit(MINE_LIMIT)
        .select((organizations::id, organizations::slug, organizations::name, roles::name));
    Ok(mine.load(connection)?)
}

/// The slug of the organization where an account goes on: the one used last if it is still a member there, else any.
pub fn home_of(connection: &mut PgConnection, account_id: Uuid, last: Option<Uuid>) -> Result<Option<String>> {
    let home = members::table
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .filter(members::account_id.eq(account_id))
        .filter(members::status.eq("active"))
        .order((organizations::id.eq(last.unwrap_or_default()).desc(), organizations::name.asc(), organizations::id.asc()))
        .select(organizations::slug);
    Ok(home.first(connection).optional()?)
}

/// Names of the organizations in which an account is deactivated.
pub fn deactivated_in(connection: &mut PgConnection, account_id: Uuid) -> Result<Vec<String>> {
    let deactivated = members::table
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .filter(members::account_id.eq(account_id))
        .filter(members::status.eq("inactive"))
        .order((organizations::name.asc(), organizations::id.asc()))
        .limit(20)
        .select(organizations::name);
    Ok(deactivated.load(connection)?)
}

/// Gives an organization at least so many slots on every plan, and those that it has on its own now.
pub fn set_member_limit(org: &mut OrgConn<'_>, granted: i32, slots: i32) -> Result<()> {
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set((organizations::member_limit.eq(slots), organizations::granted_slots.eq(Some(granted))))
        .execute(org.connection())?;
    Ok(())
}
