//! Changing the plan, cancelling it, keeping it after all. Whoever confirms a change names what they were shown: another
//! price than that is never taken.

use super::super::account::Billing;
use super::super::modules::passages;
use super::super::notices;
use super::super::queries;
use super::super::quote::{Begin, Quote, Situation, Totals, quote, totals};
use super::super::refusal::{Outcome, Refusal, refuse};
use super::super::subscription::{Status, Subscription, Terms};
use super::super::vat::VatRule;
pub use super::shown::Shown;
use super::{issue, modules as module_actions, open_plan, usage};
use crate::access::{OrgConn, OrgTx, Organization};
use crate::audit::BillingEvent;
use crate::clock::Moment;
use crate::config::{Cycle, Plan};
use crate::error::{Result, Stopped};
use crate::money::Currency;
use crate::secret;

/// A plan that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub plan: String,
    pub cycle: Cycle,
    pub currency: Currency,
}

/// A change that could be made, with what it costs.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub billing: Billing,
    pub plan: Plan,
    pub terms: Terms,
    pub quote: Quote,
    pub rule: VatRule,
    /// Of what is invoiced at once.
    pub totals: Totals,
}

impl Prepared {
    /// Tells this price from every other one: what is paid now, line by line, from when on, what after that, and by what.
    pub fn price(&self) -> String {
        let method = self.billing.charged();
        let all = format!("{:?} {:?} {:?} {:?} {method}", self.terms, self.quote, self.rule, self.totals);
        secret::encode(&secret::hash(all.as_bytes()))
    }
}

/// What a change costs at a moment.
pub fn prepare(org: &mut OrgConn<'_>, organization: &Organization, wanted: &Wanted, at: Moment) -> Outcome<Prepared> {
    let billing = queries::billing(org)?;
    let plans = org.plans().clone();
    let plan = plans.named(&wanted.plan).filter(|plan| plan.offered || plan.key == organization.plan);
    let plan = plan.ok_or(Stopped::Refused(Refusal::NotOffered))?.clone();
    if plan.on_request {
        return refuse(Refusal::OnRequest);
    }
    let terms = Terms::of(&plan, wanted.currency, wanted.cycle).ok_or(Stopped::Refused(Refusal::NotOffered))?;
    judge(&billing, &terms, at)?;
    let current = billing.running();
    let is_upgrade = current.is_none_or(|now| (plans.rank(&now.plan), now.cycle()) < (plans.rank(&plan.key), terms.cycle));
    let modules = passages(&billing.modules, current, (&plan, &terms), &plans);
    let rule = billing.vat(&plans.issuer);
    let situation = Situation {
        at,
        active_members: organization.active_members,
        current,
        trial_days: billing.trial_days(&plan),
        is_upgrade,
        pending: &billing.pending,
        invoiced: &billing.invoiced,
        vat_basis_points: rule.basis_points,
        modules: &modules,
    };
    let quote = quote(&situation, &terms);
    let totals = totals(&quote.lines, &rule, billing.account.credit);
    // Else what nobody paid would be to their credit.
    let unpaid = billing.unpaid.as_ref().filter(|_| totals.gross() < 0);
    let collected = billing.collected().filter(|_| !matches!(quote.begin, Begin::Later { .. }));
    if let Some(unpaid) = unpaid.or(collected) {
        return refuse(billing.pay_first(unpaid));
    }
    Ok(Prepared { plan, terms, rule, totals, quote, billing })
}

/// Whether somebody may change to some terms now.
fn judge(billing: &Billing, to: &Terms, at: Moment) -> Outcome<()> {
    let known = billing.account.currency().filter(|currency| *currency != to.currency);
    if let Some(currency) = known {
        return refuse(Refusal::OtherCurrency { code: currency.code().to_owned() });
    }
    if let Some(unpaid) = billing.overdue(at) {
        return refuse(billing.pay_first(unpaid));
    }
    if let Some(refusal) = billing.renew_first(at) {
        return refuse(refusal);
    }
    let Some(current) = billing.running() else { return Ok(()) };
    if current.next_plan.as_ref() == Some(&to.plan) && current.next_cycle.as_deref() == Some(to.cycle.key()) {
        let cycle = (current.plan == to.plan).then_some(to.cycle);
        return refuse(Refusal::Planned { plan: to.plan_name.clone(), cycle, at: current.period_ends_at });
    }
    if current.plan == to.plan && current.cycle() == to.cycle {
        return refuse(Refusal::Same { plan: current.plan_name.clone(), can_be_kept: current.has_plans() });
    }
    Ok(())
}

/// Changes the plan as it was shown. Returns when it begins.
pub fn change(tx: &mut OrgTx<'_>, wanted: &Wanted, shown: &Shown) -> Outcome<Begin> {
    let organization = tx.organization.clone();
    if !shown.is_recent(tx.now()) {
        return refuse(Refusal::Moved);
    }
    let prepared = prepare(tx, &organization, wanted, shown.at)?;
    if let Some(refusal) = prepared.billing.renew_first(tx.now()) {
        return refuse(refusal);
    }
    if !shown.holds(&prepared) || prepared.billing.running().is_some_and(Subscription::is_at_stripe) {
        return refuse(Refusal::Moved);
    }
    let was = from_name(tx, &prepared.billing);
    let event = match prepared.quote.begin {
        Begin::Trial { until } => begin_trial(tx, &prepared, until, was)?,
        Begin::Now { until } => begin_now(tx, &prepared, (shown.at, until), was)?,
        Begin::Later { at } => plan_for_later(tx, &prepared, at, was)?,
    };
    usage::restate(tx)?;
    notices::changed(tx, event)?;
    Ok(prepared.quote.begin)
}

