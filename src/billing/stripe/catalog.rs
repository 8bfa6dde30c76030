//! Products and prices at Stripe: one product a plan or module, one price for each currency and cycle, found by lookup key. They
//! are made by `roster operator stripe-sync`; a price that changes gets a new object, and who subscribed keeps the old one.

use std::collections::HashMap;

use super::super::modules;
use super::super::subscription::Terms;
use crate::config::{Cycle, Plans, Price as Offered};
use crate::money::Currency;
use crate::secret;
use crate::stripe::{Answer, NewPrice, NewProduct, Price, Product, Stripe, Subscription};

/// What a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plan,
    Module,
}

impl Kind {
    const ALL: [Kind; 2] = [Kind::Plan, Kind::Module];

    /// Where its key stands in the metadata of products and prices.
    const fn mark(self) -> &'static str {
        match self {
            Kind::Plan => "roster_plan",
            Kind::Module => "roster_module",
        }
    }
}

/// What prices stand for, by their ids.
pub(super) type Prices = HashMap<String, (Kind, Terms)>;

const NAME: &str = "roster_name";
const PER_MEMBER: &str = "roster_per_member";

/// A price as the file wants it.
struct Offer<'a> {
    kind: Kind,
    sentence: &'a str,
    terms: Terms,
}

impl Offer<'_> {
    fn lookup_key(&self) -> String {
        lookup_key(self.kind, &self.terms)
    }
}

/// `roster_team_month_eur`, `roster_module_reports_month_eur`
fn lookup_key(kind: Kind, terms: &Terms) -> String {
    let prefix = match kind {
        Kind::Plan => "roster",
        Kind::Module => "roster_module",
    };
    format!("{prefix}_{}_{}_{}", terms.plan, terms.cycle.key(), terms.currency.code().to_lowercase())
}

fn offers(plans: &Plans) -> Vec<Offer<'_>> {
    let mut all = Vec::new();
    for plan in &plans.all {
        let terms = |(currency, cycle)| Terms::of(plan, currency, cycle);
        let offer = |terms| Offer { kind: Kind::Plan, sentence: &plan.sentence, terms };
        all.extend(ways(&plan.prices).into_iter().filter_map(terms).map(offer));
    }
    for module in &plans.modules {
        let terms = |(currency, cycle)| modules::terms_of(module, currency, cycle);
        let offer = |terms| Offer { kind: Kind::Module, sentence: &module.sentence, terms };
        all.extend(ways(&module.prices).into_iter().filter_map(terms).map(offer));
    }
    all
}

/// Every currency with every cycle.
fn ways(prices: &[Offered]) -> Vec<(Currency, Cycle)> {
    prices.iter().flat_map(|price| Cycle::ALL.map(|cycle| (price.currency, cycle))).collect()
}

/// What a price stands for; none for one that is not ours.
pub(super) fn read(price: &Price, plans: &Plans) -> Option<(Kind, Terms)> {
    let kind = Kind::ALL.into_iter().find(|kind| price.metadata.contains_key(kind.mark()))?;
    let key = price.metadata.get(kind.mark())?.clone();
    let name = match kind {
        Kind::Plan => plans.named(&key).map(|plan| plan.name.clone()),
        Kind::Module => plans.module(&key).map(|module| module.name.clone()),
    };
    let name = name.or_else(|| price.metadata.get(NAME).cloned()).unwrap_or_else(|| key.clone());
    let terms = Terms {
        plan_name: name,
        plan: key,
        cycle: Cycle::from_key(price.interval.as_deref()?)?,
        currency: Currency::from_code(&price.currency)?,
        unit_amount: price.unit_amount?,
        is_per_member: price.metadata.get(PER_MEMBER).is_some_and(|word| word == "true"),
    };
    Some((kind, terms))
}

