//! Why somebody may do something, who has a permission, and the permissions that the product brings along.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use roster::access::policy::{Permission, Starter};
use roster::config::ProductPermissions;

use crate::harness::{Binary, Browser, Console, Folder, Organization, Person, command};
use crate::roles::{create, hold, role_id};

const FILE: &str = r#"
[[groups]]
name = "Datasets"

[[groups.permissions]]
key = "datasets.read"
sentence = "Read datasets."
roles = ["viewer", "member", "writer"]

[[groups.permissions]]
key = "datasets.write"
sentence = "Change datasets."
roles = ["writer"]
"#;

fn product(text: &str) -> Arc<ProductPermissions> {
    Arc::new(ProductPermissions::parse(text).unwrap())
}

fn console_with(text: &str) -> Console {
    let product = product(text);
    Console::start_with(|config| config.product_permissions = product)
}

/// The reason beside a permission on a member's page.
fn reason(browser: &Browser, acme: &Organization<'_>, email: &str, key: &str) -> String {
    let page = browser.open(&acme.path(&format!("members/{}", acme.member_id(email))));
    let lines = page.all(".why-line");
    let line = lines.iter().find(|line| line.split_whitespace().any(|word| word == key));
    line.unwrap_or_else(|| panic!("{key} is not on the page: {lines:#?}")).clone()
}

#[test]
fn a_member_page_tells_for_every_permission_where_it_comes_from_or_what_it_would_need() {
    let console = console_with(FILE);
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Viewer);
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path(&format!("members/{}", acme.member_id(&dana.email))));
    assert!(page.all("h2").contains(&"Why can Dana do this?".to_owned()), "{:?}", page.all("h2"));
    assert_eq!(page.all(".why-line").len(), Permission::ALL.len() + 2);
    ann.submit(&ann.open(&acme.path("members")), "Save Role of Dana Smith", &[("Role of Dana Smith", "Manager")]);
    let of = |key: &str| reason(&ann, &acme, &dana.email, key);
    let today = console.text("SELECT to_char(now(), 'FMDD FMMonth YYYY')");
    let given = format!("from role Manager since {today}, by Ann Owner");
    assert!(of("members.invite").starts_with("Allowed:") && of("members.invite").ends_with(&given), "{}", of("members.invite"));
    assert!(of("datasets.read").ends_with(&given), "Managers invite Members, who have it: {}", of("datasets.read"));
    assert!(of("organization.delete").ends_with("would need role Owner"));
    assert!(of("roles.manage").ends_with("would need role Admin or Owner"));
    assert!(
        of("members.manage").starts_with("Not allowed:")
            && of("members.manage").ends_with("would need role Co-Admin, Admin or Owner")
    );
    create(&ann, &acme, "Key keeper", 15, &[Permission::KeysView]);
    create(&ann, &acme, "Key master", 16, &[Permission::KeysView]);
    let all = "would need role Key keeper, Key master, Operator, Co-Admin, Admin or Owner";
    assert!(of("keys.view").ends_with(all), "{}", of("keys.view"));
    for number in 0..6 {
        create(&ann, &acme, &format!("Deputy {number}"), 17, &[Permission::KeysView]);
    }
    assert!(
        of("keys.view").contains("Key keeper, Key master, ") && of("keys.view").ends_with(" or 2 more"),
        "{}",
        of("keys.view")
    );
}

