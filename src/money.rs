//! Money: whole minor units (cents, yen) with their currency, never floating point. What is divided is rounded once, half
//! away from zero, in wide integers; sums are exact.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency of ISO 4217 that plans may be priced in. Those that Stripe counts in hundredths which have to be zero (ISK, UGX) are
/// none: a share of a price does not keep to that.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(&'static Known);

#[derive(PartialEq, Eq, Hash)]
struct Known {
    code: &'static str,
    /// Digits behind the point, as Stripe counts them.
    digits: u32,
    sign: &'static str,
}

const fn known(code: &'static str, digits: u32, sign: &'static str) -> Known {
    Known { code, digits, sign }
}

/// Those with a sign of their own are written with it, all others with their code.
const KNOWN: [Known; 33] = [
    known("AED", 2, "AED "),
    known("AUD", 2, "A$"),
    known("BRL", 2, "R$"),
    known("CAD", 2, "CA$"),
    known("CHF", 2, "CHF "),
    known("CLP", 0, "CLP "),
    known("CNY", 2, "CN¥"),
    known("COP", 2, "COP "),
    known("CZK", 2, "CZK "),
    known("DKK", 2, "DKK "),
    known("EUR", 2, "€"),
    known("GBP", 2, "£"),
    known("HKD", 2, "HK$"),
    known("HUF", 2, "HUF "),
    known("IDR", 2, "IDR "),
    known("ILS", 2, "₪"),
    known("INR", 2, "₹"),
    known("JPY", 0, "¥"),
    known("KRW", 0, "₩"),
    known("MXN", 2, "MX$"),
    known("MYR", 2, "MYR "),
    known("NOK", 2, "NOK "),
    known("NZD", 2, "NZ$"),
    known("PHP", 2, "PHP "),
    known("PLN", 2, "PLN "),
    known("RON", 2, "RON "),
    known("SAR", 2, "SAR "),
    known("SEK", 2, "SEK "),
    known("SGD", 2, "SGD "),
    known("THB", 2, "THB "),
    known("TRY", 2, "TRY "),
    known("USD", 2, "$"),
    known("ZAR", 2, "ZAR "),
];

impl Currency {
    /// The currency of a code such as `EUR`, in upper or lower case.
    pub fn from_code(code: &str) -> Option<Currency> {
        KNOWN.iter().find(|known| known.code.eq_ignore_ascii_case(code)).map(Currency)
    }

    /// `EUR`
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// An amount as people type it, in minor units: `50`, `10.5`, `10,5`, `1,234.50`, `1.234,50`. None for anything else, for
    /// what could be two amounts, and below zero.
    pub fn parse(self, text: &str) -> Option<i64> {
        let text = text.trim();
        let (whole, rest) = decimal_sign(text).map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
        let whole = ungrouped(whole, text[whole.len()..].chars().next())?;
        let width = usize::try_from(self.0.digits).ok()?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 12 || rest.len() > width || !digits(&whole) || !digits(rest) {
            return None;
        }
        format!("{whole}{rest:0<width$}").parse().ok()
    }

    /// An amount as it is typed: `1234.50`.
    pub fn typed(self, minor: i64) -> String {
        let unit = 10_i64.pow(self.0.digits);
        match self.0.digits {
            0 => minor.to_string(),
            digits => format!("{}.{:0width$}", minor / unit, (minor % unit).abs(), width = digits as usize),
        }
    }

    /// So much of it.
    pub fn money(self, minor: i64) -> Money {
        Money { minor, currency: self }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        let code = String::deserialize(deserializer)?;
        Currency::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("no currency is called {code:?}")))
    }
}

/// Where the decimal sign of an amount is: the last comma or point, unless it groups thousands as pages write them.
fn decimal_sign(text: &str) -> Option<usize> {
    let at = text.rfind([',', '.'])?;
    let (before, sign) = (&text[..at], text[at..].chars().next()?);
    let groups = sign == ',' && text.len() - at == 4 && !before.contains('.');
    (!groups && !before.contains(sign)).then_some(at)
}

