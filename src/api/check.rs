//! `POST /api/v1/access/check`: whether a member may do something now.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{RoleName, json};
use crate::access::catalog::{self, Entry};
use crate::access::key::KeyPermit;
use crate::access::{OrgConn, Organization, Role, rights};
use crate::error::Result;
use crate::members::{Member, Status, queries};
use crate::web::json::invalid;
use crate::web::{Console, Json};

/// A question about somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The id of the member or of their account, or their address.
    #[schema(examples("dana@example.com"), pattern = r"^[^\x00]*$")]
    user: String,
    /// What they want to do: one of the permissions.
    permission: String,
}

/// Who is meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedMember {
    id: Uuid,
    name: String,
    role: RoleName,
}

/// Whether they may, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessAnswer {
    allowed: bool,
    #[schema(examples("Dana Smith is Manager, and Manager allows members.invite."))]
    reason: String,
    /// Null where nobody is found.
    member: Option<CheckedMember>,
}

/// Check a member's access
///
/// For the product's backend: may this member do this now, and why. The answer is always as things are now.
#[utoipa::path(post, path = "/api/v1/access/check", tag = "Checks", operation_id = "check_access", request_body = Question,
    security(("key" = ["keys.verify"])), responses((status = 200, body = AccessAnswer, description = "Whether they may, and why.")))]
pub async fn check(permit: KeyPermit<rights::VerifyKeys>, console: web::Data<Console>, body: Json) -> Result<HttpResponse> {
    let (Question { user, permission }, once) = body.open()?;
    let Some(entry) = catalog::find(console.db.product(), &permission) else {
        return Err(invalid("permission", "There is no such permission. /api/docs lists them."));
    };
    if let Some(once) = once {
        permit.note_once(once, None).await?;
    }
    let (organization, here) = (permit.key.organization.clone(), &permit.key.organization);
    let Some((member, role)) = permit.read(move |org| found(org, &user, &organization)).await? else {
        let reason = "Nobody here has that id or address.".to_owned();
        return json(&AccessAnswer { allowed: false, reason, member: None });
    };
    json(&judged(member, &role, (&entry, here)))
}

fn found(org: &mut OrgConn<'_>, user: &str, organization: &Organization) -> Result<Option<(Member, Role)>> {
    let Some(member) = queries::of_user(org, user)? else { return Ok(None) };
    let roles = org.roles(organization)?;
    Ok(roles.iter().find(|role| role.id == member.role_id).cloned().map(|role| (member, role)))
}

fn judged(member: Member, role: &Role, (entry, organization): (&Entry<'_>, &Organization)) -> AccessAnswer {
    let (who, held) = (member.display_name().to_owned(), role.permissions.contains(entry.permission));
    let (is, key) = (&role.name, entry.key);
    let reason = match member.status() {
        Status::Inactive => format!("{who} is inactive, and so may do nothing."),
        Status::Invited => format!("{who} has not joined yet."),
        Status::Active if held => format!("{who} is {is}, and {is} allows {key}."),
        Status::Active if entry.is_held(role.permissions) => {
            let closed = entry.closed_in(organization).unwrap_or_default();
            format!("{who} is {is}, and {is} has {key}, but {} does not have its module. {closed}", organization.name)
        }
        Status::Active => format!("{who} is {is}, and {is} does not allow {key}."),
    };
    let allowed = held && member.status() == Status::Active;
    let member = CheckedMember { id: member.id, name: member.name, role: RoleName::of(role.id, role.name.clone()) };
    AccessAnswer { allowed, reason, member: Some(member) }
}
