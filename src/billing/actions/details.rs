//! Who is invoiced, and where invoices go.

use uuid::Uuid;

use super::super::account::BillingAccount;
use super::super::notices;
use super::super::queries;
use super::super::tax_id::TaxId;
use crate::access::OrgTx;
use crate::audit::BillingEvent;
use crate::error::{Result, Stopped};

/// Tax ids of one organization at most.
pub const MOST_TAX_IDS: usize = 5;

/// Somebody else saved the details since the reader saw them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale;

/// Saves address and recipients. `details.version` is the one that the reader saw. False when nothing is different.
pub fn save(tx: &mut OrgTx<'_>, details: &BillingAccount) -> Result<bool, Stopped<Stale>> {
    let before = queries::billing(tx)?.account;
    let changed = changes(&before, details);
    if changed.is_empty() {
        return Ok(false);
    }
    if before.version != details.version {
        return Err(Stopped::Refused(Stale));
    }
    queries::account::save_details(tx, details)?;
    tell_stripe(tx)?;
    notices::changed_from(tx, &before, BillingEvent::BillingDetailsChanged { changed })?;
    Ok(true)
}

/// Stripe is sent what it does not know yet, soon.
fn tell_stripe(tx: &mut OrgTx<'_>) -> Result<()> {
    let now = tx.now();
    queries::stripe::ask_by(tx, now)
}

/// What differs, in words.
fn changes(before: &BillingAccount, after: &BillingAccount) -> Vec<String> {
    let address =
        |of: &BillingAccount| [&of.line1, &of.line2, &of.postal_code, &of.city, &of.region, &of.country].map(String::clone);
    let changes = [
        (before.name != after.name, "name"),
        (address(before) != address(after), "address"),
        (before.email != after.email, "billing email"),
        (before.recipients != after.recipients, "further recipients"),
    ];
    changes.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what.to_owned()).collect()
}

/// Why a tax id was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaxIdRefused {
    There,
    TooMany,
}

/// Adds a tax id.
pub fn add_tax_id(tx: &mut OrgTx<'_>, tax_id: &TaxId) -> Result<(), Stopped<TaxIdRefused>> {
    if queries::billing(tx)?.tax_ids.len() >= MOST_TAX_IDS {
        return Err(Stopped::Refused(TaxIdRefused::TooMany));
    }
    if !queries::account::insert_tax_id(tx, tax_id)? {
        return Err(Stopped::Refused(TaxIdRefused::There));
    }
    tell_stripe(tx)?;
    Ok(notices::changed(tx, BillingEvent::TaxIdAdded { value: tax_id.value().to_owned() })?)
}

/// Removes a tax id. Returns its value.
///
/// # Errors
/// `NotFound` without such a one.
pub fn remove_tax_id(tx: &mut OrgTx<'_>, id: Uuid) -> Result<String> {
    let value = queries::account::delete_tax_id(tx, id)?;
    notices::changed(tx, BillingEvent::TaxIdRemoved { value: value.clone() })?;
    Ok(value)
}
