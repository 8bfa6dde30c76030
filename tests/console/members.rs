//! The list of members, one member, and what can be done to them.

use std::sync::Barrier;

use roster::access::policy::Starter;

use crate::harness::{Browser, Console, Organization, Page, Person};

/// The names in the list, from top to bottom.
pub fn names(page: &Page) -> Vec<String> {
    page.all("td.cell-primary a")
}

fn role_of(console: &Console, person: &Person) -> String {
    let query = "SELECT r.name FROM members m JOIN roles r USING (organization_id) WHERE r.id = m.role_id AND m.email = ";
    console.text(&format!("{query} '{}'", person.email))
}

fn events(console: &Console, kind: &str) -> i64 {
    console.number(&format!("SELECT count(*) AS number FROM events WHERE kind = '{kind}'"))
}

fn members(browser: &Browser) -> Page {
    browser.open("/o/acme/members")
}

/// Invites an address by the console's own row, without the mail.
fn invited(console: &Console, acme: &Organization<'_>, email: &str, expires: &str) {
    console.execute(&format!(
        "INSERT INTO members (organization_id, id, email, name, name_key, role_id, role_since, status, invitation_id,
            invitation_expires_at, created_at)
        VALUES ('{}', gen_random_uuid(), '{email}', '', '{email}', '{}', now(), 'invited', gen_random_uuid(), {expires}, now())",
        acme.id,
        acme.role(Starter::Member)
    ));
}

#[test]
fn the_list_shows_everybody_with_role_status_and_times() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Manager);
    invited(&console, &acme, "dana@example.com", "now() + interval '3 days'");
    let page = members(&console.signed_in(&acme.owner));
    assert_eq!((page.status, page.heading().as_str()), (200, "Members 3"));
    assert_eq!(names(&page), ["Ann Owner", "Bob Smith", "dana@example.com"]);
    assert_eq!(page.all("td .badge"), ["Active", "Active", "Invited"]);
    let heads = page.all("thead th");
    for head in ["Name", "Email", "Role", "Last sign-in", "Status", "Joined"] {
        assert!(heads.iter().any(|words| words == head), "{head} in {heads:?}");
    }
    assert!(page.offers("Invite members"));
    assert!(page.has_field("Search members") && page.has_field("Role") && page.has_field("Status"));
    assert!(page.has_field("Select Bob Smith") && page.has_field("Role of Bob Smith") && page.offers("Remove Bob Smith"));
    assert!(page.offers("Resend invitation to dana@example.com") && page.offers("Revoke dana@example.com"));
    assert!(page.offers("Copy link of dana@example.com") && !page.offers("Remove dana@example.com"));
    // The role of an invitation is changed in the same place.
    assert!(page.has_field("Role of dana@example.com"));
}

#[test]
fn an_invitation_that_has_run_out_is_not_listed() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    invited(&console, &acme, "late@example.com", "now() - interval '1 second'");
    let ann = console.signed_in(&acme.owner);
    assert_eq!(names(&members(&ann)), ["Ann Owner"]);
    assert_eq!(names(&ann.open("/o/acme/members?search=late")), Vec::<String>::new());
    let id = acme.member_id("late@example.com");
    assert_eq!(ann.get(&format!("/o/acme/members/{id}")).status, 404);
}

#[test]
fn who_is_alone_is_taught_to_invite_and_a_search_without_result_to_clear_it() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = members(&ann);
    assert!(page.says("You are the only one here"));
    assert_eq!(page.link("Invite people"), "/o/acme/invites/new");
    let page = ann.submit(&page, "Apply", &[("Search members", "zebra")]);
    assert!(page.says("No member matches “zebra”"));
    assert_eq!(page.value_of("Search members"), "zebra");
    assert_eq!(names(&ann.click(&page, "Clear search and filters")), ["Ann Owner"]);
}

