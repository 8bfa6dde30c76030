//! How a deployment looks: its name, its accent colour, its logo.

use std::fs;

use super::reading::{Read, Settings};
use super::wrong;

/// Largest logo, in bytes: every first visit loads it.
const LARGEST_LOGO: usize = 256 * 1024;
/// Contrast that words need against their ground (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// Name, accent and logo of the deployment.
#[derive(Clone, Debug)]
pub struct Brand {
    pub name: String,
    pub accent: Accent,
    /// Stands in for the product's own icon.
    pub logo: Option<Logo>,
}

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent([u8; 3]);

impl Accent {
    /// Roster's own.
    pub const DEFAULT: Accent = Accent([0x4a, 0x4f, 0xd0]);

    fn parse(text: &str) -> Option<Accent> {
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Accent([byte(0)?, byte(2)?, byte(4)?]))
    }

    /// As style sheets write it: `#4a4fd0`.
    pub fn css(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// The same hue, as dark as white words on it need: for mails, whose readers know no newer way to bend a colour.
    #[must_use]
    pub fn under_white(self) -> Accent {
        let darker = |Accent(parts): &Accent| Some(Accent(parts.map(|part| part.saturating_sub(part / 20 + 1))));
        let shades = std::iter::successors(Some(self), darker).take(256);
        shades.into_iter().find(|shade| 1.05 / (shade.luminance() + 0.05) >= READABLE).unwrap_or(Accent([0; 3]))
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub content_type: &'static str,
    /// Of the file's name.
    pub ending: &'static str,
    pub bytes: Vec<u8>,
}

impl Logo {
    /// Tells the kinds apart by how they begin, whatever the file is called.
    fn parse(bytes: Vec<u8>) -> Option<Logo> {
        let text = String::from_utf8_lossy(&bytes);
        let is_svg = text.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') && text.contains("<svg");
        let kinds = [
            (is_svg, "image/svg+xml", "svg"),
            (bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "image/png", "png"),
            (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"), "image/webp", "webp"),
        ];
        let (_, content_type, ending) = kinds.into_iter().find(|(is, ..)| *is)?;
        Some(Logo { content_type, ending, bytes })
    }
}

pub(super) fn brand(lookup: Settings<'_>) -> Read<Brand> {
    Ok(Brand { name: name(lookup)?, accent: accent(lookup)?, logo: logo(lookup)? })
}

fn name(lookup: Settings<'_>) -> Read<String> {
    let text = lookup("BRAND_NAME").unwrap_or_else(|| "Roster".to_owned());
    let name = text.trim();
    let fits = name.chars().count() <= 40 && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(wrong("BRAND_NAME", format!("a name of at most 40 characters, found {text:?}"))) }
}

fn accent(lookup: Settings<'_>) -> Read<Accent> {
    let Some(text) = lookup("BRAND_ACCENT") else { return Ok(Accent::DEFAULT) };
    Accent::parse(&text).ok_or_else(|| wrong("BRAND_ACCENT", format!("a colour such as #4a4fd0, found {text:?}")))
}

fn logo(lookup: Settings<'_>) -> Read<Option<Logo>> {
    let Some(path) = lookup("BRAND_LOGO") else { return Ok(None) };
    let expected = "a file with a picture: SVG, PNG or WebP, 256 KB at most";
    let bytes = fs::read(path.trim()).map_err(|error| wrong("BRAND_LOGO", format!("{expected}, found {path:?}: {error}")))?;
    let logo = Some(bytes).filter(|bytes| bytes.len() <= LARGEST_LOGO).and_then(Logo::parse);
    logo.map(Some).ok_or_else(|| wrong("BRAND_LOGO", format!("{expected}, found another in {path:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accent_is_six_hexadecimal_digits() {
        assert_eq!(Accent::parse(" #0A7f3C ").map(Accent::css).as_deref(), Some("#0a7f3c"));
        for wrong in ["0a7f3c", "#fff", "#12345g", "#12345é", "red", "#0a7f3c;}"] {
            assert_eq!(Accent::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn white_words_are_readable_on_every_accent_in_a_mail_and_a_dark_one_stays_as_it_is() {
        assert_eq!(Accent::DEFAULT.under_white(), Accent::DEFAULT);
        for light in [[255, 255, 255], [255, 220, 0], [0, 255, 0], [255, 105, 180]] {
            let shade = Accent(light).under_white();
            assert!(1.05 / (shade.luminance() + 0.05) >= READABLE && shade != Accent([0; 3]), "{shade:?}");
        }
    }

    #[test]
    fn a_logo_is_known_by_how_it_begins() {
        let ending = |bytes: &[u8]| Logo::parse(bytes.to_vec()).map(|logo| logo.ending);
        assert_eq!(ending(b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), Some("svg"));
        assert_eq!(ending(b"\x89PNG\r\n\x1a\n....."), Some("png"));
        assert_eq!(ending(b"RIFF\0\0\0\0WEBPVP8 "), Some("webp"));
        for other in [&b""[..], b"<html><body>", b"GIF89a", b"MZ\x90"] {
            assert_eq!(ending(other), None);
        }
    }
}
