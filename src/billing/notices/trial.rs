//! What is said some days before a trial ends: what happens then, what it costs or what closes, and what can be done about it.

use super::super::account::Billing;
use super::super::modules::{Becomes, Passage, into_period, passages, period_lines};
use super::super::quote::{Totals, period_line, totals};
use super::super::subscription::{Subscription, Terms, period_end};
use super::super::vat::VatRule;
use super::super::words;
use crate::access::Organization;
use crate::audit::BillingEvent;
use crate::config::{Plan, Plans, ProductPermissions};
use crate::mail::Notice;
use crate::web::words::{count, day, exact};

/// Why a plan does not go on after its trial.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Cancelled,
    NoAddress,
    NoMethod,
    /// Its price is in no currency that is known.
    NoPrice,
}

/// The end of a trial.
pub struct Ahead<'a> {
    billing: &'a Billing,
    current: &'a Subscription,
    organization: &'a Organization,
    plans: &'a Plans,
    product: &'a ProductPermissions,
    /// None where it goes on.
    end: Option<End>,
    /// The plan that it is then, if somebody pays for it.
    next: Option<(&'a Terms, Price)>,
}

/// What the next period costs.
struct Price {
    words: String,
    totals: Totals,
}

impl<'a> Ahead<'a> {
    /// `terms`: what the next period is paid as.
    pub fn of(
        billing: &'a Billing,
        current: &'a Subscription,
        terms: Option<&'a Terms>,
        (organization, plans, product): (&'a Organization, &'a Plans, &'a ProductPermissions),
    ) -> Ahead<'a> {
        let end = match terms {
            None => Some(End::NoPrice),
            Some(_) if current.ends_at_period_end => Some(End::Cancelled),
            Some(_) if current.is_at_stripe() => billing.methods.is_empty().then_some(End::NoMethod),
            Some(_) => (!billing.account.is_complete()).then_some(End::NoAddress),
        };
        let next = terms.map(|terms| (terms, price(billing, (current, terms), plans, organization.active_members)));
        Ahead { billing, current, organization, plans, product, end, next }
    }

    /// The plan after the trial, and the modules beside it.
    fn after(&self) -> (&Plan, Vec<Passage>) {
        let ending = |one: &Passage| Passage { becomes: Becomes::Ends, ..one.clone() };
        match self.next.as_ref().filter(|_| self.end.is_none()) {
            Some((terms, _)) => (self.plans.of(&terms.plan), next_modules(self.billing, (self.current, terms), self.plans)),
            None => {
                let known = self.next.as_ref().map(|(terms, _)| next_modules(self.billing, (self.current, terms), self.plans));
                (self.plans.free(), known.unwrap_or_default().iter().map(ending).collect())
            }
        }
    }

    /// `it goes on for €16.00 a month for 2 members`, `Free is the plan then`
    fn then(&self) -> String {
        match (self.end, &self.next) {
            (None, Some((terms, price))) if terms.plan == self.current.plan => format!("it goes on for {}", price.words),
            (None, Some((terms, price))) => format!("{} is the plan then, for {}", terms.plan_name, price.words),
            _ => format!("{} is the plan then", self.plans.free().name),
        }
    }

    fn closes(&self) -> Vec<String> {
        let (to, modules) = self.after();
        let from = self.plans.of(&self.organization.plan);
        let of_modules = words::modules::moved_of(&modules, self.organization, to, (self.plans, self.product)).closes;
        of_modules.into_iter().chain(words::closes(from, to, &self.plans.items, self.organization)).collect()
    }

    /// How the first period is paid.
    fn payment(&self, price: &Price) -> String {
        let Some(terms) = self.current.terms() else { return String::new() };
        let due = terms.currency.money(price.totals.due);
        let method = self.billing.methods.first().map(|method| method.name()).unwrap_or_default();
        let days = count(self.plans.issuer.payment_days, "day", "days");
        match self.current.is_at_stripe() {
            _ if price.totals.due == 0 => "Your credit pays for the first period.".to_owned(),
            true => format!("The first payment of {due} is charged to {method} then."),
            false => format!("The first invoice is issued then: {due} are to be paid by transfer within {days}."),
        }
    }

