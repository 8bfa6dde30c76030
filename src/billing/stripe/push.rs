//! What Stripe is to know of the console: who is invoiced, their tax ids, what stands on the next invoice besides the plan, and
//! what the next period is (`terms`).

use super::super::account::Billing;
use super::super::queries::account as account_rows;
use super::super::queries::charges::{self as charge_rows, ChargeRow};
use super::super::queries::stripe as rows;
use super::super::refusal::Outcome;
use super::super::subscription::Terms;
use super::awaited;
use super::credit::push_credit;
use super::details::{details, hash_of};
use super::drift::has_other_details;
use super::items::{module_items, plan_item};
use super::last_charges::{push_last_charges, take_back};
use super::snapshot::{Snapshot, runs};
use super::talk::Talk;
use super::tax;
use super::terms::push_terms;
use crate::access::Organization;
use crate::config::Plans;
use crate::stripe::{InvoiceItem, NewInvoiceItem, StripeError, Subscription};

/// Sends what differs. Whether anything was sent, and Stripe is to be asked again.
pub(super) async fn push(talk: &Talk, snapshot: &Snapshot, billing: &Billing) -> Outcome<bool> {
    // What is planned is another thing after it: nothing else is made of this look.
    if awaited::follow(talk, snapshot.subscription.as_ref(), billing).await? {
        return Ok(true);
    }
    let organization = talk.acting.write(|tx| tx.reread_organization()).await?;
    let customer = snapshot.customer.id.as_str();
    let mut has_sent = push_details(talk, snapshot, billing, &organization).await?;
    has_sent |= push_tax_ids(talk, customer, billing).await?;
    has_sent |= choose_default(talk, snapshot).await?;
    has_sent |= push_credit(talk, snapshot, billing).await?;
    match snapshot.subscription.as_ref().filter(|subscription| runs(subscription)) {
        // A period or module that nobody has written down yet: what was invoiced for it is read first.
        Some(subscription) if !is_written(subscription, billing, talk.acting.db().plans()) => {}
        // What was taken back is charged in the next round.
        Some(_) if take_back(talk, snapshot).await? => has_sent = true,
        Some(subscription) => {
            // A change that waits gives back what was paid: who joins meanwhile is charged by what becomes of it.
            if !subscription.has_pending_update {
                has_sent |= push_charges(talk, snapshot, subscription).await?;
            }
            has_sent |= push_terms(talk, subscription, billing, &organization).await?;
        }
        None => has_sent |= push_last_charges(talk, snapshot, billing).await?,
    }
    Ok(has_sent)
}

/// Whether the terms of a subscription that runs are not sent yet: it is another one than is written down, or a change of it
/// waits for the bank.
pub(super) fn leaves_terms(snapshot: &Snapshot, billing: &Billing, plans: &Plans) -> bool {
    let running = snapshot.subscription.as_ref().filter(|subscription| runs(subscription));
    running.is_some_and(|subscription| subscription.has_pending_update || !is_written(subscription, billing, plans))
}

fn is_written(subscription: &Subscription, billing: &Billing, plans: &Plans) -> bool {
    let is_known = |(_, terms): &(_, Terms)| billing.modules.iter().any(|known| known.module == terms.plan);
    let mut modules = module_items(subscription, plans).into_iter();
    let Some((item, terms)) = plan_item(subscription, plans).filter(|_| modules.all(|module| is_known(&module))) else {
        return false;
    };
    billing.running().is_some_and(|known| {
        let is_same = known.stripe_id.as_deref() == Some(subscription.id.as_str())
            && (&known.plan, known.cycle()) == (&terms.plan, terms.cycle);
        is_same && known.period_starts_at == item.period_starts_at
    })
}

async fn push_details(talk: &Talk, snapshot: &Snapshot, billing: &Billing, organization: &Organization) -> Outcome<bool> {
    let details = details(billing, organization, &talk.acting.db().plans().issuer);
    let hash = hash_of(&details);
    if billing.stripe.sent_details == hash && !has_other_details(&billing.stripe.left_there, snapshot) {
        return Ok(false);
    }
    talk.stripe.update_customer(&snapshot.customer.id, &details, &talk.key("details")).await?;
    talk.acting.write(move |tx| rows::set_sent_details(tx, &hash)).await?;
    Ok(true)
}

