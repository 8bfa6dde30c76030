//! What changes members. Each verb judges first and changes last, so that a refused one leaves no trace and several can
//! share a transaction.

mod each;

use uuid::Uuid;

use super::member::{Member, Status};
use super::queries;
use super::refusal::{Refusal, Why};
use crate::access::policy::{may_activate, may_assign, may_change_role, may_manage, reaches};
use crate::access::{OrgTx, Role, catalog};
use crate::audit::Event;
use crate::error::{AppError, Result, Stopped};
use crate::keys::actions::Fates;
use crate::{billing, keys};

pub use each::{Deed, Selected, each};

type Outcome<T> = Result<T, Stopped<Refusal>>;

/// What became of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// As they were before.
    pub member: Member,
    /// False where it was so already: a second click, or somebody was faster.
    pub changed: bool,
}

impl Done {
    fn changed(member: Member) -> Done {
        Done { member, changed: true }
    }

    fn already_so(member: Member) -> Done {
        Done { member, changed: false }
    }
}

/// Gives a member another role, and returns its name. `version` is that of the row that the reader saw; none where several are changed at once.
pub fn change_role(tx: &mut OrgTx<'_>, member_id: Uuid, role_id: Uuid, version: Option<i32>) -> Outcome<(Done, String)> {
    let member = queries::by_id(tx, member_id)?;
    let from = role_of(tx, &member)?;
    let to = match tx.role_by_id(role_id) {
        Err(AppError::NotFound) => return refuse(&member, Why::NoSuchRole),
        found => found?,
    };
    if member.role_id == to.id && (may_assign(tx.actor.standing, from.standing()) || is_actor(tx, &member)) {
        return Ok((Done::already_so(member), to.name));
    }
    if member.status() == Status::Invited {
        return refuse(&member, Why::Invited);
    }
    judge_role_change(tx, &member, &from, &to)?;
    if version.is_some_and(|version| version != member.version) {
        let stale = Why::Stale { now: from.name, by: member.role_given_by.clone(), since: member.role_since };
        return refuse(&member, stale);
    }
    if from.is_owner() && !to.is_owner() {
        keep_an_owner(tx, &member)?;
    }
    queries::set_role(tx, member_id, to.id)?;
    let event =
        Event::MemberRoleChanged { member_id, name: member.display_name().to_owned(), from: from.name, to: to.name.clone() };
    tx.record(&event)?;
    Ok((Done::changed(member), to.name))
}

/// Gives everybody who holds one role another one, invited people too. The caller has judged both. Returns the members.
pub fn move_role(tx: &mut OrgTx<'_>, from: &Role, to: &Role) -> Result<Vec<Uuid>> {
    let moved = queries::move_role(tx, from.id, to.id)?;
    let joined = || moved.iter().filter(|member| member.status() != Status::Invited);
    let event = |member: &Member| Event::MemberRoleChanged {
        member_id: member.id,
        name: member.display_name().to_owned(),
        from: from.name.clone(),
        to: to.name.clone(),
    };
    tx.record_all(&joined().map(event).collect::<Vec<_>>())?;
    Ok(joined().map(|member| member.id).collect())
}

fn judge_role_change(tx: &OrgTx<'_>, member: &Member, from: &Role, to: &Role) -> Outcome<()> {
    let (actor, from_standing, to_standing) = (tx.actor.standing, from.standing(), to.standing());
    if !may_assign(actor, from_standing) {
        return refuse(member, out_of_reach(tx, from));
    }
    if !may_change_role(actor, from_standing, to_standing) {
        return refuse(member, Why::RoleOutOfReach { role: to.name.clone() });
    }
    if is_actor(tx, member) && to.level >= from.level {
        return refuse(member, Why::OwnRoleOnlyDown);
    }
    Ok(())
}

/// Why a role is not within the actor's: its level, or what it allows.
fn out_of_reach(tx: &OrgTx<'_>, role: &Role) -> Why {
    let (actor, name) = (tx.actor.standing, role.name.clone());
    if !reaches(actor, role.level) {
        return Why::OutOfReach { role: name };
    }
    Why::AllowsMore { role: name, what: catalog::lacking(tx.product(), role.permissions, actor.permissions) }
}

/// Takes all access away and frees the slot; the row, its role and its history stay.
pub fn deactivate(tx: &mut OrgTx<'_>, member_id: Uuid) -> Outcome<Done> {
    let member = queries::by_id(tx, member_id)?;
    if member.status() == Status::Invited {
        return refuse(&member, Why::Invited);
    }
    if is_actor(tx, &member) {
        return refuse(&member, Why::DeactivatesYourself);
    }
    judge_management(tx, &member)?;
    if member.status() == Status::Inactive {
        return Ok(Done::already_so(member));
    }
    keep_an_owner(tx, &member)?;
    queries::set_status(tx, member_id, Status::Inactive)?;
    tx.record(&Event::MemberDeactivated { member_id, name: member.display_name().to_owned() })?;
    Ok(Done::changed(member))
}

