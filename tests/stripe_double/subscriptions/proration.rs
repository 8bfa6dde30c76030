//! What a change within a period costs: credit for the unused time of what was, a charge for the remaining time of what is, to the
//! second. Both wait as invoice items.

use super::periods::period_of;
use crate::calendar;
use crate::invoicing::lines::product_name;
use crate::invoicing::pending;
use crate::json::{data, number};
use crate::money::unit_price;
use crate::world::World;
use serde_json::Value;

/// Credits what of the old items is changed or gone and charges what of the new ones is changed or added, from `moment` to the end of
/// the current period.
pub fn of_changes(world: &mut World, before: &Value, items: &[Value], moment: i64) {
    let old = data(before, "items");
    let same = |one: &Value, other: &Value| {
        one["id"] == other["id"] && one["price"]["id"] == other["price"]["id"] && one["quantity"] == other["quantity"]
    };
    let gone: Vec<&Value> = old.iter().filter(|item| !items.iter().any(|other| same(item, other))).collect();
    let new: Vec<&Value> = items.iter().filter(|item| !old.iter().any(|other| same(item, other))).collect();
    for item in gone {
        add(world, before, item, moment, true);
    }
    for item in new {
        add(world, before, item, moment, false);
    }
}

/// Credits all items' unused time, as the period ends early.
pub fn of_ending(world: &mut World, before: &Value, moment: i64) {
    for item in data(before, "items") {
        add(world, before, item, moment, true);
    }
}

fn add(world: &mut World, subscription: &Value, item: &Value, moment: i64, credit: bool) {
    let (start, end) = period_of(subscription);
    let moment = moment.clamp(start, end);
    if moment == end {
        return;
    }
    let quantity = number(item, "quantity");
    let price = &item["price"];
    let name = product_name(world, price);
    let counted = if quantity == 1 { name } else { format!("{quantity} × {name}") };
    let amount = unit_price(price).share(quantity, end - moment, whole_period(subscription, (start, end)));
    let (words, amount) = if credit { ("Unused", -amount) } else { ("Remaining", amount) };
    let description = format!("{words} time on {counted} after {}", calendar::day(moment));
    pending::add_proration(world, subscription, item, amount, (moment, end), description);
}

/// The length that a full price pays for: that of the period, but where `billing_cycle_anchor` made the first period shorter, that of
/// the full period which ends with it.
fn whole_period(subscription: &Value, period: (i64, i64)) -> i64 {
    let anchor = number(subscription, "billing_cycle_anchor");
    if anchor == period.1 {
        let interval = super::periods::interval_of(data(subscription, "items"));
        return period.1 - interval.previous(anchor, period.1);
    }
    period.1 - period.0
}
