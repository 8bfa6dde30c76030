//! `/sign-up`: with an organization of one's own, or with the invitation that the session carries.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::actions::{self, SignUp, SignUpRefused};
use super::invited::{self, InvitedRefused, InvitedSignUp};
use super::password::{NewPassword, Passwords};
use crate::access::{Visitor, limits};
use crate::db::types::{EmailAddress, OrganizationName, PersonName};
use crate::error::{Result, Stopped};
use crate::invites::binding;
use crate::invites::pages::answers::{CHANGED, welcome};
use crate::invites::pages::landing::{self, Shown};
use crate::sessions;
use crate::web::forms::{Form, FormErrors, retyped};
use crate::web::frame::{Public, color, initials};
use crate::web::{Console, client, flash, form_again, page, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUpForm {
    name: String,
    email: String,
    password: String,
    organization_name: String,
    /// The invitation that the page showed; empty without one.
    invitation: String,
    generation: String,
}

/// The invitation on the page.
struct Invited {
    organization: String,
    initials: String,
    color: u8,
    lead: String,
    invitation: String,
    generation: String,
    /// Set where the page came without the invitation before.
    since: bool,
}

impl Invited {
    fn new(shown: &Shown, since: bool) -> Invited {
        let (invitation, organization) = (&shown.landing.invitation, &shown.landing.organization);
        Invited {
            organization: organization.name.clone(),
            initials: initials(&organization.name),
            color: color(organization.id),
            lead: format!("{} invited you as {}.", invitation.invited_by, shown.landing.role),
            invitation: invitation.id.to_string(),
            generation: shown.bound.generation.to_string(),
            since,
        }
    }

    fn is_named_by(&self, form: &SignUpForm) -> bool {
        self.invitation == form.invitation && self.generation == form.generation
    }
}

#[derive(Template)]
#[template(path = "accounts/sign_up.html")]
struct SignUpPage {
    page: Public,
    form: SignUpForm,
    errors: FormErrors,
    invited: Option<Invited>,
}

impl SignUpPage {
    fn new(visitor: &Visitor, form: &SignUpForm, errors: FormErrors, invited: Option<Invited>) -> SignUpPage {
        let form = SignUpForm {
            name: retyped(&form.name),
            email: retyped(&form.email),
            organization_name: retyped(&form.organization_name),
            ..SignUpForm::default()
        };
        SignUpPage { page: visitor.page(), form, errors, invited }
    }
}

/// `GET /sign-up`
pub async fn show(visitor: Visitor, console: web::Data<Console>) -> Result<HttpResponse> {
    if visitor.account.is_some() {
        return Ok(see_other(if binding::bound(&visitor.session).is_some() { "/invitation" } else { "/" }));
    }
    let Some(shown) = landing::shown(&console, &visitor).await?.filter(|shown| !shown.situation.is_over()) else {
        return page(&SignUpPage::new(&visitor, &SignUpForm::default(), FormErrors::default(), None));
    };
    if !shown.situation.takes_sign_up() {
        return Ok(see_other("/invitation"));
    }
    let invitation = &shown.landing.invitation;
    let form = SignUpForm { name: invitation.name.clone(), email: invitation.email.clone(), ..SignUpForm::default() };
    page(&SignUpPage::new(&visitor, &form, FormErrors::default(), Some(Invited::new(&shown, false))))
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
    let shown = landing::shown(&console, &visitor).await?;
    let open = shown.as_ref().filter(|shown| shown.situation.takes_sign_up());
    match open {
        Some(shown) => submit_invited(&request, &console, &passwords, &visitor, form, shown).await,
        // The invitation that the page showed is not open any more: no organization instead of it.
        None if !form.invitation.is_empty() => not_open(&console, &visitor).await,
        None => submit_founder(&request, &console, &passwords, &visitor, form).await,
    }
}

/// The page of the invitation, which says why it takes nobody.
async fn not_open(console: &Console, visitor: &Visitor) -> Result<HttpResponse> {
    match landing::shown(console, visitor).await? {
        Some(shown) => landing::answer(visitor, &shown, StatusCode::UNPROCESSABLE_ENTITY, CHANGED),
        None => landing::nothing_open(visitor, console).await,
    }
}

async fn submit_founder(
    request: &HttpRequest,
    console: &Console,
    passwords: &Passwords,
    visitor: &Visitor,
    form: SignUpForm,
) -> Result<HttpResponse> {
    let (person, organization) = match founder(&form) {
        Ok(parsed) => parsed,
        Err(errors) => return form_again(&SignUpPage::new(visitor, &form, errors, None)),
    };
    limits::spend_by_network(console, limits::SIGN_UP_NETWORK, request).await?;
    let password_hash = passwords.hash(person.password).await?;
    let new = SignUp { name: person.name, email: person.email, password_hash, organization };
    match actions::sign_up(&console.db, new).await {
        Ok((account, slug)) => {
            sessions::actions::begin(&visitor.session, &account, false, &client::browser(request))?;
            Ok(see_other(&format!("/o/{slug}")))
        }
        Err(Stopped::Refused(SignUpRefused::AddressTaken)) => {
            form_again(&SignUpPage::new(visitor, &form, FormErrors::one("email", TAKEN), None))
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

const TAKEN: &str = "There is an account with this address already. Sign in, or set a new password if you forgot it.";

async fn submit_invited(
    request: &HttpRequest,
    console: &Console,
    passwords: &Passwords,
    visitor: &Visitor,
    form: SignUpForm,
    shown: &Shown,
) -> Result<HttpResponse> {
    // The address is the invitation's, whatever was sent.
    let form = SignUpForm { email: shown.landing.invitation.email.clone(), ..form };
    let invited = Invited::new(shown, false);
    if !invited.is_named_by(&form) {
        return form_again(&SignUpPage::new(visitor, &form, FormErrors::default(), Some(Invited::new(shown, true))));
    }
    let mut errors = FormErrors::default();
    let Some(person) = person(&form, &mut errors) else {
        return form_again(&SignUpPage::new(visitor, &form, errors, Some(invited)));
    };
    limits::spend_by_network(console, limits::SIGN_UP_NETWORK, request).await?;
    let password_hash = passwords.hash(person.password).await?;
    let new = InvitedSignUp { name: person.name, email: person.email, password_hash, bound: shown.bound };
    let (account, joined) = match invited::sign_up(&console.db, new).await {
        Ok(done) => done,
        Err(Stopped::Refused(InvitedRefused::AddressTaken)) => {
            return form_again(&SignUpPage::new(visitor, &form, FormErrors::one("email", TAKEN), Some(invited)));
        }
        Err(Stopped::Refused(InvitedRefused::NotOpen)) => return not_open(console, visitor).await,
        Err(Stopped::Failed(error)) => return Err(error),
    };
    sessions::actions::begin(&visitor.session, &account, false, &client::browser(request))?;
    let Some(joined) = joined else { return Ok(see_other("/invitation")) };
    binding::release(&visitor.session);
    flash::tell(&visitor.session, welcome(&joined))?;
    Ok(see_other(&format!("/o/{}", joined.slug)))
}

struct Person {
    name: PersonName,
    email: EmailAddress,
    password: NewPassword,
}

fn founder(form: &SignUpForm) -> Result<(Person, OrganizationName), FormErrors> {
    let mut errors = FormErrors::default();
    let person = person(form, &mut errors);
    let named = form.organization_name.trim();
    let organization = if named.is_empty() {
        person.as_ref().map(|person| OrganizationName::personal(&person.name))
    } else {
        errors.check("organization_name", OrganizationName::parse(named))
    };
    person.zip(organization).ok_or(errors)
}

fn person(form: &SignUpForm, errors: &mut FormErrors) -> Option<Person> {
    let name = errors.check("name", PersonName::parse(&form.name));
    let email = errors.check("email", EmailAddress::parse(&form.email));
    let about = [form.name.as_str(), form.email.as_str(), form.organization_name.as_str()];
    let password = errors.check("password", NewPassword::parse(&form.password, &about));
    Some(Person { name: name?, email: email?, password: password? })
}
