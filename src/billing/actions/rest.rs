//! What is left of a period when its plan ends since it is not paid. Nobody has paid for it, so it is nobody's credit; who pays all
//! that is owed from before gets it back, and does not pay for time without a plan. It is kept apart by the way in which the plan
//! was to be paid: what is paid in the other one says nothing of it.

use super::super::account::Billing;
use super::super::giving::{Giving, unused};
use super::super::notices;
use super::super::queries::{self, held};
use super::super::quote::{Line, totals};
use super::super::subscription::Subscription;
use super::issue;
use crate::access::OrgTx;
use crate::audit::BillingEvent;
use crate::error::Result;

/// A plan has ended, and is not paid: keeps what is left of its period and of those of its modules. `rate` is the VAT that Stripe
/// invoiced the period with, in hundredths of a percent; by invoice each line has its own.
pub fn hold(tx: &mut OrgTx<'_>, billing: &Billing, ended: &Subscription, rate: Option<i64>) -> Result<()> {
    let vat_basis_points = billing.vat(&tx.plans().issuer).basis_points;
    let at = ended.ended_at.unwrap_or(tx.now());
    let giving = Giving { at, pending: &billing.pending, invoiced: &billing.invoiced, vat_basis_points };
    let modules = billing.modules.iter().map(|module| module.within(ended));
    let lines: Vec<Line> = std::iter::once(ended.clone()).chain(modules).flat_map(|paid| unused(&paid, giving)).collect();
    for line in lines {
        let vat_basis_points = rate.or(line.vat_basis_points);
        queries::add_held(tx, &Line { vat_basis_points, ..line }, ended.is_at_stripe())?;
    }
    Ok(())
}

/// Gives back what is held of plans that were to be paid in one way, as far as nothing from before their ends is owed any more: by
/// a credit note of the console, or as credit that goes along to Stripe with the next plan there.
pub fn give_back(tx: &mut OrgTx<'_>, billing: &Billing, is_at_stripe: bool) -> Result<()> {
    let Some(currency) = billing.account.currency().filter(|_| billing.holds_rest(is_at_stripe)) else { return Ok(()) };
    let lines = held::take_paid(tx, is_at_stripe)?;
    if lines.is_empty() {
        return Ok(());
    }
    if !is_at_stripe {
        return issue::issue(tx, billing, &lines, currency);
    }
    let given = totals(&lines, &billing.vat(&tx.plans().issuer), 0).credit_left;
    queries::account::save_credit(tx, billing.account.credit + given, currency.code())?;
    let credit = billing.credit_along() + given;
    notices::changed(tx, BillingEvent::CreditChanged { amount: currency.money(credit).to_string() })
}
