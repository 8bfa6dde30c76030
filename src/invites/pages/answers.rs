//! What the invited person sends from `/invitation`. Each form names the invitation that its page showed, and is refused
//! when the session carries another one by now.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::landing::{self, Shown, answer, nothing_open};
use super::words::may_decline;
use crate::access::{Actor, Visitor, limits};
use crate::error::{AppError, Result, Stopped};
use crate::invites::actions::{self, Joined};
use crate::invites::binding;
use crate::invites::situation::Situation;
use crate::sessions;
use crate::web::forms::Form;
use crate::web::frame::Public;
use crate::web::{Console, flash, page, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AnswerForm {
    invitation: String,
    generation: String,
}

impl AnswerForm {
    fn names(&self, shown: &Shown) -> bool {
        self.invitation == shown.bound.invitation_id.to_string() && self.generation == shown.bound.generation.to_string()
    }
}

const ANOTHER: &str = "Another invitation was opened in this browser since. Nothing was changed: this is how it stands now.";
/// Above the page of an invitation that no longer is as somebody saw it.
pub const CHANGED: &str = "The invitation has changed since this page was shown. Nothing was changed: this is how it stands now.";

/// The invitation that a form is about, or the page that says what is in its place.
async fn opened(console: &Console, visitor: &Visitor, form: Form) -> Result<Result<Shown, HttpResponse>> {
    let form: AnswerForm = form.open()?;
    let Some(shown) = landing::shown(console, visitor).await? else {
        // A slow second click: what it joined is where the start leads to, and its message waits for that page.
        let page = if visitor.account.is_some() { see_other("/") } else { nothing_open(visitor, console).await? };
        return Ok(Err(page));
    };
    if !form.names(&shown) {
        return Ok(Err(answer(visitor, &shown, StatusCode::UNPROCESSABLE_ENTITY, ANOTHER)?));
    }
    landing::note(console, visitor, &shown).await;
    Ok(Ok(shown))
}

/// The page again, as things stand now.
async fn again(console: &Console, visitor: &Visitor) -> Result<HttpResponse> {
    match landing::shown(console, visitor).await? {
        Some(shown) if shown.situation == (Situation::AcceptedByMe { inside: true }) => {
            Ok(see_other(&format!("/o/{}", shown.landing.organization.slug)))
        }
        Some(shown) => answer(visitor, &shown, StatusCode::UNPROCESSABLE_ENTITY, CHANGED),
        None => nothing_open(visitor, console).await,
    }
}

/// `POST /invitation/join`
pub async fn join(visitor: Visitor, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let shown = match opened(&console, &visitor, form).await? {
        Ok(shown) => shown,
        Err(page) => return Ok(page),
    };
    let Some(account) = &visitor.account else { return Ok(see_other("/invitation")) };
    match actions::accept(&console.db, account, shown.bound).await {
        Ok(joined) => {
            binding::release(&visitor.session);
            flash::tell(&visitor.session, welcome(&joined))?;
            Ok(see_other(&format!("/o/{}", joined.slug)))
        }
        Err(Stopped::Refused(_)) => again(&console, &visitor).await,
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// The flash message of who has just joined.
pub fn welcome(joined: &Joined) -> String {
    let Joined { organization, role, .. } = joined;
    match &joined.instead_of {
        Some(named) => format!(
            "You joined {organization} as {role}. The invitation said {named}, but who sent it may no longer give that role."
        ),
        None => format!("You joined {organization} as {role}."),
    }
}

#[derive(Template)]
#[template(path = "invites/decline.html")]
struct DeclinePage {
    page: Public,
    organization: String,
    ends: Vec<String>,
    stays: Vec<String>,
    invitation: String,
    generation: i32,
}

/// `GET /invitation/decline`
pub async fn confirm_decline(visitor: Visitor, console: web::Data<Console>) -> Result<HttpResponse> {
    let shown = landing::shown(&console, &visitor).await?;
    let Some(shown) = shown.filter(may_decline) else { return Ok(see_other("/invitation")) };
    page(&DeclinePage {
        page: visitor.page(),
        organization: shown.landing.organization.name,
        ends: vec!["The invitation ends, and its link stops working.".to_owned()],
        stays: vec!["You can be invited again.".to_owned()],
        invitation: shown.bound.invitation_id.to_string(),
        generation: shown.bound.generation,
    })
}

/// `POST /invitation/decline`
pub async fn decline(visitor: Visitor, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let shown = match opened(&console, &visitor, form).await? {
        Ok(shown) => shown,
        Err(page) => return Ok(page),
    };
    let declined = may_decline(&shown) && actions::decline(&console.db, actor(&visitor, &shown), shown.bound).await?;
    if !declined {
        return again(&console, &visitor).await;
    }
    flash::tell(&visitor.session, format!("You declined the invitation to {}.", shown.landing.organization.name))?;
    if visitor.account.is_none() {
        return Ok(see_other("/invitation"));
    }
    binding::release(&visitor.session);
    Ok(see_other("/"))
}

/// `POST /invitation/switch-account`: signs out, and keeps the invitation.
pub async fn switch_account(visitor: Visitor, form: Form) -> Result<HttpResponse> {
    form.open::<AnswerForm>()?;
    sessions::actions::switch_account(&visitor.session);
    Ok(see_other("/invitation"))
}

/// `POST /invitation/ask`: tells those who may invite that somebody wants a new invitation.
pub async fn ask(visitor: Visitor, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let shown = match opened(&console, &visitor, form).await? {
        Ok(shown) => shown,
        Err(page) => return Ok(page),
    };
    if !shown.situation.is_dead() {
        return again(&console, &visitor).await;
    }
    let subject = shown.bound.invitation_id.to_string();
    match limits::spend(&console, limits::ASK_INVITATION, &subject, 1).await {
        Ok(()) => {}
        Err(AppError::TooMany { .. }) => {
            return answer(&visitor, &shown, StatusCode::TOO_MANY_REQUESTS, "You have asked already. Give them a day to answer.");
        }
        Err(error) => return Err(error),
    }
    actions::ask_again(&console.db, actor(&visitor, &shown), shown.bound).await?;
    let name = &shown.landing.organization.name;
    flash::tell(
        &visitor.session,
        format!("The people who may invite to {name} have been told. If they agree, a new invitation comes by mail."),
    )?;
    Ok(see_other("/invitation"))
}

/// Who answers: the account, or whoever holds the link.
fn actor(visitor: &Visitor, shown: &Shown) -> Actor {
    match &visitor.account {
        Some(account) => Actor::person(account.id, &account.name),
        None => Actor::invited(&shown.landing.invitation.email),
    }
}
