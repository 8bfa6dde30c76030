//! `/o/{slug}/invites/{id}/role`

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use uuid::Uuid;

use super::id_of;
use crate::access::{Permit, rights};
use crate::error::{Result, Stopped};
use crate::invites::actions::{self, RoleRefused};
use crate::members::pages::came_from;
use crate::web::forms::Form;
use crate::web::{flash, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RoleForm {
    role: String,
    /// The role that the page showed.
    shown: String,
}

/// `POST /o/{slug}/invites/{id}/role`
pub async fn submit(permit: Permit<rights::InviteMembers>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let (id, form) = (id_of(&request, "id")?, form.open::<RoleForm>()?);
    let role_id = Uuid::try_parse(&form.role).unwrap_or_default();
    let shown = (!form.shown.is_empty()).then(|| Uuid::try_parse(&form.shown).unwrap_or_default());
    match permit.write(move |tx| actions::change_role(tx, id, role_id, shown)).await {
        Ok((invitation, role)) => {
            let words = format!("{} joins as {} now. The link stays as it is.", invitation.email, role.name);
            flash::tell(&permit.session, words)?;
        }
        Err(Stopped::Refused(refused)) => flash::warn(&permit.session, format!("Nothing was changed: {}", words(&refused)))?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    Ok(see_other(&came_from(&request, &permit, &permit.path_to(&format!("invites/{id}")))))
}

fn words(refused: &RoleRefused) -> String {
    match refused {
        RoleRefused::Ended(status) => format!("this invitation is {} already.", status.word().to_lowercase()),
        RoleRefused::OutOfReach => {
            "you cannot invite with the role of this invitation. Ask who sent it, or somebody with a higher role.".to_owned()
        }
        RoleRefused::NotToGive => "you cannot invite with that role. Choose one of the list.".to_owned(),
        RoleRefused::Stale { now } => {
            format!("somebody else gave this invitation the role {now} in the meantime. Choose again if you still mean it.")
        }
    }
}
