//! `POST /api/v1/invitations`: many at once, each judged by itself.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::answered;
use crate::access::key::{Answered, KeyPermit};
use crate::access::{OrgTx, limits, rights};
use crate::accounts;
use crate::db::types::{EmailAddress, PersonName};
use crate::error::{AppError, Result, Stopped};
use crate::invites::actions::{self, NewInvitations, SendRefused, Wanted};
use crate::invites::addresses::MOST;
use crate::invites::invitation::parse_message;
use crate::web::json::invalid;
use crate::web::{Console, Json};

/// Who is to be invited, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    #[schema(min_items = 1, max_items = 500, examples(json!(["dana@example.com"])))]
    emails: Vec<String>,
    /// The id of the role; without it that which invitations begin with.
    role: Option<Uuid>,
    /// The name of the person, for a single address.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Stands in the mail.
    #[schema(max_length = 1000)]
    message: Option<String>,
}

/// What became of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Invited,
    AlreadyMember,
    /// A member without access: activate them instead.
    Deactivated,
    /// Has a pending invitation, which can be sent again.
    AlreadyInvited,
    /// Is no address.
    Invalid,
    /// No member slot is left.
    NoSlot,
}

/// An address, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Invited {
    /// As it was sent.
    email: String,
    outcome: Outcome,
    /// The new invitation, or the pending one.
    invitation_id: Option<Uuid>,
    /// Who is deactivated.
    member_id: Option<Uuid>,
    /// Why it is no address.
    reason: Option<&'static str>,
}

/// What became of each address, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationOutcomes {
    data: Vec<Invited>,
}

/// Invite people
///
/// Each address is judged by itself: what became of it stands in the answer, in the order of the request. An address that
/// stands there twice is invited once. Links are sent by mail alone.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "Invitations", operation_id = "create_invitations",
    request_body = InvitationRequest, security(("key" = ["members.invite"])),
    responses((status = 200, body = InvitationOutcomes, description = "What became of each address.")))]
pub async fn submit(permit: KeyPermit<rights::InviteMembers>, console: web::Data<Console>, body: Json) -> Result<HttpResponse> {
    let (asked, once) = body.open::<InvitationRequest>()?;
    let new = parse(&asked, permit.key.organization.default_role_id)?;
    if let Some(before) = permit.answered(once).await? {
        return Ok(answered(before));
    }
    let subject = permit.key.organization.id.to_string();
    limits::spend(&console, limits::INVITE_ORGANIZATION, &subject, new.wanted.len()).await?;
    let emails = asked.emails;
    let work = move |tx: &mut OrgTx<'_>| {
        creator_is_confirmed(tx)?;
        let outcomes = actions::send(tx, &new)?;
        Ok(InvitationOutcomes { data: told(&emails, &new.wanted, &outcomes) })
    };
    let outcome: Result<Answered, Stopped<SendRefused>> = permit.write_once(once, work).await;
    outcome.map(answered).map_err(|stopped| match stopped {
        Stopped::Refused(SendRefused::Role) => AppError::Refused("This key cannot invite with that role.".to_owned()),
        Stopped::Failed(error) => error,
    })
}

fn parse(asked: &InvitationRequest, default_role_id: Option<Uuid>) -> Result<NewInvitations> {
    let mut wrong = Vec::new();
    let mut note = |field: &str, words: &str| wrong.push((field.to_owned(), words.to_owned()));
    if !(1..=MOST).contains(&asked.emails.len()) {
        note("emails", "Invite 1 to 500 people at once.");
    }
    let name = match asked.name.as_deref().map(PersonName::parse) {
        None => String::new(),
        Some(Ok(_)) if asked.emails.len() > 1 => {
            note("name", "A name goes with a single address. Leave it out, or invite one person at a time.");
            String::new()
        }
        Some(Ok(name)) => name.as_str().to_owned(),
        Some(Err(words)) => {
            note("name", words);
            String::new()
        }
    };
    let message = parse_message(asked.message.as_deref().unwrap_or_default()).map_err(|words| note("message", words));
    let (Some(role_id), Ok(message)) = (asked.role.or(default_role_id), message) else {
        return Err(if wrong.is_empty() {
            invalid("role", "This is required: invitations begin with no role here.")
        } else {
            AppError::Invalid(wrong)
        });
    };
    if !wrong.is_empty() {
        return Err(AppError::Invalid(wrong));
    }
    let mut seen = std::collections::HashSet::new();
    let emails = asked.emails.iter().filter_map(|text| EmailAddress::parse(text).ok());
    let wanted = emails.filter(|email| seen.insert(email.clone())).map(|email| Wanted { email, name: name.clone() }).collect();
    Ok(NewInvitations { wanted, role_id, message, notification: None })
}

/// What became of each address that was sent, by what became of those that were tried.
fn told(emails: &[String], wanted: &[Wanted], outcomes: &[actions::Outcome]) -> Vec<Invited> {
    let tried: HashMap<&EmailAddress, &actions::Outcome> = wanted.iter().map(|one| &one.email).zip(outcomes).collect();
    let one = |email: &String| {
        let told = |outcome, invitation_id, member_id, reason| Invited {
            email: email.clone(),
            outcome,
            invitation_id,
            member_id,
            reason,
        };
        match EmailAddress::parse(email) {
            Err(words) => told(Outcome::Invalid, None, None, Some(words)),
            Ok(address) => match tried.get(&address) {
                Some(actions::Outcome::Sent { invitation_id, .. }) => told(Outcome::Invited, Some(*invitation_id), None, None),
                Some(actions::Outcome::AlreadyMember) => told(Outcome::AlreadyMember, None, None, None),
                Some(actions::Outcome::Deactivated { member_id }) => told(Outcome::Deactivated, None, Some(*member_id), None),
                Some(actions::Outcome::AlreadyInvited { invitation_id, .. }) => {
                    told(Outcome::AlreadyInvited, Some(*invitation_id), None, None)
                }
                Some(actions::Outcome::NoSlot) | None => told(Outcome::NoSlot, None, None, None),
            },
        }
    };
    emails.iter().map(one).collect()
}

/// A person whose address nobody proved invites nobody, by their keys neither.
///
/// # Errors
/// `Refused`.
pub(super) fn creator_is_confirmed(tx: &mut OrgTx<'_>) -> Result<()> {
    let Some(key) = tx.actor.key else { return Ok(()) };
    let creator = accounts::queries::by_id(tx.connection(), key.created_by_account_id)?;
    if creator.email_confirmed_at.is_some() {
        return Ok(());
    }
    Err(AppError::Refused(
        "Who generated this key has not confirmed their address yet. They do so by the link in the mail that we sent them."
            .to_owned(),
    ))
}
