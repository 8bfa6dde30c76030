//! The Roles screen: a role is made, given, edited and deleted, and who holds it sees what it allows and nothing else.

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization, Person};
use chrono::NaiveTime;
use roster::access::policy::{Permission, Starter};
use thirtyfour::Key;

use Permission::*;

/// What the Members page offers to an Owner who opened the menu of Dana's row.
const ALL_OFFERS: [&str; 8] = [
    "Invite members",
    "Select Bob Smith",
    "Role of Bob Smith",
    "Select Dana Smith",
    "Role of Dana Smith",
    "View Dana Smith",
    "Deactivate Dana Smith",
    "Remove Dana Smith",
];

/// The box of a permission, by its accessible name.
pub fn box_of(permission: Permission) -> String {
    format!("{} {}", permission.sentence(), permission.key())
}

/// Makes a role at level 25 as the Owner, past the browser. Returns its path.
pub fn add_role(console: &Console, acme: &Organization<'_>, name: &str, permissions: &[Permission]) -> String {
    let owner = console.signed_in(&acme.owner);
    let boxes: Vec<String> = permissions.iter().map(|permission| box_of(*permission)).collect();
    let mut fields = vec![("Name", name), ("Level", "25")];
    fields.extend(boxes.iter().map(|label| (label.as_str(), "true")));
    let page = owner.submit(&owner.open(&acme.path("roles/new")), "Create role", &fields);
    assert_eq!(page.heading(), name, "{}", page.text());
    page.path
}

#[test]
fn a_role_is_made_given_edited_and_deleted_and_its_holder_feels_it_at_once() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_life_of_a_role(&console, &Chromium::start(&console), &Chromium::start(&console));
}

#[test]
fn a_role_is_made_given_edited_and_deleted_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    the_life_of_a_role(&console, &Chromium::without_script(&console), &Chromium::without_script(&console));
}

fn the_life_of_a_role(console: &Console, ann: &Chromium, bob: &Chromium) {
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Dana Smith", Starter::Member);
    bob.sign_in(&acme.member("Bob Smith", Starter::Viewer));
    assert_eq!(sidebar(bob), ["Overview", "Members"]);
    ann.sign_in(&acme.owner);

    makes_support(ann);
    gives_support_to_bob(ann);
    bob.open("/o/acme/members");
    assert_eq!(sidebar(bob), ["Overview", "Members", "Invites", "Keys"]);
    assert_eq!(offered(bob), ["Invite members", "View Dana Smith"]);
    is_refused(bob, "/o/acme/roles", "roles.view");

    takes_inviting_from_support(ann);
    bob.open("/o/acme/members");
    assert_eq!(sidebar(bob), ["Overview", "Members", "Keys"]);
    assert_eq!(offered(bob), ["View Dana Smith"]);
    is_refused(bob, "/o/acme/invites", "members.invite");

    deletes_support(ann);
    bob.open("/o/acme");
    assert_eq!(sidebar(bob), ["Overview"]);
}

fn makes_support(ann: &Chromium) {
    ann.go("Roles");
    ann.go("New role");
    ann.fill("Name", "Support");
    ann.fill("Description", "Answers customers.");
    ann.fill("Level", "25");
    ann.click(&box_of(MembersView));
    ann.click(&box_of(MembersInvite));
    if ann.runs_scripts() {
        select_all(ann, 2);
    } else {
        ann.go("Select all of Keys");
    }
    ann.go("Create role");
    ann.sees("The role Support is created. Nobody holds it yet.");
    ann.go("Roles");
    let row = ann.row("Support");
    assert_eq!(row.split_whitespace().collect::<Vec<_>>().join(" "), "Support Answers customers. 25 0 6 Custom");
}

/// Ticks the box **Select all** of the group that is so many groups further on; all bear the same name.
fn select_all(someone: &Chromium, groups: usize) {
    for _ in 0..groups {
        someone.tab_to("Select all");
    }
    someone.press(Key::Space);
}

fn gives_support_to_bob(ann: &Chromium) {
    ann.go("Members");
    assert_eq!(offered(ann), ALL_OFFERS);
    if ann.runs_scripts() {
        ann.to_next_page(|| ann.choose("Role of Bob Smith", "Support"));
    } else {
        ann.choose("Role of Bob Smith", "Support");
        ann.go("Save Role of Bob Smith");
    }
    assert_eq!(ann.chosen("Role of Bob Smith"), "Support");
    tells_when(ann, "Bob Smith is Support now");
}

fn takes_inviting_from_support(ann: &Chromium) {
    ann.go("Roles");
    ann.go("Support");
    ann.click(&box_of(MembersInvite));
    ann.go("Save");
    ann.sees("1 person loses members.invite");
    ann.sees("Bob Smith");
    ann.sees("It takes effect with the next request of 1 person, in 1 session, without anybody signing in again.");
    ann.go("Save changes");
    tells_when(ann, "Support is saved");
}

fn deletes_support(ann: &Chromium) {
    let before = ann.path();
    if ann.runs_scripts() {
        ann.click("Delete Support");
        ann.until_equal(true, || ann.shows("Move and delete"));
        ann.arrives_at(&before);
    } else {
        ann.go("Delete Support");
        ann.arrives_at(&format!("{before}/delete"));
    }
    ann.choose("Move them to", "Member");
    ann.go("Move and delete");
    tells_when(ann, "The role Support is deleted; who held it has Member now");
    assert!(!ann.names_in_rows().contains(&"Support".to_owned()));
    ann.go("Members");
    assert_eq!(ann.chosen("Role of Bob Smith"), "Member");
}

