//! `POST /api/v1/keys/verify`: the hot path. Who asks and the key that is asked about are found in one look-up, and nothing is
//! written unless a limit is to be counted.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{Time, json};
use super::keys::KeyOwner;
use super::organization::OrganizationName;
use crate::access::catalog::{self, Entry};
use crate::access::key::{self, Charge, KeyPermit, KeyType, Keys, KnownKey, Metered};
use crate::access::rights;
use crate::db::Db;
use crate::error::{Result, Unauthorized};
use crate::secret::KeyText;
use crate::web::json::{Once, invalid};
use crate::web::{Console, Json};

type VerifyPermit = KeyPermit<rights::VerifyKeys>;

/// Most that one request may cost.
const MOST: i32 = 1_000_000;

/// A key that somebody showed to a product.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// The whole key.
    #[schema(pattern = r"^[^\x00]*$")]
    key: String,
    /// What is to be done with it: one of the permissions.
    ability: Option<String>,
    /// How much it costs of the key's limits, 1 unless it says otherwise. 0 costs nothing.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, deserialize_with = "whole")]
    cost: Option<i32>,
    /// Where the request came from, for keys that may be used only from some networks.
    #[schema(value_type = Option<String>, examples("203.0.113.7"))]
    address: Option<IpAddr>,
    /// The metered item that is to be used: refused while its spending limit has it stop.
    #[schema(pattern = r"^[^\x00]*$")]
    item: Option<String>,
}

/// A whole number, which JSON may also write as 1.0.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<i32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    let is_whole = number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX);
    // Exact: it is whole, and within what an i32 holds.
    if is_whole { Ok(Some(number as i32)) } else { Err(D::Error::custom("not a whole number")) }
}

/// Why a key is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No key looks like that.
    Malformed,
    /// There is no such key here, or its secret was replaced.
    Unknown,
    Expired,
    Paused,
    Revoked,
    AbilityMissing,
    /// It has the ability, which opens with a module that its organization does not have.
    ModuleMissing,
    LimitReached,
    /// The organization's spending limit for the item is reached, and it is to stop then.
    UsageStopped,
    NetworkNotAllowed,
    /// It may be used only from some networks, and the request does not say where it came from.
    AddressMissing,
}

/// What is left of a key's limits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Remaining {
    minute: i32,
    day: i32,
}

/// A key as its holder may know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifiedKey<'a> {
    id: Uuid,
    name: &'a str,
    #[serde(rename = "type")]
    #[schema(inline)]
    key_type: KeyType,
    /// What it may do now, as far as its owner's role and the modules of its organization allow it.
    abilities: Vec<&'a str>,
    owner: KeyOwner<'a>,
    expires_at: Option<Time>,
}

/// Whether a key is valid. Of a key whose secret is wrong nothing is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verdict<'a> {
    valid: bool,
    reason: Option<Reason>,
    organization: Option<OrganizationName<'a>>,
    key: Option<VerifiedKey<'a>>,
    /// Of a valid key that has limits of its own.
    remaining: Option<Remaining>,
    /// Seconds until it is worth trying again, past a limit.
    retry_after: Option<i64>,
}

/// Verify a key
///
/// For the product's backend: whether a key that somebody showed lets them in, and what it may do. The answer is always as
/// things are now; with an Idempotency-Key its cost is charged once.
#[utoipa::path(post, path = "/api/v1/keys/verify", tag = "Checks", operation_id = "verify_key", request_body = Verification,
    security(("key" = ["keys.verify"])), responses((status = 200, body = Verdict, description = "Whether it is valid, and why not.")))]
pub async fn verify(
    request: HttpRequest,
    console: web::Data<Console>,
    keys: web::Data<Keys>,
    body: Json,
) -> Result<HttpResponse> {
    let opened = body.open::<Verification>();
    let text = opened.as_ref().ok().and_then(|(asked, _)| KeyText::parse(&asked.key));
    let (permit, found): (VerifyPermit, _) = key::admit(&request, text.as_ref().map(KeyText::id)).await?;
    let (asked, once) = opened?;
    let ability = asked.parsed(&console.db)?;
    let Some(text) = text else { return refuse(permit, once, Reason::Malformed).await };
    let (now, found) = (console.db.now(), found.filter(|found| may_see(&permit, &console, found)));
    let Some((found, secret)) = found.and_then(|found| found.secret_of(&text, now).map(|secret| (found, secret))) else {
        return refuse(permit, once, Reason::Unknown).await;
    };
    let reason = found.judge(&text, now).err().and_then(of_status).or_else(|| asked.reason(&found, ability));
    let metered = match (reason, once) {
        (None, None) => key::spend(&console.db, &found, asked.cost()).await?,
        (None, Some(once)) => permit.note_once(once, Charge::of(&found, asked.cost())).await?,
        (Some(_), Some(once)) => permit.note_once(once, None).await?,
        (Some(_), None) => None,
    };
    let verdict = Verdict::of(&found, reason, (metered, asked.cost()), &console.db);
    if verdict.valid {
        keys.uses.note(&found, secret, asked.address, ability.map(|entry| entry.permission));
    }
    json(&verdict)
}

