//! VAT and tax ids at Stripe: the rate that the file of plans gives for who is invoiced, as a tax rate of Stripe's.

use uuid::Uuid;

use super::super::account::Billing;
use super::super::actions::details;
use super::super::refusal::Outcome;
use super::super::vat::{VatRule, label};
use super::talk::{Acting, Talk};
use crate::error::AppError;
use crate::stripe::{Answer, NewTaxRate, Stripe};

/// The ids of the rates that are added; none where no VAT is.
pub(super) async fn rates(stripe: &Stripe, rule: &VatRule, billing: &Billing) -> Answer<Vec<String>> {
    if rule.basis_points == 0 {
        return Ok(Vec::new());
    }
    let country = billing.account.country().map(|country| country.code().to_owned()).unwrap_or_default();
    let known = stripe.tax_rates().await?.into_iter().find(|rate| {
        rate.active
            && rate.percentage_basis_points == rule.basis_points
            && rate.country.as_deref() == Some(country.as_str())
            && rate.display_name == NAME
    });
    if let Some(rate) = known {
        return Ok(vec![rate.id]);
    }
    let new = NewTaxRate {
        display_name: NAME.to_owned(),
        percentage_basis_points: rule.basis_points,
        country: Some(country.clone()),
        description: label(rule.basis_points),
    };
    let made = stripe.create_tax_rate(&new, &format!("tax-rate-{country}-{}", rule.basis_points)).await?;
    Ok(vec![made.id])
}

/// Removes a tax id at Stripe and here. Returns its value.
///
/// # Errors
/// `NotFound` without such a one.
pub async fn remove_tax_id(acting: &Acting, stripe: &Stripe, id: Uuid) -> Outcome<String> {
    Talk::hold(acting, stripe, async |talk| {
        let billing = talk.billing().await?;
        let tax_id = billing.tax_ids.iter().find(|tax_id| tax_id.id == id).ok_or(AppError::NotFound)?;
        if let Some((customer, stripe_id)) = billing.stripe.customer.as_deref().zip(tax_id.stripe_id.as_deref()) {
            stripe.delete_tax_id(customer, stripe_id).await?;
        }
        Ok(talk.acting.write(move |tx| details::remove_tax_id(tx, id)).await?)
    })
    .await
}

const NAME: &str = "VAT";

/// What Stripe says of a tax id, in the states of our table.
pub(super) fn state(theirs: &str) -> &str {
    match theirs {
        "verified" | "unverified" | "pending" => theirs,
        _ => "unavailable",
    }
}
