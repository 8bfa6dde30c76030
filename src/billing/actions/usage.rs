//! What the product reports of metered use, and what becomes of it when the month is over.

use super::super::account::Billing;
use super::super::queries;
use super::super::queries::usage::{self as rows, Counted, NewReport};
use super::super::usage::{charge, month_of};
use crate::access::{OrgConn, OrgTx};
use crate::clock::Moment;
use crate::error::Result;

/// A report as it stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    pub counted: Counted,
    pub starts_at: Moment,
    pub ends_at: Moment,
}

/// Counts a report. Takes no lock: it administers nothing.
pub fn report(org: &mut OrgConn<'_>, report: &NewReport) -> Result<Reported> {
    let running = rows::running(org)?;
    let (starts_at, ends_at) = month_of(running.as_ref(), org.now());
    let counted = rows::count(org, report, (starts_at, ends_at))?;
    // The first of the month: the total is what was reported.
    if counted.is_new && counted.used == counted.quantity {
        rows::plan_closing(org, ends_at)?;
    }
    Ok(Reported { counted, starts_at, ends_at })
}

/// Puts what was used beyond the included amount in the months that are over onto the next invoice; use within a trial costs
/// nothing. Whether anything was put there.
pub fn close_months(tx: &mut OrgTx<'_>, billing: &Billing) -> Result<bool> {
    let plans = tx.plans().clone();
    let plan = plans.of(&tx.organization.plan);
    let paid = billing.running().filter(|current| !current.is_trial());
    let currency = paid.and_then(|current| current.terms()).map(|terms| terms.currency);
    let mut is_charged = false;
    for total in rows::to_close(tx)? {
        let line = plans.item(&total.item).zip(currency).and_then(|(item, currency)| charge(plan, item, currency, &total));
        if let Some(line) = line {
            queries::add_pending(tx, &line)?;
            is_charged = true;
        }
        rows::close(tx, &total)?;
    }
    Ok(is_charged)
}

/// The trial is over: what was used in it is never charged.
pub fn forgive_trial(tx: &mut OrgTx<'_>) -> Result<()> {
    rows::close_all(tx)
}
