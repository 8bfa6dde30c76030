//! The lines of the invoice and its totals. The columns of numbers are as wide as what they hold, and what they leave
//! belongs to the descriptions.

use super::pages::{Pages, is_long};
use super::row::{Cell, Row, Rule, Side};
use super::style::{ASIDE, ASIDE_WIDTH, MARGIN, MEASURE, Style, Tone};
use super::text::TextLine;
use super::{InvoiceDocument, Line, Total};

/// Heads of the columns.
const HEADS: [&str; 4] = ["Description", "Quantity", "Unit price", "Amount"];
/// Space between columns.
const GUTTER: f32 = 16.0;
/// Narrowest column of numbers, which holds every head, and the widest; what is wider is broken.
const NARROWEST: f32 = 48.0;
const WIDEST: f32 = 100.0;
/// Space above and below the text of a row.
const PADDING: f32 = 5.5;

/// Adds the table and what it comes to. The last line stays with the totals, so that no page says a sum of nothing.
pub fn add(pages: &mut Pages, document: &InvoiceDocument) {
    let columns = Columns::of(&document.lines);
    let mut groups: Vec<Vec<Row>> = document.lines.iter().map(|line| vec![row(&columns, line)]).collect();
    let totals = totals(&document.totals);
    match groups.last_mut() {
        Some(last) if !last.iter().any(is_long) => last.extend(totals),
        _ => groups.push(totals.collect()),
    }
    let first = groups.first().map(Vec::as_slice).unwrap_or_default();
    pages.begin_table(head(&columns), first);
    groups.into_iter().for_each(|group| pages.add(group));
    pages.end_table();
}

/// Left edges and widths of the columns.
struct Columns([(f32, f32); 4]);

impl Columns {
    fn of(lines: &[Line]) -> Columns {
        let quantity = widest(lines.iter().map(|line| line.quantity.as_str()), Style::FIGURES);
        let unit_price = widest(lines.iter().map(|line| line.unit_price.as_str()), Style::FIGURES);
        let amount = widest(lines.iter().map(|line| line.amount.as_str()), Style::FIGURES);
        let amount_left = MARGIN + MEASURE - amount;
        let unit_price_left = amount_left - GUTTER - unit_price;
        let quantity_left = unit_price_left - GUTTER - quantity;
        let description = (MARGIN, quantity_left - GUTTER - MARGIN);
        Columns([description, (quantity_left, quantity), (unit_price_left, unit_price), (amount_left, amount)])
    }

    /// Cells of a row, those of numbers filled.
    fn cells(&self, description: Cell, numbers: [&str; 3], style: Style) -> Vec<Cell> {
        let Columns([_, places @ ..]) = self;
        let numbers =
            places.iter().zip(numbers).map(|((left, width), text)| Cell::new(*left, *width, Side::Right).with(text, style));
        std::iter::once(description).chain(numbers).collect()
    }

    fn description(&self) -> Cell {
        let Columns([(left, width), ..]) = self;
        Cell::new(*left, *width, Side::Left)
    }
}

/// Width of the widest text of a column, within the bounds of columns of numbers.
fn widest<'a>(texts: impl Iterator<Item = &'a str>, style: Style) -> f32 {
    // One more point than measured: the sum of a line's glyphs may round differently when it is broken.
    texts.map(|text| TextLine::of(text, style).width + 1.0).fold(NARROWEST, f32::max).min(WIDEST)
}

fn rule(tone: Tone) -> Option<Rule> {
    Some(Rule { left: MARGIN, width: MEASURE, tone })
}

fn head(columns: &Columns) -> Row {
    let [description, numbers @ ..] = HEADS;
    let cells = columns.cells(columns.description().with(description, Style::LABEL), numbers, Style::LABEL);
    Row { cells, before: 30.0, after: PADDING, rule: rule(Tone::Ink) }
}

fn row(columns: &Columns, line: &Line) -> Row {
    let description = columns.description().with(&line.description, Style::TEXT).with(&line.period, Style::SMALL);
    let cells = columns.cells(description, [&line.quantity, &line.unit_price, &line.amount], Style::FIGURES);
    Row { cells, before: PADDING, after: PADDING, rule: rule(Tone::Faint) }
}

/// The totals under the amounts; a faint rule above each that counts.
fn totals(totals: &[Total]) -> impl Iterator<Item = Row> {
    let width = widest(totals.iter().map(|total| total.amount.as_str()), Style::STRONG);
    let mut before = 8.0;
    totals.iter().enumerate().map(move |(place, total)| {
        let style = if total.is_strong { Style::STRONG } else { Style::FIGURES };
        let name = Style { figures: Style::TEXT.figures, ..style };
        let label = Cell::new(ASIDE, ASIDE_WIDTH - width - GUTTER, Side::Left).with(&total.label, name);
        let amount = Cell::new(ASIDE + ASIDE_WIDTH - width, width, Side::Right).with(&total.amount, style);
        let has_rule = totals.get(place + 1).is_some_and(|next| next.is_strong);
        let rule = has_rule.then_some(Rule { left: ASIDE, width: ASIDE_WIDTH, tone: Tone::Faint });
        let after = if has_rule { 4.5 } else { 1.5 };
        let row = Row { cells: vec![label, amount], before, after, rule };
        before = after;
        row
    })
}
