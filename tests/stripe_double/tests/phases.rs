//! Phases: what the first one takes from its subscription, and what each gives it when it begins.

use super::harness::*;
use serde_json::{Value, json};

/// The end of the first month from [`START`], and of the second.
const MONTHS: [i64; 2] = [START + 31 * DAY, START + 59 * DAY];

fn rate(api: &mut Api, percentage: &str) -> String {
    id(&api.post("tax_rates", &format!("display_name=VAT&percentage={percentage}&inclusive=false")))
}

fn ids(rates: &Value) -> Vec<&str> {
    rates.as_array().unwrap().iter().map(|rate| rate["id"].as_str().unwrap()).collect()
}

/// A subscription at a price with a schedule: the subscription's path and the schedule's.
fn scheduled(api: &mut Api, price: &str, more: &str) -> (String, String) {
    let customer = api.customer("pm_card_visa");
    let subscription = id(&api.subscription(&customer, price, more));
    let schedule = id(&api.post("subscription_schedules", &format!("from_subscription={subscription}")));
    (format!("subscriptions/{subscription}"), format!("subscription_schedules/{schedule}"))
}

/// Phases of a month each at one price, with what else each of them names.
fn phases(price: &str, named: &[&str]) -> String {
    let phase = |(at, named): (usize, &&str)| {
        let more: String = named.split_whitespace().map(|one| format!("&phases[{at}]{one}")).collect();
        format!("phases[{at}][items][0][price]={price}{more}")
    };
    named.iter().enumerate().map(phase).collect::<Vec<String>>().join("&")
}

/// The invoice of the renewal at a moment: its total, and the subscription's default tax rates then.
fn renewed(api: &mut Api, subscription: &str, at: i64) -> (i64, Vec<String>) {
    api.control("advance", &format!("to={}", at + 3600));
    let now = api.get(&format!("{subscription}?expand[]=latest_invoice"));
    assert_eq!(now["latest_invoice"]["status"], "paid");
    let rates = ids(&now["default_tax_rates"]).iter().map(|rate| (*rate).to_owned()).collect();
    (now["latest_invoice"]["total"].as_i64().unwrap(), rates)
}

#[test]
fn the_first_phase_is_the_subscription_as_it_is() {
    let mut api = Api::new();
    let (customer, price) = (api.customer("pm_card_visa"), api.price("Team", 1000));
    let (vat, own) = (rate(&mut api, "19"), rate(&mut api, "7"));
    let method = id(&api.post("payment_methods/pm_card_mastercard/attach", &format!("customer={customer}")));
    let terms =
        format!("default_tax_rates[]={vat}&default_payment_method={method}&trial_period_days=14&items[0][tax_rates][]={own}");
    let made = api.subscription(&customer, &price, &terms);
    let from = format!("from_subscription={}", id(&made));
    let schedule = api.post("subscription_schedules", &from);
    let phase = &schedule["phases"][0];
    assert_eq!(
        (ids(&phase["default_tax_rates"]), ids(&phase["items"][0]["tax_rates"])),
        (vec![vat.as_str()], vec![own.as_str()])
    );
    let facts = (phase["trial_end"].as_i64(), phase["end_date"].as_i64(), phase["default_payment_method"].as_str());
    assert_eq!(facts, (Some(START + 14 * DAY), Some(START + 14 * DAY), Some(method.as_str())));
    api.get(&format!("subscription_schedules/{}?expand[]=phases.default_payment_method", id(&schedule)));
    api.post(&format!("subscription_schedules/{}/release", id(&schedule)), "");
    api.advance(15 * DAY);
    let later = api.post("subscription_schedules", &from);
    assert_eq!(
        (&later["phases"][0]["trial_end"], later["phases"][0]["start_date"].as_i64()),
        (&json!(null), Some(START + 14 * DAY))
    );
}