#[test]
fn filters_and_order_stand_in_the_address_and_stay_on_the_page() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Manager);
    acme.member("Cid Jones", Starter::Manager);
    acme.member("Eve Miller", Starter::Viewer);
    let ann = console.signed_in(&acme.owner);
    let managers = ann.submit(&members(&ann), "Apply", &[("Role", "Manager")]);
    assert_eq!(names(&managers), ["Bob Smith", "Cid Jones"]);
    let turned = ann.click(&ann.click(&managers, "Email"), "Email");
    assert!(turned.path.contains("sort=email") && turned.path.contains("direction=desc") && turned.path.contains("role="));
    assert_eq!(names(&turned), ["Cid Jones", "Bob Smith"]);
    assert_eq!(turned.all("th[aria-sort=descending]"), ["Email"]);
    let again = ann.submit(&turned, "Apply", &[("Status", "Active")]);
    assert_eq!(names(&again), ["Cid Jones", "Bob Smith"]);
    let id = acme.member_id(&bob.email);
    ann.post(&format!("/o/acme/members/{id}/deactivate"), &[]);
    let inactive = ann.open("/o/acme/members?status=inactive");
    assert_eq!(names(&inactive), ["Bob Smith"]);
    assert_eq!(names(&ann.open("/o/acme/members?sort=role")), ["Eve Miller", "Bob Smith", "Cid Jones", "Ann Owner"]);
    let by_role = ann.open("/o/acme/members?sort=role&direction=desc");
    assert_eq!(names(&by_role), ["Ann Owner", "Cid Jones", "Bob Smith", "Eve Miller"]);
    for nonsense in
        ["?sort=x&role=x&status=x&after=x", "?sort=name&sort=email", "?after=AAAA&search=%00%ff", "?search=%F0%9F%A6%8A"]
    {
        assert_eq!(ann.get(&format!("/o/acme/members{nonsense}")).status, 200, "{nonsense}");
    }
}

#[test]
fn a_role_is_changed_in_place_and_holds_on_the_next_request() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let (ann, bobs) = (console.signed_in(&acme.owner), console.signed_in(&bob));
    assert_eq!(bobs.get("/o/acme/members").status, 403);
    let page = ann.submit(&members(&ann), "Save Role of Bob Smith", &[("Role of Bob Smith", "Manager")]);
    assert!(page.flash().starts_with("Bob Smith is Manager now, effective at "), "{}", page.flash());
    assert!(page.flash().ends_with(" for 1 person, 1 session (UTC)."), "{}", page.flash());
    assert_eq!(page.value_of("Role of Bob Smith"), manager(&acme));
    assert_eq!(bobs.get("/o/acme/members").status, 200);
    assert_eq!(events(&console, "member_role_changed"), 1);
    let page = ann.submit(&members(&ann), "Save Role of Bob Smith", &[("Role of Bob Smith", "Member")]);
    assert_eq!(page.status, 200);
    assert_eq!(bobs.get("/o/acme/members").status, 403);
}

fn manager(acme: &Organization<'_>) -> String {
    acme.role(Starter::Manager).to_string()
}

#[test]
fn a_stale_role_form_changes_nothing_and_shows_both_values() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let ann = console.signed_in(&acme.owner);
    let old = members(&ann);
    ann.submit(&old, "Save Role of Bob Smith", &[("Role of Bob Smith", "Manager")]);
    let page = ann.submit(&old, "Save Role of Bob Smith", &[("Role of Bob Smith", "Viewer")]);
    assert_eq!(page.status, 409);
    assert!(page.says("It is Manager now, given by Ann Owner") && page.says("You chose Viewer"), "{}", page.text());
    assert_eq!(page.summary(), "The role has changed in the meantime");
    assert_eq!(role_of(&console, &bob), "Manager");
    let page = ann.submit(&page, "Save", &[]);
    assert_eq!((page.status, role_of(&console, &bob).as_str()), (200, "Viewer"));
    // The same choice a second time is no mistake, and no event.
    let before = events(&console, "member_role_changed");
    assert_eq!(ann.submit(&old, "Save Role of Bob Smith", &[("Role of Bob Smith", "Viewer")]).status, 200);
    assert_eq!(events(&console, "member_role_changed"), before);
}

