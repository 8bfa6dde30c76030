//! `/o/{slug}/keys`

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::key::searched;
use super::super::queries::{self, Aside, Filter, Listed};
use super::attention::{Attention, attention};
use super::badge;
use crate::access::key::{KeyStatus, KeyType, standing_of};
use crate::access::policy::{Permission, may_end_key, may_resume_key, may_rotate_key};
use crate::access::{Permit, Role, rights};
use crate::clock::Moment;
use crate::error::Result;
use crate::secret::KeyText;
use crate::web::forms::{Choice, retyped};
use crate::web::frame::Frame;
use crate::web::pagination::{Cursor, PAGE_SIZE, Page, PageLinks};
use crate::web::words::{TimeWords, count};
use crate::web::{page, query, query_encoded, see_other};

type ViewPermit = Permit<rights::ViewKeys>;

/// What the address asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    search: String,
    #[serde(rename = "type")]
    key_type: String,
    status: String,
    creator: String,
    after: String,
    before: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            key_type: KeyType::from_key(&self.key_type),
            status: KeyStatus::from_key(&self.status),
            creator: Uuid::try_parse(&self.creator).ok(),
            search: searched(&self.search),
        }
    }

    /// The list from its first row on, with the same filters.
    fn address(&self, path: &str, filter: &Filter) -> String {
        let creator = filter.creator.map(|id| id.to_string()).unwrap_or_default();
        let parameters = [
            ("search", self.search.trim()),
            ("type", filter.key_type.map_or("", KeyType::key)),
            ("status", filter.status.map_or("", KeyStatus::key)),
            ("creator", creator.as_str()),
        ];
        let given = parameters.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = given.map(|(name, value)| format!("{name}={}", query_encoded(value))).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// A key, ready to be shown.
struct Row {
    name: String,
    href: String,
    prefix: String,
    key_type: &'static str,
    abilities: usize,
    /// Their keys.
    all_abilities: String,
    created: TimeWords,
    created_by: String,
    last_used: Option<TimeWords>,
    expires: Option<TimeWords>,
    status: &'static str,
    badge: &'static str,
    is_ended: bool,
    may_pause: bool,
    may_resume: bool,
    may_rotate: bool,
    may_revoke: bool,
}

#[derive(Template)]
#[template(path = "keys/list.html")]
struct ListPage {
    frame: Frame,
    path: String,
    search: String,
    types: Vec<Choice>,
    statuses: Vec<Choice>,
    creators: Vec<Choice>,
    rows: Vec<Row>,
    summary: String,
    links: PageLinks,
    attention: Vec<Attention>,
    may_create: bool,
    narrowed: bool,
    /// Not the first page.
    later: bool,
}

/// `GET /o/{slug}/keys`
pub async fn show(mut permit: ViewPermit, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    // A secret does not stay in the address, nor in the links of the page.
    if let Some(key) = KeyText::parse(asked.search.trim()) {
        return Ok(see_other(&permit.path_to(&format!("keys?search={}", KeyText::prefix(key.id())))));
    }
    let asked = Asked { search: retyped(&asked.search), ..asked };
    let (filter, cursor) = (asked.filter(), Cursor::parse(&asked.after, &asked.before));
    let (wanted, from) = (filter.clone(), cursor.clone());
    let organization = permit.organization.clone();
    let (rows, aside, roles) = permit
        .read(move |org| {
            let rows = queries::page(org, &wanted, &from, PAGE_SIZE)?;
            Ok((rows, queries::aside(org)?, org.roles(&organization)?))
        })
        .await?;
    page(&list_page(&permit, asked, &filter, (Page::from_rows(rows, &cursor), &cursor), (&roles, &aside)))
}

fn list_page(
    permit: &ViewPermit,
    asked: Asked,
    filter: &Filter,
    (found, cursor): (Page<Listed>, &Cursor),
    (roles, aside): (&[Role], &[Aside]),
) -> ListPage {
    let (path, now) = (permit.path_to("keys"), permit.db().now());
    let (narrowed, later) = (*filter != Filter::default(), *cursor != Cursor::First);
    let shown = i64::try_from(found.rows.len()).unwrap_or_default();
    ListPage {
        types: choices("All types", filter.key_type, &KeyType::ALL.map(|one| (one, one.key(), one.word()))),
        statuses: choices("All statuses", filter.status, &KeyStatus::ALL.map(|one| (one, one.key(), one.word()))),
        creators: creators(filter, aside),
        rows: found.rows.iter().map(|row| shown_row(permit, row, roles, now)).collect(),
        summary: format!("{} shown", count(shown, "key", "keys")),
        links: found.links(&asked.address(&path, filter), Listed::place),
        attention: if narrowed || later { Vec::new() } else { attention(aside, &path, now) },
        may_create: permit.standing.permissions.contains(Permission::KeysCreate),
        narrowed,
        later,
        search: asked.search,
        path,
        frame: permit.frame(),
    }
}

fn shown_row(permit: &ViewPermit, row: &Listed, roles: &[Role], now: Moment) -> Row {
    let (status, is_own) = (row.status(now), row.owner_member_id == Some(permit.member_id));
    let may_end = status.is_live() && may_end_key(permit.standing, is_own);
    let role = roles.iter().find(|role| role.id == row.role_id).map(Role::standing);
    let standing = standing_of(&row.abilities, role, permit.db().product());
    let time = |at: Moment| TimeWords::new(at, now);
    Row {
        name: row.name.clone(),
        href: permit.path_to(&format!("keys/{}", row.id)),
        prefix: KeyText::prefix(row.id),
        key_type: KeyType::from_key(&row.key_type).map_or("", KeyType::word),
        abilities: row.abilities.len(),
        all_abilities: row.abilities.join(", "),
        created: time(row.created_at),
        created_by: row.created_by.clone(),
        last_used: row.last_used_at.map(time),
        expires: row.expires_at.map(time),
        status: status.word(),
        badge: badge(status),
        is_ended: !status.is_live(),
        may_pause: may_end && status == KeyStatus::Active,
        may_resume: status == KeyStatus::Paused && may_resume_key(permit.standing, standing, is_own),
        may_rotate: status.is_live() && may_rotate_key(permit.standing, standing, is_own),
        may_revoke: may_end,
    }
}

fn choices<T: Copy + PartialEq>(all: &str, chosen: Option<T>, offered: &[(T, &str, &str)]) -> Vec<Choice> {
    let one = |(value, key, word): &(T, &str, &str)| Choice::new(*key, *word, chosen == Some(*value));
    std::iter::once(Choice::new("", all, chosen.is_none())).chain(offered.iter().map(one)).collect()
}

/// Everybody who generated keys, by name; who is chosen stands there in any case.
fn creators(filter: &Filter, aside: &[Aside]) -> Vec<Choice> {
    let mut people: Vec<(Uuid, String)> =
        aside.iter().filter(|row| row.reason().is_none()).map(|row| (row.id, row.name.clone())).collect();
    people.sort_by_cached_key(|(_, name)| name.to_lowercase());
    if let Some(id) = filter.creator.filter(|id| people.iter().all(|(known, _)| known != id)) {
        people.push((id, "Somebody else".to_owned()));
    }
    let one = |(id, name): &(Uuid, String)| Choice::new(id, name.as_str(), filter.creator == Some(*id));
    std::iter::once(Choice::new("", "All creators", filter.creator.is_none())).chain(people.iter().map(one)).collect()
}
