//! How much of something a plan opens, in words: days of activity, and what is included of metered items. What is planned for
//! the end of a period.

use super::super::subscription::{Subscription, Terms};
use super::cycle_price;
use crate::config::{Cycle, Item, Plan, Plans};
use crate::money::Currency;
use crate::web::words::{count, day, grouped};

/// `Becomes Team on 1 December 2026: €20.00 a month for 2 members.`, `Paid by the month from 1 December 2026 on: …`
pub fn planned(current: &Subscription, plans: &Plans, active_members: i32) -> Option<String> {
    let plan = plans.of(current.next_plan.as_deref()?);
    let cycle = current.next_cycle.as_deref().and_then(Cycle::from_key);
    let price = current.terms().zip(cycle).zip(current.next_unit_amount).map(|((terms, cycle), unit_amount)| {
        let next = Terms { cycle, unit_amount, is_per_member: plan.per_member, ..terms };
        format!(": {}", cycle_price(&next, active_members))
    });
    let (at, price) = (day(current.period_ends_at), price.unwrap_or_default());
    Some(match cycle.filter(|_| plan.key == current.plan) {
        Some(cycle) => format!("Paid by the {} from {at} on{price}.", cycle.key()),
        None => format!("Becomes {} on {at}{price}.", plan.name),
    })
}

/// ` for 1 member: €5.00`, where fewer are members than seats are paid in this period.
pub fn for_fewer(current: &Subscription, active_members: i32) -> String {
    let fewer = current.terms().filter(|terms| terms.is_per_member && terms.seats(active_members) < current.seats);
    let words = |terms: Terms| {
        let members = count(i64::from(terms.seats(active_members)), "member", "members");
        format!(" for {members}: {}", terms.currency.money(terms.amount(active_members)))
    };
    fewer.map(words).unwrap_or_default()
}

/// The activity that a plan shows, for its card; nothing where all plans show everything.
pub fn activity(plan: &Plan, plans: &Plans) -> Option<String> {
    plans.all.iter().any(|plan| plan.activity_days.is_some()).then(|| shown(plan))
}

/// `Activity of the last 90 days`, `All activity, however old`
fn shown(plan: &Plan) -> String {
    plan.activity_days
        .map_or_else(|| "All activity, however old".to_owned(), |days| format!("Activity of the last {}", in_days(days)))
}

fn in_days(days: i64) -> String {
    count(days, "day", "days")
}

/// What is included of metered items, and what more of them costs, for a plan's card.
pub fn included(plan: &Plan, items: &[Item], currency: Option<Currency>) -> Vec<String> {
    let line = |item: &Item| match (plan.included(&item.key), beyond(plan, item, currency)) {
        (0, None) => None,
        (0, Some(price)) => Some(format!("{}: {price}", item.name)),
        (_, None) => Some(format!("{} a month", quantity(plan, item))),
        (_, Some(price)) => Some(format!("{} a month, beyond that {price}", quantity(plan, item))),
    };
    items.iter().filter_map(line).collect()
}

/// `€5.00 for 1,000`: what use beyond the included amount costs, where it costs anything.
pub fn beyond(plan: &Plan, item: &Item, currency: Option<Currency>) -> Option<String> {
    let currency = currency?;
    let price = currency.money(plan.price_of_use(&item.key, currency)?);
    Some(if item.per == 1 { format!("{price} each") } else { format!("{price} for {}", grouped(item.per)) })
}

/// The prices of use beyond what a plan includes, a sentence each, for the page before it is bought.
pub fn prices_of_use(plan: &Plan, items: &[Item], currency: Currency) -> Vec<String> {
    let sentence = |item: &Item| {
        let price = beyond(plan, item, Some(currency))?;
        let of = match plan.included(&item.key) {
            0 => item.name.clone(),
            included => format!("{} beyond the {} a month that are included", item.name, grouped(included)),
        };
        Some(format!("{of}: {price}, without VAT."))
    };
    items.iter().filter_map(sentence).collect()
}

