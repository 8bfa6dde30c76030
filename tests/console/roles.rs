//! Roles: what the screen shows, what an edit tells beforehand, and how far anybody gets by any route.

use chrono::TimeDelta;
use roster::access::policy::{Permission, Starter};
use uuid::Uuid;

use crate::harness::{Browser, Console, Organization, Page, Person};
use crate::invites::{copied_link, invite};

/// The label of a permission's box.
pub fn label(permission: Permission) -> String {
    format!("{} {}", permission.sentence(), permission.key())
}

/// Creates a role with the form and returns its page.
pub fn create(browser: &Browser, acme: &Organization<'_>, name: &str, level: i16, permissions: &[Permission]) -> Page {
    let page = browser.open(&acme.path("roles/new"));
    let (level, labels) = (level.to_string(), permissions.iter().map(|one| label(*one)).collect::<Vec<_>>());
    let mut fields = vec![("Name", name), ("Level", level.as_str())];
    fields.extend(labels.iter().map(|label| (label.as_str(), "true")));
    browser.submit(&page, "Create role", &fields)
}

/// The id of a role by its name, deleted ones left out.
pub fn role_id(console: &Console, name: &str) -> Uuid {
    console.uuid(&format!("SELECT id AS uuid FROM roles WHERE name = '{name}' AND deleted_at IS NULL"))
}

fn role_of(console: &Console, email: &str) -> String {
    console.text(&format!(
        "SELECT r.name FROM members m JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id WHERE m.email = '{email}'"
    ))
}

fn events(console: &Console, kind: &str) -> i64 {
    console.number(&format!("SELECT count(*) AS number FROM events WHERE kind = '{kind}'"))
}

/// Gives somebody a role past every rule, as the fixture of a test.
fn hold(acme: &Organization<'_>, person: &Person, role: Uuid) {
    acme.execute(&format!("UPDATE members SET role_id = '{role}' WHERE email = '{}'", person.email));
}

#[test]
fn the_list_shows_every_role_with_its_level_holders_permissions_and_kind() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.member("Bob Smith", Starter::Viewer);
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "dana@example.com");
    let page = create(&ann, &acme, "Support", 25, &[Permission::MembersView, Permission::KeysView]);
    assert_eq!((page.status, page.heading().as_str()), (200, "Support"));
    assert_eq!(page.flash(), "The role Support is created. Nobody holds it yet.");
    let page = ann.click(&page, "Roles");
    assert_eq!(page.heading(), "Roles 9");
    let heads = page.all("th");
    assert_eq!(heads, ["Name", "Level", "Members", "Permissions", "Kind", "Actions"]);
    let rows: Vec<String> = page.all("tbody tr").iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let shown = |name: &str| rows.iter().find(|row| row.starts_with(name)).cloned().unwrap_or_default();
    assert!(shown("Owner Yours").contains("100 1 All Starter"), "{rows:#?}");
    assert!(shown("Support").contains("25 0 2 Custom"), "{rows:#?}");
    assert!(shown("Viewer").contains("10 1 1 Starter"), "{rows:#?}");
    assert!(shown("Member Default").contains("20 0 1 invited 0 Starter"), "{rows:#?}");
    let levels: Vec<i32> = page.all("td[data-label=Level]").iter().map(|level| level.parse().unwrap()).collect();
    assert!(levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
    let found = ann.open(&acme.path("roles?search=ADMIN"));
    assert_eq!(found.all("td.cell-primary a"), ["Admin", "Co-Admin"]);
}

#[test]
fn a_name_is_there_once_in_whatever_case_and_levels_go_from_1_to_99() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    for (name, level, field) in [
        ("wRITER", "5", "There is a role Writer already."),
        ("", "5", "Enter a name for the role."),
        ("Support", "0", "from 1 to 99"),
        ("Support", "100", "from 1 to 99"),
        ("Support", "", "from 1 to 99"),
        ("Support", "5.5", "from 1 to 99"),
        (&"x".repeat(51), "5", "50 characters at most"),
    ] {
        let page = ann.open(&acme.path("roles/new"));
        let typed = [("Name", name), ("Level", level), ("Description", "kept"), (&label(Permission::KeysView), "true")];
        let page = ann.submit(&page, "Create role", &typed);
        assert_eq!(page.status, 422, "{name:?} {level:?}");
        assert!(page.errors().iter().any(|error| error.contains(field)), "{name:?} {level:?}: {:?}", page.errors());
        assert_eq!((page.value_of("Name").as_str(), page.value_of("Description").as_str()), (name, "kept"));
        assert_eq!(page.value_of(&label(Permission::KeysView)), "keys.view");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM roles"), 8);
    create(&ann, &acme, "Support", 5, &[]);
    // Renamed, the old name is free.
    let page = ann.open(&acme.path(&format!("roles/{}", role_id(&console, "Support"))));
    let page = ann.submit(&page, "Save", &[("Name", "SUPPORT")]);
    assert!(page.says("Nobody loses or gains anything by it."));
    assert!(ann.submit(&page, "Save changes", &[]).flash().starts_with("SUPPORT is saved."));
    assert_eq!(events(&console, "role_edited"), 1);
}