#[test]
fn a_permission_page_lists_who_has_it_and_why_page_after_page() {
    let console = console_with(FILE);
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(200);
    for number in 0..60 {
        acme.member(&format!("Writer {number:02}"), Starter::Writer);
    }
    let (viewer, gone) = (acme.member("Vic Viewer", Starter::Viewer), acme.member("Gus Gone", Starter::Writer));
    acme.execute(&format!("UPDATE members SET status = 'inactive' WHERE email = '{}'", gone.email));
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path(&format!("members/{}", acme.member_id(&viewer.email))));
    let page = ann.click(&page, "Who has datasets.write?");
    assert_eq!((page.path.as_str(), page.heading().as_str()), ("/o/acme/permissions/datasets.write", "Who has datasets.write?"));
    assert_eq!(page.all(".names li"), ["Owner", "Admin", "Co-Admin", "Writer"]);
    let (first, next) = (page.all("td.cell-primary a"), ann.click(&page, "Next"));
    assert_eq!((first.len(), first[0].as_str(), first[1].as_str()), (50, "Ann Owner", "Writer 00"));
    assert_eq!(next.all("td.cell-primary a").last().map(String::as_str), Some("Writer 59"));
    assert_eq!(first.len() + next.all("td.cell-primary a").len(), 61, "neither Vic, who lacks it, nor Gus, who is inactive");
    assert!(page.all("td[data-label=Why]")[1].starts_with("from role Writer since "));
    assert_eq!(ann.click(&next, "Previous").all("td.cell-primary a"), first);
    assert_eq!(ann.get(&acme.path("permissions/no.such")).status, 404);
    // The switcher leads to the screen that the page belongs to.
    console.organization_of("Globex", &acme.owner);
    assert_eq!(ann.open(&page.path).link("G Globex"), "/o/globex/members");
    let vics = console.signed_in(&viewer);
    let seen = vics.open(&acme.path("permissions/datasets.write"));
    assert!(seen.status == 200 && !seen.offers("Writer"), "who may not see roles gets no links to them");
}

#[test]
fn viewers_and_writers_get_what_the_file_gives_them_and_edits_of_it_last() {
    let console = console_with(FILE);
    let acme = console.organization("Acme", "Ann Owner");
    let (wim, vic) = (acme.member("Wim Writer", Starter::Writer), acme.member("Vic Viewer", Starter::Viewer));
    let ann = console.signed_in(&acme.owner);
    assert!(reason(&ann, &acme, &wim.email, "datasets.write").starts_with("Allowed:"));
    assert!(reason(&ann, &acme, &vic.email, "datasets.read").starts_with("Allowed:"));
    assert!(reason(&ann, &acme, &vic.email, "datasets.write").starts_with("Not allowed:"));
    assert!(console.signed_in(&wim).open("/o/acme").says("Change datasets."));
    // Taken from Viewers, given to Operators.
    for (role, label, value, told) in [
        (Starter::Viewer, "Read datasets. datasets.read", "", "loses datasets.read"),
        (Starter::Operator, "Change datasets. datasets.write", "true", "Whoever gets it gains datasets.write"),
    ] {
        let page = ann.open(&acme.path(&format!("roles/{}", acme.role(role))));
        let review = ann.submit(&page, "Save", &[(label, value)]);
        assert!(review.says(told), "{}", review.text());
        ann.submit(&review, "Save changes", &[]);
    }
    assert!(reason(&ann, &acme, &vic.email, "datasets.read").starts_with("Not allowed:"));
    let held = ann.open(&acme.path("permissions/datasets.write")).all(".names li");
    assert_eq!(held, ["Owner", "Admin", "Co-Admin", "Operator", "Writer"]);
}

/// A custom role Curator that has datasets.write.
fn curator(browser: &Browser, acme: &Organization<'_>) {
    let page = create(browser, acme, "Curator", 25, &[Permission::MembersView]);
    let review = browser.submit(&page, "Save", &[("Change datasets. datasets.write", "true")]);
    browser.submit(&review, "Save changes", &[]);
}

/// Another node on the same database, whose file says `text`.
fn node_with(console: &mut Console, text: &str) -> SocketAddr {
    console.config.product_permissions = product(text);
    console.another_node()
}

