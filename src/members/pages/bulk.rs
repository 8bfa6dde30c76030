//! Several members at once.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{came_from, rehearsal};
use crate::access::{Permit, rights};
use crate::error::{AppError, Result};
use crate::members::actions::{self, Deed, Done, Selected};
use crate::members::queries;
use crate::members::refusal::Refusal;
use crate::sessions::effect::{self, Concerned};
use crate::web::forms::Form;
use crate::web::frame::Frame;
use crate::web::words::count;
use crate::web::{flash, page, see_other};

/// Most rows of one form; a page shows 50.
const MOST: usize = 200;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BulkForm {
    selected: Vec<String>,
    action: String,
    role: String,
    confirmed: String,
    /// `keep` or `revoke`, of who is deleted.
    keys: String,
}

/// The members to act on, each once: ids, on a page that showed how they are now with their versions, `{id}:{version}`.
fn selected(form: &BulkForm) -> Result<Vec<Selected>> {
    let read = |text: &String| {
        let (id, version) = text.split_once(':').map_or((text.as_str(), None), |(id, version)| (id, Some(version)));
        Some((Uuid::try_parse(id).ok()?, version.map(|version| version.parse().unwrap_or_default())))
    };
    let ids: Option<Vec<Selected>> = form.selected.iter().map(read).collect();
    let mut ids = ids.ok_or(AppError::NotFound)?;
    ids.sort();
    ids.dedup_by_key(|(id, _)| *id);
    if ids.len() > MOST {
        return Err(AppError::BadRequest("That is too many at once. Select fewer members."));
    }
    Ok(ids)
}

/// What to do, or what is missing.
fn deed(form: &BulkForm) -> Result<Result<Deed, &'static str>> {
    if form.selected.is_empty() {
        return Ok(Err("Select at least one member first."));
    }
    match form.action.as_str() {
        "change-role" if form.role.is_empty() => Ok(Err("Choose the role to give first.")),
        "change-role" => Ok(Ok(Deed::ChangeRole(Uuid::try_parse(&form.role).unwrap_or_default()))),
        "deactivate" => Ok(Ok(Deed::Deactivate)),
        "activate" => Ok(Ok(Deed::Activate)),
        "delete" if form.keys == "revoke" => Ok(Ok(Deed::RemoveWithKeys)),
        "delete" => Ok(Ok(Deed::Remove)),
        "" => Ok(Err("Choose what to do with the selected members.")),
        _ => Err(AppError::BadRequest("There is no such action. Open the list of members and choose one there.")),
    }
}

/// `POST /o/{slug}/members/actions`
pub async fn submit(mut permit: Permit<rights::ChangeMembers>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let form: BulkForm = form.open()?;
    let ids = selected(&form)?;
    let list = permit.path_to("members");
    let deed = match deed(&form)? {
        Ok(Deed::Remove | Deed::RemoveWithKeys) if form.confirmed.is_empty() => return confirm_deletion(permit, ids).await,
        Ok(Deed::ChangeRole(role_id)) if form.confirmed.is_empty() => return rehearsal::change_role(permit, ids, role_id).await,
        Ok(deed) => deed,
        Err(missing) => {
            flash::warn(&permit.session, missing)?;
            return Ok(see_other(&came_from(&request, &permit, &list)));
        }
    };
    let outcomes = permit.write(move |tx| actions::each(tx, deed, &ids)).await?;
    let mut words = told(deed, &outcomes);
    let changed: Vec<Uuid> = outcomes.iter().flatten().filter(|done| done.changed).map(|done| done.member.id).collect();
    if matches!(deed, Deed::ChangeRole(_)) && !changed.is_empty() {
        words = format!("{words}\nThat is {}.", effect::told(&mut permit, Concerned::Members(changed)).await);
    }
    match outcomes.iter().any(Result::is_err) {
        true => flash::warn(&permit.session, words)?,
        false => flash::tell(&permit.session, words)?,
    }
    Ok(see_other(&came_from(&request, &permit, &list)))
}

/// The result of each row: who was changed, who was so already, and why somebody was not.
fn told(deed: Deed, outcomes: &[Result<Done, Refusal>]) -> String {
    let (past, already) = match deed {
        Deed::ChangeRole(_) => ("got the role", "had it already"),
        Deed::Deactivate => ("deactivated", "inactive already"),
        Deed::Activate => ("activated", "active already"),
        Deed::Remove | Deed::RemoveWithKeys => ("deleted", "gone already"),
    };
    let names = |changed: bool| -> Vec<&str> {
        let done = outcomes.iter().flatten().filter(|done| done.changed == changed);
        done.map(|done| done.member.display_name()).collect()
    };
    let mut lines = Vec::new();
    for (names, words) in [(names(true), past), (names(false), already)] {
        if !names.is_empty() {
            let number = count(i64::try_from(names.len()).unwrap_or_default(), "member", "members");
            lines.push(format!("{number} {words}: {}.", names.join(", ")));
        }
    }
    // One line for all who share a reason.
    let mut refused: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        refused.entry(refusal.why.words()).or_default().push(&refusal.name);
    }
    let line = |(why, names): (String, Vec<&str>)| match names.as_slice() {
        [name] => format!("Not changed: {name} {why}"),
        names => format!("Not changed: {} members, each of whom {why} They are {}.", names.len(), names.join("; ")),
    };
    lines.extend(refused.into_iter().map(line));
    lines.join("\n")
}

#[derive(Template)]
#[template(path = "members/delete.html")]
struct DeletePage {
    frame: Frame,
    heading: String,
    action: String,
    members: Vec<Listed>,
    ends: Vec<String>,
    stays: Vec<String>,
    back: String,
}

struct Listed {
    id: Uuid,
    name: String,
    email: String,
}

async fn confirm_deletion(mut permit: Permit<rights::ChangeMembers>, selected: Vec<Selected>) -> Result<HttpResponse> {
    let ids = selected.into_iter().map(|(id, _)| id).collect();
    let members = permit.read(move |org| queries::by_ids(org, ids)).await?;
    let listed = |member: &crate::members::Member| Listed {
        id: member.id,
        name: member.display_name().to_owned(),
        email: member.email.clone(),
    };
    let number = count(i64::try_from(members.len()).unwrap_or_default(), "member", "members");
    let organization = &permit.organization.name;
    page(&DeletePage {
        heading: format!("Delete {number}?"),
        action: permit.path_to("members/actions"),
        members: members.iter().map(listed).collect(),
        ends: vec![
            format!("Their access to everything in {organization}, also where they are signed in right now."),
            "Their roles, and their member slots: they are free for others.".to_owned(),
        ],
        stays: vec![
            "Their accounts, and their other organizations.".to_owned(),
            "What they did, in the activity log.".to_owned(),
            "The way back: everybody can be invited again at any time.".to_owned(),
        ],
        back: permit.path_to("members"),
        frame: permit.frame(),
    })
}
