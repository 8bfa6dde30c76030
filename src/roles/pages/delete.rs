//! `/o/{slug}/roles/{id}/delete`

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::actions;
use super::super::queries::{self, Holders};
use super::super::refusal::Refusal;
use super::role_id;
use crate::access::policy::{may_change_role, may_edit_role};
use crate::access::{Permit, Role, rights};
use crate::error::{AppError, Result, Stopped};
use crate::keys;
use crate::sessions::effect::{self, Concerned};
use crate::web::forms::{Choice, Form, FormErrors};
use crate::web::frame::Frame;
use crate::web::words::count;
use crate::web::{flash, page_with, see_other};

type ManagePermit = Permit<rights::ManageRoles>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DeleteForm {
    /// The role that its holders get instead.
    role: String,
}

#[derive(Template)]
#[template(path = "roles/delete.html")]
struct DeletePage {
    frame: Frame,
    heading: String,
    roles_path: String,
    action: String,
    back: String,
    /// Why it cannot be deleted at all; empty where it can.
    hindrance: String,
    /// Who holds it; empty where nobody does.
    held: String,
    roles: Vec<Choice>,
    button: &'static str,
    errors: FormErrors,
    ends: Vec<String>,
    stays: Vec<String>,
}

/// `GET /o/{slug}/roles/{id}/delete`
pub async fn confirm(permit: ManagePermit, request: HttpRequest) -> Result<HttpResponse> {
    let id = role_id(&request)?;
    delete_page(permit, id, "", FormErrors::default(), StatusCode::OK).await
}

async fn delete_page(
    mut permit: ManagePermit,
    id: Uuid,
    chosen: &str,
    errors: FormErrors,
    status: StatusCode,
) -> Result<HttpResponse> {
    let organization = permit.organization.clone();
    let (roles, holders, keys) = permit
        .read(move |org| {
            let (roles, holders) = (org.roles(&organization)?, queries::holders_of(org, id)?);
            Ok((roles, holders, keys::queries::ownerless_of_role(org, id)?))
        })
        .await?;
    let role = roles.iter().find(|role| role.id == id).ok_or(AppError::NotFound)?;
    let is_held = holders.all() > 0 || keys > 0;
    let choices = if is_held { choices(&permit, role, &roles, chosen) } else { Vec::new() };
    let hindrance = match may_edit_role(permit.standing, role.standing()) {
        false if role.is_owner() => Refusal::Fixed.words().into_owned(),
        false => Refusal::OutOfReach.words().into_owned(),
        true if permit.organization.default_role_id == Some(id) => Refusal::IsDefault.words().into_owned(),
        true if is_held && choices.len() <= 1 => NO_TARGET.to_owned(),
        true => String::new(),
    };
    let view = DeletePage {
        heading: match hindrance.is_empty() {
            true => format!("Delete the role {}?", role.name),
            false => format!("The role {} stays", role.name),
        },
        roles_path: permit.path_to("roles"),
        action: permit.path_to(&format!("roles/{id}/delete")),
        back: permit.path_to(&format!("roles/{id}")),
        hindrance,
        held: if is_held { held(holders, keys) } else { String::new() },
        roles: choices,
        button: if is_held { "Move and delete" } else { "Delete" },
        errors,
        ends: vec![
            format!("The role {}: nobody can be given it any more.", role.name),
            "Its name: it is free for another role.".to_owned(),
        ],
        stays: vec!["What happened with it, in the activity log and in earlier invitations.".to_owned()],
        frame: permit.frame(),
    };
    page_with(status, &view)
}

/// Where people hold a role, and no other one is the reader's to give them.
const NO_TARGET: &str =
    "People hold this role, and no other role is yours to give them. Ask somebody who may give roles to delete it.";

/// `3 members and 1 invited person hold it.`
fn held(holders: Holders, keys: i64) -> String {
    let mut parts = Vec::new();
    if holders.members() > 0 {
        parts.push(count(holders.members(), "member", "members"));
    }
    if holders.invited_members > 0 {
        parts.push(count(holders.invited_members.into(), "invited person", "invited people"));
    }
    if keys > 0 {
        parts.push(count(keys, "key whose owner has left", "keys whose owners have left"));
    }
    let verb = if holders.all() + keys == 1 { "holds" } else { "hold" };
    format!("{} {verb} it.", parts.join(" and "))
}

/// The roles that its holders may get from the reader; their own one people only lower.
fn choices(permit: &ManagePermit, from: &Role, roles: &Arc<[Role]>, chosen: &str) -> Vec<Choice> {
    let is_own = permit.role.id == from.id;
    let reaches = |to: &&Role| {
        to.id != from.id && may_change_role(permit.standing, from.standing(), to.standing()) && (!is_own || to.level < from.level)
    };
    let choice = |role: &Role| Choice::new(role.id, role.name.as_str(), role.id.to_string() == chosen);
    let none = Choice::new("", "Choose a role", chosen.is_empty());
    std::iter::once(none).chain(roles.iter().filter(reaches).map(choice)).collect()
}

/// `POST /o/{slug}/roles/{id}/delete`
pub async fn submit(mut permit: ManagePermit, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let (id, form) = (role_id(&request)?, form.open::<DeleteForm>()?);
    let instead = (!form.role.is_empty()).then(|| Uuid::try_parse(&form.role).unwrap_or_default());
    match permit.write(move |tx| actions::delete(tx, id, instead)).await {
        Ok(deleted) => {
            let words = told(&mut permit, deleted).await;
            flash::tell(&permit.session, words)?;
            // Who held it has a lower role now, and may no longer see roles.
            let back = permit.path_to(if permit.role.id == id { "" } else { "roles" });
            Ok(see_other(back.trim_end_matches('/')))
        }
        Err(Stopped::Refused(refusal)) => {
            let errors = FormErrors::one("role", refusal.words());
            delete_page(permit, id, &form.role, errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

async fn told(permit: &mut ManagePermit, deleted: actions::Deleted) -> String {
    let actions::Deleted { name, moved, instead } = deleted;
    let Some(instead) = instead else { return format!("The role {name} is deleted. Nobody holds it.") };
    let effect = effect::told(permit, Concerned::Members(moved)).await;
    format!("The role {name} is deleted; who held it has {} now, {effect}.", instead.name)
}
