//! The sentences of the activity log.

use super::event::{Event, RoleEdit};
use crate::web::words;

impl Event {
    /// What follows the actor's name: `invited dana@example.com as Member`.
    pub fn sentence(&self) -> String {
        use Event::*;
        match self {
            OrganizationCreated { name } => format!("created the organization {name}"),
            OrganizationRenamed { from, to } => format!("renamed the organization from {from} to {to}"),
            MemberLimitChanged { from, to } => limited(*from, *to),
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
            KeyCreated { .. }
            | KeyPaused { .. }
            | KeyResumed { .. }
            | KeyRotated { .. }
            | KeyOldSecretEnded { .. }
            | KeyRevoked { .. }
            | KeyLeaked { .. }
            | KeyExpired { .. }
            | KeyHandedOver { .. } => self.sentence_of_key(),
            MemberJoined { email, role, .. } => format!("joined as {role} with {email}"),
            MemberRoleChanged { name, from, to, .. } => format!("changed the role of {name} from {from} to {to}"),
            MemberDeactivated { name, .. } => format!("deactivated {name}"),
            MemberActivated { name, .. } => format!("activated {name}"),
            MemberRemoved { name, email, .. } => format!("removed {name} ({email})"),
            MemberLeft { .. } => "left the organization".to_owned(),
            MemberRenamed { from, to, .. } => format!("changed their name from {from} to {to}"),
            MemberAddressChanged { from, to, .. } => format!("changed their address from {from} to {to}"),
            Billing(event) => event.sentence(),
        }
    }

    fn sentence_of_key(&self) -> String {
        use Event::*;
        match self {
            KeyCreated { name, abilities, .. } if abilities.is_empty() => format!("generated the key {name}, without abilities"),
            KeyCreated { name, abilities, .. } => format!("generated the key {name}, which may {}", abilities.join(", ")),
            KeyPaused { name, .. } => format!("paused the key {name}"),
            KeyResumed { name, .. } => format!("resumed the key {name}"),
            KeyRotated { name, overlap: 0, .. } => format!("rotated the key {name}; its old secret ended at once"),
            KeyRotated { name, overlap, .. } => {
                format!("rotated the key {name}; its old secret goes on for {}", words::hours(*overlap))
            }
            KeyOldSecretEnded { name, .. } => format!("ended the old secret of the key {name}"),
            KeyRevoked { name, .. } => format!("revoked the key {name}"),
            KeyLeaked { name, .. } => format!("revoked the key {name}, which was found in the open"),
            KeyExpired { name, .. } => format!("let the key {name} expire"),
            KeyHandedOver { name, from, to, .. } => format!("handed the key {name} over from {from} to {to}"),
            _ => String::new(),
        }
    }
}

fn limited(from: i32, to: i32) -> String {
    format!("changed the member limit from {} to {}", limit_words(from), limit_words(to))
}

/// A number of member slots; the highest there is stands for no limit.
pub fn limit_words(slots: i32) -> String {
    if slots == i32::MAX { "no limit".to_owned() } else { words::grouped(i64::from(slots)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_none_is_said_in_words() {
        let sentence = Event::MemberLimitChanged { from: i32::MAX, to: 5_000 }.sentence();
        assert_eq!(sentence, "changed the member limit from no limit to 5,000");
    }
}