#[test]
fn the_last_owner_is_never_demoted_deactivated_or_removed() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Owner);
    let (ann, bobs) = (console.signed_in(&acme.owner), console.signed_in(&bob));
    let (ann_id, bob_id) = (acme.member_id(&acme.owner.email), acme.member_id(&bob.email));
    // An inactive Owner does not count.
    assert_eq!(ann.post(&format!("/o/acme/members/{bob_id}/deactivate"), &[]).status, 303);
    assert_eq!(bobs.get("/o/acme").status, 404);
    let page = ann.submit(&members(&ann), "Save Role of Ann Owner", &[("Role of Ann Owner", "Viewer")]);
    assert_eq!(page.status, 422);
    assert!(page.says("Ann Owner is the last active Owner. Make somebody else an Owner first."));
    assert_eq!(page.errors().len(), 1);
    let page = ann.open(&format!("/o/acme/members/{ann_id}/remove"));
    assert_eq!(page.path, "/o/acme/leave");
    let reply = ann.post(&format!("/o/acme/members/{ann_id}/remove"), &[]);
    assert!(ann.follow(reply).flash().contains("last active Owner"));
    let page = ann.submit(&members(&ann), "Deactivate", &[("Select Ann Owner", "true")]);
    assert!(page.flash().contains("Ann Owner is you"), "{}", page.flash());
    let page = ann.submit(&members(&ann), "Change role", &[("Select Ann Owner", "true"), ("New role", "Viewer")]);
    assert!(page.says("Ann Owner is you") && !page.offers("Change role of 1 member"), "{}", page.text());
    assert_eq!(role_of(&console, &acme.owner), "Owner");
}

#[test]
fn ownership_is_handed_over_by_giving_the_owner_role() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Admin);
    let ann = console.signed_in(&acme.owner);
    ann.submit(&members(&ann), "Save Role of Bob Smith", &[("Role of Bob Smith", "Owner")]);
    assert_eq!(role_of(&console, &bob), "Owner");
    let page = ann.submit(&members(&ann), "Save Role of Ann Owner", &[("Role of Ann Owner", "Viewer")]);
    assert_eq!((page.status, page.path.as_str()), (200, "/o/acme"));
    assert_eq!(role_of(&console, &acme.owner), "Viewer");
    let page = members(&ann);
    assert!(!page.has_field("Role of Bob Smith") && !page.has_field("Select Bob Smith"));
}

#[test]
fn an_inactive_member_has_no_access_and_frees_a_slot_that_activation_needs() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Manager);
    let (ann, bobs) = (console.signed_in(&acme.owner), console.signed_in(&bob));
    acme.set_limit(2);
    let page = ann.submit(&members(&ann), "Deactivate Bob Smith", &[]);
    assert!(page.flash().contains("Bob Smith is inactive now"));
    assert_eq!(bobs.get("/o/acme/members").status, 404);
    let cid = acme.member("Cid Jones", Starter::Member);
    let page = ann.submit(&page, "Activate Bob Smith", &[]);
    assert!(page.flash().contains("all 2 member slots are taken"), "{}", page.flash());
    let cid_id = acme.member_id(&cid.email);
    ann.post(&format!("/o/acme/members/{cid_id}/remove"), &[]);
    ann.submit(&members(&ann), "Activate Bob Smith", &[]);
    assert_eq!(bobs.get("/o/acme/members").status, 200);
    assert_eq!((events(&console, "member_deactivated"), events(&console, "member_activated")), (1, 1));
    // A second click does nothing more.
    let bob_id = acme.member_id(&bob.email);
    for _ in 0..2 {
        assert_eq!(ann.post(&format!("/o/acme/members/{bob_id}/deactivate"), &[]).status, 303);
    }
    assert_eq!(events(&console, "member_deactivated"), 2);
}

