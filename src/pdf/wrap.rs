//! Breaking text into lines of a width: between words where there are any, within a word only where it is wider than the line.

use std::ops::Range;

use super::legible::legible;
use super::style::Style;
use super::text::TextLine;

/// Sums of rounded advances may pass the width by this many points.
const SLACK: f32 = 0.01;

/// Lines of at most a width in points. Line feeds in the text break too; a text without anything to print gives no line.
pub fn wrap(text: &str, width: f32, style: Style) -> Vec<TextLine> {
    legible(text, style).split('\n').flat_map(|paragraph| wrap_paragraph(TextLine::of(paragraph, style), width)).collect()
}

fn wrap_paragraph(whole: TextLine, width: f32) -> Vec<TextLine> {
    if whole.glyphs.is_empty() {
        return Vec::new();
    }
    if whole.width <= width {
        return vec![whole];
    }
    let parts = breaks(&whole.text, &clusters(&whole), width);
    parts.into_iter().filter_map(|part| whole.text.get(part)).map(|part| TextLine::of(part, whole.style)).collect()
}

/// A piece that can't be broken: where it stands in the text, and its width in points.
struct Cluster {
    range: Range<usize>,
    width: f32,
}

/// The clusters of a line in the order of its text.
fn clusters(line: &TextLine) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::with_capacity(line.glyphs.len());
    let runs = line.glyphs.chunk_by(|one, next| one.text_range == next.text_range);
    for glyphs in runs {
        let Some(first) = glyphs.first() else { continue };
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * line.style.size;
        clusters.push(Cluster { range: first.text_range.clone(), width });
    }
    clusters.sort_by_key(|cluster| cluster.range.start);
    clusters
}

/// Where lines begin and end in the text.
fn breaks(text: &str, clusters: &[Cluster], width: f32) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    // The last place for a break: the byte at which the next line would begin, and the width before it.
    let mut place: Option<(usize, f32)> = None;
    for cluster in clusters {
        let is_space = text.get(cluster.range.clone()) == Some(" ");
        // Spaces hang over the end of the line.
        while !is_space && used + cluster.width > width + SLACK && cluster.range.start > start {
            let (end, before) = place.take().unwrap_or((cluster.range.start, used));
            lines.push(start..end);
            start = end;
            used -= before;
        }
        used += cluster.width;
        if breaks_after(text, &cluster.range) {
            place = Some((cluster.range.end, used));
        }
    }
    lines.push(start..text.len());
    lines
}

/// Whether a line may end behind a sign: behind a space, except before a per cent sign, and behind a hyphen, dash or slash
/// between letters, so not within R-000042.
fn breaks_after(text: &str, sign: &Range<usize>) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
    let before = text.get(..sign.start).and_then(|text| text.chars().next_back());
    let after = text.get(sign.end..).and_then(|text| text.chars().next());
    match text.get(sign.clone()) {
        Some(" ") => after != Some('%'),
        Some("-" | "‐" | "–" | "—" | "/") => is_letter(before) && is_letter(after),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: f32) -> Vec<String> {
        let lines = wrap(text, width, Style::TEXT);
        assert!(lines.iter().all(|line| line.width <= width + SLACK), "{text} at {width}");
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn breaks_between_words() {
        assert_eq!(
            texts("Seats of the plan Business, billed monthly", 90.0),
            ["Seats of the plan", "Business, billed", "monthly"]
        );
        assert_eq!(texts("Vertriebs-Gesellschaft", 60.0), ["Vertriebs-", "Gesellschaft"]);
        assert_eq!(texts("one\n\ntwo", 90.0), ["one", "two"]);
        assert!(texts(" \n\t", 90.0).is_empty());
    }

    #[test]
    fn breaks_within_words_that_are_too_wide_and_loses_nothing() {
        for unit in ["x", "W", "漢", "😀", "e\u{301}", "ש", "©\u{200D}"] {
            let text = unit.repeat(5_000 / unit.len());
            let lines = texts(&text, 100.0);
            assert_eq!(lines.concat().trim_end_matches('\u{200D}'), text.trim_end_matches('\u{200D}'));
        }
        assert_eq!(texts(&format!("A {}", "W".repeat(30)), 100.0).concat().len(), 31);
    }

    #[test]
    fn numbers_hold_together() {
        assert_eq!(texts("Payment reference R-000042", 110.0), ["Payment reference", "R-000042"]);
    }
}
