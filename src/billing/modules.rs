//! Modules that an organization subscribes to beside its plan: they share its period, cycle and currency, and are invoiced with
//! it by the same rules. What becomes of each when the plan changes is decided here, for the page that shows it and for the
//! invoice alike.

use diesel::prelude::*;
use serde::Deserialize;

use super::giving::{Giving, unused};
use super::quote::{Line, period_line};
use super::subscription::{Subscription, Terms};
use crate::clock::Moment;
use crate::config::{Cycle, Module, Plan, Plans};
use crate::db::schema::subscription_modules;
use crate::money::Currency;

/// The row of a module.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Insertable, AsChangeset)]
#[diesel(table_name = subscription_modules)]
#[diesel(treat_none_as_null = true)]
pub struct Subscribed {
    /// Key of the module.
    pub module: String,
    pub name: String,
    /// Of a cycle, for each seat or as a whole, in minor units, without VAT.
    pub unit_amount: i64,
    pub is_per_member: bool,
    /// Seats paid in this period.
    pub seats: i32,
    /// VAT that the current period was invoiced with, in hundredths of a percent.
    pub vat_basis_points: i32,
    pub starts_at: Moment,
    pub ends_at_period_end: bool,
    /// Of a cycle from the next period on, where a change to another cycle is planned.
    pub next_unit_amount: Option<i64>,
}

/// A module at a price.
pub fn terms_of(module: &Module, currency: Currency, cycle: Cycle) -> Option<Terms> {
    let unit_amount = module.price(currency, cycle)?;
    let (key, name) = (module.key.clone(), module.name.clone());
    Some(Terms { plan: key, plan_name: name, cycle, currency, unit_amount, is_per_member: module.per_member })
}

impl Subscribed {
    /// The first period of some terms, from now to the end of that of the subscription.
    pub fn begun(terms: &Terms, seats: i32, starts_at: Moment) -> Subscribed {
        Subscribed {
            module: terms.plan.clone(),
            name: terms.plan_name.clone(),
            unit_amount: terms.unit_amount,
            is_per_member: terms.is_per_member,
            seats,
            vat_basis_points: 0,
            starts_at,
            ends_at_period_end: false,
            next_unit_amount: None,
        }
    }

    /// The module as a subscription of its own in the period of that of the plan, so that it is invoiced alike.
    pub fn within(&self, current: &Subscription) -> Subscription {
        Subscription {
            plan: self.module.clone(),
            plan_name: self.name.clone(),
            unit_amount: self.unit_amount,
            is_per_member: self.is_per_member,
            seats: self.seats,
            vat_basis_points: self.vat_basis_points,
            ends_at_period_end: self.ends_at_period_end || current.ends_at_period_end,
            started_at: self.starts_at,
            ..current.clone()
        }
    }

    /// The same in a new period at some terms, invoiced with a rate of VAT.
    pub fn renewed(&self, terms: &Terms, active_members: i32, basis_points: i64) -> Subscribed {
        Subscribed {
            unit_amount: terms.unit_amount,
            seats: terms.seats(active_members),
            vat_basis_points: i32::try_from(basis_points).unwrap_or_default(),
            next_unit_amount: None,
            ..self.clone()
        }
    }

    /// The same, to be paid at some terms from the next period on.
    pub fn planned(&self, terms: &Terms) -> Subscribed {
        Subscribed { next_unit_amount: Some(terms.unit_amount), ..self.clone() }
    }
}

/// What becomes of a module when the plan changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    GoesOn(Terms),
    /// It is within the price of the plan.
    Included,
    Ends,
}

/// A module on the way from one plan to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    pub module: Subscribed,
    pub becomes: Becomes,
}

impl Passage {
    /// The same into a new period, which one that was cancelled does not see.
    fn into_period(mut self) -> Passage {
        if self.module.ends_at_period_end && self.becomes != Becomes::Included {
            self.becomes = Becomes::Ends;
        }
        self
    }

    /// The terms that it goes on at.
    pub fn goes_on(&self) -> Option<&Terms> {
        match &self.becomes {
            Becomes::GoesOn(terms) => Some(terms),
            Becomes::Included | Becomes::Ends => None,
        }
    }
}

/// What becomes of the modules of a subscription that changes to a plan at some terms.
pub fn passages(
    modules: &[Subscribed],
    current: Option<&Subscription>,
    (plan, to): (&Plan, &Terms),
    plans: &Plans,
) -> Vec<Passage> {
    let Some(current) = current else { return Vec::new() };
    let one = |module: &Subscribed| Passage { becomes: becomes(module, current, (plan, to), plans), module: module.clone() };
    modules.iter().map(one).collect()
}

/// All of them into a new period.
pub fn into_period(passages: &[Passage]) -> Vec<Passage> {
    passages.iter().cloned().map(Passage::into_period).collect()
}

/// In the same cycle and currency a module keeps its price; in another one it is that of the file, or of the day when it was planned.
fn becomes(module: &Subscribed, current: &Subscription, (plan, to): (&Plan, &Terms), plans: &Plans) -> Becomes {
    if plan.modules.contains(&module.module) {
        return Becomes::Included;
    }
    let known = module.within(current).terms();
    let is_same = current.cycle() == to.cycle && current.currency == to.currency.code();
    if is_same && current.plan == to.plan {
        return known.map_or(Becomes::Ends, Becomes::GoesOn);
    }
    let Some(offered) = plans.module(&module.module).filter(|offered| plans.may_add(offered, plan)) else { return Becomes::Ends };
    if is_same {
        return known.map_or(Becomes::Ends, Becomes::GoesOn);
    }
    let is_planned = current.next_plan.as_ref() == Some(&to.plan) && current.next_cycle.as_deref() == Some(to.cycle.key());
    let agreed = module.next_unit_amount.filter(|_| is_planned);
    let price = agreed.or(offered.price(to.currency, to.cycle));
    let terms =
        known.zip(price).map(|(known, unit_amount)| Terms { unit_amount, cycle: to.cycle, currency: to.currency, ..known });
    terms.map_or(Becomes::Ends, Becomes::GoesOn)
}

/// What was paid for the time that is left of the modules that do not go on in this period.
pub fn given_back(passages: &[Passage], current: &Subscription, giving: Giving<'_>) -> Vec<Line> {
    let ending = passages.iter().filter(|passage| passage.goes_on().is_none());
    ending.flat_map(|passage| unused(&passage.module.within(current), giving)).collect()
}

/// What was paid for the time that is left of all modules, since another period begins for them.
pub fn all_given_back(passages: &[Passage], current: &Subscription, giving: Giving<'_>) -> Vec<Line> {
    passages.iter().flat_map(|passage| unused(&passage.module.within(current), giving)).collect()
}

/// A whole period of those that go on.
pub fn period_lines(passages: &[Passage], active_members: i32, period: (Moment, Moment)) -> Vec<Line> {
    let going_on = passages.iter().filter_map(Passage::goes_on);
    going_on.map(|terms| period_line(terms, terms.seats(active_members), period)).collect()
}
