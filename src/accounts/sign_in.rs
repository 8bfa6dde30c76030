//! `/sign-in` and `/sign-out`

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::account::AccountRow;
use super::actions;
use super::password::Passwords;
use super::queries;
use crate::access::{Visitor, limits};
use crate::db::Scope;
use crate::db::types::EmailAddress;
use crate::error::Result;
use crate::invites::binding;
use crate::invites::pages::landing;
use crate::sessions;
use crate::web::forms::{Form, FormErrors, retyped};
use crate::web::frame::Public;
use crate::web::{Console, client, form_again, local_path, page, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInForm {
    email: String,
    password: String,
    keep: String,
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Next {
    next: String,
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage {
    page: Public,
    form: SignInForm,
    errors: FormErrors,
}

impl SignInPage {
    fn new(visitor: &Visitor, form: &SignInForm, errors: FormErrors) -> SignInPage {
        let form = SignInForm {
            email: retyped(&form.email),
            password: String::new(),
            keep: if form.keep.is_empty() { String::new() } else { "true".to_owned() },
            next: local_path(&form.next).to_owned(),
        };
        SignInPage { page: visitor.page(), form, errors }
    }
}

/// `GET /sign-in`
pub async fn show(visitor: Visitor, console: web::Data<Console>, query: Option<web::Query<Next>>) -> Result<HttpResponse> {
    // An address that nobody of ours wrote leads to the start.
    let next = query.map(|query| query.into_inner().next).unwrap_or_default();
    if visitor.account.is_some() {
        return Ok(see_other(next_page(&visitor, &next)));
    }
    let invited = landing::shown(&console, &visitor).await?.filter(|shown| !shown.situation.is_over());
    let email = invited.map(|shown| shown.landing.invitation.email).unwrap_or_default();
    let form = SignInForm { email, next, ..SignInForm::default() };
    page(&SignInPage::new(&visitor, &form, FormErrors::default()))
}

/// `POST /sign-in`: an unknown account and a wrong password answer alike, in words and in time.
pub async fn submit(
    request: HttpRequest,
    console: web::Data<Console>,
    passwords: web::Data<Passwords>,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse> {
    let form: SignInForm = form.open()?;
    let Ok(email) = EmailAddress::parse(&form.email) else {
        let errors = FormErrors::one("email", "Enter the address of your account, like dana@example.com.");
        return form_again(&SignInPage::new(&visitor, &form, errors));
    };
    let network = limits::network(&console, &request);
    let here = limits::seen_from(&network, email.as_str());
    let attempts = [
        (limits::SIGN_IN_NETWORK, network.as_str()),
        (limits::SIGN_IN_ACCOUNT, here.as_str()),
        (limits::SIGN_IN_ACCOUNT_WIDE, email.as_str()),
    ];
    limits::spend_each(&console, &attempts).await?;
    let client = client::browser(&request);
    let Some(row) = verified(&console, &passwords, &email, &form.password, &client).await? else {
        let errors = FormErrors::one("password", "Address and password do not match. Check both, or set a new password.");
        return form_again(&SignInPage::new(&visitor, &form, errors));
    };
    limits::refund_each(&console, &attempts).await?;
    sessions::actions::begin(&visitor.session, &row.account(), !form.keep.is_empty(), &client)?;
    Ok(see_other(next_page(&visitor, &form.next)))
}

async fn verified(
    console: &Console,
    passwords: &Passwords,
    email: &EmailAddress,
    password: &str,
    client: &str,
) -> Result<Option<AccountRow>> {
    let email = email.clone();
    let row = console.db.read(Scope::Nobody, move |connection| Ok(queries::by_email(connection, email.as_str())?)).await?;
    let matches = passwords.verify(password, row.as_ref().map(|row| row.password_hash.as_str())).await?;
    let Some(row) = row.filter(|_| matches) else { return Ok(None) };
    let remembered = actions::signed_in(&console.db, &row, client).await?;
    Ok(remembered.then_some(row))
}

/// Where a person goes on: to the page that asked for the sign-in, else to the invitation that brought them.
fn next_page<'a>(visitor: &Visitor, next: &'a str) -> &'a str {
    match local_path(next) {
        "/" if binding::bound(&visitor.session).is_some() => "/invitation",
        path => path,
    }
}

/// `POST /sign-out`
pub async fn sign_out(visitor: Visitor) -> HttpResponse {
    sessions::actions::end(&visitor.session);
    see_other("/sign-in")
}