/// A whole number without what groups its thousands; none where it is grouped otherwise, or by the decimal sign.
fn ungrouped(whole: &str, decimal_sign: Option<char>) -> Option<String> {
    let Some(sign) = whole.chars().find(|sign| matches!(sign, ',' | '.')) else { return Some(whole.to_owned()) };
    let mut groups = whole.split(sign);
    let is_first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
    let is_grouped = is_first && groups.all(|group| group.len() == 3) && decimal_sign != Some(sign);
    is_grouped.then(|| whole.replace(sign, ""))
}

/// An amount in minor units of its currency; below zero it is a credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// `€1,234.50`, `−€3.20`, `¥900`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Known { digits, sign, .. } = *self.currency.0;
        let (unit, amount) = (10_u64.pow(digits), self.minor.unsigned_abs());
        let (whole, rest) = (i64::try_from(amount / unit).unwrap_or(i64::MAX), amount % unit);
        let minus = if self.minor < 0 { "−" } else { "" };
        write!(formatter, "{minus}{sign}{}", grouped(whole))?;
        if digits > 0 { write!(formatter, ".{rest:0width$}", width = digits as usize) } else { Ok(()) }
    }
}

/// `1,234,567`
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The part of an amount that `part` is of `whole`, rounded half away from zero; nothing of nothing.
pub fn share(minor: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (product, whole) = (i128::from(minor) * i128::from(part), i128::from(whole));
    let (quotient, remainder) = (product / whole, product % whole);
    let rounded = if 2 * remainder.abs() >= whole { quotient + product.signum() } else { quotient };
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(code: &str, minor: i64) -> String {
        Currency::from_code(code).unwrap().money(minor).to_string()
    }

    #[test]
    fn amounts_are_written_as_people_write_them() {
        assert_eq!(money("EUR", 123_450), "€1,234.50");
        assert_eq!(money("eur", -5), "−€0.05");
        assert_eq!(money("JPY", 90_000), "¥90,000");
        assert_eq!(money("CHF", 100), "CHF 1.00");
        assert_eq!(money("USD", i64::MIN), "−$92,233,720,368,547,758.08");
        assert!(Currency::from_code("XXX").is_none());
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let (euro, yen) = (Currency::from_code("EUR").unwrap(), Currency::from_code("JPY").unwrap());
        assert_eq!([euro.parse("50"), euro.parse(" 1,234.5 "), euro.parse("0.05")], [Some(5_000), Some(123_450), Some(5)]);
        assert_eq!([yen.parse("50"), yen.parse("50.0")], [Some(50), None]);
        assert_eq!([euro.parse("10,5"), euro.parse("0,33"), euro.parse("1.234,50")], [Some(1_050), Some(33), Some(123_450)]);
        let grouped = [euro.parse("1,234"), euro.parse("1,234,567"), euro.parse("1.234.567"), yen.parse("1,234")];
        assert_eq!(grouped, [Some(123_400), Some(123_456_700), Some(123_456_700), Some(1_234)]);
        let wrongs =
            ["", "-1", "1.234", "1e3", "€5", "1.2.3", ".5", ",5", "9999999999999", "1,0,0", "1,23,456", "1,234,5", "12345,678"];
        for wrong in wrongs.into_iter().chain(["1.2345,6", "1,234.567", "1,,234", "é,5", "5,é"]) {
            assert_eq!(euro.parse(wrong), None, "{wrong}");
        }
        assert_eq!((euro.typed(123_405), yen.typed(50)), ("1234.05".to_owned(), "50".to_owned()));
    }

    #[test]
    fn a_share_is_rounded_half_away_from_zero() {
        for (minor, part, whole, expected) in [
            (1_000, 1, 3, 333),
            (1_000, 2, 3, 667),
            (5, 1, 2, 3),
            (-5, 1, 2, -3),
            (7, 1, 3, 2),
            (4, 1, 3, 1),
            (100, 0, 3, 0),
            (100, 3, 3, 100),
            (100, 1, 0, 0),
            (1, 1, 3, 0),
            (2, 1, 3, 1),
            (i64::MAX, 1, 1, i64::MAX),
        ] {
            assert_eq!(share(minor, part, whole), expected, "{minor} × {part} / {whole}");
        }
    }
}
