//! `/invitations/{token}`: takes the token out of the address into the session, and changes nothing else.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::access::{SignedIn, Visitor};
use crate::db::Scope;
use crate::error::{AppError, Result};
use crate::invites::binding::{self, Bound};
use crate::invites::invitation::behind_token;
use crate::invites::queries;
use crate::web::forms::{Form, NoFields};
use crate::web::frame::Public;
use crate::web::{Console, page_with, see_other};

use super::id_of;

#[derive(Template)]
#[template(path = "invites/broken_link.html")]
struct BrokenLinkPage {
    page: Public,
}

/// `GET /invitations/{token}`
pub async fn open(visitor: Visitor, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    let token = request.match_info().get("token").unwrap_or_default();
    let Some(bound) = behind_token(&console.config, token) else {
        return broken(visitor).await;
    };
    binding::bind(&visitor.session, bound)?;
    Ok(see_other("/invitation"))
}

/// `GET /invitations`: a link that was cut before its token, and every one that is not genuine.
pub async fn broken(visitor: Visitor) -> Result<HttpResponse> {
    page_with(StatusCode::NOT_FOUND, &BrokenLinkPage { page: visitor.page() })
}

/// `POST /invitations/waiting/{organization_id}/{invitation_id}/open`: an invitation of the address that the account has
/// proven, for who lost the link or the session half-way. The account's proof stands in for the link's.
pub async fn open_waiting(
    signed_in: SignedIn,
    console: web::Data<Console>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let ids = (id_of(&request, "organization_id")?, id_of(&request, "invitation_id")?);
    let (email, now) = (signed_in.account.email.clone(), console.db.now());
    let scope = Scope::Account(signed_in.account.id);
    let waiting = console.db.read(scope, move |connection| queries::invitation_of(connection, &email, ids, now)).await?;
    let generation = waiting.ok_or(AppError::NotFound)?.generation;
    let (organization_id, invitation_id) = ids;
    binding::bind(&signed_in.session, Bound { organization_id, invitation_id, generation, mailed: false })?;
    Ok(see_other("/invitation"))
}
