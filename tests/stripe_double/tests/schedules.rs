//! Schedules: a cheaper price from the next period on, and letting go.

use super::harness::*;

#[test]
fn a_later_phase_changes_the_price_at_its_time() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let (large, small) = (api.price("Large", 3000), api.price("Small", 1000));
    let made = api.subscription(&customer, &large, "");
    let subscription = id(&made);
    let schedule = api.post("subscription_schedules", &format!("from_subscription={subscription}"));
    let (start, end) =
        (schedule["current_phase"]["start_date"].as_i64().unwrap(), schedule["current_phase"]["end_date"].as_i64().unwrap());
    let path = format!("subscription_schedules/{}", id(&schedule));
    let phases = format!(
        "phases[0][items][0][price]={large}&phases[0][items][0][quantity]=1&phases[0][start_date]={start}&phases[0][end_date]={end}\
        &phases[1][items][0][price]={small}&phases[1][items][0][quantity]=2&phases[1][iterations]=1&phases[1][proration_behavior]=none&end_behavior=release"
    );
    let changed = api.post(&path, &phases);
    assert_eq!(changed["phases"].as_array().unwrap().len(), 2);
    assert_eq!(api.get(&format!("subscriptions/{subscription}?expand[]=schedule"))["schedule"]["id"], schedule["id"]);
    let preview = api.post("invoices/create_preview", &format!("subscription={subscription}"));
    assert_eq!(amounts(&preview), [2000]);
    api.control("advance", &format!("to={}", end + 3600));
    let now = api.get(&format!("subscriptions/{subscription}?expand[]=latest_invoice"));
    assert_eq!((amounts(&now["latest_invoice"]), now["items"]["data"][0]["quantity"].as_i64()), (vec![2000], Some(2)));
    api.advance(31 * DAY);
    let done = api.get(&path);
    assert_eq!(
        (done["status"].as_str(), done["released_subscription"].as_str()),
        (Some("released"), Some(subscription.as_str()))
    );
    assert_eq!(api.get(&format!("subscriptions/{subscription}"))["status"], "active");
    api.events();
}

#[test]
fn a_schedule_is_released() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let subscription = id(&api.subscription(&customer, &price, ""));
    let schedule = id(&api.post("subscription_schedules", &format!("from_subscription={subscription}")));
    assert_eq!(api.refused("subscription_schedules", &format!("from_subscription={subscription}")).0, 400);
    assert_eq!(api.post(&format!("subscription_schedules/{schedule}/release"), "")["status"], "released");
    assert!(api.get(&format!("subscriptions/{subscription}"))["schedule"].is_null());
    assert_eq!(api.refused(&format!("subscription_schedules/{schedule}/release"), "").0, 400);
    api.get(&format!("subscription_schedules?customer={customer}"));
}

#[test]
fn a_schedule_ends_with_its_subscription() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let subscription = id(&api.subscription(&customer, &price, ""));
    let schedule = id(&api.post("subscription_schedules", &format!("from_subscription={subscription}")));
    api.delete(&format!("subscriptions/{subscription}"), "");
    assert_eq!(api.get(&format!("subscription_schedules/{schedule}"))["status"], "canceled");
}
