//! `/o/{slug}/invites/{id}/resend` and `/o/{slug}/invites/{id}/revoke`

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::id_of;
use super::offered::no_slot;
use crate::access::{Permit, limits, rights};
use crate::error::{AppError, Result, Stopped};
use crate::invites::actions::{self, ResendRefused, RevokeRefused};
use crate::invites::invitation::Status;
use crate::invites::reach::Reach;
use crate::invites::{Invitation, queries};
use crate::web::forms::{Form, NoFields};
use crate::web::frame::Frame;
use crate::web::{Console, flash, page, see_other};

type InvitePermit = Permit<rights::InviteMembers>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ResendForm {
    /// What the page showed: a second click finds the next one and sends nothing. Empty from pages that do not know it.
    generation: String,
}

/// `POST /o/{slug}/invites/{id}/resend`
pub async fn resend(permit: InvitePermit, console: web::Data<Console>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let id = id_of(&request, "id")?;
    let form: ResendForm = form.open()?;
    let here = permit.path_to(&format!("invites/{id}"));
    if !permit.account.confirmed {
        flash::warn(
            &permit.session,
            "Confirm your address before you invite others: open the link in the mail that we sent you.",
        )?;
        return Ok(see_other(&here));
    }
    let (organization, invitation) = (permit.organization.id.to_string(), id.to_string());
    let attempts = [(limits::INVITE_ORGANIZATION, organization.as_str()), (limits::RESEND_INVITATION, invitation.as_str())];
    limits::spend_each(&console, &attempts).await?;
    let generation = (!form.generation.is_empty()).then(|| form.generation.parse().unwrap_or(0));
    match permit.write(move |tx| actions::resend(tx, id, generation)).await {
        Ok(again) => flash::tell(&permit.session, resent(&console, &again))?,
        Err(Stopped::Refused(refused)) => flash::warn(&permit.session, resend_refused(refused))?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    Ok(see_other(&here))
}

fn resent(console: &Console, again: &Invitation) -> String {
    let what = if console.config.smtp_url.is_some() {
        format!("Invitation sent to {} again.", again.notified())
    } else {
        format!("A new invitation to {} waits in the mailbox.", again.notified())
    };
    format!("{what} Earlier links have stopped working.")
}

/// What stood in the way of sending an invitation again.
pub fn resend_refused(refused: ResendRefused) -> Cow<'static, str> {
    let words = match refused {
        ResendRefused::SentMeanwhile => "This invitation was sent again a moment ago. Nothing was sent twice.",
        ResendRefused::Ended(Status::Accepted) => "This invitation was accepted. Its person is a member.",
        ResendRefused::Ended(_) => "This invitation has ended. Invite the person anew.",
        ResendRefused::Role => {
            "You cannot invite with the role of this invitation. Ask somebody with a higher role to send it again."
        }
        ResendRefused::NoSlot { room } => return format!("{} Then send it again.", no_slot(&room)).into(),
        ResendRefused::AlreadyMember => "This person is a member already.",
        ResendRefused::InvitedAnew => "This address has a newer invitation. Send that one again.",
    };
    words.into()
}

#[derive(Template)]
#[template(path = "invites/revoke.html")]
struct RevokePage {
    frame: Frame,
    email: String,
    action: String,
    cancel: String,
    ends: Vec<String>,
    stays: Vec<String>,
}

/// `GET /o/{slug}/invites/{id}/revoke`
pub async fn confirm_revoke(mut permit: InvitePermit, request: HttpRequest) -> Result<HttpResponse> {
    let id = id_of(&request, "id")?;
    let here = permit.path_to(&format!("invites/{id}"));
    let organization = permit.organization.clone();
    let found = permit.read(move |org| Ok((queries::by_id(org, id)?, org.roles(&organization)?, org.now())));
    let (invitation, roles, now) = found.await?;
    let role = roles.iter().find(|role| role.id == invitation.role_id);
    let may_revoke = Reach::of_reader(&permit).may_revoke(role, invitation.invited_by_account_id);
    if invitation.status(now) != Status::Pending || !may_revoke {
        return Err(AppError::SeeOther { location: here });
    }
    page(&RevokePage {
        frame: permit.frame(),
        action: format!("{here}/revoke"),
        cancel: here,
        ends: vec![
            "Every link of this invitation stops working.".to_owned(),
            "Its member slot is free for somebody else.".to_owned(),
        ],
        stays: vec!["You can invite the address again at any time.".to_owned()],
        email: invitation.email,
    })
}

/// `POST /o/{slug}/invites/{id}/revoke`
pub async fn revoke(permit: InvitePermit, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let id = id_of(&request, "id")?;
    form.open::<NoFields>()?;
    match permit.write(move |tx| actions::revoke(tx, id)).await {
        Ok(invitation) => {
            flash::tell(&permit.session, format!("Invitation of {} revoked. Its link no longer works.", invitation.email))?;
            Ok(see_other(&permit.path_to("invites")))
        }
        Err(Stopped::Refused(refused)) => {
            flash::warn(&permit.session, format!("Nothing was revoked: {}", revoke_refused(refused)))?;
            Ok(see_other(&permit.path_to(&format!("invites/{id}"))))
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// Why an invitation was not taken back; `Nothing was revoked: ` stands before it.
pub fn revoke_refused(refused: RevokeRefused) -> String {
    match refused {
        RevokeRefused::Ended(status) => format!("this invitation is {} already.", status.word().to_lowercase()),
        RevokeRefused::Role => {
            "you cannot invite with the role of this invitation. Ask who sent it, or somebody with a higher role.".to_owned()
        }
    }
}
