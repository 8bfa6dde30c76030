//! The forms of tax ids. A form is one line of signs that serves twice: a typed text is held against it with all its
//! blanks, dots and dashes dropped, and what fits is written out with those of the form.
//!
//! The signs: `#` a digit, `_` a digit that may be missing (at the end only), `@` a letter, `?` a letter or a digit,
//! `&` a letter of a Mexican name, `~` what a Dutch number may hold; blank, dot, dash and stroke are written, never read;
//! anything else stands for itself.

const SEPARATORS: [char; 4] = [' ', '.', '-', '/'];

/// A typed text in capital letters and ASCII digits, without the signs that people put between groups.
pub fn bare(text: &str) -> String {
    text.chars().filter(|c| !is_between(*c)).map(plain).filter(|c| !is_between(*c)).collect()
}

fn is_between(c: char) -> bool {
    // Dashes of all lengths come from word processors, marks without a width from web pages.
    let dash = matches!(c, '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let widthless = matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    c.is_whitespace() || dash || widthless || matches!(c, '.' | ',' | '-' | '/' | '\\' | ':' | '_' | '\'' | '(' | ')')
}

/// Wide characters of East Asian keyboards and Arabic digits as their ASCII fellows; letters in capitals.
fn plain(c: char) -> char {
    let moved = |zero: u32, to: u32| char::from_u32(u32::from(c) - zero + to).unwrap_or(c);
    match c {
        '\u{FF01}'..='\u{FF5E}' => moved(0xFF01, 0x21).to_ascii_uppercase(),
        '\u{0660}'..='\u{0669}' => moved(0x0660, 0x30),
        '\u{06F0}'..='\u{06F9}' => moved(0x06F0, 0x30),
        'ñ' => 'Ñ',
        // A Cyrillic or Greek keyboard writes letters that look the same: МК for Skopje, ΕΛ for Athens.
        'М' | 'м' | 'Μ' | 'μ' => 'M',
        'К' | 'к' | 'Κ' | 'κ' => 'K',
        'Ε' | 'ε' => 'E',
        'Λ' | 'λ' => 'L',
        _ => c.to_ascii_uppercase(),
    }
}

/// The text written as the form writes it, or nothing where it does not fit.
pub fn written(form: &str, bare: &str) -> Option<String> {
    let mut text = bare.chars().peekable();
    let mut written = String::with_capacity(form.len());
    for sign in form.chars() {
        if SEPARATORS.contains(&sign) {
            written.push(sign);
        } else if sign == '_' && text.peek().is_none() {
            break;
        } else {
            written.push(text.next().filter(|c| fits(sign, *c))?);
        }
    }
    text.next().is_none().then_some(written)
}

fn fits(sign: char, c: char) -> bool {
    match sign {
        '#' | '_' => c.is_ascii_digit(),
        '@' => c.is_ascii_uppercase(),
        '?' => c.is_ascii_digit() || c.is_ascii_uppercase(),
        '&' => c.is_ascii_uppercase() || c == 'Ñ' || c == '&',
        '~' => c.is_ascii_digit() || c.is_ascii_uppercase() || c == '+' || c == '*',
        literal => c == literal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_text_loses_what_stands_between_groups() {
        assert_eq!(bare(" che-123.456 788\u{a0}mwst "), "CHE123456788MWST");
        assert_eq!(bare("BE (0)468/561\u{2013}072"), "BE0468561072");
        assert_eq!(bare("Ｔ１２３－４５"), "T12345");
        assert_eq!(bare("٣١٠۴"), "3104");
        assert_eq!(bare("ñ&a"), "Ñ&A");
        assert_eq!(bare("МК εΛ"), "MKEL");
    }

    #[test]
    fn a_form_writes_its_own_separators() {
        assert_eq!(written("CHE-###.###.### MWST", "CHE123456788MWST").as_deref(), Some("CHE-123.456.788 MWST"));
        assert_eq!(written("##-#######", "123456789").as_deref(), Some("12-3456789"));
        assert_eq!(written("##__", "12").as_deref(), Some("12"));
        assert_eq!(written("##__", "1234").as_deref(), Some("1234"));
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let misfits = [("##", "1"), ("##", "123"), ("##", "1A"), ("##__", "12345"), ("@#", "ÄB"), ("T#", "X1"), ("##", "１２")];
        for (form, text) in misfits {
            assert_eq!(written(form, text), None, "{form} {text}");
        }
    }
}
