//! What is said when a part of a spending limit is reached: how much of what, whether use is refused then, and where that is
//! changed.

use super::super::usage::{SpendingLimit, Total, charge, is_priced};
use crate::audit::BillingEvent;
use crate::config::{Item, Plan};
use crate::mail::Notice;
use crate::money::Currency;
use crate::web::words::{day, exact, grouped};

/// A part of a limit that is reached.
pub struct Warning<'a> {
    pub plan: &'a Plan,
    pub item: &'a Item,
    pub limit: &'a SpendingLimit,
    pub total: &'a Total,
    pub percent: i16,
    /// Whether use beyond what is included is charged: in a trial nothing is.
    pub is_paid: bool,
}

impl Warning<'_> {
    fn currency(&self) -> Option<Currency> {
        Currency::from_code(&self.limit.currency)
    }

    fn is_stopped(&self) -> bool {
        self.limit.stops && self.percent >= 100
    }

    /// `€8.00 of €10.00`, `800 of 1,000 included`
    fn spent(&self) -> String {
        match self.currency() {
            Some(currency) if self.limit.amount > 0 => {
                let spent = charge(self.plan, self.item, currency, self.total).map_or(0, |line| line.amount);
                format!("{} of {}", currency.money(spent), currency.money(self.limit.amount))
            }
            _ => format!("{} of {} included", grouped(self.total.quantity), grouped(self.plan.included(&self.item.key))),
        }
    }

    /// `the spending limit of €10.00`, `what is included`
    fn limit_words(&self) -> String {
        match self.currency() {
            Some(currency) if self.limit.amount > 0 => format!("the spending limit of {}", currency.money(self.limit.amount)),
            _ => "what is included".to_owned(),
        }
    }

    /// What use costs that goes on.
    fn going_on(&self) -> String {
        let currency = self.currency().filter(|_| self.is_paid && is_priced(self.plan, self.item, self.currency()));
        let price = currency.and_then(|currency| Some(currency.money(self.plan.price_of_use(&self.item.key, currency)?)));
        let per = if self.item.per == 1 { "each".to_owned() } else { format!("for {}", grouped(self.item.per)) };
        price.map_or("goes on, and is not charged".to_owned(), |price| format!("goes on, and is charged: {price} {per}"))
    }

    /// What becomes of further use.
    fn consequence(&self) -> String {
        let until = exact(self.total.ends_at);
        match (self.limit.stops, self.percent >= 100) {
            (true, true) => format!(
                "Your product is told to refuse further use of {} until {until}, when the month ends, or until the limit is changed.",
                self.item.name
            ),
            (true, false) => format!("When all of it is reached, your product is told to refuse further use until {until}."),
            (false, true) => format!("The limit does not stop it: use {}.", self.going_on()),
            (false, false) => format!("The limit does not stop it: beyond it, use {}.", self.going_on()),
        }
    }
}

/// For the log.
pub fn event(warning: &Warning<'_>) -> BillingEvent {
    BillingEvent::UsageWarned {
        item: warning.item.name.clone(),
        percent: warning.percent,
        stops: warning.is_stopped(),
        spent: warning.spent(),
        until: Some(warning.total.ends_at),
    }
}

/// For those who manage billing.
pub fn notice(warning: &Warning<'_>) -> Notice {
    let (item, limit) = (&warning.item.name, warning.limit_words());
    let title = if warning.is_stopped() {
        format!("{item} refused until {}, {limit} is reached", day(warning.total.ends_at))
    } else {
        format!("{item} at {} % of {limit}", warning.percent)
    };
    let used = if warning.limit.amount > 0 {
        format!(
            "Beyond what is included of {item}, {} are spent in the month until {}, without VAT.",
            warning.spent(),
            exact(warning.total.ends_at)
        )
    } else {
        format!("Of {item}, {} are used in the month until {}.", warning.spent(), exact(warning.total.ends_at))
    };
    Notice {
        title,
        sentences: vec![
            used,
            warning.consequence(),
            "The limit, and whether it stops, is changed on the page Usage below Billing.".to_owned(),
        ],
        closes: Vec::new(),
        page: "billing/usage".to_owned(),
        button: "See usage and its limits".to_owned(),
        pay_page: None,
    }
}
