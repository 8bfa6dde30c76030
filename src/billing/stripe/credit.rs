//! Credit of the invoice way goes along when an organization begins to pay by Stripe. It leaves the console's rows before it is
//! sent, by an id that it keeps until it has arrived: however often that is tried, it is spent once.

use uuid::Uuid;

use super::super::account::Billing;
use super::super::credit::MovingCredit;
use super::super::queries::{self, credit as rows};
use super::super::quote::Totals;
use super::super::refusal::{Outcome, Refusal};
use super::super::subscription::Subscription;
use super::snapshot::{Snapshot, runs};
use super::talk::Talk;
use crate::access::OrgTx;
use crate::audit::{BillingEvent, Event};
use crate::error::{Result, Stopped};
use crate::money::Currency;
use crate::stripe::{NewBalanceTransaction, StripeError};

/// Its id in the metadata of what changes the balance.
const CREDIT: &str = "roster_credit";

/// What is to be paid at Stripe once the credit of the invoice way is there.
pub(super) fn with_credit(totals: Totals, credit: i64) -> Totals {
    let used = credit.min(totals.due);
    Totals {
        credit_used: totals.credit_used + used,
        due: totals.due - used,
        credit_left: totals.credit_left + credit - used,
        ..totals
    }
}

/// Sends what broke off, and what is left here of who pays by Stripe. Whether anything was sent.
pub(super) async fn push_credit(talk: &Talk, snapshot: &Snapshot, billing: &Billing) -> Outcome<bool> {
    let is_paying = billing.running().is_some_and(Subscription::is_at_stripe) && snapshot.subscription.as_ref().is_some_and(runs);
    let is_left = is_paying && billing.account.credit > 0;
    if billing.stripe.moving_credit.is_none() && !is_left {
        return Ok(false);
    }
    match move_credit(talk, &snapshot.customer.id).await {
        // It is here again, and nothing else waits for it.
        Err(Stopped::Refused(Refusal::NotTaken)) => Ok(false),
        outcome => outcome,
    }
}

/// Moves the credit of the invoice way to the balance of a customer. Whether there was any.
///
/// # Errors
/// `NotTaken` where Stripe refuses it, and it stays here; else what Stripe answers, and a later look moves it.
pub(super) async fn move_credit(talk: &Talk, customer: &str) -> Outcome<bool> {
    let Some(moving) = talk.acting.write(begin).await? else { return Ok(false) };
    let id = moving.id;
    match send(talk, customer, &moving).await {
        Ok(()) => talk.acting.write(move |tx| arrived(tx, id)).await?,
        Err(error) => {
            if let StripeError::Refused { .. } = error {
                tracing::error!(organization = %talk.organization.id, %error, "credit is not taken by Stripe");
                talk.acting.write(move |tx| back(tx, id)).await?;
            }
            return Err(error.into());
        }
    }
    Ok(true)
}

/// What is on its way, or is from now on: no invoice takes from it any more.
fn begin(tx: &mut OrgTx<'_>) -> Result<Option<MovingCredit>> {
    let billing = queries::billing(tx)?;
    if let Some(moving) = billing.stripe.moving_credit {
        return Ok(Some(moving));
    }
    let Some(currency) = billing.account.currency().filter(|_| billing.account.credit > 0) else { return Ok(None) };
    let moving = MovingCredit { id: Uuid::now_v7(), amount: billing.account.credit, currency: currency.code().to_owned() };
    queries::account::save_credit(tx, 0, currency.code())?;
    rows::set_moving(tx, Some(&moving))?;
    Ok(Some(moving))
}

/// Stripe remembers a key for a day only: what arrived before is found by its id.
async fn send(talk: &Talk, customer: &str, moving: &MovingCredit) -> std::result::Result<(), StripeError> {
    let id = moving.id.to_string();
    let known = talk.stripe.balance_transactions(customer).await?;
    if known.iter().any(|one| one.metadata.get(CREDIT) == Some(&id)) {
        return Ok(());
    }
    let new = NewBalanceTransaction {
        amount: -moving.amount,
        currency: moving.currency.to_lowercase(),
        description: "Credit of earlier invoices".to_owned(),
        metadata: [(CREDIT.to_owned(), id)].into(),
    };
    talk.stripe.create_balance_transaction(customer, &new, &format!("credit-{}-{customer}", moving.id)).await.map(drop)
}

fn arrived(tx: &mut OrgTx<'_>, id: Uuid) -> Result<()> {
    let seen = queries::billing(tx)?.stripe;
    let Some(moving) = seen.moving_credit.filter(|moving| moving.id == id) else { return Ok(()) };
    rows::set_moving(tx, None)?;
    rows::save_held(tx, seen.credit + moving.amount)?;
    let Some(currency) = Currency::from_code(&moving.currency) else { return Ok(()) };
    tx.record(&Event::Billing(BillingEvent::CreditMoved { amount: currency.money(moving.amount).to_string() }))
}

fn back(tx: &mut OrgTx<'_>, id: Uuid) -> Result<()> {
    let billing = queries::billing(tx)?;
    let Some(moving) = billing.stripe.moving_credit.filter(|moving| moving.id == id) else { return Ok(()) };
    rows::set_moving(tx, None)?;
    queries::account::save_credit(tx, billing.account.credit + moving.amount, &moving.currency)
}
