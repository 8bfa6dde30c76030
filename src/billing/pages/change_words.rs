//! What the page before a change of plan says of it.

use super::super::account::Billing;
use super::super::actions::change::Prepared;
use super::super::modules::into_period;
use super::super::quote::{Begin, Totals};
use super::super::subscription::Subscription;
use super::super::way::Way;
use super::super::words;
use crate::access::{Permit, rights};
use crate::config::{Cycle, Plan, Plans};
use crate::money::Currency;
use crate::web::words::{day, exact};

type ManagePermit = Permit<rights::ManageBilling>;

/// Which payment method pays what is to be paid at once; empty by invoice.
pub(super) fn charged(billing: &Billing, totals: &Totals, currency: Currency, way: &Way) -> String {
    let method = billing.methods.first().filter(|_| way.is_stripe() && totals.due > 0);
    let due = currency.money(totals.due);
    method.map(|method| format!("{due} is charged to {} at once.", method.name())).unwrap_or_default()
}

/// What is to be known about VAT.
pub(super) fn vat_note(permit: &ManagePermit, prepared: &Prepared) -> &'static str {
    let adds_some = !permit.db().plans().issuer.vat.is_empty();
    match prepared.billing.account.country() {
        None if adds_some => "VAT depends on your billing address, and comes on top.",
        _ => prepared.rule.note,
    }
}

pub(super) fn heading(from: &Plan, prepared: &Prepared) -> String {
    let Prepared { plan, terms, .. } = prepared;
    if from.key == plan.key {
        format!("Pay for {} by the {}?", plan.name, terms.cycle.key())
    } else {
        format!("Change to {}?", plan.name)
    }
}

/// Whether they have the plan and pay for it, or try it, so that only the cycle changes.
fn is_same_plan(from: &Plan, prepared: &Prepared) -> bool {
    from.key == prepared.plan.key && prepared.billing.running().is_some()
}

/// Whether a trial runs, which goes on at other terms.
fn is_tried(prepared: &Prepared) -> bool {
    prepared.billing.running().is_some_and(Subscription::is_trial)
}

pub(super) fn begins(from: &Plan, prepared: &Prepared) -> String {
    let (plan, cycle) = (&prepared.plan.name, prepared.terms.cycle.key());
    match (prepared.quote.begin, is_same_plan(from, prepared)) {
        (Begin::Trial { until }, true) => {
            format!("The trial of {plan} goes on and costs nothing until {}; after it {plan} is paid by the {cycle}.", day(until))
        }
        (Begin::Trial { until }, false) if is_tried(prepared) => {
            format!("{plan} begins at once. The trial goes on with it and costs nothing until {}.", day(until))
        }
        (Begin::Trial { until }, false) => {
            format!("{plan} begins at once and costs nothing until {}: that is the trial.", day(until))
        }
        (Begin::Now { .. }, true) if is_tried(prepared) => format!("The trial ends at once, and {plan} is paid by the {cycle}."),
        (Begin::Now { .. }, true) => format!("{plan} is paid by the {cycle} at once."),
        (Begin::Now { .. }, false) => format!("{plan} begins at once."),
        (Begin::Later { at }, true) => {
            format!(
                "{plan} is paid by the {cycle} from {} on, when what is paid already is used up. Nothing is to be paid before.",
                day(at)
            )
        }
        (Begin::Later { at }, false) => {
            format!("{plan} begins on {}, when what is paid already is used up. Nothing is to be paid before.", day(at))
        }
    }
}

/// What a change drops of that which was planned for the end of the period.
pub(super) fn drops(prepared: &Prepared, plans: &Plans) -> String {
    let Some(current) = prepared.billing.running() else { return String::new() };
    let (was, plan, at) = (&current.plan_name, &prepared.plan.name, day(current.period_ends_at));
    match &current.next_plan {
        _ if current.ends_at_period_end => format!(
            " {was} is cancelled and would end on {at}: this change takes the cancellation back, and {plan} renews until you cancel it."
        ),
        Some(next) => {
            let cycle = current.next_cycle.as_deref().and_then(Cycle::from_key).map(each).unwrap_or_default();
            format!(" This takes the place of what is planned for {at}: {} with {cycle} payment.", plans.of(next).name)
        }
        None => String::new(),
    }
}

