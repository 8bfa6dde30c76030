//! The current period, which since 2025-03-31 stands on the items. All items of a subscription have the same interval here, so they
//! have the same period.

use crate::calendar::Interval;
use crate::json::{data, data_mut, number, text};
use serde_json::{Value, json};

/// Start and end of the current period.
pub fn period_of(subscription: &Value) -> (i64, i64) {
    let first = &data(subscription, "items")[0];
    (number(first, "current_period_start"), number(first, "current_period_end"))
}

/// Moves all items to a period.
pub fn set_period(subscription: &mut Value, period: (i64, i64)) {
    for item in data_mut(subscription, "items") {
        item["current_period_start"] = json!(period.0);
        item["current_period_end"] = json!(period.1);
    }
}

/// The interval of a list of items.
pub fn interval_of(items: &[Value]) -> Interval {
    let recurring = &items[0]["price"]["recurring"];
    Interval { unit: text(recurring, "interval").to_owned(), count: number(recurring, "interval_count") }
}
