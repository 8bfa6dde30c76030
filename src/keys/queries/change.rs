//! Statements that change keys.

use diesel::prelude::*;
use ipnet::IpNet;
use uuid::Uuid;

use super::super::key::{Key, NewKey, search_terms};
use super::Owner;
use crate::access::OrgTx;
use crate::access::key::KeyStatus;
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::db::schema::{key_terms, key_uses, keys, organizations};
use crate::db::types::fold;
use crate::error::Result;

/// What a new key gets besides what was asked for.
pub struct Made<'a> {
    pub hash: [u8; 32],
    pub owner: &'a Owner,
    pub account_id: Uuid,
    pub expires_at: Option<Moment>,
    pub reminder_at: Option<Moment>,
}

/// Inserts a key, the words that it is found by, and the row for its uses.
pub fn insert(tx: &mut OrgTx<'_>, id: Uuid, new: &NewKey, made: &Made<'_>) -> Result<()> {
    let (organization_id, now, name) = (tx.organization_id(), tx.now(), new.name.as_str());
    diesel::insert_into(keys::table)
        .values((
            (
                keys::organization_id.eq(organization_id),
                keys::id.eq(id),
                keys::name.eq(name),
                keys::name_key.eq(fold(name)),
                keys::key_type.eq(new.key_type.key()),
                keys::abilities.eq(&new.abilities),
                keys::networks.eq(new.networks.iter().map(IpNet::to_string).collect::<Vec<_>>()),
                keys::minute_limit.eq(new.limits.map(|(minute, _)| minute)),
                keys::day_limit.eq(new.limits.map(|(_, day)| day)),
            ),
            keys::secret_hash.eq(made.hash.as_slice()),
            keys::role_id.eq(made.owner.role_id),
            keys::owner_member_id.eq(made.owner.id),
            keys::owner_name.eq(&made.owner.name),
            keys::created_by_account_id.eq(made.account_id),
            keys::created_by.eq(&made.owner.name),
            keys::created_at.eq(now),
            keys::expires_at.eq(made.expires_at),
            keys::reminder_at.eq(made.reminder_at),
        ))
        .execute(tx.connection())?;
    insert_terms(tx, id, name)?;
    diesel::insert_into(key_uses::table)
        .values((
            key_uses::organization_id.eq(organization_id),
            key_uses::key_id.eq(id),
            key_uses::created_at.eq(now),
            key_uses::idle_since.eq(now),
            key_uses::has_unused_abilities.eq(false),
        ))
        .execute(tx.connection())?;
    Ok(())
}

fn insert_terms(tx: &mut OrgTx<'_>, id: Uuid, name: &str) -> Result<()> {
    let organization_id = tx.organization_id();
    let term =
        |term: String| (key_terms::organization_id.eq(organization_id), key_terms::key_id.eq(id), key_terms::term.eq(term));
    let terms: Vec<_> = search_terms(name, id).into_iter().map(term).collect();
    diesel::insert_into(key_terms::table).values(terms).execute(tx.connection())?;
    Ok(())
}

/// Pauses a key, or lets it work again.
pub fn set_status(tx: &mut OrgTx<'_>, id: Uuid, status: KeyStatus) -> Result<()> {
    let mine = keys::table.filter(keys::organization_id.eq(tx.organization_id())).filter(keys::id.eq(id));
    diesel::update(mine).set(keys::status.eq(status.key())).execute(tx.connection())?;
    Ok(())
}

/// Ends a key for good, with all its secrets.
pub fn end(tx: &mut OrgTx<'_>, id: Uuid, status: KeyStatus, at: Moment) -> Result<()> {
    let (organization_id, by) = (tx.organization_id(), tx.actor.name.clone());
    let mine = keys::table.filter(keys::organization_id.eq(organization_id)).filter(keys::id.eq(id));
    diesel::update(mine)
        .set((
            keys::status.eq(status.key()),
            keys::ended_at.eq(at),
            keys::ended_by.eq(if status == KeyStatus::Expired { String::new() } else { by }),
            keys::reminder_at.eq(None::<Moment>),
        ))
        .execute(tx.connection())?;
    let uses = key_uses::table.filter(key_uses::organization_id.eq(organization_id)).filter(key_uses::key_id.eq(id));
    diesel::update(uses).set(key_uses::is_live.eq(false)).execute(tx.connection())?;
    Ok(())
}

/// Ends all keys of a member that work or could again. Returns them by id and name.
pub fn end_all(tx: &mut OrgTx<'_>, member_id: Uuid) -> Result<Vec<(Uuid, String)>> {
    let (organization_id, now, by) = (tx.organization_id(), tx.now(), tx.actor.name.clone());
    let live = KeyStatus::ALL.into_iter().filter(|status| status.is_live()).map(KeyStatus::key).collect::<Vec<_>>();
    let theirs = keys::table
        .filter(keys::organization_id.eq(organization_id))
        .filter(keys::owner_member_id.eq(member_id))
        .filter(keys::status.eq_any(live));
    let ended: Vec<(Uuid, String)> = diesel::update(theirs)
        .set((
            keys::status.eq(KeyStatus::Revoked.key()),
            keys::ended_at.eq(now),
            keys::ended_by.eq(by),
            keys::reminder_at.eq(None::<Moment>),
        ))
        .returning((keys::id, keys::name))
        .get_results(tx.connection())?;
    let ids: Vec<Uuid> = ended.iter().map(|(id, _)| *id).collect();
    let uses = key_uses::table.filter(key_uses::organization_id.eq(organization_id)).filter(key_uses::key_id.eq_any(ids));
    diesel::update(uses).set(key_uses::is_live.eq(false)).execute(tx.connection())?;
    Ok(ended)
}

