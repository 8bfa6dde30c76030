//! Who invoices, and the VAT that they add.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::check::number;
use crate::config::toml_file::{Mistake, words};
use crate::country::Country;

/// The operator's company, as it stands on invoices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Empty: the name of the product.
    pub name: String,
    /// Address, register, whatever the law asks for, a line each.
    pub lines: Vec<String>,
    pub tax_id: String,
    /// Two letters of ISO 3166; empty where none is set, and then no VAT is added.
    pub country: String,
    /// Where questions about invoices go.
    pub email: String,
    /// How to pay: bank, IBAN, BIC, a line each.
    pub payment: Vec<String>,
    /// What stands before the number of an invoice.
    pub number_prefix: String,
    /// Days until an invoice is due.
    pub payment_days: i64,
    /// Days after that until the plan ends.
    pub grace_days: i64,
    pub vat: Vec<VatRate>,
}

/// The VAT that is added for a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatRate {
    /// Two letters of ISO 3166.
    pub country: String,
    /// Hundredths of a percent.
    pub basis_points: i64,
}

impl Default for Issuer {
    fn default() -> Issuer {
        Issuer {
            name: String::new(),
            lines: Vec::new(),
            tax_id: String::new(),
            country: String::new(),
            email: String::new(),
            payment: Vec::new(),
            number_prefix: "R-".to_owned(),
            payment_days: 14,
            grace_days: 14,
            vat: Vec::new(),
        }
    }
}

impl Issuer {
    /// Whom to ask about an invoice.
    pub fn contact(&self) -> &str {
        [&self.email, &self.name].into_iter().find(|text| !text.is_empty()).map_or("us", String::as_str)
    }

