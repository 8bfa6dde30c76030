//! Modules beside the plan: added, cancelled and kept with the price seen before each click, with and without JavaScript.

use std::sync::Arc;

use roster::access::policy::Starter;
use roster::config::{Config, Plans, ProductPermissions};

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization};

const PLANS: &str = r#"
[issuer]
country = "DE"
vat.DE = "19"

[[plans]]
key = "free"
name = "Free"
sentence = "For trying things out together."
member_slots = 10
features = ["custom_roles"]

[[plans]]
key = "team"
name = "Team"
sentence = "For teams that work with it every day."
charge = "per_member"
member_slots = 50
features = ["custom_roles"]
prices.EUR = { month = 800, year = 8000 }

[[plans]]
key = "business"
name = "Business"
sentence = "For companies with several teams."
charge = "per_member"
member_slots = "unlimited"
features = ["custom_roles"]
modules = ["audit"]
prices.EUR = { month = 1500, year = 15000 }

[[modules]]
key = "reports"
name = "Reports"
sentence = "Numbers for those who decide, drawn as people read them."
per_member = true
permissions = ["reports.read", "reports.write"]
plans = ["team"]
prices.EUR = { month = 300, year = 3000 }

[[modules]]
key = "archive"
name = "Archive of all letters there ever were"
sentence = "What was, for ever."
permissions = ["archive.read"]
prices.EUR = { month = 2500 }

[[modules]]
key = "audit"
name = "Audit"
sentence = "Who did what."
permissions = ["traces.read"]
"#;

const PRODUCT: &str = r#"
[[groups]]
name = "Product"
permissions = [
    { key = "data.read", sentence = "Read data.", roles = ["writer", "viewer"] },
    { key = "reports.read", sentence = "Read reports.", roles = ["writer"] },
    { key = "reports.write", sentence = "Write reports." },
    { key = "archive.read", sentence = "Look into the archive." },
    { key = "traces.read", sentence = "Read who did what." },
]
"#;

fn with_modules(config: &mut Config) {
    let plans = Plans::parse(PLANS).unwrap();
    let product = ProductPermissions::parse(PRODUCT).unwrap().opened_by(&plans).unwrap();
    (config.plans, config.product_permissions) = (Arc::new(plans), Arc::new(product));
}

/// An organization with a billing address.
fn addressed(console: &Console) -> Organization<'_> {
    let acme = console.organization("Acme", "Ann Owner");
    acme.execute(&format!(
        "INSERT INTO billing_accounts (organization_id, name, line1, city, country) VALUES ('{}', 'Acme', 'Hauptstraße 1', 'Berlin', 'DE')",
        acme.id
    ));
    acme
}

fn the_life_of_a_module(console: &Console, ann: &Chromium) {
    let acme = addressed(console);
    ann.sign_in(&acme.owner);
    ann.open("/o/acme/billing/plans/team?cycle=month&currency=EUR");
    ann.go("Change to Team now");
    ann.go("Add Reports");
    ann.sees("€3.00 a month for 1 member, plus VAT 19 %");
    ann.sees("Read reports. (reports.read)");
    ann.go("Add Reports");
    ann.sees("Reports is open now.");
    if ann.runs_scripts() {
        ann.click("Cancel Reports");
        ann.until_equal(true, || ann.text().contains("What ends on"));
    } else {
        ann.go("Cancel Reports");
    }
    ann.go("Cancel Reports");
    ann.sees("Until then you can keep it.");
    ann.go("Keep Reports");
    ann.sees("Reports goes on.");
}

#[test]
fn a_module_is_added_cancelled_and_kept() {
    let (console, _turn) = (Console::start_with(with_modules), chromium::turn());
    the_life_of_a_module(&console, &Chromium::start(&console));
}

#[test]
fn a_module_is_added_cancelled_and_kept_without_javascript() {
    let (console, _turn) = (Console::start_with(with_modules), chromium::turn());
    the_life_of_a_module(&console, &Chromium::without_script(&console));
}

#[test]
fn pages_with_modules_look_right() {
    let (console, _turn) = (Console::start_with(with_modules), chromium::turn());
    let acme = addressed(&console);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.look_right(&[("/o/acme/billing", "modules-none"), ("/o/acme/billing/plans", "modules-plans")]);
    ann.open("/o/acme/billing/plans/team?cycle=month&currency=EUR");
    ann.go("Change to Team now");
    ann.look_right(&[("/o/acme/billing/modules/reports", "module-add")]);
    for module in ["reports", "archive"] {
        ann.open(&format!("/o/acme/billing/modules/{module}"));
        ann.go(if module == "reports" { "Add Reports" } else { "Add Archive of all letters there ever were" });
    }
    ann.open("/o/acme/billing/modules/archive/cancel");
    ann.go("Cancel Archive of all letters there ever were");
    ann.look_right(&[
        ("/o/acme/billing", "modules"),
        ("/o/acme/billing/modules/reports/cancel", "module-cancel"),
        ("/o/acme/billing/plans/business?cycle=year&currency=EUR", "modules-change"),
        (&format!("/o/acme/roles/{}", acme.role(Starter::Writer)), "modules-role"),
    ]);
}
