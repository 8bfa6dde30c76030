//! How far anybody gets, by whatever route: nobody gives a permission or a level that they do not have.

use roster::access::policy::{Permission, Starter};
use uuid::Uuid;

use crate::harness::{Browser, Console, Organization, Person};
use crate::invites::{copied_link, invite};
use crate::roles::{create, events, hold, label, role_id, role_of};

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
