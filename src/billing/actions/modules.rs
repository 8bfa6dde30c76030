//! Subscribing to a module, cancelling it, keeping it after all; and what becomes of modules when their plan changes or ends.
//! As with plans, whoever confirms names what they were shown, and another price than that is never taken.

use super::super::account::Billing;
use super::super::modules::{Becomes, Passage, Subscribed, terms_of};
use super::super::notices;
use super::super::queries;
use super::super::quote::{Begin, Line, Totals, added_seats, rest_of, totals};
use super::super::refusal::{Outcome, Refusal, refuse};
use super::super::subscription::{Subscription, Terms};
use super::super::vat::VatRule;
use super::change::{Prepared, Shown};
use super::issue;
use crate::access::{OrgConn, OrgTx, Organization};
use crate::audit::{BillingEvent, ModuleEvent};
use crate::clock::Moment;
use crate::config::{Cycle, Module};
use crate::error::{Result, Stopped};
use crate::secret;

/// A module that could be added, with what it costs.
#[derive(Clone, Debug)]
pub struct PreparedModule {
    pub billing: Billing,
    /// The subscription that it is added to.
    pub current: Subscription,
    pub module: Module,
    pub terms: Terms,
    /// What is invoiced at once; nothing within a trial.
    pub lines: Vec<Line>,
    pub rule: VatRule,
    pub totals: Totals,
    /// Its row, once it is added.
    pub after: Subscribed,
}

impl PreparedModule {
    /// Tells this price from every other one, and by what it is paid.
    pub fn price(&self) -> String {
        let method = self.billing.charged();
        let all = format!("{:?} {:?} {:?} {:?} {:?} {method}", self.terms, self.lines, self.rule, self.totals, self.after);
        secret::encode(&secret::hash(all.as_bytes()))
    }

    /// For how many members it is paid.
    pub fn seats(&self) -> i32 {
        self.after.seats
    }

    /// Whether it is still what was shown.
    pub fn is_as(&self, shown: &Shown) -> bool {
        let began = self.current.period_starts_at <= shown.at;
        began && self.current.version == shown.version && self.price() == shown.price
    }
}

/// What adding a module costs at a moment: as in a change of plan, the rest of the period is paid at once.
pub fn prepare(org: &mut OrgConn<'_>, organization: &Organization, key: &str, at: Moment) -> Outcome<PreparedModule> {
    let billing = queries::billing(org)?;
    let plans = org.plans().clone();
    let not_offered = || Stopped::Refused(Refusal::ModuleNotOffered);
    let current = billing.running().cloned().ok_or_else(not_offered)?;
    let offered = plans.module(key).filter(|module| module.offered && plans.may_add(module, plans.of(&current.plan)));
    let module = offered.ok_or_else(not_offered)?.clone();
    if billing.modules.iter().any(|known| known.module == key) {
        return refuse(Refusal::HasModule { module: module.name });
    }
    if let Some(unpaid) = billing.overdue(at).or(billing.collected()) {
        return refuse(billing.pay_first(unpaid));
    }
    if let Some(refusal) = billing.renew_first(at) {
        return refuse(refusal);
    }
    let plan_terms = current.terms().ok_or_else(not_offered)?;
    let terms = terms_of(&module, plan_terms.currency, plan_terms.cycle).ok_or_else(not_offered)?;
    let seats = terms.seats(organization.active_members);
    let lines = lines_of(&billing, &current, &terms, (seats, at));
    let rule = billing.vat(&plans.issuer);
    let totals = totals(&lines, &rule, billing.account.credit);
    let next = current.next_cycle.as_deref().and_then(Cycle::from_key).filter(|next| *next != terms.cycle);
    let paid_with = if current.is_trial() { 0 } else { rule.basis_points };
    let after = Subscribed {
        starts_at: at,
        next_unit_amount: next.and_then(|cycle| module.price(terms.currency, cycle)),
        ..Subscribed::begun(&terms, seats, at).renewed(&terms, organization.active_members, paid_with)
    };
    Ok(PreparedModule { module, terms, lines, rule, totals, after, current, billing })
}

