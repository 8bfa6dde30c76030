//! `/o/{slug}/billing/invoices` and the PDF of one.

use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::queries::invoices::{self, InvoiceRow, PaymentRow};
use super::words::{self, ShownInvoice};
use crate::access::{Permit, rights};
use crate::clock::Moment;
use crate::error::{AppError, Result};
use crate::money::Currency;
use crate::pdf::{self, InvoiceDocument};
use crate::web::frame::Frame;
use crate::web::pagination::{Cursor, Page, PageLinks};
use crate::web::words::{TimeWords, count, day};
use crate::web::{Console, page, query};

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
pub async fn list(mut permit: ViewPermit, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let cursor = Cursor::parse(&asked.after, &asked.before);
    let from = cursor.clone();
    let read = permit.read(move |org| Ok((invoices::page(org, &from)?, invoices::latest_payments(org, LATEST_PAYMENTS)?)));
    let (rows, payments) = read.await?;
    let (path, now) = (permit.path_to("billing"), permit.db().now());
    let found = Page::from_rows(rows, &cursor);
    page(&InvoicesPage {
        summary: format!("{} shown", count(i64::try_from(found.rows.len()).unwrap_or_default(), "invoice", "invoices")),
        links: found.links(&format!("{path}/invoices"), InvoiceRow::place),
        invoices: found.rows.iter().map(|row| words::invoice(row, &path, now)).collect(),
        payments: payments.iter().map(|row| payment(row, &path, now)).collect(),
        frame: permit.frame(),
        back: path,
    })
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
    let (number, document) = permit.read(move |org| invoices::document(org, id)).await?;
    let bytes = pdf::file(InvoiceDocument::stored(document)?, &console.config.brand.name).await?;
    let name = DispositionParam::Filename(format!("{number}.pdf"));
    let disposition = ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![name] };
    Ok(HttpResponse::Ok().content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, disposition)).body(bytes))
}