#[test]
fn before_an_edit_is_saved_a_page_names_who_gains_and_loses_what() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(100);
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Support", 25, &[Permission::MembersView, Permission::BillingView]);
    let role = role_id(&console, "Support");
    let people: Vec<Person> = (0..22).map(|number| acme.member(&format!("Person {number:02}"), Starter::Member)).collect();
    people.iter().for_each(|person| hold(&acme, person, role));
    acme.execute(&format!("UPDATE members SET status = 'inactive' WHERE email = '{}'", people[21].email));
    let sessions = [&people[0], &people[0], &people[1]].map(|person| console.signed_in(person));
    let page = ann.open(&acme.path(&format!("roles/{role}")));
    let before = console.dump();
    let changes = [(label(Permission::BillingView), ""), (label(Permission::KeysView), "true"), ("Level".to_owned(), "30")];
    let changes: Vec<(&str, &str)> = changes.iter().map(|(label, value)| (label.as_str(), *value)).collect();
    let review = ann.submit(&page, "Save", &changes);
    assert_eq!((review.status, review.heading().as_str()), (200, "Save Support?"));
    assert!(review.says("21 people lose billing.view") && review.says("21 people gain keys.view"), "{}", review.text());
    assert!(review.says("next request of 21 people, in 3 sessions"), "{}", review.text());
    let named = review.all(".names li");
    assert_eq!(
        (named.len(), named[0].as_str(), named[19].as_str(), named[20].as_str()),
        (21, "Person 00", "Person 19", "and 1 more")
    );
    assert!(review.says("1 inactive member holds it"));
    assert!(console.dump() == before, "the page before the change changes nothing");
    assert_eq!(sessions[0].get(&acme.path("members")).status, 200);
    let saved = ann.submit(&review, "Save changes", &[]);
    let (beginning, end) = (saved.flash().split_at(30).0.to_owned(), "for 21 people, 3 sessions (UTC).");
    assert!(beginning.starts_with("Support is saved, effective at") && saved.flash().ends_with(end), "{}", saved.flash());
    assert_eq!((saved.value_of("Level").as_str(), saved.has_field(&label(Permission::BillingView))), ("30", true));
    let told = console.text("SELECT data::text FROM events WHERE kind = 'role_edited'");
    assert!(told.contains("\"lost\": [\"billing.view\"]") && told.contains("\"gained\": [\"keys.view\"]"), "{told}");
    let log = ann.open(&acme.path("activity"));
    assert!(log.says("edited the role Support: level 25 to 30; gained keys.view; lost billing.view"));
}

#[test]
fn a_change_holds_with_the_next_request_and_says_for_how_many() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let (role, bob) = (role_id(&console, "Support"), acme.member("Bob Smith", Starter::Member));
    let (bobs, _second) = (console.signed_in(&bob), console.signed_in(&bob));
    let page = ann.open(&acme.path("members"));
    let page = ann.submit(&page, "Save Role of Bob Smith", &[("Role of Bob Smith", "Support")]);
    assert!(page.flash().starts_with("Bob Smith is Support now, effective at "), "{}", page.flash());
    assert!(page.flash().contains(" for 1 person, 2 sessions"), "{}", page.flash());
    assert_eq!(bobs.get(&acme.path("members")).status, 200);
    let page = ann.open(&acme.path(&format!("roles/{role}")));
    let review = ann.submit(&page, "Save", &[(&label(Permission::MembersView), "")]);
    assert!(review.says("1 person loses members.view"));
    ann.submit(&review, "Save changes", &[]);
    assert_eq!(bobs.get(&acme.path("members")).status, 403);
    // A session that ended is none, and somebody who is inactive feels nothing.
    console.travel(TimeDelta::hours(9));
    let ann = console.signed_in(&acme.owner);
    let review = ann.submit(&ann.open(&acme.path(&format!("roles/{role}"))), "Save", &[("Level", "26")]);
    assert!(review.says("It takes effect at once for 1 person, who is not signed in right now."), "{}", review.text());
}

#[test]
fn what_the_editor_does_not_hold_is_disabled_with_the_reason_and_refused_when_sent() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let cid = acme.member("Cid Admin", Starter::Admin);
    let cids = console.signed_in(&cid);
    let page = cids.open(&acme.path("roles/new"));
    let boxes = page.all(".choice");
    let disabled: Vec<&String> = boxes.iter().filter(|one| one.contains("You do not hold this yourself")).collect();
    assert!(disabled.len() == 1 && disabled[0].contains("organization.delete"), "{disabled:?}");
    assert_eq!(page.all("input[disabled]").len(), 1);
    let all = cids.submit(&page, "Select all of Organization", &[("Name", "Support")]);
    assert_eq!((all.status, all.value_of("Name").as_str()), (200, "Support"));
    assert_eq!(all.value_of(&label(Permission::OrganizationEdit)), "organization.edit");
    assert_eq!(all.value_of(&label(Permission::OrganizationDelete)), "");
    let before = console.dump();
    let sent = |level: &str, permission: &str| {
        let fields = [("name", "Sneaky"), ("level", level), ("permissions", permission)];
        cids.post(&acme.path("roles/new"), &fields)
    };
    for (level, permission, words) in [
        ("91", "members.view", "up to level 90"),
        ("99", "members.view", "up to level 90"),
        ("50", "organization.delete", "You do not hold organization.delete yourself"),
        ("50", "nonsense.key", "not offered any more"),
    ] {
        let reply = sent(level, permission);
        assert!(reply.status == 422 && reply.body.contains(words), "{level} {permission}: {} {}", reply.status, reply.body);
    }
    assert!(console.dump() == before);
}

