//! What the page behind a link says and offers, case by case.

use super::landing::Shown;
use crate::access::Account;
use crate::invites::queries::Landing;
use crate::invites::situation::Situation;
use crate::web::words::exact;

/// Something to press.
pub struct Deed {
    pub label: String,
    /// Where it leads or is posted to.
    pub href: String,
    pub kind: &'static str,
    /// A form that names the invitation, a form without fields, or a link.
    pub way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Answer,
    Post,
    Link,
}

impl Deed {
    fn new(way: Way, label: impl Into<String>, href: impl Into<String>) -> Deed {
        Deed { label: label.into(), href: href.into(), kind: "secondary full", way }
    }

    fn answer(label: impl Into<String>, href: &str) -> Deed {
        Deed::new(Way::Answer, label, href)
    }

    fn link(label: impl Into<String>, href: impl Into<String>) -> Deed {
        Deed::new(Way::Link, label, href)
    }

    pub fn is_answer(&self) -> bool {
        self.way == Way::Answer
    }

    pub fn is_post(&self) -> bool {
        self.way == Way::Post
    }
}

/// The page in words.
pub struct Words {
    pub heading: String,
    pub lead: String,
    /// Whether the invitation can still be accepted, by whomever.
    pub open: bool,
    pub deeds: Vec<Deed>,
}

/// The words of a situation.
pub fn words(shown: &Shown, visitor: Option<&Account>) -> Words {
    let mut words = match shown.situation {
        Situation::Ready | Situation::SignedOut { .. } => invited(shown),
        Situation::ConfirmFirst => confirm_first(&shown.landing),
        Situation::OtherAccount => other_account(shown, visitor),
        Situation::Full => full(&shown.landing),
        Situation::AlreadyMember | Situation::AcceptedByMe { inside: true } => inside(&shown.landing),
        Situation::Deactivated | Situation::AcceptedByMe { inside: false } => outside(&shown.landing),
        Situation::AcceptedBySomebody => accepted(shown, visitor),
        Situation::Expired | Situation::Revoked | Situation::Declined | Situation::Replaced => dead(shown),
    };
    if let Some(first) = words.deeds.first_mut() {
        first.kind = "primary full";
    }
    words
}

fn invited(shown: &Shown) -> Words {
    let Landing { invitation, organization, .. } = &shown.landing;
    let deeds = match shown.situation {
        Situation::SignedOut { sign_in_first } => {
            let create = Deed::link("Create account", "/sign-up");
            let sign_in = Deed::link("Sign in", "/sign-in?next=/invitation");
            if sign_in_first { vec![sign_in, create] } else { vec![create, sign_in] }
        }
        _ => vec![Deed::answer(format!("Join {}", organization.name), "/invitation/join")],
    };
    let mut words = Words {
        heading: format!("Join {}", organization.name),
        lead: format!("{} invited you to {}.", invitation.invited_by, organization.name),
        open: true,
        deeds,
    };
    if may_decline(shown) {
        words.deeds.push(Deed { kind: "quiet full", ..Deed::link("Decline", "/invitation/decline") });
    }
    words
}

/// Declining, too, needs the mailbox proven: by the link, or by the account that is ready to join.
pub fn may_decline(shown: &Shown) -> bool {
    match shown.situation {
        Situation::Ready => true,
        Situation::SignedOut { .. } => shown.bound.mailed,
        _ => false,
    }
}

fn confirm_first(landing: &Landing) -> Words {
    let (email, name) = (&landing.invitation.email, &landing.organization.name);
    Words {
        heading: format!("Confirm your address to join {name}"),
        lead: format!(
            "This link came another way than by a mail to {email}, so it does not prove that the address is yours. Open the link in \
             the mail that we sent there, then come back here: the invitation waits for you."
        ),
        open: true,
        deeds: vec![
            Deed::new(Way::Post, "Send the confirmation again", "/email/confirm/send"),
            Deed::link("I have confirmed it", "/invitation"),
        ],
    }
}

fn other_account(shown: &Shown, visitor: Option<&Account>) -> Words {
    let Landing { invitation, organization, .. } = &shown.landing;
    let mine = visitor.map(|account| account.email.as_str()).unwrap_or_default();
    let stay = if shown.inside {
        Deed::link(format!("Open {}", organization.name), format!("/o/{}", organization.slug))
    } else {
        Deed::link(format!("Stay signed in as {mine}"), "/")
    };
    Words {
        heading: "You are signed in with another address".to_owned(),
        lead: format!(
            "{} invited {} to {}, and you are signed in as {mine}. Switch to the account with the invited address to join.",
            invitation.invited_by, invitation.email, organization.name
        ),
        open: true,
        deeds: vec![Deed::answer("Switch account", "/invitation/switch-account"), stay],
    }
}

fn full(landing: &Landing) -> Words {
    let Landing { invitation, organization, .. } = landing;
    Words {
        heading: format!("{} is full", organization.name),
        lead: format!(
            "Every member slot is taken. Ask {}, who invited you, to make room. Your invitation stays valid until {}: open this page \
             again when there is a slot.",
            invitation.invited_by,
            exact(invitation.expires_at)
        ),
        open: true,
        deeds: vec![Deed::link("Try again", "/invitation")],
    }
}

fn inside(landing: &Landing) -> Words {
    let organization = &landing.organization;
    Words {
        heading: format!("You are in {} already", organization.name),
        lead: "You have accepted this invitation; there is nothing left to do.".to_owned(),
        open: false,
        deeds: vec![Deed::link(format!("Open {}", organization.name), format!("/o/{}", organization.slug))],
    }
}

fn outside(landing: &Landing) -> Words {
    let name = &landing.organization.name;
    Words {
        heading: format!("You are no longer an active member of {name}"),
        lead: format!("This invitation was used, and your membership ended since. Ask somebody in {name} to let you in again."),
        open: false,
        deeds: vec![Deed::link("Go to the start", "/")],
    }
}

fn accepted(shown: &Shown, visitor: Option<&Account>) -> Words {
    let organization = &shown.landing.organization;
    let (lead, deed) = match visitor {
        Some(_) if shown.inside => (
            "Somebody joined with it. An invitation works once.",
            Deed::link(format!("Open {}", organization.name), format!("/o/{}", organization.slug)),
        ),
        Some(_) => (
            "Somebody joined with it under another account than the one you are signed in with. An invitation works once.",
            Deed::answer("Switch account", "/invitation/switch-account"),
        ),
        None => ("If it was you, sign in. An invitation works once.", Deed::link("Sign in", "/sign-in?next=/invitation")),
    };
    Words { heading: "This invitation was accepted already".to_owned(), lead: lead.to_owned(), open: false, deeds: vec![deed] }
}

fn dead(shown: &Shown) -> Words {
    let Landing { invitation, organization, .. } = &shown.landing;
    let name = &organization.name;
    let (heading, why) = match shown.situation {
        Situation::Expired => ("This invitation has expired", format!("It was valid until {}.", exact(invitation.expires_at))),
        Situation::Declined => ("This invitation was declined", "It can no longer be accepted.".to_owned()),
        Situation::Replaced => (
            "There is a newer invitation",
            format!("This link stopped working when the invitation to {name} was sent again. Look for the latest mail."),
        ),
        _ => ("This invitation was taken back", format!("Somebody in {name} revoked it.")),
    };
    Words {
        heading: heading.to_owned(),
        lead: format!("{why} You can ask for a new one: the people in {name} who may invite get a mail about it."),
        open: false,
        deeds: vec![Deed::answer("Ask for a new invitation", "/invitation/ask")],
    }
}
