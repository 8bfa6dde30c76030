//! How an organization pays: by invoice, of which the console's own rows are the truth, or by Stripe, of which Stripe's are.
//! This is the one place that tells them apart; pages ask here.

use std::rc::Rc;

use uuid::Uuid;

use super::account::Billing;
use super::actions::change::{self, Prepared, Shown, Wanted};
use super::actions::details;
use super::actions::modules::{self, PreparedModule};
use super::queries;
use super::quote::Begin;
use super::refusal::{Outcome, Refusal, refuse};
use super::stripe::change::Done;
use super::stripe::{self, Acting};
use crate::access::{Permit, read_as, rights};
use crate::clock::Moment;
use crate::config::Plans;
use crate::error::Result;
use crate::stripe::Stripe;

type ManagePermit = Permit<rights::ManageBilling>;

/// How an organization pays.
#[derive(Clone, Debug)]
pub enum Way {
    Invoice,
    /// None where the deployment has no key of Stripe any more, and it shows what was last seen.
    Stripe(Option<Stripe>),
}

impl Way {
    /// Who subscribed stays with their way; all others pay by Stripe where that is set up.
    pub fn of(billing: &Billing, stripe: Option<&Stripe>) -> Way {
        match billing.running() {
            Some(current) if !current.is_at_stripe() => Way::Invoice,
            None if stripe.is_none() => Way::Invoice,
            _ => Way::Stripe(stripe.cloned()),
        }
    }

    pub fn is_stripe(&self) -> bool {
        matches!(self, Way::Stripe(_))
    }

    /// Stripe, to do something there.
    ///
    /// # Errors
    /// `NotSetUp` where the deployment has no key.
    pub fn stripe(self) -> Outcome<Option<Stripe>> {
        match self {
            Way::Invoice => Ok(None),
            Way::Stripe(Some(stripe)) => Ok(Some(stripe)),
            Way::Stripe(None) => refuse(Refusal::NotSetUp),
        }
    }
}

/// Has what somebody set at Stripe by hand be set back before a price is calculated by it. Whether that was so.
///
/// # Errors
/// As `stripe::put_right`.
pub async fn put_right(stripe: Option<&Stripe>, permit: &ManagePermit, billing: &Billing) -> Outcome<bool> {
    match Way::of(billing, stripe).stripe()? {
        None => Ok(false),
        Some(stripe) => stripe::put_right(permit.db(), &permit.organization, &stripe, billing).await,
    }
}

/// What a change costs at a moment, by whoever will collect it.
///
/// # Errors
/// As `stripe::change::preview`.
pub async fn priced(stripe: Option<&Stripe>, permit: &ManagePermit, prepared: Prepared, at: Moment) -> Outcome<Prepared> {
    let plans = permit.db().plans();
    match Way::of(&prepared.billing, stripe).stripe()? {
        None => Ok(prepared),
        Some(stripe) => stripe::change::preview(&stripe, plans, prepared, (at, permit.organization.active_members)).await,
    }
}

/// Changes the plan as it was shown.
///
/// # Errors
/// As `actions::change::change`.
pub async fn change(permit: Rc<ManagePermit>, stripe: Option<Stripe>, wanted: Wanted, shown: Shown) -> Outcome<Done<Begin>> {
    match way(&permit, stripe.as_ref()).await?.stripe()? {
        None => Ok(Done::Made(permit.write(move |tx| change::change(tx, &wanted, &shown)).await?)),
        Some(stripe) => {
            at_leisure(async move { stripe::change::change(&Acting::Member(permit), &stripe, &wanted, &shown).await }).await
        }
    }
}

/// Lets the plan end with its period. Returns when.
///
/// # Errors
/// As `actions::change::cancel`.
pub async fn cancel(permit: Rc<ManagePermit>, stripe: Option<Stripe>) -> Outcome<Moment> {
    match way(&permit, stripe.as_ref()).await?.stripe()? {
        None => permit.write(change::cancel).await,
        Some(stripe) => at_leisure(async move { stripe::change::cancel(&Acting::Member(permit), &stripe).await }).await,
    }
}

