//! Everything that can happen, with the sentence that tells it. Names are those of the time, so that a sentence stays true
//! when people and roles are renamed or gone.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A change in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum Event {
    OrganizationCreated { name: String },
    OrganizationRenamed { from: String, to: String },
    MemberLimitChanged { from: i32, to: i32 },
    InvitationSent { invitation_id: Uuid, email: String, role: String },
    InvitationResent { invitation_id: Uuid, email: String },
    InvitationRoleChanged { invitation_id: Uuid, email: String, from: String, to: String },
    InvitationRevoked { invitation_id: Uuid, email: String },
    InvitationExpired { invitation_id: Uuid, email: String },
    InvitationDeclined { invitation_id: Uuid, email: String },
    InvitationAskedFor { invitation_id: Uuid, email: String },
    RoleCreated { role_id: Uuid, name: String, level: i16 },
    RoleEdited(RoleEdit),
    RoleDeleted { role_id: Uuid, name: String },
    DefaultRoleChanged { from: String, to: String },
    MemberJoined { member_id: Uuid, name: String, email: String, role: String },
    MemberRoleChanged { member_id: Uuid, name: String, from: String, to: String },
    MemberDeactivated { member_id: Uuid, name: String },
    MemberActivated { member_id: Uuid, name: String },
    MemberRemoved { member_id: Uuid, name: String, email: String },
    MemberLeft { member_id: Uuid, name: String, email: String },
    MemberRenamed { member_id: Uuid, from: String, to: String },
    MemberAddressChanged { member_id: Uuid, name: String, from: String, to: String },
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
    /// The member, invitation or role that it is about.
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

    /// What follows the actor's name: `invited dana@example.com as Member`.
    pub fn sentence(&self) -> String {
        use Event::*;
        match self {
            OrganizationCreated { name } => format!("created the organization {name}"),
            OrganizationRenamed { from, to } => format!("renamed the organization from {from} to {to}"),
            MemberLimitChanged { from, to } => format!("changed the member limit from {from} to {to}"),
            InvitationSent { email, role, .. } => format!("invited {email} as {role}"),
            InvitationResent { email, .. } => format!("sent the invitation of {email} again"),
            InvitationRoleChanged { email, from, to, .. } => {
                format!("changed the role in the invitation of {email} from {from} to {to}")
            }
            InvitationRevoked { email, .. } => format!("revoked the invitation of {email}"),
            InvitationExpired { email, .. } => format!("let the invitation of {email} expire"),
            InvitationDeclined { email, .. } => format!("declined the invitation to {email}"),
            InvitationAskedFor { email, .. } => format!("asked for a new invitation to {email}"),
            RoleCreated { name, level, .. } => format!("created the role {name} at level {level}"),
            RoleEdited(edit) => edit.sentence(),
            RoleDeleted { name, .. } => format!("deleted the role {name}"),
            DefaultRoleChanged { from, to } => format!("changed the role that invitations begin with from {from} to {to}"),
            MemberJoined { email, role, .. } => format!("joined as {role} with {email}"),
            MemberRoleChanged { name, from, to, .. } => format!("changed the role of {name} from {from} to {to}"),
            MemberDeactivated { name, .. } => format!("deactivated {name}"),
            MemberActivated { name, .. } => format!("activated {name}"),
            MemberRemoved { name, email, .. } => format!("removed {name} ({email})"),
            MemberLeft { .. } => "left the organization".to_owned(),
            MemberRenamed { from, to, .. } => format!("changed their name from {from} to {to}"),
            MemberAddressChanged { from, to, .. } => format!("changed their address from {from} to {to}"),
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

impl RoleEdit {
    /// `edited the role Support: renamed from Helpers; level 20 to 30; gained keys.view; lost billing.view`
    fn sentence(&self) -> String {
        let changes = [
            (self.was != self.name).then(|| format!("renamed from {}", self.was)),
            (self.from_level != self.to_level).then(|| format!("level {} to {}", self.from_level, self.to_level)),
            (!self.gained.is_empty()).then(|| format!("gained {}", self.gained.join(", "))),
            (!self.lost.is_empty()).then(|| format!("lost {}", self.lost.join(", "))),
        ];
        let changes: Vec<String> = changes.into_iter().flatten().collect();
        let changes = if changes.is_empty() { "its description".to_owned() } else { changes.join("; ") };
        format!("edited the role {}: {changes}", self.name)
    }
}

/// A change of an account itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum AccountEvent {
    AccountCreated {},
    SignedIn { client: String },
    EmailConfirmed { email: String },
    EmailChanged { from: String, to: String },
    NameChanged { from: String, to: String },
    PasswordChanged {},
    PasswordReset {},
    SessionsEnded { count: i64 },
}

impl AccountEvent {
    pub fn sentence(&self) -> String {
        use AccountEvent::*;
        match self {
            AccountCreated {} => "Account created".to_owned(),
            SignedIn { client } => format!("Signed in with {client}"),
            EmailConfirmed { email } => format!("Confirmed {email}"),
            EmailChanged { from, to } => format!("Changed the address from {from} to {to}"),
            NameChanged { from, to } => format!("Changed the name from {from} to {to}"),
            PasswordChanged {} => "Changed the password".to_owned(),
            PasswordReset {} => "Set a new password by mail".to_owned(),
            SessionsEnded { count } => format!("Ended {}", crate::web::words::count(*count, "session", "sessions")),
        }
    }
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
        let (kind, data) = super::super::taken_apart(&AccountEvent::PasswordChanged {}).unwrap();
        assert_eq!(super::super::read_account(&kind, data), Some(AccountEvent::PasswordChanged {}));
    }
}