/// Somebody who manages roles and gives them up to below level 60, and holds little else.
fn role_manager(console: &Console, acme: &Organization<'_>) -> Browser {
    let ann = console.signed_in(&acme.owner);
    let held = [
        Permission::MembersView,
        Permission::MembersInvite,
        Permission::MembersAssignRole,
        Permission::RolesView,
        Permission::RolesManage,
    ];
    create(&ann, acme, "Role manager", 60, &held);
    let mona = acme.member("Mona Lisa", Starter::Member);
    hold(acme, &mona, role_id(console, "Role manager"));
    console.signed_in(&mona)
}

#[test]
fn nobody_gets_a_permission_or_a_level_by_any_route() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let mona = role_manager(&console, &acme);
    let friend = acme.member("Fay Friend", Starter::Viewer);
    invite(&mona, &acme, "dana@example.com");
    let invitation = console.uuid("SELECT id AS uuid FROM invitations");
    let (own, viewer, writer) = (role_id(&console, "Role manager"), acme.role(Starter::Viewer), acme.role(Starter::Writer));
    let (manager, operator, owner) = (acme.role(Starter::Manager), acme.role(Starter::Operator), acme.role(Starter::Owner));
    let fay = acme.member_id(&friend.email);
    let post = |path: String, fields: &[(&str, &str)]| mona.post(&acme.path(&path), fields);
    let edit = |role: Uuid, name: &str, level: &str, permissions: &[&str]| {
        let mut fields = vec![("name", name), ("level", level), ("version", "1"), ("confirmed", "0")];
        fields.extend(permissions.iter().map(|key| ("permissions", *key)));
        post(format!("roles/{role}"), &fields)
    };
    let before = console.dump();
    let refused = [
        (
            "a role that others hold gets more than the editor has",
            edit(viewer, "Viewer", "10", &["members.view", "billing.view"]),
        ),
        ("a role that others hold gets the editor's level", edit(viewer, "Viewer", "60", &["members.view"])),
        ("a role that others hold gets a higher level", edit(viewer, "Viewer", "61", &["members.view"])),
        ("the editor's own role", edit(own, "Role manager", "59", &["members.view"])),
        ("a role that allows more than the editor", edit(operator, "Operator", "40", &["members.view"])),
        ("a role above", edit(acme.role(Starter::Admin), "Admin", "10", &[])),
        ("the Owner", edit(owner, "Owner", "99", &[])),
        ("a new role with more", post("roles/new".into(), &[("name", "X"), ("level", "1"), ("permissions", "keys.view")])),
        ("a new role at the own level", post("roles/new".into(), &[("name", "X"), ("level", "60")])),
        ("deleting a role that allows more", post(format!("roles/{operator}/delete"), &[("role", &viewer.to_string())])),
        ("deleting and moving upwards", post(format!("roles/{viewer}/delete"), &[("role", &own.to_string())])),
        ("deleting and moving to the Owner", post(format!("roles/{viewer}/delete"), &[("role", &owner.to_string())])),
        ("deleting the Owner", post(format!("roles/{owner}/delete"), &[("role", &viewer.to_string())])),
        ("giving a role that allows more", post(format!("members/{fay}/role"), &[("role", &operator.to_string())])),
        ("giving the own role", post(format!("members/{fay}/role"), &[("role", &own.to_string())])),
        (
            "inviting with more",
            post("invites/new".into(), &[("emails", "eve@example.com"), ("role", &operator.to_string()), ("provider", "any")]),
        ),
    ];
    for (route, reply) in &refused {
        assert_eq!(reply.status, 422, "{route}: {}", reply.body);
    }
    // These go back to their page and say it there.
    for (path, fields) in [
        ("roles/default".to_owned(), vec![("role", operator)]),
        ("roles/default".to_owned(), vec![("role", owner)]),
        (format!("invites/{invitation}/role"), vec![("role", operator)]),
        (format!("invites/{invitation}/role"), vec![("role", own)]),
        (format!("invites/{invitation}/role"), vec![("role", owner)]),
    ] {
        let fields: Vec<(&str, String)> = fields.iter().map(|(name, id)| (*name, id.to_string())).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, id)| (*name, id.as_str())).collect();
        let page = mona.follow(mona.post(&acme.path(&path), &fields));
        assert!(page.flash().starts_with("Nothing was changed"), "{path}: {}", page.flash());
    }
    let (fay_id, operator_id) = (fay.to_string(), operator.to_string());
    let bulk = [("selected", fay_id.as_str()), ("action", "change-role"), ("role", &operator_id), ("confirmed", "yes")];
    let page = mona.follow(mona.post(&acme.path("members/actions"), &bulk));
    assert!(page.flash().contains("Not changed: Fay Friend"), "{}", page.flash());
    assert!(console.dump() == before, "nothing of it changed anything");
    // And what they may do, they may.
    assert_eq!(edit(writer, "Writer", "59", &["members.view", "members.invite"]).status, 303);
    assert_eq!(post(format!("members/{fay}/role"), &[("role", &manager.to_string())]).status, 303);
}

