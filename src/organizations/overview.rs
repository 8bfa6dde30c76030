//! `/o/{slug}`

use actix_web::HttpResponse;
use askama::Template;

use crate::access::policy::{Permission, Standing};
use crate::access::{OrgConn, Organization, Permit, catalog, rights};
use crate::activity::{self, Entry, Reach};
use crate::billing::way_up::{self, BY_REMOVING, WayUp, make_room};
use crate::error::Result;
use crate::web::frame::Frame;
use crate::web::page;
use crate::web::words::{count, grouped};

/// Lines of the log that the overview shows.
const LATEST: i64 = 10;

#[derive(Template)]
#[template(path = "organizations/overview.html")]
struct OverviewPage {
    frame: Frame,
    members_path: String,
    invites_path: String,
    activity_path: String,
    may: May,
    /// First steps, for who may take them, until they are taken.
    welcome: Option<Welcome>,
    people: People,
    /// None for whom the log is closed.
    latest: Option<Vec<Entry>>,
    role: MyRole,
}

/// What the page offers.
struct May {
    view: bool,
    invite: bool,
}

struct Welcome {
    email: String,
    confirmed: bool,
}

struct People {
    active: String,
    pending: String,
    free: String,
    used_slots: i32,
    /// None where there is no limit.
    slots: Option<i32>,
    slots_words: String,
    full: bool,
    /// What is to be done where no slot is free, and the page with the plans.
    room: Option<(String, String)>,
}

/// What I may do, and who could let me do more.
struct MyRole {
    name: String,
    allows: Vec<String>,
    helpers: Vec<Helper>,
}

struct Helper {
    name: String,
    role: String,
}

/// `GET /o/{slug}`
pub async fn show(mut permit: Permit<rights::BeMember>) -> Result<HttpResponse> {
    let (organization, reader) = (permit.organization.clone(), permit.standing);
    let (rows, helpers, way) = permit
        .read(move |org| {
            let way = way_to_slots(org, &organization, reader)?;
            if !reader.permissions.contains(Permission::ActivityView) {
                return Ok((None, org.granters(&organization, Permission::MembersView)?, way));
            }
            let reach = Reach::of(org, &organization.plan);
            Ok((Some(activity::queries::latest(org, reach, LATEST)?), Vec::new(), way))
        })
        .await?;
    let (slug, now) = (permit.organization.slug.clone(), permit.db().now());
    page(&OverviewPage {
        latest: rows.map(|rows| rows.iter().map(|row| Entry::new(row, &slug, now)).collect()),
        members_path: permit.path_to("members"),
        invites_path: permit.path_to("invites"),
        activity_path: permit.path_to("activity"),
        may: may(&permit),
        welcome: welcome(&permit),
        people: people(&permit.organization, way),
        role: my_role(&permit, helpers),
        frame: permit.frame(),
    })
}

/// How there come to be more slots, where none is free.
fn way_to_slots(org: &mut OrgConn<'_>, organization: &Organization, reader: Standing) -> Result<Option<WayUp>> {
    let is_full = organization.slots().is_some() && organization.free_slots() == 0;
    let is_shown = is_full && reader.permissions.contains(Permission::MembersView);
    is_shown.then(|| way_up::to_more_slots(org, organization, reader)).transpose()
}

fn may(permit: &Permit<rights::BeMember>) -> May {
    let permissions = permit.standing.permissions;
    May { view: permissions.contains(Permission::MembersView), invite: permissions.contains(Permission::MembersInvite) }
}

fn welcome(permit: &Permit<rights::BeMember>) -> Option<Welcome> {
    let Organization { active_members, inactive_members, invited_members, .. } = permit.organization;
    let alone = active_members <= 1 && inactive_members == 0 && invited_members == 0;
    (alone && may(permit).invite).then(|| Welcome { email: permit.account.email.clone(), confirmed: permit.account.confirmed })
}

fn people(organization: &Organization, way: Option<WayUp>) -> People {
    let used_slots = organization.active_members + organization.invited_members;
    let number = |count: i32| grouped(i64::from(count));
    People {
        active: number(organization.active_members),
        pending: number(organization.invited_members),
        free: match organization.slots() {
            Some(_) => count(i64::from(organization.free_slots()), "slot is free", "slots are free"),
            None => "There is no limit".to_owned(),
        },
        used_slots: used_slots.min(organization.member_limit),
        slots: organization.slots(),
        slots_words: match organization.slots() {
            Some(slots) => format!("{} of {}", number(used_slots), number(slots)),
            None => format!("{}, no limit", number(used_slots)),
        },
        full: organization.free_slots() == 0,
        room: way.map(|way| (make_room(organization, ("Remove somebody", BY_REMOVING.1), &way.words), way.plans)),
    }
}

fn my_role(permit: &Permit<rights::BeMember>, helpers: Vec<(String, String)>) -> MyRole {
    let held = catalog::all(permit.db().product()).filter(|entry| permit.standing.permissions.contains(entry.permission));
    MyRole {
        name: permit.role.name.clone(),
        allows: held.map(|entry| entry.sentence.to_owned()).collect(),
        helpers: helpers.into_iter().map(|(name, role)| Helper { name, role }).collect(),
    }
}
