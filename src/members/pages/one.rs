//! `/o/{slug}/members/{id}`

use std::collections::HashSet;

use actix_web::HttpResponse;
use askama::Template;
use uuid::Uuid;

use super::rows::badge;
use super::why::{WhyGroup, why};
use super::{MemberPath, may, member_id, role_choices};
use crate::access::key::KeyStatus;
use crate::access::policy::{Permission, may_activate, may_assign, may_manage, reaches};
use crate::access::{Permit, Role, catalog, rights};
use crate::activity::queries::EventRow;
use crate::activity::{self, Entry, Reach};
use crate::clock::Moment;
use crate::error::{AppError, Result};
use crate::members::queries::KeyLine;
use crate::members::{Member, Status, queries};
use crate::web::forms::Choice;
use crate::web::frame::Frame;
use crate::web::page;
use crate::web::words::TimeWords;

/// Lines of the latest activity.
const LATEST: usize = 10;
/// Keys that are listed; one more is read, to know that there are others.
const KEYS: usize = 10;

/// One of the member's keys.
struct KeyView {
    name: String,
    href: String,
    status: &'static str,
    badge: &'static str,
}

#[derive(Template)]
#[template(path = "members/one.html")]
struct MemberPage {
    frame: Frame,
    list: String,
    href: String,
    name: String,
    is_reader: bool,
    email: String,
    status: &'static str,
    badge: &'static str,
    sign_in_methods: &'static str,
    joined: Option<TimeWords>,
    last_sign_in: Option<TimeWords>,
    invited_by: String,
    role: String,
    role_choices: Vec<Choice>,
    /// Why the role is not the reader's to change, where they may change others.
    role_note: String,
    role_since: TimeWords,
    role_given_by: String,
    version: String,
    /// What the page is asked by name: `Dana`.
    first_name: String,
    why: Vec<WhyGroup>,
    permissions_path: String,
    /// Empty for readers who may not see roles.
    role_href: String,
    /// None for readers who may not see the activity log.
    activity: Option<Vec<Entry>>,
    /// None for readers who may not see keys.
    keys: Option<Vec<KeyView>>,
    more_keys_href: String,
    may_deactivate: bool,
    may_activate: bool,
    may_remove: bool,
    /// Address of the invitation, for an invited person whose reader may invite.
    invitation: String,
}

/// `GET /o/{slug}/members/{id}`
pub async fn show(mut permit: Permit<rights::ViewMembers>, path: MemberPath) -> Result<HttpResponse> {
    let id = member_id(&path)?;
    let sees_activity = may(permit.standing, Permission::ActivityView);
    let organization = permit.organization.clone();
    let (member, keys, roles, events) = permit
        .read(move |org| {
            let (member, keys) = queries::by_id_with_keys(org, id, KEYS as i64 + 1)?;
            let roles = org.roles(&organization)?;
            if !sees_activity {
                return Ok((member, keys, roles, Vec::new()));
            }
            let subjects = (id, member.invitation_id.unwrap_or_default());
            let account_id = member.account_id.unwrap_or_default();
            let reach = Reach::of(org, &organization.plan);
            let events = activity::queries::latest_around(org, reach, subjects, account_id, LATEST as i64)?;
            Ok((member, keys, roles, events))
        })
        .await?;
    let now = permit.db().now();
    let gone = member.status() == Status::Invited && member.invitation_expires_at.is_some_and(|end| end <= now);
    let role = roles.iter().find(|role| role.id == member.role_id).filter(|_| !gone).ok_or(AppError::NotFound)?;
    let latest = sees_activity.then(|| latest(&events, &permit.organization.slug, now));
    page(&member_page(&permit, &member, (role, &roles), latest, keys))
}

