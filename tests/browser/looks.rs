//! Every page, in every width, light and dark: pictures under target/screenshots, and what must hold in all of them (see
//! `looks_right`).

use crate::chromium::{self, Chromium};
use crate::harness::{Console, Organization, PASSWORD};
use crate::roles::{add_role, box_of};
use roster::access::policy::{Permission, Starter};
use roster::config::ProductPermissions;

/// An organization with a bit of everything, long words included.
fn busy(console: &Console) -> Organization<'_> {
    let acme = console.organization("Acme Aerospace & Sons", "Ann Owner");
    acme.set_limit(60);
    let names = [
        "Bob Manager",
        "Dana Smith",
        "Eve Jones-Featherstonehaugh",
        "Finn Ó Súilleabháin",
        "Gwendolyn Maximiliana Bartholomew Featherington-Smythe",
    ];
    for (name, role) in names.iter().zip([Starter::Manager, Starter::Admin, Starter::Member, Starter::Viewer, Starter::Writer]) {
        acme.member(name, role);
    }
    acme.add(&console.person_at("Юлия Петрова", "yulia@example.com"), Starter::Member);
    acme
}

#[test]
fn a_page_with_something_wrong_is_found_out() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let nobody = Chromium::start(&console);
    nobody.open("/sign-in");
    assert_eq!(nobody.problems(), Vec::<String>::new());
    nobody.spoil("document.querySelector('label').remove(); document.querySelector('main').style.width = '3000px';");
    let problems = nobody.problems().join("\n");
    assert!(problems.contains("label: ") && problems.contains("the page scrolls sideways"), "{problems}");
}

#[test]
fn pages_of_an_organization_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = busy(&console);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    let home = acme.path("");
    ann.look_right(&[
        (home.trim_end_matches('/'), "overview"),
        (&acme.path("activity"), "activity"),
        ("/organizations/new", "organization-new"),
        ("/mailbox", "mailbox"),
    ]);
}

#[test]
fn the_members_screen_looks_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = busy(&console);
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    let dana = acme.path(&format!("members/{}", acme.member_id("dana.smith@example.com")));
    ann.look_right(&[
        (&acme.path("members"), "members"),
        (&acme.path("members?search=nobody+at+all"), "members-none-found"),
        (&dana, "member"),
        (&format!("{dana}/remove"), "member-remove"),
    ]);
    ann.open(&acme.path("members"));
    ann.click("More for Dana Smith");
    ann.looks_right("members-menu");
    ann.click("Remove Dana Smith");
    ann.sees("What ends at once");
    ann.looks_right("members-dialog");
    ann.click("Cancel");
    for name in ["Dana Smith", "Bob Manager", "Ann Owner"] {
        ann.click(&format!("Select {name}"));
    }
    ann.click("Actions");
    ann.looks_right("members-bulk");
    ann.go("Delete members");
    ann.looks_right("members-bulk-delete");
    ann.go("Cancel");
    for name in ["Dana Smith", "Bob Manager", "Ann Owner"] {
        ann.click(&format!("Select {name}"));
    }
    ann.click("Actions");
    ann.go("Deactivate");
    ann.looks_right("members-bulk-done");
    ann.click("Acme Aerospace & Sons");
    ann.looks_right("switcher");
}

/// Permissions of a product, some of them wordy.
const PRODUCT: &str = "
    [[groups]]
    name = 'Rockets'
    [[groups.permissions]]
    key = 'rockets.view'
    sentence = 'See the rockets.'
    roles = ['member', 'viewer']
    [[groups.permissions]]
    key = 'rockets.intercontinental.launch_and_land'
    sentence = 'Launch rockets, land them again, and call off a launch that somebody else has begun up to the last second.'
    roles = ['manager']";

/// A role with as long a name as can be.
const LONG_ROLE: &str = "Customer-Escalations-and-Rocketlaunch-Coordinators";

/// The console of that product.
fn rockets() -> Console {
    let product = std::sync::Arc::new(ProductPermissions::parse(PRODUCT).unwrap());
    Console::start_with(|config| config.product_permissions = product)
}

