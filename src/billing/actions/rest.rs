//! What is left of a period when its plan ends since it is not paid. Nobody has paid for it, so it is nobody's credit; who pays all
//! that is owed after all gets it back, and does not pay for time without a plan.

use super::super::account::Billing;
use super::super::giving::{Giving, unused};
use super::super::queries::{self, held};
use super::super::subscription::Subscription;
use super::issue;
use crate::access::OrgTx;
use crate::error::Result;

/// A plan has ended, and is not paid: keeps what is left of its period and of those of its modules.
pub fn hold(tx: &mut OrgTx<'_>, billing: &Billing, ended: &Subscription) -> Result<()> {
    let vat_basis_points = billing.vat(&tx.plans().issuer).basis_points;
    let at = ended.ended_at.unwrap_or(tx.now());
    let giving = Giving { at, pending: &billing.pending, invoiced: &billing.invoiced, vat_basis_points };
    let modules = billing.modules.iter().map(|module| module.within(ended));
    let lines = std::iter::once(ended.clone()).chain(modules).flat_map(|paid| unused(&paid, giving));
    lines.collect::<Vec<_>>().iter().try_for_each(|line| queries::add_held(tx, line))
}

/// An invoice was paid. Once nothing is owed any more, what was kept is given back: by a credit note of the console, or by an
/// invoice of Stripe like that for what was used last.
pub fn give_back(tx: &mut OrgTx<'_>, is_at_stripe: bool) -> Result<()> {
    let billing = queries::billing(tx)?;
    if !billing.is_rest_held || billing.unpaid_by(is_at_stripe).is_some() {
        return Ok(());
    }
    if is_at_stripe {
        held::release(tx)?;
        let now = tx.now();
        return queries::stripe::ask_by(tx, now);
    }
    let Some(currency) = billing.account.currency() else { return Ok(()) };
    let lines = held::take(tx)?;
    issue::issue(tx, &billing, &lines, currency)
}
