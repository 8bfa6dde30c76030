//! Mails about keys, from their rows as they are now.

use uuid::Uuid;

use super::letter::{Brand, KeyEnds, KeyLeaked};
use super::queries::OutboxRow;
use super::render::Rendered;
use super::sources::{self, KeySource};
use crate::config::Config;
use crate::db::{Db, Scope};
use crate::error::Result;
use crate::secret::KeyText;
use crate::web::words;

/// A key ends in so many days, or has ended.
pub(super) async fn ends(
    db: &Db,
    config: &Config,
    brand: Brand,
    row: &OutboxRow,
    (organization_id, key_id, days): (Uuid, Uuid, i64),
) -> Result<Rendered> {
    let Some(source) = source(db, organization_id, key_id, &row.recipient).await? else { return Ok(gone()) };
    let Some(expires_at) = source.expires_at else { return Ok(Rendered::gone("The key does not expire.")) };
    let unwanted = unwanted(&source).or((source.status == "revoked").then_some("The key is revoked."));
    let context = KeyEnds {
        product_name: brand.product_name,
        accent: brand.accent,
        link: config.link(&format!("/o/{}/keys/{key_id}", source.slug)),
        has_ended: days == 0,
        when: if days == 0 { "has expired".to_owned() } else { format!("expires in {}", words::count(days, "day", "days")) },
        exact: words::exact(expires_at),
        prefix: KeyText::prefix(key_id),
        is_owner: source.owner_email.as_deref() == Some(row.recipient.as_str()),
        organization: source.organization,
        owner: source.owner_name,
        name: source.name,
    };
    Ok(Rendered::new(context.letter(Some(source.slug))?, unwanted))
}

/// A key was found in the open, and is revoked.
pub(super) async fn leaked(
    db: &Db,
    config: &Config,
    brand: Brand,
    row: &OutboxRow,
    (organization_id, key_id): (Uuid, Uuid),
) -> Result<Rendered> {
    let Some(source) = source(db, organization_id, key_id, &row.recipient).await? else { return Ok(gone()) };
    let unwanted = unwanted(&source);
    let context = KeyLeaked {
        product_name: brand.product_name,
        accent: brand.accent,
        link: config.link(&format!("/o/{}/keys/{key_id}", source.slug)),
        at: words::exact(row.created_at),
        prefix: KeyText::prefix(key_id),
        organization: source.organization,
        owner: source.owner_name,
        name: source.name,
    };
    Ok(Rendered::new(context.letter(Some(source.slug))?, unwanted))
}

async fn source(db: &Db, organization_id: Uuid, key_id: Uuid, recipient: &str) -> Result<Option<KeySource>> {
    let recipient = recipient.to_owned();
    let found = db.read(Scope::Organization(organization_id), move |connection| {
        Ok(sources::key(connection, organization_id, key_id, &recipient)?)
    });
    found.await
}

fn unwanted(source: &KeySource) -> Option<&'static str> {
    (!source.recipient_is_active).then_some("The recipient has left.")
}

fn gone() -> Rendered {
    Rendered::gone("The key is gone.")
}
