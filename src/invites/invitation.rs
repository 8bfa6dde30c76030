//! An invitation, and the pure rules about one.

use chrono::TimeDelta;
use diesel::prelude::*;
use uuid::Uuid;

use super::binding::Bound;
use crate::clock::Moment;
use crate::config::Config;
use crate::db::schema::invitations;
use crate::db::types::free_text;
use crate::secret::{Link, LinkKind};

/// How long an invitation is valid, from the last time it was sent (requirements I5).
pub const VALID: TimeDelta = TimeDelta::days(14);

/// Longest message, in characters.
pub const LONGEST_MESSAGE: usize = 1_000;

/// What its sender adds to an invitation; possibly nothing.
///
/// # Errors
/// Words for the reader.
pub fn parse_message(text: &str) -> Result<String, &'static str> {
    if text.trim().chars().count() > LONGEST_MESSAGE {
        return Err("That message is too long: 1,000 characters at most.");
    }
    free_text(text, LONGEST_MESSAGE * 2)
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Pending,
    Accepted,
    Declined,
    Revoked,
    Expired,
}

impl Status {
    pub const ALL: [Status; 5] = [Status::Pending, Status::Accepted, Status::Declined, Status::Revoked, Status::Expired];

    /// The name in the database.
    pub const fn key(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Accepted => "accepted",
            Status::Declined => "declined",
            Status::Revoked => "revoked",
            Status::Expired => "expired",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Status::Pending => "Pending",
            Status::Accepted => "Accepted",
            Status::Declined => "Declined",
            Status::Revoked => "Revoked",
            Status::Expired => "Expired",
        }
    }

    /// The badge's kind, as ui/badge knows them.
    pub const fn badge(self) -> &'static str {
        match self {
            Status::Pending => "notice",
            Status::Accepted => "positive",
            Status::Declined | Status::Revoked | Status::Expired => "neutral",
        }
    }

    /// As it is at a moment: a pending invitation past its time has expired, whether the upkeep came by or not.
    pub fn at(key: &str, expires_at: Moment, now: Moment) -> Status {
        let stored = Status::ALL.into_iter().find(|status| status.key() == key).unwrap_or(Status::Revoked);
        if stored == Status::Pending && expires_at <= now { Status::Expired } else { stored }
    }

    /// Whether it may be sent (again).
    pub fn may_resend(self) -> bool {
        matches!(self, Status::Pending | Status::Expired)
    }
}

/// The row of an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    pub id: Uuid,
    pub email: String,
    /// Empty where none was given.
    pub name: String,
    pub message: String,
    pub role_id: Uuid,
    pub generation: i32,
    pub status: String,
    pub invited_by_account_id: Uuid,
    pub invited_by: String,
    pub created_at: Moment,
    pub sent_at: Moment,
    pub expires_at: Moment,
    pub ended_at: Option<Moment>,
    pub accepted_by_account_id: Option<Uuid>,
    /// Where its mail goes instead of the invited address.
    pub notification_email: Option<String>,
    /// The level of who sent it, when they did.
    pub sender_level: i16,
    /// Keys of what they held then; none of an Owner, who holds everything.
    pub sender_permissions: Vec<String>,
    /// The key that sent it last; none where a person did.
    pub invited_by_key_id: Option<Uuid>,
}

impl Invitation {
    pub fn status(&self, now: Moment) -> Status {
        Status::at(&self.status, self.expires_at, now)
    }

    /// The address that its mail goes to.
    pub fn notified(&self) -> &str {
        self.notification_email.as_deref().unwrap_or(&self.email)
    }

    /// Whether a link of this generation opens it now.
    pub fn is_open(&self, generation: i32, now: Moment) -> bool {
        self.status(now) == Status::Pending && self.generation == generation
    }
}

/// The address behind **Copy link**: it opens the invitation, and proves no mailbox.
pub fn copied_link(config: &Config, organization_id: Uuid, id: Uuid, generation: i32) -> String {
    let generation = u32::try_from(generation).unwrap_or_default();
    let link = Link { kind: LinkKind::InvitationCopied, owner: organization_id, id, generation };
    config.link(&format!("/invitations/{}", config.secret_keys.sign(&link)))
}

/// What the token in an address is a link to. Signs that a mail program put around or into it are overlooked.
pub fn behind_token(config: &Config, token: &str) -> Option<Bound> {
    let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let token: String = token.chars().filter(kept).take(200).collect();
    let link = config.secret_keys.verify(&token)?;
    let mailed = match link.kind {
        LinkKind::InvitationMailed => true,
        LinkKind::InvitationCopied => false,
        LinkKind::EmailConfirmation | LinkKind::PasswordReset => return None,
    };
    let generation = i32::try_from(link.generation).ok()?;
    Some(Bound { organization_id: link.owner, invitation_id: link.id, generation, mailed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_invitation_expires_by_time_alone() {
        let end = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(Status::at("pending", end, end - TimeDelta::seconds(1)), Status::Pending);
        assert_eq!(Status::at("pending", end, end), Status::Expired);
        assert_eq!(Status::at("accepted", end, end), Status::Accepted);
    }
}
