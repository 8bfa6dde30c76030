//! Marks into a file. krilla embeds the letters used, writes the file as PDF/A-2b and refuses to write one that is not:
//! every glyph from an embedded font and none undefined, colours in sRGB with its profile as the output intent, metadata as
//! XMP, no encryption.

use chrono::{DateTime, Datelike, Timelike, Utc};
use krilla::configure::{Archival, Configuration, ConfigurationBuilder, PdfVersion};
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{self, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use super::pages::Mark;
use super::row::Rule;
use super::style::{PAGE_HEIGHT, PAGE_WIDTH, Tone};
use super::text::{TextLine, printable};
use super::{InvoiceDocument, PdfError};

/// Longest title in the metadata, in characters: PDF/A ends strings at 32,767 bytes.
const LONGEST_TITLE: usize = 200;

/// The bytes of the file.
///
/// # Errors
/// If krilla finds that the file would not be PDF/A-2b, or can't subset the font.
pub fn draw(document: &InvoiceDocument, pages: Vec<Vec<Mark>>) -> Result<Vec<u8>, PdfError> {
    let settings = SerializeSettings { configuration: configuration()?, enable_tagging: false, ..SerializeSettings::default() };
    let mut file = Document::new_with(settings);
    file.set_metadata(metadata(document));
    for marks in pages {
        let size = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).unwrap_or_default();
        let mut page = file.start_page_with(size);
        let mut surface = page.surface();
        marks.iter().for_each(|mark| draw_mark(&mut surface, mark));
        surface.finish();
        page.finish();
    }
    file.finish().map_err(|error| PdfError::Written(format!("{error}: {error:?}")))
}

/// PDF 1.7, checked against PDF/A-2b.
fn configuration() -> Result<Configuration, PdfError> {
    let builder = ConfigurationBuilder::new().with_version(PdfVersion::Pdf17).with_archival_validator(Archival::A2_B);
    builder.finish().map_err(|error| PdfError::Written(format!("{error:?}")))
}

/// Everything that the file says about itself comes from the document, so equal documents are equal files.
fn metadata(document: &InvoiceDocument) -> Metadata {
    let short = |text: &str| printable(text).chars().take(LONGEST_TITLE).collect::<String>();
    Metadata::new()
        .title(short(&format!("{} {}", document.title, document.number)))
        .authors(Some(short(&document.issuer.name)).into_iter().filter(|name| !name.is_empty()).collect())
        .creator("Roster".to_owned())
        .producer("krilla".to_owned())
        .language("en".to_owned())
        .creation_date(date(document.created))
}

fn date(at: DateTime<Utc>) -> metadata::DateTime {
    // The ranges of the calendar fit into these types.
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    metadata::DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn draw_mark(surface: &mut Surface<'_>, mark: &Mark) {
    match mark {
        Mark::Text { x, baseline, line } => {
            if line.glyphs.is_empty() {
                return;
            }
            surface.set_fill(Some(fill(line.style.tone)));
            draw_line(surface, Point::from_xy(*x, *baseline), line);
        }
        Mark::Rule { y, rule } => {
            surface.set_fill(Some(fill(rule.tone)));
            if let Some(path) = path(*y, rule) {
                surface.draw_path(&path);
            }
        }
    }
}

/// The glyphs of each face beside those before.
fn draw_line(surface: &mut Surface<'_>, mut at: Point, line: &TextLine) {
    let mut rest = line.glyphs.as_slice();
    for (count, face) in &line.faces {
        let Some((glyphs, others)) = rest.split_at_checked(*count) else { return };
        surface.draw_glyphs(at, glyphs, face.font.clone(), &line.text, line.style.size, false);
        at.x += glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * line.style.size;
        rest = others;
    }
}

fn path(y: f32, rule: &Rule) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(rule.left, y - Rule::THICKNESS / 2.0, rule.width, Rule::THICKNESS)?);
    path.finish()
}

fn fill(tone: Tone) -> Fill {
    Fill { paint: tone.colour().into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}
