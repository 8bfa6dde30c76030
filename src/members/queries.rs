//! Statements on members.

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::list_query::{ListQuery, Listed};
use super::listing::Listing;
use super::member::{Member, NewMember, Status, name_key, search_terms};
use crate::access::key::KeyStatus;
use crate::access::policy::OWNER_LEVEL;
use crate::access::{OrgConn, OrgTx, Role};
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::schema::{member_terms, members, roles};
use crate::db::types::EmailAddress;
use crate::error::{AppError, Result};

type OfOrganization = members::BoxedQuery<'static, Pg, SqlTypeOf<AsSelect<Member, Pg>>>;

/// The only entrance: members of this organization.
pub(super) fn in_org(org: &OrgConn<'_>) -> OfOrganization {
    members::table.filter(members::organization_id.eq(org.organization_id())).select(Member::as_select()).into_boxed()
}

/// One member; `NotFound` if it is not of this organization.
pub fn by_id(org: &mut OrgConn<'_>, id: Uuid) -> Result<Member> {
    let query = in_org(org).filter(members::id.eq(id));
    Ok(query.first(org.connection())?)
}

/// One of a member's keys, as their page lists it.
#[derive(Clone, Debug, QueryableByName)]
pub struct KeyLine {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    key_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    key_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    key_status: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    key_expires_at: Option<Moment>,
}

impl KeyLine {
    /// Id, name and status; `None` on the line of a member without keys.
    pub fn parts(self, now: Moment) -> Option<(Uuid, String, KeyStatus)> {
        Some((self.key_id?, self.key_name?, KeyStatus::of(&self.key_status?, self.key_expires_at, now)))
    }
}

/// A member beside one of their keys.
#[derive(QueryableByName)]
struct MemberAndKey {
    #[diesel(embed)]
    member: Member,
    #[diesel(embed)]
    key: KeyLine,
}

/// One member with the newest of their keys; `NotFound` if it is not of this organization.
pub fn by_id_with_keys(org: &mut OrgConn<'_>, id: Uuid, most: i64) -> Result<(Member, Vec<KeyLine>)> {
    let query = "SELECT m.*, k.id AS key_id, k.name AS key_name, k.status AS key_status, k.expires_at AS key_expires_at
        FROM members m LEFT JOIN LATERAL (
            SELECT id, name, status, expires_at FROM keys
            WHERE keys.organization_id = $1 AND keys.owner_member_id = m.id ORDER BY created_at DESC, id DESC LIMIT $3) k ON true
        WHERE m.organization_id = $1 AND m.id = $2";
    let query = prepared(query).bind(org.organization_id()).bind(id).bind(most);
    let rows: Vec<MemberAndKey> = query.load(org.connection())?;
    let member = rows.first().map(|row| row.member.clone()).ok_or(AppError::NotFound)?;
    Ok((member, rows.into_iter().map(|row| row.key).collect()))
}

/// The member or invited person with an address.
pub fn by_email(org: &mut OrgConn<'_>, email: &str) -> Result<Option<Member>> {
    let query = in_org(org).filter(members::email.eq(email.to_owned()));
    Ok(query.first(org.connection()).optional()?)
}

/// The member of an account.
pub fn by_account(org: &mut OrgConn<'_>, account_id: Uuid) -> Result<Option<Member>> {
    let query = in_org(org).filter(members::account_id.eq(account_id));
    Ok(query.first(org.connection()).optional()?)
}

/// The members of some ids, by name; those of other organizations are left out.
pub fn by_ids(org: &mut OrgConn<'_>, ids: Vec<Uuid>) -> Result<Vec<Member>> {
    let query = in_org(org).filter(members::id.eq_any(ids)).order((members::name_key.asc(), members::id.asc()));
    Ok(query.load(org.connection())?)
}

/// A page of the list, one row longer than it shows, in the order of reading.
pub fn list(org: &mut OrgConn<'_>, listing: &Listing, roles: &[Role]) -> Result<Vec<Listed>> {
    let query = ListQuery::new(org, listing, roles);
    Ok(query.rows(org.connection())?)
}

/// Whether somebody other than `id` is an active Owner.
pub fn has_other_active_owner(org: &mut OrgConn<'_>, id: Uuid) -> Result<bool> {
    let owner_role = roles::table
        .filter(roles::organization_id.eq(org.organization_id()))
        .filter(roles::level.eq(OWNER_LEVEL))
        .select(roles::id);
    let others = in_org(org)
        .filter(members::role_id.eq_any(owner_role))
        .filter(members::status.eq(Status::Active.key()))
        .filter(members::id.ne(id));
    Ok(others.limit(1).load(org.connection())?.len() == 1)
}

