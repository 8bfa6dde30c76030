//! `/invitation`: the invitation that the session carries, in every case.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::words::{Deed, words};
use crate::access::{Visitor, read_as};
use crate::clock::Moment;
use crate::db::Scope;
use crate::error::Result;
use crate::invites::actions;
use crate::invites::binding::{self, Bound};
use crate::invites::queries::{self, Landing};
use crate::invites::situation::{Facts, Situation, situation};
use crate::members;
use crate::web::frame::{Public, color, initials};
use crate::web::words::TimeWords;
use crate::web::{Console, page_with};

/// What the page shows.
pub struct Shown {
    pub bound: Bound,
    pub landing: Landing,
    pub situation: Situation,
    /// Whether the visitor is an active member of the organization, under whichever address.
    pub inside: bool,
    pub now: Moment,
}

/// The invitation that the session carries, as it is now; `None` without one.
pub async fn shown(console: &Console, visitor: &Visitor) -> Result<Option<Shown>> {
    let Some(bound) = binding::bound(&visitor.session) else { return Ok(None) };
    let account = visitor.account.clone();
    read_as(&console.db, bound.organization_id, move |org| {
        let Some(landing) = queries::landing(org, bound.invitation_id)? else { return Ok(None) };
        let membership = match &account {
            Some(account) => members::queries::by_account(org, account.id)?.map(|member| member.status()),
            None => None,
        };
        let ask = bound.mailed && account.is_none();
        let address_is_known = ask && queries::account_exists(org.connection(), &landing.invitation.email)?;
        let situation = situation(&Facts {
            invitation: &landing.invitation,
            bound: &bound,
            visitor: account.as_ref(),
            membership,
            address_is_known,
            full: landing.organization.active_members >= landing.organization.member_limit,
            now: org.now(),
        });
        let inside = membership == Some(members::Status::Active);
        Ok(Some(Shown { bound, landing, situation, inside, now: org.now() }))
    })
    .await
}

#[derive(Template)]
#[template(path = "invites/invitation.html")]
struct InvitationPage {
    page: Public,
    heading: String,
    lead: String,
    /// What went wrong with what was just sent; empty otherwise.
    alert: &'static str,
    initials: String,
    color: u8,
    /// Whether role, address and end of the invitation still matter.
    open: bool,
    role: String,
    email: String,
    until: TimeWords,
    message: String,
    deeds: Vec<Deed>,
    invitation: String,
    generation: i32,
}

/// The page of a situation.
pub fn answer(visitor: &Visitor, shown: &Shown, status: StatusCode, alert: &'static str) -> Result<actix_web::HttpResponse> {
    let Landing { invitation, organization, role } = &shown.landing;
    let words = words(shown, visitor.account.as_ref());
    page_with(
        status,
        &InvitationPage {
            page: visitor.page(),
            heading: words.heading,
            lead: words.lead,
            alert,
            initials: initials(&organization.name),
            color: color(organization.id),
            open: words.open,
            role: role.clone(),
            email: invitation.email.clone(),
            until: TimeWords::new(invitation.expires_at, shown.now),
            message: if words.open { invitation.message.clone() } else { String::new() },
            deeds: words.deeds,
            invitation: invitation.id.to_string(),
            generation: shown.bound.generation,
        },
    )
}

/// `GET /invitation`
pub async fn show(visitor: Visitor, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    let Some(shown) = shown(&console, &visitor).await? else { return nothing_open(&visitor, &console).await };
    if is_navigation(&request) {
        note(&console, &visitor, &shown).await;
    }
    answer(&visitor, &shown, StatusCode::OK, "")
}

/// Whether a person's browser goes to this page; scanners of mail fetch it without saying so.
fn is_navigation(request: &HttpRequest) -> bool {
    let destination = request.headers().get("sec-fetch-dest").and_then(|value| value.to_str().ok());
    request.method() == actix_web::http::Method::GET && destination == Some("document")
}

/// Adds to the story that the page was opened, by anybody but who accepted it. A page is never refused for it.
pub async fn note(console: &Console, visitor: &Visitor, shown: &Shown) {
    if matches!(shown.situation, Situation::AcceptedByMe { .. }) {
        return;
    }
    let account_id = visitor.account.as_ref().map(|account| account.id);
    let as_other = shown.situation == Situation::OtherAccount;
    if let Err(error) = actions::note_opened(&console.db, shown.bound, account_id, as_other).await {
        tracing::warn!(%error, "an opened invitation was not noted");
    }
}

/// An invitation that waits for somebody's address, for ui/invitations.
pub struct WaitingView {
    pub organization: String,
    pub invited_by: String,
    pub expires: TimeWords,
    /// Where the button leads that opens it.
    pub action: String,
}

impl WaitingView {
    pub fn new(one: queries::Waiting, now: Moment) -> WaitingView {
        WaitingView {
            action: format!("/invitations/waiting/{}/{}/open", one.organization_id, one.invitation_id),
            organization: one.organization,
            invited_by: one.invited_by,
            expires: TimeWords::new(one.expires_at, now),
        }
    }
}

#[derive(Template)]
#[template(path = "invites/nothing_open.html")]
struct NothingOpenPage {
    page: Public,
    waiting: Vec<WaitingView>,
    signed_in: bool,
}

/// The page of a session that carries no invitation, or one of an organization that is gone: those that wait for a proven
/// address are offered.
pub async fn nothing_open(visitor: &Visitor, console: &Console) -> Result<HttpResponse> {
    let now = console.db.now();
    let waiting = match visitor.account.clone() {
        Some(account) => {
            let scope = Scope::Account(account.id);
            console.db.read(scope, move |connection| queries::waiting_for(connection, &account.email, now)).await?
        }
        None => Vec::new(),
    };
    let status = if waiting.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let waiting = waiting.into_iter().map(|one| WaitingView::new(one, now)).collect();
    page_with(status, &NothingOpenPage { page: visitor.page(), waiting, signed_in: visitor.account.is_some() })
}
