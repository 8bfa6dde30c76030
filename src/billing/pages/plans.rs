//! `/o/{slug}/billing/plans`: the plans side by side.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::super::account::Billing;
use super::super::queries;
use super::super::subscription::Terms;
use super::super::words;
use crate::access::{Permit, rights};
use crate::config::{Cycle, Plan};
use crate::error::Result;
use crate::money::Currency;
use crate::web::forms::Choice;
use crate::web::frame::Frame;
use crate::web::{page, query};

type ManagePermit = Permit<rights::ManageBilling>;

/// Cycle and currency of an address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub cycle: String,
    pub currency: String,
}

#[derive(Template)]
#[template(path = "billing/plans.html")]
struct PlansPage {
    frame: Frame,
    path: String,
    cycles: Vec<Choice>,
    /// Nothing where there is no choice.
    currencies: Vec<Choice>,
    cards: Vec<Card>,
    pay_first: PayFirst,
    back: String,
}

/// The invoice that is to be paid before anything changes.
#[derive(Default)]
struct PayFirst {
    /// Empty where none is.
    words: String,
    /// The page that gives its payment up, where a plan waits for it.
    give_up: String,
}

/// A plan, ready to be shown.
struct Card {
    name: String,
    sentence: String,
    price: String,
    /// Behind the price, smaller.
    per: String,
    detail: String,
    offers: Vec<String>,
    is_current: bool,
    /// What the button says; empty where there is none.
    action: String,
    href: String,
    /// Instead of a button.
    remark: String,
    /// The page in each currency that it has a price in, where it has none in the chosen one and there is a choice.
    elsewhere: Vec<(String, String)>,
}

/// `GET /o/{slug}/billing/plans`
pub async fn show(mut permit: ManagePermit, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let billing = permit.read(queries::billing).await?;
    let current = billing.running();
    let cycle = Cycle::from_key(&asked.cycle).or(current.map(|current| current.cycle())).unwrap_or(Cycle::Month);
    let currencies = currencies(&permit, &billing);
    let wanted = Currency::from_code(&asked.currency).filter(|currency| currencies.contains(currency));
    let currency = wanted.or(currencies.first().copied());
    let path = permit.path_to("billing/plans");
    let plans = permit.db().plans().clone();
    let shown = plans.all.iter().filter(|plan| plan.offered || plan.key == permit.organization.plan);
    page(&PlansPage {
        cycles: Cycle::ALL.map(|one| Choice::new(one.key(), by(one), one == cycle)).to_vec(),
        currencies: match currencies.as_slice() {
            [] | [_] => Vec::new(),
            several => several.iter().map(|one| Choice::new(one.code(), one.code(), Some(*one) == currency)).collect(),
        },
        cards: shown.map(|plan| card(&permit, &billing, plan, (cycle, currency), &path)).collect(),
        pay_first: pay_first(&permit, &billing),
        back: permit.path_to("billing"),
        frame: permit.frame(),
        path,
    })
}

fn pay_first(permit: &ManagePermit, billing: &Billing) -> PayFirst {
    let Some(unpaid) = billing.overdue(permit.db().now()) else { return PayFirst::default() };
    let give_up = permit.path_to(&format!("billing/invoices/{}/give-up", unpaid.id));
    PayFirst {
        words: billing.pay_first(unpaid).words().into_owned(),
        give_up: if billing.is_awaited(&unpaid.number) { give_up } else { String::new() },
    }
}

fn by(cycle: Cycle) -> &'static str {
    match cycle {
        Cycle::Month => "Paid by the month",
        Cycle::Year => "Paid by the year",
    }
}

/// Those in which there are prices; that of the invoices so far alone, once there are some.
pub(super) fn currencies<P: crate::access::Right>(permit: &Permit<P>, billing: &Billing) -> Vec<Currency> {
    let of_subscription = billing.running().and_then(|current| Currency::from_code(&current.currency));
    match billing.account.currency().or(of_subscription) {
        Some(currency) => vec![currency],
        None => permit.db().plans().currencies(),
    }
}

