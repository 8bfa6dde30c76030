//! What the operator of the deployment does about billing: says what was paid, and puts organizations on plans that are agreed
//! upon.

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::account::Billing;
use super::super::giving::{Giving, unused};
use super::super::modules::{Passage, all_given_back, into_period, passages, period_lines};
use super::super::notices;
use super::super::queries;
use super::super::queries::invoices::{self, InvoiceRow};
use super::super::quote::{Line, period_line, totals};
use super::super::subscription::{Status, Subscription, Terms, period_end};
use super::change::from_name;
use super::{issue, modules, open_plan, pay, usage};
use crate::access::{Actor, OrgTx, read_as, write_as};
use crate::audit::BillingEvent;
use crate::clock::Moment;
use crate::config::{Cycle, Plan};
use crate::db::Db;
use crate::db::types::free_text;
use crate::error::{AppError, Result};
use crate::money::Currency;

/// Unpaid invoices of one organization that are listed at most.
const MOST_LISTED: i64 = 1_000;

/// Highest price that is agreed upon: sums of it stay far from the end of the numbers.
const HIGHEST_PRICE: i64 = 100_000_000_000;
/// The day begins so long before that of UTC where it begins first.
const EARLIEST_ZONE: TimeDelta = TimeDelta::hours(14);
/// Longest note on a payment.
const LONGEST_NOTE: usize = 200;

/// A price that was agreed upon, for a cycle as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    pub amount: i64,
    pub currency: Currency,
    pub cycle: Cycle,
}

/// Puts an organization on a plan: for a price that was agreed upon, which is invoiced from now on, or without one. Returns
/// what happened, in words.
///
/// # Errors
/// `NotFound` without such an organization, `BadRequest` without such a plan or in another currency than before.
pub async fn set_plan(db: &Db, organization_id: Uuid, key: &str, agreed: Option<Agreed>) -> Result<String> {
    let key = key.to_owned();
    write_as(db, organization_id, Actor::operator(), move |tx| {
        let plan = tx.plans().named(&key).cloned();
        let plan = plan.ok_or(AppError::BadRequest("The file of plans has no plan of that key."))?;
        put_on(tx, &plan, agreed)?;
        Ok(format!("{} is on the plan {} now.", tx.organization.name, plan.name))
    })
    .await
}

fn put_on(tx: &mut OrgTx<'_>, plan: &Plan, agreed: Option<Agreed>) -> Result<()> {
    let before = queries::billing(tx)?;
    let from = from_name(tx, &before);
    judge(&before, agreed)?;
    usage::forgive_unpaid(tx, &before)?;
    usage::settle(tx, &before)?;
    let billing = queries::billing(tx)?;
    let begun = agreed.map(|agreed| begin(tx, &billing, plan, agreed)).transpose()?;
    let ended = || billing.running().map(|current| ended(current, tx.now()));
    let next = begun.as_ref().map(|begun| begun.next.clone()).or_else(ended);
    queries::clear_pending(tx)?;
    if let Some(next) = &next {
        queries::save_subscription(tx, next)?;
    }
    open_plan(tx, plan)?;
    match &begun {
        Some(begun) => modules::renew(tx, &begun.modules, (&plan.name, i64::from(begun.next.vat_basis_points)))?,
        None => modules::end_all(tx, &billing)?,
    }
    let currency = agreed.map(|agreed| agreed.currency).or(billing.account.currency());
    if let Some(currency) = currency {
        let lines = begun.map_or_else(|| billing.pending.clone(), |begun| begun.lines);
        issue::issue(tx, &billing, &lines, currency)?;
    }
    usage::restate(tx)?;
    queries::upkeep::plan_next(tx, next.as_ref())?;
    notices::changed(tx, BillingEvent::PlanAgreed { from, to: plan.name.clone() })
}

/// A plan that begins at an agreed price.
struct Begun {
    next: Subscription,
    modules: Vec<Passage>,
    lines: Vec<Line>,
}

/// What was invoiced and is not used any more is given back, as for every change.
fn begin(tx: &OrgTx<'_>, billing: &Billing, plan: &Plan, agreed: Agreed) -> Result<Begun> {
    let (now, terms, plans) = (tx.now(), agreed_terms(plan, agreed), tx.plans());
    let period = (now, period_end(now, now, terms.cycle));
    let modules = into_period(&passages(&billing.modules, billing.running(), (plan, &terms), plans));
    let mut lines = billing.pending.clone();
    let rule = billing.vat(&plans.issuer);
    let vat_basis_points = rule.basis_points;
    let giving = Giving { at: now, pending: &billing.pending, invoiced: &billing.invoiced, vat_basis_points };
    if let Some(paid) = billing.running().filter(|current| !current.is_trial()) {
        lines.extend(unused(paid, giving));
        lines.extend(all_given_back(&modules, paid, giving));
    }
    lines.push(period_line(&terms, 1, period));
    lines.extend(period_lines(&modules, tx.organization.active_members, period));
    if billing.unpaid_by(false).is_some() && totals(&lines, &rule, billing.account.credit).gross() < 0 {
        // Else what nobody paid would be to their credit.
        return Err(AppError::BadRequest(
            "What is not used any more comes to more than that price, and an invoice is not paid: mark it paid first.",
        ));
    }
    let begun = Subscription::begun(&terms, 1, Status::Active, period);
    let next = Subscription { version: billing.version(), ..begun }.invoiced_with(vat_basis_points);
    Ok(Begun { next, modules, lines })
}