/// The name of the plan that an organization is on.
pub(super) fn from_name(tx: &OrgTx<'_>, billing: &Billing) -> String {
    let on = || tx.plans().of(&tx.organization.plan).name.clone();
    billing.running().map_or_else(on, |current| current.plan_name.clone())
}

fn begin_trial(tx: &mut OrgTx<'_>, prepared: &Prepared, until: Moment, from: String) -> Result<BillingEvent> {
    let Prepared { billing, terms, quote, .. } = prepared;
    let begun = Subscription::begun(terms, quote.seats, Status::Trialing, (tx.now(), until));
    let next = match billing.running() {
        Some(current) => Subscription { seats: quote.seats, ..current.clone().with_terms(terms).going_on() },
        None => Subscription { version: billing.version(), ..begun },
    };
    queries::save_subscription(tx, &next)?;
    queries::account::note_trial(tx)?;
    open_plan(tx, &prepared.plan)?;
    module_actions::follow_plan(tx, prepared, 0)?;
    queries::upkeep::plan_next(tx, Some(&next))?;
    let (to, cycle) = (terms.plan_name.clone(), terms.cycle.key().to_owned());
    Ok(match billing.running() {
        Some(current) if current.plan == terms.plan => BillingEvent::PlanCyclePlanned { plan: to, cycle, at: until },
        _ => BillingEvent::PlanTried { from, to, until },
    })
}

fn begin_now(tx: &mut OrgTx<'_>, prepared: &Prepared, (at, until): (Moment, Moment), from: String) -> Outcome<BillingEvent> {
    let Prepared { billing, terms, quote, .. } = prepared;
    if !billing.account.is_complete() {
        return refuse(Refusal::NoAddress);
    }
    let next = match billing.running() {
        Some(current) if current.period_ends_at == until => {
            Subscription { seats: quote.seats, ..current.clone().with_terms(terms).going_on() }
        }
        _ => Subscription { version: billing.version(), ..Subscription::begun(terms, quote.seats, Status::Active, (at, until)) },
    };
    let next = next.invoiced_with(prepared.rule.basis_points);
    queries::save_subscription(tx, &next)?;
    queries::clear_pending(tx)?;
    usage::forgive_unpaid(tx, billing)?;
    open_plan(tx, &prepared.plan)?;
    module_actions::follow_plan(tx, prepared, prepared.rule.basis_points)?;
    issue::issue(tx, billing, &quote.lines, terms.currency)?;
    if usage::settle(tx, billing)? && terms.cycle != Cycle::Month {
        issue::issue_pending(tx, terms.currency)?;
    }
    queries::upkeep::plan_next(tx, Some(&next))?;
    let cycle = terms.cycle.key().to_owned();
    Ok(BillingEvent::PlanChanged { from, to: terms.plan_name.clone(), cycle })
}

fn plan_for_later(tx: &mut OrgTx<'_>, prepared: &Prepared, at: Moment, from: String) -> Outcome<BillingEvent> {
    let Prepared { billing, terms, .. } = prepared;
    let current = billing.running().ok_or(Stopped::Refused(Refusal::NotRunning))?;
    let next = Subscription {
        next_plan: Some(terms.plan.clone()),
        next_cycle: Some(terms.cycle.key().to_owned()),
        next_unit_amount: Some(terms.unit_amount),
        ..current.clone().going_on()
    };
    queries::save_subscription(tx, &next)?;
    module_actions::plan_prices(tx, &prepared.quote.modules)?;
    let to = terms.plan_name.clone();
    Ok(if current.plan == terms.plan {
        BillingEvent::PlanCyclePlanned { plan: to, cycle: terms.cycle.key().to_owned(), at }
    } else {
        BillingEvent::PlanChangePlanned { from, to, at }
    })
}

/// Lets the plan end with its period. Returns when; twice is once.
pub fn cancel(tx: &mut OrgTx<'_>) -> Outcome<Moment> {
    let billing = queries::billing(tx)?;
    let current = by_invoice(&billing, tx.now())?;
    let at = current.period_ends_at;
    if current.ends_at_period_end {
        return Ok(at);
    }
    let next = Subscription { ends_at_period_end: true, ..current.clone().going_on() };
    queries::save_subscription(tx, &next)?;
    notices::changed(tx, BillingEvent::PlanCancelled { plan: current.plan_name.clone(), at })?;
    Ok(at)
}

/// Lets the plan go on as it is, whatever was planned for the end of its period. Returns its name.
pub fn resume(tx: &mut OrgTx<'_>) -> Outcome<String> {
    let billing = queries::billing(tx)?;
    let current = by_invoice(&billing, tx.now())?;
    let plan = current.plan_name.clone();
    if current.has_plans() {
        queries::save_subscription(tx, &current.clone().going_on())?;
        notices::changed(tx, BillingEvent::PlanResumed { plan: plan.clone() })?;
    }
    Ok(plan)
}

/// The subscription that is the console's own to change; in between it may have become one of Stripe.
fn by_invoice(billing: &Billing, now: Moment) -> Outcome<&Subscription> {
    let current = billing.running().ok_or(Stopped::Refused(Refusal::NotRunning))?;
    match billing.renew_first(now) {
        Some(refusal) => refuse(refusal),
        None if current.is_at_stripe() => refuse(Refusal::Busy),
        None => Ok(current),
    }
}