#[test]
fn what_leaves_the_file_is_hidden_and_comes_back_as_it_was() {
    let mut console = console_with(FILE);
    let owner = {
        let acme = console.organization("Acme", "Ann Owner");
        curator(&console.signed_in(&acme.owner), &acme);
        acme.owner.clone()
    };
    let path = format!("/o/acme/roles/{}", role_id(&console, "Curator"));
    let node = node_with(&mut console, "");
    let without = console.signed_in_at(node, &owner);
    let page = without.open(&path);
    assert!(!page.says("datasets.write") && page.says("members.view"), "{}", page.text());
    assert_eq!(without.get("/o/acme/permissions/datasets.write").status, 404);
    // Edited meanwhile: what is hidden stays as it was.
    let review = without.submit(&page, "Save", &[("Level", "26")]);
    without.submit(&review, "Save changes", &[]);
    let node = node_with(&mut console, FILE);
    let page = console.signed_in_at(node, &owner).open(&path);
    let shown = (page.value_of("Level"), page.value_of("Change datasets. datasets.write"));
    assert_eq!(shown, ("26".to_owned(), "datasets.write".to_owned()));
}

#[test]
fn what_is_hidden_still_counts_in_who_gives_what_to_whom() {
    let mut console = console_with(FILE);
    let (owner, cora, ada) = {
        let acme = console.organization("Acme", "Ann Owner");
        let ann = console.signed_in(&acme.owner);
        curator(&ann, &acme);
        let held = [Permission::MembersView, Permission::MembersAssignRole, Permission::RolesView, Permission::RolesManage];
        create(&ann, &acme, "Clerk", 60, &held);
        let cora = acme.member("Cora Clerk", Starter::Member);
        hold(&acme, &cora, role_id(&console, "Clerk"));
        acme.member("Vic Viewer", Starter::Viewer);
        (acme.owner.clone(), cora, acme.member("Ada Admin", Starter::Admin))
    };
    let node = node_with(&mut console, "");
    let offers = |person: &Person| {
        let list = console.signed_in_at(node, person).open("/o/acme/members");
        list.options_of("Role of Vic Viewer").contains(&"Curator".to_owned())
    };
    assert!(offers(&ada), "Admins have whatever the product has");
    assert!(offers(&owner));
    assert!(!offers(&cora), "who never had it does not give it");
    let page = console.signed_in_at(node, &cora).open(&format!("/o/acme/roles/{}", role_id(&console, "Curator")));
    assert!(!page.offers("Save") && page.says("allows more than yours does"), "{}", page.text());
}

#[test]
fn a_bad_file_stops_the_start_with_the_line_and_the_reason() {
    let folder = Folder::new();
    let path = folder.0.join("permissions.toml");
    let path = path.to_str().unwrap();
    for (text, line, reason) in [
        (FILE.replace("\"viewer\"", "\"reader\""), "line 8", "expected a starter role"),
        (FILE.replace("datasets.write", "datasets.read"), "line 11", "expected each key once"),
        (FILE.replace("[[groups]]", "[groups"), "line 2", "]"),
    ] {
        fs::write(path, text).unwrap();
        let data = folder.0.join("data");
        let output = command(&["serve"], &[("PERMISSIONS_FILE", path), ("DATA_DIR", data.to_str().unwrap())]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{said}");
        assert!(said.contains("PERMISSIONS_FILE: ") && said.contains(line) && said.contains(reason), "{said}");
    }
    let missing = command(&["serve"], &[("PERMISSIONS_FILE", "/no/such/file.toml")]).output().unwrap();
    assert!(String::from_utf8(missing.stderr).unwrap().contains("PERMISSIONS_FILE: expected a TOML file"));
}

#[test]
fn the_binary_serves_with_a_file() {
    let folder = Folder::new();
    let path = folder.0.join("permissions.toml");
    fs::write(&path, FILE).unwrap();
    let binary = Binary::start_in(folder, &["serve"], &[("PERMISSIONS_FILE", path.to_str().unwrap())]);
    let browser = binary.browser();
    let page = browser.open("/sign-up");
    let fields =
        [("Name", "Ann"), ("Email", "ann@example.com"), ("Password", crate::harness::PASSWORD), ("Organization name", "Acme")];
    browser.submit(&page, "Create account", &fields);
    let page = browser.open("/o/acme/roles/new");
    assert!(page.all("legend").contains(&"Datasets".to_owned()), "{:?}", page.all("legend"));
}
