//! What changes keys. Whoever generates one gives it nothing that they do not hold themselves, and whoever gets a new secret of
//! one could have done what it does.

use chrono::TimeDelta;
use uuid::Uuid;

use super::key::{Key, NewKey, Overlap, next_reminder};
use super::queries;
use super::refusal::Refusal;
use crate::access::key::KeyStatus;
use crate::access::policy::{Standing, may_end_key, may_hand_key_to, may_rotate_key};
use crate::access::{OrgTx, catalog};
use crate::audit::Event;
use crate::clock::Moment;
use crate::db::types::fold;
use crate::error::{AppError, Result, Stopped};
use crate::secret::KeyText;

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
        let is_twice = taken.created_by_account_id == account_id && tx.now() - taken.created_at < DOUBLE_CLICK;
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
    judge_care(tx, &key)?;
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
    queries::end(tx, key.id, KeyStatus::Revoked)?;
    tx.record(&event(key.id, key.name.clone()))?;
    Ok(true)
}

/// Gives a key a new secret; the old one goes on for a while. `seen` is when it was rotated last, as the page showed it. A
/// secret that nobody has used yet makes way for the new one, so that the one in use is never lost by a second click.
pub fn rotate(tx: &mut OrgTx<'_>, id: Uuid, overlap: Overlap, seen: Option<Moment>) -> Outcome<(Key, KeyText)> {
    let key = queries::by_id(tx, id)?;
    let (standing, is_own) = (standing_of(tx, &key)?, is_own(tx, &key));
    if !may_rotate_key(tx.actor.standing, standing, is_own) {
        let why = if may_end_key(tx.actor.standing, is_own) { Refusal::ReachesFurther } else { not_yours(&key) };
        return refuse(why);
    }
    let status = key.status(tx.now());
    if !status.is_live() {
        return refuse(Refusal::Ended(status));
    }
    if seen != key.rotated_at {
        return refuse(Refusal::RotatedMeanwhile);
    }
    let text = KeyText::generate(id);
    let until = tx.now() + TimeDelta::hours(overlap.hours());
    queries::rotate(tx, &key, text.hash(), (overlap != Overlap::None).then_some(until))?;
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

/// What becomes of a key whose owner is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on, with the role that its owner had.
    Keep,
    Revoke,
    /// It goes on, as a key of the member with this address.
    HandOver {
        email: String,
    },
}

/// What becomes of all keys of a member who is removed: of some of them by id, and of the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fates {
    pub some: Vec<(Uuid, Fate)>,
    pub others: Fate,
}

impl Fates {
    /// The same for all.
    pub fn all(fate: Fate) -> Fates {
        Fates { some: Vec::new(), others: fate }
    }
}

/// Settles what becomes of the keys of a member who is about to be removed. Who may remove the member may decide about their
/// keys.
pub fn settle(tx: &mut OrgTx<'_>, member_id: Uuid, fates: &Fates) -> Outcome<()> {
    if *fates == Fates::all(Fate::Keep) {
        return Ok(());
    }
    for key in queries::live_of_member(tx, member_id)? {
        match fates.some.iter().find(|(id, _)| *id == key.id).map_or(&fates.others, |(_, fate)| fate) {
            Fate::Keep => {}
            Fate::Revoke => drop(end(tx, &key, |key_id, name| Event::KeyRevoked { key_id, name })?),
            Fate::HandOver { email } => hand_over(tx, &key, email)?,
        }
    }
    Ok(())
}

fn hand_over(tx: &mut OrgTx<'_>, key: &Key, email: &str) -> Outcome<()> {
    let to = queries::active_by_email(tx, email)?.filter(|member| Some(member.id) != key.owner_member_id);
    let Some(to) = to else { return refuse(Refusal::NoSuchMember) };
    let role = tx.role_by_id(to.role_id)?;
    if !may_hand_key_to(tx.actor.standing, role.standing(), tx.actor.member_id == Some(to.id)) {
        return refuse(Refusal::MemberOutOfReach { name: to.name });
    }
    queries::set_owner(tx, key.id, &to)?;
    let (from, to) = (key.owner_name.clone(), to.name);
    tx.record(&Event::KeyHandedOver { key_id: key.id, name: key.name.clone(), from, to })?;
    Ok(())
}

/// As what a key stands: its role's level, and its abilities as far as the role allows them.
pub fn standing_of(tx: &mut OrgTx<'_>, key: &Key) -> Result<Standing> {
    let role = match tx.role_by_id(key.role_id) {
        Ok(role) => role.standing(),
        Err(AppError::NotFound) => return Ok(Standing { level: 0, permissions: Default::default() }),
        Err(error) => return Err(error),
    };
    let abilities = catalog::set_of(tx.product(), &key.abilities);
    Ok(Standing { level: role.level, permissions: abilities.within(role.permissions) })
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

fn not_yours(key: &Key) -> Refusal {
    Refusal::NotYours { owner: key.owner_name.clone() }
}

fn refuse<T>(why: Refusal) -> Outcome<T> {
    Err(Stopped::Refused(why))
}
