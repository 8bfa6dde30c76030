//! `/o/{slug}/members`

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::rows::{Row, RowChoices, Rows};
use super::{assignable, may};
use crate::access::policy::Permission;
use crate::access::{Organization, Permit, Role, rights};
use crate::error::Result;
use crate::members::list_query::Listed;
use crate::members::listing::{Listing, Sort};
use crate::members::member::{Status, searched_words};
use crate::members::queries;
use crate::web::forms::{Choice, retyped};
use crate::web::frame::Frame;
use crate::web::pagination::{Cursor, Page, PageLinks};
use crate::web::words::{count, grouped};
use crate::web::{page, query, query_encoded};

/// What the address asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    search: String,
    role: String,
    status: String,
    sort: String,
    direction: String,
    after: String,
    before: String,
}

impl Asked {
    /// What is asked for; of filters and order only what there is.
    fn listing(&self) -> Listing {
        Listing {
            words: searched_words(&self.search),
            role_ids: Uuid::try_parse(&self.role).into_iter().collect(),
            status: Status::from_key(&self.status),
            sort: Sort::from_key(&self.sort).unwrap_or_default(),
            descending: self.direction == "desc",
            cursor: Cursor::parse(&self.after, &self.before),
        }
    }

    /// The list from its first row on, with the same filters in some order.
    fn address(&self, path: &str, listing: &Listing, sort: Sort, descending: bool) -> String {
        let role = listing.role_ids.first().map(Uuid::to_string).unwrap_or_default();
        let parameters = [
            ("search", self.search.trim()),
            ("role", role.as_str()),
            ("status", listing.status.map_or("", Status::key)),
            ("sort", if sort == Sort::default() && !descending { "" } else { sort.key() }),
            ("direction", if descending { "desc" } else { "" }),
        ];
        let given = parameters.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = given.map(|(name, value)| format!("{name}={}", query_encoded(value))).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// The head of a column; one that cannot be sorted by leads nowhere.
struct Head {
    label: &'static str,
    href: String,
    direction: &'static str,
    kind: &'static str,
}

/// What can be done to several at once.
struct Bulk {
    roles: Vec<Choice>,
    may_manage: bool,
}

#[derive(Template)]
#[template(path = "members/list.html")]
struct ListPage {
    frame: Frame,
    count: String,
    path: String,
    /// Empty for who may not invite.
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
    /// Whether the reader is the only one here.
    alone: bool,
    /// What nobody matches; empty where nothing was searched or filtered.
    looked_for: String,
}

/// `GET /o/{slug}/members`
pub async fn show(mut permit: Permit<rights::ViewMembers>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let asked = Asked { search: retyped(&asked.search), ..asked };
    let (mut listing, organization) = (asked.listing(), permit.organization.clone());
    let (roles, listing, found) = permit
        .read(move |org| {
            let roles = org.roles(&organization)?;
            listing.role_ids.retain(|id| roles.iter().any(|role| role.id == *id));
            let found = queries::list(org, &listing, &roles)?;
            Ok((roles, listing, found))
        })
        .await?;
    page(&list_page(&permit, asked, &listing, &roles, found))
}

fn list_page(
    permit: &Permit<rights::ViewMembers>,
    asked: Asked,
    listing: &Listing,
    roles: &[Role],
    found: Vec<Listed>,
) -> ListPage {
    let found = Page::from_rows(found, &listing.cursor);
    let (rows, now) = (Rows::new(permit, roles, &found.rows), permit.db().now());
    let path = permit.path_to("members");
    let address = asked.address(&path, listing, listing.sort, listing.descending);
    let too_many_to_sort = found.rows.iter().any(|row| row.term.is_some());
    let narrowed = !listing.words.is_empty() || !listing.role_ids.is_empty() || listing.status.is_some();
    let invite_href = may(permit.standing, Permission::MembersInvite).then(|| permit.path_to("invites/new"));
    ListPage {
        count: grouped(everybody(&permit.organization)),
        invite_href: invite_href.unwrap_or_default(),
        sort: if asked.sort.is_empty() { "" } else { listing.sort.key() },
        direction: if listing.descending { "desc" } else { "" },
        roles: role_filter(roles, listing),
        statuses: status_filter(listing),
        heads: heads(&asked, &path, listing, too_many_to_sort),
        summary: summary(found.rows.len(), narrowed, &permit.organization),
        links: found.links(&address, |row| listing.place_of(row)),
        rows: found.rows.iter().map(|row| rows.row(row, now)).collect(),
        too_many_to_sort,
        bulk: bulk(permit, roles),
        alone: !narrowed && everybody(&permit.organization) == 1,
        looked_for: if narrowed { looked_for(&asked, listing, roles) } else { String::new() },
        search: asked.search,
        path,
        frame: permit.frame(),
    }
}

fn everybody(organization: &Organization) -> i64 {
    i64::from(organization.active_members) + i64::from(organization.inactive_members) + i64::from(organization.invited_members)
}

fn summary(shown: usize, narrowed: bool, organization: &Organization) -> String {
    let shown = i64::try_from(shown).unwrap_or_default();
    if narrowed {
        return format!("{} shown", count(shown, "member", "members"));
    }
    format!("{} of {}", grouped(shown), count(everybody(organization), "member", "members"))
}

fn role_filter(roles: &[Role], listing: &Listing) -> Vec<Choice> {
    let all = Choice::new("", "All roles", listing.role_ids.is_empty());
    let one = |role: &Role| Choice::new(role.id, role.name.as_str(), listing.role_ids.contains(&role.id));
    std::iter::once(all).chain(roles.iter().map(one)).collect()
}

fn status_filter(listing: &Listing) -> Vec<Choice> {
    let all = Choice::new("", "All statuses", listing.status.is_none());
    let one = |status: Status| Choice::new(status.key(), status.word(), listing.status == Some(status));
    std::iter::once(all).chain(Status::ALL.into_iter().map(one)).collect()
}

/// A column that the list is sorted by turns around.
fn heads(asked: &Asked, path: &str, listing: &Listing, too_many_to_sort: bool) -> Vec<Head> {
    let head = |sort: Sort| {
        let current = sort == listing.sort && !too_many_to_sort;
        let href = asked.address(path, listing, sort, current && !listing.descending);
        Head {
            label: sort.label(),
            href: if too_many_to_sort { String::new() } else { href },
            direction: match (current, listing.descending) {
                (false, _) => "",
                (true, false) => "ascending",
                (true, true) => "descending",
            },
            kind: if sort.is_by_time() { "cell-optional" } else { "" },
        }
    };
    Sort::ALL.into_iter().map(head).collect()
}

fn bulk(permit: &Permit<rights::ViewMembers>, roles: &[Role]) -> Option<Bulk> {
    let may_manage = may(permit.standing, Permission::MembersManage);
    let roles = if may(permit.standing, Permission::MembersAssignRole) { assignable(permit.standing, roles) } else { Vec::new() };
    (may_manage || !roles.is_empty()).then_some(Bulk { roles, may_manage })
}

/// `No member matches` …
fn looked_for(asked: &Asked, listing: &Listing, roles: &[Role]) -> String {
    let role = roles.iter().find(|role| listing.role_ids.contains(&role.id)).map(|role| format!("the role {}", role.name));
    let status = listing.status.map(|status| format!("the status {}", status.word()));
    let search = Some(asked.search.trim()).filter(|text| !text.is_empty()).map(|text| format!("“{text}”"));
    [search, role, status].into_iter().flatten().collect::<Vec<_>>().join(" with ")
}
