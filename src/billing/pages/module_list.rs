//! The modules on the overview: those that an organization has, and those that it could have.

use super::super::account::Billing;
use super::super::modules::{Subscribed, terms_of};
use super::super::subscription::Subscription;
use super::super::words;
use crate::access::{Permit, rights};
use crate::config::{Cycle, Module, Plan, Plans};
use crate::money::Currency;
use crate::web::words::day;

/// A module, ready to be shown.
pub struct ModuleView {
    pub name: String,
    pub sentence: String,
    /// Empty where it costs nothing apart, or is not to be had here.
    pub price: String,
    /// Kind of badge and word; none of one that could be added.
    pub status: Option<(&'static str, &'static str)>,
    /// What is to be known besides.
    pub remark: String,
    /// Where it is added; empty where it is not.
    pub add: String,
    pub cancel: String,
    pub keep: String,
}

/// Those of the file in its order, and behind them what somebody keeps that the file has no longer.
pub fn modules(permit: &Permit<rights::ViewBilling>, billing: &Billing) -> Vec<ModuleView> {
    let plans = permit.db().plans();
    let plan = plans.of(&permit.organization.plan);
    let of_file = plans.modules.iter().filter_map(|module| {
        let subscribed = billing.modules.iter().find(|known| known.module == module.key);
        match (subscribed.zip(billing.running()), plan.modules.contains(&module.key)) {
            (Some((subscribed, current)), _) => Some(mine(permit, subscribed, current, &module.sentence)),
            (None, true) => Some(included(module, plan)),
            (None, false) => module.offered.then(|| offered(permit, billing, module, plan)),
        }
    });
    let gone = billing.modules.iter().filter(|known| plans.module(&known.module).is_none()).zip(billing.running());
    of_file.chain(gone.map(|(module, current)| mine(permit, module, current, ""))).collect()
}

fn mine(permit: &Permit<rights::ViewBilling>, module: &Subscribed, current: &Subscription, sentence: &str) -> ModuleView {
    let path = permit.path_to(&format!("billing/modules/{}", module.module));
    let active = permit.organization.active_members;
    let part = module.within(current);
    let fewer = words::content::for_fewer(&part, active);
    let seats = if current.is_trial() { active } else { active.max(module.seats) };
    let (ends, at) = (module.ends_at_period_end, day(current.period_ends_at));
    let (status, remark) = match (ends, current.is_trial()) {
        (true, _) => (("neutral", "Cancelled"), format!("Ends on {at}.")),
        (false, _) if current.ends_at_period_end => (("neutral", "Cancelled"), format!("Ends on {at}, with the plan.")),
        (false, true) => (("accent", "Trial"), format!("Costs nothing until {at}.")),
        (false, false) if fewer.is_empty() || current.has_plans() => (("positive", "Active"), String::new()),
        (false, false) => (("positive", "Active"), format!("Renews on {at}{fewer}.")),
    };
    ModuleView {
        name: module.name.clone(),
        sentence: sentence.to_owned(),
        price: part.terms().map(|terms| words::cycle_price(&terms, seats)).unwrap_or_default(),
        status: Some(status),
        remark,
        add: String::new(),
        cancel: if ends { String::new() } else { format!("{path}/cancel") },
        keep: if ends { format!("{path}/keep") } else { String::new() },
    }
}

fn plain(module: &Module) -> ModuleView {
    ModuleView {
        name: module.name.clone(),
        sentence: module.sentence.clone(),
        price: String::new(),
        status: None,
        remark: String::new(),
        add: String::new(),
        cancel: String::new(),
        keep: String::new(),
    }
}

fn included(module: &Module, plan: &Plan) -> ModuleView {
    ModuleView { status: Some(("positive", "Included")), remark: format!("Within the price of {}.", plan.name), ..plain(module) }
}

fn offered(permit: &Permit<rights::ViewBilling>, billing: &Billing, module: &Module, plan: &Plan) -> ModuleView {
    let plans = permit.db().plans();
    let current = billing.running().filter(|_| plans.may_add(module, plan)).and_then(Subscription::terms);
    match current.and_then(|terms| terms_of(module, terms.currency, terms.cycle)) {
        Some(terms) => ModuleView {
            price: words::unit_price(&terms),
            add: permit.path_to(&format!("billing/modules/{}", module.key)),
            ..plain(module)
        },
        None => ModuleView { remark: elsewhere(module, plan, billing, plans), ..plain(module) },
    }
}

/// Why it cannot be added as the plan is paid now, and with which plans somebody would get it, paid alike.
fn elsewhere(module: &Module, plan: &Plan, billing: &Billing, plans: &Plans) -> String {
    let alike = paid_alike(billing, plans);
    let is_sold = |other: &Plan, price: (Currency, Cycle)| other.prices.is_empty() || other.price(price.0, price.1).is_some();
    let others = || plans.all.iter().filter(|other| other.offered && other.key != plan.key);
    let names = |some: Vec<&Plan>| some.iter().map(|plan| plan.name.clone()).collect::<Vec<_>>().join(" or ");
    let including = others().filter(|other| other.modules.contains(&module.key));
    let including = names(including.filter(|other| alike.iter().any(|price| is_sold(other, *price))).collect());
    let both = |other: &Plan| alike.iter().any(|price| module.price(price.0, price.1).is_some() && is_sold(other, *price));
    let allowing = names(others().filter(|other| plans.may_add(module, other) && both(other)).collect());
    let reason = billing.running().and_then(Subscription::terms).filter(|_| plans.may_add(module, plan));
    let reason = reason.map(|terms| unpriced(module, terms.currency, terms.cycle)).unwrap_or_default();
    let within = if including.is_empty() { String::new() } else { format!("within {including}") };
    let beside = if allowing.is_empty() { String::new() } else { format!("can be added to {allowing}") };
    let parts: Vec<String> = [reason, within, beside].into_iter().filter(|part| !part.is_empty()).collect();
    let mut words = if parts.is_empty() { "not to be had with your plan".to_owned() } else { parts.join("; ") };
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words + "."
}

/// Currencies and cycles in which another plan could be paid without changing either; all of them before there is any.
fn paid_alike(billing: &Billing, plans: &Plans) -> Vec<(Currency, Cycle)> {
    if let Some(terms) = billing.running().and_then(Subscription::terms) {
        return vec![(terms.currency, terms.cycle)];
    }
    let currencies = billing.account.currency().map_or_else(|| plans.currencies(), |known| vec![known]);
    currencies.into_iter().flat_map(|currency| Cycle::ALL.map(|cycle| (currency, cycle))).collect()
}

/// `not in USD`, `only by the month`; empty for a module without prices.
fn unpriced(module: &Module, currency: Currency, cycle: Cycle) -> String {
    let other = Cycle::ALL.into_iter().find(|other| *other != cycle && module.price(currency, *other).is_some());
    match other {
        _ if module.prices.is_empty() => String::new(),
        Some(other) => format!("only by the {}", other.key()),
        None => format!("not in {}", currency.code()),
    }
}
