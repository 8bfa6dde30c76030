//! What the panel of modules says of one that cannot be added: why not, and with which plans it would be there.

use std::sync::Arc;

use roster::config::{Config, Plans, ProductPermissions};

use crate::billing::{PLANS, give_address};
use crate::harness::{Browser, Console, Organization, Page};
use crate::stripe::World;

/// Business costs dollars as Team does, and has Insights; of the modules Reports alone costs dollars.
fn with_modules_apart(config: &mut Config) {
    let module = |key: &str, name: &str, more: &str| {
        format!("\n[[modules]]\nkey = \"{key}\"\nname = \"{name}\"\nsentence = \"It.\"\npermissions = [\"all.use\"]\n{more}\n")
    };
    let modules = [
        module(
            "reports",
            "Reports",
            "plans = [\"team\"]\nprices.EUR = { month = 300, year = 3000 }\nprices.USD = { month = 330 }",
        ),
        module("storage", "Storage", "prices.EUR = { month = 700, year = 7000 }"),
        module("archive", "Archive", "prices.EUR = { month = 400 }"),
        module("insights", "Insights", "prices.EUR = { month = 500 }"),
    ];
    let business = "prices.EUR = { month = 3000, year = 30000 }";
    let more = format!("{business}\nprices.USD = {{ month = 3300 }}\nmodules = [\"insights\"]");
    let plans = Plans::parse(&(PLANS.replacen(business, &more, 1) + &modules.concat())).unwrap();
    let product = "[[groups]]\nname = \"All\"\npermissions = [{ key = \"all.use\", sentence = \"Use it.\" }]";
    config.product_permissions = Arc::new(ProductPermissions::parse(product).unwrap().opened_by(&plans).unwrap());
    config.plans = Arc::new(plans);
}

/// The name of each module, with why it cannot be added where that is so.
fn panel(page: &Page) -> Vec<String> {
    let of = |place: usize| {
        let module = format!("li.module:nth-child({place})");
        [page.all(&format!("{module} h3")), page.all(&format!("{module} .text-small"))].concat().join(": ")
    };
    (1..=4).map(of).collect()
}

fn change(browser: &Browser, acme: &Organization<'_>, asked: &str) -> Vec<String> {
    let page = browser.open(&acme.path(&format!("billing/plans/{asked}")));
    let button = page.buttons().into_iter().find(|button| button.starts_with("Change to")).unwrap();
    panel(&browser.submit(&page, &button, &[]))
}

const INCLUDED: &str = "Insights: Within the price of Business.";

const TEAM_IN_DOLLARS: [&str; 4] =
    ["Reports", "Storage: Not in USD.", "Archive: Not in USD.", "Insights: Not in USD; within Business."];

const BUSINESS_IN_DOLLARS: [&str; 4] =
    ["Reports: Can be added to Team.", "Storage: Not in USD.", "Archive: Not in USD.", INCLUDED];

#[test]
fn a_module_that_has_no_price_as_the_plan_is_paid_says_so_and_names_no_plan_that_would_not_help() {
    let console = Console::start_with(with_modules_apart);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let any = "Can be added to Team or Business or Flat.";
    let before = [
        "Reports: Can be added to Team.",
        &format!("Storage: {any}"),
        &format!("Archive: {any}"),
        "Insights: Within Business; can be added to Team or Flat.",
    ];
    assert_eq!(panel(&ann.open(&acme.path("billing"))), before);
    assert_eq!(change(&ann, &acme, "team?cycle=month&currency=USD"), TEAM_IN_DOLLARS);
    console.execute("UPDATE invoices SET status = 'paid', paid_at = now(), reminder_at = NULL");
    assert_eq!(change(&ann, &acme, "business?cycle=month&currency=USD"), BUSINESS_IN_DOLLARS);

    let other = console.organization("Other", "Otto Owner");
    let otto = console.signed_in(&other.owner);
    give_address(&otto, &other);
    let by_the_year = ["Reports", "Storage", "Archive: Only by the month.", "Insights: Only by the month; within Business."];
    assert_eq!(change(&otto, &other, "team?cycle=year&currency=EUR"), by_the_year);
    console.execute("UPDATE invoices SET status = 'paid', paid_at = now(), reminder_at = NULL");
    let by_the_year = ["Reports: Can be added to Team.", "Storage", "Archive: Only by the month.", INCLUDED];
    assert_eq!(change(&otto, &other, "business?cycle=year&currency=EUR"), by_the_year);
}

#[test]
fn the_panel_says_the_same_where_stripe_collects() {
    let world = World::start_with(with_modules_apart);
    let (acme, ann) = world.with_card();
    assert_eq!(change(&ann, &acme, "team?cycle=month&currency=USD"), TEAM_IN_DOLLARS);
    assert_eq!(change(&ann, &acme, "business?cycle=month&currency=USD"), BUSINESS_IN_DOLLARS);
}
