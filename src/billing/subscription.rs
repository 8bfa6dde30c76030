//! What an organization pays for: its terms, its period, and where it stands.

use chrono::{Months, TimeDelta};
use diesel::prelude::*;

use crate::clock::Moment;
use crate::config::{Cycle, Plan, Plans};
use crate::db::schema::subscriptions;
use crate::money::Currency;

/// A month of use and the subscription that it belongs to end together, give or take.
const ENDS_TOGETHER: TimeDelta = TimeDelta::minutes(5);

/// A plan at a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Key of the plan.
    pub plan: String,
    pub plan_name: String,
    pub cycle: Cycle,
    pub currency: Currency,
    /// Of a cycle, for each seat or as a whole, in minor units, without VAT.
    pub unit_amount: i64,
    pub is_per_member: bool,
}

impl Terms {
    /// A plan as the file offers it now; none in a currency or a cycle that it does not have.
    pub fn of(plan: &Plan, currency: Currency, cycle: Cycle) -> Option<Terms> {
        let unit_amount = plan.price(currency, cycle)?;
        let (key, name) = (plan.key.clone(), plan.name.clone());
        Some(Terms { plan: key, plan_name: name, cycle, currency, unit_amount, is_per_member: plan.per_member })
    }

    /// `€8.00 per member a month`, `€99.00 a year`
    pub fn price(&self) -> String {
        let of = if self.is_per_member { "per member " } else { "" };
        format!("{} {of}a {}", self.currency.money(self.unit_amount), self.cycle.key())
    }

    /// Seats that are paid for with so many active members.
    pub fn seats(&self, active_members: i32) -> i32 {
        if self.is_per_member { active_members.max(1) } else { 1 }
    }

    /// What a cycle costs with so many active members.
    pub fn amount(&self, active_members: i32) -> i64 {
        self.unit_amount.saturating_mul(i64::from(self.seats(active_members)))
    }
}

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Trialing,
    Active,
    PastDue,
    Cancelled,
}

impl Status {
    pub const ALL: [Status; 4] = [Status::Trialing, Status::Active, Status::PastDue, Status::Cancelled];

    /// The name in the database.
    pub const fn key(self) -> &'static str {
        match self {
            Status::Trialing => "trialing",
            Status::Active => "active",
            Status::PastDue => "past_due",
            Status::Cancelled => "cancelled",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Status::Trialing => "Trial",
            Status::Active => "Active",
            Status::PastDue => "Past due",
            Status::Cancelled => "Cancelled",
        }
    }
}

/// The row of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions)]
#[diesel(treat_none_as_null = true)]
pub struct Subscription {
    pub plan: String,
    pub plan_name: String,
    pub cycle: String,
    pub currency: String,
    pub unit_amount: i64,
    pub is_per_member: bool,
    /// Seats paid in this period.
    pub seats: i32,
    /// VAT that the current period was invoiced with, in hundredths of a percent.
    pub vat_basis_points: i32,
    pub status: String,
    pub anchor_at: Moment,
    pub period_starts_at: Moment,
    pub period_ends_at: Moment,
    pub next_plan: Option<String>,
    pub next_cycle: Option<String>,
    pub next_unit_amount: Option<i64>,
    pub ends_at_period_end: bool,
    pub version: i32,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    /// The subscription at Stripe; none where it is paid by invoice.
    pub stripe_id: Option<String>,
}

impl Subscription {
    /// The first period of some terms, from `at` to `until`.
    pub fn begun(terms: &Terms, seats: i32, status: Status, (at, until): (Moment, Moment)) -> Subscription {
        Subscription {
            plan: terms.plan.clone(),
            plan_name: terms.plan_name.clone(),
            cycle: terms.cycle.key().to_owned(),
            currency: terms.currency.code().to_owned(),
            unit_amount: terms.unit_amount,
            is_per_member: terms.is_per_member,
            seats,
            vat_basis_points: 0,
            status: status.key().to_owned(),
            anchor_at: at,
            period_starts_at: at,
            period_ends_at: until,
            next_plan: None,
            next_cycle: None,
            next_unit_amount: None,
            ends_at_period_end: false,
            version: 1,
            started_at: at,
            ended_at: None,
            stripe_id: None,
        }
    }

    pub fn status(&self) -> Status {
        Status::ALL.into_iter().find(|status| status.key() == self.status).unwrap_or(Status::Cancelled)
    }

    /// Whether it gives the organization its plan.
    pub fn is_running(&self) -> bool {
        self.status() != Status::Cancelled
    }

