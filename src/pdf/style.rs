//! How an invoice looks: three greys, four sizes, two weights. Every length is in points, 1/72 inch.

use krilla::color::rgb;

use super::face::{Figures, Weight};

/// A4.
pub const PAGE_WIDTH: f32 = 595.276;
pub const PAGE_HEIGHT: f32 = 841.89;
/// Left, right and upper margin, 20 mm.
pub const MARGIN: f32 = 56.7;
/// Where the text ends.
pub const BOTTOM: f32 = PAGE_HEIGHT - 76.0;
/// Top of the line at the foot of each page.
pub const FOOT: f32 = PAGE_HEIGHT - 50.0;
/// Width of the text.
pub const MEASURE: f32 = PAGE_WIDTH - 2.0 * MARGIN;
/// Left edge and width of the column on the right: the issuer, the facts, the totals.
pub const ASIDE: f32 = MARGIN + 272.0;
pub const ASIDE_WIDTH: f32 = MEASURE - 272.0;
/// Width of a hairline.
pub const HAIRLINE: f32 = 0.5;

/// How dark a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Text.
    Ink,
    /// What explains the text; 5.8 to 1 against the paper.
    Quiet,
    /// Lines between rows.
    Faint,
}

impl Tone {
    /// The colour in sRGB.
    pub fn colour(self) -> rgb::Color {
        match self {
            Tone::Ink => rgb::Color::new(0x17, 0x1a, 0x1f),
            Tone::Quiet => rgb::Color::new(0x5f, 0x66, 0x70),
            Tone::Faint => rgb::Color::new(0xd8, 0xdb, 0xe0),
        }
    }
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub weight: Weight,
    pub figures: Figures,
    pub tone: Tone,
    /// Size of the letters.
    pub size: f32,
    /// Height of a line.
    pub leading: f32,
}

impl Style {
    /// The word at the top.
    pub const TITLE: Style = Style { weight: Weight::SemiBold, size: 22.0, leading: 27.0, ..Style::TEXT };
    /// Number of the document.
    pub const NUMBER: Style = Style { tone: Tone::Quiet, size: 11.0, leading: 16.0, ..Style::TEXT };
    /// Name of a party.
    pub const NAME: Style = Style { weight: Weight::SemiBold, ..Style::TEXT };
    /// Running text.
    pub const TEXT: Style =
        Style { weight: Weight::Regular, figures: Figures::Proportional, tone: Tone::Ink, size: 9.0, leading: 13.5 };
    /// What names a text: heads of columns, names of facts.
    pub const LABEL: Style = Style { tone: Tone::Quiet, ..Style::TEXT };
    /// Small print.
    pub const SMALL: Style = Style { tone: Tone::Quiet, size: 8.0, leading: 12.0, ..Style::TEXT };
    /// Amounts.
    pub const FIGURES: Style = Style { figures: Figures::Tabular, ..Style::TEXT };
    /// A total that counts, and its amount.
    pub const STRONG: Style = Style { weight: Weight::SemiBold, figures: Figures::Tabular, ..Style::TEXT };

    /// From the top of a line to the feet of its letters: Inter's middle lies 0.364 em above them.
    pub fn baseline(&self) -> f32 {
        self.leading / 2.0 + 0.364 * self.size
    }
}
