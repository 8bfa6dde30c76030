//! Statements on who is invoiced.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use uuid::Uuid;

use super::super::account::BillingAccount;
use super::super::tax_id::TaxId;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{billing_accounts, tax_ids};
use crate::error::Result;

diesel::define_sql_function! {
    /// The first that is not null.
    fn coalesce(one: Nullable<Timestamptz>, other: Nullable<Timestamptz>) -> Nullable<Timestamptz>;
}

/// Writes address and recipients, as their next version.
pub fn save_details(org: &mut OrgConn<'_>, account: &BillingAccount) -> Result<()> {
    let values = (
        billing_accounts::name.eq(&account.name),
        billing_accounts::line1.eq(&account.line1),
        billing_accounts::line2.eq(&account.line2),
        billing_accounts::postal_code.eq(&account.postal_code),
        billing_accounts::city.eq(&account.city),
        billing_accounts::region.eq(&account.region),
        billing_accounts::country.eq(&account.country),
        billing_accounts::email.eq(&account.email),
        billing_accounts::recipients.eq(&account.recipients),
        billing_accounts::version.eq(account.version + 1),
    );
    diesel::insert_into(billing_accounts::table)
        .values((billing_accounts::organization_id.eq(org.organization_id()), values))
        .on_conflict(billing_accounts::organization_id)
        .do_update()
        .set(values)
        .execute(org.connection())?;
    Ok(())
}

/// Writes what the invoices to come take from, and in which currency they are invoiced from now on.
pub fn save_credit(org: &mut OrgConn<'_>, credit: i64, currency: &str) -> Result<()> {
    let values = (billing_accounts::credit.eq(credit), billing_accounts::currency.eq(Some(currency)));
    diesel::insert_into(billing_accounts::table)
        .values((billing_accounts::organization_id.eq(org.organization_id()), values))
        .on_conflict(billing_accounts::organization_id)
        .do_update()
        .set(values)
        .execute(org.connection())?;
    Ok(())
}

/// Writes in which currency they are invoiced from now on.
pub fn save_currency(org: &mut OrgConn<'_>, currency: &str) -> Result<()> {
    let value = billing_accounts::currency.eq(Some(currency));
    diesel::insert_into(billing_accounts::table)
        .values((billing_accounts::organization_id.eq(org.organization_id()), value))
        .on_conflict(billing_accounts::organization_id)
        .do_update()
        .set(value)
        .execute(org.connection())?;
    Ok(())
}

/// Remembers that there was a trial.
pub fn note_trial(org: &mut OrgConn<'_>) -> Result<()> {
    let now = Some(org.now());
    diesel::insert_into(billing_accounts::table)
        .values((billing_accounts::organization_id.eq(org.organization_id()), billing_accounts::trial_used_at.eq(now)))
        .on_conflict(billing_accounts::organization_id)
        .do_update()
        .set(billing_accounts::trial_used_at.eq(now))
        .execute(org.connection())?;
    Ok(())
}

