//! `/o/{slug}/roles/{id}`: what a role allows; for who may change it, the form.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use uuid::Uuid;

use super::super::actions::{self, Seen};
use super::super::definition::{Definition, Difference};
use super::super::queries::{self, Holders};
use super::super::refusal::{PlanCloses, Refusal};
use super::fields::{FieldsView, RoleForm, mistakes};
use super::list::closed_to;
use super::review::{conflict, review};
use super::{new, role_id};
use crate::access::policy::{Permission, may_edit_role};
use crate::access::{Permit, Right, Role, catalog, rights};
use crate::error::{AppError, Result, Stopped};
use crate::sessions::effect::{self, Concerned};
use crate::web::forms::{Form, FormErrors};
use crate::web::frame::Frame;
use crate::web::words::{TimeWords, count};
use crate::web::{flash, form_again, page, see_other};

/// What a role allows in one group.
struct Allowed {
    label: String,
    entries: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "roles/one.html")]
struct OnePage {
    frame: Frame,
    name: String,
    description: String,
    level: i16,
    kind: &'static str,
    is_default: bool,
    is_own: bool,
    holders: String,
    members_href: String,
    changed_by: String,
    changed: TimeWords,
    /// The form, for who may change the role.
    fields: Option<FieldsView>,
    /// Why there is none.
    fixed: String,
    /// The page with the plans, where another plan opens it and is the reader's to choose; mostly empty.
    plans: String,
    allowed: Vec<Allowed>,
    may_copy: bool,
    may_delete: bool,
    here: String,
    copy_href: String,
    back: String,
}

/// `GET /o/{slug}/roles/{id}`
pub async fn show(mut permit: Permit<rights::ViewRoles>, request: HttpRequest) -> Result<HttpResponse> {
    let read = read(&mut permit, role_id(&request)?).await?;
    let form = RoleForm::of(&read.0, permit.db().product());
    page(&one_page(&permit, read, &form, FormErrors::default()))
}

/// The role, who holds it, and why no custom role is made or changed.
type Read = (Role, Holders, Option<PlanCloses>);

async fn read<P: Right>(permit: &mut Permit<P>, id: Uuid) -> Result<Read> {
    let (organization, reader) = (permit.organization.clone(), permit.standing);
    let read = permit.read(move |org| {
        let (role, holders) = (org.role(&organization, id)?, queries::holders_of(org, id)?);
        Ok((role, holders, closed_to(org, &organization, reader)?))
    });
    read.await
}

fn one_page<P: Right>(permit: &Permit<P>, (role, holders, closes): Read, form: &RoleForm, errors: FormErrors) -> OnePage {
    let (reader, here) = (permit.standing, permit.path_to(&format!("roles/{}", role.id)));
    let (may_manage, may_edit) = (reader.permissions.contains(Permission::RolesManage), may_edit_role(reader, role.standing()));
    let is_default = permit.organization.default_role_id == Some(role.id);
    let may_delete = may_edit && permit.organization.default_role_id != Some(role.id);
    let closed = closes.as_ref().filter(|_| role.starter.is_none());
    let fixed = fixed(&role, (may_edit, may_manage), closed);
    let plans = closed.filter(|_| may_edit).map(|closes| closes.plans.clone()).unwrap_or_default();
    let may_edit = may_edit && closed.is_none();
    let product = permit.db().product();
    let form = form.without_closed(product, &permit.organization).with_closed(&role, product);
    let sees_members = reader.permissions.contains(Permission::MembersView);
    OnePage {
        description: role.description.clone(),
        level: role.level,
        kind: if role.starter.is_some() { "Starter" } else { "Custom" },
        is_default,
        is_own: permit.role.id == role.id,
        holders: held_by(holders),
        members_href: if sees_members && holders.members() > 0 {
            permit.path_to(&format!("members?role={}", role.id))
        } else {
            String::new()
        },
        changed_by: role.changed_by.clone(),
        changed: TimeWords::new(role.changed_at, permit.db().now()),
        fields: may_edit.then(|| FieldsView::new(permit, here.clone(), &form, errors)),
        fixed,
        plans,
        allowed: if may_edit { Vec::new() } else { allowed(&role, permit) },
        may_copy: may_manage && closes.is_none(),
        may_delete,
        here,
        copy_href: permit.path_to(&format!("roles/new?from={}", role.id)),
        back: permit.path_to("roles"),
        name: role.name,
        frame: permit.frame(),
    }
}

