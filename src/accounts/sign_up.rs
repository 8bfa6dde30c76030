//! `/sign-up`: with an organization of one's own, or with the invitation that the session carries.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::OptionalExtension;
use uuid::Uuid;

use super::actions::{self, SignUp, SignUpRefused};
use super::invited::{self, InvitedRefused, InvitedSignUp};
use super::password::Passwords;
use super::queries;
use super::sign_up_form::SignUpForm;
use crate::access::{Account, Visitor, limits};
use crate::db::Scope;
use crate::error::{Result, Stopped};
use crate::invites::binding;
use crate::invites::pages::answers::{CHANGED, welcome};
use crate::invites::pages::landing::{self, Shown};
use crate::sessions;
use crate::web::forms::{Form, FormErrors, fresh_form, retyped};
use crate::web::frame::{Public, color, initials};
use crate::web::{Console, client, flash, form_again, page, see_other};

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
            form: fresh_form(),
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
    let desk = Desk {
        request: &request,
        console: &console,
        passwords: &passwords,
        visitor: &visitor,
        id: form.account_id(&console.config.secret_keys),
    };
    let shown = landing::shown(&console, &visitor).await?;
    let open = shown.as_ref().filter(|shown| shown.situation.takes_sign_up());
    match open {
        Some(shown) => desk.invited(form, shown).await,
        // The invitation that the page showed is not open any more: no organization instead of it.
        None if !form.invitation.is_empty() => desk.not_open(&form).await,
        None => desk.founder(form).await,
    }
}

const TAKEN: &str = "There is an account with this address already. Sign in, or set a new password if you forgot it.";

/// Where one posted form is dealt with.
struct Desk<'a> {
    request: &'a HttpRequest,
    console: &'a Console,
    passwords: &'a Passwords,
    visitor: &'a Visitor,
    /// Of the account that the form asks for.
    id: Uuid,
}

impl Desk<'_> {
    async fn founder(&self, form: SignUpForm) -> Result<HttpResponse> {
        let (person, organization) = match form.founder() {
            Ok(parsed) => parsed,
            Err(errors) => return form_again(&SignUpPage::new(self.visitor, &form, errors, None)),
        };
        limits::spend_by_network(self.console, limits::SIGN_UP_NETWORK, self.request).await?;
        let password_hash = self.passwords.hash(person.password).await?;
        let new = SignUp { id: self.id, name: person.name, email: person.email, password_hash, organization };
        match actions::sign_up(&self.console.db, new).await {
            Ok((account, slug)) => {
                self.begin(&account)?;
                Ok(see_other(&format!("/o/{slug}")))
            }
            Err(Stopped::Refused(SignUpRefused::AddressTaken)) => self.taken(&form, None).await,
            Err(Stopped::Failed(error)) => Err(error),
        }
    }

    async fn invited(&self, form: SignUpForm, shown: &Shown) -> Result<HttpResponse> {
        // The address is the invitation's, whatever was sent.
        let form = SignUpForm { email: shown.landing.invitation.email.clone(), ..form };
        let invited = Invited::new(shown, false);
        if !invited.is_named_by(&form) {
            return form_again(&SignUpPage::new(self.visitor, &form, FormErrors::default(), Some(Invited::new(shown, true))));
        }
        let mut errors = FormErrors::default();
        let Some(person) = form.person(&mut errors) else {
            return form_again(&SignUpPage::new(self.visitor, &form, errors, Some(invited)));
        };
        limits::spend_by_network(self.console, limits::INVITED_SIGN_UP_NETWORK, self.request).await?;
        let password_hash = self.passwords.hash(person.password).await?;
        let new = InvitedSignUp { id: self.id, name: person.name, email: person.email, password_hash, bound: shown.bound };
        let (account, joined) = match invited::sign_up(&self.console.db, new).await {
            Ok(done) => done,
            Err(Stopped::Refused(InvitedRefused::AddressTaken)) => return self.taken(&form, Some(invited)).await,
            Err(Stopped::Refused(InvitedRefused::NotOpen | InvitedRefused::NobodyGives)) => return self.not_open(&form).await,
            Err(Stopped::Failed(error)) => return Err(error),
        };
        self.begin(&account)?;
        let Some(joined) = joined else { return Ok(see_other("/invitation")) };
        binding::release(&self.visitor.session);
        flash::tell(&self.visitor.session, welcome(&joined))?;
        Ok(see_other(&format!("/o/{}", joined.slug)))
    }

    fn begin(&self, account: &Account) -> Result<()> {
        sessions::actions::begin(&self.visitor.session, account, false, &client::browser(self.request))
    }

    async fn taken(&self, form: &SignUpForm, invited: Option<Invited>) -> Result<HttpResponse> {
        if let Some(answer) = self.done_before(form).await? {
            return Ok(answer);
        }
        form_again(&SignUpPage::new(self.visitor, form, FormErrors::one("email", TAKEN), invited))
    }

    /// The page of the invitation, which says why it takes nobody.
    async fn not_open(&self, form: &SignUpForm) -> Result<HttpResponse> {
        if let Some(answer) = self.done_before(form).await? {
            return Ok(answer);
        }
        match landing::shown(self.console, self.visitor).await? {
            Some(shown) => landing::answer(self.visitor, &shown, StatusCode::UNPROCESSABLE_ENTITY, CHANGED),
            None => landing::nothing_open(self.visitor, self.console).await,
        }
    }

    /// A form that is sent twice made its account the first time: whoever knows the password goes on as they did then.
    async fn done_before(&self, form: &SignUpForm) -> Result<Option<HttpResponse>> {
        let id = self.id;
        let made = self.console.db.read(Scope::Nobody, move |connection| Ok(queries::by_id(connection, id).optional()?)).await?;
        let Some(row) = made else { return Ok(None) };
        limits::spend_by_network(self.console, limits::INVITED_SIGN_UP_NETWORK, self.request).await?;
        if !self.passwords.verify(&form.password, Some(&row.password_hash)).await? {
            return Ok(None);
        }
        self.begin(&row.account())?;
        let session = &self.visitor.session;
        if binding::bound(session).is_some_and(|bound| !bound.mailed) {
            return Ok(Some(see_other("/invitation")));
        }
        binding::release(session);
        Ok(Some(see_other("/")))
    }
}
