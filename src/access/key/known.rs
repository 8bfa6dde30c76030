//! A key as a request finds it, and whether it lets anybody in.

use std::net::IpAddr;
use std::sync::Arc;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use ipnet::IpNet;
use uuid::Uuid;

use super::super::catalog;
use super::super::permission_set::PermissionSet;
use super::super::policy::Standing;
use super::super::queries::{self, Organization};
use super::super::role;
use super::super::scope::OrgTx;
use super::status::{KeyStatus, KeyType};
use crate::clock::Moment;
use crate::config::ProductPermissions;
use crate::db::schema::{keys, organizations};
use crate::error::{Result, Unauthorized};
use crate::secret::KeyText;

/// Which of a key's two secrets somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    Current,
    /// The one before the last rotation, for as long as it works.
    Previous,
}

/// A key as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = keys)]
struct Row {
    id: Uuid,
    name: String,
    key_type: String,
    abilities: Vec<String>,
    networks: Vec<String>,
    minute_limit: Option<i32>,
    day_limit: Option<i32>,
    secret_hash: Vec<u8>,
    previous_secret_hash: Option<Vec<u8>>,
    previous_secret_until: Option<Moment>,
    rotated_at: Option<Moment>,
    status: String,
    role_id: Uuid,
    owner_member_id: Option<Uuid>,
    owner_name: String,
    created_by_account_id: Uuid,
    expires_at: Option<Moment>,
}

/// A key with its organization and what its role allows.
#[derive(Clone, Debug)]
pub struct KnownKey {
    pub organization: Organization,
    pub id: Uuid,
    pub name: String,
    pub key_type: KeyType,
    /// Who answers for it; none once they have left.
    pub owner_member_id: Option<Uuid>,
    pub owner_name: String,
    pub created_by_account_id: Uuid,
    pub expires_at: Option<Moment>,
    /// Requests a minute and a day, of a key that has limits of its own.
    pub limits: Option<(i32, i32)>,
    /// Its role's level, and its abilities as far as the role allows them.
    pub standing: Standing,
    /// None where it works from everywhere; a row that cannot be read admits nobody.
    networks: Option<Vec<IpNet>>,
    secret_hash: Vec<u8>,
    previous: Option<(Vec<u8>, Moment)>,
    /// When its current secret was made, unless it is the first.
    pub(super) rotated_at: Option<Moment>,
    status: String,
}

impl KnownKey {
    fn of(row: Row, organization: Organization, role: Option<Standing>, product: &ProductPermissions) -> KnownKey {
        KnownKey {
            organization,
            id: row.id,
            name: row.name,
            key_type: KeyType::from_key(&row.key_type).unwrap_or(KeyType::Standard),
            owner_member_id: row.owner_member_id,
            owner_name: row.owner_name,
            created_by_account_id: row.created_by_account_id,
            expires_at: row.expires_at,
            limits: row.minute_limit.zip(row.day_limit),
            standing: standing_of(&row.abilities, role, product),
            networks: networks(&row.networks),
            secret_hash: row.secret_hash,
            previous: row.previous_secret_hash.zip(row.previous_secret_until),
            rotated_at: row.rotated_at,
            status: row.status,
        }
    }

    /// Which secret a text holds, if the key lets its holder in now. Why it does not is told only to who has the secret.
    pub fn judge(&self, text: &KeyText, now: Moment) -> Result<Secret, Unauthorized> {
        let secret = self.secret_of(text, now).ok_or(Unauthorized::Unknown)?;
        match KeyStatus::of(&self.status, self.expires_at, now) {
            KeyStatus::Active => Ok(secret),
            KeyStatus::Paused => Err(Unauthorized::Paused),
            KeyStatus::Expired => Err(Unauthorized::Expired),
            KeyStatus::Revoked => Err(Unauthorized::Revoked),
        }
    }

    /// Which secret a text holds, whatever became of the key.
    pub fn secret_of(&self, text: &KeyText, now: Moment) -> Option<Secret> {
        let previous = || self.previous.as_ref().is_some_and(|(hash, until)| *until > now && text.has_hash(hash));
        if text.has_hash(&self.secret_hash) {
            return Some(Secret::Current);
        }
        previous().then_some(Secret::Previous)
    }

