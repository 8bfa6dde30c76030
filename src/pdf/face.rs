//! The letters of every invoice: Inter in two weights, part of the binary, parsed once; what it lacks is in `fallback`.
//! Shaping plans are kept beside the faces because making one costs more than shaping a line with it.

use std::fmt;
use std::sync::OnceLock;

use krilla::text::{Font, GlyphId};
use rustybuzz::ttf_parser::Tag;
use rustybuzz::{Direction, Face, Feature, GlyphBuffer, Script, ShapePlan, UnicodeBuffer, script};

/// Inter 3.019 as Debian packages it (`fonts-inter`), under the SIL Open Font License 1.1: `fonts/OFL.txt`.
const REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.otf");
const SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.otf");
/// Drawn for what the fonts lack.
const BOX: char = '\u{25A1}';

/// How heavy the strokes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

/// How wide the digits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figures {
    /// Each as wide as it looks best, for running text.
    Proportional,
    /// All of one width, for columns of amounts.
    Tabular,
}

/// Where a run of letters leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    Right,
    Left,
}

/// One face, ready to shape and to embed.
pub struct Typeface {
    /// What krilla embeds a subset of.
    pub font: Font,
    shaper: Face<'static>,
    /// Of which all its letters are; Latin, Greek and Cyrillic are shaped alike.
    script: Script,
    plans: Plans,
    /// Signs between digits as wide as digits, and the plain ones.
    points: Vec<(u32, Glyph)>,
}

/// A glyph and its advance in units of the font.
pub type Glyph = (u32, i32);

/// A plan for each way the renderer shapes.
struct Plans {
    proportional: ShapePlan,
    tabular: ShapePlan,
    leftward: ShapePlan,
}

impl fmt::Debug for Typeface {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Typeface").field("script", &self.script).finish_non_exhaustive()
    }
}

impl Typeface {
    /// The face of a weight, or none when the bytes within the binary are no font.
    pub fn of(weight: Weight) -> Option<&'static Typeface> {
        static FACES: OnceLock<Option<(Typeface, Typeface)>> = OnceLock::new();
        let both = FACES.get_or_init(|| Some((Typeface::parse(REGULAR)?, Typeface::parse(SEMIBOLD)?)));
        both.as_ref().map(|(regular, semibold)| match weight {
            Weight::Regular => regular,
            Weight::SemiBold => semibold,
        })
    }

    fn parse(bytes: &'static [u8]) -> Option<Typeface> {
        // Without Inter's alternates for its neighbours, which turn a typed `->` into an arrow and the x of `2x4` into a sign.
        let face = Typeface::with(bytes, script::LATIN, &[feature(b"calt", 0)])?;
        face.missing()?;
        Some(Typeface { points: points(&face), ..face })
    }

    /// A face of one script, as its font shapes it.
    pub fn parse_plain(bytes: &'static [u8], script: Script) -> Option<Typeface> {
        Typeface::with(bytes, script, &[])
    }

    fn with(bytes: &'static [u8], script: Script, always: &[Feature]) -> Option<Typeface> {
        let (font, shaper) = (Font::new(bytes.into(), 0)?, Face::from_slice(bytes, 0)?);
        let plans = Plans::new(&shaper, script, always);
        Some(Typeface { font, shaper, script, plans, points: Vec::new() })
    }

    /// Whether it has a letter.
    pub fn has(&self, letter: char) -> bool {
        self.shaper.glyph_index(letter).is_some_and(|glyph| glyph.0 != 0)
    }

    /// What is drawn for what no face has, and its width in em; Inter has it.
    pub fn missing(&self) -> Option<(GlyphId, f32)> {
        let glyph = self.shaper.glyph_index(BOX)?;
        let advance = f32::from(self.shaper.glyph_hor_advance(glyph)?);
        Some((GlyphId::new(u32::from(glyph.0)), advance / self.font.units_per_em()))
    }

    /// Glyphs of a text whose letters all lead the same way, in the order in which they stand on the page.
    pub fn shape(&self, text: &str, figures: Figures, heading: Heading) -> GlyphBuffer {
        let (direction, plan) = match (heading, figures) {
            (Heading::Left, _) => (Direction::RightToLeft, &self.plans.leftward),
            (Heading::Right, Figures::Proportional) => (Direction::LeftToRight, &self.plans.proportional),
            (Heading::Right, Figures::Tabular) => (Direction::LeftToRight, &self.plans.tabular),
        };
        shape(self, plan, direction, text)
    }

    /// What is drawn for a glyph. Inter widens the points and commas of tabular figures to the width of digits, which tears
    /// long amounts apart; amounts stand in line without that.
    pub fn drawn(&self, glyph: Glyph) -> Glyph {
        self.points.iter().find(|(wide, _)| *wide == glyph.0).map_or(glyph, |(_, plain)| *plain)
    }
}

