//! Giving pending invitations another role, and another sender with it.

use diesel::prelude::*;
use uuid::Uuid;

use super::super::invitation::Status;
use crate::access::OrgConn;
use crate::db::schema::invitations;
use crate::error::Result;

/// Who answers for an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub account_id: Uuid,
    /// The key by which it is sent, which answers in the place of the person.
    pub key_id: Option<Uuid>,
    pub name: String,
    pub level: i16,
    /// Keys of what they hold; none of an Owner, who holds everything.
    pub permissions: Vec<String>,
}

/// Gives a pending invitation another role, for which `sender` answers from then on; false when it has ended.
pub fn set_role(org: &mut OrgConn<'_>, id: Uuid, role_id: Uuid, sender: &Sender) -> Result<bool> {
    let now = org.now();
    let changed = diesel::update(invitations::table)
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::id.eq(id))
        .filter(invitations::status.eq(Status::Pending.key()))
        .filter(invitations::expires_at.gt(now))
        .set((
            invitations::role_id.eq(role_id),
            invitations::invited_by_account_id.eq(sender.account_id),
            invitations::invited_by_key_id.eq(sender.key_id),
            invitations::invited_by.eq(&sender.name),
            invitations::sender_level.eq(sender.level),
            invitations::sender_permissions.eq(&sender.permissions),
        ))
        .execute(org.connection())?;
    Ok(changed == 1)
}

/// As `set_role`, for all pending invitations with one role. Returns ids and addresses.
pub fn move_role(org: &mut OrgConn<'_>, from: Uuid, to: Uuid, sender: &Sender) -> Result<Vec<(Uuid, String)>> {
    let changed = diesel::update(invitations::table)
        .filter(invitations::organization_id.eq(org.organization_id()))
        .filter(invitations::status.eq(Status::Pending.key()))
        .filter(invitations::role_id.eq(from))
        .set((
            invitations::role_id.eq(to),
            invitations::invited_by_account_id.eq(sender.account_id),
            invitations::invited_by_key_id.eq(sender.key_id),
            invitations::invited_by.eq(&sender.name),
            invitations::sender_level.eq(sender.level),
            invitations::sender_permissions.eq(&sender.permissions),
        ))
        .returning((invitations::id, invitations::email))
        .get_results(org.connection())?;
    Ok(changed)
}
