//! The Members screen.

pub mod bulk;
pub mod change;
pub mod list;
pub mod one;
pub mod permission;
mod rehearsal;
pub mod remove;
mod rows;
mod why;

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use uuid::Uuid;

use crate::access::policy::{Permission, Standing, may_assign, may_change_role};
use crate::access::{Permit, Right, Role};
use crate::error::{AppError, Result};
use crate::web::forms::Choice;

/// Slug and member id of a path.
type MemberPath = web::Path<(String, String)>;

fn member_id(path: &MemberPath) -> Result<Uuid> {
    Uuid::try_parse(&path.1).map_err(|_| AppError::NotFound)
}

/// Where a form was sent from, if that is the list, filtered and paged as it was, or the `other` page.
pub(crate) fn came_from<P: Right>(request: &HttpRequest, permit: &Permit<P>, other: &str) -> String {
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let list = permit.path_to("members");
    let sender = referer.and_then(|address| url::Url::parse(address).ok()).filter(|address| address.path() == list);
    match sender {
        Some(address) => address.query().map_or(list.clone(), |query| format!("{list}?{query}")),
        None => other.to_owned(),
    }
}

/// The roles that a holder of `actor` may move somebody to from `from`, with that one chosen; nothing where there is no
/// choice. Their own role people only lower.
fn role_choices(actor: Standing, from: &Role, roles: &[Role], own: bool) -> Vec<Choice> {
    let reaches = |to: &Role| may_change_role(actor, from.standing(), to.standing()) && (!own || to.level < from.level);
    if may_assign(actor, from.standing()) { choices_among(from, roles, reaches) } else { Vec::new() }
}

/// Roles that somebody may get who has `current`, with that one chosen; nothing where there is no choice.
pub(crate) fn choices_among(current: &Role, roles: &[Role], may_give: impl Fn(&Role) -> bool) -> Vec<Choice> {
    let offered = roles.iter().filter(|role| role.id == current.id || may_give(role));
    let choices: Vec<Choice> = offered.map(|role| Choice::new(role.id, role.name.as_str(), role.id == current.id)).collect();
    if choices.len() > 1 { choices } else { Vec::new() }
}

/// The roles that a holder of `actor` may give to somebody below.
fn assignable(actor: Standing, roles: &[Role]) -> Vec<Choice> {
    let offered = roles.iter().filter(|role| may_assign(actor, role.standing()));
    offered.map(|role| Choice::new(role.id, role.name.as_str(), false)).collect()
}

fn may(standing: Standing, permission: Permission) -> bool {
    standing.permissions.contains(permission)
}
