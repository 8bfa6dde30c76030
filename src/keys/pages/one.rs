//! `/o/{slug}/keys/{id}`

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::super::actions::owns;
use super::super::key::Key;
use super::super::queries::{self, Use};
use super::{badge, key_id};
use crate::access::key::{KeyStatus, KeyType, standing_of};
use crate::access::policy::{Permission, may_end_key, may_resume_key, may_rotate_key};
use crate::access::{Permit, Role, catalog, rights};
use crate::activity::queries::EventRow;
use crate::activity::{self, Entry, Reach};
use crate::clock::Moment;
use crate::error::Result;
use crate::web::frame::Frame;
use crate::web::page;
use crate::web::words::{TimeWords, grouped};

type ViewPermit = Permit<rights::ViewKeys>;

/// Lines of the latest activity.
const LATEST: i64 = 10;

/// One of the key's abilities.
struct Ability {
    key: String,
    sentence: String,
    /// Why it is not allowed at the moment; empty where it is.
    lacking: String,
    used: bool,
}

/// One of the two secrets after a rotation.
struct SecretView {
    label: &'static str,
    used: Option<TimeWords>,
    network: String,
    /// When it ends; none for the current one.
    until: Option<TimeWords>,
}

#[derive(Template)]
#[template(path = "keys/one.html")]
struct OnePage {
    frame: Frame,
    name: String,
    prefix: String,
    key_type: &'static str,
    status: &'static str,
    badge: &'static str,
    created: TimeWords,
    created_by: String,
    owner: String,
    /// Empty where the owner has left, and for who may not see the members.
    owner_href: String,
    owner_is_gone: bool,
    role: String,
    expires: Option<TimeWords>,
    ended: Option<TimeWords>,
    ended_by: String,
    last_used: Option<TimeWords>,
    last_used_network: String,
    networks: Vec<String>,
    limits: String,
    abilities: Vec<Ability>,
    /// Both secrets, as long as the old one goes on.
    secrets: Vec<SecretView>,
    activity: Option<Vec<Entry>>,
    may_pause: bool,
    may_resume: bool,
    may_rotate: bool,
    may_revoke: bool,
    here: String,
    back: String,
}

/// `GET /o/{slug}/keys/{id}`
pub async fn show(mut permit: ViewPermit, request: HttpRequest) -> Result<HttpResponse> {
    let (id, organization) = (key_id(&request)?, permit.organization.clone());
    let sees_activity = permit.standing.permissions.contains(Permission::ActivityView);
    let (key, used, role, events) = permit
        .read(move |org| {
            let ((key, used), roles) = (queries::with_use(org, id)?, org.roles(&organization)?);
            let role = roles.iter().find(|role| role.id == key.role_id).cloned();
            let reach = Reach::of(org, &organization.plan);
            let events = if sees_activity { activity::queries::latest_of_key(org, reach, id, LATEST)? } else { Vec::new() };
            Ok((key, used, role, events))
        })
        .await?;
    page(&one_page(&permit, &key, &used, role.as_ref(), sees_activity.then_some(events)))
}