/// What becomes of the secrets of a key that gets a new one.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    pub hash: [u8; 32],
    /// Until when an old one works; none where it ends at once.
    pub until: Option<Moment>,
    /// Whether the current one makes way, and the old one before it goes on.
    pub is_spare: bool,
}

/// Gives a key a new secret.
pub fn rotate(tx: &mut OrgTx<'_>, key: &Key, rotation: Rotation) -> Result<()> {
    let (organization_id, now) = (tx.organization_id(), tx.now());
    let old = match (rotation.until, rotation.is_spare) {
        (None, _) => "NULL, previous_secret_until = NULL",
        (Some(_), true) => "previous_secret_hash, previous_secret_until = $5",
        (Some(_), false) => "secret_hash, previous_secret_until = $5",
    };
    let query = format!(
        "UPDATE keys SET rotated_at = $3, secret_hash = $4, previous_secret_hash = {old} WHERE organization_id = $1 AND id = $2"
    );
    prepared(query)
        .bind(organization_id)
        .bind(key.id)
        .bind(now)
        .bind(rotation.hash.as_slice())
        .bind(rotation.until.unwrap_or(now))
        .execute(tx.connection())?;
    // Where no old secret goes on, the later use of both is kept as the key's last one.
    let keeps = match rotation.until {
        None => "last_used_at IS NULL OR previous_used_at > last_used_at",
        Some(_) => "last_used_at IS NULL",
    };
    let query = format!(
        "UPDATE key_uses SET last_used_at = NULL, last_used_network = '',
            previous_used_at = CASE WHEN {keeps} THEN previous_used_at ELSE last_used_at END,
            previous_used_network = CASE WHEN {keeps} THEN previous_used_network ELSE last_used_network END
        WHERE organization_id = $1 AND key_id = $2"
    );
    prepared(query).bind(organization_id).bind(key.id).execute(tx.connection())?;
    Ok(())
}

/// Ends the old secret of a key.
pub fn end_old_secret(tx: &mut OrgTx<'_>, id: Uuid) -> Result<()> {
    let mine = keys::table.filter(keys::organization_id.eq(tx.organization_id())).filter(keys::id.eq(id));
    diesel::update(mine)
        .set((keys::previous_secret_hash.eq(None::<Vec<u8>>), keys::previous_secret_until.eq(None::<Moment>)))
        .execute(tx.connection())?;
    Ok(())
}

/// Makes a key another member's, as whose role it stands from then on.
pub fn set_owner(tx: &mut OrgTx<'_>, id: Uuid, owner: &Owner) -> Result<()> {
    let mine = keys::table.filter(keys::organization_id.eq(tx.organization_id())).filter(keys::id.eq(id));
    diesel::update(mine)
        .set((keys::owner_member_id.eq(owner.id), keys::owner_name.eq(&owner.name), keys::role_id.eq(owner.role_id)))
        .execute(tx.connection())?;
    Ok(())
}

/// When the next mail about a key's end is due; none where there are no more.
pub fn set_reminder(tx: &mut OrgTx<'_>, id: Uuid, at: Option<Moment>) -> Result<()> {
    let mine = keys::table.filter(keys::organization_id.eq(tx.organization_id())).filter(keys::id.eq(id));
    diesel::update(mine).set(keys::reminder_at.eq(at)).execute(tx.connection())?;
    Ok(())
}

/// Makes sure that the upkeep looks here by `at`.
pub fn plan_reminder(tx: &mut OrgTx<'_>, at: Moment) -> Result<()> {
    let query = "UPDATE organizations SET keys_due_at = least(keys_due_at, $2) WHERE id = $1";
    prepared(query).bind(tx.organization_id()).bind(at).execute(tx.connection())?;
    Ok(())
}

/// Plans the next mail of an organization, now that the due ones are out.
pub fn plan_next_reminder(tx: &mut OrgTx<'_>) -> Result<()> {
    let query = "UPDATE organizations SET keys_due_at = (SELECT min(reminder_at) FROM keys WHERE organization_id = $1 AND reminder_at IS NOT NULL) WHERE id = $1";
    prepared(query).bind(tx.organization_id()).execute(tx.connection())?;
    Ok(())
}

/// Organizations where a mail about a key's end is due, the longest due first. Outside of every organization.
pub fn organizations_due(connection: &mut diesel::pg::PgConnection, now: Moment, most: i64) -> QueryResult<Vec<Uuid>> {
    organizations::table
        .filter(organizations::keys_due_at.le(now))
        .order(organizations::keys_due_at.asc())
        .limit(most)
        .select(organizations::id)
        .load(connection)
}
