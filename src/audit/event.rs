//! Everything that can happen, with the sentence that tells it. Names are those of the time, so that a sentence stays true
//! when people and roles are renamed or gone.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A change in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum Event {
    OrganizationCreated {
        name: String,
    },
    OrganizationRenamed {
        from: String,
        to: String,
    },
    MemberLimitChanged {
        from: i32,
        to: i32,
    },
    InvitationSent {
        invitation_id: Uuid,
        email: String,
        role: String,
    },
    InvitationResent {
        invitation_id: Uuid,
        email: String,
    },
    InvitationRoleChanged {
        invitation_id: Uuid,
        email: String,
        from: String,
        to: String,
    },
    InvitationRevoked {
        invitation_id: Uuid,
        email: String,
    },
    InvitationExpired {
        invitation_id: Uuid,
        email: String,
    },
    InvitationDeclined {
        invitation_id: Uuid,
        email: String,
    },
    InvitationAskedFor {
        invitation_id: Uuid,
        email: String,
    },
    RoleCreated {
        role_id: Uuid,
        name: String,
        level: i16,
    },
    RoleEdited(RoleEdit),
    RoleDeleted {
        role_id: Uuid,
        name: String,
    },
    DefaultRoleChanged {
        from: String,
        to: String,
    },
    KeyCreated {
        key_id: Uuid,
        name: String,
        abilities: Vec<String>,
    },
    KeyPaused {
        key_id: Uuid,
        name: String,
    },
    KeyResumed {
        key_id: Uuid,
        name: String,
    },
    /// How long the old secret goes on, in hours.
    KeyRotated {
        key_id: Uuid,
        name: String,
        overlap: i64,
    },
    KeyOldSecretEnded {
        key_id: Uuid,
        name: String,
    },
    KeyRevoked {
        key_id: Uuid,
        name: String,
    },
    /// Revoked, since somebody found it where everybody can read it.
    KeyLeaked {
        key_id: Uuid,
        name: String,
    },
    KeyExpired {
        key_id: Uuid,
        name: String,
    },
    KeyHandedOver {
        key_id: Uuid,
        name: String,
        from: String,
        to: String,
    },
    MemberJoined {
        member_id: Uuid,
        name: String,
        email: String,
        role: String,
    },
    MemberRoleChanged {
        member_id: Uuid,
        name: String,
        from: String,
        to: String,
    },
    MemberDeactivated {
        member_id: Uuid,
        name: String,
    },
    MemberActivated {
        member_id: Uuid,
        name: String,
    },
    MemberRemoved {
        member_id: Uuid,
        name: String,
        email: String,
    },
    MemberLeft {
        member_id: Uuid,
        name: String,
        email: String,
    },
    MemberRenamed {
        member_id: Uuid,
        from: String,
        to: String,
    },
    MemberAddressChanged {
        member_id: Uuid,
        name: String,
        from: String,
        to: String,
    },
}

/// Every kind with its words in the filter, in the order of the list there.
pub const KINDS: &[(&str, &str)] = &[
    ("organization_created", "Organization created"),
    ("organization_renamed", "Organization renamed"),
    ("member_limit_changed", "Member limit changed"),
    ("invitation_sent", "Invitation sent"),
    ("invitation_resent", "Invitation sent again"),
    ("invitation_role_changed", "Role of an invitation changed"),
    ("invitation_revoked", "Invitation revoked"),
    ("invitation_expired", "Invitation expired"),
    ("invitation_declined", "Invitation declined"),
    ("invitation_asked_for", "New invitation asked for"),
    ("role_created", "Role created"),
    ("role_edited", "Role edited"),
    ("role_deleted", "Role deleted"),
    ("default_role_changed", "Default role changed"),
    ("key_created", "Key generated"),
    ("key_paused", "Key paused"),
    ("key_resumed", "Key resumed"),
    ("key_rotated", "Key rotated"),
    ("key_old_secret_ended", "Old secret of a key ended"),
    ("key_revoked", "Key revoked"),
    ("key_leaked", "Key found in the open"),
    ("key_expired", "Key expired"),
    ("key_handed_over", "Key handed over"),
    ("member_joined", "Member joined"),
    ("member_role_changed", "Role changed"),
    ("member_deactivated", "Member deactivated"),
    ("member_activated", "Member activated"),
    ("member_removed", "Member removed"),
    ("member_left", "Member left"),
    ("member_renamed", "Name changed"),
    ("member_address_changed", "Address changed"),
];

impl Event {
    /// The member, invitation, role or key that it is about.
    pub fn subject(&self) -> Option<Uuid> {
        use Event::*;
        match self {
            OrganizationCreated { .. } | OrganizationRenamed { .. } | MemberLimitChanged { .. } | DefaultRoleChanged { .. } => {
                None
            }
            RoleCreated { role_id, .. } | RoleEdited(RoleEdit { role_id, .. }) | RoleDeleted { role_id, .. } => Some(*role_id),
            InvitationSent { invitation_id, .. }
            | InvitationResent { invitation_id, .. }
            | InvitationRoleChanged { invitation_id, .. }
            | InvitationRevoked { invitation_id, .. }
            | InvitationExpired { invitation_id, .. }
            | InvitationDeclined { invitation_id, .. }
            | InvitationAskedFor { invitation_id, .. } => Some(*invitation_id),
            KeyCreated { key_id, .. }
            | KeyPaused { key_id, .. }
            | KeyResumed { key_id, .. }
            | KeyRotated { key_id, .. }
            | KeyOldSecretEnded { key_id, .. }
            | KeyRevoked { key_id, .. }
            | KeyLeaked { key_id, .. }
            | KeyExpired { key_id, .. }
            | KeyHandedOver { key_id, .. } => Some(*key_id),
            MemberJoined { member_id, .. }
            | MemberRoleChanged { member_id, .. }
            | MemberDeactivated { member_id, .. }
            | MemberActivated { member_id, .. }
            | MemberRemoved { member_id, .. }
            | MemberLeft { member_id, .. }
            | MemberRenamed { member_id, .. }
            | MemberAddressChanged { member_id, .. } => Some(*member_id),
        }
    }
}

/// What an edit made of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleEdit {
    pub role_id: Uuid,
    pub name: String,
    /// The name before.
    pub was: String,
    pub from_level: i16,
    pub to_level: i16,
    /// Keys of permissions.
    pub gained: Vec<String>,
    pub lost: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_reads_back_from_its_row() {
        let event =
            Event::InvitationSent { invitation_id: Uuid::from_u128(1), email: "a@b.example".into(), role: "Member".into() };
        let (kind, data) = super::super::taken_apart(&event).unwrap();
        assert!(KINDS.iter().any(|(known, _)| *known == kind));
        assert_eq!(super::super::read(&kind, data), Some(event));
    }

    #[test]
    fn an_event_without_data_reads_back_too() {
        let (kind, data) = super::super::taken_apart(&super::super::AccountEvent::PasswordChanged {}).unwrap();
        assert_eq!(super::super::read_account(&kind, data), Some(super::super::AccountEvent::PasswordChanged {}));
    }
}