/// `From 1 December 2026 on: €56.00 a month for 7 members, plus VAT 19 %.`
pub(super) fn then(permit: &ManagePermit, prepared: &Prepared, way: &Way) -> String {
    let active_members = permit.organization.active_members;
    let from = match prepared.quote.begin {
        Begin::Trial { until } | Begin::Now { until } => until,
        Begin::Later { at } => at,
    };
    let vat = if prepared.rule.basis_points > 0 { format!(", plus {}", prepared.rule.label()) } else { String::new() };
    let joins = if prepared.terms.is_per_member {
        " Who joins is added for the time that is left; a seat that somebody leaves is free for the next."
    } else {
        ""
    };
    let price = words::cycle_price(&prepared.terms, active_members);
    let modules = words::modules::going_on(&into_period(&prepared.quote.modules), active_members);
    let use_so_far = use_so_far(prepared, permit.db().plans());
    format!("From {} on: {price}{modules}{vat}.{joins}{use_so_far}{}", day(from), charged_then(prepared, way))
}

/// What is charged later, where nothing is now.
fn charged_then(prepared: &Prepared, way: &Way) -> String {
    let is_later = way.is_stripe() && !matches!(prepared.quote.begin, Begin::Now { .. });
    let Some(method) = prepared.billing.methods.first().filter(|_| is_later) else { return String::new() };
    let (method, credit) = (method.name(), prepared.billing.credit_along());
    match credit {
        0 => format!(" It is charged to {method}, unless you choose another by then."),
        _ => format!(
            " Your credit pays first ({} at the moment); what it does not cover is charged to {method}, unless you choose another by then.",
            prepared.terms.currency.money(credit)
        ),
    }
}

/// What is used beyond the included amount up to the change, which is not part of its price.
fn use_so_far(prepared: &Prepared, plans: &Plans) -> String {
    let Prepared { billing, terms, quote, .. } = prepared;
    let amount = words::uninvoiced::use_so_far(billing, plans);
    if amount == 0 || !matches!(quote.begin, Begin::Now { .. }) {
        return String::new();
    }
    let amount = terms.currency.money(amount);
    let when = if terms.cycle == Cycle::Month { "on the next invoice" } else { "on an invoice of its own" };
    format!(" What was used beyond what is included so far, {amount} without VAT, is {when}, and counting begins anew.")
}

pub(super) fn button(from: &Plan, prepared: &Prepared) -> String {
    let (plan, cycle) = (&prepared.plan.name, prepared.terms.cycle);
    match (prepared.quote.begin, is_same_plan(from, prepared)) {
        (Begin::Trial { .. }, true) => format!("Continue the trial, paid by the {} after it", cycle.key()),
        (Begin::Trial { .. }, false) if is_tried(prepared) => format!("Continue the trial with {plan}"),
        (Begin::Trial { .. }, false) => format!("Begin the trial of {plan}"),
        (Begin::Now { .. }, true) => format!("Change to {} payment now", each(cycle)),
        (Begin::Now { .. }, false) => format!("Change to {plan} now"),
        (Begin::Later { at }, true) => format!("Change to {} payment on {}", each(cycle), day(at)),
        (Begin::Later { at }, false) => format!("Change to {plan} on {}", day(at)),
    }
}

fn each(cycle: Cycle) -> &'static str {
    match cycle {
        Cycle::Month => "monthly",
        Cycle::Year => "yearly",
    }
}

/// `kept`: the cycle, where only that changes.
pub(super) fn done(begin: Begin, plan: &str, kept: Option<Cycle>) -> String {
    match (begin, kept.map(Cycle::key)) {
        (Begin::Trial { until }, None) => format!("{plan} is yours to try until {}.", exact(until)),
        (Begin::Trial { until }, Some(cycle)) => {
            format!("{plan} is yours to try until {}, and is paid by the {cycle} after that.", exact(until))
        }
        (Begin::Now { .. }, None) => format!("{plan} is your plan now. The invoice is on its way by mail."),
        (Begin::Now { .. }, Some(cycle)) => format!("{plan} is paid by the {cycle} now. The invoice is on its way by mail."),
        (Begin::Later { at }, None) => format!("The plan becomes {plan} on {}.", day(at)),
        (Begin::Later { at }, Some(cycle)) => format!("{plan} is paid by the {cycle} from {} on.", day(at)),
    }
}