#[test]
fn removal_says_what_ends_and_what_stays_and_ends_all_access_at_once() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Manager);
    let (ann, bobs) = (console.signed_in(&acme.owner), console.signed_in(&bob));
    assert_eq!(bobs.get("/o/acme/members").status, 200);
    let page = ann.click(&members(&ann), "Remove Bob Smith");
    assert_eq!(page.heading(), "Remove Bob Smith from Acme?");
    assert!(page.says("What ends at once") && page.says("What stays"));
    assert_eq!(bobs.get("/o/acme/members").status, 200);
    let page = ann.submit(&page, "Remove", &[]);
    assert_eq!((page.path.as_str(), names(&page)), ("/o/acme/members", vec!["Ann Owner".to_owned()]));
    assert_eq!(page.heading(), "Members 1");
    assert_eq!((bobs.get("/o/acme/members").status, bobs.get("/o/acme").status), (404, 404));
    assert_eq!(events(&console, "member_removed"), 1);
    assert_eq!(console.number("SELECT count(*) AS number FROM member_terms t WHERE term LIKE 'bob%'"), 0);
    // And they can come back.
    acme.add(&bob, Starter::Viewer);
    assert_eq!(bobs.get("/o/acme/members").status, 200);
}

#[test]
fn who_removes_themselves_leaves() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Admin);
    let bobs = console.signed_in(&bob);
    let page = bobs.click(&members(&bobs), "Remove Bob Smith");
    assert_eq!(page.path, "/o/acme/leave");
    bobs.post(&format!("/o/acme/members/{}/remove", acme.member_id(&bob.email)), &[]);
    assert_eq!(bobs.get("/o/acme").status, 404);
    assert_eq!((events(&console, "member_left"), events(&console, "member_removed")), (1, 0));
}

#[test]
fn several_are_changed_at_once_and_the_rest_is_named_with_the_reason() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (bob, cid) = (acme.member("Bob Smith", Starter::Member), acme.member("Cid Jones", Starter::Admin));
    let dan = acme.member("Dan Brown", Starter::CoAdmin);
    let dans = console.signed_in(&dan);
    let all = [("Select Bob Smith", "true"), ("Select Cid Jones", "true"), ("Select Ann Owner", "true")];
    let with_role = [&all[..], &[("New role", "Manager")]].concat();
    let list = members(&dans);
    let before = console.dump();
    let rehearsal = dans.submit(&list, "Change role", &with_role);
    assert_eq!(rehearsal.heading(), "Change the role of 1 member to Manager?");
    assert!(rehearsal.says("Bob Smith bob.smith@example.com Member → becomes Manager"), "{}", rehearsal.text());
    assert!(rehearsal.says("Ann Owner is Owner.") && rehearsal.says("Cid Jones is Admin."), "{}", rehearsal.text());
    assert!(console.dump() == before, "the rehearsal changes nothing");
    let page = dans.submit(&rehearsal, "Change role of 1 member", &[]);
    assert!(page.flash().contains("1 member got the role: Bob Smith."), "{}", page.flash());
    assert!(page.flash().contains(" for 1 person, 0 sessions (UTC)."), "{}", page.flash());
    let nobody = dans.submit(&members(&dans), "Change role", &with_role);
    assert_eq!(nobody.heading(), "Nobody would become Manager");
    assert!(nobody.says("Bob Smith has the role already."), "{}", nobody.text());
    assert_eq!((role_of(&console, &bob), role_of(&console, &cid)), ("Manager".to_owned(), "Admin".to_owned()));
    let page = dans.submit(&page, "Deactivate", &all);
    assert!(page.flash().contains("1 member deactivated: Bob Smith."), "{}", page.flash());
    let page = dans.submit(&page, "Activate", &all[..1]);
    assert!(page.flash().contains("1 member activated: Bob Smith."), "{}", page.flash());
    assert_eq!((events(&console, "member_deactivated"), events(&console, "member_activated")), (1, 1));
}

