//! `/email/confirm`: who opens a link shows that they read the mailbox; who is signed in shows whose account it is. Both
//! are needed, so that nobody confirms an account that somebody else made with their address.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::identity::{self, AddressRefused, Confirmed};
use super::links::{self, Carried, Purpose};
use crate::access::{SignedIn, Visitor, limits};
use crate::db::Scope;
use crate::error::{Result, Stopped};
use crate::invites::binding;
use crate::sessions;
use crate::web::forms::{Form, NoFields};
use crate::web::frame::Public;
use crate::web::{Console, client, flash, page_with, see_other};

const PURPOSE: Purpose = Purpose::EmailConfirmation;

/// What the page says about the link that the session carries.
enum State {
    Ready {
        email: String,
        is_new: bool,
    },
    /// The link is another account's than the one signed in.
    Other {
        link: String,
        mine: String,
    },
    Done {
        email: String,
    },
    /// Used, replaced, expired, or cut short by a mail program; a new one goes to `email`, unless that is proven.
    Dead {
        email: String,
        confirmed: bool,
    },
    Taken {
        email: String,
    },
}

#[derive(Template)]
#[template(path = "accounts/confirm.html")]
struct ConfirmPage {
    page: Public,
    state: State,
}

impl ConfirmPage {
    fn answer(visitor: &Visitor, state: State) -> Result<HttpResponse> {
        let status = match state {
            State::Ready { .. } | State::Done { .. } => StatusCode::OK,
            State::Other { .. } => StatusCode::FORBIDDEN,
            State::Dead { .. } => StatusCode::GONE,
            State::Taken { .. } => StatusCode::CONFLICT,
        };
        page_with(status, &ConfirmPage { page: visitor.page(), state })
    }
}

/// `GET /email/confirm/{token}`: the token leaves the address bar.
pub async fn open(console: web::Data<Console>, visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse> {
    links::carry(&visitor.session, &console.config.secret_keys, &token, PURPOSE)?;
    Ok(see_other("/email/confirm"))
}

/// `GET /email/confirm`
pub async fn show(console: web::Data<Console>, me: SignedIn, visitor: Visitor) -> Result<HttpResponse> {
    let state = state(&console, &me).await?;
    ConfirmPage::answer(&visitor, state)
}

async fn state(console: &Console, me: &SignedIn) -> Result<State> {
    let (mine, confirmed) = (me.account.email.clone(), me.account.confirmed);
    let dead = State::Dead { email: mine.clone(), confirmed };
    let Some(carried) = links::carried(&me.session, PURPOSE) else { return Ok(dead) };
    let find = move |connection: &mut _| Ok(links::queries::find(connection, carried, PURPOSE)?);
    let Some(found) = console.db.read(Scope::Nobody, find).await? else { return Ok(dead) };
    if carried.account_id != me.account.id {
        return Ok(State::Other { link: found.account_email, mine });
    }
    if found.works(console.db.now()) {
        return Ok(State::Ready { is_new: found.email != mine, email: found.email });
    }
    let done = confirmed && found.used_at.is_some() && found.email == mine;
    Ok(if done { State::Done { email: mine } } else { dead })
}

/// `POST /email/confirm`
pub async fn submit(console: web::Data<Console>, me: SignedIn, visitor: Visitor, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let Some(carried) = links::carried(&me.session, PURPOSE).filter(|carried| carried.account_id == me.account.id) else {
        return ConfirmPage::answer(&visitor, state(&console, &me).await?);
    };
    match identity::confirm(&console.db, carried).await {
        Ok(confirmed) => after(&me, &confirmed),
        Err(Stopped::Refused(AddressRefused::LinkDead)) => ConfirmPage::answer(&visitor, state(&console, &me).await?),
        Err(Stopped::Refused(AddressRefused::Taken)) => {
            let email = proposed(&console, carried).await?;
            ConfirmPage::answer(&visitor, State::Taken { email })
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

fn after(me: &SignedIn, confirmed: &Confirmed) -> Result<HttpResponse> {
    links::put_down(&me.session, PURPOSE);
    sessions::actions::renew(&me.session);
    let (words, next) = match confirmed {
        Confirmed::Address(email) => (format!("{email} is confirmed."), "/"),
        Confirmed::NewAddress(email) => (format!("Your address is {email} from now on. Sign in with it next time."), "/account"),
    };
    flash::tell(&me.session, words)?;
    Ok(see_other(if binding::bound(&me.session).is_some() { "/invitation" } else { next }))
}

async fn proposed(console: &Console, carried: Carried) -> Result<String> {
    let find = move |connection: &mut _| Ok(links::queries::find(connection, carried, PURPOSE)?);
    Ok(console.db.read(Scope::Nobody, find).await?.map(|found| found.email).unwrap_or_default())
}

/// `POST /email/confirm/switch`: signs out, keeps the link, and comes back as somebody else.
pub async fn switch_account(visitor: Visitor, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    sessions::actions::switch_account(&visitor.session);
    Ok(see_other("/sign-in?next=/email/confirm"))
}

/// `POST /email/confirm/send`
pub async fn send(request: HttpRequest, console: web::Data<Console>, me: SignedIn, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let email = &me.account.email;
    if me.account.confirmed {
        flash::tell(&me.session, format!("{email} is confirmed already."))?;
        return Ok(see_other("/account"));
    }
    limits::spend(&console, limits::CONFIRM_ACCOUNT, &me.account.id.to_string(), 1).await?;
    identity::send_confirmation_again(&console.db, me.account.id).await?;
    flash::tell(&me.session, PURPOSE.sent_words(&console.config, email))?;
    let back = client::came_from(&request, &console.config).unwrap_or_else(|| "/account".to_owned());
    Ok(see_other(&back))
}
