//! Payment methods: added in Stripe's own form, so that no card number and no script of others touches our pages.

use uuid::Uuid;

use super::super::account::Billing;
use super::super::payment_method::PaymentMethod;
use super::super::refusal::{Outcome, Refusal, refuse};
use super::super::subscription::Status;
use super::change::followed;
use super::look::{deed, look_for_added};
use super::talk::{Acting, Talk};
use crate::error::AppError;
use crate::stripe::{SetupPage, Stripe};

/// What Stripe puts the id of its page in place of.
const SESSION: &str = "{CHECKOUT_SESSION_ID}";

/// Begins to add a payment method. `added` and `left` are the addresses that Stripe's form leads back to. Returns the form's.
///
/// # Errors
/// What Stripe refuses.
pub async fn begin(acting: &Acting, stripe: &Stripe, added: &str, left: &str) -> Outcome<String> {
    Talk::hold(acting, stripe, async |talk| {
        let customer = talk.customer().await?;
        let success_url = format!("{added}{}session={SESSION}", if added.contains('?') { '&' } else { '?' });
        let currency = talk.billing().await?.account.currency().or(first_currency(talk));
        let currency = currency.map(|currency| currency.code().to_lowercase()).unwrap_or_default();
        let setup =
            SetupPage { customer: &customer, success_url: &success_url, cancel_url: left, currency: &currency, locale: "" };
        let session = stripe.begin_setup(&setup, &talk.key("setup")).await?;
        match session.url.filter(|page| stripe.is_its_page(page)) {
            Some(page) => Ok(page),
            None => refuse(Refusal::NotTaken),
        }
    })
    .await
}

fn first_currency(talk: &Talk) -> Option<crate::money::Currency> {
    talk.acting.db().plans().currencies().first().copied()
}

/// A payment method that came from Stripe's form.
pub struct Added {
    pub method: PaymentMethod,
    /// Whether it is charged from now on, since the one before did not work.
    pub is_chosen: bool,
}

/// Notes what came of Stripe's form; while a payment has failed, what was added is charged from now on. None where nothing was
/// added.
///
/// # Errors
/// `NotFound` for a form of another customer.
pub async fn finish(acting: &Acting, stripe: &Stripe, session: &str) -> Outcome<Option<Added>> {
    Talk::hold(acting, stripe, async |talk| {
        let session = stripe.checkout_session(session).await?;
        let billing = talk.billing().await?;
        if session.customer.is_none() || session.customer != billing.stripe.customer {
            return Err(AppError::NotFound.into());
        }
        look_for_added(talk).await?;
        let added = session.payment_method.filter(|_| session.status == "complete");
        let billing = talk.billing().await?;
        let method = added.and_then(|id| billing.methods.iter().find(|method| method.stripe_id == id).cloned());
        let Some(method) = method else { return Ok(None) };
        let is_chosen = has_failed(&billing);
        if let Some(customer) = billing.stripe.customer.filter(|_| is_chosen && !method.is_default) {
            talk.stripe.set_default_payment_method(&customer, &method.stripe_id, &talk.key("choose-added")).await?;
            followed(talk).await;
        }
        Ok(Some(Added { method, is_chosen }))
    })
    .await
}

/// Whether what is charged by default did not pay.
fn has_failed(billing: &Billing) -> bool {
    let is_past_due = billing.running().is_some_and(|current| current.is_at_stripe() && current.status() == Status::PastDue);
    is_past_due || billing.unpaid_by(true).is_some_and(|unpaid| unpaid.status == "failed")
}

/// Has a method be charged from now on. Returns it.
///
/// # Errors
/// `NotFound` without such a one.
pub async fn choose(acting: &Acting, stripe: &Stripe, id: Uuid) -> Outcome<PaymentMethod> {
    deed(acting, stripe, async |talk| {
        let billing = talk.billing().await?;
        let (customer, method) = named(&billing, id)?;
        stripe.set_default_payment_method(&customer, &method.stripe_id, &talk.key("choose")).await?;
        followed(talk).await;
        Ok(method)
    })
    .await
}

/// Removes a method. Returns it.
///
/// # Errors
/// `NotFound` without such a one, `LastMethod` for the only one of a paid plan.
pub async fn remove(acting: &Acting, stripe: &Stripe, id: Uuid) -> Outcome<PaymentMethod> {
    deed(acting, stripe, async |talk| {
        let billing = talk.billing().await?;
        let (customer, method) = named(&billing, id)?;
        let is_paid = is_paid_there(&billing);
        let left = stripe.payment_methods(&customer).await?;
        let left: Vec<_> = left.iter().filter(|other| other.id != method.stripe_id).collect();
        let Some(heir) = left.iter().max_by_key(|other| other.created) else {
            return if is_paid { refuse(Refusal::LastMethod) } else { detach(talk, &method).await.map(|()| method) };
        };
        if method.is_default {
            // At no moment is there none that could be charged.
            stripe.set_default_payment_method(&customer, &heir.id, &talk.key("heir")).await?;
        }
        detach(talk, &method).await?;
        Ok(method)
    })
    .await
}

/// Whether a plan is paid there, which takes a payment method.
pub fn is_paid_there(billing: &Billing) -> bool {
    billing.running().is_some_and(|current| current.is_at_stripe() && !current.is_trial())
}

async fn detach(talk: &Talk, method: &PaymentMethod) -> Outcome<()> {
    talk.stripe.detach_payment_method(&method.stripe_id, &talk.key("remove")).await?;
    followed(talk).await;
    Ok(())
}

fn named(billing: &Billing, id: Uuid) -> Outcome<(String, PaymentMethod)> {
    let method = billing.methods.iter().find(|method| method.id == id).cloned();
    billing.stripe.customer.clone().zip(method).ok_or(AppError::NotFound.into())
}
