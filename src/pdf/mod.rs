//! Invoices and credit notes as PDF files to keep: A4, PDF/A-2b, one font, and others for the scripts that it lacks. A caller says in finished words what the document
//! holds; this module knows neither money nor tax nor the database. A document becomes rows of cells (`compose`, `table`),
//! their texts become glyphs and lines (`text`, `wrap`), the rows become pages (`pages`), the pages a file (`draw`). Equal
//! documents give equal bytes.

mod face;
mod fallback;
mod style;
mod text;
mod legible;
mod wrap;
mod row;
mod pages;
mod table;
mod compose;
mod draw;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Moment;
use crate::error::{AppError, Result};
use face::{Typeface, Weight};

/// What an invoice says. Every text may hold any characters and be empty or long; line feeds break lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceDocument {
    /// `Invoice`, `Credit note`
    pub title: String,
    /// `R-000042`
    pub number: String,
    /// Who invoices.
    pub issuer: Party,
    /// Who pays.
    pub recipient: Party,
    /// What to know at a glance, by name: `Date` is `22 November 2026`, then `Due`, `Period`, `Payment reference`.
    pub facts: Vec<(String, String)>,
    /// What is invoiced, in the order in which it is listed.
    pub lines: Vec<Line>,
    /// What it comes to, from the subtotal down to what is due.
    pub totals: Vec<Total>,
    /// Sentences at the end: reverse charge, how to pay, thanks. One paragraph each.
    pub notes: Vec<String>,
    /// The moment that the metadata gives. A second rendering of a document gives the same.
    pub created: Moment,
}

impl InvoiceDocument {
    /// A document as it was stored.
    ///
    /// # Errors
    /// `Internal` for what is none.
    pub fn stored(value: Value) -> Result<InvoiceDocument> {
        serde_json::from_value(value).map_err(|error| AppError::Internal(error.to_string()))
    }

    /// The same, issued by `name` where no issuer is named.
    fn issued_by(mut self, name: &str) -> InvoiceDocument {
        if self.issuer.name.is_empty() {
            name.clone_into(&mut self.issuer.name);
        }
        self
    }
}

/// One side of an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub name: String,
    /// Address and tax numbers.
    pub lines: Vec<String>,
}

/// One line of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub description: String,
    /// When it was used, in small print below; may be empty.
    pub period: String,
    pub quantity: String,
    pub unit_price: String,
    pub amount: String,
}

/// One line under the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// `Subtotal`, `VAT 19 %`, `Total`, `Credit applied`, `Amount due`
    pub label: String,
    pub amount: String,
    /// Whether it is one that people look for.
    pub is_strong: bool,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The fonts within the binary are broken: a fault of the build.
    #[error("the fonts of the invoices can't be read")]
    Font,
    /// The file would not be PDF/A-2b, or could not be written: a fault of this module.
    #[error("the invoice can't be written as PDF/A-2b: {0}")]
    Written(String),
}

/// The PDF file of a document, `application/pdf`. Takes a few milliseconds of CPU: run it where blocking is allowed.
///
/// # Errors
/// Only for faults of this program; no text of a document leads to one.
pub fn render(document: &InvoiceDocument) -> Result<Vec<u8>, PdfError> {
    for weight in [Weight::Regular, Weight::SemiBold] {
        Typeface::of(weight).ok_or(PdfError::Font)?;
    }
    draw::draw(document, compose::compose(document))
}

/// The file of a document, rendered off the async threads; issued by `product_name` where no issuer is named.
///
/// # Errors
/// `Internal`, only for faults of this program.
pub async fn file(document: InvoiceDocument, product_name: &str) -> Result<Vec<u8>> {
    let document = document.issued_by(product_name);
    let rendered = tokio::task::spawn_blocking(move || render(&document)).await;
    let rendered = rendered.map_err(|error| AppError::Internal(error.to_string()))?;
    rendered.map_err(|error| AppError::Internal(error.to_string()))
}
