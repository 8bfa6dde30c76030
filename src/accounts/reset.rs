//! `/password/reset`: sets a new password by a link from a mail, and signs in with it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::credentials::{self, LinkDead};
use super::links::queries::Found;
use super::links::{self, Carried, Purpose};
use super::password::{NewPassword, Passwords};
use crate::access::Visitor;
use crate::db::Scope;
use crate::error::{Result, Stopped};
use crate::invites::binding;
use crate::sessions;
use crate::web::forms::{Form, FormErrors};
use crate::web::frame::Public;
use crate::web::{Console, client, flash, form_again, page, page_with, see_other};

const PURPOSE: Purpose = Purpose::PasswordReset;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResetForm {
    password: String,
}

#[derive(Template)]
#[template(path = "accounts/reset.html")]
struct ResetPage {
    page: Public,
    email: String,
    errors: FormErrors,
}

/// The link was used, replaced, has expired, or was cut short by a mail program.
#[derive(Template)]
#[template(path = "accounts/reset_dead.html")]
struct DeadPage {
    page: Public,
}

fn dead(visitor: &Visitor) -> Result<HttpResponse> {
    page_with(StatusCode::GONE, &DeadPage { page: visitor.page() })
}

/// `GET /password/reset/{token}`: the token leaves the address bar.
pub async fn open(console: web::Data<Console>, visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse> {
    links::carry(&visitor.session, &console.config.secret_keys, &token, PURPOSE)?;
    Ok(see_other("/password/reset"))
}

/// `GET /password/reset`
pub async fn show(console: web::Data<Console>, visitor: Visitor) -> Result<HttpResponse> {
    match working(&console, &visitor).await? {
        Some((_, found)) => page(&ResetPage { page: visitor.page(), email: found.account_email, errors: FormErrors::default() }),
        None => dead(&visitor),
    }
}

async fn working(console: &Console, visitor: &Visitor) -> Result<Option<(Carried, Found)>> {
    let Some(carried) = links::carried(&visitor.session, PURPOSE) else { return Ok(None) };
    let find = move |connection: &mut _| Ok(links::queries::find(connection, carried, PURPOSE)?);
    let found = console.db.read(Scope::Nobody, find).await?;
    let working = found.filter(|found| found.works(console.db.now()) && found.email == found.account_email);
    Ok(working.map(|found| (carried, found)))
}

/// `POST /password/reset`
pub async fn submit(
    request: HttpRequest,
    console: web::Data<Console>,
    passwords: web::Data<Passwords>,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse> {
    let form: ResetForm = form.open()?;
    let Some((carried, found)) = working(&console, &visitor).await? else { return dead(&visitor) };
    let new = match NewPassword::parse(&form.password, &[&found.account_name, &found.account_email]) {
        Ok(new) => new,
        Err(words) => {
            let errors = FormErrors::one("password", words);
            return form_again(&ResetPage { page: visitor.page(), email: found.account_email, errors });
        }
    };
    let hash = passwords.hash(new).await?;
    let row = match credentials::reset(&console.db, carried, hash).await {
        Ok(row) => row,
        Err(Stopped::Refused(LinkDead)) => return dead(&visitor),
        Err(Stopped::Failed(error)) => return Err(error),
    };
    links::put_down(&visitor.session, PURPOSE);
    sessions::actions::begin(&visitor.session, &row.account(), false, &client::browser(&request))?;
    flash::tell(
        &visitor.session,
        "Your new password is set, and you are signed in with it. Everywhere else you are signed out.",
    )?;
    Ok(see_other(if binding::bound(&visitor.session).is_some() { "/invitation" } else { "/" }))
}