/// Bob's sidebar: what stands between the organization and his initials.
fn sidebar(bob: &Chromium) -> Vec<String> {
    let text = bob.text();
    let entries = text.lines().skip_while(|line| *line != "Acme").skip(1).take_while(|line| *line != "BS");
    entries.map(str::to_owned).collect()
}

/// What of it the Members page offers to somebody.
fn offered(someone: &Chromium) -> Vec<&'static str> {
    someone.click("More for Dana Smith");
    shown(someone, &ALL_OFFERS)
}

/// Which of these can be seen on the page.
fn shown<'a>(someone: &Chromium, names: &[&'a str]) -> Vec<&'a str> {
    names.iter().copied().filter(|name| someone.shows(name)).collect()
}

fn is_refused(someone: &Chromium, path: &str, permission: &str) {
    someone.open(path);
    someone.sees("You are not allowed to do this");
    someone.sees(&format!("This needs the permission {permission}."));
}

/// The page tells since when a change holds, and for whom: Bob, in the one browser in which he is signed in.
fn tells_when(ann: &Chromium, change: &str) {
    let text = ann.text();
    let (_, told) = text.split_once(&format!("{change}, effective at ")).unwrap_or_else(|| panic!("{text}"));
    let (time, told) = told.split_once(' ').unwrap();
    assert!(NaiveTime::parse_from_str(time, "%H:%M:%S").is_ok(), "{time}");
    assert!(told.starts_with("for 1 person, 1 session (UTC)"), "{told}");
}

#[test]
fn a_role_is_made_by_keyboard_alone() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let ann = Chromium::by_keyboard(&console);
    ann.sign_in(&acme.owner);
    ann.go("Roles");
    ann.go("New role");
    ann.fill("Name", "Support");
    ann.fill("Level", "25");
    for _ in ["ticked", "unticked", "ticked again"] {
        ann.click(&box_of(MembersView));
    }
    select_all(&ann, 2);
    ann.click(&box_of(KeysVerify));
    ann.tab_to("Name");
    ann.to_next_page(|| ann.press(Key::Enter));
    ann.sees("The role Support is created. Nobody holds it yet.");
    assert_eq!(saved(&console, "Support"), "members.view keys.view keys.create keys.revoke");
}

/// The permissions of a role as they are saved, in the order of the editor.
fn saved(console: &Console, role: &str) -> String {
    console.text(&format!("SELECT array_to_string(permissions, ' ') FROM roles WHERE name = '{role}'"))
}

#[test]
fn enter_in_a_field_creates_the_role_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let ann = Chromium::without_script(&console);
    ann.sign_in(&acme.owner);
    ann.open("/o/acme/roles/new");
    ann.click(&box_of(KeysView));
    ann.fill("Level", "25");
    ann.fill("Name", "Support");
    ann.to_next_page(|| ann.press(Key::Enter));
    ann.sees("The role Support is created. Nobody holds it yet.");
    assert_eq!(saved(&console, "Support"), "keys.view");
}

#[test]
fn a_manager_reads_the_roles_and_is_told_what_changing_them_takes() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let support = add_role(&console, &acme, "Support", &[MembersView, KeysView]);
    let bob = Chromium::start(&console);
    bob.sign_in(&acme.member("Bob Smith", Starter::Manager));
    bob.go("Roles");
    bob.click("More for Support");
    assert_eq!(
        shown(&bob, &["New role", "View Support", "Edit Support", "Duplicate Support", "Delete Support"]),
        ["View Support"]
    );
    assert!(!bob.shows("Save default role"));

    bob.go("View Support");
    bob.arrives_at(&support);
    bob.sees("To change it takes the permission roles.manage.");
    bob.sees(&format!("{}\n{}", KeysView.sentence(), KeysView.key()));
    let changing = ["Name", "Level", &box_of(KeysView), "Select all", "Save", "Duplicate Support", "Delete Support"];
    assert!(shown(&bob, &changing).is_empty());
    for path in ["/o/acme/roles/new", &format!("{support}/delete")] {
        is_refused(&bob, path, "roles.manage");
    }
}

#[test]
fn an_admin_gives_no_permission_that_is_not_theirs() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let support = add_role(&console, &acme, "Support", &[]);
    let cara = Chromium::start(&console);
    cara.sign_in(&admin(&acme));
    cara.open(&support);
    let delete = box_of(OrganizationDelete);
    cara.sees(&format!("{delete}\nYou do not hold this yourself, so you cannot give it."));

    cara.tab_to(&box_of(BillingManage));
    select_all(&cara, 1);
    cara.press(Key::Tab);
    assert_eq!(cara.focus(), box_of(OrganizationEdit));
    cara.press(Key::Tab);
    assert_eq!(cara.focus(), "Select all", "what is disabled is passed over");
    cara.click(&delete);
    cara.go("Save");
    cara.go("Save changes");
    assert_eq!(saved(&console, "Support"), "organization.edit");
}

#[test]
fn select_all_without_javascript_ticks_no_permission_that_is_not_the_admin_s() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let support = add_role(&console, &acme, "Support", &[]);
    let cara = Chromium::without_script(&console);
    cara.sign_in(&admin(&acme));
    cara.open(&support);
    cara.go("Select all of Organization");
    cara.sees("You do not hold this yourself, so you cannot give it.");
    cara.go("Save");
    cara.go("Save changes");
    assert_eq!(saved(&console, "Support"), "organization.edit");
}

fn admin(acme: &Organization<'_>) -> Person {
    acme.member("Cara Admin", Starter::Admin)
}
