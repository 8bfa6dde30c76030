//! The Billing screen.

pub mod cancel;
pub mod change;
mod change_words;
pub mod check;
pub mod details;
pub mod invoices;
pub mod limit;
pub mod methods;
pub mod overview;
mod overview_stripe;
pub mod pay;
pub mod plans;
pub mod tax_ids;
pub mod usage;
mod words;

use actix_web::HttpResponse;
use actix_web::http::header;

use super::refusal::Refusal;
use crate::access::{Permit, Right};
use crate::error::{Result, Stopped};
use crate::web::{Console, flash, headers, see_other};

/// A page whose forms may lead on to Stripe.
fn leads_to_stripe(console: &Console, mut response: HttpResponse) -> HttpResponse {
    let origins = console.stripe.as_ref().map(crate::stripe::Stripe::page_origins).unwrap_or_default();
    if let Some(policy) = headers::policy_with_forms_to(&origins).filter(|_| !origins.is_empty()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Back to the Billing page with what came of a deed, in words.
fn back_with<P: Right, T>(
    permit: &Permit<P>,
    outcome: Result<T, Stopped<Refusal>>,
    told: impl FnOnce(T) -> String,
) -> Result<HttpResponse> {
    match outcome {
        Ok(done) => flash::tell(&permit.session, told(done))?,
        Err(Stopped::Refused(refusal)) => flash::warn(&permit.session, refusal.words().into_owned())?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    Ok(see_other(&permit.path_to("billing")))
}
