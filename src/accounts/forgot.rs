//! `/password/forgot`

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::credentials;
use super::links::Purpose;
use crate::access::{Visitor, limits};
use crate::db::types::EmailAddress;
use crate::error::Result;
use crate::web::forms::{Form, FormErrors, retyped};
use crate::web::frame::Public;
use crate::web::{Console, flash, form_again, page, see_other};

/// Every answer takes at least so long: known and unknown addresses cannot be told apart by a clock.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForgotForm {
    email: String,
}

#[derive(Template)]
#[template(path = "accounts/forgot.html")]
struct ForgotPage {
    page: Public,
    form: ForgotForm,
    errors: FormErrors,
}

/// `GET /password/forgot`
pub async fn show(visitor: Visitor) -> Result<HttpResponse> {
    let email = visitor.account.as_ref().map(|account| account.email.clone()).unwrap_or_default();
    page(&ForgotPage { page: visitor.page(), form: ForgotForm { email }, errors: FormErrors::default() })
}

/// `POST /password/forgot`: the same answer whether there is an account or not.
pub async fn submit(request: HttpRequest, console: web::Data<Console>, visitor: Visitor, form: Form) -> Result<HttpResponse> {
    let form: ForgotForm = form.open()?;
    let email = match EmailAddress::parse(&form.email) {
        Ok(email) => email,
        Err(words) => {
            let form = ForgotForm { email: retyped(&form.email) };
            return form_again(&ForgotPage { page: visitor.page(), form, errors: FormErrors::one("email", words) });
        }
    };
    let network = limits::network(&console, &request);
    let here = limits::seen_from(&network, email.as_str());
    let attempts = [
        (limits::RESET_NETWORK, network.as_str()),
        (limits::RESET_ACCOUNT, here.as_str()),
        (limits::RESET_ACCOUNT_WIDE, email.as_str()),
    ];
    limits::spend_each(&console, &attempts).await?;
    let words = Purpose::PasswordReset.sent_words(&console.config, email.as_str());
    let (sent, ()) = tokio::join!(credentials::send_reset_link(&console.db, email), tokio::time::sleep(ANSWER_AFTER));
    sent?;
    flash::tell(&visitor.session, words)?;
    Ok(see_other("/sign-in"))
}
