//! Why a member stays as they are, in words for the reader.

use super::member::Member;
use crate::clock::Moment;

/// Somebody and the reason why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub name: String,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Their role is above what the actor may touch.
    OutOfReach {
        role: String,
    },
    /// Their role allows something that the actor does not have, which stands in `what`.
    AllowsMore {
        role: String,
        what: String,
    },
    /// The role is not one that the actor may give.
    RoleOutOfReach {
        role: String,
    },
    OwnRoleOnlyDown,
    LastOwner,
    DeactivatesYourself,
    /// By a key that the member answers for.
    ActivatesYourself,
    RemovesYourself,
    ChangesYourself,
    /// An invitation is changed on its own page.
    Invited,
    NoSlot {
        limit: i32,
        /// How there comes to be one.
        room: String,
    },
    NoSuchRole,
    /// Somebody else changed the role since the reader saw it.
    Stale {
        now: String,
        by: String,
        since: Moment,
    },
    /// One of their keys could not be handed over.
    Keys {
        words: String,
    },
    /// Removed meanwhile, or never here.
    Gone,
}

impl Refusal {
    pub fn of(member: &Member, why: Why) -> Refusal {
        Refusal { name: member.display_name().to_owned(), why }
    }

    /// `Ann Lee is the last active Owner. Make somebody else an Owner first.`
    pub fn sentence(&self) -> String {
        format!("{} {}", self.name, self.why.words())
    }
}

impl Why {
    /// What follows the name.
    pub fn words(&self) -> String {
        let words = match self {
            Why::OutOfReach { role } => return format!("is {role}. Your own role does not reach that far; ask somebody above."),
            Why::AllowsMore { role, what } => {
                return format!("is {role}. That role allows more than yours: {what}. Ask somebody who has it.");
            }
            Why::RoleOutOfReach { role } => {
                return format!(
                    "cannot get the role {role} from you. You can give the roles of the list: none above yours, and none that allows more than yours does."
                );
            }
            Why::NoSlot { limit, room } => return format!("stays inactive: all {limit} member slots are taken. {room}"),
            Why::Keys { words } => return format!("stays, with all keys. {words}"),
            Why::Stale { now, .. } => return format!("is {now} by now."),
            Why::OwnRoleOnlyDown => "is you. Only somebody else can give you a higher role.",
            Why::LastOwner => "is the last active Owner. Make somebody else an Owner first.",
            Why::DeactivatesYourself => "is you. Ask somebody else to deactivate you, or leave the organization.",
            Why::ActivatesYourself => "is who answers for this key. Only somebody else can activate them.",
            Why::ChangesYourself => "is you. To change your own role, do it on its own.",
            Why::RemovesYourself => "is you. To leave the organization, remove yourself on its own.",
            Why::Invited => "has not joined yet. Open the invitation to change its role, to send it again or to revoke it.",
            Why::NoSuchRole => "keeps the role they have. Choose one of the roles in the list.",
            Why::Gone => "is not here any more.",
        };
        words.to_owned()
    }
}