#[test]
fn a_role_that_is_held_is_deleted_by_moving_its_holders_in_the_same_moment() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(20);
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let role = role_id(&console, "Support");
    let (bob, cid) = (acme.member("Bob Smith", Starter::Member), acme.member("Cid Jones", Starter::Member));
    [&bob, &cid].into_iter().for_each(|person| hold(&acme, person, role));
    acme.execute(&format!("UPDATE members SET status = 'inactive' WHERE email = '{}'", cid.email));
    let page = ann.open(&acme.path("invites/new"));
    let sent = ann.submit(&page, "Send invitation", &[("Email addresses", "dana@example.com"), ("Role", "Support")]);
    let link = copied_link(&console, &sent, "dana@example.com");
    let page = ann.click(&ann.open(&acme.path("roles")), "Delete Support");
    assert!(page.says("2 members and 1 invited person hold it."), "{}", page.text());
    let before = console.dump();
    let again = ann.submit(&page, "Move and delete", &[]);
    assert!(again.status == 422 && again.errors()[0].contains("3 people hold this role"), "{:?}", again.errors());
    assert!(console.dump() == before);
    let bobs = console.signed_in(&bob);
    let page = ann.submit(&page, "Move and delete", &[("Move them to", "Manager")]);
    assert!(
        page.flash().starts_with("The role Support is deleted; who held it has Manager now, effective at"),
        "{}",
        page.flash()
    );
    assert!(page.flash().ends_with("for 1 person, 1 session (UTC)."), "{}", page.flash());
    assert!(!page.all("td.cell-primary a").contains(&"Support".to_owned()));
    assert_eq!(role_of(&console, &bob.email), "Manager");
    assert_eq!(role_of(&console, &cid.email), "Manager");
    assert_eq!(bobs.get(&acme.path("invites")).status, 200);
    assert_eq!(
        (events(&console, "member_role_changed"), events(&console, "invitation_role_changed"), events(&console, "role_deleted")),
        (2, 1, 1)
    );
    // The invitation goes on with the other role, and its link with it.
    let dana = console.person("Dana");
    acme.execute("UPDATE accounts SET email = 'dana@example.com' WHERE name = 'Dana'");
    let danas = console.signed_in(&Person { email: "dana@example.com".to_owned(), ..dana });
    let page = danas.submit(&danas.open(&link), "Join Acme", &[]);
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(role_of(&console, "dana@example.com"), "Manager");
    // Gone for good, and its name is free.
    assert_eq!(ann.get(&acme.path(&format!("roles/{role}"))).status, 404);
    assert_eq!(create(&ann, &acme, "Support", 25, &[]).status, 200);
}

#[test]
fn neither_the_owner_nor_the_default_role_can_be_deleted() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    for (role, words) in [(Starter::Owner, "The Owner is fixed"), (Starter::Member, "Choose another default role")] {
        let path = acme.path(&format!("roles/{}/delete", acme.role(role)));
        let page = ann.open(&path);
        assert!(page.says(words) && !page.offers("Delete"), "{}", page.text());
        let viewer = acme.role(Starter::Viewer).to_string();
        let reply = ann.post(&path, &[("role", &viewer)]);
        assert_eq!(reply.status, 422, "{role:?}");
    }
    let page = ann.open(&acme.path("roles"));
    let page = ann.submit(&page, "Save default role", &[("Default role for invitations", "Viewer")]);
    assert_eq!(page.flash(), "Invitations begin with Viewer now.");
    assert_eq!(ann.open(&acme.path("invites/new")).value_of("Role"), acme.role(Starter::Viewer).to_string());
    let page = ann.open(&acme.path(&format!("roles/{}/delete", acme.role(Starter::Member))));
    assert_eq!(ann.submit(&page, "Delete", &[]).flash(), "The role Member is deleted. Nobody holds it.");
    assert_eq!(events(&console, "default_role_changed"), 1);
}

#[test]
fn who_may_not_give_roles_invites_with_the_default_role() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (ann, mia) = (console.signed_in(&acme.owner), console.signed_in(&acme.member("Mia Manager", Starter::Manager)));
    assert_eq!(mia.open(&acme.path("invites/new")).options_of("Role"), ["Member"]);
    ann.submit(&ann.open(&acme.path("roles")), "Save default role", &[("Default role for invitations", "Viewer")]);
    assert_eq!(mia.open(&acme.path("invites/new")).options_of("Role"), ["Viewer"]);
    // A default that allows more than theirs is out of their reach, and the form says what to do.
    ann.submit(&ann.open(&acme.path("roles")), "Save default role", &[("Default role for invitations", "Operator")]);
    let page = mia.open(&acme.path("invites/new"));
    assert!(page.says("No role is yours to give") && !page.offers("Send invitation"), "{}", page.text());
}

