//! What the console sends to Stripe.

use crate::clock::Moment;
use std::collections::HashMap;

/// Who a customer is. An empty text unsets what Stripe has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerDetails {
    /// The name on invoices.
    pub name: String,
    /// Where Stripe writes to.
    pub email: String,
    /// Street and number.
    pub line1: String,
    /// What else the address has.
    pub line2: String,
    /// The postal code.
    pub postal_code: String,
    /// The town.
    pub city: String,
    /// The state or province, where addresses have one.
    pub state: String,
    /// Two letters in upper case.
    pub country: String,
    /// Whether they account for the VAT themselves (reverse charge).
    pub accounts_for_vat: bool,
}

/// A visit of Stripe's page that saves a way to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetupPage<'a> {
    /// Whose.
    pub customer: &'a str,
    /// In lower case; decides which ways to pay the page offers.
    pub currency: &'a str,
    /// Where the page leads when it is done; `{CHECKOUT_SESSION_ID}` in it becomes the session's id.
    pub success_url: &'a str,
    /// Where it leads when the customer goes back.
    pub cancel_url: &'a str,
    /// The page's language as Stripe names it such as `de`; empty: the browser's.
    pub locale: &'a str,
}

/// A price and how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextItem {
    /// `price_…`
    pub price: String,
    /// How many.
    pub quantity: i64,
}

/// A subscription to begin. If its trial ends and there is nothing to charge, it is canceled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSubscription {
    /// Whose.
    pub customer: String,
    /// What for.
    pub items: Vec<NextItem>,
    /// Free up to this moment.
    pub trial_ends_at: Option<Moment>,
    /// The ids of the tax rates on its invoices.
    pub default_tax_rates: Vec<String>,
    /// What a first payment that fails makes of it, such as `error_if_incomplete`; empty: Stripe's default.
    pub payment_behavior: &'static str,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

/// A change of a subscription's items: one with an id is changed or deleted, one without is added, the others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemChange {
    /// `si_…`
    pub id: Option<String>,
    /// The new price.
    pub price: Option<String>,
    /// The new count.
    pub quantity: Option<i64>,
    /// Whether it goes.
    pub deleted: bool,
    /// Whether the tax rates of its own are taken away.
    pub without_tax_rates: bool,
}

/// A change of a subscription. What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionChange {
    /// The items that change.
    pub items: Vec<ItemChange>,
    /// `create_prorations`, `always_invoice`, `none`.
    pub proration_behavior: Option<&'static str>,
    /// The moment from which it is prorated, as in the preview.
    pub proration_date: Option<Moment>,
    /// What a payment that fails makes of it, such as `error_if_incomplete`.
    pub payment_behavior: Option<&'static str>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: Option<bool>,
    /// Whether its trial ends now; goes before `trial_ends_at`.
    pub trial_end_now: bool,
    /// Free up to this moment.
    pub trial_ends_at: Option<Moment>,
    /// The ids of the tax rates on its invoices; an empty list takes them away.
    pub default_tax_rates: Option<Vec<String>>,
    /// What is charged; an empty text: the customer's default.
    pub default_payment_method: Option<&'static str>,
    /// `charge_automatically`, `send_invoice`.
    pub collection_method: Option<&'static str>,
    /// What the console keeps at it; other keys stay.
    pub metadata: HashMap<String, String>,
}

/// The invoice to look at before it is made: of a change of a subscription, or of a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Whose.
    pub customer: String,
    /// The subscription that changes, none for a new one.
    pub subscription: Option<String>,
    /// The items that change, or those of the new subscription.
    pub items: Vec<ItemChange>,
    /// `create_prorations`, `always_invoice`, `none`.
    pub proration_behavior: Option<&'static str>,
    /// The moment from which it is prorated.
    pub proration_date: Option<Moment>,
    /// Whether the trial ends now.
    pub trial_end_now: bool,
    /// The ids of the tax rates; an empty list takes them away.
    pub default_tax_rates: Option<Vec<String>>,
}

/// An amount for an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewInvoiceItem {
    /// Whose.
    pub customer: String,
    /// The subscription whose next invoice takes it; else the customer's next one does.
    pub subscription: Option<String>,
    /// The draft that takes it at once.
    pub invoice: Option<String>,
    /// Minor units before tax; below zero it is credit.
    pub amount: i64,
    /// In lower case.
    pub currency: String,
    /// What it is for.
    pub description: String,
    /// When the time that it is for begins.
    pub from: Moment,
    /// When that time ends.
    pub to: Moment,
    /// The ids of its tax rates; none: the invoice's.
    pub tax_rates: Vec<String>,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

/// A change of a customer's balance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewBalanceTransaction {
    /// Minor units; below zero it is to the customer's credit.
    pub amount: i64,
    /// In lower case.
    pub currency: String,
    /// What it is, for those who look at Stripe.
    pub description: String,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

/// A product to make, or what to make of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewProduct {
    /// What invoices call it.
    pub name: String,
    /// More about it, empty for nothing.
    pub description: String,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

/// A price to make. It takes its lookup key over from an older price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPrice {
    /// Its product's id.
    pub product: String,
    /// In lower case.
    pub currency: String,
    /// Minor units for each.
    pub unit_amount: i64,
    /// `month` or `year`; empty if it is paid once.
    pub interval: String,
    /// The name by which it is found, empty for none.
    pub lookup_key: String,
    /// A name for people at Stripe's dashboard, empty for none.
    pub nickname: String,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

/// A tax rate to make, which is added to amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTaxRate {
    /// What invoices call it.
    pub display_name: String,
    /// Hundredths of a percent: 19 % is 1900.
    pub percentage_basis_points: i64,
    /// Two letters in upper case.
    pub country: Option<String>,
    /// For people at Stripe's dashboard, empty for none.
    pub description: String,
}
