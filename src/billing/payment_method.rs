//! Cards and accounts that Stripe keeps and charges. The console knows their brand, last digits and expiry, and nothing more.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::Deserialize;
use uuid::Uuid;

use crate::clock::Moment;

/// From so long before its end on, a card is said to expire.
const WARNED_BEFORE: TimeDelta = TimeDelta::days(30);

/// What is shown of a payment method.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PaymentMethod {
    pub id: Uuid,
    pub stripe_id: String,
    pub brand: String,
    /// Four of them; empty for one that has no number.
    pub last_digits: String,
    /// First day on which it does not work any more.
    pub expires_on: Option<NaiveDate>,
    pub is_default: bool,
    pub added_at: Moment,
    /// When somebody was told that it expires.
    pub warned_at: Option<Moment>,
}

/// How long a payment method still works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Long enough, or for ever.
    Far,
    Soon,
    Over,
}

impl PaymentMethod {
    /// `Visa ending in 4242`
    pub fn name(&self) -> String {
        if self.last_digits.is_empty() { self.brand.clone() } else { format!("{} ending in {}", self.brand, self.last_digits) }
    }

    pub fn expiry(&self, now: Moment) -> Expiry {
        let today = now.date_naive();
        match self.expires_on {
            Some(end) if end <= today => Expiry::Over,
            Some(end) if end - WARNED_BEFORE <= today => Expiry::Soon,
            _ => Expiry::Far,
        }
    }

    /// `12/2027`, the last month in which it works; empty for one that does not expire.
    pub fn last_month(&self) -> String {
        let last = self.expires_on.and_then(|day| day.pred_opt());
        last.map(|day| format!("{:02}/{}", day.month(), day.year())).unwrap_or_default()
    }
}

/// The first day on which a card of that month does not work any more; none for a month that there is not.
pub fn day_after(year: i32, month: i32) -> Option<NaiveDate> {
    let month = u32::try_from(month).ok()?;
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(chrono::Months::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_works_until_the_end_of_its_month() {
        let card = |year, month| PaymentMethod {
            id: Uuid::nil(),
            stripe_id: "pm_1".to_owned(),
            brand: "Visa".to_owned(),
            last_digits: "4242".to_owned(),
            expires_on: day_after(year, month),
            is_default: true,
            added_at: Moment::UNIX_EPOCH,
            warned_at: None,
        };
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let december = card(2026, 12);
        assert_eq!((december.name().as_str(), december.last_month().as_str()), ("Visa ending in 4242", "12/2026"));
        assert_eq!(december.expiry(at("2026-11-30T00:00:00Z")), Expiry::Far);
        assert_eq!(december.expiry(at("2026-12-02T00:00:00Z")), Expiry::Soon);
        assert_eq!(december.expiry(at("2026-12-31T23:59:59Z")), Expiry::Soon);
        assert_eq!(december.expiry(at("2027-01-01T00:00:00Z")), Expiry::Over);
        assert_eq!(card(0, 0).expiry(at("2027-01-01T00:00:00Z")), Expiry::Far, "one without a month never expires");
    }
}