    /// Whether Stripe collects it: renewals, reminders and its end are Stripe's then.
    pub fn is_at_stripe(&self) -> bool {
        self.stripe_id.is_some()
    }

    /// Whether it is in the very period that another one says, on the same plan and cycle: then its seats are paid.
    pub fn is_in_period_of(&self, other: &Subscription) -> bool {
        let period = |of: &Subscription| (of.stripe_id.clone(), of.plan.clone(), of.cycle.clone(), of.period_starts_at);
        period(self) == period(other)
    }

    /// Whether its modules are paid within the period of another one, on whatever plan.
    pub fn shares_period_with(&self, other: &Subscription) -> bool {
        (self.period_starts_at, &self.cycle) == (other.period_starts_at, &other.cycle)
    }

    /// Whether it was paid for until a moment at which a month of use ended, or is so still.
    pub fn was_paid_at(&self, at: Moment) -> bool {
        !self.is_trial() && self.ended_at.is_none_or(|ended| ended + ENDS_TOGETHER >= at)
    }

    pub fn is_trial(&self) -> bool {
        self.status() == Status::Trialing
    }

    pub fn cycle(&self) -> Cycle {
        Cycle::from_key(&self.cycle).unwrap_or(Cycle::Month)
    }

    /// What is paid now, or after the trial.
    ///
    /// None for a currency that this version does not know.
    pub fn terms(&self) -> Option<Terms> {
        Some(Terms {
            plan: self.plan.clone(),
            plan_name: self.plan_name.clone(),
            cycle: self.cycle(),
            currency: Currency::from_code(&self.currency)?,
            unit_amount: self.unit_amount,
            is_per_member: self.is_per_member,
        })
    }

    /// What the next period is paid as: what was planned, if the file still has it, else what it is now.
    pub fn next_terms(&self, plans: &Plans) -> Option<Terms> {
        let now = self.terms()?;
        let planned = || {
            let plan = plans.named(self.next_plan.as_deref()?)?;
            let (cycle, unit_amount) = (Cycle::from_key(self.next_cycle.as_deref()?)?, self.next_unit_amount?);
            let (key, name) = (plan.key.clone(), plan.name.clone());
            Some(Terms { plan: key, plan_name: name, cycle, unit_amount, is_per_member: plan.per_member, currency: now.currency })
        };
        Some(planned().unwrap_or_else(|| now.clone()))
    }

    /// The same with other terms, in the same period.
    pub fn with_terms(self, terms: &Terms) -> Subscription {
        Subscription {
            plan: terms.plan.clone(),
            plan_name: terms.plan_name.clone(),
            cycle: terms.cycle.key().to_owned(),
            currency: terms.currency.code().to_owned(),
            unit_amount: terms.unit_amount,
            is_per_member: terms.is_per_member,
            ..self
        }
    }

    /// The same with nothing planned for the end of its period.
    pub fn going_on(self) -> Subscription {
        Subscription { next_plan: None, next_cycle: None, next_unit_amount: None, ends_at_period_end: false, ..self }
    }

    /// The same, invoiced with a rate of VAT.
    pub fn invoiced_with(self, basis_points: i64) -> Subscription {
        Subscription { vat_basis_points: i32::try_from(basis_points).unwrap_or_default(), ..self }
    }

    /// Whether something is planned for the end of its period.
    pub fn has_plans(&self) -> bool {
        self.ends_at_period_end || self.next_plan.is_some()
    }
}

/// The end of the period that begins at `start`: so many whole cycles after the anchor. The day of the month stays that of
/// the anchor, or is the last one of a month that is shorter.
pub fn period_end(anchor: Moment, start: Moment, cycle: Cycle) -> Moment {
    let mut cycles = 1;
    loop {
        let end = anchor.checked_add_months(Months::new(cycle.months() * cycles)).unwrap_or(Moment::MAX_UTC);
        if end > start {
            return end;
        }
        cycles += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_keep_the_day_of_the_anchor() {
        let day = |text: &str| format!("{text}T10:00:00Z").parse::<Moment>().unwrap();
        let anchor = day("2027-01-31");
        let mut start = anchor;
        let mut ends = Vec::new();
        for _ in 0..4 {
            start = period_end(anchor, start, Cycle::Month);
            ends.push(start.format("%m-%d").to_string());
        }
        assert_eq!(ends, ["02-28", "03-31", "04-30", "05-31"]);
        assert_eq!(period_end(day("2028-02-29"), day("2028-02-29"), Cycle::Year), day("2029-02-28"));
    }
}
