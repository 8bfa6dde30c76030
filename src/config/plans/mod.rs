//! `PLANS_FILE`: what organizations may subscribe to, in the words and at the prices of the operator, and who invoices them.
//! Without one, the plans in default.toml are offered.

mod check;
mod cycle;
mod issuer;
mod modules;

use crate::money::Currency;

pub use cycle::Cycle;
pub use issuer::{Issuer, VatRate};
pub use modules::Module;
pub(super) use modules::product_permissions;

use super::reading::{Read, Settings};
use super::{toml_file, wrong};

const DEFAULT: &str = include_str!("default.toml");

/// The plans in the order of the file, from the smallest up, and who invoices them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plans {
    /// Never empty. The first one costs nothing: it is that of who has not subscribed.
    pub all: Vec<Plan>,
    /// What the product meters.
    pub items: Vec<Item>,
    /// What is subscribed to beside a plan.
    pub modules: Vec<Module>,
    pub issuer: Issuer,
}

/// Something that the product meters and reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The name in reports and in the database.
    pub key: String,
    pub name: String,
    /// Prices are for so many.
    pub per: i64,
}

/// What a plan says of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// Key of the item.
    pub item: String,
    /// So many a month are within the price of the plan.
    pub quantity: i64,
    /// What `Item::per` further ones cost, in minor units.
    pub prices: Vec<(Currency, i64)>,
}

/// Something to subscribe to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The name in the database and in Stripe's lookup keys.
    pub key: String,
    pub name: String,
    pub sentence: String,
    /// Further words on its card.
    pub highlights: Vec<String>,
    /// Whether the price is for each member.
    pub per_member: bool,
    /// None: as many as there are.
    pub member_slots: Option<i32>,
    pub features: Vec<Feature>,
    /// Empty where it costs nothing, or where the price is agreed upon.
    pub prices: Vec<Price>,
    pub trial_days: i64,
    pub included: Vec<Included>,
    /// Keys of the modules that are within its price.
    pub modules: Vec<String>,
    /// The activity log shows so many days; all of it where none is said.
    pub activity_days: Option<i64>,
    /// Only the operator puts an organization on it.
    pub on_request: bool,
    /// False for a plan of earlier subscribers, who keep it.
    pub offered: bool,
}

/// What a plan costs in one currency, in minor units, without VAT; none for a cycle that is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub currency: Currency,
    pub month: Option<i64>,
    pub year: Option<i64>,
}

/// Something that a plan opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    CustomRoles,
}

impl Feature {
    pub const ALL: [Feature; 1] = [Feature::CustomRoles];

    /// The name in the file.
    pub const fn key(self) -> &'static str {
        match self {
            Feature::CustomRoles => "custom_roles",
        }
    }

    /// As it stands on a plan's card.
    pub const fn label(self) -> &'static str {
        match self {
            Feature::CustomRoles => "Custom roles",
        }
    }

    /// What becomes of it where the plan does not open it.
    pub const fn closed(self) -> &'static str {
        match self {
            Feature::CustomRoles => "Custom roles: those there are go on working; none can be created or edited.",
        }
    }
}

impl Plans {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The line and what was expected there.
    pub fn parse(text: &str) -> Result<Plans, String> {
        toml_file::parse(text, check::plans)
    }

    /// The plan of who has not subscribed.
    pub fn free(&self) -> &Plan {
        // The file is refused without one.
        self.all.first().unwrap_or(&FALLBACK)
    }

    /// The plan of a key; an organization's own is empty until it subscribes.
    pub fn of(&self, key: &str) -> &Plan {
        self.named(key).unwrap_or(self.free())
    }

    pub fn named(&self, key: &str) -> Option<&Plan> {
        self.all.iter().find(|plan| plan.key == key)
    }

    /// The place of a plan, from the smallest up.
    pub fn rank(&self, key: &str) -> usize {
        self.all.iter().position(|plan| plan.key == key).unwrap_or_default()
    }

    /// The metered item of a key.
    pub fn item(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }

    /// In which something is priced, in the order of the file.
    pub fn currencies(&self) -> Vec<Currency> {
        let mut found: Vec<Currency> = Vec::new();
        for price in self.all.iter().flat_map(|plan| &plan.prices) {
            if !found.contains(&price.currency) {
                found.push(price.currency);
            }
        }
        found
    }
}

impl Default for Plans {
    fn default() -> Plans {
        Plans::parse(DEFAULT).unwrap_or_else(|_| Plans {
            all: vec![FALLBACK.clone()],
            items: Vec::new(),
            modules: Vec::new(),
            issuer: Issuer::default(),
        })
    }
}

/// Stands where no plan can stand.
static FALLBACK: Plan = Plan {
    key: String::new(),
    name: String::new(),
    sentence: String::new(),
    highlights: Vec::new(),
    per_member: false,
    member_slots: Some(10),
    features: Vec::new(),
    prices: Vec::new(),
    trial_days: 0,
    included: Vec::new(),
    modules: Vec::new(),
    activity_days: None,
    on_request: false,
    offered: true,
};

impl Plan {
    pub fn opens(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }

    /// How many of an item a month are within its price.
    pub fn included(&self, item: &str) -> i64 {
        self.included.iter().find(|included| included.item == item).map_or(0, |included| included.quantity)
    }

    /// What so many further ones as `Item::per` says cost, in minor units; none where they cost nothing.
    pub fn price_of_use(&self, item: &str, currency: Currency) -> Option<i64> {
        let included = self.included.iter().find(|included| included.item == item)?;
        included.prices.iter().find(|(known, _)| *known == currency).map(|(_, amount)| *amount)
    }

    /// What it costs a cycle, for each member or as a whole, in minor units.
    pub fn price(&self, currency: Currency, cycle: Cycle) -> Option<i64> {
        price_of(&self.prices, currency, cycle)
    }
}

fn price_of(prices: &[Price], currency: Currency, cycle: Cycle) -> Option<i64> {
    let price = prices.iter().find(|price| price.currency == currency)?;
    match cycle {
        Cycle::Month => price.month,
        Cycle::Year => price.year,
    }
}

pub(super) fn plans(lookup: Settings<'_>) -> Read<Plans> {
    const NAME: &str = "PLANS_FILE";
    let Some((path, text)) = toml_file::read(lookup, NAME)? else { return Ok(Plans::default()) };
    Plans::parse(&text).map_err(|reason| wrong(NAME, format!("plans as the README shows them; {path}, {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_in_the_binary_are_read() {
        let plans = Plans::parse(DEFAULT).unwrap();
        let keys: Vec<&str> = plans.all.iter().map(|plan| plan.key.as_str()).collect();
        assert_eq!(keys, ["free", "team", "business", "enterprise"]);
        let euro = Currency::from_code("EUR").unwrap();
        assert_eq!(plans.of("team").price(euro, Cycle::Year), Some(8_000));
        assert_eq!((plans.of("").key.as_str(), plans.rank("business")), ("free", 2));
        assert_eq!(plans.free().member_slots, Some(10), "as organizations began before there were plans");
    }
}
