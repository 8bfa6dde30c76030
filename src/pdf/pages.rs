//! Rows onto pages. A group of rows stays together if a page can hold it; a single long row is cut where the page ends and
//! goes on on the next. While a table goes on, its head stands at the top of each page.

use super::row::{Cell, Row, Rule, Side};
use super::style::{BOTTOM, FOOT, MARGIN};
use super::text::TextLine;

/// Lengths are rounded: a row that passes the foot by less than this many points still fits.
const SLACK: f32 = 0.01;
/// A row higher than this goes on on the next page rather than leave so much of a page empty.
const LONG: f32 = 110.0;
/// Room for the first lines of what is cut.
const BEGINNING: f32 = 48.0;

/// Something drawn, with its place in points from the upper left corner of the page.
#[derive(Debug)]
pub enum Mark {
    /// A line of text from `x`, its letters standing on `baseline`.
    Text { x: f32, baseline: f32, line: TextLine },
    /// A horizontal line whose middle lies at `y`.
    Rule { y: f32, rule: Rule },
}

/// Whether a row is cut where the page ends although the next page could hold it.
pub fn is_long(row: &Row) -> bool {
    row.before + row.height() > LONG
}

/// Pages in the making.
#[derive(Debug)]
pub struct Pages {
    done: Vec<Vec<Mark>>,
    page: Vec<Mark>,
    /// How far down the page is full.
    y: f32,
    /// Whether the page is empty.
    is_fresh: bool,
    head: Option<Row>,
}

impl Pages {
    /// Begins the first page.
    pub fn new() -> Pages {
        Pages { done: Vec::new(), page: Vec::new(), y: MARGIN, is_fresh: true, head: None }
    }

    /// Begins a table: adds its head where the first of its groups can follow, and again at the top of each new page.
    pub fn begin_table(&mut self, head: Row, first: &[Row]) {
        if !self.fits(head.before + head.height() + self.needed(first)) {
            self.turn();
        }
        self.add_row(head.clone());
        self.head = Some(head);
    }

    /// From here on new pages begin without a head.
    pub fn end_table(&mut self) {
        self.head = None;
    }

    /// Adds rows, together if a page can hold them.
    pub fn add(&mut self, group: Vec<Row>) {
        if !self.fits(self.needed(&group)) {
            self.turn();
        }
        for row in group {
            self.add_row(row);
        }
    }

    /// The marks of each page.
    pub fn finish(mut self) -> Vec<Vec<Mark>> {
        self.done.push(self.page);
        self.done
    }

    fn fits(&self, height: f32) -> bool {
        self.y + height <= BOTTOM + SLACK
    }

    /// The room below which a group begins on the next page: all of its height, or of a long row and of what no page can
    /// hold its beginning.
    fn needed(&self, group: &[Row]) -> f32 {
        let height = group.iter().map(|row| row.before + row.height()).sum::<f32>();
        let whole_page = BOTTOM - MARGIN - self.head.as_ref().map_or(0.0, Row::height);
        let is_cut = height > whole_page || matches!(group, [row] if is_long(row));
        if is_cut { BEGINNING } else { height }
    }

    /// Begins the next page.
    fn turn(&mut self) {
        if self.is_fresh {
            return;
        }
        self.done.push(std::mem::take(&mut self.page));
        self.y = MARGIN;
        self.is_fresh = true;
        if let Some(head) = self.head.clone() {
            self.put(head);
        }
    }

    /// Adds a row below, cut where the page ends.
    fn add_row(&mut self, mut row: Row) {
        let mut was_turned = false;
        loop {
            self.y += if self.is_fresh { 0.0 } else { row.before };
            let part = row.take(BOTTOM + SLACK - self.y);
            // The space below the last lines may hang over the foot.
            if row.is_empty() {
                return self.put(Row { rule: row.rule, after: row.after, ..part });
            }
            // No line is higher than a page; were one, it would be left out.
            if part.is_empty() && was_turned {
                return;
            }
            self.put(part);
            self.turn();
            was_turned = true;
        }
    }

    /// Draws a row where the page is full. Its first cell comes before the others in the file, and they come line by line:
    /// so who reads the file aloud says a fact's name and then what it is.
    fn put(&mut self, row: Row) {
        let y = self.y;
        self.y += row.height();
        let mut cells = row.cells.into_iter();
        self.page.extend(cells.next().into_iter().flat_map(|cell| texts(cell, y)));
        let mut others: Vec<_> = cells.map(|cell| texts(cell, y)).collect();
        loop {
            let line: Vec<Mark> = others.iter_mut().filter_map(Iterator::next).collect();
            if line.is_empty() {
                break;
            }
            self.page.extend(line);
        }
        self.page.extend(row.rule.map(|rule| Mark::Rule { y: self.y, rule }));
        self.is_fresh = false;
    }
}

/// The lines of a cell whose top lies at `top`.
fn texts(cell: Cell, mut top: f32) -> impl Iterator<Item = Mark> {
    let Cell { left, width, side, lines } = cell;
    lines.into_iter().map(move |line| {
        let x = match side {
            Side::Left => left,
            Side::Right => left + width - line.width,
        };
        let baseline = top + line.style.baseline();
        top += line.style.leading;
        Mark::Text { x, baseline, line }
    })
}

/// Adds what stands at the foot of a page.
pub fn put_foot(page: &mut Vec<Mark>, foot: Row) {
    let mut below = Pages { y: FOOT, ..Pages::new() };
    below.put(foot);
    page.append(&mut below.page);
}
