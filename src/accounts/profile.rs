//! `/account`: everything of a person's own on one page. Its forms are handled in changes.rs and come back to this page
//! with their mistakes.

use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::pg::PgConnection;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::queries::{self, EventFacts, SessionFacts};
use super::waiting::{self, Waiting};
use crate::access::{Account, SignedIn, Visitor};
use crate::audit::{self, AccountEvent};
use crate::clock::Moment;
use crate::db::Scope;
use crate::error::{AppError, Result};
use crate::organizations::queries::{self as organizations, Mine};
use crate::sessions;
use crate::web::forms::FormErrors;
use crate::web::frame::{Public, color, initials};
use crate::web::words::TimeWords;
use crate::web::{Console, form_again, page};

#[derive(Template)]
#[template(path = "accounts/profile.html")]
struct ProfilePage {
    page: Public,
    name: String,
    email: String,
    confirmed: bool,
    /// Where a link waits to be opened that would change the address.
    wanted_email: String,
    typed: Typed,
    errors: FormErrors,
    sessions: Vec<SessionItem>,
    has_other_sessions: bool,
    organizations: Vec<OrganizationItem>,
    invitations: Vec<Waiting>,
    activity: Vec<ActivityItem>,
}

/// What stood in the forms that came back.
pub struct Typed {
    pub name: String,
    pub new_email: String,
}

struct SessionItem {
    client: String,
    started: TimeWords,
    seen: TimeWords,
    is_this: bool,
    end: String,
}

struct OrganizationItem {
    name: String,
    href: String,
    initials: String,
    color: u8,
    role: String,
    leave: String,
}

struct ActivityItem {
    sentence: String,
    symbol: &'static str,
    at: TimeWords,
}

/// `GET /account`
pub async fn show(console: web::Data<Console>, me: SignedIn, visitor: Visitor) -> Result<HttpResponse> {
    let typed = Typed { name: me.account.name.clone(), new_email: String::new() };
    page(&read(&console, &me, &visitor, typed, FormErrors::default()).await?)
}

/// The page with the mistakes of one of its forms.
pub async fn again(
    console: &Console,
    me: &SignedIn,
    visitor: &Visitor,
    typed: Typed,
    errors: FormErrors,
) -> Result<HttpResponse> {
    form_again(&read(console, me, visitor, typed, errors).await?)
}

async fn read(console: &Console, me: &SignedIn, visitor: &Visitor, typed: Typed, errors: FormErrors) -> Result<ProfilePage> {
    let (account, now) = (me.account.clone(), console.db.now());
    let rows = console.db.read(Scope::Account(account.id), move |connection| rows(connection, &account, now)).await?;
    let this = sessions::actions::id_of(&me.session);
    let sessions: Vec<SessionItem> = rows.sessions.into_iter().map(|facts| session_item(facts, this, now)).collect();
    Ok(ProfilePage {
        page: visitor.page(),
        name: me.account.name.clone(),
        email: me.account.email.clone(),
        confirmed: me.account.confirmed,
        wanted_email: rows.wanted_email.unwrap_or_default(),
        typed,
        errors,
        has_other_sessions: sessions.iter().any(|session| !session.is_this),
        sessions,
        organizations: rows.organizations.into_iter().map(organization_item).collect(),
        invitations: rows.invitations,
        activity: rows.events.into_iter().filter_map(|facts| activity_item(facts, now)).collect(),
    })
}

struct Rows {
    sessions: Vec<SessionFacts>,
    events: Vec<EventFacts>,
    wanted_email: Option<String>,
    organizations: Vec<Mine>,
    invitations: Vec<Waiting>,
}

fn rows(connection: &mut PgConnection, account: &Account, now: Moment) -> Result<Rows> {
    let snapshot = queries::snapshot(connection, account.id, now)?;
    Ok(Rows {
        sessions: from_json(snapshot.sessions)?,
        events: from_json(snapshot.events)?,
        wanted_email: snapshot.wanted_email,
        organizations: organizations::of_account(connection, account.id)?,
        invitations: waiting::list(connection, account, now)?,
    })
}

fn from_json<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| AppError::Internal(error.to_string()))
}

fn session_item(facts: SessionFacts, this: Uuid, now: Moment) -> SessionItem {
    SessionItem {
        is_this: facts.id == this,
        end: format!("/account/sessions/{}/end", facts.id),
        client: if facts.client.is_empty() { "Unknown browser".to_owned() } else { facts.client },
        started: TimeWords::new(facts.created_at, now),
        seen: TimeWords::new(facts.last_seen_at, now),
    }
}

fn organization_item(mine: Mine) -> OrganizationItem {
    OrganizationItem {
        initials: initials(&mine.name),
        color: color(mine.id),
        href: format!("/o/{}", mine.slug),
        leave: format!("/o/{}/leave", mine.slug),
        name: mine.name,
        role: mine.role,
    }
}

fn activity_item(facts: EventFacts, now: Moment) -> Option<ActivityItem> {
    let event = audit::read_account(&facts.kind, facts.data)?;
    let symbol = match event {
        AccountEvent::AccountCreated {} | AccountEvent::NameChanged { .. } => "account",
        AccountEvent::EmailConfirmed { .. } | AccountEvent::EmailChanged { .. } => "mail",
        AccountEvent::PasswordChanged {} | AccountEvent::PasswordReset {} => "lock",
        AccountEvent::SignedIn { .. } => "check",
        AccountEvent::SessionsEnded { .. } => "sign-out",
    };
    Some(ActivityItem { sentence: event.sentence(), symbol, at: TimeWords::new(facts.at, now) })
}
