//! What changes roles. Everything is judged by the one ladder in `access::policy`: nobody makes a role into more than they
//! are themselves, whoever holds it.

use std::sync::Arc;

use uuid::Uuid;

use super::definition::{Definition, Difference, Stored};
use super::queries;
use super::refusal::{PlanCloses, Refusal};
use crate::access::policy::{OWNER_LEVEL, Standing, Starter, may_assign, may_change_role, may_edit_role, reaches};
use crate::access::{OrgTx, Role, catalog};
use crate::audit::{Event, RoleEdit};
use crate::db::types::fold;
use crate::error::{AppError, Result, Stopped};
use crate::{invites, keys, members};

type Outcome<T> = Result<T, Stopped<Refusal>>;

/// Holders that one transaction moves at most: with their events it is done within seconds.
const MOST_MOVED: i64 = 20_000;

/// Gives a new organization its starter roles, with Member as the default. Returns the Owner role's id.
pub fn create_starters(tx: &mut OrgTx<'_>) -> Result<Uuid> {
    let mut owner = None;
    for starter in Starter::ALL {
        let id = Uuid::now_v7();
        queries::insert(tx, id, &Stored::of_starter(starter), Some(starter))?;
        match starter {
            Starter::Owner => owner = Some(id),
            Starter::Member => queries::make_default(tx, id)?,
            _ => {}
        }
    }
    owner.ok_or(AppError::NotFound)
}

/// Creates a custom role. `wanted` comes from the form that asks for it: a form that is sent twice finds what the first one
/// made. Returns the role's id.
pub fn create(tx: &mut OrgTx<'_>, wanted: Uuid, new: &Definition) -> Outcome<Uuid> {
    let (roles, product) = (all(tx)?, Arc::clone(tx.product()));
    let taken = roles.iter().find(|role| role.id == wanted);
    if taken.is_some_and(|role| new.is(role, &product)) {
        return Ok(wanted);
    }
    let spent = taken.is_some() || queries::deleted_name(tx, wanted)?.is_some();
    let id = if spent { Uuid::now_v7() } else { wanted };
    if i64::try_from(roles.len()).unwrap_or(i64::MAX) >= queries::MOST {
        return refuse(Refusal::TooMany { most: queries::MOST });
    }
    judge_plan(tx)?;
    judge(tx, new)?;
    judge_name(&roles, new, None)?;
    let stored = Stored::of(new, None, &product);
    queries::insert(tx, id, &stored, None)?;
    tx.record(&Event::RoleCreated { role_id: id, name: stored.name, level: new.level })?;
    Ok(id)
}

/// The role that an edit would change, when nothing stands in its way. `version` is that of the role that the reader saw.
pub fn judge_edit(tx: &mut OrgTx<'_>, id: Uuid, new: &Definition, version: i32) -> Outcome<Role> {
    let roles = all(tx)?;
    let before = roles.iter().find(|role| role.id == id).ok_or(AppError::NotFound)?;
    judge_reach(tx.actor.standing, before)?;
    if before.starter.is_none() {
        judge_plan(tx)?;
    }
    // Who sends a form twice wants what is there by then.
    if before.version != version && !new.is(before, tx.product()) {
        return refuse(Refusal::Stale(Box::new(before.clone())));
    }
    judge(tx, new)?;
    judge_name(&roles, new, Some(id))?;
    Ok(before.clone())
}

/// What somebody has seen of a role before they change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The version of the role.
    pub version: i32,
    /// The version of its holders, where the reader was told who gains and loses what.
    pub holders: Option<i32>,
}

/// Changes what a role is, for everybody who holds it. Returns the role as it was; saving what is so already does nothing.
pub fn edit(tx: &mut OrgTx<'_>, id: Uuid, new: &Definition, seen: Seen) -> Outcome<Role> {
    let before = judge_edit(tx, id, new, seen.version)?;
    let product = Arc::clone(tx.product());
    let difference = Difference::between(&before, new, &product);
    if difference.is_empty() {
        return Ok(before);
    }
    let holders = queries::holders_of(tx, id)?.version;
    if difference.changes_people() && seen.holders.is_some_and(|seen| seen != holders) {
        return refuse(Refusal::HoldersChanged(Box::new(before)));
    }
    let row = queries::row(tx, id)?;
    queries::update(tx, id, &Stored::of(&new.clone().keeping_closed(&before), Some(&row), &product))?;
    let keys = |entries: &[catalog::Entry<'_>]| entries.iter().map(|entry| entry.key.to_owned()).collect();
    tx.record(&Event::RoleEdited(RoleEdit {
        role_id: id,
        name: new.name.as_str().to_owned(),
        was: before.name.clone(),
        from_level: before.level,
        to_level: new.level,
        gained: keys(&difference.gained),
        lost: keys(&difference.lost),
    }))?;
    Ok(before)
}

/// A role that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    pub name: String,
    /// Who got the role `instead`, by member id.
    pub moved: Vec<Uuid>,
    pub instead: Option<Role>,
}

