//! The API as it describes itself, to machines and to people.

use std::collections::BTreeMap;

use roster::secret::KEY_PATTERN;
use roster::web::problem::TYPES;
use serde_json::Value;

use crate::harness::{Client, Console};
use crate::routes::routes_by_key;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Method and path of every operation.
fn operations(document: &Value) -> BTreeMap<(String, String), Value> {
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str())) {
            found.insert((method.to_uppercase(), path.clone()), operation.clone());
        }
    }
    found
}

#[test]
fn the_document_names_every_route_with_its_ability_and_no_other() {
    let console = Console::start();
    let document = Client::new(&console, "").get("/api/openapi.json");
    assert_eq!((document.status, document.header("content-type")), (200, Some("application/json")));
    let document = document.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    let mut described = operations(&document);
    let leaked = described.remove(&("POST".to_owned(), "/api/v1/keys/leaked".to_owned())).unwrap();
    assert_eq!(leaked["security"], serde_json::json!([{}]));
    for (method, path, ability) in routes_by_key() {
        let operation = described.remove(&(method.to_owned(), path.to_owned())).unwrap_or_else(|| panic!("{method} {path}"));
        let abilities: Vec<&str> = ability.iter().map(|ability| ability.key()).collect();
        assert_eq!(operation["security"], serde_json::json!([{ "key": abilities }]), "{method} {path}");
    }
    assert!(described.is_empty(), "{:?}", described.keys());
    assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
}

#[test]
fn every_operation_tells_its_failures_and_what_it_takes_to_send_it_twice() {
    let console = Console::start();
    let document = Client::new(&console, "").get("/api/openapi.json").json();
    for ((method, path), operation) in operations(&document) {
        let has = |status: &str| operation["responses"][status]["description"].as_str().is_some_and(|words| !words.is_empty());
        for status in ["422", "429", "503", "400"] {
            assert!(has(status), "{method} {path} lacks {status}");
        }
        let is_secured = path != "/api/v1/keys/leaked";
        assert!(has("401") == is_secured && has("403") == is_secured, "{method} {path}");
        assert!(!path.contains("{id}") || has("404"), "{method} {path}");
        assert!(method != "POST" || !is_secured || has("409"), "{method} {path}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let takes_key = parameters.iter().any(|one| one["name"] == "Idempotency-Key");
        assert_eq!(takes_key, method == "POST", "{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|words| !words.is_empty()), "{method} {path}");
    }
    let abilities = &document["components"]["schemas"]["Question"]["properties"]["permission"]["enum"];
    assert!(abilities.as_array().unwrap().contains(&"members.view".into()));
}

#[test]
fn the_page_shows_all_of_it_without_any_script_of_others() {
    let console = Console::start();
    let page = console.browser().open("/api/docs");
    assert_eq!(page.status, 200);
    let text = page.text();
    let document = Client::new(&console, "").get("/api/openapi.json").json();
    for ((method, path), operation) in operations(&document) {
        assert!(text.contains(&format!("{method} {path}")), "{method} {path}");
        assert!(text.contains(operation["summary"].as_str().unwrap()), "{method} {path}");
    }
    let html = console.browser().get("/api/docs").body;
    for (name, _) in TYPES {
        assert!(html.contains(&format!("id=\"problem-{name}\"")), "{name}");
    }
    assert!(text.contains(KEY_PATTERN) && text.contains("CRC-32") && text.contains("Needs the ability members.invite"));
    assert!(text.contains("curl ") && text.contains("Authorization: Bearer $KEY") && text.contains("data[].role.name"));
    assert!(text.contains("key_handed_over"), "the kinds of changes");
    assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "nothing comes from elsewhere");
}

#[test]
fn the_permissions_of_the_product_are_in_it() {
    let file =
        "[[groups]]\nname = 'Data'\n[[groups.permissions]]\nkey = 'data.read'\nsentence = 'Read data.'\nroles = ['viewer']\n";
    let product = std::sync::Arc::new(roster::config::ProductPermissions::parse(file).unwrap());
    let console = Console::start_with(|config| config.product_permissions = product);
    let acme = console.organization("Acme", "Ann Owner");
    assert!(console.browser().open("/api/docs").says("data.read"));
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    let (_, text) = acme.key("Reader", &acme.owner, &["data.read"]);
    let verdict =
        Client::new(&console, &backend).post("keys/verify", &serde_json::json!({ "key": text, "ability": "data.read" })).json();
    assert_eq!((verdict["valid"].as_bool(), &verdict["key"]["abilities"]), (Some(true), &serde_json::json!(["data.read"])));
}
