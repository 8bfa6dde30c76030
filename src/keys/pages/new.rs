//! `/o/{slug}/keys/new`

use actix_web::{HttpResponse, web};
use askama::Template;

use super::super::actions;
use super::super::refusal::Refusal;
use super::fields::{FieldsView, KeyForm, mistakes};
use super::secret;
use crate::access::{Permit, limits, rights};
use crate::error::{Result, Stopped};
use crate::web::forms::{Form, FormErrors};
use crate::web::frame::Frame;
use crate::web::{Console, flash, form_again, page, see_other};

type CreatePermit = Permit<rights::CreateKeys>;

#[derive(Template)]
#[template(path = "keys/new.html")]
struct NewPage {
    frame: Frame,
    fields: FieldsView,
    action: String,
    back: String,
}

impl NewPage {
    fn new(permit: &CreatePermit, form: &KeyForm, errors: FormErrors) -> NewPage {
        NewPage {
            fields: FieldsView::new(permit, form, errors),
            action: permit.path_to("keys/new"),
            back: permit.path_to("keys"),
            frame: permit.frame(),
        }
    }
}

/// `GET /o/{slug}/keys/new`
pub async fn show(permit: CreatePermit) -> Result<HttpResponse> {
    page(&NewPage::new(&permit, &KeyForm::empty(), FormErrors::default()))
}

/// `POST /o/{slug}/keys/new`: answers with the secret, which no other response ever holds.
pub async fn submit(permit: CreatePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let form: KeyForm = form.open()?;
    if !form.select_all.is_empty() {
        let form = form.ticked(permit.standing, permit.db().product());
        return page(&NewPage::new(&permit, &form, FormErrors::default()));
    }
    let new = match form.parse(permit.db().product()) {
        Ok(new) => new,
        Err(errors) => return form_again(&NewPage::new(&permit, &form, errors)),
    };
    limits::spend(&console, limits::CREATE_KEY, &permit.organization.id.to_string(), 1).await?;
    let name = new.name.as_str().to_owned();
    match permit.write(move |tx| actions::create(tx, &new)).await {
        Ok((id, text)) => {
            let words = (format!("{name} is generated"), String::new());
            secret::shown(&permit, &console, (id, &name), &text, words)
        }
        Err(Stopped::Refused(refusal @ Refusal::GeneratedJustNow { id })) => {
            flash::warn(&permit.session, refusal.words().into_owned())?;
            Ok(see_other(&permit.path_to(&format!("keys/{id}"))))
        }
        Err(Stopped::Refused(refusal)) => form_again(&NewPage::new(&permit, &form, mistakes(&refusal))),
        Err(Stopped::Failed(error)) => Err(error),
    }
}
