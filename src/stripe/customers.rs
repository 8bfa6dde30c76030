//! Customers and their tax ids.

use super::client::Stripe;
use super::error::{Answer, StripeError};
use super::inputs::{CustomerDetails, NewBalanceTransaction};
use super::objects::{BalanceTransaction, Customer, TaxId};
use super::params::Params;
use uuid::Uuid;

/// How many tax ids are read at most; Stripe's own limit for a customer is 5 on an invoice.
const TAX_IDS: usize = 100;
/// How many changes of a balance are read at most, the newest.
const BALANCE_TRANSACTIONS: usize = 100;

impl Stripe {
    /// Makes the customer of an organization; its metadata says whose it is.
    pub async fn create_customer(&self, details: &CustomerDetails, organization: Uuid, key: &str) -> Answer<Customer> {
        // There is nothing to unset yet, and Stripe may refuse to.
        let filled = pairs(details).into_iter().filter(|(_, value)| !value.is_empty());
        let params = filled.fold(Params::new(), |params, (name, value)| params.with(name, value));
        self.post(&["customers"], &params.with("metadata[roster_organization]", organization), key).await
    }

    /// A customer; one that was deleted says so.
    pub async fn customer(&self, id: &str) -> Answer<Customer> {
        self.get(&["customers", id], &Params::new()).await
    }

    /// Changes who a customer is.
    pub async fn update_customer(&self, id: &str, details: &CustomerDetails, key: &str) -> Answer<Customer> {
        let params = pairs(details).into_iter().fold(Params::new(), |params, (name, value)| params.with(name, value));
        self.post(&["customers", id], &params, key).await
    }

    /// Decides what a customer's invoices are charged to.
    pub async fn set_default_payment_method(&self, customer: &str, payment_method: &str, key: &str) -> Answer<Customer> {
        let params = Params::new().with("invoice_settings[default_payment_method]", payment_method);
        self.post(&["customers", customer], &params, key).await
    }

    /// The changes of a customer's balance, newest first, 100 at most.
    pub async fn balance_transactions(&self, customer: &str) -> Answer<Vec<BalanceTransaction>> {
        self.list(&["customers", customer, "balance_transactions"], &Params::new(), BALANCE_TRANSACTIONS).await
    }

    /// Changes a customer's balance. It binds one without a currency to that of the amount.
    pub async fn create_balance_transaction(
        &self,
        customer: &str,
        new: &NewBalanceTransaction,
        key: &str,
    ) -> Answer<BalanceTransaction> {
        let params = Params::new()
            .with("amount", new.amount)
            .with("currency", &new.currency)
            .with_filled("description", &new.description)
            .with_map("metadata", &new.metadata);
        self.post(&["customers", customer, "balance_transactions"], &params, key).await
    }

    /// A customer's tax ids, newest first, 100 at most.
    pub async fn tax_ids(&self, customer: &str) -> Answer<Vec<TaxId>> {
        self.list(&["customers", customer, "tax_ids"], &Params::new(), TAX_IDS).await
    }

    /// Adds a tax id of a kind such as `eu_vat`; `tax_id_invalid` if it cannot be one.
    pub async fn create_tax_id(&self, customer: &str, kind: &str, value: &str, key: &str) -> Answer<TaxId> {
        let params = Params::new().with("type", kind).with("value", value);
        self.post(&["customers", customer, "tax_ids"], &params, key).await
    }

    /// Takes a tax id away, or finds that it is gone.
    pub async fn delete_tax_id(&self, customer: &str, id: &str) -> Answer<()> {
        match self.delete(&["customers", customer, "tax_ids", id], &Params::new()).await {
            Err(StripeError::Missing) => Ok(()),
            outcome => outcome,
        }
    }
}

fn pairs(details: &CustomerDetails) -> [(&'static str, &str); 9] {
    [
        ("name", &details.name),
        ("email", &details.email),
        ("address[line1]", &details.line1),
        ("address[line2]", &details.line2),
        ("address[postal_code]", &details.postal_code),
        ("address[city]", &details.city),
        ("address[state]", &details.state),
        ("address[country]", &details.country),
        // Stripe puts the note that the law wants onto the invoice.
        ("tax_exempt", if details.accounts_for_vat { "reverse" } else { "none" }),
    ]
}