#[test]
fn a_form_that_is_sent_twice_is_carried_out_once() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let form = ann.open(&acme.path("roles/new")).form("Create role", &[("Name", "Support"), ("Level", "25")]);
    let places = [ann.send_form(&form).location().to_owned(), ann.send_form(&form).location().to_owned()];
    let path = acme.path(&format!("roles/{}", role_id(&console, "Support")));
    assert_eq!(places, [path.clone(), path.clone()]);
    let save = ann.submit(&ann.open(&path), "Save", &[("Level", "26")]).form("Save changes", &[]);
    assert_eq!([ann.send_form(&save).status, ann.send_form(&save).status], [303, 303]);
    let delete = ann.open(&format!("{path}/delete")).form("Delete", &[]);
    assert_eq!([ann.send_form(&delete).status, ann.send_form(&delete).status], [303, 303]);
    for kind in ["role_created", "role_edited", "role_deleted"] {
        assert_eq!(events(&console, kind), 1, "{kind}");
    }
    // Another role under the id of one that there is becomes a role of its own.
    create(&ann, &acme, "Helpers", 25, &[]);
    let helpers = role_id(&console, "Helpers").to_string();
    let reply = ann.post(&acme.path("roles/new"), &[("id", &helpers), ("name", "Two   blanks"), ("level", "5")]);
    assert!(reply.status == 303 && !reply.location().ends_with(&helpers), "{}", reply.location());
    assert_eq!(role_id(&console, "Helpers").to_string(), helpers);
    assert_eq!(ann.post(&acme.path("roles/new"), &[("name", "Two blanks"), ("level", "5")]).status, 422);
    // The id of a role that is gone makes another role, and that of another organization's is no way to it.
    let again = ann.send_form(&form);
    assert!(again.status == 303 && again.location() != path, "{}", again.location());
    let globex = console.organization("Globex", "Gus Owner");
    let gus = console.signed_in(&globex.owner);
    let taken = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
    let theirs = gus.post(&globex.path("roles/new"), &taken);
    assert_eq!(theirs.status, 303);
    assert_eq!(console.number("SELECT count(*) AS number FROM roles WHERE name = 'Support' AND deleted_at IS NULL"), 2);
}

#[test]
fn roles_of_another_organization_are_none_in_any_field() {
    let console = Console::start();
    let (acme, globex) = (console.organization("Acme", "Ann Owner"), console.organization("Globex", "Gus Owner"));
    let (ann, bob) = (console.signed_in(&acme.owner), acme.member("Bob Smith", Starter::Manager));
    invite(&ann, &acme, "dana@example.com");
    let invitation = console.uuid("SELECT id AS uuid FROM invitations");
    let (foreign, bob) = (globex.role(Starter::Viewer).to_string(), acme.member_id(&bob.email).to_string());
    let manager = acme.role(Starter::Manager);
    let before = console.dump();
    let bulk = [("selected", bob.as_str()), ("action", "change-role"), ("role", &foreign)];
    let confirmed = [&bulk[..], &[("confirmed", "yes")]].concat();
    let sent = [("emails", "eve@example.com"), ("provider", "any"), ("role", foreign.as_str())];
    for (path, fields, status) in [
        (format!("members/{bob}/role"), &[("role", foreign.as_str())][..], 422),
        ("members/actions".to_owned(), &bulk, 404),
        ("members/actions".to_owned(), &confirmed, 303),
        ("roles/default".to_owned(), &[("role", foreign.as_str())], 303),
        (format!("roles/{manager}/delete"), &[("role", foreign.as_str())], 422),
        (format!("invites/{invitation}/role"), &[("role", foreign.as_str())], 303),
        ("invites/new".to_owned(), &sent, 422),
    ] {
        let reply = ann.post(&acme.path(&path), fields);
        assert_eq!(reply.status, status, "{path}");
        assert!(console.dump() == before, "{path} changed something");
    }
    assert_eq!(ann.open(&acme.path(&format!("roles/new?from={foreign}"))).value_of("Name"), "");
}

#[test]
fn who_may_not_see_members_is_told_how_many_and_not_who() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Clerk", 60, &[Permission::RolesView, Permission::RolesManage, Permission::MembersView]);
    create(&ann, &acme, "Guest", 5, &[]);
    let (cora, vic) = (acme.member("Cora Clerk", Starter::Member), acme.member("Vic Viewer", Starter::Viewer));
    let (clerk, guest) = (role_id(&console, "Clerk"), role_id(&console, "Guest"));
    hold(&acme, &cora, clerk);
    hold(&acme, &vic, guest);
    let coras = console.signed_in(&cora);
    let review = || coras.submit(&coras.open(&acme.path(&format!("roles/{guest}"))), "Save", &[("Level", "6")]);
    assert!(review().says("at once for 1 person") && review().says("Vic Viewer"), "{}", review().text());
    let page = ann.open(&acme.path(&format!("roles/{clerk}")));
    let page = ann.submit(&page, "Save", &[(&label(Permission::MembersView), "")]);
    ann.submit(&page, "Save changes", &[]);
    assert!(review().says("at once for 1 person") && !review().says("Vic"), "{}", review().text());
    let list = coras.open(&acme.path("roles"));
    assert!(list.offers("Guest") && !list.offers("1 members with the role Guest"), "no link into a list that is closed");
}

