//! What members do to each other, and to the roles of their organization.

use uuid::Uuid;

use super::cast::address_of;
use super::keys::on_key;
use super::play::{done, missing, unfit};
use super::script::{Act, CustomRole};
use crate::access::policy::PermissionSet;
use crate::access::{Actor, OrgTx};
use crate::db::types::RoleName;
use crate::error::Result;
use crate::keys::actions::{Fate, Fates};
use crate::roles::actions::Seen;
use crate::roles::definition::Definition;
use crate::{members, roles};

pub(super) fn on_members(tx: &mut OrgTx<'_>, act: &Act) -> Result<()> {
    match act {
        Act::ChangeRole { by, name, role } => {
            let role_id = role_id(tx, role)?;
            on_member(tx, by, name, |tx, id| done(members::actions::change_role(tx, id, role_id, None)).map(drop))
        }
        Act::SetRole { by, role } => {
            enter(tx, by)?;
            set_role(tx, role)
        }
        Act::Deactivate { by, name } => on_member(tx, by, name, |tx, id| done(members::actions::deactivate(tx, id)).map(drop)),
        Act::Activate { by, name } => on_member(tx, by, name, |tx, id| done(members::actions::activate(tx, id)).map(drop)),
        Act::Remove { by, name } => {
            on_member(tx, by, name, |tx, id| done(members::actions::remove(tx, id, &Fates::all(Fate::Keep))).map(drop))
        }
        Act::Leave { name } => {
            enter(tx, name)?;
            done(members::actions::leave(tx)).map(drop)
        }
        Act::Key { by, key, deed } => {
            enter(tx, by)?;
            on_key(tx, key, deed)
        }
        other => Err(missing(&format!("{other:?}"))),
    }
}

fn on_member(tx: &mut OrgTx<'_>, by: &str, name: &str, act: impl Fn(&mut OrgTx<'_>, Uuid) -> Result<()>) -> Result<()> {
    enter(tx, by)?;
    let member = members::queries::by_email(tx, &address_of(name))?.ok_or_else(|| missing(name))?;
    act(tx, member.id)
}

fn set_role(tx: &mut OrgTx<'_>, role: &CustomRole) -> Result<()> {
    let wanted = Definition {
        name: RoleName::parse(role.name).map_err(unfit)?,
        description: role.description.to_owned(),
        level: role.level,
        permissions: PermissionSet::of(role.permissions),
    };
    let organization = tx.organization.clone();
    match tx.roles(&organization)?.iter().find(|known| known.name == role.name) {
        Some(known) => {
            done(roles::actions::edit(tx, known.id, &wanted, Seen { version: known.version, holders: None })).map(drop)
        }
        None => done(roles::actions::create(tx, Uuid::now_v7(), &wanted)).map(drop),
    }
}

/// The transaction goes on as this member's.
pub(super) fn enter(tx: &mut OrgTx<'_>, name: &str) -> Result<()> {
    let member = members::queries::by_email(tx, &address_of(name))?.ok_or_else(|| missing(name))?;
    let standing = tx.role_by_id(member.role_id)?.standing();
    tx.actor = Actor { account_id: member.account_id, member_id: Some(member.id), key: None, name: member.name, standing };
    Ok(())
}

pub(super) fn role_id(tx: &mut OrgTx<'_>, name: &str) -> Result<Uuid> {
    let organization = tx.organization.clone();
    let all = tx.roles(&organization)?;
    all.iter().find(|known| known.name == name).map(|known| known.id).ok_or_else(|| missing(name))
}
