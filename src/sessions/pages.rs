//! Ending sessions from the list on `/account`.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::actions;
use crate::access::SignedIn;
use crate::error::{AppError, Result};
use crate::web::forms::{Form, NoFields};
use crate::web::words::count;
use crate::web::{Console, flash, see_other};

/// `POST /account/sessions/{id}/end`
pub async fn end(console: web::Data<Console>, me: SignedIn, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let id = Uuid::parse_str(&id).map_err(|_| AppError::NotFound)?;
    form.open::<NoFields>()?;
    actions::end_one(&console.db, me.account.id, id).await?;
    if id == actions::id_of(&me.session) {
        actions::end(&me.session);
        return Ok(see_other("/sign-in"));
    }
    flash::tell(&me.session, "That browser is signed out.")?;
    Ok(see_other("/account"))
}

/// `POST /account/sessions/end-others`
pub async fn end_others(console: web::Data<Console>, me: SignedIn, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let ended = actions::end_others(&console.db, me.account.id, actions::id_of(&me.session)).await?;
    let words = match ended {
        0 => "You were signed in nowhere else.".to_owned(),
        some => format!("{} signed out. This one goes on.", count(some, "other browser is", "other browsers are")),
    };
    flash::tell(&me.session, words)?;
    Ok(see_other("/account"))
}
