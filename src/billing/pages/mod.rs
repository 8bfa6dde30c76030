//! The Billing screen.

pub mod cancel;
pub mod change;
mod change_words;
pub mod check;
mod confirm;
pub mod details;
mod details_form;
mod details_merge;
pub mod give_up;
pub mod invoices;
pub mod limit;
pub mod methods;
pub mod module_end;
mod module_list;
pub mod modules;
pub mod overview;
mod overview_alert;
mod overview_credit;
mod overview_stripe;
mod overview_unpaid;
pub mod pay;
pub mod plans;
pub mod tax_ids;
pub mod usage;
mod usage_before;
mod usage_summary;
mod usage_users;

use std::rc::Rc;

use actix_web::HttpResponse;
use actix_web::http::header;

use super::refusal::{Outcome, Refusal, refuse};
use super::stripe::Acting;
use super::way;
use crate::access::{Permit, Right, limits, rights};
use crate::error::{Result, Stopped};
use crate::stripe::Stripe;
use crate::web::{Console, flash, headers, see_other};

type ManagePermit = Permit<rights::ManageBilling>;

/// A page whose forms may lead on to Stripe.
fn leads_to_stripe(console: &Console, mut response: HttpResponse) -> HttpResponse {
    let origins = console.stripe.as_ref().map(Stripe::page_origins).unwrap_or_default();
    if let Some(policy) = headers::policy_with_forms_to(&origins).filter(|_| !origins.is_empty()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Does something at Stripe in the name of who may manage billing, to its end.
async fn at_stripe<T, F>(permit: &Rc<ManagePermit>, console: &Console, work: impl FnOnce(Acting, Stripe) -> F) -> Outcome<T>
where
    T: 'static,
    F: Future<Output = Outcome<T>> + 'static,
{
    limits::spend(console, limits::CHANGE_BILLING, &permit.organization.id.to_string(), 1).await?;
    let Some(stripe) = console.stripe.clone() else { return refuse(Refusal::NotSetUp) };
    way::at_leisure(work(Acting::Member(Rc::clone(permit)), stripe)).await
}

/// Back to the Billing page with what came of a deed, in words.
fn back_with<P: Right, T>(permit: &Permit<P>, outcome: Outcome<T>, told: impl FnOnce(T) -> String) -> Result<HttpResponse> {
    match outcome {
        Ok(done) => flash::tell(&permit.session, told(done))?,
        Err(Stopped::Refused(refusal)) => flash::warn(&permit.session, refusal.words().into_owned())?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    Ok(see_other(&permit.path_to("billing")))
}
