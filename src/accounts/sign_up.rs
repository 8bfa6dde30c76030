//! `/sign-up`

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::actions::{self, SignUp, SignUpRefused};
use super::password::{NewPassword, Passwords};
use crate::access::{Visitor, limits};
use crate::db::types::{EmailAddress, OrganizationName, PersonName};
use crate::error::{Result, Stopped};
use crate::sessions;
use crate::web::forms::{Form, FormErrors, retyped};
use crate::web::frame::Public;
use crate::web::{Console, client, form_again, page, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUpForm {
    name: String,
    email: String,
    password: String,
    organization_name: String,
}

#[derive(Template)]
#[template(path = "accounts/sign_up.html")]
struct SignUpPage {
    page: Public,
    form: SignUpForm,
    errors: FormErrors,
}

impl SignUpPage {
    fn new(visitor: &Visitor, form: &SignUpForm, errors: FormErrors) -> SignUpPage {
        let form = SignUpForm {
            name: retyped(&form.name),
            email: retyped(&form.email),
            password: String::new(),
            organization_name: retyped(&form.organization_name),
        };
        SignUpPage { page: visitor.page(), form, errors }
    }
}

/// `GET /sign-up`
pub async fn show(visitor: Visitor) -> Result<HttpResponse> {
    if visitor.account.is_some() {
        return Ok(see_other("/"));
    }
    page(&SignUpPage::new(&visitor, &SignUpForm::default(), FormErrors::default()))
}

/// `POST /sign-up`
pub async fn submit(
    request: HttpRequest,
    console: web::Data<Console>,
    passwords: web::Data<Passwords>,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse> {
    let form: SignUpForm = form.open()?;
    let parsed = match parse(&form) {
        Ok(parsed) => parsed,
        Err(errors) => return form_again(&SignUpPage::new(&visitor, &form, errors)),
    };
    limits::spend_by_network(&console, limits::SIGN_UP_NETWORK, &request).await?;
    let password_hash = passwords.hash(parsed.password).await?;
    let new = SignUp { name: parsed.name, email: parsed.email, password_hash, organization: parsed.organization };
    match actions::sign_up(&console.db, new).await {
        Ok((account, slug)) => {
            sessions::actions::begin(&visitor.session, &account, false, &client::browser(&request))?;
            Ok(see_other(&format!("/o/{slug}")))
        }
        Err(Stopped::Refused(SignUpRefused::AddressTaken)) => {
            let taken = "There is an account with this address already. Sign in, or set a new password if you forgot it.";
            form_again(&SignUpPage::new(&visitor, &form, FormErrors::one("email", taken)))
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

struct Parsed {
    name: PersonName,
    email: EmailAddress,
    password: NewPassword,
    organization: OrganizationName,
}

fn parse(form: &SignUpForm) -> Result<Parsed, FormErrors> {
    let mut errors = FormErrors::default();
    let name = errors.check("name", PersonName::parse(&form.name));
    let email = errors.check("email", EmailAddress::parse(&form.email));
    let about = [form.name.as_str(), form.email.as_str(), form.organization_name.as_str()];
    let password = errors.check("password", NewPassword::parse(&form.password, &about));
    let named = form.organization_name.trim();
    let organization = match &name {
        Some(person) if named.is_empty() => Some(OrganizationName::personal(person)),
        _ if named.is_empty() => None,
        _ => errors.check("organization_name", OrganizationName::parse(named)),
    };
    match (name, email, password, organization) {
        (Some(name), Some(email), Some(password), Some(organization)) => Ok(Parsed { name, email, password, organization }),
        _ => Err(errors),
    }
}