/// A role with a long name, given to Eve. Returns the Owner's browser, and the role's path.
fn with_long_role(console: &Console, acme: &Organization<'_>) -> (Chromium, String) {
    let role = add_role(console, acme, LONG_ROLE, &[Permission::MembersView, Permission::MembersInvite, Permission::KeysView]);
    let ann = Chromium::start(console);
    ann.sign_in(&acme.owner);
    ann.go("Members");
    ann.to_next_page(|| ann.choose("Role of Eve Jones-Featherstonehaugh", LONG_ROLE));
    (ann, role)
}

#[test]
fn the_roles_screen_looks_right() {
    let (console, _turn) = (rockets(), chromium::turn());
    let acme = busy(&console);
    let (ann, role) = with_long_role(&console, &acme);
    ann.look_right(&[
        (&acme.path("roles"), "roles"),
        (&acme.path("roles?search=nothing+at+all"), "roles-none-found"),
        (&acme.path("roles/new"), "role-new"),
        (&acme.path(&format!("roles/new?from={}", acme.role(Starter::Manager))), "role-copy"),
        (&role, "role"),
        (&acme.path(&format!("roles/{}", acme.role(Starter::Owner))), "role-owner"),
        (&acme.path(&format!("roles/{}/delete", acme.role(Starter::Member))), "role-delete-default"),
    ]);
    ann.open(&acme.path("roles"));
    ann.click(&format!("More for {LONG_ROLE}"));
    ann.looks_right("roles-menu");
    ann.go(&format!("Duplicate {LONG_ROLE}"));
    ann.fill("Name", "owner");
    ann.go("Create role");
    ann.sees("Please check 1 field");
    ann.looks_right("role-mistakes");
}

#[test]
fn a_role_that_changes_looks_right() {
    let (console, _turn) = (rockets(), chromium::turn());
    let acme = busy(&console);
    let (ann, role) = with_long_role(&console, &acme);
    ann.open(&role);
    for permission in [Permission::MembersInvite, Permission::MembersManage, Permission::ActivityView] {
        ann.click(&box_of(permission));
    }
    ann.fill("Description", "Talks to customers whose rockets came down elsewhere, and to those who live there.");
    ann.fill("Level", "35");
    ann.go("Save");
    ann.sees("1 person loses members.invite");
    ann.looks_right("role-review");

    let cara = console.signed_in(&acme.member("Cara Admin", Starter::Admin));
    let page = cara.submit(&cara.open(&role), "Save", &[("Level", "22"), (&box_of(Permission::KeysCreate), "true")]);
    cara.submit(&page, "Save changes", &[]);
    ann.go("Save changes");
    ann.sees("Nothing of yours was saved");
    ann.looks_right("role-conflict");
    ann.go("Keep the role as it is now");
    ann.click(&format!("Delete {LONG_ROLE}"));
    ann.until_equal(true, || ann.shows("Move and delete"));
    ann.looks_right("role-dialog");
    ann.open(&format!("{role}/delete"));
    ann.looks_right("role-delete");
}

#[test]
fn what_people_may_do_looks_right() {
    let (console, _turn) = (rockets(), chromium::turn());
    let acme = busy(&console);
    let (ann, _) = with_long_role(&console, &acme);
    ann.looks_right("members-long-role");
    let eve = acme.member_id("eve.jones-featherstonehaugh@example.com");
    ann.look_right(&[
        (&acme.path("permissions/members.invite"), "permission"),
        (&acme.path("permissions/rockets.intercontinental.launch_and_land"), "permission-of-product"),
        (&acme.path(&format!("members/{eve}")), "member-why"),
    ]);
    ann.open(&acme.path("members"));
    for name in ["Ann Owner", "Dana Smith", "Eve Jones-Featherstonehaugh", "Finn Ó Súilleabháin"] {
        ann.click(&format!("Select {name}"));
    }
    ann.click("Actions");
    ann.choose("New role", LONG_ROLE);
    ann.go("Change role");
    ann.sees("These change");
    ann.looks_right("members-bulk-role");
}

