//! Modules: what organizations subscribe to beside their plan. A module opens permissions of the product, which are closed
//! wherever it is not subscribed to and the plan does not include it; permissions that no module names are always open.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::check::{PriceText, key, price};
use super::{Cycle, Plan, Plans, Price, price_of};
use crate::config::product_permissions::{self, Opener, ProductPermissions};
use crate::config::reading::{Read, Settings};
use crate::config::toml_file::{Mistake, words};
use crate::config::wrong;
use crate::money::Currency;

/// Something to subscribe to beside a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The name in the database.
    pub key: String,
    pub name: String,
    pub sentence: String,
    /// Whether the price is for each member.
    pub per_member: bool,
    /// Keys of the product's permissions that it opens.
    pub permissions: Vec<String>,
    /// Keys of the plans that it can stand beside; none: every one but the first.
    pub plans: Option<Vec<String>>,
    /// Empty where plans include it and nobody adds it.
    pub prices: Vec<Price>,
    /// False for a module of earlier subscribers, who keep it.
    pub offered: bool,
}

impl Module {
    /// What it costs a cycle, for each member or as a whole, in minor units.
    pub fn price(&self, currency: Currency, cycle: Cycle) -> Option<i64> {
        price_of(&self.prices, currency, cycle)
    }
}

impl Plans {
    /// The module of a key.
    pub fn module(&self, key: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.key == key)
    }

    /// Whether a module can stand beside a plan: not beside one that includes it, nor the first.
    pub fn may_add(&self, module: &Module, plan: &Plan) -> bool {
        let is_allowed = module.plans.as_ref().is_none_or(|plans| plans.contains(&plan.key));
        is_allowed && *plan != *self.free() && !plan.modules.contains(&module.key)
    }
}

impl ProductPermissions {
    /// The same, with the modules that open them.
    ///
    /// # Errors
    /// What is wrong, where a module opens a permission that the product does not have.
    pub fn opened_by(mut self, plans: &Plans) -> Result<ProductPermissions, String> {
        for module in &plans.modules {
            let unknown = module.permissions.iter().find(|key| !self.all().any(|known| known.key == **key));
            if let Some(unknown) = unknown {
                return Err(format!("the module {:?} opens {unknown:?}, which PERMISSIONS_FILE does not have", module.key));
            }
            let opener = opener(module, plans);
            let opened = self.groups.iter_mut().flat_map(|group| &mut group.permissions);
            for permission in opened.filter(|permission| module.permissions.contains(&permission.key)) {
                permission.opened_by.push(opener.clone());
            }
        }
        Ok(self)
    }
}

/// The permissions of the product behind the console, as modules open them.
pub(crate) fn product_permissions(lookup: Settings<'_>, plans: &Plans) -> Read<ProductPermissions> {
    let mistake = |reason: String| wrong("PLANS_FILE", format!("modules that open permissions of the product: {reason}"));
    product_permissions::product_permissions(lookup)?.opened_by(plans).map_err(mistake)
}

