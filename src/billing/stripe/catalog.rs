//! Products and prices at Stripe: one product a plan, one price for each currency and cycle, found by lookup key. They are
//! made by `roster operator stripe-sync`; a price that changes gets a new object, and who subscribed keeps the old one.

use std::collections::HashMap;

use super::super::subscription::Terms;
use crate::config::{Cycle, Plan, Plans};
use crate::money::Currency;
use crate::secret;
use crate::stripe::{Answer, NewPrice, NewProduct, Price, Product, Stripe};

/// The plan's key in the metadata of products and prices.
pub(super) const PLAN: &str = "roster_plan";
const PLAN_NAME: &str = "roster_plan_name";
const PER_MEMBER: &str = "roster_per_member";

/// A price as the file wants it.
struct Offer<'a> {
    plan: &'a Plan,
    terms: Terms,
}

impl Offer<'_> {
    fn lookup_key(&self) -> String {
        lookup_key(&self.terms)
    }
}

/// `roster_team_month_eur`
pub(super) fn lookup_key(terms: &Terms) -> String {
    format!("roster_{}_{}_{}", terms.plan, terms.cycle.key(), terms.currency.code().to_lowercase())
}

fn offers(plans: &Plans) -> Vec<Offer<'_>> {
    let of = |plan: &'_ Plan| -> Vec<Terms> {
        let cycles = |currency: Currency| Cycle::ALL.into_iter().filter_map(move |cycle| Terms::of(plan, currency, cycle));
        plan.prices.iter().flat_map(|price| cycles(price.currency)).collect()
    };
    plans.all.iter().flat_map(|plan| of(plan).into_iter().map(move |terms| Offer { plan, terms })).collect()
}

/// What a price stands for; none for one that is not ours.
pub(super) fn terms_of(price: &Price, plans: &Plans) -> Option<Terms> {
    let key = price.metadata.get(PLAN)?.clone();
    let name = plans.named(&key).map(|plan| plan.name.clone()).or_else(|| price.metadata.get(PLAN_NAME).cloned());
    Some(Terms {
        plan_name: name.unwrap_or_else(|| key.clone()),
        plan: key,
        cycle: Cycle::from_key(price.interval.as_deref()?)?,
        currency: Currency::from_code(&price.currency)?,
        unit_amount: price.unit_amount?,
        is_per_member: price.metadata.get(PER_MEMBER).is_some_and(|word| word == "true"),
    })
}

/// What the prices at Stripe stand for, by their ids.
pub(super) async fn terms_by_price(stripe: &Stripe, plans: &Plans) -> Answer<HashMap<String, Terms>> {
    let keys: Vec<String> = offers(plans).iter().map(Offer::lookup_key).collect();
    let prices = stripe.prices(&keys).await?;
    Ok(prices.into_iter().filter_map(|price| Some((price.id.clone(), terms_of(&price, plans)?))).collect())
}

/// The price at Stripe of some terms of the file; none where Stripe has none, or another one than the file.
pub(super) async fn price_of(stripe: &Stripe, terms: &Terms, plans: &Plans) -> Answer<Option<String>> {
    let found = stripe.prices(&[lookup_key(terms)]).await?.into_iter().find(|price| price.active);
    let price = found.filter(|price| terms_of(price, plans).as_ref() == Some(terms));
    if price.is_none() {
        tracing::error!(lookup_key = lookup_key(terms), "Stripe has no such price: run `roster operator stripe-sync`");
    }
    Ok(price.map(|price| price.id))
}

/// Makes the products and prices of the file at Stripe, as far as they are not there. Returns what was done, a line each.
///
/// # Errors
/// As Stripe; what was made before the error stays, and is found the next time.
pub async fn sync(stripe: &Stripe, plans: &Plans) -> Answer<Vec<String>> {
    let offers = offers(plans);
    let mut products: HashMap<String, Product> = HashMap::new();
    for product in stripe.products().await?.into_iter().filter(|product| product.active) {
        if let Some(plan) = product.metadata.get(PLAN) {
            products.entry(plan.clone()).or_insert(product);
        }
    }
    let keys: Vec<String> = offers.iter().map(Offer::lookup_key).collect();
    let prices: HashMap<String, Price> =
        stripe.prices(&keys).await?.into_iter().filter_map(|price| Some((price.lookup_key.clone()?, price))).collect();
    let mut done = Vec::new();
    for offer in &offers {
        let product = product_of(stripe, offer.plan, &mut products, &mut done).await?;
        let key = offer.lookup_key();
        let there = prices.get(&key).filter(|price| price.active && price.product == product);
        if there.and_then(|price| terms_of(price, plans)).as_ref() == Some(&offer.terms) {
            done.push(format!("{key} is there."));
            continue;
        }
        let new = new_price(offer, &product);
        let idempotency = format!("price-{key}-{}", digest(&format!("{product} {:?}", offer.terms)));
        stripe.create_price(&new, &idempotency).await?;
        done.push(format!("{key} is made: {}.", offer.terms.currency.money(offer.terms.unit_amount)));
    }
    Ok(done)
}

/// The product of a plan, made or brought up to date where that is needed.
async fn product_of(
    stripe: &Stripe,
    plan: &Plan,
    products: &mut HashMap<String, Product>,
    done: &mut Vec<String>,
) -> Answer<String> {
    let wanted = NewProduct {
        name: plan.name.clone(),
        description: plan.sentence.clone(),
        metadata: HashMap::from([(PLAN.to_owned(), plan.key.clone())]),
    };
    let is_same = |known: &Product| known.name == wanted.name && known.description.as_deref() == Some(&wanted.description);
    let content = digest(&format!("{}\n{}", wanted.name, wanted.description));
    let product = match products.get(&plan.key) {
        Some(known) if is_same(known) => return Ok(known.id.clone()),
        Some(known) => {
            done.push(format!("The product {} is brought up to date.", plan.name));
            stripe.update_product(&known.id, &wanted, &format!("product-{}-{content}", known.id)).await?
        }
        None => {
            done.push(format!("The product {} is made.", plan.name));
            stripe.create_product(&wanted, &format!("product-{}-{content}", plan.key)).await?
        }
    };
    let id = product.id.clone();
    products.insert(plan.key.clone(), product);
    Ok(id)
}

fn new_price(offer: &Offer<'_>, product: &str) -> NewPrice {
    let Terms { plan, plan_name, cycle, currency, unit_amount, is_per_member } = &offer.terms;
    NewPrice {
        product: product.to_owned(),
        currency: currency.code().to_lowercase(),
        unit_amount: *unit_amount,
        interval: cycle.key().to_owned(),
        lookup_key: offer.lookup_key(),
        nickname: format!("{plan_name}, by the {}", cycle.key()),
        metadata: HashMap::from([
            (PLAN.to_owned(), plan.clone()),
            (PLAN_NAME.to_owned(), plan_name.clone()),
            (PER_MEMBER.to_owned(), is_per_member.to_string()),
        ]),
    }
}

fn digest(words: &str) -> String {
    secret::encode(&secret::hash(words.as_bytes()))
}