    /// Whether the secret before the last rotation works beside the current one.
    pub(super) fn has_two_secrets(&self, now: Moment) -> bool {
        self.previous.as_ref().is_some_and(|(_, until)| *until > now)
    }

    /// Whether it works only from some networks.
    pub fn has_networks(&self) -> bool {
        self.networks.is_some()
    }

    /// Whether it may be used from an address.
    pub fn admits(&self, address: Option<IpAddr>) -> bool {
        let Some(networks) = &self.networks else { return true };
        let inside = |address: IpAddr| networks.iter().any(|network| network.contains(&address.to_canonical()));
        address.is_some_and(inside)
    }
}

fn networks(stored: &[String]) -> Option<Vec<IpNet>> {
    (!stored.is_empty()).then(|| stored.iter().filter_map(|network| network.parse().ok()).collect())
}

/// As what a key of this organization stands now; `None` where it has ended, is paused, or is none.
pub fn standing_now(tx: &mut OrgTx<'_>, id: Uuid) -> Result<Option<Standing>> {
    let now = tx.now();
    let key = of_organization(tx, id)?;
    let is_active = |key: &KnownKey| KeyStatus::of(&key.status, key.expires_at, now) == KeyStatus::Active;
    Ok(key.filter(is_active).map(|key| key.standing))
}

/// Whether a text is a key of this organization with a secret that works, whatever became of the key.
pub fn is_proven(tx: &mut OrgTx<'_>, text: &KeyText) -> Result<bool> {
    let now = tx.now();
    Ok(of_organization(tx, text.id())?.is_some_and(|key| key.secret_of(text, now).is_some()))
}

fn of_organization(tx: &mut OrgTx<'_>, id: Uuid) -> Result<Option<KnownKey>> {
    let product = Arc::clone(tx.product());
    Ok(known(tx.connection(), &[id], &product)?.into_iter().next())
}

/// As what a key stands: the level of its role, and its abilities as far as the role allows them. Nothing without a role.
pub fn standing_of(abilities: &[String], role: Option<Standing>, product: &ProductPermissions) -> Standing {
    let role = role.unwrap_or(Standing { level: 0, permissions: PermissionSet::default() });
    let held = catalog::reach_of(product, abilities).within(role.permissions);
    // Nobody can tick what the product hides at the moment: who was given all that it offers stands for that too, or else no
    // key could give a role that was made before.
    let holds_all = catalog::of_product(product).all(|entry| entry.is_held(held));
    let permissions = if holds_all { held.and(role.permissions.hidden()) } else { held };
    Standing { level: role.level, permissions }
}

/// The keys of some ids, of whatever organizations. Inside the scope of these keys.
pub(super) fn known(connection: &mut PgConnection, ids: &[Uuid], product: &Arc<ProductPermissions>) -> Result<Vec<KnownKey>> {
    let rows: Vec<(Row, Organization)> = keys::table
        .inner_join(organizations::table.on(organizations::id.eq(keys::organization_id)))
        .filter(keys::id.eq_any(ids))
        .select((Row::as_select(), Organization::as_select()))
        .load(connection)?;
    let mut found = Vec::with_capacity(rows.len());
    for (row, organization) in rows {
        let standing = role_of(connection, &row, &organization, product)?;
        found.push(KnownKey::of(row, organization, standing, product));
    }
    Ok(found)
}

/// What the role of a key allows. Roles that this server does not know yet are read inside their organization.
fn role_of(
    connection: &mut PgConnection,
    row: &Row,
    organization: &Organization,
    product: &Arc<ProductPermissions>,
) -> Result<Option<Standing>> {
    let roles = match role::remembered(organization, product) {
        Some(roles) => roles,
        None => {
            queries::enter(connection, organization.id)?;
            role::known(connection, organization, product)?
        }
    };
    Ok(roles.iter().find(|role| role.id == row.role_id).map(role::Role::standing))
}
