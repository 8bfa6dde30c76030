//! `POST /o/{slug}/billing/invoices/{id}/pay`: pays an invoice that Stripe could not collect.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::super::queries::invoices as rows;
use super::super::stripe::change::Done;
use super::super::stripe::invoices;
use super::{ManagePermit, at_stripe, back_with};
use crate::error::{AppError, Result};
use crate::web::forms::{Form, NoFields};
use crate::web::{Console, see_other};

/// `POST /o/{slug}/billing/invoices/{id}/pay`
pub async fn submit(
    mut permit: ManagePermit,
    console: web::Data<Console>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    let id = request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)?;
    form.open::<NoFields>()?;
    permit.read(move |org| rows::by_id(org, id)).await?;
    let permit = Rc::new(permit);
    let paid = at_stripe(&permit, &console, move |acting, client| async move { invoices::pay(&acting, &client, id).await });
    match paid.await {
        Ok(Done::Confirm(page)) => Ok(see_other(&page)),
        Ok(Done::Made(number)) => back_with(&permit, Ok(number), |number| format!("The invoice {number} is paid.")),
        Err(error) => back_with(&permit, Err::<(), _>(error), |()| String::new()),
    }
}
