//! `/api/v1/invitations`

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{RoleName, Time, id_of, json};
use super::organization::NoParameters;
use super::page::{Listed, Window};
use crate::access::key::KeyPermit;
use crate::access::rights;
use crate::clock::Moment;
use crate::error::Result;
use crate::invites::Invitation;
use crate::invites::invitation::Status;
use crate::invites::queries::{self, Tab};
use crate::web::json::query;

/// Tells its cursors from those of other lists.
const LIST: char = 'i';

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    Pending,
    Accepted,
    /// Its person does not want to join.
    Declined,
    Revoked,
    Expired,
}

impl From<Status> for InvitationStatus {
    fn from(status: Status) -> InvitationStatus {
        match status {
            Status::Pending => InvitationStatus::Pending,
            Status::Accepted => InvitationStatus::Accepted,
            Status::Declined => InvitationStatus::Declined,
            Status::Revoked => InvitationStatus::Revoked,
            Status::Expired => InvitationStatus::Expired,
        }
    }
}

/// An invitation. Its link is in its mail alone, since it proves a mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationFacts {
    id: Uuid,
    #[schema(examples("dana@example.com"))]
    email: String,
    role: RoleName,
    status: InvitationStatus,
    /// Who sent it last, by name.
    invited_by: String,
    sent_at: Time,
    expires_at: Time,
}

impl InvitationFacts {
    pub fn of(invitation: Invitation, role: String, now: Moment) -> InvitationFacts {
        InvitationFacts {
            id: invitation.id,
            status: invitation.status(now).into(),
            email: invitation.email,
            role: RoleName::of(invitation.role_id, role),
            invited_by: invitation.invited_by,
            sent_at: invitation.sent_at.into(),
            expires_at: invitation.expires_at.into(),
        }
    }

    fn listed(row: &queries::Listed, now: Moment) -> InvitationFacts {
        InvitationFacts {
            id: row.id,
            email: row.email.clone(),
            role: RoleName::of(row.role_id, row.role.clone()),
            status: Status::at(&row.status, row.expires_at, now).into(),
            invited_by: row.invited_by.clone(),
            sent_at: row.sent_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

/// Which invitations.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationFilter {
    Pending,
    Accepted,
    Expired,
    /// With the declined ones.
    Revoked,
}

impl From<InvitationFilter> for Tab {
    fn from(filter: InvitationFilter) -> Tab {
        match filter {
            InvitationFilter::Pending => Tab::Pending,
            InvitationFilter::Accepted => Tab::Accepted,
            InvitationFilter::Expired => Tab::Expired,
            InvitationFilter::Revoked => Tab::Revoked,
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
    #[param(pattern = "^i[ab][A-Za-z0-9_-]{22,}$")]
    cursor: Option<String>,
    #[param(inline)]
    status: Option<InvitationFilter>,
}

/// List invitations
///
/// Those that were sent last come first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "Invitations", operation_id = "list_invitations", params(Asked),
    security(("key" = ["members.invite"])), responses((status = 200, body = Listed<InvitationFacts>, description = "One page.")))]
pub async fn list(permit: KeyPermit<rights::InviteMembers>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request)?;
    let window = Window::of(LIST, asked.limit, asked.cursor.as_deref())?;
    let (tab, size, cursor) = (asked.status.map_or(Tab::All, Tab::from), window.size, window.cursor.clone());
    let (rows, now) = permit.read(move |org| Ok((queries::page_of(org, tab, &cursor, size)?, org.now()))).await?;
    window.answer(&request, rows, queries::Listed::key, |row| InvitationFacts::listed(row, now))
}

/// Get an invitation
#[utoipa::path(get, path = "/api/v1/invitations/{id}", tag = "Invitations", operation_id = "get_invitation",
    params(("id" = Uuid, Path, description = "The invitation.")),
    security(("key" = ["members.invite"])), responses((status = 200, body = InvitationFacts, description = "The invitation.")))]
pub async fn show(permit: KeyPermit<rights::InviteMembers>, request: HttpRequest) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    query::<NoParameters>(&request)?;
    let found = permit.read(move |org| {
        let (invitation, role) = queries::with_role_name(org, id)?;
        Ok(InvitationFacts::of(invitation, role, org.now()))
    });
    json(&found.await?)
}