#[test]
fn deleting_several_asks_first_and_lists_the_names() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Member);
    acme.member("Cid Jones", Starter::Admin);
    invited(&console, &acme, "dana@example.com", "now() + interval '3 days'");
    let ann = console.signed_in(&acme.owner);
    let chosen = ["Bob Smith", "Cid Jones", "dana@example.com", "Ann Owner"].map(|name| format!("Select {name}"));
    let fields: Vec<(&str, &str)> = chosen.iter().map(|label| (label.as_str(), "true")).collect();
    let page = ann.submit(&members(&ann), "Delete members", &fields);
    assert_eq!((page.status, page.heading().as_str()), (200, "Delete 4 members?"));
    assert!(page.says("Bob Smith") && page.says("cid.jones@example.com"));
    assert_eq!(console.number("SELECT count(*) AS number FROM members"), 4);
    let page = ann.submit(&page, "Delete members", &[]);
    let flash = page.flash();
    assert!(flash.contains("2 members deleted:") && flash.contains("Bob Smith") && flash.contains("Cid Jones"), "{flash}");
    assert!(flash.contains("dana@example.com has not joined yet") && flash.contains("Ann Owner is you"), "{flash}");
    assert_eq!(names(&page), ["Ann Owner", "dana@example.com"]);
    assert_eq!(events(&console, "member_removed"), 2);
}

#[test]
fn a_bulk_form_without_rows_action_or_role_says_what_is_missing() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let ann = console.signed_in(&acme.owner);
    let id = acme.member_id(&bob.email).to_string();
    let send = |fields: &[(&str, &str)]| ann.follow(ann.post("/o/acme/members/actions", fields)).flash();
    assert!(send(&[("action", "deactivate")]).contains("Select at least one member"));
    assert!(send(&[("selected", &id), ("action", "change-role"), ("role", "")]).contains("Choose the role"));
    assert!(send(&[("selected", &id)]).contains("Choose what to do"));
    assert_eq!(ann.post("/o/acme/members/actions", &[("selected", &id), ("action", "explode")]).status, 400);
    assert_eq!(ann.post("/o/acme/members/actions", &[("selected", "nonsense"), ("action", "delete")]).status, 404);
    let gone = send(&[("selected", "3f1f3f4e-4a5b-4c5d-8e6f-0123456789ab"), ("action", "deactivate")]);
    assert!(gone.contains("is not here any more"), "{gone}");
}

#[test]
fn each_role_sees_and_may_do_what_the_ladder_says() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(20);
    let sees = |role: Starter, name: &str| {
        let person = acme.member(name, role);
        let browser = console.signed_in(&person);
        (members(&browser), browser)
    };
    acme.member("Max Manager", Starter::Manager);
    acme.member("Ada Admin", Starter::Admin);
    acme.member("Viv Viewer", Starter::Viewer);
    // Manager: sees and invites, no role edits, no removal.
    let (page, manager) = sees(Starter::Manager, "Mia Manager");
    assert!(page.offers("Invite members") && page.offers("View Viv Viewer"));
    assert!(!page.has_field("Role of Viv Viewer") && !page.offers("Remove Viv Viewer") && !page.has_field("Select Viv Viewer"));
    let viv = acme.member_id("viv.viewer@example.com").to_string();
    for deed in ["role", "deactivate", "activate", "remove"] {
        assert_eq!(manager.post(&format!("/o/acme/members/{viv}/{deed}"), &[]).status, 403, "{deed}");
    }
    assert_eq!(manager.post("/o/acme/members/actions", &[("selected", &viv), ("action", "delete")]).status, 403);
    // Co-Admin: Manager and below.
    let (page, co_admin) = sees(Starter::CoAdmin, "Cal Coadmin");
    assert_eq!(page.options_of("Role of Max Manager"), ["Manager", "Operator", "Writer", "Member", "Viewer"]);
    assert!(page.offers("Remove Max Manager") && !page.has_field("Role of Ada Admin") && !page.offers("Remove Ada Admin"));
    assert!(!page.has_field("Role of Cal Coadmin"));
    let admin_role = acme.role(Starter::Admin).to_string();
    let max = acme.member_id("max.manager@example.com").to_string();
    let reply = co_admin.post(&format!("/o/acme/members/{max}/role"), &[("role", &admin_role)]);
    assert_eq!(reply.status, 422);
    let ada = acme.member_id("ada.admin@example.com").to_string();
    co_admin.post(&format!("/o/acme/members/{ada}/remove"), &[]);
    assert_eq!(acme.member_id("ada.admin@example.com").to_string(), ada);
    // Admin: every role but Owner.
    let (page, _) = sees(Starter::Admin, "Abe Admin");
    let options = page.options_of("Role of Viv Viewer");
    assert!(options.contains(&"Admin".to_owned()) && !options.contains(&"Owner".to_owned()), "{options:?}");
    assert!(page.offers("Remove Ada Admin") && !page.offers("Remove Ann Owner") && !page.has_field("Role of Ann Owner"));
    // Member: nothing.
    let (page, _) = sees(Starter::Member, "Moe Member");
    assert_eq!(page.status, 403);
    assert!(page.says("members.view") && page.offers("Overview") && page.offers("Sign out"), "{}", page.text());
}

