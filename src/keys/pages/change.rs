//! `/o/{slug}/keys/{id}/…`: pausing, resuming, ending an old secret, revoking.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use uuid::Uuid;

use super::super::actions;
use super::super::key::Key;
use super::super::queries;
use super::super::refusal::Refusal;
use super::key_id;
use crate::access::policy::may_end_key;
use crate::access::{Permit, rights};
use crate::error::{Result, Stopped};
use crate::web::forms::{Form, NoFields};
use crate::web::frame::Frame;
use crate::web::{flash, page, see_other};

type EndPermit = Permit<rights::EndKeys>;

/// `POST /o/{slug}/keys/{id}/pause`
pub async fn pause(permit: EndPermit, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let id = key_id(&request)?;
    form.open::<NoFields>()?;
    let outcome = permit.write(move |tx| actions::pause(tx, id)).await;
    told(&permit, id, outcome, "is paused: requests with it are refused until somebody resumes it.")
}

/// `POST /o/{slug}/keys/{id}/resume`
pub async fn resume(permit: EndPermit, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let id = key_id(&request)?;
    form.open::<NoFields>()?;
    let outcome = permit.write(move |tx| actions::resume(tx, id)).await;
    told(&permit, id, outcome, "works again.")
}

/// `POST /o/{slug}/keys/{id}/end-old-secret`
pub async fn end_old_secret(permit: EndPermit, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let id = key_id(&request)?;
    form.open::<NoFields>()?;
    let outcome = permit.write(move |tx| actions::end_old_secret(tx, id)).await;
    told(&permit, id, outcome, "has only its new secret now: requests with the old one are refused.")
}

fn told(
    permit: &EndPermit,
    id: Uuid,
    outcome: std::result::Result<(Key, bool), Stopped<Refusal>>,
    now: &str,
) -> Result<HttpResponse> {
    match outcome {
        Ok((key, _)) => flash::tell(&permit.session, format!("{} {now}", key.name))?,
        Err(Stopped::Refused(refusal)) => flash::warn(&permit.session, refusal.words().into_owned())?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    Ok(see_other(&permit.path_to(&format!("keys/{id}"))))
}

#[derive(Template)]
#[template(path = "keys/revoke.html")]
struct RevokePage {
    frame: Frame,
    heading: String,
    /// Why the reader cannot revoke it; empty where they can.
    refusal: String,
    action: String,
    ends: Vec<String>,
    stays: Vec<String>,
    back: String,
}

/// `GET /o/{slug}/keys/{id}/revoke`
pub async fn confirm_revoke(mut permit: EndPermit, request: HttpRequest) -> Result<HttpResponse> {
    let id = key_id(&request)?;
    let key = permit.read(move |org| queries::by_id(org, id)).await?;
    let may = may_end_key(permit.standing, actions::owns(Some(permit.member_id), &key));
    let refusal = if may { String::new() } else { Refusal::NotYours { owner: key.owner_name.clone() }.words().into_owned() };
    let old_secret =
        key.old_secret_until(permit.db().now()).map(|_| "Its old secret too, which goes on at the moment.".to_owned());
    let mut ends =
        vec!["Every request with this key, from the next one on, on every server. For good: it cannot be resumed.".to_owned()];
    ends.extend(old_secret);
    page(&RevokePage {
        frame: permit.frame(),
        heading: format!("Revoke {}?", key.name),
        refusal,
        action: permit.path_to(&format!("keys/{id}/revoke")),
        ends,
        stays: vec![
            "What was done with it, in the activity log.".to_owned(),
            format!("Its name: no other key will ever be called {}.", key.name),
        ],
        back: permit.path_to(&format!("keys/{id}")),
    })
}

/// `POST /o/{slug}/keys/{id}/revoke`
pub async fn revoke(permit: EndPermit, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let id = key_id(&request)?;
    form.open::<NoFields>()?;
    let outcome = permit.write(move |tx| actions::revoke(tx, id)).await;
    told(&permit, id, outcome, "is revoked: the next request with it is refused.")
}
