//! `/api/v1/roles`

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{id_of, json};
use super::organization::NoParameters;
use super::page::{Listed, Window};
use crate::access::key::KeyPermit;
use crate::access::policy::OWNER_LEVEL;
use crate::access::{Organization, Role, catalog, rights};
use crate::config::ProductPermissions;
use crate::db::types::fold;
use crate::error::{AppError, Result};
use crate::roles::queries::{self, Holders};
use crate::web::json::query;
use crate::web::pagination::{Cursor, Key};

/// Tells its cursors from those of other lists.
const LIST: char = 'r';

/// A role with what it allows.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleFacts {
    id: Uuid,
    #[schema(examples("Manager"))]
    name: String,
    description: String,
    /// 100 for the Owner, 1 to 99 for all others.
    #[schema(minimum = 1, maximum = 100)]
    level: i16,
    /// Whether every organization begins with it.
    is_starter: bool,
    /// Whether invitations begin with it.
    is_default: bool,
    /// What it allows.
    #[schema(examples(json!(["members.view", "members.invite"])))]
    permissions: Vec<String>,
    /// Who has it, active or not.
    members: i64,
    /// Who is invited with it.
    invited: i32,
}

impl RoleFacts {
    fn of(role: &Role, holders: Holders, organization: &Organization, product: &ProductPermissions) -> RoleFacts {
        RoleFacts {
            id: role.id,
            name: role.name.clone(),
            description: role.description.clone(),
            level: role.level,
            is_starter: role.starter.is_some(),
            is_default: organization.default_role_id == Some(role.id),
            permissions: catalog::keys_of(product, role.permissions),
            members: holders.members(),
            invited: holders.invited_members,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^r[ab][A-Za-z0-9_-]{22,}$")]
    cursor: Option<String>,
}

/// List roles
///
/// All roles of the organization, highest first.
#[utoipa::path(get, path = "/api/v1/roles", tag = "Roles", operation_id = "list_roles", params(Asked),
    security(("key" = ["roles.view"])), responses((status = 200, body = Listed<RoleFacts>, description = "One page.")))]
pub async fn list(permit: KeyPermit<rights::ViewRoles>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request)?;
    let window = Window::of(LIST, asked.limit, asked.cursor.as_deref())?;
    let (organization, stretch) = (permit.key.organization.clone(), window.clone());
    let found = permit.read(move |org| {
        let rows = cut(&org.roles(&organization)?, &stretch);
        let ids: Vec<Uuid> = rows.iter().map(|role| role.id).collect();
        Ok((rows, queries::holders(org, &ids)?))
    });
    let (rows, holders) = found.await?;
    let held = |role: &Role| holders.iter().find(|one| one.role_id == role.id).copied().unwrap_or_default();
    let view = |role: &Role| RoleFacts::of(role, held(role), &permit.key.organization, permit.db().product());
    window.answer(&request, rows, |role| Key { value: place(role), id: role.id }, view)
}

/// One page and one row more, in the order of reading. By value, so that a role that is deleted leaves its place behind.
fn cut(roles: &[Role], window: &Window) -> Vec<Role> {
    let rows = window.size + 1;
    match &window.cursor {
        Cursor::First => roles.iter().take(rows).cloned().collect(),
        Cursor::After(key) => roles.iter().filter(|role| place(role) > key.value).take(rows).cloned().collect(),
        Cursor::Before(key) => roles.iter().rev().filter(|role| place(role) < key.value).take(rows).cloned().collect(),
    }
}

/// Where a role stands in the list: highest first, then by name.
fn place(role: &Role) -> String {
    format!("{:03} {}", OWNER_LEVEL - role.level, fold(&role.name))
}

/// Get a role
#[utoipa::path(get, path = "/api/v1/roles/{id}", tag = "Roles", operation_id = "get_role",
    params(("id" = Uuid, Path, description = "The role.")),
    security(("key" = ["roles.view"])), responses((status = 200, body = RoleFacts, description = "The role.")))]
pub async fn show(permit: KeyPermit<rights::ViewRoles>, request: HttpRequest) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    query::<NoParameters>(&request)?;
    let organization = permit.key.organization.clone();
    let found = permit.read(move |org| Ok((org.roles(&organization)?, queries::holders_of(org, id)?)));
    let (roles, holders) = found.await?;
    let role = roles.iter().find(|role| role.id == id).ok_or(AppError::NotFound)?;
    json(&RoleFacts::of(role, holders, &permit.key.organization, permit.db().product()))
}