/// Only keys of the same organization, unless the operator asks.
fn may_see(permit: &VerifyPermit, console: &Console, found: &Arc<KnownKey>) -> bool {
    let caller = &permit.key.organization;
    found.organization.id == caller.id || console.config.operator_organization.as_deref() == Some(caller.slug.as_str())
}

/// Says nothing but why.
async fn refuse(permit: VerifyPermit, once: Option<Once>, reason: Reason) -> Result<HttpResponse> {
    if let Some(once) = once {
        permit.note_once(once, None).await?;
    }
    let reason = Some(reason);
    json(&Verdict { valid: false, reason, organization: None, key: None, remaining: None, retry_after: None })
}

fn of_status(why: Unauthorized) -> Option<Reason> {
    match why {
        Unauthorized::Expired => Some(Reason::Expired),
        Unauthorized::Paused => Some(Reason::Paused),
        Unauthorized::Revoked => Some(Reason::Revoked),
        Unauthorized::Missing | Unauthorized::Malformed | Unauthorized::Unknown => Some(Reason::Unknown),
    }
}

impl Verification {
    /// The ability that is asked for, the fields being right.
    fn parsed<'a>(&self, db: &'a Db) -> Result<Option<Entry<'a>>> {
        if !(0..=MOST).contains(&self.cost()) {
            return Err(invalid("cost", "Send a whole number from 0 to 1,000,000."));
        }
        if self.item.as_ref().is_some_and(|item| db.plans().item(item).is_none()) {
            return Err(invalid("item", "There is no such metered item."));
        }
        let Some(ability) = &self.ability else { return Ok(None) };
        match catalog::find(db.product(), ability) {
            Some(entry) => Ok(Some(entry)),
            None => Err(invalid("ability", "There is no such permission. /api/docs lists them.")),
        }
    }

    fn cost(&self) -> i32 {
        self.cost.unwrap_or(1)
    }

    /// Why a key that lets its holder in does not do so for this.
    fn reason(&self, key: &KnownKey, ability: Option<Entry<'_>>) -> Option<Reason> {
        if key.has_networks() && self.address.is_none() {
            return Some(Reason::AddressMissing);
        }
        if !key.admits(self.address) {
            return Some(Reason::NetworkNotAllowed);
        }
        let held = key.standing.permissions;
        if let Some(entry) = ability.filter(|entry| !held.contains(entry.permission)) {
            return Some(if entry.is_held(held) { Reason::ModuleMissing } else { Reason::AbilityMissing });
        }
        let is_stopped = self.item.as_ref().is_some_and(|item| key.organization.stopped_items.contains(item));
        is_stopped.then_some(Reason::UsageStopped)
    }
}

impl<'a> Verdict<'a> {
    fn of(key: &'a KnownKey, reason: Option<Reason>, (metered, cost): (Option<Metered>, i32), db: &'a Db) -> Verdict<'a> {
        let (reason, remaining, retry_after) = match metered {
            // What costs more than the whole limit is never within it.
            Some(Metered::Past { limit, retry_after }) => {
                (Some(Reason::LimitReached), None, (cost <= limit).then_some(retry_after))
            }
            Some(Metered::Within(left)) => (reason, Some(Remaining { minute: left.minute, day: left.day }), None),
            None => (reason, None, None),
        };
        let held = catalog::all(db.product()).filter(|entry| key.standing.permissions.contains(entry.permission));
        let key_facts = VerifiedKey {
            id: key.id,
            name: &key.name,
            key_type: key.key_type,
            abilities: held.map(|entry| entry.key).collect(),
            owner: KeyOwner { id: key.owner_member_id, name: &key.owner_name },
            expires_at: key.expires_at.map(Time::from),
        };
        let organization = Some((&key.organization).into());
        Verdict { valid: reason.is_none(), reason, organization, key: Some(key_facts), remaining, retry_after }
    }
}