#[test]
fn nobody_raises_their_own_role() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Admin);
    console.execute(
        "INSERT INTO roles (organization_id, id, name, name_key, level, permissions, created_at, changed_at)
         SELECT organization_id, gen_random_uuid(), 'Twin', 'twin', 90, permissions, now(), now() FROM roles WHERE starter = 'admin'",
    );
    let bobs = console.signed_in(&bob);
    let page = members(&bobs);
    let options = page.options_of("Role of Bob Smith");
    assert!(options.contains(&"Admin".to_owned()) && !options.contains(&"Twin".to_owned()), "{options:?}");
    let (id, twin) = (acme.member_id(&bob.email), console.uuid("SELECT id AS uuid FROM roles WHERE name = 'Twin'").to_string());
    assert_eq!(bobs.post(&format!("/o/acme/members/{id}/role"), &[("role", &twin)]).status, 422);
    assert_eq!(role_of(&console, &bob), "Admin");
}

#[test]
fn the_member_page_shows_profile_role_permissions_with_reasons_and_activity() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Viewer);
    let ann = console.signed_in(&acme.owner);
    ann.submit(&members(&ann), "Save Role of Bob Smith", &[("Role of Bob Smith", "Manager")]);
    let page = ann.click(&members(&ann), "Bob Smith");
    assert_eq!((page.status, page.heading().as_str()), (200, "Bob Smith"));
    for words in ["bob.smith@example.com", "Password", "Invited by", "given by Ann Owner", "from role Manager", "Invite people"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(page.says("changed the role of Bob Smith from Viewer to Manager"), "{}", page.text());
    let page = ann.submit(&page, "Save Role of Bob Smith", &[("Role of Bob Smith", "Viewer")]);
    assert!(page.path.starts_with("/o/acme/members/") && page.flash().contains("Bob Smith is Viewer now, effective at"));
    // Who may not read the activity log does not read it here.
    let bobs = console.signed_in(&bob);
    let page = bobs.open(&format!("/o/acme/members/{}", acme.member_id(&bob.email)));
    assert!(page.says("activity.view") && !page.says("changed the role of"));
    assert!(!page.offers("Remove Bob Smith"));
}

#[test]
fn the_page_of_an_invited_person_leads_to_the_invitation() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    invited(&console, &acme, "dana@example.com", "now() + interval '3 days'");
    let ann = console.signed_in(&acme.owner);
    let page = ann.click(&members(&ann), "dana@example.com");
    let invitation = console.uuid("SELECT invitation_id AS uuid FROM members WHERE email = 'dana@example.com'");
    assert_eq!(page.link("Open invitation"), format!("/o/acme/invites/{invitation}"));
    let reply = ann.get(&format!("/o/acme/members/{}/remove", acme.member_id("dana@example.com")));
    assert_eq!(reply.location(), format!("/o/acme/invites/{invitation}/revoke"));
}

