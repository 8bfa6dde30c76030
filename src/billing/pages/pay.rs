//! `POST /o/{slug}/billing/invoices/{id}/pay`: pays an invoice that Stripe could not collect.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::super::stripe::change::Done;
use super::super::stripe::{Acting, invoices};
use super::super::way;
use super::back_with;
use crate::access::{Permit, limits, rights};
use crate::error::{AppError, Result};
use crate::web::forms::{Form, NoFields};
use crate::web::{Console, see_other};

/// `POST /o/{slug}/billing/invoices/{id}/pay`
pub async fn submit(
    permit: Permit<rights::ManageBilling>,
    console: web::Data<Console>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    let id = request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)?;
    form.open::<NoFields>()?;
    limits::spend(&console, limits::CHANGE_BILLING, &permit.organization.id.to_string(), 1).await?;
    let client = console.stripe.clone().ok_or(AppError::NotFound)?;
    let permit = Rc::new(permit);
    let acting = Acting::Member(Rc::clone(&permit));
    match way::at_leisure(async move { invoices::pay(&acting, &client, id).await }).await {
        Ok(Done::Confirm(page)) => Ok(see_other(&page)),
        Ok(Done::Made(number)) => back_with(&permit, Ok(number), |number| format!("The invoice {number} is paid.")),
        Err(error) => back_with(&permit, Err::<(), _>(error), |()| String::new()),
    }
}
