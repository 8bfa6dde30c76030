//! What a change of plan costs: the same calculation for the page that shows it and for the invoice that it makes. Who goes
//! up pays the difference of the time that is left at once; who goes down does so when the paid period ends.

use super::giving::{Giving, JoinedSeats, unused};
use super::modules::{self, Passage};
use super::subscription::{Subscription, Terms, period_end};
use super::vat::VatRule;
use crate::clock::Moment;
use crate::money::share;

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub description: String,
    pub quantity: i32,
    /// Of a whole cycle.
    pub unit_amount: i64,
    /// Of the time between; below zero for time that was paid and is not used.
    pub amount: i64,
    /// VAT on it in hundredths of a percent, where that is not what the invoice adds.
    pub vat_basis_points: Option<i64>,
    pub from: Moment,
    pub to: Moment,
}

/// When the new terms begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// At once, with a period of trial until then.
    Trial { until: Moment },
    /// At once, in the period until then.
    Now { until: Moment },
    /// With the next period.
    Later { at: Moment },
}

/// What a change costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub begin: Begin,
    /// What is invoiced at once.
    pub lines: Vec<Line>,
    pub seats: i32,
    /// What each cycle costs from then on with as many members as now, without VAT.
    pub then: i64,
    /// What becomes of the modules.
    pub modules: Vec<Passage>,
}

/// What a quote goes by besides the terms.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    pub at: Moment,
    pub active_members: i32,
    /// The subscription that is running.
    pub current: Option<&'a Subscription>,
    /// Days of trial that the plan gives and that this organization may still have.
    pub trial_days: i64,
    /// Whether the plan stands above the present one in the file, or has the same place and a longer cycle.
    pub is_upgrade: bool,
    /// What stands on the next invoice already.
    pub pending: &'a [Line],
    /// Who joined in this period and is invoiced already.
    pub invoiced: &'a [JoinedSeats],
    /// The VAT that the invoice adds, in hundredths of a percent.
    pub vat_basis_points: i64,
    /// What would become of the modules in the period that runs.
    pub modules: &'a [Passage],
}

impl<'a> Situation<'a> {
    fn giving(&self) -> Giving<'a> {
        let Situation { at, pending, invoiced, vat_basis_points, .. } = *self;
        Giving { at, pending, invoiced, vat_basis_points }
    }
}

/// What changing to `to` costs.
pub fn quote(situation: &Situation<'_>, to: &Terms) -> Quote {
    let Situation { at, active_members, .. } = *situation;
    let (seats, then) = (to.seats(active_members), to.amount(active_members));
    let quote = |begin: Begin, lines: Vec<Line>| Quote { begin, lines, seats, then, modules: situation.modules.to_vec() };
    match situation.current {
        None if situation.trial_days > 0 => {
            quote(Begin::Trial { until: at + chrono::TimeDelta::days(situation.trial_days) }, Vec::new())
        }
        None => whole_period(situation, to, quote),
        Some(current) if current.is_trial() && situation.trial_days > 0 => {
            quote(Begin::Trial { until: current.period_ends_at }, Vec::new())
        }
        Some(current) if current.is_trial() => whole_period(situation, to, quote),
        Some(current) if !situation.is_upgrade => {
            let later = quote(Begin::Later { at: current.period_ends_at }, Vec::new());
            Quote { modules: modules::into_period(situation.modules), ..later }
        }
        Some(current) if current.cycle() == to.cycle => {
            let mut lines = situation.pending.to_vec();
            lines.extend(unused(current, situation.giving()));
            lines.extend(modules::given_back(situation.modules, current, situation.giving()));
            lines.push(rest_of(current, to, seats, at));
            quote(Begin::Now { until: current.period_ends_at }, lines)
        }
        Some(_) => whole_period(situation, to, quote),
    }
}

fn whole_period(situation: &Situation<'_>, to: &Terms, quote: impl Fn(Begin, Vec<Line>) -> Quote) -> Quote {
    let at = situation.at;
    let until = period_end(at, at, to.cycle);
    let mut lines = situation.pending.to_vec();
    let modules = modules::into_period(situation.modules);
    if let Some(paid) = situation.current.filter(|current| !current.is_trial()) {
        lines.extend(unused(paid, situation.giving()));
        lines.extend(modules::all_given_back(&modules, paid, situation.giving()));
    }
    lines.push(period_line(to, to.seats(situation.active_members), (at, until)));
    lines.extend(modules::period_lines(&modules, situation.active_members, (at, until)));
    Quote { modules, ..quote(Begin::Now { until }, lines) }
}