#[test]
fn roles_that_somebody_cannot_change_look_right() {
    let (console, _turn) = (rockets(), chromium::turn());
    let acme = busy(&console);
    let role = add_role(&console, &acme, LONG_ROLE, &[Permission::MembersView, Permission::OrganizationEdit]);
    let reader = Chromium::start(&console);
    for (starter, whose) in [(Starter::Manager, "of-a-manager"), (Starter::Admin, "of-an-admin")] {
        reader.sign_in(&acme.member(&format!("Max {}", starter.name()), starter));
        reader.look_right(&[(&acme.path("roles"), &format!("roles-{whose}")), (&role, &format!("role-{whose}"))]);
        reader.go("Sign out");
    }
}

#[test]
fn what_a_member_may_not_see_looks_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let finn = acme.member("Finn Viewer", Starter::Member);
    let viewer = Chromium::start(&console);
    viewer.sign_in(&finn);
    viewer.look_right(&[("/o/acme", "overview-of-a-member")]);
    viewer.open("/o/acme/members");
    viewer.looks_right("forbidden");
    viewer.open("/o/acme/nowhere");
    viewer.looks_right("not-found-signed-in");
    viewer.open("/o/umbrella/members");
    viewer.looks_right("not-found-organization");
}

#[test]
fn pages_of_strangers_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let nobody = Chromium::start(&console);
    nobody.look_right(&[("/sign-in", "sign-in"), ("/sign-up", "sign-up"), ("/mailbox", "mailbox-empty")]);
    nobody.open("/nowhere");
    nobody.looks_right("not-found");
}

#[test]
fn pages_of_trouble_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    console.execute("ALTER TABLE events RENAME TO events_elsewhere");
    ann.open("/o/acme/activity");
    ann.sees("Something went wrong on our side");
    ann.looks_right("error-500");
    ann.open("/account");
    ann.go("Sign out");
    while console.browser().post("/sign-in", &[("email", &acme.owner.email), ("password", "wrong")]).status != 429 {}
    ann.fill("Email", &acme.owner.email);
    ann.fill("Password", PASSWORD);
    ann.go("Sign in");
    ann.sees("Too many attempts");
    ann.looks_right("error-429");
    console.execute(
        "UPDATE pg_database SET datallowconn = false WHERE datname = current_database();
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    ann.open("/mailbox");
    ann.sees("Back in a moment");
    ann.looks_right("error-503");
}

#[test]
fn invitations_that_wait_for_somebody_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let dana = console.person("Dana Smith");
    for name in ["Acme Aerospace & Sons", "Globex"] {
        let organization = console.organization(name, &format!("Owner of {}", name.split(' ').next().unwrap()));
        let owner = console.signed_in(&organization.owner);
        let page = owner.open(&organization.path("invites/new"));
        owner.submit(&page, "Send invitation", &[("Email addresses", &dana.email)]);
    }
    let danas = Chromium::start(&console);
    danas.sign_in(&dana);
    danas.looks_right("start-waiting");
    danas.look_right(&[("/account", "account-waiting"), ("/invitation", "invitation-waiting")]);
}

#[test]
fn pages_of_an_account_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let acme = console.organization("Acme", "Ann Owner");
    let ann = Chromium::start(&console);
    ann.sign_in(&acme.owner);
    ann.look_right(&[("/account", "account"), ("/o/acme/leave", "leave"), ("/password/forgot", "password-forgot")]);
    ann.open("/email/confirm/cut-in-half");
    ann.looks_right("confirm-dead");
    ann.open("/password/reset/cut-in-half");
    ann.looks_right("password-reset-dead");
    let loner = console.person("Lone Wolf");
    ann.go("Sign out");
    ann.sign_in(&loner);
    ann.looks_right("start");
}

#[test]
fn a_new_person_s_pages_look_right() {
    let (console, _turn) = (Console::start(), chromium::turn());
    let dana = Chromium::start(&console);
    dana.open("/sign-up");
    dana.fill("Name", "Dana Smith");
    dana.fill("Email", "dana@example");
    dana.fill("Password", "short");
    dana.go("Create account");
    dana.looks_right("sign-up-mistakes");
    dana.fill("Email", "dana@example.com");
    dana.fill("Password", PASSWORD);
    dana.go("Create account");
    dana.looks_right("overview-new");
    dana.open("/account");
    dana.looks_right("account-unconfirmed");
    dana.follow_mail("dana@example.com");
    dana.looks_right("confirm");
    dana.go("Confirm email address");
    dana.looks_right("overview-confirmed");
}
