//! From a string to glyphs. Names come from people, so any character may come: what can't be printed becomes a space or goes,
//! what the fonts lack becomes a box which still carries the character for those who copy or search, and marks can't climb
//! into the lines around.

use std::ops::Range;

use krilla::text::{GlyphId, KrillaGlyph};
use unicode_bidi::{BidiInfo, Level};

use super::face::{Heading, Typeface};
use super::style::Style;

/// Widest cluster that is drawn as it is, in em. Hostile text can join any number of signs into one cluster, and a cluster
/// has no place for a break.
const WIDEST_CLUSTER: f32 = 4.0;
/// Most bytes of text behind one cluster: a family of four with skin tones takes 41.
const LONGEST_CLUSTER: usize = 120;
/// Most glyphs of one cluster that are drawn: a letter and the marks on it, of which languages need three at most.
const MOST_GLYPHS: usize = 12;
/// Farthest that a mark is lifted or lowered, in em.
const FARTHEST_MARK: f32 = 0.3;

/// One line of shaped text.
#[derive(Clone, Debug)]
pub struct TextLine {
    pub style: Style,
    /// What it says; the ranges of the glyphs point into it.
    pub text: String,
    /// From left to right, lengths in em.
    pub glyphs: Vec<KrillaGlyph>,
    /// In points.
    pub width: f32,
}

impl TextLine {
    /// Shapes a text without looking at its width.
    pub fn of(text: &str, style: Style) -> TextLine {
        let text = printable(text);
        let glyphs = glyphs(&text, style);
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size;
        TextLine { style, text, glyphs, width }
    }
}

/// The text on one line without what has no shape: spaces and controls become single spaces, characters that only direct
/// others go.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == ' ' || letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !directs(letter) {
            out.push(letter);
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// Whether a character has no shape and changes how others stand: soft hyphen, marks and overrides of direction, zero-width
/// spaces, byte order mark, annotations, and what Unicode never assigns. A name must not turn the amounts around it. The
/// joiner stays: it holds emoji together.
fn directs(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{61C}' | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(letter, '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(letter) & 0xFFFE == 0xFFFE
}

/// Glyphs of a printable text in the order in which they stand on the page. A face that can't be read gives none: `render`
/// has refused before.
fn glyphs(text: &str, style: Style) -> Vec<KrillaGlyph> {
    let Some(face) = Typeface::of(style.weight) else { return Vec::new() };
    let mut out = Vec::with_capacity(text.len());
    for (range, heading) in runs(text) {
        shape_run(face, text, range, heading, style, &mut out);
    }
    out
}

/// Stretches of one direction, from left to right on the page.
fn runs(text: &str) -> Vec<(Range<usize>, Heading)> {
    // No letter of a script that leads left comes before U+0590.
    if text.chars().all(|letter| letter < '\u{590}') {
        return vec![(0..text.len(), Heading::Right)];
    }
    let bidi = BidiInfo::new(text, Some(Level::ltr()));
    let Some(paragraph) = bidi.paragraphs.first() else { return Vec::new() };
    let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
    let heading = |start: usize| match levels.get(start) {
        Some(level) if level.is_rtl() => Heading::Left,
        _ => Heading::Right,
    };
    runs.into_iter().map(|run| (run.clone(), heading(run.start))).collect()
}

fn shape_run(face: &Typeface, text: &str, run: Range<usize>, heading: Heading, style: Style, out: &mut Vec<KrillaGlyph>) {
    let Some(part) = text.get(run.clone()) else { return };
    let shaped = face.shape(part, style.figures, heading);
    let units = face.font.units_per_em();
    let em = |length: i32| length as f32 / units;
    let ends = ends(shaped.glyph_infos().iter().map(|info| info.cluster as usize), part.len());
    let drawn: Vec<KrillaGlyph> = shaped
        .glyph_infos()
        .iter()
        .zip(shaped.glyph_positions())
        .map(|(info, position)| {
            let start = info.cluster as usize;
            let end = ends.get(start).copied().unwrap_or(part.len());
            let (id, advance) = face.drawn((info.glyph_id, position.x_advance));
            let rise = em(position.y_offset).clamp(-FARTHEST_MARK, FARTHEST_MARK);
            let range = run.start + start..run.start + end;
            KrillaGlyph::new(GlyphId::new(id), em(advance), em(position.x_offset), rise, 0.0, range, None)
        })
        .collect();
    for cluster in drawn.chunk_by(|one, next| one.text_range == next.text_range) {
        push_cluster(face, text, cluster, out);
    }
}