#[test]
fn members_of_another_organization_are_not_there() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let globex = console.organization("Globex", "Gus Owner");
    globex.member("Gil Green", Starter::Member);
    let gus = console.signed_in(&globex.owner);
    let id = acme.member_id(&bob.email).to_string();
    let role = globex.role(Starter::Viewer).to_string();
    for (deed, fields) in
        [("role", vec![("role", role.as_str())]), ("deactivate", vec![]), ("activate", vec![]), ("remove", vec![])]
    {
        assert_eq!(gus.post(&format!("/o/globex/members/{id}/{deed}"), &fields).status, 404, "{deed}");
        assert_eq!(gus.post(&format!("/o/acme/members/{id}/{deed}"), &fields).status, 404, "{deed}");
    }
    for action in ["deactivate", "delete"] {
        let fields = [("selected", id.as_str()), ("action", action), ("confirmed", "yes")];
        let page = gus.follow(gus.post("/o/globex/members/actions", &fields));
        assert!(page.flash().contains("is not here any more") && !page.flash().contains("Bob"), "{}", page.flash());
    }
    // A role of another organization is no role here.
    let gil = globex.member_id("gil.green@example.com");
    let foreign = acme.role(Starter::Viewer).to_string();
    assert_eq!(gus.post(&format!("/o/globex/members/{gil}/role"), &[("role", &foreign)]).status, 422);
    assert_eq!((role_of(&console, &bob).as_str(), names(&gus.open("/o/globex/members?search=bob")).len()), ("Member", 0));
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'active'"), 4);
}

#[test]
fn names_that_look_like_code_are_shown_as_they_are() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let nasty = ["<script>alert(1)</script>", "=HYPERLINK(1)", "O'Neil \"Q\" & Co", "🦊 Fox", "+1,2;3"];
    for (number, name) in nasty.iter().enumerate() {
        acme.add(&console.person_at(name, &format!("n{number}@example.com")), Starter::Member);
    }
    let ann = console.signed_in(&acme.owner);
    let page = members(&ann);
    assert!(!page.html().contains("<script>alert"));
    for name in nasty {
        assert!(names(&page).iter().any(|shown| shown == name), "{name}: {:?}", names(&page));
        assert!(page.has_field(&format!("Select {name}")), "{name}");
        let page = ann.click(&page, name);
        assert_eq!(page.heading(), name);
    }
    let page = ann.open("/o/acme/members?search=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    assert_eq!(names(&page), ["<script>alert(1)</script>"]);
}

#[test]
fn every_field_of_every_form_takes_nonsense_without_harm() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let ann = console.signed_in(&acme.owner);
    let id = acme.member_id(&bob.email);
    let long = "x".repeat(10_000);
    let nonsense = ["", "  ", long.as_str(), "a\0b", "\u{202E}evil", "🦊", "<b>", "'\"", "=1+1", "a\r\nb"];
    for text in nonsense {
        for (path, field) in [("role", "role"), ("role", "version"), ("remove", "extra"), ("deactivate", "extra")] {
            let status = ann.post(&format!("/o/acme/members/{id}/{path}"), &[(field, text)]).status;
            assert!(matches!(status, 400 | 404 | 409 | 422), "{path} {field} {text:?}: {status}");
        }
        for field in ["selected", "action", "role", "confirmed"] {
            let status = ann.post("/o/acme/members/actions", &[(field, text)]).status;
            assert!(matches!(status, 303 | 400 | 404 | 422), "actions {field} {text:?}: {status}");
        }
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for field in ["search", "role", "status", "sort", "direction", "after", "before"] {
            assert_eq!(ann.get(&format!("/o/acme/members?{field}={encoded}")).status, 200, "{field} {text:?}");
        }
    }
    let raw = ann.send("POST", &format!("/o/acme/members/{id}/role"), &[("sec-fetch-site", "same-origin")], Some(b"role=%ff%fe"));
    assert_eq!(raw.status, 422);
    assert_eq!(role_of(&console, &bob), "Member");
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind LIKE 'member_%'"), 0);
}

