//! `/o/{slug}/billing/invoices` and the PDF of one.

use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::queries::invoices::{self, Document, InvoiceRow};
use super::super::queries::payments::{self, PaymentRow};
use super::super::refusal::Refusal;
use super::super::stripe;
use super::super::words::{self, ShownInvoice};
use super::{back_with, leads_to_stripe};
use crate::access::policy::Permission;
use crate::access::{Permit, rights};
use crate::clock::Moment;
use crate::error::{AppError, Result, Stopped};
use crate::money::Currency;
use crate::pdf::{self, InvoiceDocument};
use crate::web::frame::Frame;
use crate::web::pagination::{Cursor, Page, PageLinks};
use crate::web::words::{TimeWords, count, day};
use crate::web::{Console, page, query, see_other};

type ViewPermit = Permit<rights::ViewBilling>;

/// Begins the names of the cursors of the payment history.
const PAYMENTS: &str = "payments_";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
    before: String,
    payments_after: String,
    payments_before: String,
}

#[derive(Template)]
#[template(path = "billing/invoices.html")]
struct InvoicesPage {
    frame: Frame,
    invoices: Vec<ShownInvoice>,
    summary: String,
    links: PageLinks,
    payments: Vec<ShownPayment>,
    payments_summary: String,
    payments_links: PageLinks,
    back: String,
}

struct ShownPayment {
    date: TimeWords,
    amount: String,
    method: String,
    number: String,
    pdf: String,
}

/// `GET /o/{slug}/billing/invoices`
pub async fn list(mut permit: ViewPermit, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let cursors = (Cursor::parse(&asked.after, &asked.before), Cursor::parse(&asked.payments_after, &asked.payments_before));
    let (from, payments_from) = cursors.clone();
    let read = permit.read(move |org| Ok((invoices::page(org, &from)?, payments::page(org, &payments_from)?)));
    let (invoices, payments) = read.await?;
    let found = (Page::from_rows(invoices, &cursors.0), Page::from_rows(payments, &cursors.1));
    Ok(leads_to_stripe(&console, page(&invoices_page(&permit, console.stripe.is_some(), &found, &cursors))?))
}

/// Each list keeps the place of the other in the addresses of its neighbouring pages.
fn invoices_page(
    permit: &ViewPermit,
    has_stripe: bool,
    (invoices, payments): &(Page<InvoiceRow>, Page<PaymentRow>),
    (cursor, payments_cursor): &(Cursor, Cursor),
) -> InvoicesPage {
    let (path, now) = (permit.path_to("billing"), permit.db().now());
    let address = format!("{path}/invoices");
    let may_pay = permit.standing.permissions.contains(Permission::BillingManage) && has_stripe;
    InvoicesPage {
        summary: shown(invoices.rows.len(), "invoice", "invoices"),
        links: invoices.links(&payments_cursor.kept_in(&address, PAYMENTS), InvoiceRow::place),
        invoices: invoices.rows.iter().map(|row| words::invoice(row, &path, now, may_pay)).collect(),
        payments_summary: shown(payments.rows.len(), "payment", "payments"),
        payments_links: payments.links_of(PAYMENTS, &cursor.kept_in(&address, ""), PaymentRow::place),
        payments: payments.rows.iter().map(|row| payment(row, &path, now)).collect(),
        frame: permit.frame(),
        back: path,
    }
}

/// `50 payments shown`
fn shown(rows: usize, one: &str, several: &str) -> String {
    format!("{} shown", count(i64::try_from(rows).unwrap_or_default(), one, several))
}

fn payment(row: &PaymentRow, path: &str, now: Moment) -> ShownPayment {
    let note = if row.note.is_empty() { String::new() } else { format!(", {}", row.note) };
    ShownPayment {
        date: TimeWords { relative: day(row.at), ..TimeWords::new(row.at, now) },
        amount: Currency::from_code(&row.currency).map(|currency| currency.money(row.amount).to_string()).unwrap_or_default(),
        method: format!("{}{note}", row.method),
        number: row.number.clone(),
        pdf: format!("{path}/invoices/{}.pdf", row.invoice_id),
    }
}

/// `GET /o/{slug}/billing/invoices/{id}.pdf`
pub async fn download(mut permit: ViewPermit, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    let id = request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)?;
    let Document { number, words, stripe_id } = permit.read(move |org| invoices::document(org, id)).await?;
    if let Some(stripe_id) = stripe_id {
        return of_stripe(&permit, &console, &stripe_id).await;
    }
    let words = words.ok_or(AppError::NotFound)?;
    let bytes = pdf::file(InvoiceDocument::stored(words)?, &console.config.brand.name).await?;
    let name = DispositionParam::Filename(format!("{number}.pdf"));
    let disposition = ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![name] };
    Ok(HttpResponse::Ok().content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, disposition)).body(bytes))
}

/// To the PDF that Stripe has of an invoice.
async fn of_stripe(permit: &ViewPermit, console: &Console, stripe_id: &str) -> Result<HttpResponse> {
    let address = match &console.stripe {
        Some(client) => stripe::invoices::pdf(client, stripe_id).await,
        None => Err(Stopped::Refused(Refusal::NotSetUp)),
    };
    match address {
        Ok(address) => Ok(see_other(&address)),
        Err(error) => back_with(permit, Err::<(), _>(error), |()| String::new()),
    }
}
