//! `/api/v1/keys`: seen and revoked, never made.

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{Time, answered, id_of, json, refused};
use super::organization::NoParameters;
use super::page::{Listed, Window};
use crate::access::key::{Answered, KeyPermit, KeyStatus, KeyType};
use crate::access::{OrgConn, OrgTx, rights};
use crate::clock::Moment;
use crate::error::{Result, Stopped};
use crate::keys::queries::{self, Filter};
use crate::keys::refusal::Refusal;
use crate::keys::{self, actions};
use crate::secret::KeyText;
use crate::web::Json;
use crate::web::json::query;

/// Tells its cursors from those of other lists.
const LIST: char = 'k';

/// Who answers for a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyOwner<'a> {
    /// The member; null once they have left.
    pub id: Option<Uuid>,
    pub name: &'a str,
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyFacts<'a> {
    id: Uuid,
    name: &'a str,
    /// What it begins with.
    #[schema(examples("oat_AAECAwQF"))]
    prefix: String,
    #[serde(rename = "type")]
    #[schema(inline)]
    key_type: KeyType,
    /// What it was given, whether or not its owner's role, and the modules of its organization, allow it at the moment.
    abilities: &'a [String],
    #[schema(inline)]
    status: KeyStatus,
    owner: KeyOwner<'a>,
    created_by: &'a str,
    created_at: Time,
    expires_at: Option<Time>,
    /// Exact to ten seconds.
    last_used_at: Option<Time>,
    /// The network that it was used from last; empty before the first time.
    last_used_network: &'a str,
}

impl<'a> KeyFacts<'a> {
    fn of(row: &'a queries::Listed, now: Moment) -> KeyFacts<'a> {
        KeyFacts {
            id: row.id,
            name: &row.name,
            prefix: KeyText::prefix(row.id),
            key_type: KeyType::from_key(&row.key_type).unwrap_or(KeyType::Standard),
            abilities: &row.abilities,
            status: row.status(now),
            owner: KeyOwner { id: row.owner_member_id, name: &row.owner_name },
            created_by: &row.created_by,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(Time::from),
            last_used_at: row.last_used_at.map(Time::from),
            last_used_network: &row.last_used_network,
        }
    }
}

/// Requests that a key may make.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyLimits {
    minute: i32,
    day: i32,
}

/// A key with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyDetails<'a> {
    #[serde(flatten)]
    key: KeyFacts<'a>,
    /// Networks that it may be used from; all, where there are none.
    networks: &'a [String],
    /// Of AI agents alone.
    limits: Option<KeyLimits>,
    /// When it was revoked, or when it expired.
    ended_at: Option<Time>,
    /// Until when the secret before the last rotation works.
    old_secret_until: Option<Time>,
}

impl<'a> KeyDetails<'a> {
    fn of((key, used): &'a (keys::Key, queries::Use), now: Moment) -> KeyDetails<'a> {
        let by_old = used.last_used_at < used.previous_used_at;
        let last_used = if by_old { &used.previous_used_network } else { &used.last_used_network };
        KeyDetails {
            key: KeyFacts {
                id: key.id,
                name: &key.name,
                prefix: key.prefix(),
                key_type: key.key_type(),
                abilities: &key.abilities,
                status: key.status(now),
                owner: KeyOwner { id: key.owner_member_id, name: &key.owner_name },
                created_by: &key.created_by,
                created_at: key.created_at.into(),
                expires_at: key.expires_at.map(Time::from),
                last_used_at: used.last_used_at.max(used.previous_used_at).map(Time::from),
                last_used_network: last_used,
            },
            networks: &key.networks,
            limits: key.minute_limit.zip(key.day_limit).map(|(minute, day)| KeyLimits { minute, day }),
            ended_at: key.ended_at.map(Time::from),
            old_secret_until: key.old_secret_until(now).map(Time::from),
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
    #[param(pattern = "^k[ab][A-Za-z0-9_-]{22,}$")]
    cursor: Option<String>,
    #[serde(rename = "type")]
    #[param(inline)]
    key_type: Option<KeyType>,
    #[param(inline)]
    status: Option<KeyStatus>,
}

/// List keys
///
/// The newest first. Secrets are shown nowhere.
#[utoipa::path(get, path = "/api/v1/keys", tag = "Keys", operation_id = "list_keys", params(Asked),
    security(("key" = ["keys.view"])), responses((status = 200, body = Listed<KeyFacts>, description = "One page.")))]
pub async fn list(permit: KeyPermit<rights::ViewKeys>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request)?;
    let window = Window::of(LIST, asked.limit, asked.cursor.as_deref())?;
    let filter = Filter { key_type: asked.key_type, status: asked.status, ..Filter::default() };
    let (size, cursor) = (window.size, window.cursor.clone());
    let (rows, now) = permit.read(move |org| Ok((queries::page(org, &filter, &cursor, size)?, org.now()))).await?;
    let rows: Vec<queries::Listed> = rows;
    window.answer(&request, rows.iter().collect(), |row| row.place(), |row| KeyFacts::of(row, now))
}

/// Get a key
#[utoipa::path(get, path = "/api/v1/keys/{id}", tag = "Keys", operation_id = "get_key",
    params(("id" = Uuid, Path, description = "The key.")),
    security(("key" = ["keys.view"])), responses((status = 200, body = KeyDetails, description = "The key.")))]
pub async fn show(permit: KeyPermit<rights::ViewKeys>, request: HttpRequest) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    query::<NoParameters>(&request)?;
    let (found, now) = permit.read(move |org| details(org, id)).await?;
    json(&KeyDetails::of(&found, now))
}

fn details(org: &mut OrgConn<'_>, id: Uuid) -> Result<((keys::Key, queries::Use), Moment)> {
    Ok((queries::with_use(org, id)?, org.now()))
}

/// Revoke a key
///
/// For good: the next request with it is refused, on every node. A key may revoke itself.
#[utoipa::path(post, path = "/api/v1/keys/{id}/revoke", tag = "Keys", operation_id = "revoke_key",
    params(("id" = Uuid, Path, description = "The key.")),
    security(("key" = ["keys.revoke"])), responses((status = 200, body = KeyDetails, description = "The key as it is now.")))]
pub async fn revoke(permit: KeyPermit<rights::RevokeKeys>, request: HttpRequest, body: Json) -> Result<HttpResponse> {
    let (id, once) = (id_of(&request)?, body.open_empty()?);
    let work = move |tx: &mut OrgTx<'_>| {
        actions::revoke(tx, id)?;
        let (found, now) = details(tx, id)?;
        // The answer outlives what it is made of.
        serde_json::to_value(KeyDetails::of(&found, now))
            .map_err(|error| crate::error::AppError::Internal(error.to_string()).into())
    };
    let outcome: Result<Answered, Stopped<Refusal>> = permit.write_once(once, work).await;
    outcome.map(answered).map_err(|stopped| refused(stopped, |why| why.words().into_owned()))
}
