//! The bare list of members: the template's block of content, filled for the owner.

use std::collections::HashMap;
use std::rc::Rc;

use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::prelude::*;
use roster::access::policy::{Standing, Starter, may_assign, may_change_role};
use roster::access::{OrgConn, Role, RoleRow};
use roster::clock::Moment;
use roster::db::schema::roles;
use roster::members::Status;
use roster::members::list_query::Listed;
use roster::members::listing::{Listing, Sort};
use roster::members::member::searched_words;
use roster::members::queries;
use roster::web::forms::Choice;
use roster::web::frame::{color, initials};
use roster::web::pagination::{Cursor, Page, PageLinks};
use roster::web::words::TimeWords;
use serde::Deserialize;
use uuid::Uuid;

use super::{Door, html};
use crate::data::ACME;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Asked {
    search: String,
    after: String,
}

struct Head {
    label: &'static str,
    href: String,
    direction: &'static str,
    kind: &'static str,
}

struct Bulk {
    roles: Vec<Choice>,
    may_manage: bool,
}

struct Named {
    organization_name: &'static str,
}

/// As the page's own: a member's menu, or none.
enum RowChoices {
    Nothing,
    Menu(Rc<Vec<Choice>>),
    #[expect(dead_code, reason = "the organization of the benchmark has eight roles")]
    Elsewhere,
}

struct Row {
    id: Uuid,
    href: String,
    name: String,
    is_reader: bool,
    email: String,
    initials: String,
    color: u8,
    role: String,
    role_choices: RowChoices,
    role_id: Uuid,
    version: i32,
    status: &'static str,
    badge: &'static str,
    last_sign_in: Option<TimeWords>,
    joined: Option<TimeWords>,
    is_inactive: bool,
    may_deactivate: bool,
    may_activate: bool,
    may_remove: bool,
    invitation: String,
    may_send: bool,
}

#[derive(Template)]
#[template(path = "members/list.html", block = "content")]
struct List {
    frame: Named,
    path: String,
    invite_href: String,
    search: String,
    sort: &'static str,
    direction: &'static str,
    roles: Vec<Choice>,
    statuses: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    too_many_to_sort: bool,
    summary: String,
    links: PageLinks,
    bulk: Option<Bulk>,
    alone: bool,
    looked_for: String,
}

/// The roles, read once: only the list's own statement is part of the limit.
pub async fn roles(door: &Door) -> Vec<Role> {
    let all = |org: &mut OrgConn<'_>| {
        let of_organization = roles::table.filter(roles::organization_id.eq(org.organization_id()));
        let highest_first = of_organization.order((roles::level.desc(), roles::name_key.asc()));
        let rows = highest_first.select(RoleRow::as_select()).load(org.connection())?;
        Ok(rows.into_iter().map(|row| Role::of_row(row, org.product())).collect())
    };
    door.read(all).await.unwrap()
}

pub async fn show(door: web::Data<Door>, roles: web::Data<Vec<Role>>, asked: web::Query<Asked>) -> HttpResponse {
    let listing = Listing {
        words: searched_words(&asked.search),
        role_ids: Vec::new(),
        status: None,
        sort: Sort::Name,
        descending: false,
        cursor: Cursor::parse(&asked.after, ""),
    };
    let (wanted, known) = (listing.clone(), roles.clone());
    let (found, now) = door.read(move |org| Ok((queries::list(org, &wanted, &known)?, org.now()))).await.unwrap();
    html(&list(&roles, &listing, Page::from_rows(found, &listing.cursor), &asked.search, now))
}

fn list(roles: &[Role], listing: &Listing, found: Page<Listed>, search: &str, now: Moment) -> List {
    let path = format!("/o/{ACME}/members");
    let owner = Starter::Owner.standing();
    let choices: HashMap<Uuid, (&Role, Rc<Vec<Choice>>)> =
        roles.iter().map(|role| (role.id, (role, Rc::new(choices(owner, role, roles))))).collect();
    let address = if search.is_empty() { path.clone() } else { format!("{path}?search={search}") };
    let head = |sort: Sort| Head {
        label: sort.label(),
        href: format!("{path}?sort={}", sort.key()),
        direction: if sort == Sort::Name { "ascending" } else { "" },
        kind: if sort.is_by_time() { "cell-optional" } else { "" },
    };
    List {
        frame: Named { organization_name: ACME },
        invite_href: format!("/o/{ACME}/invites/new"),
        search: search.to_owned(),
        sort: "",
        direction: "",
        roles: all("All roles", roles.iter().map(|role| Choice::new(role.id, role.name.as_str(), false))),
        statuses: all("All statuses", Status::ALL.into_iter().map(|status| Choice::new(status.key(), status.word(), false))),
        heads: Sort::ALL.into_iter().map(head).collect(),
        too_many_to_sort: found.rows.iter().any(|row| row.term.is_some()),
        summary: format!("{} of 10,000 members", found.rows.len()),
        links: found.links(&address, |row| listing.place_of(row)),
        rows: found.rows.iter().map(|row| view(row, &choices, now)).collect(),
        bulk: Some(Bulk {
            roles: roles.iter().map(|role| Choice::new(role.id, role.name.as_str(), false)).collect(),
            may_manage: true,
        }),
        alone: false,
        looked_for: String::new(),
        path,
    }
}

fn all(label: &str, others: impl Iterator<Item = Choice>) -> Vec<Choice> {
    std::iter::once(Choice::new("", label, true)).chain(others).collect()
}

fn choices(actor: Standing, from: &Role, roles: &[Role]) -> Vec<Choice> {
    let offered = roles.iter().filter(|to| {
        to.id == from.id || (may_assign(actor, from.standing()) && may_change_role(actor, from.standing(), to.standing()))
    });
    offered.map(|to| Choice::new(to.id, to.name.as_str(), to.id == from.id)).collect()
}

fn view(row: &Listed, roles: &HashMap<Uuid, (&Role, Rc<Vec<Choice>>)>, now: Moment) -> Row {
    let status = Status::from_key(&row.status).unwrap();
    let (role, choices) = &roles[&row.role_id];
    let name = if row.name.is_empty() { row.email.clone() } else { row.name.clone() };
    let invitation = row.invitation_id.filter(|_| status == Status::Invited);
    Row {
        id: row.id,
        href: format!("/o/{ACME}/members/{}", row.id),
        is_reader: false,
        email: row.email.clone(),
        initials: initials(&name),
        color: color(row.account_id.unwrap_or(row.id)),
        name,
        role: role.name.clone(),
        role_choices: if choices.len() > 1 { RowChoices::Menu(choices.clone()) } else { RowChoices::Nothing },
        role_id: row.role_id,
        version: row.version,
        status: status.word(),
        badge: match status {
            Status::Active => "positive",
            Status::Inactive => "neutral",
            Status::Invited => "notice",
        },
        last_sign_in: row.last_sign_in_at.map(|at| TimeWords::new(at, now)),
        joined: row.joined_at.map(|at| TimeWords::new(at, now)),
        is_inactive: status == Status::Inactive,
        may_deactivate: status == Status::Active,
        may_activate: status == Status::Inactive,
        may_remove: status != Status::Invited,
        may_send: true,
        invitation: invitation.map(|id| format!("/o/{ACME}/invites/{id}")).unwrap_or_default(),
    }
}
