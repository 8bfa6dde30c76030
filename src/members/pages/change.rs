//! Changing one member: role, activity.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{MemberPath, came_from, member_id, role_choices};
use crate::access::{Permit, Right, rights};
use crate::error::{AppError, Result, Stopped};
use crate::keys::queries::count_live_of_member;
use crate::members::actions::{self, Done};
use crate::members::queries;
use crate::members::refusal::{Refusal, Why};
use crate::sessions::effect::{self, Concerned};
use crate::web::forms::{Choice, Form, FormErrors, NoFields};
use crate::web::frame::Frame;
use crate::web::words::{TimeWords, count};
use crate::web::{flash, page_with, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RoleForm {
    role: String,
    version: String,
}

/// The role form again, with what stands in its way.
#[derive(Template)]
#[template(path = "members/role.html")]
struct RolePage {
    frame: Frame,
    name: String,
    href: String,
    version: String,
    roles: Vec<Choice>,
    errors: FormErrors,
    stale: Option<StaleWords>,
}

/// Both values: what the role is by now, and what was chosen.
struct StaleWords {
    now: String,
    by: String,
    since: TimeWords,
    chosen: String,
}

/// `POST /o/{slug}/members/{id}/role`
pub async fn role(
    mut permit: Permit<rights::AssignRoles>,
    path: MemberPath,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    let (id, form) = (member_id(&path)?, form.open::<RoleForm>()?);
    let role_id = Uuid::try_parse(&form.role).unwrap_or_default();
    let version = (!form.version.is_empty()).then(|| form.version.parse().unwrap_or_default());
    match permit.write(move |tx| actions::change_role(tx, id, role_id, version)).await {
        Ok((done, role)) => {
            let name = done.member.display_name();
            let words = match done.changed {
                true => {
                    let effect = effect::told(&mut permit, Concerned::Members(vec![id])).await;
                    let keys = keys_words(&mut permit, id, ("stands as that role too", "stand as that role too")).await;
                    format!("{name} is {role} now, {effect}.{keys}")
                }
                false => format!("{name} is {role} now."),
            };
            flash::tell(&permit.session, words)?;
            // Who lowered their own role may no longer see the list.
            let own = permit.path_to("").trim_end_matches('/').to_owned();
            let back = came_from(&request, &permit, &permit.path_to(&format!("members/{id}")));
            Ok(see_other(if id == permit.member_id { &own } else { &back }))
        }
        Err(Stopped::Refused(refusal)) => role_again(permit, id, role_id, refusal).await,
        Err(Stopped::Failed(error)) => Err(error),
    }
}

async fn role_again(mut permit: Permit<rights::AssignRoles>, id: Uuid, chosen: Uuid, refusal: Refusal) -> Result<HttpResponse> {
    let organization = permit.organization.clone();
    let (member, roles) = permit.read(move |org| Ok((queries::by_id(org, id)?, org.roles(&organization)?))).await?;
    let from = roles.iter().find(|role| role.id == member.role_id).ok_or(AppError::NotFound)?;
    let mut choices = role_choices(permit.standing, from, &roles, id == permit.member_id);
    if choices.iter().any(|choice| choice.value == chosen.to_string()) {
        choices.iter_mut().for_each(|choice| choice.selected = choice.value == chosen.to_string());
    }
    let stale = match &refusal.why {
        Why::Stale { now, by, since } => Some(StaleWords {
            now: now.clone(),
            by: by.clone(),
            since: TimeWords::new(*since, permit.db().now()),
            chosen: roles.iter().find(|role| role.id == chosen).map(|role| role.name.clone()).unwrap_or_default(),
        }),
        _ => None,
    };
    let status = if stale.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = RolePage {
        frame: permit.frame(),
        name: member.display_name().to_owned(),
        href: permit.path_to(&format!("members/{id}")),
        version: member.version.to_string(),
        roles: choices,
        errors: if stale.is_some() { FormErrors::default() } else { FormErrors::one("role", refusal.sentence()) },
        stale,
    };
    page_with(status, &view)
}

/// `POST /o/{slug}/members/{id}/deactivate`
pub async fn deactivate(
    mut permit: Permit<rights::ManageMembers>,
    path: MemberPath,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    let id = member_id(&path)?;
    form.open::<NoFields>()?;
    let outcome = permit.write(move |tx| actions::deactivate(tx, id)).await;
    let keys = keys_words(&mut permit, id, ("goes on until somebody revokes it", "go on until somebody revokes them")).await;
    told(&permit, &request, id, outcome, &format!("is inactive now, without access and without a slot.{keys}"))
}

/// `POST /o/{slug}/members/{id}/activate`
pub async fn activate(
    permit: Permit<rights::ManageMembers>,
    path: MemberPath,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    let id = member_id(&path)?;
    form.open::<NoFields>()?;
    let outcome = permit.write(move |tx| actions::activate(tx, id)).await;
    told(&permit, &request, id, outcome, "is active again.")
}

/// ` Their 2 API keys go on.`, with words for one and for several; nothing where there are none.
async fn keys_words<P: Right>(permit: &mut Permit<P>, id: Uuid, (one, many): (&str, &str)) -> String {
    let counted = permit.read(move |org| count_live_of_member(org, id)).await;
    match counted.unwrap_or_default() {
        0 => String::new(),
        1 => format!(" Their API key {one}."),
        number => {
            let keys = count(number, "API key", "API keys");
            format!(" Their {keys} {many}.")
        }
    }
}

pub(super) fn told<P: Right>(
    permit: &Permit<P>,
    request: &HttpRequest,
    id: Uuid,
    outcome: Result<Done, Stopped<Refusal>>,
    now: &str,
) -> Result<HttpResponse> {
    match outcome {
        Ok(done) => flash::tell(&permit.session, format!("{} {now}", done.member.display_name()))?,
        Err(Stopped::Refused(refusal)) => flash::warn(&permit.session, refusal.sentence())?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    Ok(see_other(&came_from(request, permit, &permit.path_to(&format!("members/{id}")))))
}
