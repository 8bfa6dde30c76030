//! The keys of the demo: what is generated, used, rotated, paused and revoked, and when.

use uuid::Uuid;

use super::play::{done, missing, unfit};
use super::script::{Act, Scene, scene};
use crate::access::key::{KeyType, Keys, Secret};
use crate::access::policy::Permission::{self, ActivityView, KeysVerify, MembersInvite, MembersView, RolesView};
use crate::access::{OrgTx, catalog, read_as};
use crate::db::Db;
use crate::db::types::{KeyName, fold};
use crate::error::Result;
use crate::keys::key::{Expiration, NewKey, Overlap};
use crate::keys::{actions, queries};

/// What is done to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyDeed {
    Generate { key_type: KeyType, expiration: Expiration, abilities: &'static [Permission] },
    Rotate,
    Pause,
    Revoke,
}

const OFFICE: [u8; 4] = [198, 51, 100, 17];
const CLOUD: [u8; 4] = [203, 0, 113, 42];

pub(super) fn scenes() -> Vec<Scene> {
    let (ingrid, priya, tomas) = ("Ingrid Halvorsen", "Priya Raghunathan", "Tomás Echeverría");
    let standard = |expiration, abilities| KeyDeed::Generate { key_type: KeyType::Standard, expiration, abilities };
    let agent = |abilities| KeyDeed::Generate { key_type: KeyType::AiAgent, expiration: Expiration::Days90, abilities };
    let key = |days, hours, by, key, deed| scene(days, hours, 0, Act::Key { by, key, deed });
    let used =
        |days, hours, key, from, ability| scene(days, hours, 0, Act::UseKey { key, secret: Secret::Current, from, ability });
    // After the rotation the backend still has the old secret.
    let late = Act::UseKey { key: "Product backend", secret: Secret::Previous, from: CLOUD, ability: "keys.verify" };
    vec![
        key(40, 3, ingrid, "Product backend", standard(Expiration::Never, &[KeysVerify])),
        key(29, 5, tomas, "Nightly export", standard(Expiration::Days30, &[MembersView, ActivityView])),
        key(27, 2, tomas, "Onboarding script", standard(Expiration::Year, &[MembersView, MembersInvite, RolesView])),
        key(21, 4, priya, "Dashboard", standard(Expiration::Days90, &[MembersView])),
        key(15, 6, tomas, "Support assistant", agent(&[MembersView, RolesView])),
        key(12, 1, tomas, "Old CI", standard(Expiration::Never, &[MembersView])),
        key(9, 2, ingrid, "Old CI", KeyDeed::Revoke),
        key(6, 3, priya, "Dashboard", KeyDeed::Pause),
        used(11, 0, "Old CI", CLOUD, "members.view"),
        used(8, 0, "Dashboard", OFFICE, "members.view"),
        used(1, 7, "Nightly export", CLOUD, "members.view"),
        used(0, 9, "Support assistant", CLOUD, "members.view"),
        used(0, 8, "Product backend", CLOUD, "keys.verify"),
        key(0, 6, ingrid, "Product backend", KeyDeed::Rotate),
        used(0, 4, "Onboarding script", OFFICE, "members.invite"),
        scene(0, 1, 0, late),
    ]
}

pub(super) fn on_key(tx: &mut OrgTx<'_>, name: &str, deed: &KeyDeed) -> Result<()> {
    if let KeyDeed::Generate { key_type, expiration, abilities } = deed {
        let new = NewKey {
            name: KeyName::parse(name).map_err(unfit)?,
            key_type: *key_type,
            limits: (*key_type == KeyType::AiAgent).then_some((60, 10_000)),
            expiration: *expiration,
            abilities: abilities.iter().map(|ability| ability.key().to_owned()).collect(),
            networks: Vec::new(),
        };
        return done(actions::create(tx, &new)).map(drop);
    }
    let key = queries::by_name(tx, &fold(name))?.ok_or_else(|| missing(name))?;
    match deed {
        KeyDeed::Rotate => {
            done(actions::rotate(tx, key.id, Overlap::Week, actions::Shown { rotated_at: key.rotated_at, is_spare: false }))
                .map(drop)
        }
        KeyDeed::Pause => done(actions::pause(tx, key.id)).map(drop),
        _ => done(actions::revoke(tx, key.id)).map(drop),
    }
}

/// Writes down that a key was used.
pub(super) async fn used(
    db: &Db,
    organization_id: Uuid,
    name: &'static str,
    (secret, from, ability): (Secret, [u8; 4], &str),
) -> Result<()> {
    let found = read_as(db, organization_id, move |org| queries::by_name(org, &fold(name)));
    let id = found.await?.ok_or_else(|| missing(name))?.id;
    let keys = Keys::new(db);
    let known = keys.desk.find(vec![id]).await?.into_iter().next().flatten().ok_or_else(|| missing(name))?;
    let ability = catalog::find(db.product(), ability).map(|entry| entry.permission);
    keys.uses.note(&known, secret, Some(from.into()), ability);
    keys.uses.flush().await
}