/// A whole period of some terms.
pub fn period_line(terms: &Terms, seats: i32, (from, to): (Moment, Moment)) -> Line {
    let amount = terms.unit_amount.saturating_mul(i64::from(seats));
    let (description, unit_amount) = (named(terms, seats), terms.unit_amount);
    Line { description, quantity: seats, unit_amount, amount, vat_basis_points: None, from, to }
}

/// How a line for members who joined ends; the others are for use.
const JOINED: &str = ", joined within the period";

/// What a line for members who joined says.
pub fn joined(terms: &Terms) -> String {
    format!("{}{JOINED}", terms.plan_name)
}

impl Line {
    /// Whether it is for members who joined, in the plan or in a module.
    pub fn is_for_joined(&self) -> bool {
        self.description.ends_with(JOINED)
    }
}

/// The time that is left, at the new price.
pub fn rest_of(current: &Subscription, to: &Terms, seats: i32, at: Moment) -> Line {
    let nothing = || Line { amount: 0, ..period_line(to, seats, (at, current.period_ends_at)) };
    part(to, seats, (at, current.period_ends_at), current).unwrap_or_else(nothing)
}

/// Members who joined within the period, for the time that is left of it.
pub fn added_seats(current: &Subscription, added: i32, at: Moment) -> Option<Line> {
    let terms = current.terms()?;
    let line = part(&terms, added, (at, current.period_ends_at), current)?;
    Some(Line { description: joined(&terms), ..line })
}

/// So many seats for a part of the current period.
pub(super) fn part(terms: &Terms, seats: i32, (from, to): (Moment, Moment), current: &Subscription) -> Option<Line> {
    let micros = |from: Moment, to: Moment| (to - from).num_microseconds().unwrap_or_default();
    let (left, whole) = (micros(from, to), micros(current.period_starts_at, current.period_ends_at));
    if left <= 0 {
        return None;
    }
    let line = period_line(terms, seats, (from, to));
    Some(Line { amount: share(line.amount, left, whole), ..line })
}

/// `Team, 7 members`
fn named(terms: &Terms, seats: i32) -> String {
    if terms.is_per_member {
        format!("{}, {}", terms.plan_name, crate::web::words::count(i64::from(seats), "member", "members"))
    } else {
        terms.plan_name.clone()
    }
}

/// Lines that begin on the same day and differ in nothing else, as one each: a whole department that joins is one line, and the
/// days that are paid for can still be read off.
pub fn merged(lines: Vec<Line>) -> Vec<Line> {
    let mut merged: Vec<Line> = Vec::new();
    for line in lines {
        let same = |known: &&mut Line| {
            let what = |of: &Line| (of.unit_amount, of.to, of.from.date_naive());
            known.description == line.description && what(known) == what(&line)
        };
        match merged.iter_mut().find(same) {
            Some(known) => {
                known.quantity += line.quantity;
                known.amount = known.amount.saturating_add(line.amount);
                known.from = known.from.min(line.from);
            }
            None => merged.push(line),
        }
    }
    merged
}

/// The end of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Sum of the lines.
    pub net: i64,
    /// VAT by its rate, in hundredths of a percent: that of the invoice first.
    pub vats: Vec<(i64, i64)>,
    /// All VAT.
    pub vat: i64,
    /// Taken from what they have to their credit.
    pub credit_used: i64,
    /// What is to be paid, never below zero.
    pub due: i64,
    /// What they have to their credit afterwards.
    pub credit_left: i64,
}

impl Totals {
    /// With VAT; below zero it is a credit note.
    pub fn gross(&self) -> i64 {
        self.net.saturating_add(self.vat)
    }
}

/// The sums of some lines.
pub fn totals(lines: &[Line], rule: &VatRule, credit: i64) -> Totals {
    let mut nets = vec![(rule.basis_points, 0_i64)];
    for line in lines {
        let rate = line.vat_basis_points.unwrap_or(rule.basis_points);
        match nets.iter_mut().find(|(known, _)| *known == rate) {
            Some((_, net)) => *net = net.saturating_add(line.amount),
            None => nets.push((rate, line.amount)),
        }
    }
    let net = nets.iter().fold(0_i64, |sum, (_, net)| sum.saturating_add(*net));
    let vats: Vec<(i64, i64)> = nets.into_iter().map(|(rate, net)| (rate, share(net, rate, 10_000))).collect();
    let vat = vats.iter().fold(0_i64, |sum, (_, vat)| sum.saturating_add(*vat));
    let gross = net.saturating_add(vat);
    let credit_used = credit.min(gross.max(0));
    let credit_left = credit - credit_used + (-gross).max(0);
    Totals { net, vats, vat, credit_used, due: (gross - credit_used).max(0), credit_left }
}
