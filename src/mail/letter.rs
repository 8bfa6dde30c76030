//! A mail in words: subject, plain text and HTML, each from its template in templates/mail/<message>/.

use askama::Template;

pub(super) use super::invoice::Invoice;
use super::message::Notice;
use crate::config::Config;
use crate::error::{AppError, Result};

/// A rendered mail, the same for every way of delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line without control characters.
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The slug of the organization in whose name it is written, for List-Id.
    pub organization: Option<String>,
    pub attachment: Option<Attachment>,
}

/// A file that travels with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Names and colour of the deployment, as templates/layout/mail.html wants them.
#[derive(Clone, Debug)]
pub(super) struct Brand {
    pub product_name: String,
    /// As style sheets write it, dark enough for white words on it.
    pub accent: String,
}

impl Brand {
    pub fn of(config: &Config) -> Brand {
        Brand { product_name: config.brand.name.clone(), accent: config.brand.accent.under_white().css() }
    }
}

/// "Ann invited you to Acme".
pub(super) struct Invitation {
    pub product_name: String,
    pub accent: String,
    pub organization: String,
    pub inviter: String,
    pub role: String,
    /// "a Member", "an Operator".
    pub as_role: String,
    pub email: String,
    pub expires: String,
    /// The inviter's own words, a paragraph a line.
    pub personal_message: Vec<String>,
    pub link: String,
}

/// "Dana asks for a new invitation to Acme".
pub(super) struct InvitationWanted {
    pub product_name: String,
    pub accent: String,
    pub organization: String,
    pub email: String,
    pub role: String,
    pub link: String,
}

/// "The key Deploy of Acme expires in 3 days".
pub(super) struct KeyEnds {
    pub product_name: String,
    pub accent: String,
    pub organization: String,
    pub name: String,
    pub prefix: String,
    pub owner: String,
    /// Whether the reader is the owner.
    pub is_owner: bool,
    pub has_ended: bool,
    /// "expires in 3 days", "has expired".
    pub when: String,
    pub exact: String,
    pub link: String,
}

/// "The key Deploy of Acme was found in the open and is revoked".
pub(super) struct KeyLeaked {
    pub product_name: String,
    pub accent: String,
    pub organization: String,
    pub name: String,
    pub prefix: String,
    pub owner: String,
    pub at: String,
    pub link: String,
}

/// The link that confirms an address.
pub(super) struct EmailConfirmation {
    pub product_name: String,
    pub accent: String,
    pub name: String,
    pub email: String,
    /// Whether it takes the place of an address that the account has already.
    pub is_change: bool,
    pub expires: String,
    pub link: String,
}

/// The link that sets a new password.
pub(super) struct PasswordReset {
    pub product_name: String,
    pub accent: String,
    pub name: String,
    pub email: String,
    pub expires: String,
    pub link: String,
}

/// Notice that the password was changed.
pub(super) struct PasswordChanged {
    pub product_name: String,
    pub accent: String,
    pub name: String,
    pub email: String,
    pub at: String,
    pub link: String,
}

/// Notice to the old address that the account has another one.
pub(super) struct EmailChanged {
    pub product_name: String,
    pub name: String,
    pub from: String,
    pub to: String,
    pub at: String,
}

/// "Ann changed the plan from Free to Team".
pub(super) struct BillingChanged {
    pub product_name: String,
    pub accent: String,
    pub organization: String,
    pub actor: String,
    pub sentence: String,
    pub at: String,
    pub link: String,
}

/// "Acme: the trial of Team ends on 1 December 2026".
pub(super) struct BillingNotice {
    pub product_name: String,
    pub accent: String,
    pub organization: String,
    pub notice: Notice,
    pub link: String,
}

/// Three templates for each context, which they read as `mail`.
macro_rules! letters {
    ($($context:ident: $subject:tt, $text:tt, $html:tt;)+) => {$(
        impl $context {
            /// The mail in words.
            ///
            /// # Errors
            /// `Internal` if a template cannot be rendered.
            pub fn letter(&self, organization: Option<String>) -> Result<Letter> {
                #[derive(Template)]
                #[template(path = $subject)]
                struct Subject<'a> { mail: &'a $context }
                #[derive(Template)]
                #[template(path = $text)]
                struct Text<'a> { mail: &'a $context }
                #[derive(Template)]
                #[template(path = $html)]
                struct Html<'a> { mail: &'a $context }
                Ok(Letter {
                    subject: one_line(&rendered(&Subject { mail: self })?),
                    text: rendered(&Text { mail: self })?.trim_end().to_owned() + "\n",
                    html: rendered(&Html { mail: self })?,
                    organization,
                    attachment: None,
                })
            }
        }
    )+};
}

letters! {
    Invitation: "mail/invitation/subject.txt", "mail/invitation/body.txt", "mail/invitation/body.html";
    InvitationWanted: "mail/invitation_wanted/subject.txt", "mail/invitation_wanted/body.txt", "mail/invitation_wanted/body.html";
    KeyEnds: "mail/key_ends/subject.txt", "mail/key_ends/body.txt", "mail/key_ends/body.html";
    KeyLeaked: "mail/key_leaked/subject.txt", "mail/key_leaked/body.txt", "mail/key_leaked/body.html";
    Invoice: "mail/invoice/subject.txt", "mail/invoice/body.txt", "mail/invoice/body.html";
    BillingChanged: "mail/billing_changed/subject.txt", "mail/billing_changed/body.txt", "mail/billing_changed/body.html";
    BillingNotice: "mail/billing_notice/subject.txt", "mail/billing_notice/body.txt", "mail/billing_notice/body.html";
    EmailConfirmation: "mail/email_confirmation/subject.txt", "mail/email_confirmation/body.txt", "mail/email_confirmation/body.html";
    PasswordReset: "mail/password_reset/subject.txt", "mail/password_reset/body.txt", "mail/password_reset/body.html";
    PasswordChanged: "mail/password_changed/subject.txt", "mail/password_changed/body.txt", "mail/password_changed/body.html";
    EmailChanged: "mail/email_changed/subject.txt", "mail/email_changed/body.txt", "mail/email_changed/body.html";
}

fn rendered(template: &impl Template) -> Result<String> {
    template.render().map_err(|error| AppError::Internal(error.to_string()))
}

/// A subject: whatever was typed into a name, it stays one line of moderate length, and nothing in it can pass for an
/// encoded word, which mail programs would show as other words than we saw.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 200;
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").replace("=?", "= ?").chars().take(LONGEST).collect()
}

/// `a Member`, `an Operator`.
pub(super) fn with_article(role: &str) -> String {
    let vowel = role.chars().next().is_some_and(|first| "AEIOaeio".contains(first));
    format!("{} {role}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_whatever_the_names_hold() {
        assert_eq!(one_line("Ann\r\nBcc: eve@example.com\u{0} \t invited  you\n"), "Ann Bcc: eve@example.com invited you");
        assert_eq!(one_line("=?utf-8?b?aHR0cHM6Ly9ldmlsLmV4YW1wbGU=?="), "= ?utf-8?b?aHR0cHM6Ly9ldmlsLmV4YW1wbGU= ?=");
        assert_eq!(one_line(&"x".repeat(500)).len(), 200);
    }

    #[test]
    fn roles_have_their_article() {
        assert_eq!(with_article("Member"), "a Member");
        assert_eq!(with_article("Operator"), "an Operator");
        assert_eq!(with_article("Auditor"), "an Auditor");
    }
}
