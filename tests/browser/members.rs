//! The Members screen: searched, filtered, sorted, and people changed and removed on it.

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization};
use roster::access::policy::Starter;
use thirtyfour::Key;

fn people(console: &Console) -> Organization<'_> {
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Manager", Starter::Manager);
    acme.member("Dana Smith", Starter::Member);
    acme.member("Eve Jones", Starter::Member);
    acme.member("Finn Smith", Starter::Viewer);
    acme
}

#[test]
fn members_are_searched_filtered_and_sorted() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    search_filter_sort(&Chromium::start(&console), &acme);
}

#[test]
fn members_are_searched_filtered_and_sorted_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    search_filter_sort(&Chromium::without_script(&console), &acme);
}

fn search_filter_sort(ann: &Chromium, acme: &Organization<'_>) {
    ann.sign_in(&acme.owner);
    ann.go("Members");
    assert_eq!(ann.names_in_rows(), ["Ann Owner", "Bob Manager", "Dana Smith", "Eve Jones", "Finn Smith"]);
    ann.fill("Search members", "smi");
    ann.to_next_page(|| ann.press(Key::Enter));
    assert_eq!(ann.names_in_rows(), ["Dana Smith", "Finn Smith"]);
    pick(ann, "Role", "Viewer");
    assert_eq!(ann.names_in_rows(), ["Finn Smith"]);
    ann.open(&acme.path("members"));
    ann.go("Email");
    ann.go("Email");
    assert_eq!(ann.names_in_rows(), ["Finn Smith", "Eve Jones", "Dana Smith", "Bob Manager", "Ann Owner"]);
}

/// A filter applies when it is chosen, or by its button where no script runs.
fn pick(ann: &Chromium, filter: &str, option: &str) {
    if ann.runs_scripts() {
        return ann.to_next_page(|| ann.choose(filter, option));
    }
    ann.choose(filter, option);
    ann.go("Apply");
}

#[test]
fn a_role_chosen_in_the_row_holds_at_once() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.go("Members");
    ann.to_next_page(|| ann.choose("Role of Dana Smith", "Admin"));
    role_is(&ann, "Admin");
}

#[test]
fn a_role_chosen_in_the_row_is_saved_by_its_button_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    let ann = Chromium::without_script(&console);
    ann.sign_in(&acme.owner);
    ann.go("Members");
    ann.choose("Role of Dana Smith", "Admin");
    ann.go("Save Role of Dana Smith");
    role_is(&ann, "Admin");
}

#[test]
fn a_role_chosen_by_keyboard_waits_for_its_button() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    let ann = Chromium::by_keyboard(&console);
    ann.sign_in(&acme.owner);
    ann.go("Members");
    ann.choose("Role of Dana Smith", "Admin");
    assert_eq!(ann.chosen("Role of Dana Smith"), "Admin");
    ann.go("Save Role of Dana Smith");
    role_is(&ann, "Admin");
}

fn role_is(ann: &Chromium, role: &str) {
    ann.sees(&format!("Dana Smith is {role} now"));
    assert_eq!(ann.chosen("Role of Dana Smith"), role);
}

#[test]
fn several_members_are_deactivated_together() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    deactivate_two(&Chromium::start(&console), &acme);
}

#[test]
fn several_members_are_deactivated_together_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    deactivate_two(&Chromium::without_script(&console), &acme);
}

fn deactivate_two(ann: &Chromium, acme: &Organization<'_>) {
    ann.sign_in(&acme.owner);
    ann.go("Members");
    ann.click("Select Dana Smith");
    ann.click("Select Eve Jones");
    if ann.runs_scripts() {
        ann.sees("2 selected");
    }
    ann.click("Actions");
    ann.go("Deactivate");
    for address in ["dana.smith@example.com", "eve.jones@example.com"] {
        assert!(ann.row(address).contains("Inactive"), "{}", ann.row(address));
    }
    assert!(ann.row("finn.smith@example.com").contains("Active"));
}

#[test]
fn a_removal_is_confirmed_in_a_dialog_that_escape_closes() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    let ann = Chromium::by_keyboard(&console);
    ann.sign_in(&acme.owner);
    ann.go("Members");
    open_removal(&ann);
    assert_eq!(ann.focus(), "Cancel", "the harmless button has the focus");
    ann.press(Key::Escape);
    ann.until_equal("More for Dana Smith".to_owned(), || ann.focus());
    assert!(ann.text().contains("Dana Smith"));

    open_removal(&ann);
    ann.go("Remove");
    ann.sees("removed");
    assert!(!ann.names_in_rows().contains(&"Dana Smith".to_owned()));
}

fn open_removal(ann: &Chromium) {
    ann.click("More for Dana Smith");
    ann.click("Remove Dana Smith");
    ann.until_equal(true, || ann.shows("Cancel"));
    ann.arrives_at("/o/acme/members");
}

#[test]
fn a_removal_is_confirmed_on_a_page_without_javascript() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = people(&console);
    let ann = Chromium::without_script(&console);
    ann.sign_in(&acme.owner);
    ann.go("Members");
    ann.click("More for Dana Smith");
    ann.go("Remove Dana Smith");
    assert!(ann.path().ends_with("/remove"), "{}", ann.path());
    ann.go("Remove");
    ann.sees("removed");
    assert!(!ann.names_in_rows().contains(&"Dana Smith".to_owned()));
}