    /// How to transfer what an invoice asks for: with its reference, and where no account is known, whom to ask for it.
    pub fn how_to_transfer(&self, reference: &str) -> String {
        if self.payment.is_empty() {
            format!("Ask {} which account to pay to, and name the reference {reference}.", self.contact())
        } else {
            format!("Use the reference {reference} with your transfer.")
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssuerText {
    name: Option<Spanned<String>>,
    #[serde(default)]
    lines: Vec<Spanned<String>>,
    tax_id: Option<Spanned<String>>,
    country: Option<Spanned<String>>,
    email: Option<Spanned<String>>,
    #[serde(default)]
    payment: Vec<Spanned<String>>,
    number_prefix: Option<Spanned<String>>,
    payment_days: Option<Spanned<i64>>,
    grace_days: Option<Spanned<i64>>,
    #[serde(default)]
    vat: BTreeMap<Spanned<String>, Spanned<String>>,
}

impl IssuerText {
    pub fn check(self) -> Result<Issuer, Mistake> {
        let default = Issuer::default();
        let word = |text: Option<Spanned<String>>, most: usize, what: &str| {
            text.map(|text| words(text, most, what)).transpose().map(Option::unwrap_or_default)
        };
        let lines = |all: Vec<Spanned<String>>, what: &str| {
            all.into_iter().map(|line| words(line, 100, what)).collect::<Result<Vec<_>, _>>()
        };
        let days = |text: Option<Spanned<i64>>, default: i64| text.map_or(Ok(default), |days| number(days, 1, 120));
        let home = self.country.as_ref().map(Spanned::span).unwrap_or_default();
        let country = self.country.map(country).transpose()?.unwrap_or_default();
        let vat: Vec<VatRate> = self.vat.into_iter().map(vat).collect::<Result<_, _>>()?;
        if vat.iter().all(|rate| rate.country != country) && !(vat.is_empty() && country.is_empty()) {
            let words =
                "expected the rate at home among those of vat, such as vat.DE = \"19\" with country = \"DE\"; \"0\" for none";
            return Err((home, words.to_owned()));
        }
        let prefix = self.number_prefix.map(prefix).transpose()?.unwrap_or_default();
        Ok(Issuer {
            name: word(self.name, 100, "the name")?,
            lines: lines(self.lines, "each line")?,
            tax_id: word(self.tax_id, 40, "the tax id")?,
            country,
            email: self.email.map(email).transpose()?.unwrap_or_default(),
            payment: lines(self.payment, "each line of the payment")?,
            number_prefix: if prefix.is_empty() { default.number_prefix } else { prefix },
            payment_days: days(self.payment_days, default.payment_days)?,
            grace_days: days(self.grace_days, default.grace_days)?,
            vat,
        })
    }
}

fn email(text: Spanned<String>) -> Result<String, Mistake> {
    let span = text.span();
    let email = words(text, 254, "the address")?;
    let expected = || (span, format!("expected an address such as billing@example.com, found {email:?}"));
    email.parse::<lettre::Address>().map_err(|_| expected())?;
    Ok(email)
}

/// What stands before numbers, which are also names of files and references of transfers.
fn prefix(text: Spanned<String>) -> Result<String, Mistake> {
    let span = text.span();
    let prefix = words(text, 20, "the prefix of the numbers")?;
    match prefix.chars().find(|sign| !(sign.is_ascii_alphanumeric() || "-._ ".contains(*sign))) {
        Some(sign) => {
            Err((span, format!("expected a prefix of the letters a to z, digits, blanks and the signs - . _, found {sign:?}")))
        }
        None => Ok(prefix),
    }
}

fn country(text: Spanned<String>) -> Result<String, Mistake> {
    let code = text.get_ref();
    let known = Country::from_code(code).map(|country| country.code().to_owned());
    known.ok_or_else(|| (text.span(), format!("expected the two letters of a country such as DE, found {code:?}")))
}

/// `"19"`, `"8.1"`: a percentage of two digits behind the point at most, read without a floating point.
fn vat((code, rate): (Spanned<String>, Spanned<String>)) -> Result<VatRate, Mistake> {
    let expected =
        || (rate.span(), format!("expected a percentage in quotes such as \"19\" or \"8.1\", found {:?}", rate.get_ref()));
    let (whole, rest) = rate.get_ref().split_once('.').unwrap_or((rate.get_ref(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 2 || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return Err(expected());
    }
    let basis_points: i64 = format!("{whole}{rest:0<2}").parse().map_err(|_| expected())?;
    Ok(VatRate { country: country(code)?, basis_points })
}

#[cfg(test)]
mod tests {
    use crate::config::Plans;

    #[test]
    fn what_stands_on_invoices_is_an_address_and_a_prefix_of_plain_signs() {
        let plan = "[[plans]]\nkey = \"free\"\nname = \"Free\"\nsentence = \"It.\"\nmember_slots = 5\n";
        let issuer = |line: &str| Plans::parse(&format!("[issuer]\n{line}\n{plan}"));
        for fine in ["email = \"billing@apex.example\"", "number_prefix = \"Office 2026_11.R-\""] {
            assert!(issuer(fine).is_ok(), "{fine}: {:?}", issuer(fine));
        }
        let cases = [
            ("email = \"nope\"", "an address such as billing@example.com, found \"nope\""),
            ("email = \"Apex <billing@apex.example>\"", "an address such as"),
            ("email = \"\"", "the address in one line"),
            ("number_prefix = '\"R'", "a prefix of the letters a to z, digits, blanks and the signs - . _, found '\"'"),
            ("number_prefix = \"<R\"", "found '<'"),
            ("number_prefix = \"2026/\"", "found '/'"),
            ("number_prefix = \"BÜRO-\"", "found 'Ü'"),
            ("number_prefix = \"R-2026-11-22-000000000\"", "1 to 20 characters"),
        ];
        for (line, words) in cases {
            let mistake = issuer(line).unwrap_err();
            assert!(mistake.starts_with("line 2: expected ") && mistake.contains(words), "{line}: {mistake}");
        }
    }

    #[test]
    fn rates_are_read_without_floating_points() {
        let plan = "[[plans]]\nkey = \"free\"\nname = \"Free\"\nsentence = \"It.\"\nmember_slots = 5\n";
        let rate = |text: &str| Plans::parse(&format!("[issuer]\ncountry = \"CH\"\nvat.CH = {text}\n{plan}"));
        let points = |text: &str| rate(text).map(|plans| plans.issuer.vat[0].basis_points).ok();
        assert_eq!([points("\"19\""), points("\"8.1\""), points("\"5.05\"")], [Some(1_900), Some(810), Some(505)]);
        for wrong in ["\"8.123\"", "\"-1\"", "\"100\"", "\"\"", "19", "\"8,1\""] {
            assert!(rate(wrong).is_err_and(|mistake| mistake.starts_with("line 3")), "{wrong}");
        }
        for wrong in ["country = \"XX\"", "country = \"DE\"", "vat.DE = \"19\"", "country = \"AT\"\nvat.DE = \"19\""] {
            assert!(Plans::parse(&format!("[issuer]\n{wrong}\n{plan}")).is_err(), "{wrong}");
        }
    }
}
