//! Which VAT an invoice adds: by the country of who is invoiced, and whether they have a tax id of the Union.

use crate::config::Issuer;
use crate::country::Country;

/// The VAT of an invoice, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatRule {
    /// Hundredths of a percent.
    pub basis_points: i64,
    /// What the law wants to be said about it; may be empty.
    pub note: &'static str,
}

const NONE: VatRule = VatRule { basis_points: 0, note: "" };
const REVERSE_CHARGE: &str =
    "Reverse charge: VAT is to be accounted for by the recipient (Article 196 of Directive 2006/112/EC).";

impl VatRule {
    /// The VAT that the issuer adds for somebody. Without a country of its own the issuer adds none. At home its own rate
    /// holds. A business in another country of the Union, known by its VAT number, accounts for the VAT itself. All others
    /// pay what the file says for their country: in the Union the issuer's rate where it says nothing, elsewhere none.
    pub fn for_recipient(issuer: &Issuer, country: Option<Country>, has_eu_vat_number: bool) -> VatRule {
        let Some(home) = Country::from_code(&issuer.country) else { return NONE };
        let rate = |code: &str| issuer.vat.iter().find(|rate| rate.country == code).map(|rate| rate.basis_points);
        let Some(country) = country else { return NONE };
        let is_at_home = country == home;
        let crosses_union = home.is_in_european_union() && country.is_in_european_union() && !is_at_home;
        if crosses_union && has_eu_vat_number {
            return VatRule { basis_points: 0, note: REVERSE_CHARGE };
        }
        let fallback = if crosses_union { rate(home.code()) } else { None };
        VatRule { basis_points: rate(country.code()).or(fallback).unwrap_or_default(), note: "" }
    }

    /// `VAT 19 %`
    pub fn label(&self) -> String {
        label(self.basis_points)
    }
}

/// `VAT 19 %`, `VAT 8.1 %`
pub fn label(basis_points: i64) -> String {
    // Nothing breaks before the sign.
    format!("VAT {}\u{a0}%", percent(basis_points))
}

/// `19`, `8.1`, `5.05`
pub fn percent(basis_points: i64) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    match (rest, rest % 10) {
        (0, _) => whole.to_string(),
        (_, 0) => format!("{whole}.{}", rest / 10),
        _ => format!("{whole}.{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::VatRate;

    #[test]
    fn vat_follows_country_and_number() {
        let rate = |country: &str, basis_points| VatRate { country: country.to_owned(), basis_points };
        let issuer = Issuer {
            country: "DE".to_owned(),
            vat: vec![rate("DE", 1_900), rate("FR", 2_000), rate("CH", 810)],
            ..Issuer::default()
        };
        let points =
            |issuer: &Issuer, code: &str, number| VatRule::for_recipient(issuer, Country::from_code(code), number).basis_points;
        for (code, number, expected) in [
            ("DE", false, 1_900),
            ("DE", true, 1_900),
            ("FR", false, 2_000),
            ("FR", true, 0),
            ("AT", false, 1_900),
            ("AT", true, 0),
            ("CH", true, 810),
            ("US", false, 0),
            ("", false, 0),
        ] {
            assert_eq!(points(&issuer, code, number), expected, "{code} {number}");
        }
        assert!(!VatRule::for_recipient(&issuer, Country::from_code("AT"), true).note.is_empty());
        assert_eq!(points(&Issuer::default(), "DE", false), 0);
        assert_eq!([label(810), label(1_900), label(505)], ["VAT 8.1\u{a0}%", "VAT 19\u{a0}%", "VAT 5.05\u{a0}%"]);
    }
}
