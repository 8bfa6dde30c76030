//! `POST /o/{slug}/billing/check`: compares everything with Stripe now.

use std::rc::Rc;

use actix_web::{HttpResponse, web};

use super::super::stripe;
use super::{ManagePermit, at_stripe, back_with};
use crate::error::Result;
use crate::web::Console;
use crate::web::forms::{Form, NoFields};

/// `POST /o/{slug}/billing/check`
pub async fn submit(permit: ManagePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let permit = Rc::new(permit);
    let checked = at_stripe(&permit, &console, |acting, client| async move { stripe::check(&acting, &client).await });
    back_with(&permit, checked.await, |repaired: Vec<String>| match repaired.as_slice() {
        [] => "Everything here is as it is at Stripe.".to_owned(),
        all => format!("Put right: {}.", all.join("; ")),
    })
}