#[test]
fn repeating_the_first_phase_changes_nothing() {
    let mut api = Api::new();
    let (price, vat) = (api.price("Team", 1000), rate(&mut api, "19"));
    let (subscription, schedule) = scheduled(&mut api, &price, &format!("trial_period_days=14&default_tax_rates[]={vat}"));
    api.advance(DAY);
    let (before, events) = (api.get(&subscription), api.events().len());
    let end = START + 14 * DAY;
    let first = format!("[start_date]={START} [end_date]={end} [trial_end]={end} [default_tax_rates][]={vat}");
    let changed = api.post(&schedule, &phases(&price, &[&first, "[iterations]=1"]));
    assert_eq!(changed["phases"][0]["trial_end"].as_i64(), Some(end));
    assert_eq!((api.get(&subscription), api.events().len()), (before, events + 1));
    assert_eq!(renewed(&mut api, &subscription, end), (1190, vec![vat]));
}

#[test]
fn a_phase_brings_its_default_tax_rates() {
    let mut api = Api::new();
    let (price, old, new) = (api.price("Team", 1000), rate(&mut api, "10"), rate(&mut api, "20"));
    let (subscription, schedule) = scheduled(&mut api, &price, &format!("default_tax_rates[]={old}"));
    let (first, second) = (format!("[end_date]={}", MONTHS[0]), format!("[default_tax_rates][]={new}"));
    let sent = phases(&price, &[&first, &second, "[iterations]=1", "[default_tax_rates]="]);
    let changed = api.post(&schedule, &sent);
    let shown: Vec<Vec<&str>> = (0..4).map(|at| ids(&changed["phases"][at]["default_tax_rates"])).collect();
    assert_eq!(shown, [vec![], vec![new.as_str()], vec![], vec![]]);
    assert_eq!(ids(&api.get(&subscription)["default_tax_rates"]), [old.as_str()], "a phase that names none keeps them");
    let preview = api.post("invoices/create_preview", &format!("subscription={}", subscription.replace("subscriptions/", "")));
    assert_eq!(preview["total"], 1200);
    assert_eq!(renewed(&mut api, &subscription, MONTHS[0]), (1200, vec![new.clone()]));
    assert_eq!(renewed(&mut api, &subscription, MONTHS[1]), (1200, vec![new]));
    assert_eq!(renewed(&mut api, &subscription, MONTHS[1] + 31 * DAY), (1000, vec![]), "an empty text takes them away");
    api.events();
}

#[test]
fn the_present_phase_brings_its_tax_rates_at_once() {
    let mut api = Api::new();
    let (price, old, new) = (api.price("Team", 1000), rate(&mut api, "10"), rate(&mut api, "20"));
    let (subscription, schedule) = scheduled(&mut api, &price, &format!("default_tax_rates[]={old}"));
    let end = format!("[end_date]={}", MONTHS[0]);
    api.post(&schedule, &phases(&price, &[&format!("{end} [default_tax_rates][]={new}")]));
    assert_eq!(ids(&api.get(&subscription)["default_tax_rates"]), [new.as_str()]);
    api.post(&schedule, &phases(&price, &[&format!("{end} [default_tax_rates]=")]));
    assert_eq!(api.get(&subscription)["default_tax_rates"], json!([]));
    api.post(&schedule, &phases(&price, &[&format!("{end} [default_tax_rates][]={old}")]));
    api.post(&schedule, &phases(&price, &[&end]));
    assert_eq!(ids(&api.get(&subscription)["default_tax_rates"]), [old.as_str()], "what was emptied before is forgotten");
    let (status, error) = api.refused(&schedule, &phases(&price, &[&format!("{end} [default_tax_rates][]=txr_99")]));
    assert_eq!((status, error["param"].as_str()), (400, Some("phases[0][default_tax_rates]")));
}

