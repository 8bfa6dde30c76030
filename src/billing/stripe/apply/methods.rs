//! Payment methods as Stripe keeps them.

use uuid::Uuid;

use super::super::super::account::Billing;
use super::super::super::payment_method::{Expiry, PaymentMethod, day_after};
use super::super::super::queries::payment_methods as rows;
use super::super::snapshot::Snapshot;
use crate::access::OrgTx;
use crate::audit::BillingEvent;
use crate::error::Result;
use crate::stripe;

pub(super) fn apply(tx: &mut OrgTx<'_>, billing: &Billing, snapshot: &Snapshot) -> Result<Vec<BillingEvent>> {
    let now = tx.now();
    let default = snapshot.default_method().map(|method| method.id.clone());
    let known = |id: &str| billing.methods.iter().find(|method| method.stripe_id == id);
    let mut events = Vec::new();
    for gone in billing.methods.iter().filter(|known| !snapshot.methods.iter().any(|method| method.id == known.stripe_id)) {
        rows::delete(tx, gone.id)?;
        events.push(BillingEvent::PaymentMethodRemoved { method: gone.name() });
    }
    let mut all: Vec<PaymentMethod> = Vec::new();
    for theirs in &snapshot.methods {
        let before = known(&theirs.id);
        let mut method = read(theirs, before, default.as_deref() == Some(theirs.id.as_str()));
        if before.is_none() {
            events.push(BillingEvent::PaymentMethodAdded { method: method.name() });
        } else if method.is_default && before.is_some_and(|before| !before.is_default) {
            events.push(BillingEvent::PaymentMethodChosen { method: method.name() });
        }
        if method.warned_at.is_none() && method.expiry(now) != Expiry::Far {
            method.warned_at = Some(now);
            events.push(BillingEvent::PaymentMethodExpires { method: method.name(), month: method.last_month() });
        }
        all.push(method);
    }
    let changed: Vec<&PaymentMethod> = all.iter().filter(|method| known(&method.stripe_id) != Some(method)).collect();
    if !changed.is_empty() {
        rows::clear_default(tx)?;
        // The default last: no moment has two.
        all.sort_by_key(|method| method.is_default);
        all.iter().try_for_each(|method| rows::save(tx, method))?;
    }
    Ok(events)
}

fn read(theirs: &stripe::PaymentMethod, before: Option<&PaymentMethod>, is_default: bool) -> PaymentMethod {
    PaymentMethod {
        id: before.map_or_else(Uuid::now_v7, |method| method.id),
        stripe_id: theirs.id.clone(),
        brand: brand(&theirs.brand),
        last_digits: theirs.last4.clone(),
        expires_on: day_after(theirs.exp_year, theirs.exp_month),
        is_default,
        added_at: theirs.created,
        warned_at: before.and_then(|method| method.warned_at),
    }
}

/// `Visa`, as people write what Stripe calls `visa`.
fn brand(theirs: &str) -> String {
    let known = match theirs {
        "amex" => "American Express",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        "eftpos_au" => "Eftpos",
        "cartes_bancaires" => "Cartes Bancaires",
        "" | "unknown" => "Card",
        other => return other.chars().take(1).flat_map(char::to_uppercase).chain(other.chars().skip(1)).collect(),
    };
    known.to_owned()
}