/// Sets the role, by whom and since when; forms that showed the earlier one are stale from then on.
pub fn set_role(tx: &mut OrgTx<'_>, id: Uuid, role_id: Uuid) -> Result<()> {
    let mine = members::table.filter(members::organization_id.eq(tx.organization_id())).filter(members::id.eq(id));
    let (since, by) = (tx.now(), tx.actor.name.clone());
    diesel::update(mine)
        .set((
            members::role_id.eq(role_id),
            members::role_since.eq(since),
            members::role_given_by.eq(by),
            members::version.eq(members::version + 1),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Gives everybody who holds one role another one. Returns them.
pub fn move_role(tx: &mut OrgTx<'_>, from: Uuid, to: Uuid) -> Result<Vec<Member>> {
    let holders = members::table.filter(members::organization_id.eq(tx.organization_id())).filter(members::role_id.eq(from));
    let (since, by) = (tx.now(), tx.actor.name.clone());
    let moved = diesel::update(holders)
        .set((
            members::role_id.eq(to),
            members::role_since.eq(since),
            members::role_given_by.eq(by),
            members::version.eq(members::version + 1),
        ))
        .returning(Member::as_returning())
        .get_results(tx.connection())?;
    Ok(moved)
}

pub fn set_status(org: &mut OrgConn<'_>, id: Uuid, status: Status) -> Result<()> {
    let mine = members::table.filter(members::organization_id.eq(org.organization_id())).filter(members::id.eq(id));
    diesel::update(mine).set(members::status.eq(status.key())).execute(org.connection())?;
    Ok(())
}

/// Deletes a member, and with them the words they are found by.
pub fn delete(org: &mut OrgConn<'_>, id: Uuid) -> Result<()> {
    let mine = members::table.filter(members::organization_id.eq(org.organization_id())).filter(members::id.eq(id));
    diesel::delete(mine).execute(org.connection())?;
    Ok(())
}

/// The member that somebody means by the id of the member or of their account, or by their address.
pub fn of_user(org: &mut OrgConn<'_>, user: &str) -> Result<Option<Member>> {
    match (Uuid::try_parse(user), EmailAddress::parse(user)) {
        (Ok(id), _) => match by_id(org, id) {
            Err(AppError::NotFound) => by_account(org, id),
            member => Ok(Some(member?)),
        },
        (_, Ok(address)) => by_email(org, address.as_str()),
        _ => Ok(None),
    }
}

/// Inserts a member and the words they are found by.
pub fn insert(org: &mut OrgConn<'_>, new: &NewMember) -> Result<()> {
    let joined = new.account_id.map(|_| org.now());
    let status = if new.account_id.is_some() { Status::Active } else { Status::Invited };
    diesel::insert_into(members::table)
        .values((
            members::organization_id.eq(org.organization_id()),
            members::id.eq(new.id),
            members::account_id.eq(new.account_id),
            members::email.eq(&new.email),
            members::name.eq(&new.name),
            members::name_key.eq(name_key(&new.name, &new.email)),
            members::role_id.eq(new.role_id),
            members::role_since.eq(org.now()),
            members::role_given_by.eq(&new.invited_by),
            members::status.eq(status.key()),
            members::invitation_id.eq(new.invitation.map(|(id, _)| id)),
            members::invitation_expires_at.eq(new.invitation.map(|(_, expires_at)| expires_at)),
            members::invited_by.eq(&new.invited_by),
            members::joined_at.eq(joined),
            members::last_sign_in_at.eq(joined),
            members::created_at.eq(org.now()),
        ))
        .execute(org.connection())?;
    insert_terms(org, new.id, &new.name, &new.email)
}

fn insert_terms(org: &mut OrgConn<'_>, member_id: Uuid, name: &str, email: &str) -> Result<()> {
    let (organization_id, name_key) = (org.organization_id(), name_key(name, email));
    let rows: Vec<_> = search_terms(name, email)
        .into_iter()
        .map(|term| {
            (
                member_terms::organization_id.eq(organization_id),
                member_terms::member_id.eq(member_id),
                member_terms::term.eq(term),
                member_terms::name_key.eq(&name_key),
            )
        })
        .collect();
    diesel::insert_into(member_terms::table).values(rows).execute(org.connection())?;
    Ok(())
}

/// Replaces name and address, and the words they are found by.
pub fn set_identity(org: &mut OrgConn<'_>, member_id: Uuid, name: &str, email: &str) -> Result<()> {
    let organization_id = org.organization_id();
    let mine = members::table.filter(members::organization_id.eq(organization_id)).filter(members::id.eq(member_id));
    diesel::update(mine)
        .set((members::name.eq(name), members::name_key.eq(name_key(name, email)), members::email.eq(email)))
        .execute(org.connection())?;
    let terms = member_terms::table
        .filter(member_terms::organization_id.eq(organization_id))
        .filter(member_terms::member_id.eq(member_id));
    diesel::delete(terms).execute(org.connection())?;
    insert_terms(org, member_id, name, email)
}

/// Where an account has a row, active or not: organizations in the order in which they are locked. Reads across
/// organizations, which an account's scope allows for its own rows only.
pub fn organizations_of(connection: &mut PgConnection, account_id: Uuid) -> Result<Vec<Uuid>> {
    let mine = members::table.filter(members::account_id.eq(account_id));
    Ok(mine.order(members::organization_id).select(members::organization_id).load(connection)?)
}

/// Remembers when somebody signed in last, in every organization they are in: the one change of a member that needs no
/// organization's scope.
pub fn set_last_sign_in(connection: &mut PgConnection, account_id: Uuid, now: Moment) -> Result<()> {
    diesel::update(members::table.filter(members::account_id.eq(account_id)))
        .set(members::last_sign_in_at.eq(now))
        .execute(connection)?;
    Ok(())
}