#[test]
fn items_of_a_phase_have_tax_rates_of_their_own() {
    let mut api = Api::new();
    let (price, vat, own) = (api.price("Team", 1000), rate(&mut api, "20"), rate(&mut api, "5"));
    let (subscription, schedule) = scheduled(&mut api, &price, &format!("default_tax_rates[]={vat}"));
    let (first, second) = (format!("[end_date]={}", MONTHS[0]), format!("[items][0][tax_rates][]={own}"));
    let changed = api.post(&schedule, &phases(&price, &[&first, &second, "[iterations]=1", "[items][0][tax_rates]="]));
    assert_eq!(ids(&changed["phases"][1]["items"][0]["tax_rates"]), [own.as_str()]);
    let totals = [MONTHS[0], MONTHS[1], MONTHS[1] + 31 * DAY].map(|at| renewed(&mut api, &subscription, at).0);
    assert_eq!(totals, [1050, 1050, 1200]);
    let wrong = phases(&price, &["[items][0][tax_rates][]=txr_99"]);
    assert_eq!(api.refused(&schedule, &wrong).1["param"], "phases[0][items][0][tax_rates]");
}

#[test]
fn a_phase_may_begin_with_a_trial() {
    let mut api = Api::new();
    let price = api.price("Team", 1000);
    let (subscription, schedule) = scheduled(&mut api, &price, "");
    let trial_end = MONTHS[0] + 10 * DAY;
    let (first, second) = (format!("[end_date]={}", MONTHS[0]), format!("[iterations]=2 [trial_end]={trial_end}"));
    assert_eq!(api.post(&schedule, &phases(&price, &[&first, &second]))["phases"][1]["trial_end"].as_i64(), Some(trial_end));
    assert_eq!(api.get(&subscription)["status"], "active");
    let preview = api.post("invoices/create_preview", &format!("subscription={}", subscription.replace("subscriptions/", "")));
    assert_eq!(preview["total"], 0);
    assert_eq!(renewed(&mut api, &subscription, MONTHS[0]), (0, vec![]));
    let now = api.get(&subscription);
    assert_eq!((now["status"].as_str(), now["trial_end"].as_i64()), (Some("trialing"), Some(trial_end)));
    assert_eq!(now["trial_start"].as_i64(), Some(MONTHS[0]));
    assert_eq!(renewed(&mut api, &subscription, trial_end), (1000, vec![]));
    assert_eq!(api.get(&subscription)["status"], "active");
    api.events();
}

#[test]
fn a_trial_ends_with_the_present_phase_or_now() {
    let mut api = Api::new();
    let price = api.price("Team", 1000);
    let (subscription, schedule) = scheduled(&mut api, &price, "trial_period_days=14");
    api.advance(DAY);
    let end = format!("[end_date]={}", START + 14 * DAY);
    api.post(&schedule, &phases(&price, &[&end]));
    assert_eq!(api.get(&subscription)["status"], "trialing", "a phase that names no trial keeps it");
    for wrong in [START - 1, START + 14 * DAY + 1] {
        let (status, error) = api.refused(&schedule, &phases(&price, &[&format!("{end} [trial_end]={wrong}")]));
        assert_eq!((status, error["param"].as_str()), (400, Some("phases[0][trial_end]")));
    }
    let empty = api.refused(&schedule, &phases(&price, &[&format!("{end} [trial_end]=")])).1;
    assert_eq!(
        (empty["code"].as_str(), empty["param"].as_str()),
        (Some("parameter_invalid_empty"), Some("phases[0][trial_end]"))
    );
    let sooner = START + 7 * DAY;
    api.post(&schedule, &phases(&price, &[&format!("{end} [trial_end]={sooner}")]));
    assert_eq!(api.get(&subscription)["trial_end"].as_i64(), Some(sooner));
    let ended = api.post(&schedule, &phases(&price, &[&format!("{end} [trial_end]=now")]));
    assert_eq!(ended["phases"][0]["trial_end"].as_i64(), Some(START + DAY));
    let now = api.get(&format!("{subscription}?expand[]=latest_invoice"));
    assert_eq!((now["status"].as_str(), now["latest_invoice"]["total"].as_i64()), (Some("active"), Some(1000)));
}