/// Adds a tax id; false when it is there already.
pub fn insert_tax_id(org: &mut OrgConn<'_>, tax_id: &TaxId) -> Result<bool> {
    let (organization_id, now) = (org.organization_id(), org.now());
    diesel::insert_into(billing_accounts::table)
        .values(billing_accounts::organization_id.eq(organization_id))
        .on_conflict_do_nothing()
        .execute(org.connection())?;
    let inserted = diesel::insert_into(tax_ids::table)
        .values((
            tax_ids::organization_id.eq(organization_id),
            tax_ids::id.eq(Uuid::now_v7()),
            tax_ids::kind.eq(tax_id.kind().key()),
            tax_ids::value.eq(tax_id.value()),
            tax_ids::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(org.connection())?;
    Ok(inserted == 1)
}

/// Deletes a tax id; returns its value.
///
/// # Errors
/// `NotFound` without such a one.
pub fn delete_tax_id(org: &mut OrgConn<'_>, id: Uuid) -> Result<String> {
    let mine = tax_ids::organization_id.eq(org.organization_id()).and(tax_ids::id.eq(id));
    Ok(diesel::delete(tax_ids::table.filter(mine)).returning(tax_ids::value).get_result(org.connection())?)
}

/// Writes what Stripe says of a tax id.
pub fn set_verification(org: &mut OrgConn<'_>, id: Uuid, stripe_id: Option<&str>, verification: &str) -> Result<()> {
    let mine = tax_ids::organization_id.eq(org.organization_id()).and(tax_ids::id.eq(id));
    diesel::update(tax_ids::table.filter(mine))
        .set((tax_ids::stripe_id.eq(stripe_id), tax_ids::verification.eq(verification)))
        .execute(org.connection())?;
    Ok(())
}

/// Notes which tax id at Stripe one of ours is.
pub fn adopt_tax_id(org: &mut OrgConn<'_>, tax_id: &TaxId, stripe_id: &str, verification: &str) -> Result<()> {
    let value = tax_ids::kind.eq(tax_id.kind().key()).and(tax_ids::value.eq(tax_id.value()));
    let mine = tax_ids::organization_id.eq(org.organization_id()).and(value);
    diesel::update(tax_ids::table.filter(mine))
        .set((tax_ids::stripe_id.eq(Some(stripe_id)), tax_ids::verification.eq(verification)))
        .execute(org.connection())?;
    Ok(())
}

/// Forgets what Stripe has of the tax ids: they go to it again with its next customer.
pub fn forget_stripe_tax_ids(org: &mut OrgConn<'_>) -> Result<()> {
    diesel::update(tax_ids::table.filter(tax_ids::organization_id.eq(org.organization_id())))
        .set((tax_ids::stripe_id.eq(None::<String>), tax_ids::verification.eq("unchecked")))
        .execute(org.connection())?;
    Ok(())
}

/// Adds to the seats that the recipients are told of at a time, or earlier where some wait already.
pub fn note_seats(org: &mut OrgConn<'_>, seats: i32, amount: i64, at: Moment) -> Result<()> {
    let first = (
        billing_accounts::seats_to_tell.eq(seats),
        billing_accounts::amount_to_tell.eq(amount),
        billing_accounts::tell_seats_at.eq(Some(at)),
    );
    let more = (
        billing_accounts::seats_to_tell.eq(billing_accounts::seats_to_tell + seats),
        billing_accounts::amount_to_tell.eq(billing_accounts::amount_to_tell + amount),
        billing_accounts::tell_seats_at.eq(coalesce(billing_accounts::tell_seats_at, Some(at))),
    );
    diesel::insert_into(billing_accounts::table)
        .values((billing_accounts::organization_id.eq(org.organization_id()), first))
        .on_conflict(billing_accounts::organization_id)
        .do_update()
        .set(more)
        .execute(org.connection())?;
    Ok(())
}

/// The seats that the recipients are to be told of now, and what they cost; they count as told from then on.
pub fn take_seats_to_tell(org: &mut OrgConn<'_>) -> Result<Option<(i32, i64)>> {
    let organization_id = org.organization_id();
    let mine = || billing_accounts::table.filter(billing_accounts::organization_id.eq(organization_id));
    let due = mine().filter(billing_accounts::tell_seats_at.le(org.now()));
    let columns = (billing_accounts::seats_to_tell, billing_accounts::amount_to_tell);
    let found = due.select(columns);
    let found: Option<(i32, i64)> = found.first(org.connection()).optional()?;
    if found.is_some() {
        forget_seats_to_tell(org)?;
    }
    Ok(found)
}

/// Leaves the seats untold that were added since: an invoice tells them, or nothing is charged for them any more.
pub fn forget_seats_to_tell(org: &mut OrgConn<'_>) -> Result<()> {
    let none = (
        billing_accounts::seats_to_tell.eq(0),
        billing_accounts::amount_to_tell.eq(0),
        billing_accounts::tell_seats_at.eq(None::<Moment>),
    );
    let mine = billing_accounts::table.filter(billing_accounts::organization_id.eq(org.organization_id()));
    diesel::update(mine).set(none).execute(org.connection())?;
    Ok(())
}
