//! From a string to glyphs. Names come from people, so any character may come: what can't be printed becomes a space or goes,
//! what Inter lacks is set in another face, what no face has becomes a box which still carries the character for those who copy
//! or search (`legible` leaves it out before, where anything else is left), and marks can't climb into the lines around.

use std::ops::Range;

use krilla::text::{GlyphId, KrillaGlyph};
use unicode_bidi::{BidiInfo, Level};

use super::face::{Heading, Typeface};
use super::fallback;
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
    /// Of which face they are: how many one after the other.
    pub faces: Vec<(usize, &'static Typeface)>,
    /// In points.
    pub width: f32,
}

impl TextLine {
    /// Shapes a text without looking at its width.
    pub fn of(text: &str, style: Style) -> TextLine {
        let text = printable(text);
        let mut line = TextLine { style, text, glyphs: Vec::new(), faces: Vec::new(), width: 0.0 };
        line.shape();
        line.width = line.glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size;
        line
    }

    /// Finds the glyphs in the order in which they stand on the page. A face that can't be read gives none: `render` has
    /// refused before.
    fn shape(&mut self) {
        let Some(own) = Typeface::of(self.style.weight) else { return };
        let text = self.text.clone();
        for (range, heading) in runs(&text) {
            for (part, face) in parts(&text, range, heading, own) {
                for (face, glyphs) in shape_part((face, own), &text, part, heading, self.style) {
                    self.push(face, glyphs);
                }
            }
        }
    }

    fn push(&mut self, face: &'static Typeface, glyphs: Vec<KrillaGlyph>) {
        match self.faces.last_mut() {
            Some((count, last)) if std::ptr::eq(*last, face) => *count += glyphs.len(),
            _ => self.faces.push((glyphs.len(), face)),
        }
        self.glyphs.extend(glyphs);
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
/// joiner stays, which holds emoji together, and the non-joiner, which Persian and Indian names are spelled with.
fn directs(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(letter, '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(letter) & 0xFFFE == 0xFFFE
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

/// The parts of a run by their faces, from left to right on the page.
fn parts(text: &str, run: Range<usize>, heading: Heading, own: &'static Typeface) -> Vec<(Range<usize>, &'static Typeface)> {
    let starts = fallback::split(text.get(run.clone()).unwrap_or_default(), own);
    let ends = starts.iter().skip(1).map(|(start, _)| run.start + start).chain([run.end]);
    let parts = starts.iter().zip(ends).map(|((start, face), end)| (run.start + start..end, *face));
    match heading {
        Heading::Right => parts.collect(),
        Heading::Left => parts.collect::<Vec<_>>().into_iter().rev().collect(),
    }
}

/// The glyphs of a part, cluster by cluster: those of its face, and boxes of the text's own.
fn shape_part(
    (face, own): (&'static Typeface, &'static Typeface),
    text: &str,
    run: Range<usize>,
    heading: Heading,
    style: Style,
) -> Vec<(&'static Typeface, Vec<KrillaGlyph>)> {
    let Some(part) = text.get(run.clone()) else { return Vec::new() };
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
    let clusters = drawn.chunk_by(|one, next| one.text_range == next.text_range);
    clusters.map(|cluster| drawn_cluster((face, own), text, cluster)).collect()
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

/// A cluster as it is drawn: itself, or a box in its place if the face lacks a part of it.
fn drawn_cluster(
    (face, own): (&'static Typeface, &'static Typeface),
    text: &str,
    cluster: &[KrillaGlyph],
) -> (&'static Typeface, Vec<KrillaGlyph>) {
    let range = cluster.first().map(|first| first.text_range.start..shortened(text, &first.text_range)).unwrap_or_default();
    let width: f32 = cluster.iter().map(|glyph| glyph.x_advance).sum();
    let is_drawable = cluster.iter().all(|glyph| glyph.glyph_id.to_u32() != 0) && width <= WIDEST_CLUSTER;
    if is_drawable {
        let glyphs = cluster.iter().take(MOST_GLYPHS);
        return (face, glyphs.map(|glyph| KrillaGlyph { text_range: range.clone(), ..glyph.clone() }).collect());
    }
    let missing = own.missing().map(|(glyph, advance)| KrillaGlyph::new(glyph, advance, 0.0, 0.0, 0.0, range, None));
    (own, missing.into_iter().collect())
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
        let (missing, _) = Typeface::of(Style::TEXT.weight).unwrap().missing().unwrap();
        for text in ["ᚠ", "👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "𐎀"] {
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
    fn names_in_the_scripts_of_the_fallbacks_have_no_box_and_no_undefined_glyph() {
        let names = [
            "株式会社山田製作所",
            "上海计算机有限公司",
            "臺灣積體電路製造股份有限公司",
            "주식회사 한국소프트웨어",
            "さくらｶﾅ（東京）",
            "שָׁלוֹם טכנולוגיות בע״מ",
            "شركة المستقبل للبرمجيات",
            "می\u{200C}خواهم پژوهش",
            "บริษัท นี้ ที่กรุงเทพฯ จำกัด",
            "हिन्दी क्षेत्र श्री प्रौद्योगिकी",
            "বাংলা প্রযুক্তি",
            "ਪੰਜਾਬੀ",
            "ગુજરાતી",
            "தமிழ் நிறுவனம்",
            "తెలుగు",
            "ಕನ್ನಡ",
            "മലയാളം",
            "ශ්‍රී ලංකා",
            "ປະເທດລາວ",
            "မြန်မာ",
            "ភាសាខ្មែរ",
            "საქართველო",
            "Հայաստան",
            "ኢትዮጵያ",
            "Brückner & Σία Київ Đặng",
        ];
        for (name, style) in names.iter().flat_map(|name| [(name, Style::TEXT), (name, Style::NAME)]) {
            let own = Typeface::of(style.weight).unwrap();
            let (missing, _) = own.missing().unwrap();
            let line = TextLine::of(name, style);
            assert_eq!(line.faces.iter().map(|(count, _)| count).sum::<usize>(), line.glyphs.len());
            let faces = line.faces.iter().flat_map(|(count, face)| std::iter::repeat_n(*face, *count));
            for (face, glyph) in faces.zip(&line.glyphs) {
                let is_box = std::ptr::eq(face, own) && glyph.glyph_id == missing;
                let part = line.text.get(glyph.text_range.clone()).unwrap();
                assert!(glyph.glyph_id.to_u32() != 0 && !is_box, "{part:?} of {name}");
            }
        }
    }

    #[test]
    fn faces_within_letters_that_lead_left_stand_from_right_to_left() {
        let line = line("אב, גד");
        let starts: Vec<usize> = line.glyphs.iter().map(|glyph| glyph.text_range.start).collect();
        assert_eq!(starts, [8, 6, 5, 4, 2, 0]);
        assert_eq!(line.faces.iter().map(|(count, _)| *count).collect::<Vec<_>>(), [2, 2, 2]);
    }

    #[test]
    fn letters_that_lead_left_stand_from_right_to_left() {
        let line = line("אבג");
        let starts: Vec<usize> = line.glyphs.iter().map(|glyph| glyph.text_range.start).collect();
        assert_eq!(starts, [4, 2, 0]);
    }
}
