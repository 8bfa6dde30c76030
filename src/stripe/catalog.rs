//! What is sold: products, their prices, and the tax rates on them.

use super::client::Stripe;
use super::error::{Answer, StripeError};
use super::inputs::{NewPrice, NewProduct, NewTaxRate};
use super::objects::{Price, Product, TaxRate};
use super::params::Params;

/// How many products or tax rates are read at most.
const MOST: usize = 1000;

/// How many lookup keys Stripe takes in one request.
const LOOKUP_KEYS: usize = 10;

impl Stripe {
    /// The products, newest first, 1000 at most.
    pub async fn products(&self) -> Answer<Vec<Product>> {
        self.list(&["products"], &Params::new(), MOST).await
    }

    /// Makes a product.
    pub async fn create_product(&self, new: &NewProduct, key: &str) -> Answer<Product> {
        let params = Params::new().with("name", &new.name).with_filled("description", &new.description);
        self.post(&["products"], &params.with_map("metadata", &new.metadata), key).await
    }

    /// Changes a product; an empty description unsets it, other metadata stays.
    pub async fn update_product(&self, id: &str, new: &NewProduct, key: &str) -> Answer<Product> {
        let params = Params::new().with("name", &new.name).with("description", &new.description);
        self.post(&["products", id], &params.with_map("metadata", &new.metadata), key).await
    }

    /// The prices that hold any of these lookup keys, also those that are no longer active.
    pub async fn prices(&self, lookup_keys: &[String]) -> Answer<Vec<Price>> {
        let mut found = vec![];
        for keys in lookup_keys.chunks(LOOKUP_KEYS) {
            let query = Params::new().with_list("lookup_keys", keys);
            found.extend(self.list::<Price>(&["prices"], &query, LOOKUP_KEYS).await?);
        }
        Ok(found)
    }

    /// A price by its id, whether or not it holds a lookup key; none where Stripe has none of it.
    pub async fn price(&self, id: &str) -> Answer<Option<Price>> {
        match self.get(&["prices", id], &Params::new()).await {
            Ok(price) => Ok(Some(price)),
            Err(StripeError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a price, which takes its lookup key over from the price that held it.
    pub async fn create_price(&self, new: &NewPrice, key: &str) -> Answer<Price> {
        let mut params = Params::new()
            .with("product", &new.product)
            .with("currency", &new.currency)
            .with("unit_amount", new.unit_amount)
            .with_filled("recurring[interval]", &new.interval)
            .with_filled("nickname", &new.nickname)
            .with_map("metadata", &new.metadata);
        if !new.lookup_key.is_empty() {
            params = params.with("lookup_key", &new.lookup_key).with("transfer_lookup_key", true);
        }
        self.post(&["prices"], &params, key).await
    }

    /// The tax rates, newest first, 1000 at most.
    pub async fn tax_rates(&self) -> Answer<Vec<TaxRate>> {
        self.list(&["tax_rates"], &Params::new(), MOST).await
    }

    /// Makes a tax rate that is added to amounts.
    pub async fn create_tax_rate(&self, new: &NewTaxRate, key: &str) -> Answer<TaxRate> {
        let points = new.percentage_basis_points;
        let params = Params::new()
            .with("display_name", &new.display_name)
            .with("percentage", format!("{}.{:02}", points / 100, points.rem_euclid(100)))
            .with("inclusive", false)
            .with_some("country", new.country.as_ref())
            .with_filled("description", &new.description);
        self.post(&["tax_rates"], &params, key).await
    }
}