#[test]
fn activating_gives_nobody_more_than_who_activates_holds() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Bookkeeper", 30, &[Permission::BillingManage]);
    let (bea, cos) = (acme.member("Bea Books", Starter::Member), acme.member("Cos Admin", Starter::CoAdmin));
    hold(&acme, &bea, role_id(&console, "Bookkeeper"));
    acme.execute(&format!("UPDATE members SET status = 'inactive' WHERE email = '{}'", bea.email));
    let (path, co_admin) = (format!("members/{}", acme.member_id(&bea.email)), console.signed_in(&cos));
    let page = co_admin.open(&acme.path(&path));
    assert!(page.offers("Remove Bea Books") && !page.offers("Activate Bea Books"));
    let reply = co_admin.post(&acme.path(&format!("{path}/activate")), &[]);
    assert!(co_admin.follow(reply).flash().contains("That role allows more than yours: billing.manage."));
    assert_eq!(console.text("SELECT status FROM members WHERE name = 'Bea Books'"), "inactive");
    assert!(ann.follow(ann.post(&acme.path(&format!("{path}/activate")), &[])).flash().contains("is active again"));
}

#[test]
fn a_copy_of_a_role_begins_with_all_that_the_reader_may_give() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let cids = console.signed_in(&acme.member("Cid Admin", Starter::Admin));
    let page = cids.click(&cids.open(&acme.path("roles")), "Duplicate Manager");
    assert_eq!((page.value_of("Name").as_str(), page.value_of("Level").as_str()), ("Manager copy", "50"));
    assert_eq!(page.value_of(&label(Permission::MembersInvite)), "members.invite");
    assert_eq!(page.value_of(&label(Permission::MembersManage)), "");
    let page = cids.submit(&page, "Create role", &[]);
    assert_eq!(page.heading(), "Manager copy");
    let page = cids.click(&cids.open(&acme.path("roles")), "Duplicate Manager");
    assert_eq!(page.value_of("Name"), "Manager copy 2");
    let page = cids.click(&cids.open(&acme.path("roles")), "Duplicate Owner");
    assert!(page.says("Left out, since you do not hold it yourself: organization.delete."), "{}", page.text());
    assert!(page.says("Owner has level 100; yours reaches up to 90."), "{}", page.text());
    assert_eq!(cids.submit(&page, "Create role", &[]).heading(), "Owner copy");
}

#[test]
fn the_second_of_two_editors_is_refused_with_both_versions_side_by_side() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let cids = console.signed_in(&acme.member("Cid Admin", Starter::Admin));
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let path = acme.path(&format!("roles/{}", role_id(&console, "Support")));
    let (seen_by_ann, seen_by_cid) = (ann.open(&path), cids.open(&path));
    let review = cids.submit(&seen_by_cid, "Save", &[("Level", "35"), (&label(Permission::KeysView), "true")]);
    // Between the review and its confirmation somebody else saves, too.
    let anns_review = ann.submit(&seen_by_ann, "Save", &[("Name", "Helpers"), (&label(Permission::ActivityView), "true")]);
    cids.submit(&review, "Save changes", &[]);
    let before = console.dump();
    for page in [ann.submit(&anns_review, "Save changes", &[]), ann.submit(&seen_by_ann, "Save", &[("Name", "Helpers")])] {
        assert_eq!((page.status, page.heading().as_str()), (409, "Support has changed in the meantime"));
        assert!(page.says("Cid Admin saved this role"), "{}", page.text());
    }
    assert!(console.dump() == before);
    let conflict = ann.submit(&anns_review, "Save changes", &[]);
    let rows: Vec<Vec<String>> =
        conflict.all("tr.differs").iter().map(|row| row.split_whitespace().map(str::to_owned).collect()).collect();
    let expected = [
        vec!["Name", "Support", "Helpers"],
        vec!["Level", "35", "25"],
        vec!["keys.view", "Allowed", "–"],
        vec!["activity.view", "–", "Allowed"],
    ];
    assert_eq!(rows, expected);
    let review = ann.submit(&conflict, "Go on with mine", &[]);
    assert!(review.says("loses keys.view") || review.says("lose keys.view"), "{}", review.text());
    ann.submit(&review, "Save changes", &[]);
    assert_eq!(console.text("SELECT name || ' ' || level FROM roles WHERE starter IS NULL"), "Helpers 25");
}

#[test]
fn an_invitation_whose_role_outgrew_its_sender_is_accepted_with_the_default_role_and_says_so() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(20);
    let (ann, mona) = (console.signed_in(&acme.owner), role_manager(&console, &acme));
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let role = role_id(&console, "Support");
    let send = |email: &str| {
        let page = mona.open(&acme.path("invites/new"));
        let sent = mona.submit(&page, "Send invitation", &[("Email addresses", email), ("Role", "Support")]);
        copied_link(&console, &sent, email)
    };
    let people: Vec<Person> = ["Dana Smith", "Eve Miller", "Fay Brown"].map(|name| console.person(name)).to_vec();
    let links: Vec<String> = people.iter().map(|person| send(&person.email)).collect();
    let join = |number: usize| {
        let browser = console.signed_in(&people[number]);
        let page = browser.open(&links[number]);
        browser.submit(&page, "Join Acme", &[])
    };
    assert_eq!(join(0).status, 200);
    assert_eq!(role_of(&console, &people[0].email), "Support");
    // The role gets what its sender does not have: who is a member keeps it, who is only invited does not get it by that sender.
    let page = ann.open(&acme.path(&format!("roles/{role}")));
    let review = ann.submit(&page, "Save", &[(&label(Permission::BillingManage), "true")]);
    ann.submit(&review, "Save changes", &[]);
    let page = join(1);
    assert_eq!(role_of(&console, &people[1].email), "Member");
    assert!(page.says("Support") && page.says("Member"), "{}", page.text());
    // Somebody who has it confirms the role: then it is given.
    let invitation = console.uuid(&format!("SELECT id AS uuid FROM invitations WHERE email = '{}'", people[2].email));
    let here = acme.path(&format!("invites/{invitation}"));
    let shown = format!("Role of {}", people[2].email);
    ann.submit(&ann.open(&here), &format!("Save {shown}"), &[(&shown, "Viewer")]);
    ann.submit(&ann.open(&here), &format!("Save {shown}"), &[(&shown, "Support")]);
    join(2);
    assert_eq!(role_of(&console, &people[2].email), "Support");
}