    /// What can be done until then.
    fn advice(&self) -> String {
        let plan = &self.current.plan_name;
        let price = self.next.as_ref().map(|(_, price)| price.words.as_str()).unwrap_or_default();
        match self.end {
            None => format!("Nothing is to be done for that. To pay nothing, cancel {plan} before then."),
            Some(End::Cancelled) => format!("It can be kept until then: it goes on for {price}."),
            Some(End::NoAddress) => format!("Add a billing address before then, and {plan} goes on for {price}."),
            Some(End::NoMethod) => format!("Add a payment method before then, and {plan} goes on for {price}."),
            Some(End::NoPrice) => "Choose a plan before then to go on.".to_owned(),
        }
    }
}

fn next_modules(billing: &Billing, (current, terms): (&Subscription, &Terms), plans: &Plans) -> Vec<Passage> {
    into_period(&passages(&billing.modules, Some(current), (plans.of(&terms.plan), terms), plans))
}

/// As the upkeep, or Stripe, invoices the next period.
fn price(billing: &Billing, (current, terms): (&Subscription, &Terms), plans: &Plans, active: i32) -> Price {
    let begins = current.period_ends_at;
    let period = (begins, period_end(begins, begins, terms.cycle));
    let modules = next_modules(billing, (current, terms), plans);
    let mut lines = billing.pending.clone();
    lines.push(period_line(terms, terms.seats(active), period));
    lines.extend(period_lines(&modules, active, period));
    let rule = billing.vat(&plans.issuer);
    let totals = totals(&lines, &rule, billing.credit_of(current));
    let price = words::cycle_price(terms, active);
    Price { words: format!("{price}{}{}", words::modules::going_on(&modules, active), vat(billing, &rule, plans)), totals }
}

fn vat(billing: &Billing, rule: &VatRule, plans: &Plans) -> String {
    match billing.account.country() {
        None if !plans.issuer.vat.is_empty() => ", without VAT".to_owned(),
        _ if rule.basis_points > 0 => format!(", plus {}", rule.label()),
        _ => String::new(),
    }
}

/// For the log.
pub fn event(ahead: &Ahead<'_>) -> BillingEvent {
    BillingEvent::PlanTrialEnds { plan: ahead.current.plan_name.clone(), at: ahead.current.period_ends_at, then: ahead.then() }
}

/// For those who are to know.
pub fn notice(ahead: &Ahead<'_>) -> Notice {
    let (plan, free) = (&ahead.current.plan_name, &ahead.plans.free().name);
    let mut sentences = vec![format!("The trial of {plan} lasts until {}.", exact(ahead.current.period_ends_at))];
    sentences.extend(match (ahead.end, &ahead.next) {
        (None, Some((terms, price))) => {
            let verb = if terms.plan == ahead.current.plan { "goes on" } else { "begins" };
            vec![format!("{} {verb} then, for {}.", terms.plan_name, price.words), ahead.payment(price)]
        }
        (Some(End::Cancelled), _) => vec![format!("It is cancelled: {free} is your plan then, and nothing is charged.")],
        (Some(End::NoAddress), _) => {
            vec![format!("There is no billing address yet: {free} is your plan then, and nothing is charged.")]
        }
        (Some(End::NoMethod), _) => {
            vec![format!("There is no payment method yet: {free} is your plan then, and nothing is charged.")]
        }
        _ => vec![format!("{free} is your plan then, and nothing is charged.")],
    });
    sentences.push(ahead.advice());
    Notice {
        title: format!("the trial of {plan} ends on {}", day(ahead.current.period_ends_at)),
        sentences,
        closes: ahead.closes(),
        page: "billing".to_owned(),
        button: "See the billing page".to_owned(),
        pay_page: None,
    }
}
