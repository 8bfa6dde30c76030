//! `/o/{slug}/invites`

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::invitation::{Status, copied_link};
use super::super::queries::{self, Counts, Listed, Tab};
use super::super::reach::Reach;
use super::super::story::delivery;
use crate::access::{Permit, Role, rights};
use crate::clock::Moment;
use crate::error::Result;
use crate::web::frame::Frame;
use crate::web::pagination::{Cursor, Page, PageLinks};
use crate::web::words::{TimeWords, count, grouped};
use crate::web::{Console, page, query};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    status: String,
    after: String,
    before: String,
}

struct TabView {
    label: &'static str,
    href: String,
    count: String,
    current: bool,
}

struct Row {
    email: String,
    role: String,
    href: String,
    status: &'static str,
    badge: &'static str,
    delivery: String,
    invited_by: String,
    sent: TimeWords,
    /// Only of an invitation that may still end, or has ended, by time.
    expires: Option<TimeWords>,
    may_resend: bool,
    may_revoke: bool,
    generation: i32,
    link: String,
}

#[derive(Template)]
#[template(path = "invites/list.html")]
struct ListPage {
    frame: Frame,
    tabs: Vec<TabView>,
    rows: Vec<Row>,
    new: String,
    summary: String,
    empty_title: &'static str,
    empty_words: &'static str,
    previous: String,
    next: String,
}

/// `GET /o/{slug}/invites`
pub async fn show(
    mut permit: Permit<rights::InviteMembers>,
    console: web::Data<Console>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let query: ListQuery = query(&request);
    let tab = Tab::from_key(&query.status).unwrap_or(Tab::All);
    let cursor = Cursor::parse(&query.after, &query.before);
    let place = cursor.clone();
    let organization = permit.organization.clone();
    let found = permit.read(move |org| {
        let (counts, rows) = (queries::counts(org)?, queries::page(org, tab, &place)?);
        Ok((counts, rows, org.roles(&organization)?, org.now()))
    });
    let (counts, rows, roles, now) = found.await?;
    let rows = Page::from_rows(rows, &cursor);
    let links = rows.links(&address(&permit.path_to("invites"), tab), Listed::key);
    let (organization_id, reach) = (permit.organization.id, Reach::of_reader(&permit));
    let view = |row: &Listed| {
        let link = copied_link(&console.config, organization_id, row.id, row.generation);
        let role = roles.iter().find(|role| role.id == row.role_id);
        let href = permit.path_to(&format!("invites/{}", row.id));
        row_view(row, &reach, role, href, delivery(row, &console.config), link, now)
    };
    page(&list_page(&permit, tab, &counts, rows.rows.iter().map(view).collect(), links))
}

fn list_page(permit: &Permit<rights::InviteMembers>, tab: Tab, counts: &Counts, rows: Vec<Row>, links: PageLinks) -> ListPage {
    let invites = permit.path_to("invites");
    let tab_view = |one: Tab| TabView {
        label: one.word(),
        href: address(&invites, one),
        count: grouped(counts.of(one)),
        current: one == tab,
    };
    let (empty_title, empty_words) = empty(tab);
    let shown = i64::try_from(rows.len()).unwrap_or_default();
    ListPage {
        frame: permit.frame(),
        tabs: Tab::ALL.into_iter().map(tab_view).collect(),
        summary: count(shown, "invitation on this page", "invitations on this page"),
        rows,
        new: permit.path_to("invites/new"),
        empty_title,
        empty_words,
        previous: links.previous.unwrap_or_default(),
        next: links.next.unwrap_or_default(),
    }
}

fn address(invites: &str, tab: Tab) -> String {
    if tab == Tab::All { invites.to_owned() } else { format!("{invites}?status={}", tab.key()) }
}

fn row_view(row: &Listed, reach: &Reach, role: Option<&Role>, href: String, delivery: String, link: String, now: Moment) -> Row {
    let status = Status::at(&row.status, row.expires_at, now);
    let pending = status == Status::Pending;
    Row {
        email: row.email.clone(),
        role: row.role.clone(),
        href,
        status: status.word(),
        badge: status.badge(),
        delivery: if pending { delivery } else { String::new() },
        invited_by: row.invited_by.clone(),
        sent: TimeWords::new(row.sent_at, now),
        expires: status.may_resend().then(|| TimeWords::new(row.expires_at, now)),
        may_resend: status.may_resend() && reach.may_send(role),
        may_revoke: pending && reach.may_revoke(role, row.invited_by_account_id),
        generation: row.generation,
        link: if pending { link } else { String::new() },
    }
}

fn empty(tab: Tab) -> (&'static str, &'static str) {
    match tab {
        Tab::All => ("Nobody has been invited yet", "Invite people by mail, or copy a link and pass it on yourself."),
        Tab::Pending => ("No invitation is pending", "Invitations wait here for 14 days until somebody accepts them."),
        Tab::Accepted => ("No invitation was accepted yet", "Who accepts an invitation becomes a member and is listed here."),
        Tab::Expired => ("No invitation has expired", "An invitation that nobody accepts within 14 days ends up here."),
        Tab::Revoked => ("No invitation was revoked", "Invitations that you take back, or that people decline, are listed here."),
    }
}
