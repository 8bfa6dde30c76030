//! What changes an invitation: sending it again, taking it back.

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::answer::{answered, id_of, refused};
use super::invitations::InvitationFacts;
use super::invite::creator_is_confirmed;
use crate::access::key::{Answered, KeyPermit};
use crate::access::{OrgTx, limits, rights};
use crate::error::{AppError, Result, Stopped};
use crate::invites::actions::{self, ResendRefused, RevokeRefused};
use crate::invites::pages::changes::{resend_refused, revoke_refused};
use crate::invites::queries;
use crate::web::{Console, Json};

/// Send an invitation again
///
/// 14 new days, a new mail; earlier links stop working. A pending invitation or an expired one.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/resend", tag = "Invitations", operation_id = "resend_invitation",
    params(("id" = Uuid, Path, description = "The invitation.")),
    security(("key" = ["members.invite"])), responses((status = 200, body = InvitationFacts, description = "The invitation as it is now.")))]
pub async fn resend(
    permit: KeyPermit<rights::InviteMembers>,
    console: web::Data<Console>,
    request: HttpRequest,
    body: Json,
) -> Result<HttpResponse> {
    let (id, once) = (id_of(&request)?, body.open_empty()?);
    if let Some(before) = permit.answered(once).await? {
        return Ok(answered(before));
    }
    let known = permit.read(move |org| queries::by_id(org, id)).await?;
    let (organization, invitation) = (permit.key.organization.id.to_string(), known.id.to_string());
    let attempts = [(limits::INVITE_ORGANIZATION, organization.as_str()), (limits::RESEND_INVITATION, invitation.as_str())];
    limits::spend_each(&console, &attempts).await?;
    let work = move |tx: &mut OrgTx<'_>| {
        creator_is_confirmed(tx)?;
        actions::resend(tx, id, None)?;
        now(tx, id).map_err(Stopped::from)
    };
    let outcome: Result<Answered, Stopped<ResendRefused>> = permit.write_once(once, work).await;
    outcome.map(answered).map_err(|stopped| match stopped {
        Stopped::Refused(refused @ ResendRefused::SentMeanwhile) => AppError::Conflict(resend_refused(refused).into_owned()),
        stopped => refused(stopped, |why| resend_refused(why).into_owned()),
    })
}

fn now(tx: &mut OrgTx<'_>, id: Uuid) -> Result<InvitationFacts> {
    let (invitation, role) = queries::with_role_name(tx, id)?;
    Ok(InvitationFacts::of(invitation, role, tx.now()))
}

/// Revoke an invitation
///
/// Its links stop working, and its slot is free. Only a pending one.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/revoke", tag = "Invitations", operation_id = "revoke_invitation",
    params(("id" = Uuid, Path, description = "The invitation.")),
    security(("key" = ["members.invite"])), responses((status = 200, body = InvitationFacts, description = "The invitation as it is now.")))]
pub async fn revoke(permit: KeyPermit<rights::InviteMembers>, request: HttpRequest, body: Json) -> Result<HttpResponse> {
    let (id, once) = (id_of(&request)?, body.open_empty()?);
    let work = move |tx: &mut OrgTx<'_>| {
        actions::revoke(tx, id)?;
        now(tx, id).map_err(Stopped::from)
    };
    let outcome: Result<Answered, Stopped<RevokeRefused>> = permit.write_once(once, work).await;
    outcome.map(answered).map_err(|stopped| refused(stopped, |why| format!("Nothing was revoked: {}", revoke_refused(why))))
}
