//! What changes keys. Whoever generates one gives it nothing that they do not hold themselves, and whoever gets a new secret of
//! one could have done what it does.

mod fate;

use chrono::TimeDelta;
use uuid::Uuid;

use super::key::{Key, NewKey, Overlap, is_spare, next_reminder};
use super::queries;
use super::refusal::Refusal;
use crate::access::key::{KeyStatus, standing_of};
use crate::access::policy::{Standing, may_end_key, may_resume_key, may_rotate_key};
use crate::access::{OrgTx, catalog};
use crate::audit::Event;
use crate::clock::Moment;
use crate::db::types::fold;
use crate::error::{AppError, Result, Stopped};
use crate::secret::KeyText;

pub use fate::{Fate, Fates, settle};

type Outcome<T> = Result<T, Stopped<Refusal>>;

/// A form that is sent twice comes within this time.
const DOUBLE_CLICK: TimeDelta = TimeDelta::minutes(10);

/// Generates a key. Its text exists in what this returns and nowhere else.
pub fn create(tx: &mut OrgTx<'_>, new: &NewKey) -> Outcome<(Uuid, KeyText)> {
    let (Some(account_id), Some(member_id)) = (tx.actor.account_id, tx.actor.member_id) else {
        return refuse(Refusal::NotByKey);
    };
    judge_abilities(tx, &new.abilities)?;
    if let Some(taken) = queries::by_name(tx, &fold(new.name.as_str()))? {
        let is_twice = taken.created_by_account_id == account_id
            && tx.now() - taken.created_at < DOUBLE_CLICK
            && taken.status(tx.now()).is_live()
            && taken.is(new);
        let why = if is_twice { Refusal::GeneratedJustNow { id: taken.id } } else { Refusal::NameTaken { name: taken.name } };
        return refuse(why);
    }
    let owner = queries::owner_by_id(tx, member_id)?;
    let id = Uuid::new_v4();
    let text = KeyText::generate(id);
    let expires_at = new.expiration.from(tx.now());
    let reminder_at = next_reminder(expires_at, tx.now());
    queries::insert(tx, id, new, &queries::Made { hash: text.hash(), owner: &owner, account_id, expires_at, reminder_at })?;
    if let Some(at) = reminder_at {
        queries::plan_reminder(tx, at)?;
    }
    tx.record(&Event::KeyCreated { key_id: id, name: new.name.as_str().to_owned(), abilities: new.abilities.clone() })?;
    Ok((id, text))
}

fn judge_abilities(tx: &OrgTx<'_>, abilities: &[String]) -> Outcome<()> {
    let entries = abilities.iter().filter_map(|key| catalog::find(tx.product(), key));
    let closed: Vec<(String, String)> =
        entries.filter_map(|entry| Some((entry.key.to_owned(), entry.closed_in(&tx.organization)?))).collect();
    if !closed.is_empty() {
        return refuse(Refusal::Closed(closed));
    }
    let held = |key: &&String| {
        catalog::find(tx.product(), key).is_some_and(|entry| tx.actor.standing.permissions.contains(entry.permission))
    };
    let lacking: Vec<String> = abilities.iter().filter(|key| !held(key)).cloned().collect();
    if lacking.is_empty() { Ok(()) } else { refuse(Refusal::Lacks(lacking)) }
}

/// Stops a key until it is resumed. False where it was so already.
pub fn pause(tx: &mut OrgTx<'_>, id: Uuid) -> Outcome<(Key, bool)> {
    turn(tx, id, KeyStatus::Paused)
}

/// Lets a paused key work again. False where it was so already.
pub fn resume(tx: &mut OrgTx<'_>, id: Uuid) -> Outcome<(Key, bool)> {
    turn(tx, id, KeyStatus::Active)
}

fn turn(tx: &mut OrgTx<'_>, id: Uuid, to: KeyStatus) -> Outcome<(Key, bool)> {
    let key = queries::by_id(tx, id)?;
    match to {
        KeyStatus::Active => judge_reach(tx, &key, may_resume_key)?,
        _ => judge_care(tx, &key)?,
    }
    let status = key.status(tx.now());
    if status == to {
        return Ok((key, false));
    }
    if !status.is_live() {
        return refuse(Refusal::Ended(status));
    }
    queries::set_status(tx, id, to)?;
    let name = key.name.clone();
    let event = match to {
        KeyStatus::Paused => Event::KeyPaused { key_id: id, name },
        _ => Event::KeyResumed { key_id: id, name },
    };
    tx.record(&event)?;
    Ok((key, true))
}

