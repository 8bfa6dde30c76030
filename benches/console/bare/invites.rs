//! The bare list of invitations: the template's block of content.

use actix_web::{HttpResponse, web};
use askama::Template;
use roster::clock::Moment;
use roster::invites::invitation::Status;
use roster::invites::queries::{self, Listed, Tab};
use roster::secret::{Link, LinkKind, SecretKeys};
use roster::web::pagination::{Cursor, Page};
use roster::web::words::TimeWords;
use uuid::Uuid;

use super::{Door, html};
use crate::data::ACME;

struct TabView {
    label: &'static str,
    href: String,
    count: &'static str,
    current: bool,
}

struct Row {
    email: String,
    role: String,
    href: String,
    status: &'static str,
    badge: &'static str,
    delivery: &'static str,
    invited_by: String,
    sent: TimeWords,
    expires: Option<TimeWords>,
    may_resend: bool,
    may_revoke: bool,
    generation: i32,
    link: String,
}

#[derive(Template)]
#[template(path = "invites/list.html", block = "content")]
struct List {
    tabs: Vec<TabView>,
    rows: Vec<Row>,
    new: String,
    summary: String,
    empty_title: &'static str,
    empty_words: &'static str,
    previous: String,
    next: String,
}

pub async fn show(door: web::Data<Door>, keys: web::Data<SecretKeys>) -> HttpResponse {
    let read = door.read(|org| Ok((queries::page(org, Tab::All, &Cursor::First)?, org.now())));
    let (rows, now) = read.await.unwrap();
    let rows = Page::from_rows(rows, &Cursor::First);
    let path = format!("/o/{ACME}/invites");
    html(&List {
        tabs: Tab::ALL
            .into_iter()
            .map(|tab| TabView {
                label: tab.word(),
                href: format!("{path}?status={}", tab.key()),
                count: "1,000+",
                current: false,
            })
            .collect(),
        new: format!("{path}/new"),
        summary: format!("{} invitations on this page", rows.rows.len()),
        empty_title: "",
        empty_words: "",
        previous: String::new(),
        next: rows.links(&path, Listed::key).next.unwrap_or_default(),
        rows: rows.rows.iter().map(|row| view(row, &path, &keys, now)).collect(),
    })
}

fn view(row: &Listed, path: &str, keys: &SecretKeys, now: Moment) -> Row {
    let status = Status::at(&row.status, row.expires_at, now);
    let pending = status == Status::Pending;
    let link = Link { kind: LinkKind::InvitationCopied, owner: Uuid::nil(), id: row.id, generation: 1 };
    Row {
        email: row.email.clone(),
        role: row.role.clone(),
        href: format!("{path}/{}", row.id),
        status: status.word(),
        badge: status.badge(),
        delivery: "",
        invited_by: row.invited_by.clone(),
        sent: TimeWords::new(row.sent_at, now),
        expires: status.may_resend().then(|| TimeWords::new(row.expires_at, now)),
        may_resend: status.may_resend(),
        may_revoke: pending,
        generation: row.generation,
        link: if pending { format!("http://localhost:8080/invitations/{}", keys.sign(&link)) } else { String::new() },
    }
}