/// Why the role is not the reader's to change; empty where it is.
fn fixed(role: &Role, (may_edit, may_manage): (bool, bool), closed: Option<&PlanCloses>) -> String {
    match (may_edit, may_manage, role.is_owner()) {
        (true, ..) => closed.map(|closes| closes.words.clone()).unwrap_or_default(),
        (_, _, true) => Refusal::Fixed.words().into_owned(),
        (_, true, _) => Refusal::OutOfReach.words().into_owned(),
        _ => format!("To change it takes the permission {}.", Permission::RolesManage.key()),
    }
}

/// `12 members, 2 of them inactive, and 1 invited person`
fn held_by(holders: Holders) -> String {
    let inactive = match holders.inactive_members {
        0 => String::new(),
        some => format!(", {some} of them inactive"),
    };
    let invited = match i64::from(holders.invited_members) {
        0 => String::new(),
        some => format!(", and {}", count(some, "invited person", "invited people")),
    };
    format!("{}{inactive}{invited}", count(holders.members(), "member", "members"))
}

fn allowed<P: Right>(role: &Role, permit: &Permit<P>) -> Vec<Allowed> {
    let groups = catalog::groups(permit.db().product()).into_iter().map(|group| {
        let held = group.entries.iter().filter(|entry| role.permissions.contains(entry.permission));
        let entries = held.map(|entry| (entry.sentence.to_owned(), entry.key.to_owned())).collect();
        Allowed { label: group.label.to_owned(), entries }
    });
    groups.filter(|group| !group.entries.is_empty()).collect()
}

/// `POST /o/{slug}/roles/{id}`: first the page that tells what changes, and when that is confirmed the change.
pub async fn submit(permit: Permit<rights::ManageRoles>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let (id, form) = (role_id(&request)?, form.open::<RoleForm>()?);
    if !form.select_all.is_empty() || !form.edit_further.is_empty() {
        let form = form.ticked(permit.standing, permit.db().product());
        return page(&again(permit, id, &form, FormErrors::default()).await?);
    }
    let new = match form.parse(permit.db().product()) {
        Ok(new) => new,
        Err(errors) => return form_again(&again(permit, id, &form, errors).await?),
    };
    let (version, confirmed, wanted) = (form.shown_version(), form.confirmed_holders(), new.clone());
    let outcome = permit.write(move |tx| match confirmed {
        Some(_) => actions::edit(tx, id, &wanted, Seen { version, holders: confirmed }),
        None => actions::judge_edit(tx, id, &wanted, version),
    });
    match outcome.await {
        Ok(before) if confirmed.is_some() || new.is(&before, permit.db().product()) => saved(permit, &before, &new).await,
        Ok(before) => review(permit, before, new, &form).await,
        Err(Stopped::Refused(Refusal::HoldersChanged(now))) => review(permit, *now, new, &form).await,
        Err(Stopped::Refused(Refusal::Stale(now))) => conflict(permit, &now, &new, &form),
        Err(Stopped::Refused(refusal)) => form_again(&again(permit, id, &form, mistakes(&refusal)).await?),
        Err(Stopped::Failed(AppError::NotFound)) => gone(permit, id, form).await,
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// What was typed for a role that somebody deleted in the meantime, as the form of a new one.
async fn gone(mut permit: Permit<rights::ManageRoles>, id: Uuid, form: RoleForm) -> Result<HttpResponse> {
    let deleted = permit.read(move |org| queries::deleted_name(org, id)).await?;
    new::instead_of(&permit, &deleted.ok_or(AppError::NotFound)?, form)
}

/// The form again, with what was typed.
async fn again(mut permit: Permit<rights::ManageRoles>, id: Uuid, form: &RoleForm, errors: FormErrors) -> Result<OnePage> {
    let read = read(&mut permit, id).await?;
    Ok(one_page(&permit, read, form, errors))
}

async fn saved(mut permit: Permit<rights::ManageRoles>, before: &Role, new: &Definition) -> Result<HttpResponse> {
    let name = new.name.as_str();
    let product = Arc::clone(permit.db().product());
    let difference = Difference::between(before, new, &product);
    let words = if difference.changes_people() {
        format!("{name} is saved, {}.", effect::told(&mut permit, Concerned::HoldersOf(before.id)).await)
    } else if difference.is_empty() {
        format!("{name} is saved as you see it here.")
    } else {
        format!("{name} is saved. What its holders may do stays as it is.")
    };
    flash::tell(&permit.session, words)?;
    // Who lowered their own role may no longer see roles.
    let keeps_seeing = permit.role.id != before.id || new.permissions.contains(Permission::RolesView);
    let back = if keeps_seeing { permit.path_to(&format!("roles/{}", before.id)) } else { permit.path_to("") };
    Ok(see_other(back.trim_end_matches('/')))
}
