//! `/mailbox`, `/mailbox/{id}` and the HTML part by itself.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use crate::access::Visitor;
use crate::clock::Moment;
use crate::db::types::is_plain;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::mail::{self, Letter, Message, OutboxRow};
use crate::web::frame::Public;
use crate::web::pagination::PAGE_SIZE;
use crate::web::words::TimeWords;
use crate::web::{Console, page, query_encoded};

/// Mails may hold styles of their own, as mail programs expect; scripts and pictures they may not.
const HTML_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    to: String,
    before: String,
}

struct MailLine {
    href: String,
    subject: &'static str,
    recipient: String,
    at: TimeWords,
}

#[derive(Template)]
#[template(path = "mailbox/list.html")]
struct ListPage {
    page: Public,
    to: String,
    lines: Vec<MailLine>,
    older: String,
}

/// `GET /mailbox`
pub async fn list(request: HttpRequest, console: web::Data<Console>, visitor: Visitor) -> Result<HttpResponse> {
    only_where_shown(&console)?;
    let query: ListQuery = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let to: String = query.to.trim().chars().filter(|c| is_plain(c.encode_utf8(&mut [0; 4]))).take(254).collect();
    let (wanted, before) = (to.to_ascii_lowercase(), place(&query.before));
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let rows = console.db.read(Scope::Nobody, move |connection| mail::queries::newest(connection, &wanted, before, limit));
    let rows = rows.await?;
    let shown = rows.get(..PAGE_SIZE.min(rows.len())).unwrap_or_default();
    let older = match shown.last().filter(|_| rows.len() > PAGE_SIZE) {
        Some(last) => format!("/mailbox?to={}&before={}~{}", query_encoded(&to), last.created_at.timestamp_micros(), last.id),
        None => String::new(),
    };
    let now = console.db.now();
    let lines = shown.iter().map(|row| line(row, now)).collect();
    page(&ListPage { page: visitor.page(), to, lines, older })
}

fn line(row: &OutboxRow, now: Moment) -> MailLine {
    MailLine {
        href: format!("/mailbox/{}", row.id),
        subject: kind_words(&row.message),
        recipient: row.recipient.clone(),
        at: TimeWords::new(row.created_at, now),
    }
}

fn kind_words(message: &Message) -> &'static str {
    match message {
        Message::Invitation { .. } => "Invitation",
        Message::InvitationWanted { .. } => "New invitation asked for",
        Message::KeyEnds { days: 0, .. } => "Key has expired",
        Message::KeyEnds { .. } => "Key expires soon",
        Message::KeyLeaked { .. } => "Key found in the open",
        Message::InvoiceIssued { .. } => "Invoice",
        Message::InvoiceOverdue { .. } => "Invoice is overdue",
        Message::BillingChanged { .. } => "Billing has changed",
        Message::BillingNotice { .. } => "Notice about billing",
        Message::EmailConfirmation { .. } => "Confirm an address",
        Message::PasswordReset { .. } => "Set a new password",
        Message::PasswordChanged { .. } => "Password changed",
        Message::EmailChanged { .. } => "Address changed",
    }
}

/// Time and id of the row that the page ends before.
fn place(text: &str) -> Option<(Moment, Uuid)> {
    let (micros, id) = text.split_once('~')?;
    Some((Moment::from_timestamp_micros(micros.parse().ok()?)?, Uuid::try_parse(id).ok()?))
}

/// A piece of the text part: words, or a link.
struct Piece {
    text: String,
    is_link: bool,
}

#[derive(Template)]
#[template(path = "mailbox/mail.html")]
struct MailPage {
    page: Public,
    subject: String,
    from: String,
    recipient: String,
    at: TimeWords,
    /// Kind of badge and word.
    status: (&'static str, &'static str),
    note: String,
    /// The name of the file that goes with it; empty where none does.
    attachment: String,
    pieces: Vec<Piece>,
    html_href: String,
}

/// `GET /mailbox/{id}`
pub async fn show(console: web::Data<Console>, visitor: Visitor, id: web::Path<String>) -> Result<HttpResponse> {
    only_where_shown(&console)?;
    let row = found(&console.db, &id).await?;
    let rendered = mail::render(&console.db, &console.config, &row).await?;
    let note = rendered.unwanted.map(|reason| format!("This mail would not be sent any more. {reason}")).unwrap_or_default();
    let attached = |letter: &Letter| letter.attachment.as_ref().map(|file| file.name.clone()).unwrap_or_default();
    let (subject, text, attachment) = match rendered.letter {
        Some(letter) => (letter.subject.clone(), letter.text.clone(), attached(&letter)),
        None => (kind_words(&row.message).to_owned(), String::new(), String::new()),
    };
    page(&MailPage {
        page: visitor.page(),
        subject,
        from: console.config.mail_from.to_string(),
        at: TimeWords::new(row.created_at, console.db.now()),
        status: row.progress.delivery(false).badge(),
        note,
        attachment,
        html_href: if text.is_empty() { String::new() } else { format!("/mailbox/{}/html", row.id) },
        pieces: pieces(&text, &console.config.origin()),
        recipient: row.recipient,
    })
}

/// `GET /mailbox/{id}/html`
pub async fn show_html(console: web::Data<Console>, id: web::Path<String>) -> Result<HttpResponse> {
    only_where_shown(&console)?;
    let row = found(&console.db, &id).await?;
    let letter = mail::render(&console.db, &console.config, &row).await?.letter.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, HTML_POLICY))
        .body(letter.html))
}

fn only_where_shown(console: &Console) -> Result<()> {
    if console.config.shows_mailbox() { Ok(()) } else { Err(AppError::NotFound) }
}

async fn found(db: &Db, id: &str) -> Result<OutboxRow> {
    let id = Uuid::try_parse(id).map_err(|_| AppError::NotFound)?;
    db.read(Scope::Nobody, move |connection| mail::queries::by_id(connection, id)).await
}

/// Cuts a text at the links to this console.
fn pieces(text: &str, origin: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, from_link)) = rest.find(origin).and_then(|at| rest.split_at_checked(at)) {
        let end = from_link.find(char::is_whitespace).unwrap_or(from_link.len());
        let Some((link, after)) = from_link.split_at_checked(end) else { break };
        pieces.push(Piece { text: words.to_owned(), is_link: false });
        pieces.push(Piece { text: link.to_owned(), is_link: true });
        rest = after;
    }
    pieces.push(Piece { text: rest.to_owned(), is_link: false });
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn links_stand_apart_from_the_words_around_them() {
        let cut = pieces("Open\nhttp://localhost:1/a/b\nnow", "http://localhost:1");
        let shown: Vec<(&str, bool)> = cut.iter().map(|piece| (piece.text.as_str(), piece.is_link)).collect();
        assert_eq!(shown, [("Open\n", false), ("http://localhost:1/a/b", true), ("\nnow", false)]);
    }
}
