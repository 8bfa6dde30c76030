//! Tells the recipients before a trial ends, in time to do something about it.

use super::super::notices;
use super::super::notices::trial::{Ahead, event, notice};
use super::super::queries;
use super::super::queries::upkeep::{TOLD_BEFORE, note_trial_told, trial_to_tell};
use crate::access::OrgTx;
use crate::error::Result;

/// Tells of a trial that ends soon, once: one that is moved on was told of already.
pub fn tell(tx: &mut OrgTx<'_>) -> Result<()> {
    let now = tx.now();
    if trial_to_tell(tx)?.is_none_or(|ends_at| ends_at - TOLD_BEFORE > now) {
        return Ok(());
    }
    note_trial_told(tx)?;
    let (organization, billing) = (tx.reread_organization()?, queries::billing(tx)?);
    let Some(current) = billing.running() else { return Ok(()) };
    let (plans, product) = (tx.plans().clone(), tx.product().clone());
    let terms = current.next_terms(&plans);
    let ahead = Ahead::of(&billing, current, terms.as_ref(), (&organization, &plans, &product));
    notices::ahead(tx, &billing.account, event(&ahead), notice(&ahead))
}
