//! What the page before a change of plan says of it.

use super::super::actions::change::Prepared;
use super::super::quote::Begin;
use super::super::usage::{Total, charge};
use super::{module_words, words};
use crate::access::{Permit, rights};
use crate::config::{Cycle, Plan, Plans};
use crate::web::words::{day, exact};

type ManagePermit = Permit<rights::ManageBilling>;

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

pub(super) fn begins(from: &Plan, prepared: &Prepared) -> String {
    let (plan, cycle) = (&prepared.plan.name, prepared.terms.cycle.key());
    match prepared.quote.begin {
        Begin::Trial { until } => format!("{plan} begins at once and costs nothing until {}: that is the trial.", day(until)),
        Begin::Now { .. } => format!("{plan} begins at once."),
        Begin::Later { at } if from.key == prepared.plan.key => {
            format!(
                "{plan} is paid by the {cycle} from {} on, when what is paid already is used up. Nothing is to be paid before.",
                day(at)
            )
        }
        Begin::Later { at } => {
            format!("{plan} begins on {}, when what is paid already is used up. Nothing is to be paid before.", day(at))
        }
    }
}

/// `From 1 December 2026 on: €56.00 a month for 7 members, plus VAT 19 %.`
pub(super) fn then(permit: &ManagePermit, prepared: &Prepared) -> String {
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
    let modules = module_words::going_on(&prepared.quote.modules, active_members);
    let use_so_far = use_so_far(prepared, permit.db().plans());
    format!("From {} on: {price}{modules}{vat}.{joins}{use_so_far}", day(from))
}

/// What is used beyond the included amount up to the change, which is not part of its price.
fn use_so_far(prepared: &Prepared, plans: &Plans) -> String {
    let Prepared { billing, terms, quote, .. } = prepared;
    let paid = billing.running().filter(|current| !current.is_trial() && matches!(quote.begin, Begin::Now { .. }));
    let Some(paid) = paid else { return String::new() };
    let line = |total: &Total| charge(plans.of(&paid.plan), plans.item(&total.item)?, terms.currency, total);
    let amount: i64 = billing.usage.iter().filter_map(line).map(|line| line.amount).sum();
    if amount == 0 {
        return String::new();
    }
    let amount = terms.currency.money(amount);
    let when = if terms.cycle == Cycle::Month { "on the next invoice" } else { "on an invoice of its own" };
    format!(" What was used beyond what is included so far, {amount} without VAT, is {when}, and counting begins anew.")
}

pub(super) fn button(begin: Begin, plan: &str) -> String {
    match begin {
        Begin::Trial { .. } => format!("Begin the trial of {plan}"),
        Begin::Now { .. } => format!("Change to {plan} now"),
        Begin::Later { at } => format!("Change to {plan} on {}", day(at)),
    }
}

/// `kept`: the cycle, where only that changes.
pub(super) fn done(begin: Begin, plan: &str, kept: Option<Cycle>) -> String {
    match begin {
        Begin::Trial { until } => format!("{plan} is yours to try until {}.", exact(until)),
        Begin::Now { .. } => format!("{plan} is your plan now. The invoice is on its way by mail."),
        Begin::Later { at } => match kept {
            Some(cycle) => format!("{plan} is paid by the {} from {} on.", cycle.key(), day(at)),
            None => format!("The plan becomes {plan} on {}.", day(at)),
        },
    }
}
