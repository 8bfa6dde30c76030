//! The Members screen.

pub mod bulk;
pub mod change;
pub mod list;
pub mod one;
mod rows;

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use uuid::Uuid;

use crate::access::policy::{Permission, Standing, may_assign, may_change_role};
use crate::access::{Permit, Right};
use crate::error::{AppError, Result};
use crate::roles::Role;
use crate::web::forms::Choice;

/// Slug and member id of a path.
type MemberPath = web::Path<(String, String)>;

fn member_id(path: &MemberPath) -> Result<Uuid> {
    Uuid::try_parse(&path.1).map_err(|_| AppError::NotFound)
}

/// Where a form was sent from, if that is the list, filtered and paged as it was, or the `other` page.
fn came_from<P: Right>(request: &HttpRequest, permit: &Permit<P>, other: &str) -> String {
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
    if !may_assign(actor, from.standing()) {
        return Vec::new();
    }
    let reaches = |to: &Role| may_change_role(actor, from.standing(), to.standing()) && (!own || to.level < from.level);
    let offered = roles.iter().filter(|to| to.id == from.id || reaches(to));
    let choices: Vec<Choice> = offered.map(|to| Choice::new(to.id, to.name.as_str(), to.id == from.id)).collect();
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

fn may_assign_any(standing: Standing) -> bool {
    may(standing, Permission::MembersAssignRole) || may(standing, Permission::MembersAssignPeerRole)
}