fn lines_of(billing: &Billing, current: &Subscription, terms: &Terms, (seats, at): (i32, Moment)) -> Vec<Line> {
    if current.is_trial() {
        return Vec::new();
    }
    let mut lines = billing.pending.clone();
    lines.push(rest_of(current, terms, seats, at));
    lines
}

/// Adds a module as it was shown. Returns its name.
pub fn add(tx: &mut OrgTx<'_>, key: &str, shown: &Shown) -> Outcome<String> {
    let organization = tx.organization.clone();
    if !shown.is_recent(tx.now()) {
        return refuse(Refusal::Moved);
    }
    let prepared = prepare(tx, &organization, key, shown.at)?;
    if let Some(refusal) = prepared.billing.renew_first(tx.now()) {
        return refuse(refusal);
    }
    let PreparedModule { billing, current, terms, lines, after, .. } = &prepared;
    if !prepared.is_as(shown) || current.is_at_stripe() {
        return refuse(Refusal::Moved);
    }
    if !lines.is_empty() && !billing.account.is_complete() {
        return refuse(Refusal::NoAddress);
    }
    queries::modules::save(tx, after)?;
    queries::modules::restate(tx)?;
    // Its next version: what was shown of the plan before is shown again.
    queries::save_subscription(tx, current)?;
    if !lines.is_empty() {
        queries::clear_pending(tx)?;
        issue::issue(tx, billing, lines, terms.currency)?;
        queries::upkeep::plan_next(tx, Some(current))?;
    }
    let (module, plan, cycle) = (after.name.clone(), current.plan_name.clone(), terms.cycle.key().to_owned());
    tell(tx, ModuleEvent::ModuleAdded { module, plan, cycle })?;
    Ok(prepared.module.name)
}

/// Lets a module end with the paid period. Returns its name and when; twice is once.
pub fn cancel(tx: &mut OrgTx<'_>, key: &str) -> Outcome<(String, Moment)> {
    let (known, current) = known(tx, key)?;
    let (module, at) = (known.name.clone(), current.period_ends_at);
    turn(tx, known, &current, true)?;
    Ok((module, at))
}

/// Lets a module go on that was cancelled. Returns its name.
pub fn keep(tx: &mut OrgTx<'_>, key: &str) -> Outcome<String> {
    let (known, current) = known(tx, key)?;
    let module = known.name.clone();
    turn(tx, known, &current, false)?;
    Ok(module)
}

/// Notes whether a module ends, whoever collects it.
pub fn set_end(tx: &mut OrgTx<'_>, key: &str, ends: bool) -> Result<()> {
    let billing = queries::billing(tx)?;
    let known = billing.modules.iter().find(|module| module.module == key).cloned();
    known.zip(billing.running().cloned()).map_or(Ok(()), |(known, current)| turn(tx, known, &current, ends))
}

fn known(tx: &mut OrgTx<'_>, key: &str) -> Outcome<(Subscribed, Subscription)> {
    let billing = queries::billing(tx)?;
    if let Some(refusal) = billing.renew_first(tx.now()) {
        return refuse(refusal);
    }
    let known = billing.modules.iter().find(|module| module.module == key).cloned();
    let by_invoice = billing.running().filter(|current| !current.is_at_stripe()).cloned();
    known.zip(by_invoice).ok_or(Stopped::Refused(Refusal::NoModule))
}

fn turn(tx: &mut OrgTx<'_>, known: Subscribed, current: &Subscription, ends: bool) -> Result<()> {
    if known.ends_at_period_end == ends {
        return Ok(());
    }
    let module = known.name.clone();
    queries::modules::save(tx, &Subscribed { ends_at_period_end: ends, ..known })?;
    // A price of a change of plan that somebody looks at is another one now.
    queries::save_subscription(tx, current)?;
    tell(
        tx,
        match ends {
            true => ModuleEvent::ModuleCancelled { module, at: current.period_ends_at },
            false => ModuleEvent::ModuleKept { module },
        },
    )
}

