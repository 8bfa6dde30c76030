//! `/o/{slug}/activity`

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::queries::{self, EventRow, Filter, Lately, Person};
use super::{Day, Reach};
use crate::access::policy::Permission;
use crate::access::{OrgConn, Permit, rights};
use crate::audit::KINDS;
use crate::error::Result;
use crate::web::frame::Frame;
use crate::web::pagination::{Cursor, Page, PageLinks};
use crate::web::words::count;
use crate::web::{page, query};

/// How the address names changes made without an account.
const NOBODY: &str = "nobody";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    person: String,
    kind: String,
    after: String,
    before: String,
}

impl Asked {
    /// What is no person and no kind filters nothing.
    fn filter(&self) -> Filter {
        let person = match self.person.as_str() {
            NOBODY => Person::Nobody,
            text => text.parse().map_or(Person::Anybody, Person::Account),
        };
        Filter { person, kind: KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == self.kind) }
    }
}

struct Choice {
    value: String,
    label: String,
    selected: bool,
}

#[derive(Template)]
#[template(path = "activity/list.html")]
struct ActivityPage {
    frame: Frame,
    path: String,
    people: Vec<Choice>,
    kinds: Vec<Choice>,
    filtered: bool,
    /// Not the newest page.
    later: bool,
    days: Vec<Day>,
    links: PageLinks,
    /// `90 days`, where the plan shows no more and there is more; else empty.
    shown: String,
    /// Where another plan is chosen; empty for who may not.
    plans_path: String,
}

/// `GET /o/{slug}/activity`
pub async fn list(mut permit: Permit<rights::ViewActivity>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let (filter, cursor) = (asked.filter(), Cursor::parse(&asked.after, &asked.before));
    let (wanted, from) = (filter.clone(), cursor.clone());
    let plan = permit.organization.plan.clone();
    let (rows, lately, reach) = permit.read(move |org| read(org, &plan, &wanted, &from)).await?;
    let rows = Page::from_rows(rows, &cursor);
    let path = permit.path_to("activity");
    page(&ActivityPage {
        people: people(&filter, lately.actors, &rows.rows),
        kinds: kinds(&filter),
        filtered: filter != Filter::default(),
        later: cursor != Cursor::First,
        days: Day::group(&rows.rows, &permit.organization.slug, permit.db().now()),
        links: rows.links(&address(&path, &filter), EventRow::key),
        shown: reach.days.filter(|_| lately.hides).map(|days| count(days, "day", "days")).unwrap_or_default(),
        plans_path: plans_path(&permit),
        path,
        frame: permit.frame(),
    })
}

/// A page of the log as far as the plan shows it.
fn read(org: &mut OrgConn<'_>, plan: &str, filter: &Filter, cursor: &Cursor) -> Result<(Vec<EventRow>, Lately, Reach)> {
    let reach = Reach::of(org, plan);
    Ok((queries::page(org, reach, filter, cursor)?, queries::lately(org, reach)?, reach))
}

fn plans_path(permit: &Permit<rights::ViewActivity>) -> String {
    let manages = permit.standing.permissions.contains(Permission::BillingManage);
    if manages { permit.path_to("billing/plans") } else { String::new() }
}

fn address(path: &str, filter: &Filter) -> String {
    let person = match filter.person {
        Person::Anybody => String::new(),
        Person::Account(id) => id.to_string(),
        Person::Nobody => NOBODY.to_owned(),
    };
    let named = [("person", person.as_str()), ("kind", filter.kind.unwrap_or_default())];
    let parts: Vec<String> =
        named.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

fn people(filter: &Filter, mut actors: Vec<(uuid::Uuid, String)>, rows: &[EventRow]) -> Vec<Choice> {
    // Somebody who did nothing lately is named by what they did.
    if let Person::Account(id) = filter.person
        && actors.iter().all(|(known, _)| *known != id)
    {
        let name = rows.first().map_or_else(|| "Somebody else".to_owned(), |row| row.actor_name.clone());
        actors.push((id, name));
    }
    let choice = |value: &str, label: &str, person: Person| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: filter.person == person,
    };
    let mut choices = vec![choice("", "Everybody", Person::Anybody)];
    choices.extend(actors.iter().map(|(id, name)| choice(&id.to_string(), name, Person::Account(*id))));
    choices.push(choice(NOBODY, "Without an account", Person::Nobody));
    choices
}

fn kinds(filter: &Filter) -> Vec<Choice> {
    let all = Choice { value: String::new(), label: "Everything".to_owned(), selected: filter.kind.is_none() };
    let one = |(kind, words): &(&str, &str)| Choice {
        value: (*kind).to_owned(),
        label: (*words).to_owned(),
        selected: filter.kind == Some(*kind),
    };
    std::iter::once(all).chain(KINDS.iter().map(one)).collect()
}
