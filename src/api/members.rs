//! `/api/v1/members`

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{RoleName, Time, id_of, json};
use super::organization::NoParameters;
use super::page::{Listed, Window};
use crate::access::key::KeyPermit;
use crate::access::{OrgConn, Role, rights};
use crate::error::Result;
use crate::members::listing::{Listing, Sort};
use crate::members::member::searched_words;
use crate::members::{self, Member, Status, list_query, queries};
use crate::web::json::query;
use crate::web::pagination::{Cursor, PAGE_SIZE};

/// Tells its cursors from those of other lists.
const LIST: char = 'm';

/// Where a member stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    Active,
    /// Without access and without a slot.
    Inactive,
    /// Has not joined yet.
    Invited,
}

impl From<Status> for MemberStatus {
    fn from(status: Status) -> MemberStatus {
        match status {
            Status::Active => MemberStatus::Active,
            Status::Inactive => MemberStatus::Inactive,
            Status::Invited => MemberStatus::Invited,
        }
    }
}

impl From<MemberStatus> for Status {
    fn from(status: MemberStatus) -> Status {
        match status {
            MemberStatus::Active => Status::Active,
            MemberStatus::Inactive => Status::Inactive,
            MemberStatus::Invited => Status::Invited,
        }
    }
}

/// Somebody in the organization, or invited to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberFacts {
    pub id: Uuid,
    /// The person's account; null while invited.
    account_id: Option<Uuid>,
    /// Empty while no name is known.
    #[schema(examples("Dana Smith"))]
    name: String,
    #[schema(examples("dana@example.com"))]
    email: String,
    role: RoleName,
    status: MemberStatus,
    /// What holds the slot of somebody who is invited.
    invitation_id: Option<Uuid>,
    joined_at: Option<Time>,
    last_sign_in_at: Option<Time>,
}

impl MemberFacts {
    pub fn of(member: Member, roles: &[Role]) -> MemberFacts {
        MemberFacts {
            id: member.id,
            account_id: member.account_id,
            status: member.status().into(),
            role: RoleName::among(roles, member.role_id),
            name: member.name,
            email: member.email,
            invitation_id: member.invitation_id,
            joined_at: member.joined_at.map(Time::from),
            last_sign_in_at: member.last_sign_in_at.map(Time::from),
        }
    }

    fn listed(row: &list_query::Listed, roles: &[Role]) -> MemberFacts {
        MemberFacts {
            id: row.id,
            account_id: row.account_id,
            name: row.name.clone(),
            email: row.email.clone(),
            role: RoleName::among(roles, row.role_id),
            status: Status::from_key(&row.status).unwrap_or(Status::Inactive).into(),
            invitation_id: row.invitation_id,
            joined_at: row.joined_at.map(Time::from),
            last_sign_in_at: row.last_sign_in_at.map(Time::from),
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
    #[param(pattern = "^m[ab][A-Za-z0-9_-]{22,}$")]
    cursor: Option<String>,
    #[param(inline)]
    status: Option<MemberStatus>,
    /// The id of a role.
    role: Option<Uuid>,
    /// Beginnings of words of the name or the address.
    #[param(min_length = 1)]
    search: Option<String>,
}

/// List members
///
/// Everybody in the organization and everybody who is invited, by name.
#[utoipa::path(get, path = "/api/v1/members", tag = "Members", operation_id = "list_members", params(Asked),
    security(("key" = ["members.view"])), responses((status = 200, body = Listed<MemberFacts>, description = "One page.")))]
pub async fn list(permit: KeyPermit<rights::ViewMembers>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request)?;
    let window = Window::of(LIST, asked.limit, asked.cursor.as_deref())?;
    let listing = Listing {
        words: searched_words(&asked.search.unwrap_or_default()),
        role_ids: asked.role.into_iter().collect(),
        status: asked.status.map(Status::from),
        sort: Sort::Name,
        descending: false,
        cursor: window.cursor.clone(),
    };
    let (organization, wanted, size) = (permit.key.organization.clone(), listing.clone(), window.size);
    let found = permit.read(move |org| {
        let roles = org.roles(&organization)?;
        Ok((gathered(org, wanted, &roles, size)?, roles))
    });
    let (rows, roles) = found.await?;
    window.answer(&request, rows, |row| listing.place_of(row), |row| MemberFacts::listed(row, &roles))
}

/// So many rows and one more, out of pages as people read them.
fn gathered(org: &mut OrgConn<'_>, mut listing: Listing, roles: &[Role], size: usize) -> Result<Vec<list_query::Listed>> {
    let mut rows = Vec::new();
    loop {
        let mut page = queries::list(org, &listing, roles)?;
        let is_last = page.len() <= PAGE_SIZE;
        let enough = rows.len() + page.len() > size;
        if !is_last && !enough {
            page.truncate(PAGE_SIZE);
        }
        rows.append(&mut page);
        if is_last || enough {
            return Ok(rows);
        }
        let Some(place) = rows.last().map(|row| listing.place_of(row)) else { return Ok(rows) };
        listing.cursor = if listing.cursor.is_backwards() { Cursor::Before(place) } else { Cursor::After(place) };
    }
}

/// Get a member
#[utoipa::path(get, path = "/api/v1/members/{id}", tag = "Members", operation_id = "get_member",
    params(("id" = Uuid, Path, description = "The member.")),
    security(("key" = ["members.view"])), responses((status = 200, body = MemberFacts, description = "The member.")))]
pub async fn show(permit: KeyPermit<rights::ViewMembers>, request: HttpRequest) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    query::<NoParameters>(&request)?;
    let organization = permit.key.organization.clone();
    let found = permit.read(move |org| {
        let member = members::queries::by_id(org, id)?;
        Ok(MemberFacts::of(member, &org.roles(&organization)?))
    });
    json(&found.await?)
}