#[test]
fn nobody_gets_by_an_inviter_who_left_what_that_one_could_never_give() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(20);
    let (ann, mona) = (console.signed_in(&acme.owner), role_manager(&console, &acme));
    create(&ann, &acme, "Guest", 5, &[Permission::MembersView]);
    create(&ann, &acme, "Newcomer", 4, &[Permission::KeysView]);
    ann.submit(&ann.open(&acme.path("roles")), "Save default role", &[("Default role for invitations", "Newcomer")]);
    let (dana, eve) = (console.person("Dana Smith"), "eve@example.com");
    let page = mona.open(&acme.path("invites/new"));
    let sent = mona.submit(&page, "Send invitation", &[("Email addresses", &format!("{} {eve}", dana.email)), ("Role", "Guest")]);
    let link = copied_link(&console, &sent, &dana.email);
    let mailed = console.mail_to(eve).link("/invitations/").to_owned();
    mona.post(&acme.path("leave"), &[]);
    let danas = console.signed_in(&dana);
    let page = danas.submit(&danas.open(&link), "Join Acme", &[]);
    assert!(page.says("revoked") && page.offers("Ask for a new invitation"), "{}", page.text());
    // Who has no account yet makes none by it.
    let eves = console.browser();
    let page = eves.click(&eves.open(&mailed), "Create account");
    let fields = [("Name", "Eve"), ("Password", crate::harness::PASSWORD)];
    let page = eves.submit(&page, "Create account", &fields);
    assert!(page.says("revoked"), "{}", page.text());
    let inside = "SELECT count(*) AS number FROM members WHERE email LIKE 'dana%' OR email LIKE 'eve%'";
    assert_eq!((console.number(inside), events(&console, "invitation_revoked")), (0, 2));
    assert_eq!(console.number("SELECT count(*) AS number FROM accounts WHERE email LIKE 'eve%'"), 0);
    // Sent again by who may give it, it is given.
    let invitation = console.uuid("SELECT id AS uuid FROM invitations WHERE email LIKE 'dana%'");
    let page = ann.open(&acme.path(&format!("invites/{invitation}")));
    assert!(page.says("Revoked by The console"), "{}", page.text());
}

#[test]
fn a_page_that_told_of_other_holders_is_shown_again_before_it_is_saved() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let path = acme.path(&format!("roles/{}", role_id(&console, "Support")));
    let review = ann.submit(&ann.open(&path), "Save", &[(&label(Permission::BillingManage), "true")]);
    assert!(review.says("Whoever gets it gains billing.manage"), "{}", review.text());
    let bob = acme.member("Bob Smith", Starter::Member);
    ann.submit(&ann.open(&acme.path("members")), "Save Role of Bob Smith", &[("Role of Bob Smith", "Support")]);
    let again = ann.submit(&review, "Save changes", &[]);
    assert!(again.says("Others hold this role by now") && again.says("1 person gains billing.manage"), "{}", again.text());
    assert_eq!(events(&console, "role_edited"), 0);
    // Back to the form with all that was typed, and to the page again.
    let form = ann.submit(&again, "Edit further", &[]);
    assert_eq!(
        (form.heading().as_str(), form.value_of(&label(Permission::BillingManage)).as_str()),
        ("Support", "billing.manage")
    );
    let again = ann.submit(&form, "Save", &[("Description", "Helps")]);
    assert!(ann.submit(&again, "Save changes", &[]).flash().contains("for 1 person"));
    assert_eq!(role_of(&console, &bob.email), "Support");
    // Nothing to save is no question.
    let same = ann.submit(&ann.open(&path), "Save", &[]);
    assert_eq!(same.flash(), "Support is saved as you see it here.");
}

#[test]
fn what_was_typed_for_a_role_that_is_gone_by_then_is_kept() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let path = acme.path(&format!("roles/{}", role_id(&console, "Support")));
    let page = ann.open(&path);
    ann.submit(&ann.open(&format!("{path}/delete")), "Delete", &[]);
    let page = ann.submit(&page, "Save", &[("Description", "Answers every mail")]);
    assert_eq!((page.status, page.heading().as_str()), (409, "New role"));
    assert!(page.says("The role Support was deleted in the meantime"), "{}", page.text());
    assert_eq!(
        (page.value_of("Description").as_str(), page.value_of(&label(Permission::MembersView)).as_str()),
        ("Answers every mail", "members.view")
    );
    assert_eq!(ann.submit(&page, "Create role", &[]).heading(), "Support");
}

