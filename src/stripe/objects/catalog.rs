//! What is sold: products, their prices, and the tax rates on them.

use super::fields::{Fields, Object};
use crate::stripe::Answer;
use std::collections::HashMap;

/// A thing that is sold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// `prod_…`
    pub id: String,
    /// What invoices call it.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// Whether it is still sold.
    pub active: bool,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

impl Object for Product {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            name: fields.text("/name")?,
            description: fields.optional_text("/description")?,
            active: fields.flag("/active")?,
            metadata: fields.map("/metadata")?,
        })
    }
}

/// What a product costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// `price_…`
    pub id: String,
    /// Its product's id.
    pub product: String,
    /// The name by which the console finds it.
    pub lookup_key: Option<String>,
    /// Minor units for each; absent if it has a fraction of them.
    pub unit_amount: Option<i64>,
    /// In lower case.
    pub currency: String,
    /// `month`, `year`, `week`, `day`; absent if it is paid once.
    pub interval: Option<String>,
    /// Whether it can still be used.
    pub active: bool,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

impl Object for Price {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            product: fields.id("/product")?,
            lookup_key: fields.optional_text("/lookup_key")?,
            unit_amount: fields.optional_number("/unit_amount")?,
            currency: fields.text("/currency")?,
            interval: fields.optional_text("/recurring/interval")?,
            active: fields.flag("/active")?,
            metadata: fields.map("/metadata")?,
        })
    }
}

/// A tax that is added to amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaxRate {
    /// `txr_…`
    pub id: String,
    /// Hundredths of a percent: 19 % is 1900. What is finer is rounded.
    pub percentage_basis_points: i64,
    /// Two letters in upper case.
    pub country: Option<String>,
    /// Whether it can still be used.
    pub active: bool,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
    /// What invoices call it.
    pub display_name: String,
}

impl Object for TaxRate {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            percentage_basis_points: (fields.fraction("/percentage")? * 100.0).round() as i64,
            country: fields.optional_text("/country")?,
            active: fields.flag("/active")?,
            metadata: fields.map("/metadata")?,
            display_name: fields.text("/display_name")?,
        })
    }
}