/// What the prices of a subscription stand for, of now and of what is planned, by their ids. What was planned stays at the price
/// of its day, which another one has taken the lookup key from since: each is asked for by its id.
pub(super) async fn prices_of(stripe: &Stripe, subscription: &Subscription, plans: &Plans) -> Answer<Prices> {
    let mut known: HashMap<String, Price> =
        subscription.items.iter().map(|item| (item.price.id.clone(), item.price.clone())).collect();
    for item in subscription.next.iter().flat_map(|next| &next.items) {
        if !known.contains_key(&item.price_id)
            && let Some(price) = stripe.price(&item.price_id).await?
        {
            known.insert(item.price_id.clone(), price);
        }
    }
    Ok(known.into_iter().filter_map(|(id, price)| Some((id, read(&price, plans)?))).collect())
}

/// The price at Stripe of some terms of the file; none where Stripe has none, or another one than the file.
pub(super) async fn price_of(stripe: &Stripe, kind: Kind, terms: &Terms, plans: &Plans) -> Answer<Option<String>> {
    let key = lookup_key(kind, terms);
    let found = stripe.prices(std::slice::from_ref(&key)).await?.into_iter().find(|price| price.active);
    let price = found.filter(|price| read(price, plans).is_some_and(|(of, there)| of == kind && there == *terms));
    if price.is_none() {
        tracing::error!(lookup_key = key, "Stripe has no such price: run `roster operator stripe-sync`");
    }
    Ok(price.map(|price| price.id))
}

/// Makes the products and prices of the file at Stripe, as far as they are not there. Returns what was done, a line each.
///
/// # Errors
/// As Stripe; what was made before the error stays, and is found the next time.
pub async fn sync(stripe: &Stripe, plans: &Plans) -> Answer<Vec<String>> {
    let offers = offers(plans);
    let mut products: HashMap<(&str, String), Product> = HashMap::new();
    for product in stripe.products().await?.into_iter().filter(|product| product.active) {
        let mark = Kind::ALL.into_iter().find_map(|kind| Some((kind.mark(), product.metadata.get(kind.mark())?.clone())));
        if let Some(mark) = mark {
            products.entry(mark).or_insert(product);
        }
    }
    let keys: Vec<String> = offers.iter().map(Offer::lookup_key).collect();
    let prices: HashMap<String, Price> =
        stripe.prices(&keys).await?.into_iter().filter_map(|price| Some((price.lookup_key.clone()?, price))).collect();
    let mut done = Vec::new();
    for offer in &offers {
        let product = product_of(stripe, offer, &mut products, &mut done).await?;
        let key = offer.lookup_key();
        let there = prices.get(&key).filter(|price| price.active && price.product == product);
        if there.and_then(|price| read(price, plans)).is_some_and(|(_, terms)| terms == offer.terms) {
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

/// The product of a plan or module, made or brought up to date where that is needed.
async fn product_of(
    stripe: &Stripe,
    offer: &Offer<'_>,
    products: &mut HashMap<(&str, String), Product>,
    done: &mut Vec<String>,
) -> Answer<String> {
    let Terms { plan: key, plan_name: name, .. } = &offer.terms;
    let wanted = NewProduct {
        name: name.clone(),
        description: offer.sentence.to_owned(),
        metadata: HashMap::from([(offer.kind.mark().to_owned(), key.clone())]),
    };
    let is_same = |known: &Product| known.name == wanted.name && known.description.as_deref() == Some(&wanted.description);
    let content = digest(&format!("{}\n{}", wanted.name, wanted.description));
    let mark = (offer.kind.mark(), key.clone());
    let product = match products.get(&mark) {
        Some(known) if is_same(known) => return Ok(known.id.clone()),
        Some(known) => {
            done.push(format!("The product {name} is brought up to date."));
            stripe.update_product(&known.id, &wanted, &format!("product-{}-{content}", known.id)).await?
        }
        None => {
            done.push(format!("The product {name} is made."));
            stripe.create_product(&wanted, &format!("product-{}-{key}-{content}", mark.0)).await?
        }
    };
    let id = product.id.clone();
    products.insert(mark, product);
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
            (offer.kind.mark().to_owned(), plan.clone()),
            (NAME.to_owned(), plan_name.clone()),
            (PER_MEMBER.to_owned(), is_per_member.to_string()),
        ]),
    }
}

fn digest(words: &str) -> String {
    secret::encode(&secret::hash(words.as_bytes()))
}
