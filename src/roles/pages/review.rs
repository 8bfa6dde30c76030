//! Between the form of a role and its being saved: who gains and who loses what; and both versions side by side, where
//! somebody else was faster.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use uuid::Uuid;

use super::super::definition::{Definition, Difference};
use super::super::queries::{self, Holders};
use super::fields::RoleForm;
use crate::access::catalog::{self, Entry};
use crate::access::policy::Permission;
use crate::access::{Permit, Role, rights};
use crate::error::Result;
use crate::keys;
use crate::keys::queries::Losing;
use crate::sessions::effect::{self, Concerned, Reached};
use crate::web::frame::Frame;
use crate::web::words::{TimeWords, count, grouped};
use crate::web::{page, page_with};

type ManagePermit = Permit<rights::ManageRoles>;

/// Names that the page lists.
const NAMED: i64 = 20;

/// A change of the role itself: what it was, what it becomes.
struct Change {
    label: &'static str,
    from: String,
    to: String,
}

/// `12 people lose billing.view`, and what that is.
struct Line {
    words: String,
    sentence: String,
}

#[derive(Template)]
#[template(path = "roles/review.html")]
struct ReviewPage {
    frame: Frame,
    name: String,
    changes: Vec<Change>,
    lost: Vec<Line>,
    gained: Vec<Line>,
    /// `2 keys lose keys.create`
    keys: Vec<String>,
    level_words: String,
    people: Vec<(String, String)>,
    and_more: String,
    others: String,
    is_own: bool,
    effective: String,
    /// Whether others hold it by now than those whom the page named before.
    changed_meanwhile: bool,
    /// The version of those whom the page names.
    holders: String,
    form: RoleForm,
    action: String,
}

