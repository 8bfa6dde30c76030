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

/// Payments that the page shows.
const LATEST_PAYMENTS: i64 = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
    before: String,
}

#[derive(Template)]
#[template(path = "billing/invoices.html")]
struct InvoicesPage {
    frame: Frame,
    invoices: Vec<ShownInvoice>,
    summary: String,
    links: PageLinks,
    payments: Vec<ShownPayment>,
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
    let cursor = Cursor::parse(&asked.after, &asked.before);
    let from = cursor.clone();
    let read = permit.read(move |org| Ok((invoices::page(org, &from)?, payments::latest(org, LATEST_PAYMENTS)?)));
    let (rows, payments) = read.await?;
    let (path, now) = (permit.path_to("billing"), permit.db().now());
    let found = Page::from_rows(rows, &cursor);
    let may_pay = permit.standing.permissions.contains(Permission::BillingManage) && console.stripe.is_some();
    let shown = page(&InvoicesPage {
        summary: format!("{} shown", count(i64::try_from(found.rows.len()).unwrap_or_default(), "invoice", "invoices")),
        links: found.links(&format!("{path}/invoices"), InvoiceRow::place),
        invoices: found.rows.iter().map(|row| words::invoice(row, &path, now, may_pay)).collect(),
        payments: payments.iter().map(|row| payment(row, &path, now)).collect(),
        frame: permit.frame(),
        back: path,
    });
    Ok(leads_to_stripe(&console, shown?))
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
