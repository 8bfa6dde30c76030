//! `/o/{slug}/billing/payment-methods/…`: added on Stripe's own page, chosen and removed here.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::super::account::Billing;
use super::super::payment_method::PaymentMethod;
use super::super::queries;
use super::super::refusal::{Refusal, refuse};
use super::super::stripe::methods::{self, Added, is_paid_there};
use super::confirm::ConfirmPage;
use super::{ManagePermit, at_stripe, back_with};
use crate::error::{AppError, Result, Stopped};
use crate::web::forms::{Form, NoFields};
use crate::web::words::day;
use crate::web::{Console, flash, local_path, page, query, query_encoded, see_other};

/// Where to go on afterwards.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddForm {
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Returned {
    session: String,
    next: String,
}

/// The method that the address names.
///
/// # Errors
/// `NotFound` where this organization has no such one.
async fn named(permit: &mut ManagePermit, request: &HttpRequest) -> Result<(PaymentMethod, Billing)> {
    let id = request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)?;
    let billing = permit.read(queries::billing).await?;
    let method = billing.methods.iter().find(|method| method.id == id).cloned();
    Ok((method.ok_or(AppError::NotFound)?, billing))
}

/// `POST /o/{slug}/billing/payment-methods/new`
pub async fn add(permit: ManagePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let form: AddForm = form.open()?;
    let next = local_path(&form.next);
    let added = permit.path_to(&format!("billing/payment-methods/added?next={}", query_encoded(next)));
    let left = if next == "/" { permit.path_to("billing") } else { next.to_owned() };
    let (added, left) = (console.config.link(&added), console.config.link(&left));
    let permit = Rc::new(permit);
    let begun =
        at_stripe(&permit, &console, |acting, stripe| async move { methods::begin(&acting, &stripe, &added, &left).await });
    match begun.await {
        Ok(form) => Ok(see_other(&form)),
        Err(error) => back_with(&permit, Err::<(), _>(error), |()| String::new()),
    }
}

/// `GET /o/{slug}/billing/payment-methods/added`: where Stripe's page leads back to.
pub async fn added(permit: ManagePermit, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    let Returned { session, next } = query(&request);
    if session.is_empty() {
        flash::warn(
            &permit.session,
            "To add a payment method, press Add payment method here: Stripe's form leads back to this page.",
        )?;
        return Ok(see_other(&permit.path_to("billing")));
    }
    let permit = Rc::new(permit);
    let finished =
        at_stripe(&permit, &console, |acting, stripe| async move { methods::finish(&acting, &stripe, &session).await });
    match finished.await {
        Ok(Some(added)) => flash::tell(&permit.session, added_words(&added))?,
        Ok(None) => flash::warn(&permit.session, "Nothing was added. You can try again.")?,
        // The card is there all the same, and the page shows it as soon as Stripe answers.
        Err(Stopped::Refused(refusal)) => flash::warn(&permit.session, refusal.words().into_owned())?,
        Err(Stopped::Failed(error)) => return Err(error),
    }
    let billing = permit.path_to("billing");
    Ok(see_other(Some(local_path(&next)).filter(|next| *next != "/").unwrap_or(&billing)))
}

fn added_words(added: &Added) -> String {
    let name = added.method.name();
    match added.is_chosen {
        true => format!("{name} is added and is charged from now on. Press Pay now to pay what failed."),
        false => format!("{name} is added."),
    }
}

/// `POST /o/{slug}/billing/payment-methods/{id}/default`
pub async fn choose(
    mut permit: ManagePermit,
    console: web::Data<Console>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let (PaymentMethod { id, .. }, _) = named(&mut permit, &request).await?;
    let permit = Rc::new(permit);
    let chosen = at_stripe(&permit, &console, move |acting, stripe| async move { methods::choose(&acting, &stripe, id).await });
    back_with(&permit, chosen.await, |method| format!("{} is charged from now on.", method.name()))
}

/// `GET /o/{slug}/billing/payment-methods/{id}/remove`
pub async fn confirm(mut permit: ManagePermit, request: HttpRequest) -> Result<HttpResponse> {
    let (method, billing) = named(&mut permit, &request).await?;
    let others: Vec<&PaymentMethod> = billing.methods.iter().filter(|other| other.id != method.id).collect();
    if others.is_empty() && is_paid_there(&billing) {
        return back_with(&permit, refuse::<()>(Refusal::LastMethod), |()| String::new());
    }
    let heir = others.iter().max_by_key(|other| other.added_at).filter(|_| method.is_default);
    let heir = heir.map(|heir| format!("{} is charged from then on.", heir.name()));
    page(&ConfirmPage {
        heading: format!("Remove {}?", method.name()),
        action: permit.path_to(&format!("billing/payment-methods/{}/remove", method.id)),
        button: "Remove".to_owned(),
        ends_title: "What ends at once".to_owned(),
        ends: std::iter::once(format!("Nothing is charged to {} any more.", method.name())).chain(heir).collect(),
        stays: vec![plan_stays(&billing, others.is_empty(), &permit.db().plans().free().name), "All invoices.".to_owned()],
        keep: format!("Keep {}", method.name()),
        back: permit.path_to("billing"),
        frame: permit.frame(),
    })
}

/// What becomes of the plan once a payment method is gone, the last one or not.
fn plan_stays(billing: &Billing, is_last: bool, free: &str) -> String {
    let Some(current) = billing.running() else { return "The plan as it is.".to_owned() };
    let (plan, at) = (&current.plan_name, day(current.period_ends_at));
    match (current.is_at_stripe(), is_last) {
        (false, _) => format!("The plan {plan}, which is paid by invoice."),
        (true, true) if current.ends_at_period_end => format!("The plan {plan} until {at}, when it ends: it is cancelled."),
        (true, true) if current.is_trial() => format!(
            "The trial of {plan} until {at}. Unless a payment method is added by then, it ends that day, and {free} is your plan."
        ),
        (true, _) => format!("The plan {plan}."),
    }
}

/// `POST /o/{slug}/billing/payment-methods/{id}/remove`
pub async fn remove(
    mut permit: ManagePermit,
    console: web::Data<Console>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let (PaymentMethod { id, .. }, _) = named(&mut permit, &request).await?;
    let permit = Rc::new(permit);
    let removed = at_stripe(&permit, &console, move |acting, stripe| async move { methods::remove(&acting, &stripe, id).await });
    back_with(&permit, removed.await, |method| format!("{} is removed.", method.name()))
}
