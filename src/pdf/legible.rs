//! Texts without the letters that no face has: a company that put an emoji into its name is invoiced by the rest of it.

use super::face::Typeface;
use super::fallback;
use super::style::Style;
use super::text::{TextLine, printable};

/// A text without what would be drawn as a box, or as it is where nothing else would be left: nobody has an empty name.
pub fn legible(text: &str, style: Style) -> String {
    let Some(own) = Typeface::of(style.weight) else { return text.to_owned() };
    let kept: Vec<String> = text.split('\n').map(|line| without_boxes(printable(line), own, style)).collect();
    if kept.iter().all(String::is_empty) { text.to_owned() } else { kept.join("\n") }
}

fn without_boxes(text: String, own: &'static Typeface, style: Style) -> String {
    if text.chars().all(|letter| fallback::has(letter, own) || is_unseen(letter)) {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut is_gap = false;
    for (cluster, is_box) in clusters(&text, own, style) {
        let left: String = if is_box { of_cluster(cluster, own) } else { cluster.to_owned() };
        // What followed on a letter that is gone follows on the one before it.
        if is_gap && left.starts_with([',', '.', ';', ':', ')']) {
            kept.truncate(kept.trim_end_matches(' ').len());
        }
        is_gap = left.is_empty() || (is_gap && left == " ");
        kept.push_str(&left);
    }
    printable(&kept)
}

/// What joins letters, keeps them apart or chooses among their shapes.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

/// The clusters of a text in its order, and whether a face lacks a part of each.
fn clusters<'a>(text: &'a str, own: &'static Typeface, style: Style) -> Vec<(&'a str, bool)> {
    let line = TextLine::of(text, style);
    let missing = own.missing().map(|(glyph, _)| glyph);
    let faces = line.faces.iter().flat_map(|(count, face)| std::iter::repeat_n(*face, *count));
    let starts = faces.zip(&line.glyphs).map(|(face, glyph)| {
        let is_box = std::ptr::eq(face, own) && Some(glyph.glyph_id) == missing;
        (glyph.text_range.start, is_box)
    });
    let mut starts: Vec<(usize, bool)> = starts.collect();
    starts.sort_unstable();
    starts.dedup_by_key(|(start, _)| *start);
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    starts.iter().zip(ends).filter_map(|((start, is_box), end)| Some((text.get(*start..end)?, *is_box))).collect()
}

/// What is left of a cluster: its letter with the marks that there are, or nothing where the letter itself is missing.
fn of_cluster(cluster: &str, own: &Typeface) -> String {
    let is_there = |letter: &char| fallback::has(*letter, own);
    let letter = cluster.chars().next().filter(is_there);
    letter.map(|_| cluster.chars().filter(is_there).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        legible(text, Style::NAME)
    }

    #[test]
    fn what_no_face_has_is_left_out_and_the_rest_of_the_name_stays() {
        assert_eq!(shown("Acme 🚀 Rockets"), "Acme Rockets");
        assert_eq!(shown("🚀 Acme 👨‍👩‍👧"), "Acme");
        assert_eq!(shown("Team 🏴󠁧󠁢󠁥󠁮󠁧󠁿👍🏽, 3 members"), "Team, 3 members");
        assert_eq!(shown("Cafe\u{301}🇩🇪 1\u{FE0F}\u{20E3} ᚠ𐎀 & Söhne"), "Cafe\u{301} 1 & Söhne");
        assert_eq!(shown("株式会社🍣山田"), "株式会社山田");
        assert_eq!(shown("بی\u{200C}بی 🌹 Ltd."), "بی\u{200C}بی Ltd.");
        assert_eq!(shown("Acme 🚀\nHauptstraße 1\n🏠"), "Acme\nHauptstraße 1\n");
    }

    #[test]
    fn what_the_faces_have_stays_as_it_is_and_no_name_becomes_empty() {
        for text in ["Brückner & Σία Київ Đặng", "e\u{323}\u{302}", "क्षि नी", "© □ ®", "می\u{200C}خواهم", "🚀", "🚀 👍", "", " "]
        {
            assert_eq!(printable(&shown(text)), printable(text), "{text}");
        }
    }
}