#[test]
fn several_are_changed_only_as_the_rehearsal_showed_them() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (bob, cid) = (acme.member("Bob Smith", Starter::Member), acme.member("Cid Jones", Starter::Member));
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("members"));
    let chosen = [("Select Bob Smith", "true"), ("Select Cid Jones", "true"), ("New role", "Viewer")];
    let rehearsal = ann.submit(&page, "Change role", &chosen);
    ann.submit(&page, "Save Role of Bob Smith", &[("Role of Bob Smith", "Manager")]);
    let page = ann.submit(&rehearsal, "Change role of 2 members", &[]);
    assert!(page.flash().contains("1 member got the role: Cid Jones."), "{}", page.flash());
    assert!(page.flash().contains("Not changed: Bob Smith is Manager by now."), "{}", page.flash());
    assert_eq!((role_of(&console, &bob.email), role_of(&console, &cid.email)), ("Manager".to_owned(), "Viewer".to_owned()));
}

#[test]
fn a_default_role_beyond_the_sender_is_given_to_nobody_in_the_place_of_a_role_that_was_raised() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(20);
    let (ann, mona) = (console.signed_in(&acme.owner), role_manager(&console, &acme));
    create(&ann, &acme, "Tiny", 3, &[Permission::MembersView]);
    ann.submit(&ann.open(&acme.path("roles")), "Save default role", &[("Default role for invitations", "Admin")]);
    let dana = console.person("Dana Smith");
    let page = mona.open(&acme.path("invites/new"));
    let sent = mona.submit(&page, "Send invitation", &[("Email addresses", &dana.email), ("Role", "Tiny")]);
    let link = copied_link(&console, &sent, &dana.email);
    // Within the default by now, and beyond its sender.
    let page = ann.open(&acme.path(&format!("roles/{}", role_id(&console, "Tiny"))));
    let review = ann.submit(&page, "Save", &[("Level", "45"), (&label(Permission::BillingView), "true")]);
    ann.submit(&review, "Save changes", &[]);
    let danas = console.signed_in(&dana);
    let page = danas.submit(&danas.open(&link), "Join Acme", &[]);
    assert!(page.says("revoked"), "{}", page.text());
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE email LIKE 'dana%'"), 0);
}

#[test]
fn the_default_role_is_given_by_who_could_have_given_it() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (ann, cid) = (console.signed_in(&acme.owner), acme.member("Cid Admin", Starter::Admin));
    create(&ann, &acme, "Support", 25, &[Permission::BillingView]);
    let cids = console.signed_in(&cid);
    let dana = console.person("Dana Smith");
    let page = cids.open(&acme.path("invites/new"));
    let sent = cids.submit(&page, "Send invitation", &[("Email addresses", &dana.email), ("Role", "Support")]);
    let link = copied_link(&console, &sent, &dana.email);
    // Another default than when it was sent, and no permission of the role in it.
    ann.submit(&ann.open(&acme.path("roles")), "Save default role", &[("Default role for invitations", "Viewer")]);
    hold(&acme, &cid, acme.role(Starter::Member));
    let danas = console.signed_in(&dana);
    let page = danas.submit(&danas.open(&link), "Join Acme", &[]);
    assert!(page.flash().contains("You joined Acme as Viewer. The invitation said Support"), "{}", page.flash());
    assert_eq!(role_of(&console, &dana.email), "Viewer");
}

#[test]
fn the_role_of_a_pending_invitation_changes_without_a_new_link_or_mail() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let dana = console.person("Dana Smith");
    let link = copied_link(&console, &invite(&ann, &acme, &dana.email), &dana.email);
    let mails = console.mails_to(&dana.email).len();
    let here = acme.path(&format!("invites/{}", console.uuid("SELECT id AS uuid FROM invitations")));
    let (page, shown) = (ann.open(&here), format!("Role of {}", dana.email));
    let changed = ann.submit(&page, &format!("Save {shown}"), &[(&shown, "Manager")]);
    assert_eq!(changed.flash(), "dana.smith@example.com joins as Manager now. The link stays as it is.");
    assert!(changed.says("The role was changed to Manager by Ann Owner"));
    assert_eq!((console.mails_to(&dana.email).len(), events(&console, "invitation_role_changed")), (mails, 1));
    // A page that still showed the role of before is told so.
    let stale = ann.submit(&page, &format!("Save {shown}"), &[(&shown, "Viewer")]);
    assert!(stale.flash().contains("somebody else gave this invitation the role Manager in the meantime"), "{}", stale.flash());
    // On the list of members, too.
    let list = ann.submit(&ann.open(&acme.path("members")), &format!("Save {shown}"), &[(&shown, "Writer")]);
    assert_eq!((list.path.as_str(), role_of(&console, &dana.email).as_str()), (here.as_str(), "Writer"));
    let danas = console.signed_in(&dana);
    let landing = danas.open(&link);
    assert!(landing.says("Writer"), "{}", landing.text());
    danas.submit(&landing, "Join Acme", &[]);
    assert_eq!(role_of(&console, &dana.email), "Writer");
    let late = ann.post(&format!("{here}/role"), &[("role", &acme.role(Starter::Viewer).to_string())]);
    assert!(ann.follow(late).flash().contains("this invitation is accepted already"));
}
