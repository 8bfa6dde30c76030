//! `/o/{slug}/roles`

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::actions::may_be_default;
use super::super::queries::{self, Holders};
use super::super::refusal::PlanCloses;
use crate::access::policy::{Permission, Standing, may_edit_role};
use crate::access::{OrgConn, Organization, Permit, Role, catalog, rights};
use crate::db::types::fold;
use crate::error::Result;
use crate::web::forms::{Choice, retyped};
use crate::web::frame::Frame;
use crate::web::pagination::{Cursor, Key, PAGE_SIZE, Page, PageLinks};
use crate::web::words::{count, grouped};
use crate::web::{page, query, query_encoded};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    search: String,
    after: String,
    before: String,
}

/// A role, ready to be shown.
struct Row {
    name: String,
    href: String,
    description: String,
    level: i16,
    members: String,
    /// Those who hold it, in the list of members; empty for who may not see it.
    members_href: String,
    invited: String,
    permissions: String,
    kind: &'static str,
    is_default: bool,
    is_own: bool,
    copy_href: String,
    may_edit: bool,
    may_delete: bool,
}

#[derive(Template)]
#[template(path = "roles/list.html")]
struct ListPage {
    frame: Frame,
    path: String,
    count: String,
    search: String,
    rows: Vec<Row>,
    summary: String,
    links: PageLinks,
    may_manage: bool,
    /// Why no custom role can be made, for who would; none where one can.
    closed: Option<PlanCloses>,
    default: String,
    /// Roles that the reader may make the default; nothing where there is no choice.
    default_choices: Vec<Choice>,
}

/// `GET /o/{slug}/roles`
pub async fn show(mut permit: Permit<rights::ViewRoles>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let (search, cursor) = (retyped(&asked.search), Cursor::parse(&asked.after, &asked.before));
    let (organization, reader, wanted) = (permit.organization.clone(), permit.standing, fold(search.trim()));
    let (roles, shown, holders, closed) = permit
        .read(move |org| {
            let roles = org.roles(&organization)?;
            let shown = cut(&roles, &wanted, &cursor);
            let ids: Vec<Uuid> = shown.rows.iter().map(|role| role.id).collect();
            let holders = queries::holders(org, &ids)?;
            Ok((roles, shown, holders, closed_to(org, &organization, reader)?))
        })
        .await?;
    page(&list_page(&permit, &roles, (shown, &holders, closed), search))
}

/// One page of the roles whose name holds the words, highest first.
fn cut(roles: &[Role], wanted: &str, cursor: &Cursor) -> Page<Role> {
    let mut found: Vec<&Role> = roles.iter().filter(|role| fold(&role.name).contains(wanted)).collect();
    let place = cursor.key().and_then(|key| found.iter().position(|role| role.id == key.id));
    let rest: Vec<Role> = match place {
        Some(place) if cursor.is_backwards() => {
            found.truncate(place);
            found.into_iter().rev().take(PAGE_SIZE + 1).cloned().collect()
        }
        Some(place) => found.into_iter().skip(place + 1).take(PAGE_SIZE + 1).cloned().collect(),
        None => return Page::from_rows(found.into_iter().take(PAGE_SIZE + 1).cloned().collect(), &Cursor::First),
    };
    Page::from_rows(rest, cursor)
}

fn list_page(
    permit: &Permit<rights::ViewRoles>,
    roles: &[Role],
    (shown, holders, closed): (Page<Role>, &[Holders], Option<PlanCloses>),
    search: String,
) -> ListPage {
    let path = permit.path_to("roles");
    let address = if search.is_empty() { path.clone() } else { format!("{path}?search={}", query_encoded(&search)) };
    let holders: HashMap<Uuid, Holders> = holders.iter().map(|one| (one.role_id, *one)).collect();
    let default = roles.iter().find(|role| permit.organization.default_role_id == Some(role.id));
    let may_manage = permit.standing.permissions.contains(Permission::RolesManage);
    let held_by = |role: &Role| holders.get(&role.id).copied().unwrap_or_default();
    let number = |count: usize| i64::try_from(count).unwrap_or_default();
    ListPage {
        count: grouped(number(roles.len())),
        summary: format!("{} of {}", grouped(number(shown.rows.len())), count(number(roles.len()), "role", "roles")),
        links: shown.links(&address, |role| Key { value: String::new(), id: role.id }),
        rows: shown.rows.iter().map(|role| row(permit, role, held_by(role), closed.as_ref())).collect(),
        may_manage,
        closed,
        default: default.map(|role| role.name.clone()).unwrap_or_default(),
        default_choices: if may_manage { default_choices(permit, roles) } else { Vec::new() },
        search,
        path,
        frame: permit.frame(),
    }
}

/// Why custom roles are neither made nor changed under this plan, for who would; none where they are.
pub(super) fn closed_to(org: &mut OrgConn<'_>, organization: &Organization, reader: Standing) -> Result<Option<PlanCloses>> {
    match reader.permissions.contains(Permission::RolesManage) {
        true => PlanCloses::read(org, organization, reader),
        false => Ok(None),
    }
}

fn row(permit: &Permit<rights::ViewRoles>, role: &Role, holders: Holders, closed: Option<&PlanCloses>) -> Row {
    let (standing, product) = (permit.standing, permit.db().product());
    let may_edit = may_edit_role(standing, role.standing());
    let may_delete = may_edit && permit.organization.default_role_id != Some(role.id);
    let may_edit = may_edit && (role.starter.is_some() || closed.is_none());
    let is_default = permit.organization.default_role_id == Some(role.id);
    let held = catalog::all(product).filter(|entry| role.permissions.contains(entry.permission)).count();
    let sees_members = standing.permissions.contains(Permission::MembersView);
    let invited = i64::from(holders.invited_members);
    Row {
        name: role.name.clone(),
        href: permit.path_to(&format!("roles/{}", role.id)),
        description: role.description.clone(),
        level: role.level,
        members: grouped(holders.members()),
        members_href: if sees_members { permit.path_to(&format!("members?role={}", role.id)) } else { String::new() },
        invited: if invited > 0 { format!("{} invited", grouped(invited)) } else { String::new() },
        permissions: if role.is_owner() { "All".to_owned() } else { held.to_string() },
        kind: if role.starter.is_some() { "Starter" } else { "Custom" },
        is_default,
        is_own: permit.role.id == role.id,
        copy_href: permit.path_to(&format!("roles/new?from={}", role.id)),
        may_edit,
        may_delete,
    }
}

/// The default is shown in any case, so that a form that is sent as it is changes nothing.
fn default_choices(permit: &Permit<rights::ViewRoles>, roles: &[Role]) -> Vec<Choice> {
    let current = permit.organization.default_role_id;
    let offered = roles.iter().filter(|role| Some(role.id) == current || may_be_default(permit.standing, role));
    let choices: Vec<Choice> = offered.map(|role| Choice::new(role.id, role.name.as_str(), Some(role.id) == current)).collect();
    if choices.len() > 1 { choices } else { Vec::new() }
}