fn ended(current: &Subscription, now: Moment) -> Subscription {
    Subscription { status: Status::Cancelled.key().to_owned(), ended_at: Some(now), ..current.clone().going_on() }
}

/// Whether the plan is the operator's to set, and a price can be invoiced.
fn judge(billing: &Billing, agreed: Option<Agreed>) -> Result<()> {
    if let Some(refusal) = charged_at_stripe(billing) {
        return Err(AppError::BadRequest(refusal));
    }
    let Some(agreed) = agreed else { return Ok(()) };
    if billing.account.currency().is_some_and(|known| known != agreed.currency) {
        return Err(AppError::BadRequest("The invoices so far are in another currency."));
    }
    if !(1..=HIGHEST_PRICE).contains(&agreed.amount) {
        return Err(AppError::BadRequest("The price is in minor units, from 1 to 100,000,000,000."));
    }
    if !billing.account.is_complete() {
        return Err(AppError::BadRequest(
            "The organization has no billing address yet, which the invoice needs: ask for it first.",
        ));
    }
    Ok(())
}

/// Why nothing is agreed upon before something is ended at Stripe: both would be paid.
fn charged_at_stripe(billing: &Billing) -> Option<&'static str> {
    if billing.running().is_some_and(Subscription::is_at_stripe) {
        return Some("The organization pays by Stripe: end its subscription there first.");
    }
    if !billing.stripe.first_invoices.is_empty() {
        return Some("A subscription at Stripe waits for its first payment: give it up on Billing, or end it there first.");
    }
    let words = "A subscription at Stripe is unpaid, or runs, and can charge the organization: end it there first.";
    billing.stripe.can_charge().then_some(words)
}

fn agreed_terms(plan: &Plan, agreed: Agreed) -> Terms {
    Terms {
        plan: plan.key.clone(),
        plan_name: plan.name.clone(),
        cycle: agreed.cycle,
        currency: agreed.currency,
        unit_amount: agreed.amount,
        is_per_member: false,
    }
}

/// Marks an invoice paid. Returns what happened, in words.
///
/// # Errors
/// `NotFound` where this organization has no such invoice, `BadRequest` for a day to come, for one before the
/// invoice, and for a note of several lines.
pub async fn mark_paid(db: &Db, organization_id: Uuid, number: &str, at: Option<Moment>, note: &str) -> Result<String> {
    if at.is_some_and(|at| at.date_naive() > (db.now() + EARLIEST_ZONE).date_naive()) {
        return Err(AppError::BadRequest("The day lies in the future: note the payment when it is there."));
    }
    let note = free_text(note, LONGEST_NOTE).ok().filter(|note| !note.contains(['\n', '\t']));
    let note = note.ok_or(AppError::BadRequest("The note is one line of 200 characters at most."))?;
    let number = number.to_owned();
    write_as(db, organization_id, Actor::operator(), move |tx| {
        let at = at.unwrap_or(tx.now());
        let paid = pay::mark_paid(tx, &number, at, &note)?;
        let name = &tx.organization.name;
        Ok(match paid {
            Some(invoice) => format!("{} of {name} is paid: {}.", invoice.number, owed(&invoice)),
            None => format!("{number} of {name} was paid before; nothing is changed."),
        })
    })
    .await
}

/// The invoices of an organization that wait for their payment, a line each, with when they are due.
pub async fn unpaid(db: &Db, organization_id: Uuid, slug: &str) -> Result<Vec<(Moment, String)>> {
    let (slug, now) = (slug.to_owned(), db.now());
    read_as(db, organization_id, move |org| {
        let rows = invoices::unpaid(org, MOST_LISTED)?;
        let line = |row: &InvoiceRow| {
            let late = if row.due_at <= now { "overdue since" } else { "due" };
            (row.due_at, format!("{slug}  {}  {}  {late} {}", row.number, owed(row), row.due_at.format("%Y-%m-%d")))
        };
        Ok(rows.iter().map(line).collect())
    })
    .await
}

fn owed(invoice: &InvoiceRow) -> String {
    Currency::from_code(&invoice.currency).map(|currency| currency.money(invoice.due).to_string()).unwrap_or_default()
}
