//! What became of each address of a form, display-ready.

use uuid::Uuid;

use super::super::actions::Outcome;
use super::super::invitation::copied_link;
use super::fields::Parsed;
use crate::config::Config;
use crate::web::forms::retyped;
use crate::web::words::count;

/// An address that was not invited.
pub struct Judged {
    /// As it may stand in a page, cut where it is long.
    pub shown: String,
    /// As it goes back into the form.
    pub typed: String,
    pub reason: String,
    /// Path of the member or invitation that stands in the way; empty without one.
    pub href: String,
    pub link_label: &'static str,
    /// Where **Resend** is posted to, with the generation; empty where it does not help.
    pub resend: String,
    pub generation: i32,
}

/// The addresses that were not invited, each with the reason, which `no_slot` is for who finds no slot; `path_to` makes paths of the
/// organization.
pub fn judged(parsed: &Parsed, outcomes: &[Outcome], no_slot: &str, path_to: impl Fn(&str) -> String) -> Vec<Judged> {
    let wrong = parsed.wrong.iter().map(|entry| {
        let reason = entry.address.as_ref().err().copied().unwrap_or_default();
        plain(&entry.text, reason)
    });
    let refused = parsed.texts.iter().zip(outcomes).filter_map(|(text, outcome)| refused(text, outcome, no_slot, &path_to));
    wrong.chain(refused).collect()
}

fn refused(text: &str, outcome: &Outcome, no_slot: &str, path_to: impl Fn(&str) -> String) -> Option<Judged> {
    match outcome {
        Outcome::Sent { .. } => None,
        Outcome::AlreadyMember => Some(plain(text, "Is already a member.")),
        Outcome::Deactivated { member_id } => Some(Judged {
            href: path_to(&format!("members/{member_id}")),
            link_label: "View member",
            ..plain(text, "Is already a member, but deactivated. Activate them instead of inviting them.")
        }),
        Outcome::AlreadyInvited { invitation_id, generation } => Some(Judged {
            href: path_to(&format!("invites/{invitation_id}")),
            link_label: "View invitation",
            resend: path_to(&format!("invites/{invitation_id}/resend")),
            generation: *generation,
            ..plain(text, "Is already invited. You can send the invitation again.")
        }),
        Outcome::NoSlot => Some(plain(text, no_slot)),
    }
}

fn plain(text: &str, reason: &str) -> Judged {
    const SHOWN: usize = 80;
    let typed = retyped(text);
    let mut shown: String = typed.chars().take(SHOWN).collect();
    if typed.chars().count() > SHOWN {
        shown.push('…');
    }
    let shown = if shown.is_empty() { "(empty)".to_owned() } else { shown };
    Judged { shown, typed, reason: reason.to_owned(), href: String::new(), link_label: "", resend: String::new(), generation: 0 }
}

/// An invitation that was just sent, with the link to pass on.
pub struct SentLink {
    pub field_id: String,
    pub email: String,
    pub link: String,
    pub href: String,
}

/// The view of one.
pub fn sent_link(config: &Config, organization_id: Uuid, sent: (&str, Uuid, i32), path_to: impl Fn(&str) -> String) -> SentLink {
    let (email, id, generation) = sent;
    SentLink {
        field_id: format!("link-{id}"),
        email: email.to_owned(),
        link: copied_link(config, organization_id, id, generation),
        href: path_to(&format!("invites/{id}")),
    }
}

/// `2 invitations sent`, or that they wait, without a mail server.
pub fn sent_words(config: &Config, number: usize) -> String {
    let number = count(i64::try_from(number).unwrap_or_default(), "invitation", "invitations");
    if config.smtp_url.is_some() { format!("{number} sent") } else { format!("{number} created") }
}

/// What happens next, under `sent_words`.
pub fn sent_help(config: &Config) -> &'static str {
    if config.smtp_url.is_some() {
        "Each goes out by mail by itself. You can pass a link on yourself as well: who uses a copied link confirms their address first."
    } else {
        "No mail server is set up, so the mails wait in the mailbox. Pass the links on yourself: who uses a copied link confirms their \
         address first."
    }
}