#[test]
fn two_owners_who_demote_or_remove_each_other_at_once_never_leave_none() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Owner);
    let (ann, bobs) = (console.signed_in(&acme.owner), console.signed_in(&bob));
    let (owner, viewer) = (acme.role(Starter::Owner), acme.role(Starter::Viewer).to_string());
    for round in 0..50 {
        let (ann_id, bob_id) = (acme.member_id(&acme.owner.email), acme.member_id(&bob.email));
        let (verb, fields): (&str, Vec<(&str, &str)>) = match round % 3 {
            0 => ("role", vec![("role", viewer.as_str())]),
            1 => ("remove", vec![]),
            _ => ("deactivate", vec![]),
        };
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            for (browser, other) in [(&ann, bob_id), (&bobs, ann_id)] {
                let (barrier, fields) = (&barrier, &fields);
                scope.spawn(move || {
                    barrier.wait();
                    browser.post(&format!("/o/acme/members/{other}/{verb}"), fields)
                });
            }
        });
        let owners = "SELECT count(*) AS number FROM members m JOIN roles r ON r.id = m.role_id WHERE r.level = 100 AND m.status = 'active'";
        assert_eq!(console.number(owners), 1, "round {round}: {verb}");
        let inside = format!("BEGIN; SET LOCAL app.organization_id = '{}'", acme.id);
        console.execute(&format!("{inside}; UPDATE members SET role_id = '{owner}', status = 'active'; COMMIT"));
        for person in [&acme.owner, &bob] {
            if console.number(&format!("SELECT count(*) AS number FROM members WHERE email = '{}'", person.email)) == 0 {
                acme.add(person, Starter::Owner);
            }
        }
    }
}

#[test]
fn a_role_that_was_changed_shows_on_the_next_page() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let roles = || ann.open("/o/acme/members").options_of("Role");
    assert!(roles().contains(&"Viewer".to_owned()));
    acme.execute("UPDATE roles SET name = 'Reader' WHERE name = 'Viewer'");
    assert!(roles().contains(&"Reader".to_owned()) && !roles().contains(&"Viewer".to_owned()));
    acme.execute("DELETE FROM roles WHERE name = 'Reader'");
    assert!(!roles().contains(&"Reader".to_owned()));
}

#[test]
fn who_changes_many_roles_keeps_their_own() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (tom, dana) = (acme.member("Tom Admin", Starter::Admin), acme.member("Dana Smith", Starter::Member));
    let toms = console.signed_in(&tom);
    let (own, other) = (acme.member_id(&tom.email).to_string(), acme.member_id(&dana.email).to_string());
    let role = acme.role(Starter::Writer).to_string();
    let fields =
        [("selected", own.as_str()), ("selected", &other), ("action", "change-role"), ("role", &role), ("confirmed", "yes")];
    let page = toms.follow(toms.post("/o/acme/members/actions", &fields));
    assert!(page.flash().contains("Tom Admin is you"), "{}", page.flash());
    let writers = format!("SELECT count(*) AS number FROM members WHERE role_id = '{role}'");
    assert_eq!(console.number(&writers), 1);
}

#[test]
fn who_can_grant_a_permission_is_somebody_who_could_give_a_role_with_it() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Hiroshi Tanaka", Starter::CoAdmin);
    let max = console.signed_in(&acme.member("Max Manager", Starter::Manager));
    let id = acme.member_id(&acme.owner.email);
    let page = max.post(&format!("/o/acme/members/{id}/deactivate"), &[]);
    // A Co-Admin may manage members, but gives no role that may.
    assert!(page.body.contains("members.manage") && page.body.contains("Ann Owner (Owner) can grant it"), "{}", page.body);
    let mel = console.signed_in(&acme.member("Mel Member", Starter::Member));
    assert!(mel.get("/o/acme/members").body.contains("Ann Owner (Owner) or Hiroshi Tanaka (Co-Admin) can grant it"));
}

#[test]
fn somebody_deactivated_learns_so_at_the_start() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let dana = acme.member("Dana Smith", Starter::Member);
    let danas = console.signed_in(&dana);
    acme.execute("UPDATE members SET status = 'inactive' WHERE name = 'Dana Smith'");
    let page = danas.open("/");
    assert_eq!(page.heading(), "You have no access right now");
    assert!(page.says("Acme is deactivated. Ask its admins to activate it"), "{}", page.text());
    assert!(page.offers("Create organization"));
}
