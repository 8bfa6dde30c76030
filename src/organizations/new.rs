//! `/organizations/new`

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::actions::{self, Founder};
use crate::access::{SignedIn, Visitor, limits};
use crate::db::types::OrganizationName;
use crate::error::Result;
use crate::web::forms::{Form, FormErrors, fresh_form, retyped};
use crate::web::frame::Public;
use crate::web::{Console, flash, form_again, page, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewForm {
    organization_name: String,
    /// As `fresh_form` made it.
    form: String,
}

#[derive(Template)]
#[template(path = "organizations/new.html")]
struct NewPage {
    page: Public,
    form: NewForm,
    errors: FormErrors,
}

impl NewPage {
    fn new(visitor: &Visitor, form: &NewForm, errors: FormErrors) -> NewPage {
        let form = NewForm { organization_name: retyped(&form.organization_name), form: fresh_form() };
        NewPage { page: visitor.page(), form, errors }
    }
}

/// `GET /organizations/new`
pub async fn show(_: SignedIn, visitor: Visitor) -> Result<HttpResponse> {
    page(&NewPage::new(&visitor, &NewForm::default(), FormErrors::default()))
}

/// `POST /organizations/new`
pub async fn submit(
    SignedIn { account, session }: SignedIn,
    visitor: Visitor,
    console: web::Data<Console>,
    form: Form,
) -> Result<HttpResponse> {
    let form: NewForm = form.open()?;
    let name = match OrganizationName::parse(&form.organization_name) {
        Ok(name) => name,
        Err(words) => return form_again(&NewPage::new(&visitor, &form, FormErrors::one("organization_name", words))),
    };
    limits::spend(&console, limits::CREATE_ORGANIZATION, &account.id.to_string(), 1).await?;
    let id = match form.form.as_str() {
        "" => Uuid::new_v4(),
        this => console.config.secret_keys.id_for(format!("{}\0{this}\0{}", account.id, name.as_str()).as_bytes()),
    };
    let founder = Founder { account_id: account.id, name: account.name, email: account.email };
    let created = format!("{} is ready. You are its Owner.", name.as_str());
    let slug = actions::found(&console.db, id, name, founder).await?;
    flash::tell(&session, created)?;
    Ok(see_other(&format!("/o/{slug}")))
}
