//! Every mail that the console sends, by what it is rendered from.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Moment;

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// "Ann invited you to Acme", with the link that proves the mailbox.
    Invitation { organization_id: Uuid, invitation_id: Uuid, generation: i32 },
    /// To who may invite: somebody with a dead link asks for a new invitation.
    InvitationWanted { organization_id: Uuid, invitation_id: Uuid },
    /// A key ends in so many days, or, with 0, has ended.
    KeyEnds { organization_id: Uuid, key_id: Uuid, days: i64 },
    /// A key was found in the open, and is revoked.
    KeyLeaked { organization_id: Uuid, key_id: Uuid },
    /// An invoice, with its PDF, or with where Stripe has it.
    InvoiceIssued {
        organization_id: Uuid,
        invoice_id: Uuid,
        #[serde(flatten)]
        at_stripe: AtStripe,
    },
    /// An invoice that is due and not paid; the plan ends for it at that time.
    InvoiceOverdue {
        organization_id: Uuid,
        invoice_id: Uuid,
        stops_at: Option<Moment>,
        /// No reminder follows.
        #[serde(default)]
        is_last: bool,
    },
    /// What somebody changed about billing, as the activity log says it.
    BillingChanged { organization_id: Uuid, actor: String, sentence: String },
    /// What the console has to say about billing by itself.
    BillingNotice { organization_id: Uuid, notice: Notice },
    /// The link that confirms an account's address, or a new one.
    EmailConfirmation { account_id: Uuid, link_id: Uuid },
    /// The link that sets a new password.
    PasswordReset { account_id: Uuid, link_id: Uuid },
    /// Notice that the password was changed.
    PasswordChanged { account_id: Uuid },
    /// Notice to the old address that the account's address was changed.
    EmailChanged { account_id: Uuid, to: String },
}

/// Where Stripe shows an invoice. Both open without an account, and end after some weeks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AtStripe {
    /// Its page, where it is paid as well.
    pub page: Option<String>,
    pub pdf: Option<String>,
}

/// A mail in finished words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The subject, after the name of the organization.
    pub title: String,
    pub sentences: Vec<String>,
    /// What closes, a line each.
    pub closes: Vec<String>,
    /// Where the button leads to, below the address of the organization.
    pub page: String,
    pub button: String,
    /// The page of Stripe where something is paid, also by who has no seat; mostly none.
    #[serde(default)]
    pub pay_page: Option<String>,
}

impl Message {
    pub fn organization_id(&self) -> Option<Uuid> {
        match self {
            Message::Invitation { organization_id, .. }
            | Message::InvitationWanted { organization_id, .. }
            | Message::KeyEnds { organization_id, .. }
            | Message::KeyLeaked { organization_id, .. }
            | Message::InvoiceIssued { organization_id, .. }
            | Message::InvoiceOverdue { organization_id, .. }
            | Message::BillingChanged { organization_id, .. }
            | Message::BillingNotice { organization_id, .. } => Some(*organization_id),
            Message::EmailConfirmation { .. }
            | Message::PasswordReset { .. }
            | Message::PasswordChanged { .. }
            | Message::EmailChanged { .. } => None,
        }
    }

    /// The invitation whose story this mail belongs to.
    pub fn invitation_id(&self) -> Option<Uuid> {
        match self {
            Message::Invitation { invitation_id, .. } => Some(*invitation_id),
            _ => None,
        }
    }

    pub fn account_id(&self) -> Option<Uuid> {
        match self {
            Message::EmailConfirmation { account_id, .. }
            | Message::PasswordReset { account_id, .. }
            | Message::PasswordChanged { account_id }
            | Message::EmailChanged { account_id, .. } => Some(*account_id),
            Message::Invitation { .. }
            | Message::InvitationWanted { .. }
            | Message::KeyEnds { .. }
            | Message::KeyLeaked { .. }
            | Message::InvoiceIssued { .. }
            | Message::InvoiceOverdue { .. }
            | Message::BillingChanged { .. }
            | Message::BillingNotice { .. } => None,
        }
    }
}
