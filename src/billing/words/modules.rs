//! Modules in words: what opens and closes with them, and which go along with a change of plan.

use super::super::account::Billing;
use super::super::modules::{Becomes, Passage, Subscribed};
use super::cycle_price;
use crate::access::catalog::{self, Entry};
use crate::access::{Organization, Permit, Right};
use crate::config::{Plan, Plans, ProductPermissions};

/// An organization on another plan, with other modules beside it.
fn with(organization: &Organization, plan: &Plan, modules: Vec<String>) -> Organization {
    Organization { plan: plan.key.clone(), modules, ..organization.clone() }
}

/// An organization as it is with one more module.
pub fn with_module(organization: &Organization, key: &str) -> Organization {
    let modules = organization.modules.iter().cloned().chain([key.to_owned()]).collect();
    Organization { modules, ..organization.clone() }
}

/// An organization as it is without one of its modules.
pub fn without_module(organization: &Organization, key: &str) -> Organization {
    let modules = organization.modules.iter().filter(|module| *module != key).cloned().collect();
    Organization { modules, ..organization.clone() }
}

/// The permissions of the product that are open in one organization and closed in the other.
pub fn closing<'a>(product: &'a ProductPermissions, from: &Organization, to: &Organization) -> Vec<Entry<'a>> {
    let (before, after) = (catalog::closed(product, from), catalog::closed(product, to));
    let closing = after.beyond(before);
    catalog::of_product(product).filter(|entry| closing.contains(entry.permission)).collect()
}

/// `Read reports. (reports.read)`
pub fn permission(entry: &Entry<'_>) -> String {
    format!("{} ({})", entry.sentence, entry.key)
}

/// What a plan includes, for its card.
pub fn offers(plan: &Plan, plans: &Plans) -> Vec<String> {
    let included = plan.modules.iter().filter_map(|key| plans.module(key));
    included.map(|module| format!("Module {}", module.name)).collect()
}

/// What a change of plan does to the modules.
pub struct Moved {
    pub opens: Vec<String>,
    pub closes: Vec<String>,
}

/// What opens and closes of modules and permissions with a change of plan.
pub fn moved<P: Right>(passages: &[Passage], organization: &Organization, plan: &Plan, permit: &Permit<P>) -> Moved {
    moved_of(passages, organization, plan, (permit.db().plans(), permit.db().product()))
}

/// The same, where nobody looks at a page.
pub fn moved_of(
    passages: &[Passage],
    organization: &Organization,
    plan: &Plan,
    (plans, product): (&Plans, &ProductPermissions),
) -> Moved {
    let from = plans.of(&organization.plan);
    let going_on = passages.iter().filter(|passage| passage.goes_on().is_some());
    let after = with(organization, plan, going_on.map(|passage| passage.module.module.clone()).collect());
    let had = |key: &String| from.modules.contains(key) || organization.modules.contains(key);
    let name = |key: &String| plans.module(key).map(|module| module.name.clone()).unwrap_or_default();
    let gained = plan.modules.iter().filter(|key| !had(key)).map(|key| format!("The module {}, within the price.", name(key)));
    let included = passages.iter().filter(|passage| passage.becomes == Becomes::Included);
    let included = included.map(|passage| format!("{} is within the price: it is not paid apart any more.", passage.module.name));
    let ending = passages.iter().filter(|passage| passage.becomes == Becomes::Ends).map(|passage| passage.module.name.clone());
    let lost = from.modules.iter().filter(|key| !plan.modules.contains(key) && !organization.modules.contains(key)).map(name);
    let ends = ending.chain(lost).map(|name| format!("The module {name}."));
    Moved {
        opens: gained.chain(included).chain(closing(product, &after, organization).iter().map(permission)).collect(),
        closes: ends.chain(closing(product, organization, &after).iter().map(permission)).collect(),
    }
}

/// `, with Reports €21.00 a month for 7 members`
pub fn going_on(passages: &[Passage], active_members: i32) -> String {
    let going_on = passages.iter().filter_map(Passage::goes_on);
    going_on.map(|terms| format!(", with {} {}", terms.plan_name, cycle_price(terms, active_members))).collect()
}

/// What ends with a plan that is cancelled, a line each.
pub fn end_with_plan<P: Right>(billing: &Billing, organization: &Organization, to: &Plan, permit: &Permit<P>) -> Vec<String> {
    ended(billing, organization, to, (permit.db().plans(), permit.db().product()))
}

/// The same, where nobody looks at a page.
pub fn ended(billing: &Billing, organization: &Organization, to: &Plan, files: (&Plans, &ProductPermissions)) -> Vec<String> {
    let ending = |module: &Subscribed| Passage { module: module.clone(), becomes: Becomes::Ends };
    let passages: Vec<Passage> = billing.modules.iter().map(ending).collect();
    moved_of(&passages, organization, to, files).closes
}