/// Deletes a role. Who holds it gets another one in the same transaction: nobody is ever left without. Deleting what is
/// deleted already does nothing.
pub fn delete(tx: &mut OrgTx<'_>, id: Uuid, instead: Option<Uuid>) -> Outcome<Deleted> {
    if let Some(name) = queries::deleted_name(tx, id)? {
        return Ok(Deleted { name, moved: Vec::new(), instead: None });
    }
    invites::actions::expire_overdue(tx)?;
    let role = tx.role_by_id(id)?;
    judge_reach(tx.actor.standing, &role)?;
    if tx.organization.default_role_id == Some(id) {
        return refuse(Refusal::IsDefault);
    }
    let (holders, keys) = (queries::holders_of(tx, id)?.all(), keys::queries::ownerless_of_role(tx, id)?);
    let (moved, instead) = match instead {
        _ if holders == 0 && keys == 0 => (Vec::new(), None),
        None => return refuse(Refusal::Held { holders, keys }),
        Some(_) if holders > MOST_MOVED => return refuse(Refusal::TooManyHolders { most: MOST_MOVED }),
        Some(to) => {
            let to = judge_move(tx, &role, to)?;
            invites::actions::move_role(tx, &role, &to)?;
            keys::queries::move_role(tx, id, to.id)?;
            (members::actions::move_role(tx, &role, &to)?, Some(to))
        }
    };
    queries::delete(tx, id)?;
    tx.record(&Event::RoleDeleted { role_id: id, name: role.name.clone() })?;
    Ok(Deleted { name: role.name, moved, instead })
}

/// The role that the holders of another one may get from the actor.
fn judge_move(tx: &mut OrgTx<'_>, from: &Role, to: Uuid) -> Outcome<Role> {
    let to = match tx.role_by_id(to) {
        Err(AppError::NotFound) => return refuse(Refusal::NoSuchRole),
        found => found?,
    };
    let actor = tx.actor.standing;
    if to.id == from.id || !may_change_role(actor, from.standing(), to.standing()) {
        return refuse(Refusal::TargetOutOfReach);
    }
    let is_own = match tx.actor.member_id {
        Some(member_id) => members::queries::by_id(tx, member_id)?.role_id == from.id,
        None => false,
    };
    if is_own && to.level >= from.level { refuse(Refusal::OwnRoleOnlyDown) } else { Ok(to) }
}

/// Makes a role the one that invitations begin with. Returns its name.
pub fn set_default(tx: &mut OrgTx<'_>, id: Uuid) -> Outcome<String> {
    let to = match tx.role_by_id(id) {
        Err(AppError::NotFound) => return refuse(Refusal::NoSuchRole),
        found => found?,
    };
    let before = tx.organization.default_role_id;
    if before == Some(id) {
        return Ok(to.name);
    }
    if !may_be_default(tx.actor.standing, &to) {
        return refuse(Refusal::TargetOutOfReach);
    }
    let from = match before {
        Some(before) => tx.role_by_id(before)?.name,
        None => "none".to_owned(),
    };
    queries::make_default(tx, id)?;
    tx.record(&Event::DefaultRoleChanged { from, to: to.name.clone() })?;
    Ok(to.name)
}

/// Whether a holder of `actor` may make a role the default: who invites gives it, so it must be one to give.
pub fn may_be_default(actor: Standing, role: &Role) -> bool {
    !role.is_owner() && may_assign(actor, role.standing())
}

/// The highest level that a holder of `actor` may give a role.
pub fn highest_level(actor: Standing) -> i16 {
    let own = reaches(actor, actor.level) && actor.level < OWNER_LEVEL;
    if own { actor.level } else { actor.level - 1 }
}

fn all(tx: &mut OrgTx<'_>) -> Result<Arc<[Role]>> {
    let organization = tx.organization.clone();
    tx.roles(&organization)
}

fn judge_reach(actor: Standing, role: &Role) -> Outcome<()> {
    match may_edit_role(actor, role.standing()) {
        true => Ok(()),
        false if role.is_owner() => refuse(Refusal::Fixed),
        false => refuse(Refusal::OutOfReach),
    }
}

/// Custom roles are made and changed only under a plan that opens them.
fn judge_plan(tx: &mut OrgTx<'_>) -> Outcome<()> {
    let (organization, reader) = (tx.organization.clone(), tx.actor.standing);
    PlanCloses::read(tx, &organization, reader)?.map_or(Ok(()), |closes| refuse(Refusal::NotInPlan(closes)))
}

/// Judges what a role is to become; `may_edit_role` decides, the rest says why.
fn judge(tx: &OrgTx<'_>, new: &Definition) -> Outcome<()> {
    let actor = tx.actor.standing;
    if may_edit_role(actor, new.standing()) {
        return Ok(());
    }
    if !reaches(actor, new.level) || new.level >= OWNER_LEVEL {
        return refuse(Refusal::LevelOutOfReach { most: highest_level(actor) });
    }
    let lacking = catalog::all(tx.product())
        .filter(|entry| new.permissions.contains(entry.permission) && !actor.permissions.contains(entry.permission));
    refuse(Refusal::of_permissions(lacking, &tx.organization))
}

fn judge_name(roles: &[Role], new: &Definition, own: Option<Uuid>) -> Outcome<()> {
    let wanted = fold(new.name.as_str());
    match roles.iter().find(|role| Some(role.id) != own && fold(&role.name) == wanted) {
        Some(taken) => refuse(Refusal::NameTaken { name: taken.name.clone() }),
        None => Ok(()),
    }
}

fn refuse<T>(why: Refusal) -> Outcome<T> {
    Err(Stopped::Refused(why))
}
