//! The Keys screen: a key is generated, copied, used from a shell as the page shows it, rotated and revoked; its secret is
//! seen once.

use std::process::Command;

use roster::access::policy::{Permission, Starter};

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization, Person};
use crate::roles::box_of;

#[test]
fn a_key_is_generated_copied_used_revoked_and_refused() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_life_of_a_key(&console, &Chromium::start(&console));
}

#[test]
fn a_key_is_generated_copied_used_revoked_and_refused_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_life_of_a_key(&console, &Chromium::without_script(&console));
}

fn the_life_of_a_key(console: &Console, ann: &Chromium) {
    let acme = console.organization("Acme", "Ann Owner");
    ann.sign_in(&acme.owner);
    let key = generates(ann);
    let example = example(ann);
    assert!(example.contains(&key), "{example}");
    assert_eq!(run(&example), (200, true), "as the page shows it");
    cannot_go_back_to(ann, &key);

    ann.go("Keys");
    let row = ann.row("Deploy");
    assert!(row.contains("Standard") && row.contains("Active"), "{row}");
    ann.go("Deploy");
    // Which of two secrets is used is seen without a further click.
    let newer = rotates(ann);
    assert_eq!((run(&example).0, run(&example.replace(&key, &newer)).0), (200, 200));
    if ann.runs_scripts() {
        let both = || ann.text().matches("Used last just now").count();
        ann.until_equal(2, both);
    }
    ann.go("End the old secret now");
    assert_eq!(run(&example), (401, false), "the old secret");
    let example = example.replace(&key, &newer);
    assert_eq!(run(&example).0, 200);

    ann.go("Pause Deploy");
    assert_eq!(run(&example), (401, false), "paused");
    ann.go("Resume Deploy");
    assert_eq!(run(&example).0, 200);
    if ann.runs_scripts() {
        ann.click("Revoke Deploy");
        ann.until_equal(true, || ann.shows("Revoke"));
    } else {
        ann.go("Revoke Deploy");
    }
    ann.go("Revoke");
    ann.sees("Deploy is revoked: the next request with it is refused.");
    assert_eq!(run(&example), (401, false), "revoked");
}

/// Generates the key Deploy and copies it.
fn generates(ann: &Chromium) -> String {
    ann.go("Keys");
    ann.go("Generate the first one");
    ann.fill("Name", "Deploy");
    // What only an AI agent needs is not there for others.
    assert!(!ann.shows("Requests a minute"));
    ann.choose("Type", "AI agent");
    assert!(ann.shows("Requests a minute") && ann.shows("Requests a day"));
    ann.choose("Type", "Standard");
    ann.choose("Expiration", "30 days");
    ann.click(&box_of(Permission::MembersView));
    ann.go("Generate API key");
    ann.sees("You will not see it again.");
    let key = ann.value_of("API key Deploy");
    assert!(roster::secret::KeyText::parse(&key).is_some(), "{key}");
    if ann.runs_scripts() {
        ann.click("Copy");
        ann.sees("Copied");
    }
    key
}

/// The command that the page shows.
fn example(ann: &Chromium) -> String {
    let text = ann.text();
    let (_, rest) = text.split_once("curl ").unwrap_or_else(|| panic!("no example: {text}"));
    let end = rest.match_indices('\'').nth(1).unwrap().0;
    format!("curl {}", &rest[..=end])
}

/// Runs it in a shell: the status, and whether the answer names the organization.
fn run(example: &str) -> (u16, bool) {
    let output = Command::new("sh").args(["-c", &format!("{example} -s -w '\\n%{{http_code}}'")]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (body, status) = said.rsplit_once('\n').unwrap_or_else(|| panic!("{said} {}", String::from_utf8_lossy(&output.stderr)));
    (status.parse().unwrap(), body.contains("\"name\":\"Acme\""))
}

fn cannot_go_back_to(ann: &Chromium, key: &str) {
    let secret = key.split_once('.').unwrap().1;
    ann.go("Done");
    assert!(!ann.source().contains(secret));
    ann.back();
    assert!(!ann.source().contains(secret), "{}", ann.text());
    ann.open("/o/acme/keys");
}

fn rotates(ann: &Chromium) -> String {
    ann.go("Rotate Deploy");
    ann.choose("The old secret goes on for", "7 days");
    ann.go("Rotate");
    ann.sees("The old secret goes on for 7 days.");
    let key = ann.value_of("API key Deploy");
    ann.go("Done");
    ann.sees("Both secrets work");
    key
}

/// Somebody with one key of each kind.
fn with_keys(console: &Console, acme: &Organization<'_>, olaf: &Person) {
    let name = "A long name of a key that somebody typed in full detail";
    acme.key(name, &acme.owner, &["members.view", "members.assign_peer_role", "keys.verify"]);
    acme.key("Deploy", olaf, &["members.view"]);
    acme.execute(
        "UPDATE key_uses SET last_used_at = now() - interval '95 days', last_used_network = '203.0.113.0/24', idle_since = now() - interval '95 days'",
    );
    acme.execute("UPDATE keys SET expires_at = now() + interval '3 days' WHERE name = 'Deploy'");
    let page = console.signed_in(&acme.owner);
    let id = console.uuid("SELECT id AS uuid FROM keys WHERE name = 'Deploy'");
    page.post(&acme.path(&format!("keys/{id}/rotate")), &[("overlap", "24-hours")]);
}

#[test]
fn the_keys_screen_looks_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme Aerospace & Sons", "Ann Owner");
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.open(&acme.path("keys"));
    ann.looks_right("keys-none");
    with_keys(&console, &acme, &olaf);
    let key = acme.path(&format!("keys/{}", console.uuid("SELECT id AS uuid FROM keys WHERE name = 'Deploy'")));
    let olaf = acme.path(&format!("members/{}/remove", acme.member_id(&olaf.email)));
    ann.look_right(&[
        (&acme.path("keys"), "keys"),
        (&acme.path("keys?search=nothing"), "keys-no-match"),
        (&acme.path("keys/new"), "keys-new"),
        (&key, "key"),
        (&format!("{key}/rotate"), "key-rotate"),
        (&format!("{key}/revoke"), "key-revoke"),
        (&olaf, "member-remove-with-keys"),
        ("/api/docs", "api-docs"),
    ]);
    ann.open(&olaf);
    ann.click("Decide for each key");
    ann.looks_right("member-remove-each-key");
    ann.open(&acme.path("keys/new"));
    ann.fill("Name", "https://example.com");
    ann.go("Generate API key");
    ann.looks_right("keys-new-mistakes");
    ann.fill("Name", "Nightly");
    ann.choose("Type", "AI agent");
    ann.go("Generate API key");
    ann.looks_right("keys-secret");
}
