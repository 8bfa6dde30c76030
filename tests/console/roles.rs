//! Roles: what the screen shows, and what an edit tells beforehand.

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

pub fn role_of(console: &Console, email: &str) -> String {
    console.text(&format!(
        "SELECT r.name FROM members m JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id WHERE m.email = '{email}'"
    ))
}

pub fn events(console: &Console, kind: &str) -> i64 {
    console.number(&format!("SELECT count(*) AS number FROM events WHERE kind = '{kind}'"))
}

/// Gives somebody a role past every rule, as the fixture of a test.
pub fn hold(acme: &Organization<'_>, person: &Person, role: Uuid) {
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
    assert_eq!(page.heading(), "Roles 10");
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
    assert_eq!(console.number("SELECT count(*) AS number FROM roles"), 9);
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
        assert_eq!(page.summary(), "Nothing of yours was saved");
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
    assert_eq!(again.summary(), "Others hold this role by now");
    assert!(again.says("1 person gains billing.manage"), "{}", again.text());
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
