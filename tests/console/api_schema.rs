//! schemathesis asks the API what the OpenAPI document says it takes, and what it says it does not, and compares the answers
//! with it. `bin/test` installs it and names it in SCHEMATHESIS; without that there is nothing to ask with.

use std::process::Command;

use roster::access::policy::Starter;
use serde_json::json;

use crate::harness::{Client, Console, Folder};

/// Runs it on an organization with everything in it, and fails with what it found.
fn schemathesis(phases: &str, examples: &str) {
    let Some(program) = std::env::var_os("SCHEMATHESIS").filter(|path| !path.is_empty()) else {
        println!("skipped: SCHEMATHESIS names no schemathesis; bin/test installs it where Python is there");
        return;
    };
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(1_000);
    for number in 0..5 {
        acme.member(&format!("Viewer {number}"), Starter::Viewer);
    }
    let (_, key) = acme.key_of_everything();
    Client::new(&console, &key).post("invitations", &json!({ "emails": ["guest@example.com"] }));
    let (spare, _) = acme.key("Spare", &acme.owner, &[]);
    let folder = Folder::new();
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/console/schemathesis.toml"), folder.0.join("schemathesis.toml"))
        .unwrap();
    let output = Command::new(program)
        .current_dir(&folder.0)
        .env("KEY_ID", spare.to_string())
        .env("MEMBER_ID", acme.member_id("viewer.0@example.com").to_string())
        .arg("run")
        .arg(format!("{}/api/openapi.json", console.config.origin()))
        .args(["--header", &format!("Authorization: Bearer {key}")])
        .args(["--phases", phases, "--max-examples", examples, "--seed", "1", "--generation-deterministic"])
        .args(["--checks", "all", "--no-color", "--continue-on-failure"])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    println!("{said}");
    assert!(output.status.success(), "{said}");
    let still = Client::new(&console, &key).get("organization").status;
    assert_eq!(still, 200, "the key that it asked with went on working, so that it saw more than refusals");
}

#[test]
fn schemathesis_finds_nothing_wrong() {
    schemathesis("examples,coverage,fuzzing", "60");
}

#[test]
fn schemathesis_finds_nothing_wrong_with_one_request_after_another() {
    schemathesis("stateful", "30");
}