/// For each byte at which a cluster starts, the byte at which it ends.
fn ends(starts: impl Iterator<Item = usize>, length: usize) -> Vec<usize> {
    let mut is_start = vec![false; length];
    for start in starts {
        if let Some(here) = is_start.get_mut(start) {
            *here = true;
        }
    }
    let mut ends = vec![length; length];
    let mut next = length;
    for (place, (end, is_start)) in ends.iter_mut().zip(&is_start).enumerate().rev() {
        *end = next;
        if *is_start {
            next = place;
        }
    }
    ends
}

/// Adds a cluster, or a box in its place if the face lacks a part of it.
fn push_cluster(face: &Typeface, text: &str, cluster: &[KrillaGlyph], out: &mut Vec<KrillaGlyph>) {
    let Some(first) = cluster.first() else { return };
    let range = first.text_range.start..shortened(text, &first.text_range);
    let width: f32 = cluster.iter().map(|glyph| glyph.x_advance).sum();
    let is_drawable = cluster.iter().all(|glyph| glyph.glyph_id.to_u32() != 0) && width <= WIDEST_CLUSTER;
    if is_drawable {
        out.extend(cluster.iter().take(MOST_GLYPHS).map(|glyph| KrillaGlyph { text_range: range.clone(), ..glyph.clone() }));
    } else {
        out.push(KrillaGlyph::new(face.missing, face.missing_advance, 0.0, 0.0, 0.0, range, None));
    }
}

/// The end of a range, moved up to where at most `LONGEST_CLUSTER` bytes lie before it.
fn shortened(text: &str, range: &Range<usize>) -> usize {
    let longest = text.floor_char_boundary(range.start + LONGEST_CLUSTER);
    range.end.min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> TextLine {
        TextLine::of(text, Style::TEXT)
    }

    #[test]
    fn controls_and_overrides_do_not_reach_the_page() {
        assert_eq!(line("a\u{0}\u{7}\tb\r\nc\u{202E}d\u{FEFF}\u{FFFE}  e ").text, "a b cd e");
        assert_eq!(line("\u{200B}\u{200F}").text, "");
        assert_eq!(line("1\u{202F}234,50\u{A0}€").text, "1\u{202F}234,50\u{A0}€");
    }

    #[test]
    fn what_the_font_lacks_is_one_box_a_cluster() {
        let missing = Typeface::of(Style::TEXT.weight).unwrap().missing;
        for text in ["漢", "👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ש"] {
            let line = line(text);
            let ids: Vec<_> = line.glyphs.iter().map(|glyph| glyph.glyph_id).collect();
            assert_eq!(ids, [missing], "{text}");
            assert_eq!(line.text.get(line.glyphs[0].text_range.clone()), Some(text));
        }
    }

    #[test]
    fn no_glyph_is_the_undefined_one_and_every_range_is_of_the_text() {
        let tower = format!("e{}", "\u{301}".repeat(5_000));
        let chain = "©\u{200D}".repeat(2_000);
        for text in [tower.as_str(), chain.as_str(), "אבג abc 123 دعد", "\u{301}", "\u{10FFFF}x\u{E000}", "นี้", "क्षि"]
        {
            let line = line(text);
            assert!(!line.glyphs.is_empty(), "{text}");
            for glyph in &line.glyphs {
                assert_ne!(glyph.glyph_id.to_u32(), 0);
                let part = line.text.get(glyph.text_range.clone()).unwrap();
                assert!(!part.is_empty() && part.len() <= LONGEST_CLUSTER, "{part}");
                assert!(glyph.y_offset.abs() <= FARTHEST_MARK);
            }
        }
    }

    #[test]
    fn letters_that_lead_left_stand_from_right_to_left() {
        let line = line("אבג");
        let starts: Vec<usize> = line.glyphs.iter().map(|glyph| glyph.text_range.start).collect();
        assert_eq!(starts, [4, 2, 0]);
    }
}