fn member_page(
    permit: &Permit<rights::ViewMembers>,
    member: &Member,
    (role, roles): (&Role, &[Role]),
    activity: Option<Vec<Entry>>,
    keys: Vec<KeyLine>,
) -> MemberPage {
    let (status, is_reader, now) = (member.status(), member.id == permit.member_id, permit.db().now());
    let manageable = may_manage(permit.standing, role.standing());
    let sees_roles = may(permit.standing, Permission::RolesView);
    let joined = status != Status::Invited;
    let invitation = member.invitation_id.filter(|_| !joined && may(permit.standing, Permission::MembersInvite));
    let time = |at: Moment| TimeWords::new(at, now);
    MemberPage {
        frame: permit.frame(),
        list: permit.path_to("members"),
        href: permit.path_to(&format!("members/{}", member.id)),
        name: member.display_name().to_owned(),
        is_reader,
        email: member.email.clone(),
        status: status.word(),
        badge: badge(status),
        sign_in_methods: if joined { "Password" } else { "None yet" },
        joined: member.joined_at.map(time),
        last_sign_in: member.last_sign_in_at.map(time),
        invited_by: member.invited_by.clone(),
        role: role.name.clone(),
        role_choices: if joined { role_choices(permit.standing, role, roles, is_reader) } else { Vec::new() },
        role_note: if joined { role_note(permit, role) } else { String::new() },
        role_since: time(member.role_since),
        role_given_by: member.role_given_by.clone(),
        version: member.version.to_string(),
        first_name: first_name(member).to_owned(),
        why: why(member, role, (roles, &permit.organization), permit.db().product()),
        permissions_path: permit.path_to("permissions"),
        role_href: if sees_roles { permit.path_to(&format!("roles/{}", role.id)) } else { String::new() },
        activity,
        more_keys_href: more_keys_href(permit, member, keys.len()),
        keys: may(permit.standing, Permission::KeysView).then(|| key_views(permit, keys)),
        may_deactivate: manageable && status == Status::Active && !is_reader,
        may_activate: may_activate(permit.standing, role.standing()) && status == Status::Inactive,
        may_remove: manageable && joined,
        invitation: invitation.map(|id| permit.path_to(&format!("invites/{id}"))).unwrap_or_default(),
    }
}

fn key_views(permit: &Permit<rights::ViewMembers>, keys: Vec<KeyLine>) -> Vec<KeyView> {
    let view = |(id, name, status): (Uuid, String, KeyStatus)| KeyView {
        name,
        href: permit.path_to(&format!("keys/{id}")),
        status: status.word(),
        badge: crate::keys::pages::badge(status),
    };
    keys.into_iter().take(KEYS).filter_map(|line| line.parts(permit.db().now())).map(view).collect()
}

/// Where the rest of the keys are listed; empty where all of them stand on the page.
fn more_keys_href(permit: &Permit<rights::ViewMembers>, member: &Member, keys: usize) -> String {
    let creator = member.account_id.filter(|_| keys > KEYS);
    creator.map(|id| permit.path_to(&format!("keys?creator={id}"))).unwrap_or_default()
}

fn role_note(permit: &Permit<rights::ViewMembers>, role: &Role) -> String {
    let (reader, standing) = (permit.standing, role.standing());
    if !may(reader, Permission::MembersAssignRole) || may_assign(reader, standing) {
        return String::new();
    }
    if !reaches(reader, role.level) {
        return "You cannot change it: your own role does not reach that far.".to_owned();
    }
    let what = catalog::lacking(permit.db().product(), role.permissions, reader.permissions);
    format!("You cannot change it: it allows more than yours does: {what}.")
}

/// `Dana`, of Dana Smith; an address as it is, where no name is known.
fn first_name(member: &Member) -> &str {
    member.name.split_whitespace().next().unwrap_or(&member.email)
}

/// The newest, each once.
fn latest(events: &[EventRow], slug: &str, now: Moment) -> Vec<Entry> {
    let mut seen: HashSet<Uuid> = HashSet::new();
    let once = events.iter().filter(|row| seen.insert(row.id));
    once.take(LATEST).map(|row| Entry::new(row, slug, now)).collect()
}
