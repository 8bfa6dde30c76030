//! Why a key stays as it is, in words for the reader.

use std::borrow::Cow;

use crate::access::catalog;
use crate::access::key::KeyStatus;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Keys of permissions that the actor does not hold.
    Lacks(Vec<String>),
    /// Keys of permissions that open with a module which the organization does not have, each with what opens it.
    Closed(Vec<(String, String)>),
    NameTaken {
        name: String,
    },
    /// The actor generated a key of this name a moment ago: the form was sent twice.
    GeneratedJustNow {
        id: uuid::Uuid,
    },
    /// Keys never make keys.
    NotByKey,
    /// Somebody else's, and the actor may not look after those.
    NotYours {
        owner: String,
    },
    /// Who has its secret may do more than the actor.
    ReachesFurther,
    /// It is revoked or has expired, and so cannot be changed.
    Ended(KeyStatus),
    /// Which of its secrets is used has changed since the page was shown.
    UsedMeanwhile,
    /// Nobody chose how long the old secret goes on.
    NoSuchOverlap,
    /// It was rotated since the page was shown.
    RotatedMeanwhile,
    /// One that something is to be done with is not this member's, or has ended.
    NotTheirs,
    /// The member that it is to be handed to is not there, or inactive.
    NoSuchMember,
    /// The member that it is to be handed to has a role that the actor does not reach.
    MemberOutOfReach {
        name: String,
    },
}

impl Refusal {
    /// What stands in the way, and what to do.
    pub fn words(&self) -> Cow<'static, str> {
        match self {
            Refusal::Lacks(keys) => {
                let keys = keys.join(", ");
                format!("You do not hold {keys} yourself, so no key of yours can. Leave it out.").into()
            }
            Refusal::Closed(closed) => catalog::closed_words(closed, "key").into(),
            Refusal::NameTaken { name } => {
                format!("There is, or was, a key {name} already. Names of keys are never used twice: choose another one.").into()
            }
            Refusal::GeneratedJustNow { .. } => {
                "This key is generated already. Its secret stood in the answer to the first click; if you did not see it, rotate the key."
                    .into()
            }
            Refusal::NotByKey => "Keys never make keys. A person generates them in the console.".into(),
            Refusal::NotYours { owner } => {
                format!("This key is {owner}'s. To look after keys of others takes the permission keys.revoke.").into()
            }
            Refusal::ReachesFurther => {
                "This key may do more than you may: only its owner, or somebody above, rotates and resumes it. You can pause and revoke it.".into()
            }
            Refusal::Ended(status) => {
                format!("This key is {} already, and that is final.", status.word().to_lowercase()).into()
            }
            Refusal::UsedMeanwhile => "Which of its secrets is used has changed since you opened this page. Look again what ends.".into(),
            Refusal::NoSuchOverlap => "Choose how long the old secret goes on.".into(),
            Refusal::RotatedMeanwhile => {
                "This key was rotated in the meantime. Its new secret stood in the answer to that; look below which one is used before you rotate it again."
                    .into()
            }
            Refusal::NotTheirs => {
                "Their keys have changed since you opened this page. Look below what they are now, and decide again.".into()
            }
            Refusal::NoSuchMember => "Nobody active here has that address. Enter the address of an active member.".into(),
            Refusal::MemberOutOfReach { name } => {
                format!("{name} has a role that yours does not reach, and the key would get it. Choose somebody else.").into()
            }
        }
    }
}
