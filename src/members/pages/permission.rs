//! `/o/{slug}/permissions/{key}`: who in the organization has one permission, and why.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::may;
use super::why::from_role;
use crate::access::catalog::{self, Entry};
use crate::access::policy::{AnyPermission, Permission};
use crate::access::{OrgConn, Organization, Permit, Role, rights};
use crate::error::{AppError, Result};
use crate::members::listing::{Listing, Sort};
use crate::members::{Member, Status, queries};
use crate::web::frame::{Frame, color, initials};
use crate::web::pagination::{Cursor, Page, PageLinks};
use crate::web::words::count;
use crate::web::{page, query};

/// Roles that the page names.
const NAMED: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
    before: String,
}

/// Somebody who has the permission.
struct Holder {
    name: String,
    href: String,
    email: String,
    initials: String,
    color: u8,
    reason: String,
}

/// A role that has it.
struct Having {
    name: String,
    /// Empty for readers who may not see roles.
    href: String,
}

#[derive(Template)]
#[template(path = "members/permission.html")]
struct PermissionPage {
    frame: Frame,
    key: String,
    sentence: String,
    roles: Vec<Having>,
    more_roles: String,
    people: Vec<Holder>,
    summary: String,
    links: PageLinks,
    back: String,
}

/// What was found: the roles that have the permission, and a page of the people who hold one of them.
struct Found {
    having: Vec<Role>,
    people: Vec<Member>,
    links: PageLinks,
}

/// `GET /o/{slug}/permissions/{key}`
pub async fn show(mut permit: Permit<rights::ViewMembers>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let key = request.match_info().get("key").unwrap_or_default();
    let product = Arc::clone(permit.db().product());
    let entry = catalog::find(&product, key).ok_or(AppError::NotFound)?;
    let (wanted, organization) = (entry.permission, permit.organization.clone());
    let (cursor, address) = (Cursor::parse(&asked.after, &asked.before), permit.path_to(&format!("permissions/{key}")));
    let found = permit.read(move |org| find(org, &organization, wanted, cursor, &address)).await?;
    page(&permission_page(&permit, entry, found))
}

fn find(
    org: &mut OrgConn<'_>,
    organization: &Organization,
    wanted: AnyPermission,
    cursor: Cursor,
    address: &str,
) -> Result<Found> {
    let roles = org.roles(organization)?;
    let having: Vec<Role> = roles.iter().filter(|role| role.permissions.contains(wanted)).cloned().collect();
    let role_ids = having.iter().map(|role| role.id).collect();
    let listing =
        Listing { words: Vec::new(), role_ids, status: Some(Status::Active), sort: Sort::Name, descending: false, cursor };
    let listed = Page::from_rows(queries::list(org, &listing, &having)?, &listing.cursor);
    let order: Vec<Uuid> = listed.rows.iter().map(|row| row.id).collect();
    let mut people: HashMap<Uuid, Member> =
        queries::by_ids(org, order.clone())?.into_iter().map(|member| (member.id, member)).collect();
    let people = order.iter().filter_map(|id| people.remove(id)).collect();
    Ok(Found { having, people, links: listed.links(address, |row| listing.place_of(row)) })
}

fn permission_page(permit: &Permit<rights::ViewMembers>, entry: Entry<'_>, found: Found) -> PermissionPage {
    let Found { having, people, links } = found;
    let sees_roles = may(permit.standing, Permission::RolesView);
    let named = |role: &Role| Having {
        name: role.name.clone(),
        href: if sees_roles { permit.path_to(&format!("roles/{}", role.id)) } else { String::new() },
    };
    let more = having.len().saturating_sub(NAMED);
    PermissionPage {
        key: entry.key.to_owned(),
        sentence: match entry.closed_in(&permit.organization) {
            Some(closed) => format!("{} {closed}", entry.sentence),
            None => entry.sentence.to_owned(),
        },
        roles: having.iter().take(NAMED).map(named).collect(),
        more_roles: if more > 0 { format!("and {more} more") } else { String::new() },
        summary: format!("{} on this page", count(i64::try_from(people.len()).unwrap_or_default(), "person", "people")),
        people: people.into_iter().map(|member| holder(permit, &member, &having)).collect(),
        links,
        back: permit.path_to("members"),
        frame: permit.frame(),
    }
}

fn holder(permit: &Permit<rights::ViewMembers>, member: &Member, roles: &[Role]) -> Holder {
    let role = roles.iter().find(|role| role.id == member.role_id).map(|role| role.name.as_str()).unwrap_or_default();
    Holder {
        name: member.display_name().to_owned(),
        href: permit.path_to(&format!("members/{}", member.id)),
        email: member.email.clone(),
        initials: initials(member.display_name()),
        color: color(member.account_id.unwrap_or(member.id)),
        reason: from_role(role, member.role_since, &member.role_given_by),
    }
}