/// Gives access back, if a slot is free.
pub fn activate(tx: &mut OrgTx<'_>, member_id: Uuid) -> Outcome<Done> {
    let member = queries::by_id(tx, member_id)?;
    if member.status() == Status::Invited {
        return refuse(&member, Why::Invited);
    }
    if tx.actor.key.is_some() && is_actor(tx, &member) {
        return refuse(&member, Why::ActivatesYourself);
    }
    let role = role_of(tx, &member)?;
    if !may_activate(tx.actor.standing, role.standing()) {
        let why = out_of_reach(tx, &role);
        return refuse(&member, why);
    }
    if member.status() == Status::Active {
        return Ok(Done::already_so(member));
    }
    let organization = tx.reread_organization()?;
    if organization.free_slots() == 0 {
        let reader = tx.actor.standing;
        let way = billing::way_up::to_more_slots(tx, &organization, reader)?.words;
        let room = billing::way_up::make_room(&organization, ("Deactivate somebody", "Deactivate members"), &way);
        return refuse(&member, Why::NoSlot { limit: organization.member_limit, room });
    }
    queries::set_status(tx, member_id, Status::Active)?;
    billing::actions::seats::follow(tx)?;
    tx.record(&Event::MemberActivated { member_id, name: member.display_name().to_owned() })?;
    Ok(Done::changed(member))
}

/// Removes a member: access to everything of the organization ends with the commit. Whoever removes themselves leaves.
/// Their keys become what `fates` says; a removal that cannot hand one over does not happen.
pub fn remove(tx: &mut OrgTx<'_>, member_id: Uuid, fates: &Fates) -> Outcome<Member> {
    let member = queries::by_id(tx, member_id)?;
    if member.status() == Status::Invited {
        return refuse(&member, Why::Invited);
    }
    match tx.actor.key {
        Some(_) if is_actor(tx, &member) => return refuse(&member, Why::RemovesYourself),
        None if is_actor(tx, &member) => return leave(tx),
        _ => {}
    }
    judge_management(tx, &member)?;
    keep_an_owner(tx, &member)?;
    match keys::actions::settle(tx, member_id, fates) {
        Err(Stopped::Refused(refusal)) => return refuse(&member, Why::Keys { words: refusal.words().into_owned() }),
        Err(Stopped::Failed(error)) => return Err(error.into()),
        Ok(()) => {}
    }
    queries::delete(tx, member_id)?;
    let (name, email) = (member.display_name().to_owned(), member.email.clone());
    tx.record(&Event::MemberRemoved { member_id, name, email })?;
    Ok(member)
}

/// Takes the actor out of the organization. Their keys go on.
pub fn leave(tx: &mut OrgTx<'_>) -> Outcome<Member> {
    let member_id = tx.actor.member_id.ok_or(AppError::NotFound)?;
    let member = queries::by_id(tx, member_id)?;
    keep_an_owner(tx, &member)?;
    queries::delete(tx, member_id)?;
    let (name, email) = (member.display_name().to_owned(), member.email.clone());
    tx.record(&Event::MemberLeft { member_id, name, email })?;
    Ok(member)
}

fn refuse<T>(member: &Member, why: Why) -> Outcome<T> {
    Err(Stopped::Refused(Refusal::of(member, why)))
}

fn role_of(tx: &mut OrgTx<'_>, member: &Member) -> Outcome<Role> {
    Ok(tx.role_by_id(member.role_id)?)
}

fn is_actor(tx: &OrgTx<'_>, member: &Member) -> bool {
    tx.actor.is(member.id)
}

fn judge_management(tx: &mut OrgTx<'_>, member: &Member) -> Outcome<()> {
    let role = role_of(tx, member)?;
    if may_manage(tx.actor.standing, role.standing()) {
        return Ok(());
    }
    refuse(member, Why::OutOfReach { role: role.name })
}

/// An organization always has an active Owner: the lock makes sure that nobody else changes that meanwhile.
fn keep_an_owner(tx: &mut OrgTx<'_>, member: &Member) -> Outcome<()> {
    if member.status() != Status::Active || !role_of(tx, member)?.is_owner() {
        return Ok(());
    }
    if queries::has_other_active_owner(tx, member.id)? {
        return Ok(());
    }
    refuse(member, Why::LastOwner)
}