fn opener(module: &Module, plans: &Plans) -> Opener {
    let including = plans.all.iter().filter(|plan| plan.modules.contains(&module.key));
    let mut including: Vec<String> = including.map(|plan| plan.key.clone()).collect();
    if plans.free().modules.contains(&module.key) {
        // Who never subscribed is on no plan by name.
        including.push(String::new());
    }
    Opener { module: module.key.clone(), name: module.name.clone(), plans: including }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModuleText {
    key: Spanned<String>,
    name: Spanned<String>,
    sentence: Spanned<String>,
    #[serde(default)]
    per_member: bool,
    permissions: Vec<Spanned<String>>,
    plans: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    prices: BTreeMap<Spanned<String>, PriceText>,
    #[serde(default)]
    offered: Option<bool>,
}

/// The modules of the file, whose plans are known by then.
pub(super) fn modules(texts: Vec<Spanned<ModuleText>>, plans: &[Plan]) -> Result<Vec<Module>, Mistake> {
    let mut keys = HashSet::new();
    texts.into_iter().map(|text| module(text, &mut keys, plans)).collect()
}

fn module(text: Spanned<ModuleText>, keys: &mut HashSet<String>, plans: &[Plan]) -> Result<Module, Mistake> {
    let (span, text) = (text.span(), text.into_inner());
    let module = Module {
        key: key(text.key, keys)?,
        name: words(text.name, 40, "the name")?,
        sentence: words(text.sentence, 200, "the sentence")?,
        per_member: text.per_member,
        permissions: text
            .permissions
            .into_iter()
            .map(|key| words(key, 64, "the key of a permission"))
            .collect::<Result<_, _>>()?,
        plans: text.plans.map(|keys| keys.into_iter().map(|key| plan(key, plans)).collect()).transpose()?,
        prices: text.prices.into_iter().map(price).collect::<Result<_, _>>()?,
        offered: text.offered.unwrap_or(true),
    };
    let is_included = plans.iter().any(|plan| plan.modules.contains(&module.key));
    if module.prices.is_empty() && !is_included {
        return Err((span, "expected prices: nobody gets a module that has none and that no plan includes".to_owned()));
    }
    Ok(module)
}

/// A plan that the module can be added to.
fn plan(key: Spanned<String>, plans: &[Plan]) -> Result<String, Mistake> {
    match plans.iter().position(|plan| plan.key == *key.get_ref()) {
        Some(1..) => Ok(key.into_inner()),
        Some(0) => Err((key.span(), "expected another plan: a module is added to a plan that is paid".to_owned())),
        _ => Err((key.span(), format!("expected the key of one of the plans, found {:?}", key.get_ref()))),
    }
}

/// The modules that a plan includes, which come behind the plans in the file or before them.
pub(super) fn included(keys: Vec<Spanned<String>>, known: &HashSet<String>) -> Result<Vec<String>, Mistake> {
    let one = |key: Spanned<String>| match known.contains(key.get_ref()) {
        true => Ok(key.into_inner()),
        false => Err((key.span(), format!("expected the key of one of the modules, found {:?}", key.get_ref()))),
    };
    keys.into_iter().map(one).collect()
}

/// The keys of the modules, before they are checked.
pub(super) fn keys(texts: &[Spanned<ModuleText>]) -> HashSet<String> {
    texts.iter().map(|text| text.get_ref().key.get_ref().clone()).collect()
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
member_slots = 5
modules = ["audit"]
prices.EUR = { month = 800 }
[[modules]]
key = "reports"
name = "Reports"
sentence = "Numbers."
permissions = ["reports.read"]
plans = ["team"]
prices.EUR = { month = 300 }
[[modules]]
key = "audit"
name = "Audit"
sentence = "Traces."
permissions = ["traces.read", "reports.read"]
"#;

    #[test]
    fn a_mistake_is_told_with_its_line_and_the_reason() {
        let plans = Plans::parse(FINE).unwrap();
        let (team, reports) = (plans.of("team"), plans.module("reports").unwrap());
        assert!(plans.may_add(reports, team) && !plans.may_add(reports, plans.free()));
        assert!(!plans.may_add(plans.module("audit").unwrap(), team), "it is included");
        for (from, to, line, word) in [
            ("key = \"audit\"", "key = \"reports\"", 12, "one of the modules"),
            ("modules = [\"audit\"]", "", 21, "expected prices"),
            ("plans = [\"team\"]", "plans = [\"teams\"]", 19, "one of the plans"),
            ("plans = [\"team\"]", "plans = [\"free\"]", 19, "paid"),
            ("prices.EUR = { month = 300 }", "prices.EUR = { month = -3 }", 20, "from 1"),
            ("name = \"Audit\"", "title = \"Audit\"", 23, "title"),
            ("[[modules]]\nkey = \"reports\"", "[[modules]]\nkey = \"audit\"", 22, "again"),
        ] {
            let mistake = Plans::parse(&FINE.replacen(from, to, 1)).unwrap_err();
            assert!(mistake.starts_with(&format!("line {line}: ")) && mistake.contains(word), "{from} -> {to}: {mistake}");
        }
    }

    #[test]
    fn permissions_know_what_opens_them() {
        let permission = |key: &str| format!("[[groups.permissions]]\nkey = '{key}'\nsentence = 'It.'\n");
        let file =
            |keys: &[&str]| format!("[[groups]]\nname = 'Data'\n{}", keys.iter().map(|key| permission(key)).collect::<String>());
        let parsed = |keys: &[&str]| ProductPermissions::parse(&file(keys)).unwrap();
        let plans = Plans::parse(FINE).unwrap();
        let product = parsed(&["reports.read", "traces.read", "data.read"]).opened_by(&plans).unwrap();
        let openers = |place: usize| product.all().nth(place).map(|one| one.opened_by.clone()).unwrap();
        assert_eq!((openers(0).len(), openers(1).len(), openers(2).len()), (2, 1, 0));
        let is_open = |plan: &str, modules: &[String]| openers(0).iter().any(|opener| opener.is_in(plan, modules));
        assert!(is_open("team", &[]) && !is_open("", &[]) && is_open("", &["reports".to_owned()]));
        assert!(parsed(&["data.read"]).opened_by(&plans).unwrap_err().contains("reports.read"));
    }
}