/// What becomes of the modules with a plan that begins now, invoiced with a rate of VAT.
pub(super) fn follow_plan(tx: &mut OrgTx<'_>, prepared: &Prepared, basis_points: i64) -> Result<()> {
    let Prepared { billing, plan, quote, .. } = prepared;
    let stays = |current: &Subscription| matches!(quote.begin, Begin::Now { until } if current.period_ends_at == until);
    if billing.running().is_some_and(stays) {
        return pass(tx, &quote.modules, &plan.name, |module, _| Subscribed { next_unit_amount: None, ..module.clone() });
    }
    renew(tx, &quote.modules, (&plan.name, basis_points))
}

/// The next period of the modules, of which those that do not go on end.
pub(super) fn renew(tx: &mut OrgTx<'_>, passages: &[Passage], (plan, basis_points): (&str, i64)) -> Result<()> {
    let active_members = if passages.is_empty() { 0 } else { tx.reread_organization()?.active_members };
    pass(tx, passages, plan, |module, terms| module.renewed(terms, active_members, basis_points))
}

fn pass(tx: &mut OrgTx<'_>, passages: &[Passage], plan: &str, next: impl Fn(&Subscribed, &Terms) -> Subscribed) -> Result<()> {
    for Passage { module, becomes } in passages {
        let name = module.name.clone();
        match becomes {
            Becomes::GoesOn(terms) => queries::modules::save(tx, &next(module, terms))?,
            Becomes::Included => {
                queries::modules::delete(tx, &module.module)?;
                tell(tx, ModuleEvent::ModuleIncluded { module: name, plan: plan.to_owned() })?;
            }
            Becomes::Ends => {
                queries::modules::delete(tx, &module.module)?;
                tell(tx, ModuleEvent::ModuleEnded { module: name })?;
            }
        }
    }
    if passages.is_empty() { Ok(()) } else { queries::modules::restate(tx) }
}

/// Keeps the prices of a change that begins with the next period.
pub(super) fn plan_prices(tx: &mut OrgTx<'_>, passages: &[Passage]) -> Result<()> {
    let going_on = passages.iter().filter_map(|passage| passage.goes_on().map(|terms| passage.module.planned(terms)));
    going_on.into_iter().try_for_each(|module| queries::modules::save(tx, &module))
}

/// The plan has ended, and the modules with it.
pub(super) fn end_all(tx: &mut OrgTx<'_>, billing: &Billing) -> Result<()> {
    let ending = |module: &Subscribed| Passage { module: module.clone(), becomes: Becomes::Ends };
    let passages: Vec<Passage> = billing.modules.iter().map(ending).collect();
    renew(tx, &passages, ("", 0))
}

/// Pays for the members that there are now, where a module is paid for each of them. Returns for how many,
/// and what stands on the next invoice for it, in minor units.
pub(super) fn follow_seats(tx: &mut OrgTx<'_>, billing: &Billing, active_members: i32) -> Result<(i32, i64)> {
    let Some(current) = billing.running() else { return Ok((0, 0)) };
    let (mut seats, mut amount) = (0, 0_i64);
    for module in billing.modules.iter().filter(|module| module.is_per_member && module.seats < active_members) {
        let line = added_seats(&module.within(current), active_members - module.seats, tx.now());
        if let Some(line) = line.filter(|_| !current.is_trial()) {
            queries::add_pending(tx, &line)?;
            amount = amount.saturating_add(line.amount);
        }
        seats = seats.max(active_members - module.seats);
        queries::modules::save(tx, &Subscribed { seats: active_members, ..module.clone() })?;
    }
    Ok((seats, amount))
}

fn tell(tx: &mut OrgTx<'_>, event: ModuleEvent) -> Result<()> {
    notices::changed(tx, BillingEvent::Module(event))
}
