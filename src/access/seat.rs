//! Somebody's seat in an organization, and whether it gives a right: read when a request comes in, and again under the lock.

use std::sync::Arc;

use diesel::pg::PgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::queries::{self, Membership, Organization};
use super::right::{Right, has};
use super::role::{self, Role};
use super::scope::{Basis, OrgTx};
use super::signed_in::Account;
use crate::config::ProductPermissions;
use crate::error::{AppError, Result};

/// My membership in an organization, with my role.
pub(super) struct Seat {
    pub organization: Organization,
    pub member_id: Uuid,
    pub role: Role,
    /// All of the organization's.
    roles: Arc<[Role]>,
}

impl Seat {
    fn of(connection: &mut PgConnection, mine: Membership, product: &Arc<ProductPermissions>) -> Result<Seat> {
        let Membership { organization, member_id, role_id } = mine;
        let roles = role::known(connection, &organization, product)?;
        let role = roles.iter().find(|role| role.id == role_id).cloned().ok_or(AppError::NotFound)?;
        Ok(Seat { organization, member_id, role, roles })
    }
}

/// What a permit is made of, unless the right is missing.
pub(super) struct Admission {
    pub mine: Seat,
    pub others: Vec<Organization>,
    pub refusal: Option<AppError>,
}

/// My membership in the organization of `slug`, to which the transaction is narrowed now, and my other organizations.
pub(super) fn admitted<P: Right>(
    connection: &mut PgConnection,
    account_id: Uuid,
    inside_of: Option<Uuid>,
    slug: &str,
    product: &Arc<ProductPermissions>,
) -> Result<Admission> {
    let mut memberships = queries::memberships(connection, account_id, slug)?.into_iter();
    let mine = memberships.next().filter(|first| first.organization.slug == slug).ok_or(AppError::NotFound)?;
    if inside_of != Some(mine.organization.id) {
        queries::enter(connection, mine.organization.id)?;
    }
    let mine = Seat::of(connection, mine, product)?;
    let refusal = match check::<P>(connection, &mine) {
        Ok(()) => None,
        Err(refusal @ AppError::Forbidden { .. }) => Some(refusal),
        Err(error) => return Err(error),
    };
    Ok(Admission { mine, others: memberships.map(|membership| membership.organization).collect(), refusal })
}

/// Locks the organization, then reads the actor's role again.
pub(super) fn locked_by<'a, P: Right>(
    connection: &'a mut PgConnection,
    organization_id: Uuid,
    account: &Account,
    basis: Basis,
) -> Result<OrgTx<'a>> {
    let organization = queries::lock_organization(connection, organization_id)?;
    let mine = queries::membership(connection, account.id, organization_id)?.ok_or(AppError::NotFound)?;
    let mine = Seat::of(connection, mine, &basis.product)?;
    check::<P>(connection, &mine)?;
    let actor = Actor {
        account_id: Some(account.id),
        member_id: Some(mine.member_id),
        key: None,
        name: account.name.clone(),
        standing: mine.role.standing(),
    };
    Ok(OrgTx::holding(connection, organization, actor, basis))
}

fn check<P: Right>(connection: &mut PgConnection, mine: &Seat) -> Result<()> {
    let Some(needed) = P::PERMISSION else { return Ok(()) };
    if has::<P>(mine.role.standing()) {
        return Ok(());
    }
    let granters = role::granters(connection, &mine.organization, &mine.roles, needed)?;
    let named: Vec<String> = granters.iter().map(|(name, role)| format!("{name} ({role})")).collect();
    Err(AppError::Forbidden { permission: needed.key(), granted_by: named.join(" or ") })
}
