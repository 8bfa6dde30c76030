//! Values that are valid because they exist: addresses and names, parsed once at the edge. Postgres never folds them.

use unicode_normalization::UnicodeNormalization;

/// Words for the reader why a text was not accepted.
pub type Refused = &'static str;

/// A canonical mail address: ASCII local part in lower case, IDNA domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// # Errors
    /// Words for the reader.
    pub fn parse(text: &str) -> Result<EmailAddress, Refused> {
        const SHAPE: Refused = "Enter an address like dana@example.com.";
        let text = text.trim();
        if text.chars().count() > 254 {
            return Err("That address is too long: 254 characters at most.");
        }
        let (local, domain) = text.rsplit_once('@').ok_or(SHAPE)?;
        if !local.is_ascii() {
            return Err("The part before the @ may hold only the letters a to z, digits and simple signs.");
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| SHAPE)?;
        let canonical = format!("{}@{domain}", local.to_ascii_lowercase());
        let well_formed = is_local_part(local) && is_domain(&domain) && canonical.len() <= 254;
        if !well_formed || canonical.parse::<lettre::Address>().is_err() {
            return Err(SHAPE);
        }
        Ok(EmailAddress(canonical))
    }

    /// Takes an address that was parsed before it was stored.
    pub fn stored(text: String) -> EmailAddress {
        EmailAddress(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the @.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_local_part(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    (1..=64).contains(&text.len())
        && text.chars().all(allowed)
        && !text.starts_with('.')
        && !text.ends_with('.')
        && !text.contains("..")
}

fn is_domain(text: &str) -> bool {
    // A name without a dot is a slip far more often than a host of one's own.
    text.len() <= 253 && text.contains('.') && text.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// The name of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// # Errors
    /// Words for the reader.
    pub fn parse(text: &str) -> Result<PersonName, Refused> {
        name(text, "Enter a name.").map(PersonName)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleName(String);

impl RoleName {
    /// Longest, in characters: it stands in lists, menus and mails.
    const LONGEST: usize = 50;

    /// # Errors
    /// Words for the reader.
    pub fn parse(text: &str) -> Result<RoleName, Refused> {
        // Two names that differ in blanks alone look the same.
        let name = name(&text.split_whitespace().collect::<Vec<_>>().join(" "), "Enter a name for the role.")?;
        if name.chars().count() > RoleName::LONGEST {
            Err("That name is too long: 50 characters at most.")
        } else {
            Ok(RoleName(name))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// Longest, in characters: it stands in lists and in the activity log.
    const LONGEST: usize = 60;

    /// # Errors
    /// Words for the reader.
    pub fn parse(text: &str) -> Result<KeyName, Refused> {
        let name = name(&text.split_whitespace().collect::<Vec<_>>().join(" "), "Enter a name for the key.")?;
        if name.chars().count() > KeyName::LONGEST {
            Err("That name is too long: 60 characters at most.")
        } else {
            Ok(KeyName(name))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationName(String);

impl OrganizationName {
    /// # Errors
    /// Words for the reader.
    pub fn parse(text: &str) -> Result<OrganizationName, Refused> {
        name(text, "Enter a name for the organization.").map(OrganizationName)
    }

    /// The name of the organization that comes with an account whose person named none.
    pub fn personal(person: &PersonName) -> OrganizationName {
        let first_words: String = person.as_str().chars().take(80).collect();
        OrganizationName(format!("{}'s organization", first_words.trim_end()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The beginning of its address: `acme` for Acme; `organization` where no letter is left.
    pub fn slug(&self) -> String {
        let folded = fold(&self.0).replace('\'', "");
        let words: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let joined: String = words.join("-").chars().take(50).collect();
        let slug = joined.trim_end_matches('-');
        if slug.is_empty() { "organization".to_owned() } else { slug.to_owned() }
    }
}

/// A name as it may stand in a mail's subject: no control or direction characters, no web address.
fn name(text: &str, missing: Refused) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(missing);
    }
    if text.chars().count() > 100 {
        return Err("That name is too long: 100 characters at most.");
    }
    if !is_plain(text) || text.contains(['\n', '\r', '\t']) {
        return Err("That name has characters that cannot be shown. Type it again without them.");
    }
    if looks_like_address(text) {
        return Err("A name cannot hold a web address.");
    }
    if !text.chars().any(is_visible) {
        return Err(missing);
    }
    if has_towers(text) {
        return Err("That name has too many accents on one letter. Type it again with fewer.");
    }
    Ok(text.to_owned())
}

/// Whether a character can be seen by itself: no blank, no bare accent, none that only joins or varies others.
fn is_visible(c: char) -> bool {
    let joins = matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}');
    !c.is_whitespace() && !c.is_ascii_punctuation() && !joins && !unicode_normalization::char::is_combining_mark(c)
}

/// Whether accents are stacked so high that they would cover the lines above.
fn has_towers(text: &str) -> bool {
    let mut height = 0;
    text.chars().any(|c| {
        height = if unicode_normalization::char::is_combining_mark(c) { height + 1 } else { 0 };
        height > 6
    })
}

/// Free text of several lines, for people to read. Line ends become `\n`.
///
/// # Errors
/// Words for the reader.
pub fn free_text(text: &str, most: usize) -> Result<String, Refused> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > most {
        return Err("That text is too long.");
    }
    if !is_plain(&text) || text.contains('\r') {
        return Err("That text has characters that cannot be shown. Type it again without them.");
    }
    Ok(text)
}

/// Whether every character is one that a page and a mail can show: no control characters but line ends and tabs, no
/// characters that turn the direction of writing, none that leaves a gap where a letter should be, and none that stands for bytes that were not UTF-8.
pub fn is_plain(text: &str) -> bool {
    let hidden = |c: char| {
        matches!(c, '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
            || u32::from(c) & 0xFFFE == 0xFFFE
            || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFFD}')
            || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    };
    !text.chars().any(hidden)
}

fn looks_like_address(text: &str) -> bool {
    let lower = text.to_lowercase();
    if lower.contains("://") || lower.contains("www.") {
        return true;
    }
    // A dot between two letters with at least two after it: evil.com, but neither "J.R. Smith" nor "Dr. No".
    lower.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let host = word.split(['/', ':', '?']).next().unwrap_or_default();
        let Some((before, last)) = host.rsplit_once('.') else { return false };
        before.chars().count() >= 2 && last.chars().count() >= 2 && last.chars().all(char::is_alphabetic)
    })
}

/// Lower case without accents: the order of lists and the form in which words are searched.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_in_one_way() {
        let parsed = |text| EmailAddress::parse(text).map(|address| address.0);
        assert_eq!(parsed(" Dana.Smith@EXAMPLE.com "), Ok("dana.smith@example.com".to_owned()));
        assert_eq!(parsed("dana@bücher.example"), Ok("dana@xn--bcher-kva.example".to_owned()));
        for wrong in [
            "",
            "dana",
            "dana@",
            "@example.com",
            "a..b@example.com",
            "dana\u{212A}@example.com",
            "a b@example.com",
            "a@exa mple.com",
            "\"a\"@example.com",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_kelvin_sign_in_a_domain_is_the_letter_k() {
        assert_eq!(EmailAddress::parse("a@\u{212A}.example").map(|a| a.0), Ok("a@k.example".to_owned()));
    }

    #[test]
    fn names_refuse_what_would_make_mail_dangerous() {
        for fine in
            ["Dana Smith", "J.R. Smith", "Dr. No", "Ōe Kenzaburō", "Acme Inc.", "🦊 Foxes", "=1+1", "<b>Bold</b>", "O'Neil"]
        {
            assert!(PersonName::parse(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "   ",
            "a\u{0}b",
            "a\nBcc: b",
            "\u{202E}evil",
            "win at evil.com",
            "https://x",
            "www.x",
            "...",
            "\u{FFFD}",
            "\u{AD}",
            "\u{3164}",
            "\u{200D}",
            "\u{FE0F}",
            "\u{2800}",
            "\u{E0041}",
            "\u{FFFF}",
            "\u{301}",
        ] {
            assert!(PersonName::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(PersonName::parse(&"x".repeat(101)).is_err());
        assert!(PersonName::parse(&format!("a{}", "\u{301}".repeat(60))).is_err());
    }

    #[test]
    fn slugs_are_short_words_of_the_name() {
        let slug = |text| OrganizationName::parse(text).unwrap().slug();
        assert_eq!(slug("Acme"), "acme");
        assert_eq!(slug("  Café  Zürich & Söhne "), "cafe-zurich-sohne");
        assert_eq!(slug("Dana's organization"), "danas-organization");
        assert_eq!(slug("日本"), "organization");
    }
}
