//! Everything that can happen, with the sentence that tells it. Names are those of the time, so that a sentence stays true
//! when people and roles are renamed or gone.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::billing_event::BillingEvent;

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
    #[serde(untagged)]
    Billing(BillingEvent),
}

impl Event {
    /// The member, invitation, role, key or invoice that it is about.
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
            Billing(event) => event.invoice_id(),
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
    use super::super::KINDS;
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
    fn events_of_billing_have_rows_like_all_others() {
        let event = Event::Billing(BillingEvent::PlanResumed { plan: "Team".into() });
        let (kind, data) = super::super::taken_apart(&event).unwrap();
        assert_eq!((kind.as_str(), &data), ("plan_resumed", &serde_json::json!({ "plan": "Team" })));
        assert_eq!(super::super::read(&kind, data), Some(event));
    }

    #[test]
    fn an_event_without_data_reads_back_too() {
        let (kind, data) = super::super::taken_apart(&super::super::AccountEvent::PasswordChanged {}).unwrap();
        assert_eq!(super::super::read_account(&kind, data), Some(super::super::AccountEvent::PasswordChanged {}));
    }
}