fn card(permit: &ManagePermit, billing: &Billing, plan: &Plan, (cycle, currency): (Cycle, Option<Currency>), path: &str) -> Card {
    let plans = permit.db().plans();
    let is_free = *plan == *plans.free();
    let is_current = plans.of(&permit.organization.plan).key == plan.key;
    let current = billing.running();
    let terms = currency.and_then(|currency| Terms::of(plan, currency, cycle));
    let same_cycle = current.is_none_or(|current| current.cycle() == cycle);
    let active = permit.organization.active_members;
    let href = match (&terms, is_free) {
        (_, true) => permit.path_to("billing/cancel"),
        (Some(terms), _) => format!("{path}/{}?cycle={}&currency={}", plan.key, cycle.key(), terms.currency.code()),
        (None, false) => String::new(),
    };
    let action = match (&terms, is_free) {
        (_, true) if current.is_some() && !is_current => format!("Change to {}", plan.name),
        (Some(_), false) if is_current && !same_cycle => format!("Pay by the {}", cycle.key()),
        (Some(_), false) if !is_current => format!("Change to {}", plan.name),
        _ => String::new(),
    };
    // A trial that runs has fewer days left than its plan gives.
    let begins_trial = current.is_none() && !action.is_empty();
    let trial_days = if begins_trial { billing.trial_days(plan) } else { 0 };
    Card {
        name: plan.name.clone(),
        sentence: plan.sentence.clone(),
        price: price(plan, terms.as_ref(), is_free, (cycle, currency)),
        per: terms.as_ref().map(words::per).unwrap_or_default(),
        detail: terms
            .as_ref()
            .filter(|terms| terms.is_per_member)
            .map(|terms| words::cycle_price(terms, active))
            .unwrap_or_else(|| priced_in(plan, currency)),
        offers: [words::offers(plan, plans, currency, trial_days), words::modules::offers(plan, plans)].concat(),
        is_current,
        remark: if plan.on_request && !is_current { contact(&plans.issuer.email) } else { String::new() },
        action,
        href,
        elsewhere: elsewhere(plan, (cycle, currency), &currencies(permit, billing), path),
    }
}

/// Whether a plan has prices, and none in the currency.
fn lacks(plan: &Plan, currency: Currency) -> bool {
    !plan.prices.is_empty() && !plan.prices.iter().any(|price| price.currency == currency)
}

/// `Priced in EUR and CHF.`, for a plan without a price in the chosen currency; else empty.
fn priced_in(plan: &Plan, currency: Option<Currency>) -> String {
    let codes: Vec<&str> = plan.prices.iter().map(|price| price.currency.code()).collect();
    if currency.is_some_and(|currency| lacks(plan, currency)) {
        format!("Priced in {}.", codes.join(" and "))
    } else {
        String::new()
    }
}

fn elsewhere(
    plan: &Plan,
    (cycle, currency): (Cycle, Option<Currency>),
    choice: &[Currency],
    path: &str,
) -> Vec<(String, String)> {
    let link = |currency: Currency| {
        let address = format!("{path}?cycle={}&currency={}", cycle.key(), currency.code());
        (format!("See it in {}", currency.code()), address)
    };
    let others = plan.prices.iter().map(|price| price.currency).filter(|other| choice.contains(other)).map(link);
    if currency.is_some_and(|currency| lacks(plan, currency)) { others.collect() } else { Vec::new() }
}

fn contact(email: &str) -> String {
    if email.is_empty() {
        "Write to us: we agree on it together.".to_owned()
    } else {
        format!("Write to {email}: we agree on it together.")
    }
}

fn price(plan: &Plan, terms: Option<&Terms>, is_free: bool, (cycle, currency): (Cycle, Option<Currency>)) -> String {
    match (terms, currency) {
        (Some(terms), _) => terms.currency.money(terms.unit_amount).to_string(),
        _ if is_free => "Free".to_owned(),
        _ if plan.on_request => "As agreed".to_owned(),
        (None, Some(currency)) if lacks(plan, currency) => format!("Not in {}", currency.code()),
        _ => format!("Not by the {}", cycle.key()),
    }
}
