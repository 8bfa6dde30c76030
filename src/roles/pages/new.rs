//! `/o/{slug}/roles/new`, also as the copy of another role: `?from={id}`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::actions;
use super::super::refusal::PlanCloses;
use super::fields::{FieldsView, RoleForm, mistakes};
use crate::access::catalog;
use crate::access::{Permit, Role, rights};
use crate::error::{Result, Stopped};
use crate::web::forms::{Form, FormErrors};
use crate::web::frame::Frame;
use crate::web::{flash, form_again, page, page_with, query, see_other};

type ManagePermit = Permit<rights::ManageRoles>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct CopyOf {
    from: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "roles/new.html")]
struct NewPage {
    frame: Frame,
    fields: FieldsView,
    /// What a copy could not take over; empty where it took everything.
    left_out: String,
    /// Why there is no form: the plan.
    closed: Option<PlanCloses>,
    back: String,
}

impl NewPage {
    fn new(permit: &ManagePermit, form: &RoleForm, errors: FormErrors) -> NewPage {
        let form = form.without_closed(permit.db().product(), &permit.organization);
        NewPage {
            fields: FieldsView::new(permit, permit.path_to("roles/new"), &form, errors),
            left_out: String::new(),
            closed: None,
            back: permit.path_to("roles"),
            frame: permit.frame(),
        }
    }
}

/// `GET /o/{slug}/roles/new`
pub async fn show(mut permit: ManagePermit, request: HttpRequest) -> Result<HttpResponse> {
    let CopyOf { from } = query(&request);
    let (organization, reader) = (permit.organization.clone(), permit.standing);
    let read = permit.read(move |org| Ok((org.roles(&organization)?, PlanCloses::read(org, &organization, reader)?)));
    let (roles, closed) = read.await?;
    let Some(from) = from.filter(|_| closed.is_none()) else {
        return page(&NewPage { closed, ..NewPage::new(&permit, &empty(), FormErrors::default()) });
    };
    let Some(original) = roles.iter().find(|role| role.id == from) else {
        return Ok(see_other(&permit.path_to("roles/new")));
    };
    let (form, left_out) = copy(&permit, original, &roles);
    page(&NewPage { left_out, ..NewPage::new(&permit, &form, FormErrors::default()) })
}

/// A form for a role under an id of its own.
fn empty() -> RoleForm {
    RoleForm { id: Uuid::now_v7().to_string(), ..RoleForm::default() }
}

/// A form that says what the copy of a role would be, as far as the reader may give it; and what was left out.
fn copy(permit: &ManagePermit, original: &Role, roles: &[Role]) -> (RoleForm, String) {
    let (reader, product) = (permit.standing, permit.db().product());
    let form = RoleForm::of(original, product).with_closed(original, product);
    let closed = |key: &String| catalog::find(product, key).is_some_and(|entry| entry.closed_in(&permit.organization).is_some());
    let may_give = |key: &String| catalog::find(product, key).is_some_and(|entry| reader.permissions.contains(entry.permission));
    let (kept, lacking): (Vec<String>, Vec<String>) = form.permissions.into_iter().partition(may_give);
    let level = original.level.min(actions::highest_level(reader));
    let mut left_out = Vec::new();
    let (closed, lacking): (Vec<String>, Vec<String>) = lacking.into_iter().partition(closed);
    if !closed.is_empty() {
        left_out.push(format!("Left out, since it opens with a module that you do not have: {}.", closed.join(", ")));
    }
    if !lacking.is_empty() {
        left_out.push(format!("Left out, since you do not hold it yourself: {}.", lacking.join(", ")));
    }
    if level != original.level {
        left_out.push(format!("{} has level {}; yours reaches up to {level}.", original.name, original.level));
    }
    let copy = RoleForm {
        name: free_name(&original.name, roles),
        description: form.description,
        level: level.to_string(),
        permissions: kept,
        ..empty()
    };
    (copy, left_out.join(" "))
}

/// `Writer copy`, `Writer copy 2`, …
fn free_name(name: &str, roles: &[Role]) -> String {
    let base: String = name.chars().take(40).collect();
    let numbered = (1..).map(|number| if number == 1 { format!("{base} copy") } else { format!("{base} copy {number}") });
    let is_free = |wanted: &String| !roles.iter().any(|role| role.name.to_lowercase() == wanted.to_lowercase());
    numbered.take(roles.len() + 1).find(is_free).unwrap_or_default()
}

/// The form of a role that was deleted while somebody edited it: saved, it is made anew.
pub(super) fn instead_of(permit: &ManagePermit, deleted: &str, form: RoleForm) -> Result<HttpResponse> {
    let form = RoleForm { version: String::new(), confirmed: String::new(), id: empty().id, ..form };
    let left_out = format!(
        "The role {deleted} was deleted in the meantime, and nothing was saved. What you typed stands here: create it anew if you still want it."
    );
    page_with(StatusCode::CONFLICT, &NewPage { left_out, ..NewPage::new(permit, &form, FormErrors::default()) })
}

/// `POST /o/{slug}/roles/new`
pub async fn submit(permit: ManagePermit, form: Form) -> Result<HttpResponse> {
    let form: RoleForm = form.open()?;
    if !form.select_all.is_empty() {
        let form = form.ticked(permit.standing, permit.db().product());
        return page(&NewPage::new(&permit, &form, FormErrors::default()));
    }
    let new = match form.parse(permit.db().product()) {
        Ok(new) => new,
        Err(errors) => return form_again(&NewPage::new(&permit, &form, errors)),
    };
    let (name, wanted) = (new.name.as_str().to_owned(), Uuid::try_parse(&form.id).unwrap_or_else(|_| Uuid::now_v7()));
    match permit.write(move |tx| actions::create(tx, wanted, &new)).await {
        Ok(id) => {
            flash::tell(&permit.session, format!("The role {name} is created. Nobody holds it yet."))?;
            Ok(see_other(&permit.path_to(&format!("roles/{id}"))))
        }
        Err(Stopped::Refused(refusal)) => form_again(&NewPage::new(&permit, &form, mistakes(&refusal))),
        Err(Stopped::Failed(error)) => Err(error),
    }
}
