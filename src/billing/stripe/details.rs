//! Who is invoiced, as Stripe is told.

use super::super::account::Billing;
use crate::access::Organization;
use crate::config::Issuer;
use crate::secret;
use crate::stripe::CustomerDetails;

/// What Stripe is told about who is invoiced.
pub(super) fn details(billing: &Billing, organization: &Organization, issuer: &Issuer) -> CustomerDetails {
    let account = &billing.account;
    CustomerDetails {
        name: if account.name.is_empty() { organization.name.clone() } else { account.name.clone() },
        email: account.email.clone(),
        line1: account.line1.clone(),
        line2: account.line2.clone(),
        postal_code: account.postal_code.clone(),
        city: account.city.clone(),
        state: account.region.clone(),
        country: account.country.clone(),
        accounts_for_vat: !billing.vat(issuer).note.is_empty(),
    }
}

/// Tells details from others.
pub(super) fn hash_of(details: &CustomerDetails) -> String {
    secret::encode(&secret::hash(format!("{details:?}").as_bytes()))
}
