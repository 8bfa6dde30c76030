//! The file of the plans, field by field.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::issuer::IssuerText;
use super::modules::{self, ModuleText};
use super::{Feature, Included, Item, Plan, Plans, Price};
use crate::config::toml_file::{Mistake, words};
use crate::money::Currency;

/// Highest price and most slots: sums of them stay far from the end of the numbers.
const HIGHEST_PRICE: i64 = 100_000_000_000;
const MOST_SLOTS: i64 = 10_000_000;
/// Most units of a metered item that a number of the file counts.
const MOST_UNITS: i64 = 1_000_000_000_000;
const LONGEST_TRIAL: i64 = 365;
/// A hundred years.
const MOST_ACTIVITY_DAYS: i64 = 36_500;
const LONGEST_KEY: usize = 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileText {
    #[serde(default)]
    issuer: IssuerText,
    #[serde(default)]
    items: Vec<ItemText>,
    plans: Vec<Spanned<PlanText>>,
    #[serde(default)]
    modules: Vec<Spanned<ModuleText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemText {
    key: Spanned<String>,
    name: Spanned<String>,
    #[serde(default)]
    per: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncludedText {
    item: Spanned<String>,
    quantity: Spanned<i64>,
    #[serde(default)]
    prices: BTreeMap<Spanned<String>, Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanText {
    key: Spanned<String>,
    name: Spanned<String>,
    sentence: Spanned<String>,
    #[serde(default)]
    highlights: Vec<Spanned<String>>,
    #[serde(default)]
    charge: Option<Spanned<String>>,
    member_slots: Spanned<Slots>,
    #[serde(default)]
    features: Vec<Spanned<String>>,
    #[serde(default)]
    prices: BTreeMap<Spanned<String>, PriceText>,
    #[serde(default)]
    trial_days: Option<Spanned<i64>>,
    #[serde(default)]
    included: Vec<IncludedText>,
    #[serde(default)]
    modules: Vec<Spanned<String>>,
    #[serde(default)]
    activity_days: Option<Spanned<i64>>,
    #[serde(default)]
    on_request: bool,
    #[serde(default)]
    offered: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Slots {
    Number(i64),
    Word(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceText {
    month: Option<Spanned<i64>>,
    year: Option<Spanned<i64>>,
}

/// What the file says, if it makes sense.
pub(super) fn plans(file: FileText) -> Result<Plans, Mistake> {
    let (items, known_modules) = (items(file.items)?, modules::keys(&file.modules));
    let (mut keys, mut all) = (HashSet::new(), Vec::new());
    for text in file.plans {
        let span = text.span();
        let plan = plan(text.into_inner(), &mut keys, (&items, &known_modules))?;
        let costs_nothing = plan.prices.is_empty() && !plan.on_request;
        if all.is_empty() && costs_nothing && plan.trial_days > 0 {
            return Err((span, "expected no trial_days: what costs nothing needs no trial".to_owned()));
        }
        match (all.is_empty(), costs_nothing) {
            (true, false) => {
                return Err((
                    span,
                    "expected the first plan to be without prices: it is that of who has not subscribed".to_owned(),
                ));
            }
            (false, true) => {
                return Err((span, "expected prices, or on_request = true: only the first plan costs nothing".to_owned()));
            }
            _ => all.push(plan),
        }
    }
    if all.is_empty() {
        return Err((0..0, "expected at least one plan".to_owned()));
    }
    let modules = modules::modules(file.modules, &all)?;
    Ok(Plans { all, items, modules, issuer: file.issuer.check()? })
}

fn items(texts: Vec<ItemText>) -> Result<Vec<Item>, Mistake> {
    let mut keys = HashSet::new();
    let item = |text: ItemText| {
        let key = key(text.key, &mut keys)?;
        let per = text.per.map_or(Ok(1), |per| number(per, 1, MOST_UNITS))?;
        Ok(Item { key, name: words(text.name, 40, "the name")?, per })
    };
    texts.into_iter().map(item).collect()
}

/// A key that no other one has.
pub(super) fn key(text: Spanned<String>, known: &mut HashSet<String>) -> Result<String, Mistake> {
    let (span, key) = (text.span(), text.into_inner());
    if !is_key(&key) {
        return Err((span, format!("expected a key of lower-case letters, digits, - and _ such as team, found {key:?}")));
    }
    if !known.insert(key.clone()) {
        return Err((span, format!("expected each key once, found {key:?} again")));
    }
    Ok(key)
}

fn included(text: IncludedText, items: &[Item]) -> Result<Included, Mistake> {
    let (span, item) = (text.item.span(), text.item.into_inner());
    if !items.iter().any(|known| known.key == item) {
        return Err((span, format!("expected the key of one of the items, found {item:?}")));
    }
    let prices = text.prices.into_iter().map(|(code, amount)| Ok((currency(&code)?, number(amount, 1, HIGHEST_PRICE)?)));
    Ok(Included { item, quantity: number(text.quantity, 0, MOST_UNITS)?, prices: prices.collect::<Result<_, Mistake>>()? })
}

fn currency(text: &Spanned<String>) -> Result<Currency, Mistake> {
    let code = text.get_ref();
    let found = Currency::from_code(code).filter(|currency| currency.code() == code);
    found.ok_or_else(|| (text.span(), format!("expected a currency such as EUR or USD, found {code:?}")))
}

fn plan(text: PlanText, keys: &mut HashSet<String>, (items, known): (&[Item], &HashSet<String>)) -> Result<Plan, Mistake> {
    let key = key(text.key, keys)?;
    let highlights = text.highlights.into_iter().map(|line| words(line, 100, "each highlight"));
    Ok(Plan {
        key,
        name: words(text.name, 40, "the name")?,
        sentence: words(text.sentence, 200, "the sentence")?,
        highlights: highlights.collect::<Result<_, _>>()?,
        per_member: charge(text.charge)?,
        member_slots: slots(text.member_slots)?,
        features: text.features.into_iter().map(feature).collect::<Result<_, _>>()?,
        prices: text.prices.into_iter().map(price).collect::<Result<_, _>>()?,
        trial_days: text.trial_days.map(|days| number(days, 0, LONGEST_TRIAL)).transpose()?.unwrap_or_default(),
        included: text.included.into_iter().map(|text| included(text, items)).collect::<Result<_, _>>()?,
        modules: modules::included(text.modules, known)?,
        activity_days: text.activity_days.map(|days| number(days, 1, MOST_ACTIVITY_DAYS)).transpose()?,
        on_request: text.on_request,
        offered: text.offered.unwrap_or(true),
    })
}

fn is_key(key: &str) -> bool {
    key.len() <= LONGEST_KEY
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}

fn charge(text: Option<Spanned<String>>) -> Result<bool, Mistake> {
    match text.as_ref().map(|text| text.get_ref().as_str()) {
        None | Some("flat") => Ok(false),
        Some("per_member") => Ok(true),
        Some(other) => {
            let span = text.as_ref().map(Spanned::span).unwrap_or_default();
            Err((span, format!("expected charge = \"flat\" or \"per_member\", found {other:?}")))
        }
    }
}

fn slots(text: Spanned<Slots>) -> Result<Option<i32>, Mistake> {
    let expected = format!("expected a number from 1 to {MOST_SLOTS}, or \"unlimited\"");
    match text.get_ref() {
        Slots::Word(word) if word == "unlimited" => Ok(None),
        Slots::Number(number) if (1..=MOST_SLOTS).contains(number) => {
            i32::try_from(*number).map(Some).map_err(|_| (text.span(), expected))
        }
        _ => Err((text.span(), expected)),
    }
}

fn feature(text: Spanned<String>) -> Result<Feature, Mistake> {
    let found = Feature::ALL.into_iter().find(|feature| feature.key() == text.get_ref());
    found.ok_or_else(|| {
        let known: Vec<&str> = Feature::ALL.iter().map(|feature| feature.key()).collect();
        (text.span(), format!("expected a feature ({}), found {:?}", known.join(", "), text.get_ref()))
    })
}

pub(super) fn price((code, text): (Spanned<String>, PriceText)) -> Result<Price, Mistake> {
    let (span, currency) = (code.span(), currency(&code)?);
    let amount = |amount: Option<Spanned<i64>>| amount.map(|amount| number(amount, 1, HIGHEST_PRICE)).transpose();
    let price = Price { currency, month: amount(text.month)?, year: amount(text.year)? };
    if price.month.is_none() && price.year.is_none() {
        return Err((span, "expected a price a month, a year, or both".to_owned()));
    }
    Ok(price)
}

pub(super) fn number(text: Spanned<i64>, least: i64, most: i64) -> Result<i64, Mistake> {
    if (least..=most).contains(text.get_ref()) {
        return Ok(*text.get_ref());
    }
    Err((text.span(), format!("expected a whole number from {least} to {most}, found {}", text.get_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: &str = r#"
[[plans]]
key = "free"
name = "Free"
sentence = "For trying."
member_slots = 5

[[plans]]
key = "team"
name = "Team"
sentence = "For teams."
charge = "per_member"
member_slots = "unlimited"
features = ["custom_roles"]
trial_days = 14
prices.EUR = { month = 800 }
activity_days = 365
"#;

    #[test]
    fn a_mistake_is_told_with_its_line_and_the_reason() {
        assert!(Plans::parse(FINE).is_ok());
        let cases = [
            ("\"free\"", "\"Free\"", 3, "lower-case"),
            ("\"team\"", "\"free\"", 9, "again"),
            ("member_slots = 5", "member_slots = 0", 6, "1 to 10000000"),
            ("\"unlimited\"", "\"many\"", 13, "\"unlimited\""),
            ("\"per_member\"", "\"per_seat\"", 12, "per_member"),
            ("\"custom_roles\"", "\"roles\"", 14, "custom_roles"),
            ("trial_days = 14", "trial_days = 1000", 15, "365"),
            ("activity_days = 365", "activity_days = 0", 17, "1 to 36500"),
            ("month = 800", "month = 8.5", 16, "expected"),
            ("month = 800", "month = 0", 16, "whole number from 1"),
            ("month = 800", "", 16, "a price a month"),
            ("prices.EUR", "prices.EURO", 16, "such as EUR"),
            ("prices.EUR = { month = 800 }", "", 8, "only the first plan"),
            ("member_slots = 5", "member_slots = 5\nprices.EUR = { month = 1 }", 2, "without prices"),
        ];
        for (from, to, line, word) in cases {
            let mistake = Plans::parse(&FINE.replacen(from, to, 1)).unwrap_err();
            assert!(mistake.starts_with(&format!("line {line}: ")) && mistake.contains(word), "{from} -> {to}: {mistake}");
        }
    }
}
