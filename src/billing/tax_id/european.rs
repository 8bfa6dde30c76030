//! VAT numbers of the European Union: two letters for the country, then a form of the country's own. The forms are those
//! of the Commission's VIES; the letters are ISO 3166's but for Greece (EL) and Northern Ireland (XI), whose firms
//! trade goods as if they were inside.

use super::Country;
use super::european_digits as check;
use super::form;

/// How one country writes its numbers for VAT.
pub struct Prefix {
    /// Two capital letters.
    pub letters: &'static str,
    pub country: Country,
    /// What can follow the letters, in the signs of [`form`].
    forms: &'static [&'static str],
    /// Whether the check digits of what follows the letters are right.
    pub check: fn(&str) -> bool,
    /// Words for a number of another form, with an example of a right one.
    pub refusal: &'static str,
}

/// Words for a number that no country's letters begin.
pub const NO_PREFIX: &str = "An EU VAT number begins with the country, like DE123456788.";

/// Makes a row of each `letters: country, example, forms, check`.
macro_rules! prefixes {
    ($($letters:ident: $country:ident $name:literal $example:literal [$($form:literal)*] $check:ident;)*) => {
        &[$(Prefix {
            letters: stringify!($letters),
            country: Country::$country,
            forms: &[$($form),*],
            check: check::$check,
            refusal: concat!("Enter the VAT number of ", $name, " like this: ", $example, "."),
        }),*]
    };
}

const PREFIXES: &[Prefix] = prefixes! {
    AT: AT "Austria" "ATU12345675" ["U########"] austrian;
    BE: BE "Belgium" "BE0123456749" ["##########"] belgian;
    BG: BG "Bulgaria" "BG123456786" ["#########" "##########"] bulgarian;
    CY: CY "Cyprus" "CY12345678F" ["########@"] cypriot;
    CZ: CZ "Czechia" "CZ12345679" ["########__"] czech;
    DE: DE "Germany" "DE123456788" ["#########"] croatian_or_german;
    DK: DK "Denmark" "DK12345674" ["########"] danish;
    EE: EE "Estonia" "EE123456780" ["#########"] estonian;
    EL: GR "Greece" "EL123456783" ["#########"] greek;
    ES: ES "Spain" "ESA12345674" ["?#######?"] spanish;
    FI: FI "Finland" "FI12345671" ["########"] finnish;
    FR: FR "France" "FR32123456789" ["??#########"] french;
    HR: HR "Croatia" "HR12345678903" ["###########"] croatian_or_german;
    HU: HU "Hungary" "HU12345676" ["########"] hungarian;
    IE: IE "Ireland" "IE1234567FA" ["#######@" "#######@@" "#@#####@" "#+#####@" "#*#####@"] irish;
    IT: IT "Italy" "IT12345678903" ["###########"] italian;
    LT: LT "Lithuania" "LT123456715" ["#########" "############"] lithuanian;
    LU: LU "Luxembourg" "LU12345613" ["########"] luxembourgish;
    LV: LV "Latvia" "LV41234567891" ["###########"] latvian;
    MT: MT "Malta" "MT12345634" ["########"] maltese;
    NL: NL "the Netherlands" "NL123456782B12" ["~~~~~~~~~B~~"] dutch;
    PL: PL "Poland" "PL1234563218" ["##########"] polish;
    PT: PT "Portugal" "PT123456789" ["#########"] portuguese;
    RO: RO "Romania" "RO1234567897" ["##________" "#############"] romanian;
    SE: SE "Sweden" "SE123456789701" ["############"] swedish;
    SI: SI "Slovenia" "SI12345679" ["########"] slovenian;
    SK: SK "Slovakia" "SK1234567895" ["##########"] slovak;
    XI: GB "Northern Ireland" "XI123456782" ["#########" "############" "GD###" "HA###"] british;
};

/// The country's way of writing that a bare text begins with. Greece answers to GR as well.
pub fn prefix_of(bare: &str) -> Option<&'static Prefix> {
    let letters = bare.get(..2)?;
    let letters = if letters == "GR" { "EL" } else { letters };
    PREFIXES.iter().find(|prefix| prefix.letters == letters)
}

impl Prefix {
    /// The country's own part of a bare text, as it is stored; nothing where it has another form.
    pub fn body(&self, bare: &str) -> Option<String> {
        let body = bare.get(2..)?;
        // Belgian and Greek numbers grew by a leading zero that old letterheads lack, and some Dutch people drop theirs.
        let grown = match (self.letters, body.len()) {
            ("BE", 9) | ("EL", 8) => format!("0{body}"),
            ("NL", 10 | 11) => format!("{body:0>12}"),
            _ => body.to_owned(),
        };
        self.forms.iter().find_map(|form| form::written(form, &grown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_state_has_its_letters_once() {
        let members: Vec<Country> = PREFIXES.iter().map(|prefix| prefix.country).filter(|c| c.is_in_european_union()).collect();
        assert_eq!((members.len(), PREFIXES.len()), (27, 28));
        assert!(Country::ALL.iter().filter(|country| country.is_in_european_union()).all(|country| members.contains(country)));
    }

    #[test]
    fn the_letters_are_those_of_the_country_but_for_two() {
        let other: Vec<&str> = PREFIXES.iter().filter(|p| p.letters != p.country.code()).map(|p| p.letters).collect();
        assert_eq!(other, ["EL", "XI"]);
    }
}
