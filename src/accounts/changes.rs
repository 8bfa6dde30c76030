//! The forms of `/account`: name, address, password. Address and password ask for the password once more, so that an open
//! browser is not enough to take an account over.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::identity::{self, AddressRefused};
use super::links::Purpose;
use super::password::{NewPassword, Passwords};
use super::profile::{self, Typed};
use super::{credentials, queries};
use crate::access::{Account, SignedIn, Visitor, limits};
use crate::db::Scope;
use crate::db::types::{EmailAddress, PersonName};
use crate::error::{Result, Stopped};
use crate::sessions;
use crate::web::forms::{Form, FormErrors, retyped};
use crate::web::{Console, flash, see_other};

const WRONG_PASSWORD: &str = "That is not your password. Type it again.";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NameForm {
    name: String,
}

/// `POST /account/name`
pub async fn name(console: web::Data<Console>, me: SignedIn, visitor: Visitor, form: Form) -> Result<HttpResponse> {
    let form: NameForm = form.open()?;
    let name = match PersonName::parse(&form.name) {
        Ok(name) => name,
        Err(words) => {
            let typed = Typed { name: retyped(&form.name), new_email: String::new() };
            return profile::again(&console, &me, &visitor, typed, FormErrors::one("name", words)).await;
        }
    };
    identity::rename(&console.db, me.account.id, name).await?;
    flash::tell(&me.session, "Your name is saved.")?;
    Ok(see_other("/account"))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmailForm {
    new_email: String,
    email_password: String,
}

/// `POST /account/email`
pub async fn email(
    console: web::Data<Console>,
    passwords: web::Data<Passwords>,
    me: SignedIn,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse> {
    let form: EmailForm = form.open()?;
    match ask_for_address(&console, &passwords, &me, &form).await? {
        Ok(email) => {
            sessions::actions::renew(&me.session);
            let words = Purpose::EmailConfirmation.sent_words(&console.config, email.as_str());
            flash::tell(&me.session, format!("{words} Your address changes when you open it."))?;
            Ok(see_other("/account"))
        }
        Err(errors) => {
            let typed = Typed { name: me.account.name.clone(), new_email: retyped(&form.new_email) };
            profile::again(&console, &me, &visitor, typed, errors).await
        }
    }
}

async fn ask_for_address(
    console: &Console,
    passwords: &Passwords,
    me: &SignedIn,
    form: &EmailForm,
) -> Result<Result<EmailAddress, FormErrors>> {
    let email = match EmailAddress::parse(&form.new_email) {
        Ok(email) if email.as_str() == me.account.email => {
            return Ok(Err(FormErrors::one("new_email", "That is your address already.")));
        }
        Ok(email) => email,
        Err(words) => return Ok(Err(FormErrors::one("new_email", words))),
    };
    if !knows_password(console, passwords, &me.account, &form.email_password).await? {
        return Ok(Err(FormErrors::one("email_password", WRONG_PASSWORD)));
    }
    limits::spend(console, limits::CONFIRM_ACCOUNT, &me.account.id.to_string(), 1).await?;
    match identity::ask_for_address(&console.db, me.account.id, email.clone()).await {
        Ok(()) => Ok(Ok(email)),
        Err(Stopped::Refused(refused @ (AddressRefused::Taken | AddressRefused::LinkDead))) => {
            Ok(Err(FormErrors::one("new_email", refused.words())))
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordForm {
    current_password: String,
    new_password: String,
}

/// `POST /account/password`
pub async fn password(
    console: web::Data<Console>,
    passwords: web::Data<Passwords>,
    me: SignedIn,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse> {
    let form: PasswordForm = form.open()?;
    let new = match new_password(&console, &passwords, &me.account, &form).await? {
        Ok(new) => new,
        Err(errors) => {
            let typed = Typed { name: me.account.name.clone(), new_email: String::new() };
            return profile::again(&console, &me, &visitor, typed, errors).await;
        }
    };
    let hash = passwords.hash(new).await?;
    credentials::change(&console.db, me.account.id, sessions::actions::id_of(&me.session), hash).await?;
    sessions::actions::renew(&me.session);
    flash::tell(&me.session, "Your new password is set. Everywhere else you are signed out.")?;
    Ok(see_other("/account"))
}

async fn new_password(
    console: &Console,
    passwords: &Passwords,
    account: &Account,
    form: &PasswordForm,
) -> Result<Result<NewPassword, FormErrors>> {
    let mut errors = FormErrors::default();
    if !knows_password(console, passwords, account, &form.current_password).await? {
        errors.add("current_password", WRONG_PASSWORD);
    }
    let about = [account.name.as_str(), account.email.as_str()];
    let new = errors.check("new_password", NewPassword::parse(&form.new_password, &about));
    Ok(new.filter(|_| errors.is_empty()).ok_or(errors))
}

/// Whether the text is the account's password. Wrong ones are limited.
async fn knows_password(console: &Console, passwords: &Passwords, account: &Account, text: &str) -> Result<bool> {
    let (id, subject) = (account.id, account.id.to_string());
    limits::spend(console, limits::PASSWORD_ACCOUNT, &subject, 1).await?;
    let row = console.db.read(Scope::Nobody, move |connection| Ok(queries::by_id(connection, id)?)).await?;
    let knows = passwords.verify(text, Some(&row.password_hash)).await?;
    if knows {
        limits::refund_each(console, &[(limits::PASSWORD_ACCOUNT, &subject)]).await?;
    }
    Ok(knows)
}