/// `1,000 credits`, `No credits`
fn quantity(plan: &Plan, item: &Item) -> String {
    let number = plan.included(&item.key);
    let number = if number > 0 { grouped(number) } else { "No".to_owned() };
    format!("{number} {}", item.name.to_lowercase())
}

/// What there is less of on the way from one plan to another.
pub fn less(from: &Plan, to: &Plan, items: &[Item]) -> Vec<String> {
    let hidden = to.activity_days.filter(|days| from.activity_days.is_none_or(|before| before > *days)).map(|_| {
        let before = from.activity_days.map_or_else(|| "all of it".to_owned(), in_days);
        format!("{} instead of {before}: what is older is hidden, not deleted.", shown(to))
    });
    let fewer = items.iter().filter(|item| to.included(&item.key) < from.included(&item.key));
    let fewer =
        fewer.map(|item| format!("{} a month included instead of {}.", quantity(to, item), grouped(from.included(&item.key))));
    hidden.into_iter().chain(fewer).collect()
}

/// What there is more of on the way from one plan to another.
pub fn more(from: &Plan, to: &Plan, items: &[Item]) -> Vec<String> {
    let reaches_further = from.activity_days.is_some_and(|before| to.activity_days.is_none_or(|after| after > before));
    let grown = items.iter().filter(|item| to.included(&item.key) > from.included(&item.key));
    let grown = grown.map(|item| {
        let before = Some(from.included(&item.key)).filter(|number| *number > 0);
        let instead = before.map(|number| format!(" instead of {}", grouped(number))).unwrap_or_default();
        format!("{} a month included{instead}", quantity(to, item))
    });
    reaches_further.then(|| shown(to)).into_iter().chain(grown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans() -> Plans {
        let text = r#"
[[items]]
key = "credits"
name = "Credits"

[[items]]
key = "scans"
name = "Scans"

[[plans]]
key = "free"
name = "Free"
sentence = "A."
member_slots = 5
activity_days = 1
included = [{ item = "credits", quantity = 1000 }]

[[plans]]
key = "team"
name = "Team"
sentence = "B."
member_slots = 5
activity_days = 365
prices.EUR = { month = 800 }
included = [{ item = "credits", quantity = 10000 }, { item = "scans", quantity = 20 }]

[[plans]]
key = "business"
name = "Business"
sentence = "C."
member_slots = 5
prices.EUR = { month = 1500 }
included = [{ item = "scans", quantity = 20 }]
"#;
        Plans::parse(text).unwrap()
    }

    #[test]
    fn what_shrinks_is_told_with_what_it_was_and_what_grows_with_what_it_becomes() {
        let plans = plans();
        let [free, team, business] = ["free", "team", "business"].map(|key| plans.of(key));
        let hidden = "what is older is hidden, not deleted.";
        assert_eq!(
            less(team, free, &plans.items),
            [
                format!("Activity of the last 1 day instead of 365 days: {hidden}"),
                "1,000 credits a month included instead of 10,000.".to_owned(),
                "No scans a month included instead of 20.".to_owned()
            ]
        );
        assert_eq!(less(business, team, &plans.items), [format!("Activity of the last 365 days instead of all of it: {hidden}")]);
        assert_eq!(
            more(free, team, &plans.items),
            ["Activity of the last 365 days", "10,000 credits a month included instead of 1,000", "20 scans a month included"]
        );
        assert_eq!(more(team, business, &plans.items), ["All activity, however old"]);
        assert!(more(team, team, &plans.items).is_empty() && less(team, team, &plans.items).is_empty());
    }

    #[test]
    fn cards_name_activity_where_plans_differ_in_it() {
        let plans = plans();
        assert_eq!(activity(plans.of("business"), &plans).as_deref(), Some("All activity, however old"));
        assert_eq!(activity(plans.free(), &plans).as_deref(), Some("Activity of the last 1 day"));
        assert_eq!(activity(plans.free(), &Plans::default()), None);
    }
}