fn one_page(permit: &ViewPermit, key: &Key, used: &Use, role: Option<&Role>, events: Option<Vec<EventRow>>) -> OnePage {
    let (now, reader, status) = (permit.db().now(), permit.standing, key.status(permit.db().now()));
    let (is_own, is_live) = (owns(Some(permit.member_id), key), status.is_live());
    let may_end = is_live && may_end_key(reader, is_own);
    let standing = standing_of(&key.abilities, role.map(Role::standing), permit.db().product());
    let time = |at: Moment| TimeWords::new(at, now);
    let (last_used, last_network) = last_use(used);
    let slug = &permit.organization.slug;
    OnePage {
        name: key.name.clone(),
        prefix: key.prefix(),
        key_type: key.key_type().word(),
        status: status.word(),
        badge: badge(status),
        created: time(key.created_at),
        created_by: key.created_by.clone(),
        owner: key.owner_name.clone(),
        owner_href: owner_href(permit, key),
        owner_is_gone: key.owner_member_id.is_none(),
        role: role.map(|role| role.name.clone()).unwrap_or_default(),
        expires: key.expires_at.map(time),
        ended: key.ended_at.map(time),
        ended_by: key.ended_by.clone(),
        last_used: last_used.map(time),
        last_used_network: last_network.to_owned(),
        networks: key.networks.clone(),
        limits: limits(key),
        abilities: abilities(permit, key, used, role),
        secrets: if is_live { secrets(key, used, now) } else { Vec::new() },
        activity: events.map(|events| events.iter().map(|row| Entry::new(row, slug, now)).collect()),
        may_pause: may_end && status == KeyStatus::Active,
        may_resume: status == KeyStatus::Paused && may_resume_key(reader, standing, is_own),
        may_rotate: is_live && may_rotate_key(reader, standing, is_own),
        may_revoke: may_end,
        here: permit.path_to(&format!("keys/{}", key.id)),
        back: permit.path_to("keys"),
        frame: permit.frame(),
    }
}

fn owner_href(permit: &ViewPermit, key: &Key) -> String {
    let sees_members = permit.standing.permissions.contains(Permission::MembersView);
    key.owner_member_id.filter(|_| sees_members).map(|id| permit.path_to(&format!("members/{id}"))).unwrap_or_default()
}

/// The latest use by either secret.
fn last_use(used: &Use) -> (Option<Moment>, &str) {
    if used.previous_used_at > used.last_used_at {
        (used.previous_used_at, &used.previous_used_network)
    } else {
        (used.last_used_at, &used.last_used_network)
    }
}

fn limits(key: &Key) -> String {
    match (key.key_type(), key.minute_limit, key.day_limit) {
        (KeyType::AiAgent, Some(minute), Some(day)) => {
            format!("{} requests a minute, {} a day", grouped(minute.into()), grouped(day.into()))
        }
        _ => "None of its own".to_owned(),
    }
}

fn abilities(permit: &ViewPermit, key: &Key, used: &Use, role: Option<&Role>) -> Vec<Ability> {
    let product = permit.db().product();
    let one = |ability: &String| {
        let entry = catalog::find(product, ability);
        Ability {
            key: ability.clone(),
            sentence: entry.map_or("The product does not offer this at the moment.", |entry| entry.sentence).to_owned(),
            lacking: lacking(entry.as_ref(), role, permit),
            used: used.used_abilities.contains(ability),
        }
    };
    key.abilities.iter().map(one).collect()
}

/// Why an ability allows nothing at the moment: its role lacks it, or its module is closed.
fn lacking(entry: Option<&catalog::Entry<'_>>, role: Option<&Role>, permit: &ViewPermit) -> String {
    let holds = |entry: &&catalog::Entry<'_>| role.is_some_and(|role| role.permissions.contains(entry.permission));
    if entry.filter(holds).is_some() {
        return String::new();
    }
    let closed = entry.and_then(|entry| entry.closed_in(&permit.organization));
    let name = role.map(|role| role.name.as_str()).unwrap_or_default();
    closed.unwrap_or_else(|| format!("The role {name} does not allow it at the moment"))
}

fn secrets(key: &Key, used: &Use, now: Moment) -> Vec<SecretView> {
    let Some(until) = key.old_secret_until(now) else { return Vec::new() };
    let time = |at: Moment| TimeWords::new(at, now);
    vec![
        SecretView {
            label: "New secret",
            used: used.last_used_at.map(time),
            network: used.last_used_network.clone(),
            until: None,
        },
        SecretView {
            label: "Old secret",
            used: used.previous_used_at.map(time),
            network: used.previous_used_network.clone(),
            until: Some(time(until)),
        },
    ]
}
