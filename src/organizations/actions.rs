//! What creates and changes organizations.

use diesel::pg::PgConnection;
use uuid::Uuid;

use super::queries;
use crate::access::{Actor, Basis, OrgTx, write_as};
use crate::audit::{Event, limit_words};
use crate::db::types::OrganizationName;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::members::{self, NewMember};
use crate::{billing, roles, secret};

/// Numbers tried behind a slug that is taken, before a random ending.
const NUMBERED_SLUGS: u32 = 20;

/// Who founds an organization.
#[derive(Clone, Debug)]
pub struct Founder {
    pub account_id: Uuid,
    pub name: String,
    pub email: String,
}

/// Creates an organization with its starter roles and its founder as Owner, inside a transaction that is scoped to
/// `organization_id`. Returns its slug.
pub fn create(
    connection: &mut PgConnection,
    organization_id: Uuid,
    name: &OrganizationName,
    founder: &Founder,
    basis: &Basis,
) -> Result<String> {
    let slug = insert_under_free_slug(connection, organization_id, name, basis)?;
    let actor = Actor::person(founder.account_id, &founder.name);
    let mut tx = OrgTx::within(connection, organization_id, actor, basis.clone())?;
    let owner_role_id = roles::actions::create_starters(&mut tx)?;
    let owner = NewMember {
        id: Uuid::now_v7(),
        account_id: Some(founder.account_id),
        email: founder.email.clone(),
        name: founder.name.clone(),
        role_id: owner_role_id,
        invitation: None,
        invited_by: String::new(),
    };
    members::queries::insert(&mut tx, &owner)?;
    tx.record(&Event::OrganizationCreated { name: name.as_str().to_owned() })?;
    Ok(slug)
}

/// Creates an organization for a person who has an account already. `id` comes from the form that asks for it: a form
/// that is sent twice finds what the first one made. Returns the slug.
pub async fn found(db: &Db, id: Uuid, name: OrganizationName, founder: Founder) -> Result<String> {
    let basis = Basis::of(db);
    db.write(Scope::Member { organization_id: id, account_id: founder.account_id }, move |connection| {
        queries::lock_account(connection, founder.account_id)?;
        match queries::slug_of(connection, id)? {
            Some(slug) => Ok(slug),
            None => create(connection, id, &name, &founder, &basis),
        }
    })
    .await
}

fn insert_under_free_slug(connection: &mut PgConnection, id: Uuid, name: &OrganizationName, basis: &Basis) -> Result<String> {
    let slots = billing::actions::slots_of(basis.plans.free(), 0);
    let base = name.slug();
    let numbered = (1..=NUMBERED_SLUGS).map(|number| if number == 1 { base.clone() } else { format!("{base}-{number}") });
    let random = std::iter::repeat_with(|| format!("{base}-{}", u32::from_be_bytes(secret::random_bytes()))).take(3);
    for slug in numbered.chain(random) {
        if queries::insert_with_slug(connection, id, (name.as_str(), &slug), slots, basis.now)? {
            return Ok(slug);
        }
    }
    Err(AppError::Internal("no slug is free".to_owned()))
}

/// Gives at least so many member slots on every plan, as the operator. Returns what happened, in words.
///
/// # Errors
/// `NotFound` without such an organization, `BadRequest` for an impossible number.
pub async fn set_member_limit(db: &Db, slug: &str, limit: i32) -> Result<String> {
    if !(1..=10_000_000).contains(&limit) {
        return Err(AppError::BadRequest("The limit is a number from 1 to 10,000,000."));
    }
    let wanted = slug.to_owned();
    let id = db.read(Scope::Nobody, move |connection| queries::id_of_slug(connection, &wanted)).await?;
    write_as(db, id, Actor::operator(), move |tx| {
        let (before, plans) = (tx.organization.member_limit, tx.plans().clone());
        let plan = plans.of(&tx.organization.plan);
        let slots = billing::actions::slots_of(plan, limit);
        queries::set_member_limit(tx, limit, slots)?;
        let more = format!(" The plan {} gives more than {}.", plan.name, limit_words(limit));
        let more = if slots > limit { more.as_str() } else { "" };
        let (name, now) = (tx.organization.name.clone(), limit_words(slots));
        if slots == before {
            return Ok(format!("{name}: the member limit stays as it is, {now}.{more}"));
        }
        tx.record(&Event::MemberLimitChanged { from: before, to: slots })?;
        Ok(format!("{name}: the member limit is {now} now, it was {}.{more}", limit_words(before)))
    })
    .await
}
