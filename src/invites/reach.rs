//! Whose invitations somebody may act on: one answer for the actions that judge and for the pages that offer.

use uuid::Uuid;

use crate::access::policy::{Standing, may_invite_as};
use crate::access::{OrgTx, Permit, Right, Role};
use crate::members::pages::choices_among;
use crate::web::forms::Choice;

/// How far somebody reaches among the invitations of an organization.
pub struct Reach {
    /// None of a key: what its creator sent as a person is not its own.
    account_id: Option<Uuid>,
    standing: Standing,
    default_role_id: Option<Uuid>,
}

impl Reach {
    /// The actor's of a change.
    pub fn of_actor(tx: &OrgTx<'_>) -> Reach {
        let default_role_id = tx.organization.default_role_id;
        Reach { account_id: tx.actor.account_id, standing: tx.actor.standing, default_role_id }
    }

    /// The reader's of a page.
    pub fn of_reader<P: Right>(permit: &Permit<P>) -> Reach {
        let default_role_id = permit.organization.default_role_id;
        Reach { account_id: Some(permit.account.id), standing: permit.standing, default_role_id }
    }

    /// Whether they may send an invitation with a role, for the first time or again; nobody may with one that was deleted.
    pub fn may_send(&self, role: Option<&Role>) -> bool {
        role.is_some_and(|role| may_invite_as(self.standing, role.standing(), self.default_role_id == Some(role.id)))
    }

    /// The roles that they may give an invitation which has one of them, with that one chosen; nothing where there is no choice.
    pub fn role_choices(&self, current: Uuid, roles: &[Role]) -> Vec<Choice> {
        match roles.iter().find(|role| role.id == current && self.may_send(Some(role))) {
            Some(current) => choices_among(current, roles, |role| self.may_send(Some(role))),
            None => Vec::new(),
        }
    }

    /// Whether they may take back an invitation that `sender` sent last: who could send it, and who did.
    pub fn may_revoke(&self, role: Option<&Role>, sender: Uuid) -> bool {
        self.account_id == Some(sender) || self.may_send(role)
    }
}