#[test]
fn a_phase_brings_its_payment_method() {
    let mut api = Api::new();
    let (price, dearer) = (api.price("Team", 1000), api.price("Dearer", 3000));
    let (subscription, schedule) = scheduled(&mut api, &price, "");
    let customer = api.get(&subscription)["customer"].as_str().unwrap().to_owned();
    let mut card = || id(&api.post("payment_methods/pm_card_mastercard/attach", &format!("customer={customer}")));
    let (kept, detached) = (card(), card());
    let (first, second) = (format!("[end_date]={}", MONTHS[0]), format!("[iterations]=1 [default_payment_method]={kept}"));
    let third = format!("phases[2][items][0][price]={dearer}&phases[2][default_payment_method]={detached}");
    let changed = api.post(&schedule, &format!("{}&{third}", phases(&price, &[&first, &second])));
    assert_eq!(changed["phases"][1]["default_payment_method"], json!(kept));
    assert!(api.get(&subscription)["default_payment_method"].is_null());
    renewed(&mut api, &subscription, MONTHS[0]);
    assert_eq!(api.get(&subscription)["default_payment_method"], json!(kept));
    api.post(&format!("payment_methods/{detached}/detach"), "");
    assert_eq!(renewed(&mut api, &subscription, MONTHS[1]).0, 3000, "the rest of the phase happens");
    assert_eq!(api.get(&subscription)["default_payment_method"], json!(kept));
    let present = format!("[start_date]={} [default_payment_method]=", MONTHS[1]);
    for (wrong, code) in [("pm_99", "resource_missing"), (detached.as_str(), "resource_missing"), ("", "parameter_invalid_empty")]
    {
        let error = api.refused(&schedule, &phases(&dearer, &[&format!("{present}{wrong}")])).1;
        assert_eq!((error["code"].as_str(), error["param"].as_str()), (Some(code), Some("phases[0][default_payment_method]")));
    }
}

#[test]
fn phases_are_paid_as_the_schedule_says_where_they_say_nothing() {
    let mut api = Api::new();
    let price = api.price("Team", 1000);
    let sent = "collection_method=send_invoice&days_until_due=7";
    let (subscription, schedule) = scheduled(&mut api, &price, sent);
    let customer = api.get(&subscription)["customer"].as_str().unwrap().to_owned();
    let card = id(&api.post("payment_methods/pm_card_mastercard/attach", &format!("customer={customer}")));
    let named = format!("default_settings[default_payment_method]={card}");
    assert_eq!(api.post(&schedule, &named)["default_settings"]["default_payment_method"], json!(card));
    api.post(&subscription, "collection_method=charge_automatically");
    let end = format!("[end_date]={}", MONTHS[0]);
    api.post(&schedule, &phases(&price, &[&end]));
    let now = api.get(&subscription);
    assert_eq!((now["collection_method"].as_str(), now["days_until_due"].as_i64()), (Some("send_invoice"), Some(7)));
    assert_eq!(now["default_payment_method"], json!(card));
    api.post(&subscription, "collection_method=charge_automatically&default_payment_method=");
    let plain = "default_settings[collection_method]=charge_automatically&default_settings[default_payment_method]=";
    let changed = api.post(&schedule, &format!("{}&{plain}", phases(&price, &[&end])));
    assert_eq!(changed["default_settings"]["default_payment_method"], json!(null));
    let now = api.get(&subscription);
    assert_eq!((now["collection_method"].as_str(), now["days_until_due"].as_i64()), (Some("charge_automatically"), None));
    assert_eq!(now["default_payment_method"], json!(null));
    let wrong = api.refused(&schedule, "default_settings[default_payment_method]=pm_99").1;
    assert_eq!(wrong["param"], "default_settings[default_payment_method]");
    api.events();
}
