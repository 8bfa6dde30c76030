//! Lists in pages, in both directions.

use super::harness::*;
use serde_json::Value;

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(id).collect()
}

#[test]
fn pages_cover_everything_once_in_both_directions() {
    let mut api = Api::new();
    for _ in 0..23 {
        api.post("customers", "");
    }
    for limit in [1, 5, 10, 23, 100] {
        let (mut forward, mut query) = (vec![], String::new());
        loop {
            let page = api.get(&format!("customers?limit={limit}{query}"));
            forward.extend(ids(&page));
            if page["has_more"] == false {
                break;
            }
            query = format!("&starting_after={}", forward.last().unwrap());
        }
        let newest_first: Vec<String> = (1..=23).rev().map(|number| format!("cus_{number}")).collect();
        assert_eq!(forward, newest_first, "limit {limit}");
        let (mut backward, mut before) = (vec![], "cus_1".to_owned());
        loop {
            let page = api.get(&format!("customers?limit={limit}&ending_before={before}"));
            backward.splice(0..0, ids(&page));
            if page["has_more"] == false {
                break;
            }
            before.clone_from(&backward[0]);
        }
        assert_eq!(backward, newest_first[..22], "limit {limit}");
    }
}

#[test]
fn wrong_pages_are_refused() {
    let mut api = Api::new();
    api.post("customers", "");
    for (query, code) in [
        ("limit=0", "parameter_invalid_integer"),
        ("limit=101", "parameter_invalid_integer"),
        ("starting_after=cus_7", "resource_missing"),
    ] {
        let (status, answer) = api.ask("GET", "customers", query);
        assert_eq!((status, answer["error"]["code"].as_str()), (400, Some(code)), "{query}");
    }
    assert_eq!(api.ask("GET", "customers", "starting_after=cus_1&ending_before=cus_1").0, 400);
    assert_eq!(api.ask("GET", "customers", "surprise=1").0, 400);
}

#[test]
fn lists_are_filtered_by_time() {
    let mut api = Api::new();
    for _ in 0..4 {
        api.post("customers", "");
        api.advance(DAY);
    }
    assert_eq!(
        ids(&api.get(&format!("customers?created[gte]={}&created[lt]={}", START + DAY, START + 3 * DAY))),
        ["cus_3", "cus_2"]
    );
    assert_eq!(ids(&api.get(&format!("customers?created={START}"))), ["cus_1"]);
    assert_eq!(api.get("events?types[]=customer.created&limit=2")["has_more"], true);
    assert_eq!(ids(&api.get("events?type=customer.*&ending_before=evt_3")), ["evt_4"]);
}