impl Plans {
    fn new(shaper: &Face<'static>, script: Script, always: &[Feature]) -> Plans {
        let plan = |direction, features: &[Feature]| ShapePlan::new(shaper, direction, Some(script), None, features);
        let in_columns = [always, &[feature(b"tnum", 1), feature(b"kern", 0)]].concat();
        Plans {
            proportional: plan(Direction::LeftToRight, always),
            tabular: plan(Direction::LeftToRight, &in_columns),
            leftward: plan(Direction::RightToLeft, always),
        }
    }
}

fn feature(tag: &[u8; 4], value: u32) -> Feature {
    Feature::new(Tag::from_bytes(tag), value, ..)
}

fn shape(face: &Typeface, plan: &ShapePlan, direction: Direction, text: &str) -> GlyphBuffer {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    // A face has letters of one kind of script only, so one plan serves all its texts.
    buffer.set_script(face.script);
    buffer.set_direction(direction);
    rustybuzz::shape_with_plan(&face.shaper, plan, buffer)
}

/// The signs between digits, each with its plain form.
fn points(face: &Typeface) -> Vec<(u32, Glyph)> {
    [",", ".", ":", ";"]
        .into_iter()
        .filter_map(|sign| {
            let [wide, plain] = [&face.plans.tabular, &face.plans.proportional].map(|plan| {
                let glyphs = shape(face, plan, Direction::LeftToRight, sign);
                let id = glyphs.glyph_infos().first().map(|info| info.glyph_id);
                id.zip(glyphs.glyph_positions().first().map(|position| position.x_advance))
            });
            Some((wide?.0, plain?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faces_have_the_letters_of_europe_and_vietnam_and_the_signs_of_currencies() {
        let wanted = "AÄßçñøřžğışțőłąęėģķļņıİẞ ẤậếỔợữỳẵ ΑΩάώΐς ЖжЩщЪъЄєІіЇїЎўЂђЈјЉљ €£¥$¢₺₹₩₽₪₫₴₦₱₡₲₵₸₼₾₿ –—−…·•“”„‘’«»→№©®™ □";
        for weight in [Weight::Regular, Weight::SemiBold] {
            let face = Typeface::of(weight).unwrap();
            let lacking: Vec<char> = wanted.chars().filter(|letter| face.shaper.glyph_index(*letter).is_none()).collect();
            assert!(lacking.is_empty(), "{weight:?} lacks {lacking:?}");
        }
    }

    #[test]
    fn tabular_digits_are_of_one_width() {
        let face = Typeface::of(Weight::SemiBold).unwrap();
        let glyphs = face.shape("0123456789", Figures::Tabular, Heading::Right);
        let widths: Vec<i32> = glyphs.glyph_positions().iter().map(|position| position.x_advance).collect();
        // Four thousandths of an em can't be seen; the 4 of this version is one thousandth off.
        assert!(widths.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 12), "{widths:?}");
    }

    #[test]
    fn letters_stay_as_typed() {
        let face = Typeface::of(Weight::Regular).unwrap();
        assert_eq!(face.shape("->", Figures::Proportional, Heading::Right).len(), 2);
    }
}