/// Ends a key for good: the next request with it is refused. False where it had ended already.
pub fn revoke(tx: &mut OrgTx<'_>, id: Uuid) -> Outcome<(Key, bool)> {
    let key = queries::by_id(tx, id)?;
    judge_care(tx, &key)?;
    let is_done = end(tx, &key, |key_id, name| Event::KeyRevoked { key_id, name })?;
    Ok((key, is_done))
}

/// Ends a key without judging who does it: for who found one in the open, which proves itself.
pub fn revoke_leaked(tx: &mut OrgTx<'_>, id: Uuid) -> Result<(Key, bool)> {
    let key = queries::by_id(tx, id)?;
    let is_done = end(tx, &key, |key_id, name| Event::KeyLeaked { key_id, name })?;
    Ok((key, is_done))
}

fn end(tx: &mut OrgTx<'_>, key: &Key, event: impl Fn(Uuid, String) -> Event) -> Result<bool> {
    if key.status == KeyStatus::Revoked.key() {
        return Ok(false);
    }
    queries::end(tx, key.id, KeyStatus::Revoked, tx.now())?;
    tx.record(&event(key.id, key.name.clone()))?;
    Ok(true)
}

/// What a page showed of a key before somebody rotates it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// When it was rotated last.
    pub rotated_at: Option<Moment>,
    /// Whether its current secret makes way.
    pub is_spare: bool,
}

/// Gives a key a new secret; the old one goes on for a while. What ends is what the page said, or nothing happens.
pub fn rotate(tx: &mut OrgTx<'_>, id: Uuid, overlap: Overlap, shown: Shown) -> Outcome<(Key, KeyText)> {
    let (key, used) = queries::with_use(tx, id)?;
    judge_reach(tx, &key, may_rotate_key)?;
    let status = key.status(tx.now());
    if !status.is_live() {
        return refuse(Refusal::Ended(status));
    }
    if shown.rotated_at != key.rotated_at {
        return refuse(Refusal::RotatedMeanwhile);
    }
    let is_spare = is_spare(&key, used.last_used_at, tx.now());
    if shown.is_spare != is_spare {
        return refuse(Refusal::UsedMeanwhile);
    }
    let text = KeyText::generate(id);
    let until = (overlap != Overlap::None).then_some(tx.now() + TimeDelta::hours(overlap.hours()));
    queries::rotate(tx, &key, queries::Rotation { hash: text.hash(), until, is_spare })?;
    tx.record(&Event::KeyRotated { key_id: id, name: key.name.clone(), overlap: overlap.hours() })?;
    Ok((key, text))
}

/// Ends the old secret of a rotated key before its time. False where it had ended already.
pub fn end_old_secret(tx: &mut OrgTx<'_>, id: Uuid) -> Outcome<(Key, bool)> {
    let key = queries::by_id(tx, id)?;
    judge_care(tx, &key)?;
    if key.old_secret_until(tx.now()).is_none() {
        return Ok((key, false));
    }
    queries::end_old_secret(tx, id)?;
    tx.record(&Event::KeyOldSecretEnded { key_id: id, name: key.name.clone() })?;
    Ok((key, true))
}

/// As what a key stands now.
fn standing(tx: &mut OrgTx<'_>, key: &Key) -> Result<Standing> {
    let role = match tx.role_by_id(key.role_id) {
        Ok(role) => Some(role.standing()),
        Err(AppError::NotFound) => None,
        Err(error) => return Err(error),
    };
    Ok(standing_of(&key.abilities, role, tx.product()))
}

/// Whether a member answers for a key.
pub fn owns(member_id: Option<Uuid>, key: &Key) -> bool {
    member_id.is_some() && key.owner_member_id == member_id
}

fn is_own(tx: &OrgTx<'_>, key: &Key) -> bool {
    owns(tx.actor.member_id, key)
}

fn judge_care(tx: &OrgTx<'_>, key: &Key) -> Outcome<()> {
    if may_end_key(tx.actor.standing, is_own(tx, key)) { Ok(()) } else { refuse(not_yours(key)) }
}

/// Judges what gives back, or gives away, all that a key may do.
fn judge_reach(tx: &mut OrgTx<'_>, key: &Key, may: impl Fn(Standing, Standing, bool) -> bool) -> Outcome<()> {
    let (standing, is_own) = (standing(tx, key)?, is_own(tx, key));
    if may(tx.actor.standing, standing, is_own) {
        return Ok(());
    }
    let is_cared_for = may_end_key(tx.actor.standing, is_own);
    refuse(if is_cared_for { Refusal::ReachesFurther } else { not_yours(key) })
}

fn not_yours(key: &Key) -> Refusal {
    Refusal::NotYours { owner: key.owner_name.clone() }
}

fn refuse<T>(why: Refusal) -> Outcome<T> {
    Err(Stopped::Refused(why))
}