/// Tax ids that Stripe does not have yet. One that it does not take is told as not verified.
async fn push_tax_ids(talk: &Talk, customer: &str, billing: &Billing) -> Outcome<bool> {
    let mut has_sent = false;
    let unknown = billing.tax_ids.iter().filter(|tax_id| tax_id.stripe_id.is_none() && tax_id.verification == "unchecked");
    for tax_id in unknown {
        let made =
            talk.stripe.create_tax_id(customer, &tax_id.kind, &tax_id.value, &format!("tax-id-{}-{customer}", tax_id.id)).await;
        let id = tax_id.id;
        match made {
            Ok(made) => {
                talk.acting
                    .write(move |tx| account_rows::set_verification(tx, id, Some(&made.id), tax::state(&made.verification)))
                    .await?;
                has_sent = true;
            }
            Err(StripeError::Refused { .. }) => {
                talk.acting.write(move |tx| account_rows::set_verification(tx, id, None, "unverified")).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(has_sent)
}

/// Who has methods and none of them by default is charged by the one that was added last.
async fn choose_default(talk: &Talk, snapshot: &Snapshot) -> Outcome<bool> {
    let latest = snapshot.methods.iter().max_by_key(|method| method.created);
    let Some(latest) = latest.filter(|_| snapshot.default_method().is_none()) else { return Ok(false) };
    talk.stripe.set_default_payment_method(&snapshot.customer.id, &latest.id, &talk.key("choose-default")).await?;
    Ok(true)
}

/// Members who joined within the period, and use of months that are over: onto the next invoice. What is over already is
/// invoiced at once where the next one is a long way off.
async fn push_charges(talk: &Talk, snapshot: &Snapshot, subscription: &Subscription) -> Outcome<bool> {
    let charges = talk.acting.read(charge_rows::charges).await?;
    let new: Vec<ChargeRow> = charges.into_iter().filter(|charge| charge.stripe_id.is_none()).collect();
    let Some((item, _)) = plan_item(subscription, talk.acting.db().plans()).filter(|_| !new.is_empty()) else { return Ok(false) };
    let now = talk.acting.db().now();
    for charge in &new {
        let known = snapshot.pending.iter().find(|item| is_of(item, charge));
        let item_id = match known {
            Some(item) => item.id.clone(),
            None => {
                let item = charge_item(charge, &subscription.customer, Some(&subscription.id), &item.price.currency);
                talk.stripe.create_invoice_item(&item, &format!("charge-{}-{}", charge.id, subscription.id)).await?.id
            }
        };
        let id = charge.id;
        talk.acting.write(move |tx| charge_rows::note_item(tx, id, Some(&item_id))).await?;
    }
    let is_yearly = item.price.interval.as_deref() == Some("year");
    if is_yearly && new.iter().any(|charge| charge.to_at <= now) {
        talk.stripe.invoice_pending_items(&subscription.customer, Some(&subscription.id), &talk.key("invoice-use")).await?;
    }
    Ok(true)
}

/// The id of a charge in the metadata of its invoice item.
pub(super) const CHARGE: &str = "roster_charge";

/// Whether an invoice item is that of a charge.
pub(super) fn is_of(item: &InvoiceItem, charge: &ChargeRow) -> bool {
    item.metadata.get(CHARGE) == Some(&charge.id.to_string())
}

pub(super) fn charge_item(charge: &ChargeRow, customer: &str, subscription: Option<&str>, currency: &str) -> NewInvoiceItem {
    NewInvoiceItem {
        customer: customer.to_owned(),
        subscription: subscription.map(str::to_owned),
        invoice: None,
        amount: charge.amount,
        currency: currency.to_owned(),
        description: charge.description.clone(),
        from: charge.from_at,
        to: charge.to_at,
        tax_rates: Vec::new(),
        metadata: [(CHARGE.to_owned(), charge.id.to_string())].into(),
    }
}
