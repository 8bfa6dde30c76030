//! Tax ids as Stripe verified them.

use super::super::super::account::Billing;
use super::super::super::queries::account as rows;
use super::super::super::tax_id::{TaxId, TaxIdType};
use super::super::snapshot::Snapshot;
use super::super::tax::state;
use crate::access::OrgTx;
use crate::audit::BillingEvent;
use crate::error::Result;

/// Verification goes its way unannounced; one that was added or removed at Stripe is so here too.
pub(super) fn apply(tx: &mut OrgTx<'_>, billing: &Billing, snapshot: &Snapshot) -> Result<Vec<BillingEvent>> {
    let mut events = Vec::new();
    if snapshot.customer.deleted {
        return Ok(events);
    }
    for ours in &billing.tax_ids {
        let Some(stripe_id) = ours.stripe_id.as_deref() else { continue };
        match snapshot.tax_ids.iter().find(|theirs| theirs.id == stripe_id) {
            Some(theirs) if state(&theirs.verification) != ours.verification => {
                rows::set_verification(tx, ours.id, Some(stripe_id), state(&theirs.verification))?;
            }
            Some(_) => {}
            None => {
                let value = rows::delete_tax_id(tx, ours.id)?;
                events.push(BillingEvent::TaxIdRemoved { value });
            }
        }
    }
    for theirs in &snapshot.tax_ids {
        if billing.tax_ids.iter().any(|ours| ours.stripe_id.as_deref() == Some(theirs.id.as_str())) {
            continue;
        }
        let read = TaxIdType::from_key(&theirs.kind).and_then(|kind| TaxId::parse(kind, &theirs.value).ok());
        let Some(tax_id) = read else { continue };
        let is_new = rows::insert_tax_id(tx, &tax_id)?;
        rows::adopt_tax_id(tx, &tax_id, &theirs.id, state(&theirs.verification))?;
        if is_new {
            events.push(BillingEvent::TaxIdAdded { value: tax_id.value().to_owned() });
        }
    }
    Ok(events)
}
