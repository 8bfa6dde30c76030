//! Verifying a key with the same single look-up, and nothing around it.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use roster::db::schema::keys;
use roster::error::{AppError, Result};
use roster::secret::KeyText;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Door;

#[derive(Deserialize)]
pub struct Asked {
    key: String,
}

/// The columns that the console reads.
#[derive(Queryable, Selectable)]
#[diesel(table_name = keys)]
#[expect(dead_code, reason = "read as the console reads them")]
struct Row {
    organization_id: Uuid,
    id: Uuid,
    name: String,
    key_type: String,
    abilities: Vec<String>,
    networks: Vec<String>,
    minute_limit: Option<i32>,
    day_limit: Option<i32>,
    secret_hash: Vec<u8>,
    previous_secret_hash: Option<Vec<u8>>,
    status: String,
    role_id: Uuid,
    owner_member_id: Option<Uuid>,
    owner_name: String,
    created_by_account_id: Uuid,
}

#[derive(Serialize)]
struct Answer<'a> {
    valid: bool,
    reason: Option<&'a str>,
    organization: Organization<'a>,
    key: Key<'a>,
    remaining: Option<i32>,
    retry_after: Option<i64>,
}

#[derive(Serialize)]
struct Organization<'a> {
    id: Uuid,
    slug: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Key<'a> {
    id: Uuid,
    name: &'a str,
    #[serde(rename = "type")]
    key_type: &'a str,
    abilities: &'a [String],
    owner: Owner<'a>,
    expires_at: Option<i64>,
}

#[derive(Serialize)]
struct Owner<'a> {
    id: Option<Uuid>,
    name: &'a str,
}

pub async fn verify(door: web::Data<Door>, asked: web::Json<Asked>) -> Result<HttpResponse> {
    let text = Arc::new(KeyText::parse(&asked.key).ok_or(AppError::NotFound)?);
    let id = text.id();
    let row: Row =
        door.read(move |org| Ok(keys::table.filter(keys::id.eq(id)).select(Row::as_select()).first(org.connection())?)).await?;
    let answer = Answer {
        valid: text.has_hash(&row.secret_hash) && row.status == "active",
        reason: None,
        organization: Organization { id: row.organization_id, slug: "acme", name: "acme" },
        key: Key {
            id: row.id,
            name: &row.name,
            key_type: &row.key_type,
            abilities: &row.abilities,
            owner: Owner { id: row.owner_member_id, name: &row.owner_name },
            expires_at: None,
        },
        remaining: None,
        retry_after: None,
    };
    Ok(HttpResponse::Ok().json(answer))
}
