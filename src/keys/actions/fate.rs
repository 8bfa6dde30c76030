//! What becomes of the keys of who is removed: they are kept, handed over or revoked.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::super::key::Key;
use super::super::queries;
use super::super::refusal::Refusal;
use super::{Outcome, end, refuse};
use crate::access::OrgTx;
use crate::access::policy::may_hand_key_to;
use crate::audit::Event;
use crate::db::types::EmailAddress;
use crate::error::Result;

/// What becomes of a key whose owner is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on, with the role that its owner had.
    Keep,
    Revoke,
    /// It goes on, as a key of the member with this address.
    HandOver {
        email: EmailAddress,
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
    if *fates == Fates::all(Fate::Revoke) {
        return Ok(revoke_all(tx, member_id)?);
    }
    let some: HashMap<Uuid, &Fate> = fates.some.iter().map(|(id, fate)| (*id, fate)).collect();
    let keys = queries::live_of_member(tx, member_id)?;
    let theirs: HashSet<Uuid> = keys.iter().map(|key| key.id).collect();
    if !some.iter().all(|(id, fate)| **fate == Fate::Keep || theirs.contains(id)) {
        return refuse(Refusal::NotTheirs);
    }
    for key in keys {
        match some.get(&key.id).copied().unwrap_or(&fates.others) {
            Fate::Keep => {}
            Fate::Revoke => drop(end(tx, &key, |key_id, name| Event::KeyRevoked { key_id, name })?),
            Fate::HandOver { email } => hand_over(tx, &key, email)?,
        }
    }
    Ok(())
}

/// Ends all keys of a member, in as many statements as for one.
fn revoke_all(tx: &mut OrgTx<'_>, member_id: Uuid) -> Result<()> {
    let ended = queries::end_all(tx, member_id)?;
    let events: Vec<Event> = ended.into_iter().map(|(key_id, name)| Event::KeyRevoked { key_id, name }).collect();
    tx.record_all(&events)
}

fn hand_over(tx: &mut OrgTx<'_>, key: &Key, email: &EmailAddress) -> Outcome<()> {
    let to = queries::active_by_email(tx, email.as_str())?.filter(|member| Some(member.id) != key.owner_member_id);
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
