//! What changes a member: role, activity, removal.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{answered, id_of, refused};
use super::members::MemberFacts;
use crate::access::key::{Answered, KeyPermit};
use crate::access::{OrgTx, Right, rights};
use crate::error::{Result, Stopped};
use crate::keys::actions::{Fate, Fates};
use crate::members::refusal::Refusal;
use crate::members::{actions, queries};
use crate::web::Json;
use crate::web::json::{Once, query};

type Outcome<T> = Result<T, Stopped<Refusal>>;

/// Another role for a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// The id of the role.
    role: Uuid,
}

/// Give a member another role
///
/// Keys reach as far as their owner's role does: lower levels, and nothing that allows more than the key may itself. So
/// no key makes somebody an Owner, or takes that from them.
#[utoipa::path(post, path = "/api/v1/members/{id}/role", tag = "Members", operation_id = "change_member_role",
    params(("id" = Uuid, Path, description = "The member.")), request_body = RoleChange,
    security(("key" = ["members.assign_role"])), responses((status = 200, body = MemberFacts, description = "The member as they are now.")))]
pub async fn role(permit: KeyPermit<rights::AssignRoles>, request: HttpRequest, body: Json) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    let (RoleChange { role }, once) = body.open()?;
    changed(&permit, once, id, move |tx| actions::change_role(tx, id, role, None).map(drop)).await
}

/// Activate a member
///
/// Gives access back to somebody who was deactivated, if a slot is free.
#[utoipa::path(post, path = "/api/v1/members/{id}/activate", tag = "Members", operation_id = "activate_member",
    params(("id" = Uuid, Path, description = "The member.")),
    security(("key" = ["members.manage"])), responses((status = 200, body = MemberFacts, description = "The member as they are now.")))]
pub async fn activate(permit: KeyPermit<rights::ManageMembers>, request: HttpRequest, body: Json) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    changed(&permit, body.open_empty()?, id, move |tx| actions::activate(tx, id).map(drop)).await
}

/// Deactivate a member
///
/// Takes all access away and frees the slot. The role and the history stay.
#[utoipa::path(post, path = "/api/v1/members/{id}/deactivate", tag = "Members", operation_id = "deactivate_member",
    params(("id" = Uuid, Path, description = "The member.")),
    security(("key" = ["members.manage"])), responses((status = 200, body = MemberFacts, description = "The member as they are now.")))]
pub async fn deactivate(permit: KeyPermit<rights::ManageMembers>, request: HttpRequest, body: Json) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    changed(&permit, body.open_empty()?, id, move |tx| actions::deactivate(tx, id).map(drop)).await
}

/// Carries a change out, and answers the member as they are after it.
async fn changed<P: Right>(
    permit: &KeyPermit<P>,
    once: Option<Once>,
    id: Uuid,
    change: impl Fn(&mut OrgTx<'_>) -> Outcome<()> + Send + 'static,
) -> Result<HttpResponse> {
    let work = move |tx: &mut OrgTx<'_>| {
        change(tx)?;
        let (member, organization) = (queries::by_id(tx, id)?, tx.organization.clone());
        Ok(MemberFacts::of(member, &tx.roles(&organization)?))
    };
    let outcome: Outcome<Answered> = permit.write_once(once, work).await;
    outcome.map(answered).map_err(told)
}

fn told(stopped: Stopped<Refusal>) -> crate::error::AppError {
    refused(stopped, |refusal| refusal.sentence())
}

/// What becomes of the keys of who is removed.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeysOfRemoved {
    /// They go on, with the role that the member had.
    #[default]
    Keep,
    Revoke,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Removal {
    /// What becomes of the keys that the member answers for; keep, where nothing is said.
    #[serde(default)]
    #[param(inline, required = false)]
    keys: KeysOfRemoved,
}

/// Remove a member
///
/// Access to everything of the organization ends at once. Keys that they answered for go on, unless `keys` says otherwise.
#[utoipa::path(delete, path = "/api/v1/members/{id}", tag = "Members", operation_id = "remove_member",
    params(("id" = Uuid, Path, description = "The member."), Removal),
    security(("key" = ["members.manage"])), responses((status = 204, description = "The member is removed.")))]
pub async fn remove(permit: KeyPermit<rights::ManageMembers>, request: HttpRequest) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    let fates = Fates::all(match query::<Removal>(&request)?.keys {
        KeysOfRemoved::Keep => Fate::Keep,
        KeysOfRemoved::Revoke => Fate::Revoke,
    });
    permit.write(move |tx| actions::remove(tx, id, &fates)).await.map_err(told)?;
    Ok(HttpResponse::NoContent().finish())
}
