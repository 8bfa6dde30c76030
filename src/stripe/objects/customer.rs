//! A customer, and what belongs to it: payment methods, tax ids, sessions of Stripe's page that saves a card.

use super::fields::{Fields, Object};
use crate::clock::Moment;
use crate::stripe::{Answer, CustomerDetails};
use std::collections::HashMap;

/// Who pays. A deleted customer has its id and `deleted`, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// `cus_…`
    pub id: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Minor units; below zero it is credit for the next invoices.
    pub balance: i64,
    /// The currency that the customer is bound to, once there was an invoice.
    pub currency: Option<String>,
    /// The payment method that invoices are charged to.
    pub default_payment_method: Option<String>,
    /// Who it is.
    pub details: CustomerDetails,
    /// `none`, `exempt`, `reverse`: of these the details know the last only.
    pub tax_exempt: String,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

impl Object for Customer {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            deleted: fields.flag("/deleted")?,
            balance: fields.number("/balance")?,
            currency: fields.optional_text("/currency")?,
            default_payment_method: fields.optional_id("/invoice_settings/default_payment_method")?,
            details: details(fields)?,
            tax_exempt: fields.text("/tax_exempt")?,
            metadata: fields.map("/metadata")?,
        })
    }
}

fn details(fields: Fields<'_>) -> Answer<CustomerDetails> {
    Ok(CustomerDetails {
        name: fields.text("/name")?,
        email: fields.text("/email")?,
        line1: fields.text("/address/line1")?,
        line2: fields.text("/address/line2")?,
        postal_code: fields.text("/address/postal_code")?,
        city: fields.text("/address/city")?,
        state: fields.text("/address/state")?,
        country: fields.text("/address/country")?,
        accounts_for_vat: fields.text("/tax_exempt")? == "reverse",
    })
}

/// A change of a customer's balance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BalanceTransaction {
    /// `cbtxn_…`
    pub id: String,
    /// Minor units; below zero it is to the customer's credit.
    pub amount: i64,
    /// In lower case.
    pub currency: String,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

impl Object for BalanceTransaction {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            amount: fields.number("/amount")?,
            currency: fields.text("/currency")?,
            metadata: fields.map("/metadata")?,
        })
    }
}

/// What a customer pays with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentMethod {
    /// `pm_…`
    pub id: String,
    /// Stripe's `type` such as `card`, `sepa_debit`.
    pub kind: String,
    /// A card's brand as Stripe writes it (`visa`); of others the kind in words.
    pub brand: String,
    /// The last four digits, empty if there are none.
    pub last4: String,
    /// 1 to 12 for cards, 0 for others.
    pub exp_month: i32,
    /// With its century for cards, 0 for others.
    pub exp_year: i32,
    /// When it was made.
    pub created: Moment,
}

impl Object for PaymentMethod {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        let kind = fields.text("/type")?;
        let brand = if kind == "card" { fields.text("/card/brand")? } else { in_words(&kind) };
        let small = |number: i64| i32::try_from(number).unwrap_or_default();
        Ok(Self {
            id: fields.id("/id")?,
            brand,
            last4: fields.text(&format!("/{kind}/last4"))?,
            exp_month: small(fields.number("/card/exp_month")?),
            exp_year: small(fields.number("/card/exp_year")?),
            created: fields.moment("/created")?,
            kind,
        })
    }
}

fn in_words(kind: &str) -> String {
    let words = match kind {
        "acss_debit" => "Canadian pre-authorized debit",
        "au_becs_debit" => "BECS Direct Debit",
        "bacs_debit" => "Bacs Direct Debit",
        "cashapp" => "Cash App Pay",
        "ideal" => "iDEAL",
        "paypal" => "PayPal",
        "sepa_debit" => "SEPA Direct Debit",
        "us_bank_account" => "US bank account",
        _ => "",
    };
    if !words.is_empty() {
        return words.to_owned();
    }
    let plain = kind.replace('_', " ");
    let mut letters = plain.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A customer's number at a tax authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaxId {
    /// `txi_…`
    pub id: String,
    /// Stripe's `type` such as `eu_vat`.
    pub kind: String,
    /// The number.
    pub value: String,
    /// `pending`, `verified`, `unverified`, `unavailable`; empty if Stripe says nothing.
    pub verification: String,
}

impl Object for TaxId {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            kind: fields.text("/type")?,
            value: fields.text("/value")?,
            verification: fields.text("/verification/status")?,
        })
    }
}

/// A visit of Stripe's page that saves a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckoutSession {
    /// `cs_…`
    pub id: String,
    /// Where to send the customer, while it is open.
    pub url: Option<String>,
    /// `open`, `complete`, `expired`.
    pub status: String,
    /// Whose card it saves.
    pub customer: Option<String>,
    /// The payment method that it saved; only known to [`crate::stripe::Stripe::checkout_session`].
    pub payment_method: Option<String>,
    /// The status of its setup intent such as `succeeded`; empty while it is not known.
    pub setup_status: String,
}

impl Object for CheckoutSession {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            url: fields.optional_text("/url")?,
            status: fields.text("/status")?,
            customer: fields.optional_id("/customer")?,
            payment_method: fields.optional_id("/setup_intent/payment_method")?,
            setup_status: fields.text("/setup_intent/status")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn payment_methods_that_are_not_cards() {
        let value = json!({ "id": "pm_1", "type": "sepa_debit", "sepa_debit": { "last4": "3000" }, "created": 1 });
        let method = PaymentMethod::read(Fields::of(&value)).unwrap();
        assert_eq!((method.brand.as_str(), method.last4.as_str(), method.exp_year), ("SEPA Direct Debit", "3000", 0));
        let value = json!({ "id": "pm_1", "type": "amazon_pay", "amazon_pay": {}, "created": 1 });
        assert_eq!(PaymentMethod::read(Fields::of(&value)).unwrap().brand, "Amazon pay");
    }

    #[test]
    fn deleted_customers_have_an_id_only() {
        let value = json!({ "id": "cus_1", "object": "customer", "deleted": true });
        let customer = Customer::read(Fields::of(&value)).unwrap();
        assert!(customer.deleted && customer.metadata.is_empty());
    }
}
