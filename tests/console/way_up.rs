//! What the plan closes or limits says at once which plans have it, and how one gets there: the page of the plans, or who opens it.

use std::sync::Arc;

use roster::access::policy::Starter;
use roster::config::{Config, Plans};

use crate::billing::with_plans;
use crate::harness::Console;
use crate::invites::invite;

const MANAGER: &str = "Max Manager";

#[test]
fn where_no_slot_is_left_the_plans_with_more_are_named_and_who_changes_the_plan() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let max = console.signed_in(&acme.member(MANAGER, Starter::Manager));
    let bob = acme.member("Bob Smith", Starter::Member);
    acme.member("Cid Jones", Starter::Member);
    let form = ann.open("/o/acme/invites/new");
    assert!(form.says("1 of 5 member slots are free.") && !form.offers("Change plan"), "{}", form.text());
    let page = invite(&ann, &acme, "one@example.com, two@example.com");
    let mine = "Remove a member, revoke an invitation, or change the plan: Team, Business and Flat have more slots.";
    let refused = format!("two@example.com: No member slot is left. {mine}");
    assert_eq!(page.errors(), [refused.as_str()]);
    assert!(page.says(&format!("0 of 5 member slots are free. {mine}")), "{}", page.text());
    assert_eq!(page.link("Change plan"), "/o/acme/billing/plans");
    let page = ann.open("/o/acme");
    assert!(page.says("or change the plan: Team, Business and Flat have more slots."), "{}", page.text());
    assert_eq!(page.link("Change plan"), "/o/acme/billing/plans");
    // Who may not change the plan is told who can, before anything is sent and afterwards.
    let his = "or ask Ann Owner (Owner) to change the plan: Team, Business and Flat have more slots.";
    for page in [max.open("/o/acme/invites/new"), invite(&max, &acme, "two@example.com"), max.open("/o/acme")] {
        assert!(page.says(his) && !page.offers("Change plan"), "{}", page.text());
    }
    // So is who gives access back.
    let path = acme.path(&format!("members/{}", acme.member_id(&bob.email)));
    ann.post(&format!("{path}/deactivate"), &[]);
    invite(&ann, &acme, "two@example.com");
    let flash = ann.follow(ann.post(&format!("{path}/activate"), &[])).flash();
    let words =
        "all 5 member slots are taken. Deactivate somebody, revoke an invitation, or change the plan: Team, Business and Flat";
    assert!(flash.contains(words), "{flash}");
}

#[test]
fn where_more_slots_are_in_use_than_there_are_it_is_said_how_many_have_to_go() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let bob = acme.member("Bob Smith", Starter::Member);
    acme.set_limit(10);
    invite(&ann, &acme, "one@example.com, two@example.com, three@example.com, four@example.com, five@example.com");
    let path = acme.path(&format!("members/{}", acme.member_id(&bob.email)));
    ann.post(&format!("{path}/deactivate"), &[]);
    let until = |what: &str| {
        format!(
            "6 are in use. {what} or revoke invitations until fewer than 5 are, or change the plan: Team, Business and Flat have"
        )
    };
    let remove = until("Remove members");
    // As after the way down to a plan with fewer slots: with as many as there are one fewer is enough.
    acme.set_limit(6);
    assert!(ann.open("/o/acme").says("No slot is free. Remove somebody, revoke an invitation, or change the plan:"));
    acme.set_limit(5);
    let overview = ann.open("/o/acme");
    assert!(overview.says(&format!("No slot is free. {remove}")), "{}", overview.text());
    let form = ann.open("/o/acme/invites/new");
    assert!(form.says(&format!("0 of 5 member slots are free. {remove}")), "{}", form.text());
    let refused = invite(&ann, &acme, "six@example.com");
    assert!(
        refused.errors()[0].starts_with(&format!("six@example.com: No member slot is left. {remove}")),
        "{:?}",
        refused.errors()
    );
    let flash = ann.follow(ann.post(&format!("{path}/activate"), &[])).flash();
    let words = format!("all 5 member slots are taken. {}", until("Deactivate members"));
    assert!(flash.contains(&words), "{flash}");
}

fn with_one_plan(config: &mut Config) {
    let plan = "[[plans]]\nkey = \"free\"\nname = \"Free\"\nsentence = \"For all.\"\nmember_slots = 1\n";
    config.plans = Arc::new(Plans::parse(plan).unwrap());
}

#[test]
fn where_no_plan_has_more_the_operator_is_named() {
    let console = Console::start_with(with_one_plan);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = invite(&ann, &acme, "one@example.com");
    assert!(page.says("No member slot is left.") && page.says("or ask your operator for more slots."), "{}", page.text());
    let roles = ann.open("/o/acme/roles/new");
    assert!(roles.says("To create and edit them, ask your operator for another plan."), "{}", roles.text());
    assert!(!page.offers("Change plan") && !roles.offers("Change plan"));
}

#[test]
fn a_plan_without_custom_roles_says_so_before_anybody_fills_in_a_form() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    acme.execute("UPDATE roles SET permissions = ARRAY['roles.view', 'roles.manage'] WHERE starter = 'manager'");
    let id = uuid::Uuid::new_v4();
    let row = format!("('{}', '{id}', 'Keeper', 'keeper', 5, '{{}}', now(), now())", acme.id);
    let insert = "INSERT INTO roles (organization_id, id, name, name_key, level, permissions, created_at, changed_at) VALUES";
    acme.execute(&format!("{insert} {row}"));
    let ann = console.signed_in(&acme.owner);
    let max = console.signed_in(&acme.member(MANAGER, Starter::Manager));
    let begins = "The plan Free has no custom roles: those there are go on working. To create and edit them,";
    let mine = format!("{begins} change the plan: Team, Business and Flat have them.");
    let his = format!("{begins} ask Ann Owner (Owner) to change the plan: Team, Business and Flat have them.");
    let viewer = acme.role(Starter::Viewer);
    let pages = ["roles".to_owned(), "roles/new".to_owned(), format!("roles/new?from={viewer}"), format!("roles/{id}")];
    for path in pages.map(|rest| acme.path(&rest)) {
        let page = ann.open(&path);
        assert!(page.says(&mine) && !page.has_field("Level"), "{path}: {}", page.text());
        assert_eq!(page.link("Change plan"), "/o/acme/billing/plans", "{path}");
        let page = max.open(&path);
        assert!(page.says(&his) && !page.offers("Change plan") && !page.has_field("Level"), "{path}: {}", page.text());
    }
    // Nothing leads to what is closed.
    let list = ann.open("/o/acme/roles");
    assert!(!list.offers("New role") && !list.offers("Duplicate Viewer") && list.offers("View Keeper"));
    assert!(!ann.open(&acme.path(&format!("roles/{viewer}"))).offers("Duplicate Viewer"));
}
