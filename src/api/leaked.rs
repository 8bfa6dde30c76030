//! `POST /api/v1/keys/leaked`: a key that somebody found where everybody can read it. It proves itself.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::json;
use crate::access::key::{self, Keys, KnownKey};
use crate::access::{Actor, limits, write_as};
use crate::db::Db;
use crate::error::{AppError, Result};
use crate::keys::{actions, notices};
use crate::secret::KeyText;
use crate::web::{Console, Json};

/// A key that was found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundKey {
    /// The whole key.
    #[schema(pattern = r"^oat_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{48}$")]
    key: String,
}

/// What has become of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeakAnswer {
    /// True, also where it was revoked before.
    revoked: bool,
    key: LeakedKey,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LeakedKey {
    id: Uuid,
    name: String,
    #[schema(examples("oat_AAECAwQF"))]
    prefix: String,
}

/// Report a leaked key
///
/// For secret scanners, and for everybody who finds a key where it should not be: it is revoked at once and for good, and
/// who looks after it is told by mail. Nobody needs a key for it; the one that was found is the proof.
#[utoipa::path(post, path = "/api/v1/keys/leaked", tag = "Checks", operation_id = "report_leaked_key", request_body = FoundKey,
    security(()), responses((status = 200, body = LeakAnswer, description = "The key is revoked.")))]
pub async fn report(
    request: HttpRequest,
    console: web::Data<Console>,
    keys: web::Data<Keys>,
    body: Json,
) -> Result<HttpResponse> {
    let (FoundKey { key }, _) = body.open()?;
    let Some((text, found)) = proven(&console, &keys, &key).await? else {
        // Only guesses are counted: a key that was really found is never turned away.
        limits::spend_by_network(&console, limits::LEAKED_KEY_NETWORK, &request).await?;
        return Err(AppError::NotFound);
    };
    let text = Arc::new(text);
    revoke(&console.db, &found, &text).await?;
    let key = LeakedKey { id: found.id, name: found.name.clone(), prefix: KeyText::prefix(found.id) };
    json(&LeakAnswer { revoked: true, key })
}

/// The key that a text is, with a secret that works.
async fn proven(console: &Console, keys: &Keys, text: &str) -> Result<Option<(KeyText, Arc<KnownKey>)>> {
    let Some(text) = KeyText::parse(text) else { return Ok(None) };
    let found = keys.desk.find(vec![text.id()]).await?.into_iter().next().flatten();
    let found = found.filter(|found| found.secret_of(&text, console.db.now()).is_some());
    Ok(found.map(|found| (text, found)))
}

async fn revoke(db: &Db, found: &KnownKey, text: &Arc<KeyText>) -> Result<()> {
    let (id, text) = (found.id, Arc::clone(text));
    write_as(db, found.organization.id, Actor::console(), move |tx| {
        // A secret that was rotated away since the look-up proves nothing any more.
        if !key::is_proven(tx, &text)? {
            return Err(AppError::NotFound);
        }
        let (key, is_first) = actions::revoke_leaked(tx, id)?;
        if is_first { notices::leaked(tx, &key) } else { Ok(()) }
    })
    .await
}
