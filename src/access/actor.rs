//! Who makes a change, as the activity log names them and as the policy judges them.

use uuid::Uuid;

use super::key::KnownKey;
use super::policy::{PermissionSet, Standing};
use crate::audit;

/// A key that makes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActorKey {
    pub id: Uuid,
    pub created_by_account_id: Uuid,
    /// Who answers for it; none once they have left.
    pub owner_member_id: Option<Uuid>,
}

/// Who makes a change: a member, a key, a person who is joining, or the deployment itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub account_id: Option<Uuid>,
    pub member_id: Option<Uuid>,
    /// The key by which it is done over the API, and the account that made it.
    pub key: Option<ActorKey>,
    /// The name in the activity log.
    pub name: String,
    /// What the policy lets them do; nothing for who is not a member.
    pub standing: Standing,
}

impl Actor {
    /// A person who is not a member (yet): joins, declines, creates an organization.
    pub fn person(account_id: Uuid, name: &str) -> Actor {
        Actor { account_id: Some(account_id), ..Actor::named(name) }
    }

    /// A key, which stands where a member stands.
    pub(super) fn key(key: &KnownKey) -> Actor {
        let acting =
            ActorKey { id: key.id, created_by_account_id: key.created_by_account_id, owner_member_id: key.owner_member_id };
        Actor { key: Some(acting), standing: key.standing, ..Actor::named(&key.name) }
    }

    /// The deployment's operator, at the command line.
    pub fn operator() -> Actor {
        Actor::named("The operator")
    }

    /// The console itself, for what time alone brings about.
    pub fn console() -> Actor {
        Actor::named("The console")
    }

    /// Somebody who opened an invitation link without an account.
    pub fn invited(email: &str) -> Actor {
        Actor::named(email)
    }

    /// Whether a member is who acts: in person, or by a key that they answer for.
    pub fn is(&self, member_id: Uuid) -> bool {
        self.member_id == Some(member_id) || self.key.is_some_and(|key| key.owner_member_id == Some(member_id))
    }

    pub(super) fn author(&self) -> audit::Author {
        audit::Author { account_id: self.account_id, key_id: self.key.map(|key| key.id), name: self.name.clone() }
    }

    fn named(name: &str) -> Actor {
        let standing = Standing { level: 0, permissions: PermissionSet::default() };
        Actor { account_id: None, member_id: None, key: None, name: name.to_owned(), standing }
    }
}
