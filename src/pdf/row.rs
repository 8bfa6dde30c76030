//! What the page is made of: rows of cells of lines. Everything on an invoice is one, from its head to its notes, so that
//! a single rule for what happens at the foot of a page holds for all.

use super::style::{HAIRLINE, Style, Tone};
use super::text::TextLine;
use super::wrap::wrap;

/// On which edge of its cell a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// A column of lines within a row. Lengths are in points, from the left edge of the page.
#[derive(Clone, Debug)]
pub struct Cell {
    pub left: f32,
    pub width: f32,
    pub side: Side,
    pub lines: Vec<TextLine>,
}

impl Cell {
    /// An empty one.
    pub fn new(left: f32, width: f32, side: Side) -> Cell {
        Cell { left, width, side, lines: Vec::new() }
    }

    /// With a text below what is there, broken to the width of the cell.
    pub fn with(mut self, text: &str, style: Style) -> Cell {
        self.lines.extend(wrap(text, self.width, style));
        self
    }

    /// Fills up with empty lines to a number of lines.
    pub fn filled_to(&mut self, lines: usize, style: Style) {
        while self.lines.len() < lines {
            self.lines.push(TextLine::of("", style));
        }
    }

    /// Height of its lines.
    pub fn height(&self) -> f32 {
        self.lines.iter().map(|line| line.style.leading).sum()
    }

    /// Takes the lines off its top that fit into a height.
    fn take(&mut self, height: f32) -> Cell {
        let mut left = height;
        let fitting = self.lines.iter().take_while(|line| {
            left -= line.style.leading;
            left >= 0.0
        });
        let count = fitting.count();
        let rest = self.lines.split_off(count);
        Cell { lines: std::mem::replace(&mut self.lines, rest), ..*self }
    }
}

/// A horizontal line under a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    pub left: f32,
    pub width: f32,
    pub tone: Tone,
}

impl Rule {
    /// How thick every rule is.
    pub const THICKNESS: f32 = HAIRLINE;
}

/// Cells side by side.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// Space above, which falls away at the top of a page.
    pub before: f32,
    /// Space between the cells and the rule, or the next row.
    pub after: f32,
    pub rule: Option<Rule>,
}

impl Row {
    /// Height without the space above.
    pub fn height(&self) -> f32 {
        self.cells.iter().map(Cell::height).fold(0.0, f32::max) + self.after
    }

    /// Takes the lines that fit into a height off the top of each cell.
    pub fn take(&mut self, height: f32) -> Row {
        let cells = self.cells.iter_mut().map(|cell| cell.take(height)).collect();
        Row { cells, before: self.before, after: 0.0, rule: None }
    }

    /// Whether no cell has a line.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.lines.is_empty())
    }
}