/// What saving would change. Nothing is changed yet.
pub async fn review(mut permit: ManagePermit, before: Role, new: Definition, form: &RoleForm) -> Result<HttpResponse> {
    let id = before.id;
    // Names are for who may see the members.
    let named = if permit.standing.permissions.contains(Permission::MembersView) { NAMED } else { 0 };
    let product = Arc::clone(permit.db().product());
    let difference = Difference::between(&before, &new, &product);
    let taken: Vec<String> = difference.lost.iter().map(|entry| entry.key.to_owned()).collect();
    let (holders, people, reached, keys) = permit
        .read(move |org| {
            let (holders, people) = (queries::holders_of(org, id)?, queries::first_holders(org, id, named)?);
            let keys = keys::queries::losing(org, id, &taken)?;
            Ok((holders, people, effect::reached(org, &Concerned::HoldersOf(id))?, keys))
        })
        .await?;
    let active = i64::from(holders.active_members);
    let lines = |entries: &[Entry<'_>], verbs| entries.iter().map(|entry| line(entry, active, verbs)).collect();
    let member = |(id, name): (Uuid, String)| (name, permit.path_to(&format!("members/{id}")));
    let more = active - i64::try_from(people.len()).unwrap_or_default();
    page(&ReviewPage {
        changes: changes(&difference),
        lost: lines(&difference.lost, ("loses", "lose")),
        gained: lines(&difference.gained, ("gains", "gain")),
        keys: keys.iter().map(keys_words).collect(),
        level_words: level_words(&difference),
        people: if difference.changes_people() { people.into_iter().map(member).collect() } else { Vec::new() },
        and_more: if more > 0 && named > 0 { format!("and {} more", grouped(more)) } else { String::new() },
        others: others(holders),
        is_own: permit.role.id == id,
        effective: effective(&difference, reached),
        changed_meanwhile: form.confirmed_holders().is_some(),
        holders: holders.version.to_string(),
        form: form.clone(),
        action: permit.path_to(&format!("roles/{id}")),
        name: before.name,
        frame: permit.frame(),
    })
}

fn line(entry: &Entry<'_>, people: i64, (one, many): (&str, &str)) -> Line {
    let words = match people {
        0 => format!("Whoever gets it {one} {}", entry.key),
        1 => format!("1 person {one} {}", entry.key),
        _ => format!("{} {many} {}", count(people, "person", "people"), entry.key),
    };
    Line { words, sentence: entry.sentence.to_owned() }
}

/// Keys stand as their owners do.
fn keys_words(losing: &Losing) -> String {
    let verb = if losing.keys == 1 { "loses" } else { "lose" };
    format!("{} {verb} {}", count(losing.keys, "key", "keys"), losing.ability)
}

fn changes(difference: &Difference<'_>) -> Vec<Change> {
    let change = |label, texts: &Option<(String, String)>| texts.clone().map(|(from, to)| Change { label, from, to });
    let level = difference.level.map(|(from, to)| (from.to_string(), to.to_string()));
    let all = [change("Name", &difference.name), change("Description", &difference.description), change("Level", &level)];
    all.into_iter().flatten().collect()
}

fn level_words(difference: &Difference<'_>) -> String {
    match difference.level {
        Some((from, to)) if to > from => {
            format!("At level {to} its holders reach further than at {from}, and fewer people reach them.")
        }
        Some((from, to)) => format!("At level {to} its holders reach less far than at {from}, and more people reach them."),
        None => String::new(),
    }
}

/// Who holds the role without having access.
fn others(holders: Holders) -> String {
    let inactive = (holders.inactive_members > 0)
        .then(|| count(holders.inactive_members.into(), "inactive member holds it", "inactive members hold it"));
    let invited = (holders.invited_members > 0)
        .then(|| count(holders.invited_members.into(), "invited person gets it by joining", "invited people get it by joining"));
    let parts: Vec<String> = [inactive, invited].into_iter().flatten().collect();
    let condition = if holders.invited_members > 0 { ", as long as who invited them may give it" } else { "" };
    if parts.is_empty() { String::new() } else { format!("Besides, {}{condition}.", parts.join(", and ")) }
}

fn effective(difference: &Difference<'_>, reached: Reached) -> String {
    if !difference.changes_people() {
        return "Nobody loses or gains anything by it.".to_owned();
    }
    if reached.people == 0 {
        return "Nobody with access holds this role, so nobody loses or gains anything right now.".to_owned();
    }
    let people = count(reached.people, "person", "people");
    if reached.sessions == 0 {
        let whom = if reached.people == 1 { "who is not" } else { "none of whom is" };
        return format!("It takes effect at once for {people}, {whom} signed in right now.");
    }
    let sessions = count(reached.sessions, "session", "sessions");
    format!("It takes effect with the next request of {people}, in {sessions}, without anybody signing in again.")
}

/// One property in both versions.
struct Side {
    label: &'static str,
    now: String,
    yours: String,
    differs: bool,
}

/// A permission that only one of the versions has, or both.
struct Both {
    key: String,
    now: bool,
    yours: bool,
}

#[derive(Template)]
#[template(path = "roles/conflict.html")]
struct ConflictPage {
    frame: Frame,
    name: String,
    by: String,
    at: TimeWords,
    sides: Vec<Side>,
    permissions: Vec<Both>,
    form: RoleForm,
    here: String,
}

/// Both versions, where somebody else saved the role since the reader saw it. Nothing is changed.
pub fn conflict(permit: ManagePermit, now: &Role, yours: &Definition, form: &RoleForm) -> Result<HttpResponse> {
    let side = |label, now: String, yours: String| Side { label, differs: now != yours, now, yours };
    let both = |entry: Entry<'_>| Both {
        key: entry.key.to_owned(),
        now: now.permissions.contains(entry.permission),
        yours: yours.permissions.contains(entry.permission),
    };
    let all = catalog::all(permit.db().product()).map(both);
    let view = ConflictPage {
        name: now.name.clone(),
        by: now.changed_by.clone(),
        at: TimeWords::new(now.changed_at, permit.db().now()),
        sides: vec![
            side("Name", now.name.clone(), yours.name.as_str().to_owned()),
            side("Description", now.description.clone(), yours.description.clone()),
            side("Level", now.level.to_string(), yours.level.to_string()),
        ],
        permissions: all.filter(|one| one.now || one.yours).collect(),
        form: RoleForm { version: now.version.to_string(), confirmed: String::new(), ..form.clone() },
        here: permit.path_to(&format!("roles/{}", now.id)),
        frame: permit.frame(),
    };
    page_with(StatusCode::CONFLICT, &view)
}
