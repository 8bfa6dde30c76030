//! What is done to several members at once.

use uuid::Uuid;

use super::{Done, Outcome, activate, change_role, deactivate, refuse, remove};
use crate::access::OrgTx;
use crate::error::{AppError, Result, Stopped};
use crate::keys::actions::{Fate, Fates};
use crate::members::queries;
use crate::members::refusal::{Refusal, Why};

/// What is done to several members at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    ChangeRole(Uuid),
    Deactivate,
    Activate,
    /// Keys go on.
    Remove,
    RemoveWithKeys,
}

/// A member to act on, and the version of the row that the reader saw, if the page showed it.
pub type Selected = (Uuid, Option<i32>);

/// Does a deed to each member by itself: one that is refused does not hold up the others.
pub fn each(tx: &mut OrgTx<'_>, deed: Deed, selected: &[Selected]) -> Result<Vec<Result<Done, Refusal>>> {
    selected.iter().map(|selected| one(tx, deed, *selected)).collect()
}

fn one(tx: &mut OrgTx<'_>, deed: Deed, (member_id, version): Selected) -> Result<Result<Done, Refusal>> {
    let is_own = tx.actor.member_id == Some(member_id);
    let outcome = match deed {
        Deed::ChangeRole(_) if is_own => refuse_oneself(tx, member_id, Why::ChangesYourself),
        Deed::ChangeRole(role_id) => change_role(tx, member_id, role_id, version).map(|(done, _)| done),
        Deed::Deactivate => deactivate(tx, member_id),
        Deed::Activate => activate(tx, member_id),
        Deed::Remove | Deed::RemoveWithKeys if is_own => refuse_oneself(tx, member_id, Why::RemovesYourself),
        Deed::Remove => remove(tx, member_id, &Fates::all(Fate::Keep)).map(Done::changed),
        Deed::RemoveWithKeys => remove(tx, member_id, &Fates::all(Fate::Revoke)).map(Done::changed),
    };
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(Stopped::Refused(refusal)) => Ok(Err(refusal)),
        Err(Stopped::Failed(AppError::NotFound)) => Ok(Err(Refusal { name: "Somebody".to_owned(), why: Why::Gone })),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// Nobody does to themselves among others what they would think about alone.
fn refuse_oneself(tx: &mut OrgTx<'_>, member_id: Uuid, why: Why) -> Outcome<Done> {
    let member = queries::by_id(tx, member_id)?;
    refuse(&member, why)
}
