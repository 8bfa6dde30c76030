//! `/api/v1/organization`

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::json;
use crate::access::key::KeyPermit;
use crate::access::{Organization, rights};
use crate::error::Result;
use crate::web::json::query;

/// An address that asks for nothing more.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParameters {}

/// An organization by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationName<'a> {
    id: Uuid,
    /// Its part of the console's addresses.
    #[schema(examples("acme"))]
    slug: &'a str,
    #[schema(examples("Acme"))]
    name: &'a str,
}

impl<'a> From<&'a Organization> for OrganizationName<'a> {
    fn from(organization: &'a Organization) -> OrganizationName<'a> {
        OrganizationName { id: organization.id, slug: &organization.slug, name: &organization.name }
    }
}

/// The organization of the key.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationFacts<'a> {
    #[serde(flatten)]
    name: OrganizationName<'a>,
    member_slots: MemberSlots,
    members: MemberCounts,
}

/// Active members and pending invitations hold a slot each.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberSlots {
    /// Null where there is no limit.
    limit: Option<i32>,
    used: i32,
    /// Null where there is no limit.
    free: Option<i32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberCounts {
    active: i32,
    inactive: i32,
    /// Pending invitations.
    invited: i32,
}

/// The organization of the key
///
/// Its name, and how many are in it. Every key that is valid may ask.
#[utoipa::path(get, path = "/api/v1/organization", tag = "Organization", operation_id = "get_organization",
    security(("key" = [])), responses((status = 200, body = OrganizationFacts, description = "The organization.")))]
pub async fn show(permit: KeyPermit<rights::BeMember>, request: HttpRequest) -> Result<HttpResponse> {
    query::<NoParameters>(&request)?;
    let organization = &permit.key.organization;
    let Organization { active_members, inactive_members, invited_members, .. } = *organization;
    json(&OrganizationFacts {
        name: organization.into(),
        member_slots: MemberSlots {
            limit: organization.slots(),
            used: active_members + invited_members,
            free: organization.slots().map(|_| organization.free_slots()),
        },
        members: MemberCounts { active: active_members, inactive: inactive_members, invited: invited_members },
    })
}
