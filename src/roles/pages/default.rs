//! `/o/{slug}/roles/default`: the role that invitations begin with.

use actix_web::HttpResponse;
use serde::Deserialize;
use uuid::Uuid;

use super::super::actions;
use crate::access::{Permit, rights};
use crate::error::{Result, Stopped};
use crate::web::forms::Form;
use crate::web::{flash, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DefaultForm {
    role: String,
}

/// `POST /o/{slug}/roles/default`
pub async fn submit(permit: Permit<rights::ManageRoles>, form: Form) -> Result<HttpResponse> {
    let form: DefaultForm = form.open()?;
    let id = Uuid::try_parse(&form.role).unwrap_or_default();
    match permit.write(move |tx| actions::set_default(tx, id)).await {
        Ok(name) => flash::tell(&permit.session, format!("Invitations begin with {name} now."))?,
        Err(Stopped::Refused(refusal)) => flash::warn(&permit.session, format!("Nothing was changed. {}", refusal.words()))?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    Ok(see_other(&permit.path_to("roles")))
}
