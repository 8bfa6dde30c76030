//! `/o/{slug}/keys/{id}/rotate`: a new secret now, and how long the old one goes on.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::actions::{self, Shown};
use super::super::key::{Key, Overlap, is_spare};
use super::super::queries::{self, Use};
use super::super::refusal::Refusal;
use super::{key_id, secret};
use crate::access::key::standing_of;
use crate::access::policy::{may_end_key, may_rotate_key};
use crate::access::{OrgConn, Permit, Role, rights};
use crate::clock::Moment;
use crate::error::{Result, Stopped};
use crate::web::forms::{Choice, Form};
use crate::web::frame::Frame;
use crate::web::words::{self, TimeWords};
use crate::web::{Console, page_with};

type CreatePermit = Permit<rights::CreateKeys>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RotateForm {
    overlap: String,
    /// When it was rotated last, as the page showed it: microseconds, or nothing.
    rotated: String,
    /// `yes` where it showed that the current secret makes way.
    spare: String,
}

#[derive(Template)]
#[template(path = "keys/rotate.html")]
struct RotatePage {
    frame: Frame,
    heading: String,
    refusal: String,
    /// Whether the form may be sent again after the refusal.
    offers: bool,
    action: String,
    rotated: String,
    spare: &'static str,
    overlaps: Vec<Choice>,
    /// When the current secret was used last.
    last_used: Option<TimeWords>,
    ends: Vec<String>,
    stays: Vec<String>,
    back: String,
}

impl RotatePage {
    fn answer(
        permit: &CreatePermit,
        key: &Key,
        used: &Use,
        refusal: Option<Refusal>,
        status: StatusCode,
    ) -> Result<HttpResponse> {
        let now = permit.db().now();
        let href = permit.path_to(&format!("keys/{}", key.id));
        let page = RotatePage {
            frame: permit.frame(),
            heading: format!("Rotate {}?", key.name),
            offers: matches!(refusal, None | Some(Refusal::RotatedMeanwhile | Refusal::UsedMeanwhile | Refusal::NoSuchOverlap)),
            refusal: refusal.map(|refusal| refusal.words().into_owned()).unwrap_or_default(),
            action: format!("{href}/rotate"),
            rotated: shown(key.rotated_at),
            spare: if is_spare(key, used.last_used_at, now) { "yes" } else { "" },
            overlaps: Overlap::ALL.map(|one| Choice::new(one.key(), one.words(), one == Overlap::Day)).into(),
            last_used: used.last_used_at.map(|at| TimeWords::new(at, now)),
            ends: ends(key, used, now),
            stays: vec!["The key itself: its name, its abilities, its expiration and its history.".to_owned()],
            back: href,
        };
        page_with(status, &page)
    }
}

/// What ends, whatever is chosen.
fn ends(key: &Key, used: &Use, now: Moment) -> Vec<String> {
    let Some(until) = key.old_secret_until(now) else {
        return vec!["The secret that you have now, at the time that you choose below.".to_owned()];
    };
    match is_spare(key, used.last_used_at, now) {
        true => vec!["The secret of the last rotation, at once: nobody has used it yet. The one before it goes on for as long as you choose below.".to_owned()],
        false => vec![
            "The secret of the last rotation, at the time that you choose below.".to_owned(),
            format!("The one before it, at once. It would have gone on until {}.", words::exact(until)),
        ],
    }
}

/// `GET /o/{slug}/keys/{id}/rotate`
pub async fn confirm(mut permit: CreatePermit, request: HttpRequest) -> Result<HttpResponse> {
    let id = key_id(&request)?;
    let organization = permit.organization.clone();
    let work = move |org: &mut OrgConn<'_>| Ok((queries::with_use(org, id)?, org.roles(&organization)?));
    let ((key, used), roles) = permit.read(work).await?;
    let role = roles.iter().find(|role| role.id == key.role_id).map(Role::standing);
    let standing = standing_of(&key.abilities, role, permit.db().product());
    let (status, is_own) = (key.status(permit.db().now()), actions::owns(Some(permit.member_id), &key));
    let refusal = match may_rotate_key(permit.standing, standing, is_own) {
        false if may_end_key(permit.standing, is_own) => Some(Refusal::ReachesFurther),
        false => Some(Refusal::NotYours { owner: key.owner_name.clone() }),
        true => (!status.is_live()).then_some(Refusal::Ended(status)),
    };
    RotatePage::answer(&permit, &key, &used, refusal, StatusCode::OK)
}

/// `POST /o/{slug}/keys/{id}/rotate`: answers with the new secret, which no other response ever holds.
pub async fn submit(permit: CreatePermit, console: web::Data<Console>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let (id, form) = (key_id(&request)?, form.open::<RotateForm>()?);
    let Some(overlap) = Overlap::from_key(&form.overlap) else { return again(permit, id, Refusal::NoSuchOverlap).await };
    // What is no time is that of no rotation.
    let seen = (!form.rotated.is_empty()).then(|| form.rotated.parse().ok().and_then(Moment::from_timestamp_micros));
    let shown = Shown { rotated_at: seen.map(Option::unwrap_or_default), is_spare: form.spare == "yes" };
    let rotated = permit.write(move |tx| actions::rotate(tx, id, overlap, shown)).await;
    match rotated {
        Ok((key, text)) => {
            let words = (format!("{} has a new secret", key.name), note(overlap));
            secret::shown(&permit, &console, (id, &key.name), &text, words)
        }
        Err(Stopped::Refused(refusal)) => again(permit, id, refusal).await,
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// The form again, with what stands in its way.
async fn again(mut permit: CreatePermit, id: Uuid, refusal: Refusal) -> Result<HttpResponse> {
    let (key, used) = permit.read(move |org| queries::with_use(org, id)).await?;
    let status = if matches!(refusal, Refusal::RotatedMeanwhile | Refusal::UsedMeanwhile) {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    RotatePage::answer(&permit, &key, &used, Some(refusal), status)
}

fn note(overlap: Overlap) -> String {
    match overlap {
        Overlap::None => "The old secret has ended: requests with it are refused from now on.".to_owned(),
        some => format!(
            "The old secret goes on for {}. The page of the key shows which of the two is still used, from where and when.",
            words::hours(some.hours())
        ),
    }
}

fn shown(rotated_at: Option<Moment>) -> String {
    rotated_at.map(|at| at.timestamp_micros().to_string()).unwrap_or_default()
}
