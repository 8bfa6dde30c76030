//! Faces for the scripts that Inter lacks: Noto Sans in one weight, reduced to letters and without hinting, part of the
//! binary. A face is parsed when the first text asks for one of its letters.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use rustybuzz::{Script, script};
use unicode_normalization::char::is_combining_mark;

use super::face::Typeface;

/// Noto Sans as Debian packages it (`fonts-noto-core` 20201225, `fonts-noto-cjk` 20220127), under the SIL Open Font License
/// 1.1: `fonts/OFL-Noto.txt`. `fonts/make` makes the files.
macro_rules! noto {
    ($name:literal) => {
        include_bytes!(concat!("fonts/NotoSans", $name))
    };
}

type Letters = RangeInclusive<char>;

/// A face, and the letters that it may have.
struct Fallback {
    letters: &'static [Letters],
    script: Script,
    bytes: &'static [u8],
    face: OnceLock<Option<Typeface>>,
}

impl Fallback {
    const fn new(letters: &'static [Letters], script: Script, bytes: &'static [u8]) -> Fallback {
        Fallback { letters, script, bytes, face: OnceLock::new() }
    }

    fn face(&self) -> Option<&Typeface> {
        self.face.get_or_init(|| Typeface::parse_plain(self.bytes, self.script)).as_ref()
    }
}

/// Chinese, Japanese and Korean, in the shapes of simplified Chinese where they differ: nothing in a name tells which.
const EAST_ASIAN: &[Letters] = &[
    '\u{2E80}'..='\u{33FF}',
    '\u{4E00}'..='\u{9FFF}',
    '\u{AC00}'..='\u{D7A3}',
    '\u{F900}'..='\u{FAFF}',
    '\u{FE30}'..='\u{FE4F}',
    '\u{FF00}'..='\u{FFEF}',
];

static FALLBACKS: [Fallback; 19] = [
    Fallback::new(EAST_ASIAN, script::HAN, noto!("CJKsc-Regular.otf")),
    Fallback::new(
        &['\u{600}'..='\u{6FF}', '\u{750}'..='\u{77F}', '\u{8A0}'..='\u{8FF}'],
        script::ARABIC,
        noto!("Arabic-Regular.ttf"),
    ),
    Fallback::new(&['\u{590}'..='\u{5FF}', '\u{FB1D}'..='\u{FB4F}'], script::HEBREW, noto!("Hebrew-Regular.ttf")),
    Fallback::new(
        &['\u{900}'..='\u{97F}', '\u{1CD0}'..='\u{1CFF}', '\u{A8E0}'..='\u{A8FF}'],
        script::DEVANAGARI,
        noto!("Devanagari-Regular.ttf"),
    ),
    Fallback::new(&['\u{980}'..='\u{9FF}'], script::BENGALI, noto!("Bengali-Regular.ttf")),
    Fallback::new(&['\u{A00}'..='\u{A7F}'], script::GURMUKHI, noto!("Gurmukhi-Regular.ttf")),
    Fallback::new(&['\u{A80}'..='\u{AFF}'], script::GUJARATI, noto!("Gujarati-Regular.ttf")),
    Fallback::new(&['\u{B80}'..='\u{BFF}'], script::TAMIL, noto!("Tamil-Regular.ttf")),
    Fallback::new(&['\u{C00}'..='\u{C7F}'], script::TELUGU, noto!("Telugu-Regular.ttf")),
    Fallback::new(&['\u{C80}'..='\u{CFF}'], script::KANNADA, noto!("Kannada-Regular.ttf")),
    Fallback::new(&['\u{D00}'..='\u{D7F}'], script::MALAYALAM, noto!("Malayalam-Regular.ttf")),
    Fallback::new(&['\u{D80}'..='\u{DFF}'], script::SINHALA, noto!("Sinhala-Regular.ttf")),
    Fallback::new(&['\u{E00}'..='\u{E7F}'], script::THAI, noto!("Thai-Regular.ttf")),
    Fallback::new(&['\u{E80}'..='\u{EFF}'], script::LAO, noto!("Lao-Regular.ttf")),
    Fallback::new(&['\u{1000}'..='\u{109F}'], script::MYANMAR, noto!("Myanmar-Regular.ttf")),
    Fallback::new(&['\u{1780}'..='\u{17FF}', '\u{19E0}'..='\u{19FF}'], script::KHMER, noto!("Khmer-Regular.ttf")),
    Fallback::new(
        &['\u{10A0}'..='\u{10FF}', '\u{1C90}'..='\u{1CBF}', '\u{2D00}'..='\u{2D2F}'],
        script::GEORGIAN,
        noto!("Georgian-Regular.ttf"),
    ),
    Fallback::new(&['\u{530}'..='\u{58F}', '\u{FB13}'..='\u{FB17}'], script::ARMENIAN, noto!("Armenian-Regular.ttf")),
    Fallback::new(&['\u{1200}'..='\u{139F}', '\u{2D80}'..='\u{2DDF}'], script::ETHIOPIC, noto!("Ethiopic-Regular.ttf")),
];

/// The face of a letter: that of the text where it has it, and where no face has it.
fn face_of(letter: char, own: &Typeface) -> &Typeface {
    if letter < '\u{530}' || own.has(letter) {
        return own;
    }
    let known = FALLBACKS.iter().find(|fallback| fallback.letters.iter().any(|letters| letters.contains(&letter)));
    known.and_then(Fallback::face).filter(|face| face.has(letter)).unwrap_or(own)
}

/// Whether any face has a letter.
pub fn has(letter: char, own: &Typeface) -> bool {
    face_of(letter, own).has(letter)
}

/// Whether a letter belongs to the one before it, and so to its face: marks, and what joins letters or keeps them apart.
fn clings(letter: char) -> bool {
    is_combining_mark(letter) || matches!(letter, '\u{200C}' | '\u{200D}')
}

/// The parts of a text that are of one face each, in the order of the text, by the byte at which each begins.
pub fn split<'a>(text: &str, own: &'a Typeface) -> Vec<(usize, &'a Typeface)> {
    let mut parts: Vec<(usize, &Typeface)> = Vec::new();
    for (start, letter) in text.char_indices() {
        let face = match parts.last() {
            Some((_, before)) if clings(letter) => before,
            _ => face_of(letter, own),
        };
        if parts.last().is_none_or(|(_, before)| !std::ptr::eq(*before, face)) {
            parts.push((start, face));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::face::Weight;
    use super::*;

    #[test]
    fn every_fallback_is_read_and_has_letters_of_its_own() {
        for fallback in &FALLBACKS {
            let face = fallback.face().unwrap();
            let first = fallback.letters[0].clone();
            assert!(first.clone().any(|letter| face.has(letter)), "{first:?}");
            assert!(!face.has('a'), "{first:?}");
        }
    }

    #[test]
    fn a_text_is_split_by_face_and_marks_stay_with_their_letters() {
        let own = Typeface::of(Weight::Regular).unwrap();
        let starts = |text: &str| split(text, own).iter().map(|(start, _)| *start).collect::<Vec<_>>();
        assert_eq!(starts("Brückner & Söhne Αθήνα Київ"), [0]);
        assert_eq!(starts("Acme 株式会社"), [0, 5]);
        assert_eq!(starts("株式会社 山田"), [0, 12, 13]);
        assert_eq!(starts("שָׁלוֹם"), [0]);
        assert_eq!(starts("हिन्दी\u{200D}"), [0]);
        assert_eq!(starts("e\u{301}\u{200D}👩"), [0]);
    }
}
