//! What stands where: title and issuer, recipient and facts, the table, the totals under its amounts, the notes, and the
//! foot of each page.

use super::pages::{Mark, Pages, put_foot};
use super::row::{Cell, Row, Side};
use super::style::{ASIDE, ASIDE_WIDTH, MARGIN, MEASURE, Style};
use super::table;
use super::{InvoiceDocument, Party};

/// Width of the names of facts, and space between them and what they name.
const FACT_NAME: f32 = 92.0;
const GUTTER: f32 = 10.0;
/// Width of the column on the left, and of notes: some ninety letters.
const MAIN_WIDTH: f32 = 248.0;
const NOTE_WIDTH: f32 = 390.0;
/// The words above the recipient.
const RECIPIENT: &str = "Billed to";

/// The marks of every page.
pub fn compose(document: &InvoiceDocument) -> Vec<Vec<Mark>> {
    let mut pages = Pages::new();
    pages.add(vec![head(document)]);
    pages.add(vec![parties(document)]);
    table::add(&mut pages, document);
    add_notes(&mut pages, &document.notes);
    let mut pages = pages.finish();
    let count = pages.len();
    for (page, number) in pages.iter_mut().zip(1..) {
        put_foot(page, foot(document, number, count));
    }
    pages
}

fn head(document: &InvoiceDocument) -> Row {
    let title =
        Cell::new(MARGIN, MAIN_WIDTH, Side::Left).with(&document.title, Style::TITLE).with(&document.number, Style::NUMBER);
    let issuer = party(Cell::new(ASIDE, ASIDE_WIDTH, Side::Left), &document.issuer);
    Row { cells: vec![title, issuer], ..Row::default() }
}

fn party(cell: Cell, party: &Party) -> Cell {
    party.lines.iter().fold(cell.with(&party.name, Style::NAME), |cell, line| cell.with(line, Style::TEXT))
}

fn parties(document: &InvoiceDocument) -> Row {
    let label = Cell::new(MARGIN, MAIN_WIDTH, Side::Left).with(RECIPIENT, Style::LABEL);
    let recipient = party(label, &document.recipient);
    let mut names = Cell::new(ASIDE, FACT_NAME, Side::Left);
    let mut values = Cell::new(ASIDE + FACT_NAME + GUTTER, ASIDE_WIDTH - FACT_NAME - GUTTER, Side::Left);
    for (name, value) in &document.facts {
        names = names.with(name, Style::LABEL);
        values = values.with(value, Style::TEXT);
        let lines = names.lines.len().max(values.lines.len());
        names.filled_to(lines, Style::LABEL);
        values.filled_to(lines, Style::TEXT);
    }
    Row { cells: vec![recipient, names, values], before: 34.0, ..Row::default() }
}

fn add_notes(pages: &mut Pages, notes: &[String]) {
    let mut before = 30.0;
    for note in notes {
        let cell = Cell::new(MARGIN, NOTE_WIDTH, Side::Left).with(note, Style::TEXT);
        pages.add(vec![Row { cells: vec![cell], before, ..Row::default() }]);
        before = 7.0;
    }
}

/// The number of the document and who issued it, as far as they fit on one line, and the number of the page.
fn foot(document: &InvoiceDocument, number: usize, count: usize) -> Row {
    let words = [document.title.as_str(), &document.number, "·", &document.issuer.name].join(" ");
    let mut left = Cell::new(MARGIN, MEASURE - 80.0, Side::Left).with(&words, Style::SMALL);
    left.lines.truncate(1);
    let right = Cell::new(MARGIN + MEASURE - 70.0, 70.0, Side::Right).with(&format!("{number} of {count}"), Style::SMALL);
    Row { cells: vec![left, right], ..Row::default() }
}
