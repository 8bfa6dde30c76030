//! `POST /o/{slug}/billing/check`: compares everything with Stripe now.

use std::rc::Rc;

use actix_web::{HttpResponse, web};

use super::super::refusal::Refusal;
use super::super::stripe::{self, Acting};
use super::super::way;
use super::back_with;
use crate::access::{Permit, limits, rights};
use crate::error::{Result, Stopped};
use crate::web::Console;
use crate::web::forms::{Form, NoFields};

/// `POST /o/{slug}/billing/check`
pub async fn submit(permit: Permit<rights::ManageBilling>, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    limits::spend(&console, limits::CHANGE_BILLING, &permit.organization.id.to_string(), 1).await?;
    let permit = Rc::new(permit);
    let Some(client) = console.stripe.clone() else {
        return back_with(&permit, Err::<(), _>(Stopped::Refused(Refusal::Away)), |()| String::new());
    };
    let acting = Acting::Member(Rc::clone(&permit));
    let checked = way::at_leisure(async move { stripe::check(&acting, &client).await }).await;
    back_with(&permit, checked, |repaired: Vec<String>| match repaired.as_slice() {
        [] => "Everything here is as it is at Stripe.".to_owned(),
        all => format!("Put right: {}.", all.join("; ")),
    })
}