/// Lets the plan go on as it is. Returns its name.
///
/// # Errors
/// As `actions::change::resume`.
pub async fn resume(permit: Rc<ManagePermit>, stripe: Option<Stripe>) -> Outcome<String> {
    match way(&permit, stripe.as_ref()).await?.stripe()? {
        None => permit.write(change::resume).await,
        Some(stripe) => at_leisure(async move { stripe::change::resume(&Acting::Member(permit), &stripe).await }).await,
    }
}

/// What a module costs at a moment, by whoever collects its plan.
///
/// # Errors
/// As `stripe::modules::preview`.
pub async fn priced_module(
    stripe: Option<&Stripe>,
    plans: &Plans,
    prepared: PreparedModule,
    at: Moment,
) -> Outcome<PreparedModule> {
    match Way::of(&prepared.billing, stripe).stripe()? {
        None => Ok(prepared),
        Some(stripe) => stripe::modules::preview(&stripe, plans, prepared, at).await,
    }
}

/// Adds a module as it was shown. Returns its name.
///
/// # Errors
/// As `actions::modules::add`.
pub async fn add_module(permit: Rc<ManagePermit>, stripe: Option<Stripe>, key: String, shown: Shown) -> Outcome<Done<String>> {
    match way(&permit, stripe.as_ref()).await?.stripe()? {
        None => Ok(Done::Made(permit.write(move |tx| modules::add(tx, &key, &shown)).await?)),
        Some(stripe) => {
            at_leisure(async move { stripe::modules::add(&Acting::Member(permit), &stripe, &key, &shown).await }).await
        }
    }
}

/// Lets a module end with the paid period. Returns its name and when.
///
/// # Errors
/// As `actions::modules::cancel`.
pub async fn cancel_module(permit: Rc<ManagePermit>, stripe: Option<Stripe>, key: String) -> Outcome<(String, Moment)> {
    match way(&permit, stripe.as_ref()).await?.stripe()? {
        None => permit.write(move |tx| modules::cancel(tx, &key)).await,
        Some(stripe) => at_leisure(async move { stripe::modules::cancel(&Acting::Member(permit), &stripe, &key).await }).await,
    }
}

/// Lets a module go on that was cancelled. Returns its name.
///
/// # Errors
/// As `actions::modules::keep`.
pub async fn keep_module(permit: Rc<ManagePermit>, stripe: Option<Stripe>, key: String) -> Outcome<String> {
    match way(&permit, stripe.as_ref()).await?.stripe()? {
        None => permit.write(move |tx| modules::keep(tx, &key)).await,
        Some(stripe) => at_leisure(async move { stripe::modules::keep(&Acting::Member(permit), &stripe, &key).await }).await,
    }
}

/// Removes a tax id, at Stripe first where that has it. Returns its value.
///
/// # Errors
/// `NotFound` without such a one; what Stripe refuses.
pub async fn remove_tax_id(permit: Rc<ManagePermit>, stripe: Option<Stripe>, id: Uuid) -> Outcome<String> {
    let billing = read_as(permit.db(), permit.organization.id, queries::billing).await?;
    let is_there = billing.tax_ids.iter().any(|tax_id| tax_id.id == id && tax_id.stripe_id.is_some());
    match (is_there, stripe) {
        (false, _) => Ok(permit.write(move |tx| details::remove_tax_id(tx, id)).await?),
        (true, None) => refuse(Refusal::NotSetUp),
        (true, Some(stripe)) => {
            at_leisure(async move { stripe::remove_tax_id(&Acting::Member(permit), &stripe, id).await }).await
        }
    }
}

/// How an organization pays now.
pub async fn way(permit: &ManagePermit, stripe: Option<&Stripe>) -> Result<Way> {
    let billing = read_as(permit.db(), permit.organization.id, queries::billing).await?;
    Ok(Way::of(&billing, stripe))
}

/// Does something to its end, also when the browser does not wait for it: Stripe may have begun.
pub async fn at_leisure<T: 'static>(work: impl Future<Output = Outcome<T>> + 'static) -> Outcome<T> {
    match actix_web::rt::spawn(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(crate::error::AppError::Internal(error.to_string()).into()),
    }
}
