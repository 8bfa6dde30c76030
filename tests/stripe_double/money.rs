//! Money in the smallest unit of its currency, whole numbers throughout. Products are made in `i128` and divided once, rounding half
//! away from zero.

use serde_json::Value;

/// A decimal number such as a price of 0.5 cents or a tax of 7.7 %: `units / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    /// Reads `12`, `-0.5`, `19.25`: at most twelve digits after the point, as Stripe allows.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}");
        if fraction.len() > 12 || digits.len() > 24 || fraction.starts_with(['-', '+']) {
            return None;
        }
        Some(Self { units: digits.parse().ok()?, scale: u32::try_from(fraction.len()).ok()? })
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The whole number that it is, if it is one.
    pub fn whole(self) -> Option<i64> {
        let divisor = 10_i128.pow(self.scale);
        (self.units % divisor == 0).then(|| i64::try_from(self.units / divisor).ok()).flatten()
    }

    /// `self × times × part / whole`, rounded once.
    pub fn share(self, times: i64, part: i64, whole: i64) -> i64 {
        divide(self.units * i128::from(times) * i128::from(part), 10_i128.pow(self.scale) * i128::from(whole))
    }

    /// That many per cent of an amount.
    pub fn percent_of(self, amount: i64) -> i64 {
        self.share(amount, 1, 100)
    }
}

/// The price of one unit.
pub fn unit_price(price: &Value) -> Decimal {
    price["unit_amount_decimal"].as_str().and_then(Decimal::parse).unwrap_or(Decimal { units: 0, scale: 0 })
}

/// Division that rounds half away from zero.
pub fn divide(dividend: i128, divisor: i128) -> i64 {
    let rounded = (2 * dividend.abs() + divisor.abs()) / (2 * divisor.abs());
    let signed = if (dividend < 0) == (divisor < 0) { rounded } else { -rounded };
    i64::try_from(signed).expect("an amount fits in 64 bits")
}

/// An amount for people: `$12.00`, `€7.50`, `¥500`, `CHF 3.20`.
pub fn display(amount: i64, currency: &str) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let symbol = match currency {
        "usd" => "$".to_owned(),
        "eur" => "€".to_owned(),
        "gbp" => "£".to_owned(),
        "jpy" => "¥".to_owned(),
        other => format!("{} ", other.to_uppercase()),
    };
    let amount = amount.unsigned_abs();
    if has_no_decimals(currency) {
        return format!("{sign}{symbol}{amount}");
    }
    format!("{sign}{symbol}{}.{:02}", amount / 100, amount % 100)
}

/// Below this a card cannot be charged; Stripe then carries the amount over to the customer's balance.
pub fn smallest_charge(currency: &str) -> i64 {
    if currency == "gbp" { 30 } else { 50 }
}

fn has_no_decimals(currency: &str) -> bool {
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"]
        .contains(&currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_rounds_half_away_from_zero() {
        let cases = [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (5, 3, 2), (0, 7, 0), (-1, 2, -1)];
        for (dividend, divisor, expected) in cases {
            assert_eq!(divide(dividend, divisor), expected, "{dividend} / {divisor}");
        }
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(Decimal::parse("7.7").unwrap().percent_of(1000), 77);
        assert_eq!(Decimal::parse("0.5").unwrap().share(3, 1, 1), 2);
        assert_eq!(Decimal::parse("19").unwrap().percent_of(-250), -48);
        assert_eq!(Decimal::parse("2000").unwrap().whole(), Some(2000));
        assert_eq!(Decimal::parse("1.x"), None);
    }
}
