//! `/o/{slug}/billing/invoices/{id}/give-up`: gives up a payment that waits for the bank.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::super::account::Billing;
use super::super::queries;
use super::super::queries::invoices::{self as rows, InvoiceRow};
use super::super::refusal::{Refusal, refuse};
use super::super::stripe::give_up::{GivenUp, give_up};
use super::confirm::ConfirmPage;
use super::{ManagePermit, at_stripe, back_with};
use crate::error::{AppError, Result};
use crate::money::Currency;
use crate::web::forms::{Form, NoFields};
use crate::web::{Console, flash, page, see_other};

fn id_of(request: &HttpRequest) -> Result<Uuid> {
    request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)
}

/// `GET /o/{slug}/billing/invoices/{id}/give-up`
pub async fn confirm(mut permit: ManagePermit, request: HttpRequest) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    let read = permit.read(move |org| Ok((rows::by_id(org, id)?, rows::descriptions(org, id)?, queries::billing(org)?)));
    let (invoice, lines, billing) = read.await?;
    if !rows::OPEN.contains(&invoice.status.as_str()) || !billing.is_awaited(&invoice.number) {
        let not_waiting = refuse::<()>(Refusal::NotWaiting { number: invoice.number });
        return back_with(&permit, not_waiting, |()| String::new());
    }
    page(&confirm_page(&permit, &invoice, &lines, &billing))
}

fn confirm_page(permit: &ManagePermit, invoice: &InvoiceRow, lines: &[String], billing: &Billing) -> ConfirmPage {
    let InvoiceRow { number, due, currency, .. } = invoice;
    let money = Currency::from_code(currency).map(|currency| currency.money(*due).to_string()).unwrap_or_default();
    let not_made = match billing.running() {
        Some(_) => "The change that waits for it is not made.",
        None => "The plan that waits for it does not begin.",
    };
    let plan = match billing.running() {
        Some(current) => format!("{} as it is: you can choose another plan then.", current.plan_name),
        None => {
            format!("{} is your plan: you can choose another one then.", permit.db().plans().of(&permit.organization.plan).name)
        }
    };
    let what = (!lines.is_empty()).then(|| format!("It is for: {}.", lines.join("; ")));
    let void = format!("The invoice {number} is void: nothing of its {money} is charged, also if your bank asks you later.");
    ConfirmPage {
        heading: format!("Give up the payment of {money}?"),
        action: permit.path_to(&format!("billing/invoices/{}/give-up", invoice.id)),
        button: "Give it up".to_owned(),
        keep: "Keep it waiting".to_owned(),
        ends_title: "What ends at once".to_owned(),
        ends: [void].into_iter().chain(what).chain([not_made.to_owned()]).collect(),
        stays: vec![plan, "Your payment methods, and all other invoices.".to_owned()],
        back: permit.path_to("billing"),
        frame: permit.frame(),
    }
}

/// `POST /o/{slug}/billing/invoices/{id}/give-up`
pub async fn submit(
    mut permit: ManagePermit,
    console: web::Data<Console>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    let id = id_of(&request)?;
    form.open::<NoFields>()?;
    permit.read(move |org| rows::by_id(org, id)).await?;
    let permit = Rc::new(permit);
    let done = at_stripe(&permit, &console, move |acting, client| async move { give_up(&acting, &client, id).await });
    match done.await {
        Ok(GivenUp::Paid(number)) => {
            flash::warn(&permit.session, paid_words(&number))?;
            Ok(see_other(&permit.path_to("billing")))
        }
        Ok(GivenUp::Void(number)) => {
            flash::tell(&permit.session, format!("The payment of invoice {number} is given up: nothing was charged."))?;
            Ok(see_other(&permit.path_to("billing/plans")))
        }
        Err(error) => back_with(&permit, Err::<(), _>(error), |()| String::new()),
    }
}

fn paid_words(number: &str) -> String {
    format!("Your bank was faster: invoice {number} is paid, so it was not given up. This page shows what you have now.")
}
