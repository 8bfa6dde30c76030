//! Looking after keys: pausing, resuming, rotating, revoking, and who may; what becomes of them with their owner and role.

use chrono::TimeDelta;
use roster::access::policy::{Permission, Starter};
use uuid::Uuid;

use crate::harness::{Browser, Console, Organization, Page};
use crate::keys::{generate, generate_with, shown};
use crate::roles::{create, events, hold, label, role_id};

fn open(browser: &Browser, acme: &Organization<'_>, id: Uuid) -> Page {
    browser.open(&acme.path(&format!("keys/{id}")))
}

fn rotate(browser: &Browser, acme: &Organization<'_>, (id, name): (Uuid, &str), overlap: &str) -> String {
    let page = browser.click(&open(browser, acme, id), &format!("Rotate {name}"));
    shown(&browser.submit(&page, "Rotate", &[("The old secret goes on for", overlap)]), name).1
}

fn status(console: &Console, name: &str) -> String {
    console.text(&format!("SELECT status FROM keys WHERE name = '{name}'"))
}

#[test]
fn a_key_is_paused_and_resumed_and_revoked_for_good() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let (id, _) = generate(&ann, &acme, "Deploy", &[]);
    let page = ann.submit(&open(&ann, &acme, id), "Pause Deploy", &[]);
    assert_eq!(page.flash(), "Deploy is paused: requests with it are refused until somebody resumes it.");
    let page = ann.submit(&page, "Resume Deploy", &[]);
    assert_eq!(page.flash(), "Deploy works again.");
    let page = ann.click(&page, "Revoke Deploy");
    assert!(page.says("Every request with this key") && page.says("What was done with it"));
    assert!(page.all("main input:not([type=hidden])").is_empty(), "nothing to type");
    let page = ann.submit(&page, "Revoke", &[]);
    assert!(page.says("Revoked") && !page.offers("Resume Deploy") && !page.offers("Rotate Deploy"));
    let again = ann.post(&acme.path(&format!("keys/{id}/resume")), &[]);
    assert!(ann.follow(again).flash().contains("revoked already, and that is final"));
    assert_eq!(status(&console, "Deploy"), "revoked");
    // A second click changes nothing and says the same.
    ann.post(&acme.path(&format!("keys/{id}/revoke")), &[]);
    let told = ["key_paused", "key_resumed", "key_revoked"].map(|kind| events(&console, kind));
    assert_eq!(told, [1, 1, 1]);
}

#[test]
fn a_rotated_key_has_two_secrets_for_as_long_as_was_chosen() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let (id, first) = generate(&ann, &acme, "Deploy", &[]);
    let second = rotate(&ann, &acme, (id, "Deploy"), "1 hour");
    assert_ne!(first, second);
    let page = open(&ann, &acme, id);
    assert!(page.says("Both secrets work") && page.says("ends in 1 hour"), "{}", page.text());
    // Whichever was used stands there, with the network.
    acme.execute("UPDATE key_uses SET previous_used_at = now(), previous_used_network = '203.0.113.0/24'");
    let page = open(&ann, &acme, id);
    let secrets = page.all("#secrets-panel li");
    assert!(secrets[0].contains("New secret Not used yet"), "{secrets:?}");
    assert!(secrets[1].contains("Old secret Used last just now from 203.0.113.0/24"), "{secrets:?}");
    let page = ann.submit(&page, "End the old secret now", &[]);
    assert!(page.flash().contains("has only its new secret now") && !page.says("Both secrets work"));
    rotate(&ann, &acme, (id, "Deploy"), "7 days");
    console.travel(TimeDelta::days(8));
    let ann = console.signed_in(&acme.owner);
    assert!(!open(&ann, &acme, id).says("Both secrets work"));
    rotate(&ann, &acme, (id, "Deploy"), "None: it ends at once");
    assert!(!open(&ann, &acme, id).says("Both secrets work"));
    assert_eq!((events(&console, "key_rotated"), events(&console, "key_old_secret_ended")), (3, 1));
}

#[test]
fn a_form_of_a_rotation_that_is_sent_twice_rotates_once() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let (id, _) = generate(&ann, &acme, "Deploy", &[]);
    let form = ann.open(&acme.path(&format!("keys/{id}/rotate"))).form("Rotate", &[]);
    assert_eq!(ann.send_form(&form).status, 201);
    let again = Page::new(ann.send_form(&form));
    assert_eq!(again.status, 409);
    assert!(again.says("was rotated in the meantime") && !again.html().contains("Bearer oat_"));
    assert_eq!(events(&console, "key_rotated"), 1);
}

#[test]
fn a_secret_that_nobody_has_used_makes_way_and_the_one_in_use_goes_on() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let (id, first) = generate(&ann, &acme, "Deploy", &[]);
    let hash_of = |text: &str| {
        let hash = roster::secret::KeyText::parse(text).unwrap().hash();
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let stored = || console.text("SELECT encode(secret_hash, 'hex') || ' ' || encode(previous_secret_hash, 'hex') FROM keys");
    acme.execute("UPDATE key_uses SET last_used_at = now()");
    let second = rotate(&ann, &acme, (id, "Deploy"), "24 hours");
    // Right after it another server may know of a use.
    assert!(ann.open(&acme.path(&format!("keys/{id}/rotate"))).says("The one before it, at once."));
    assert_eq!(stored(), format!("{} {}", hash_of(&second), hash_of(&first)));
    console.travel(TimeDelta::minutes(1));
    let page = ann.open(&acme.path(&format!("keys/{id}/rotate")));
    assert!(page.says("nobody has used it yet"), "{}", page.text());
    let third = rotate(&ann, &acme, (id, "Deploy"), "24 hours");
    assert_eq!(stored(), format!("{} {}", hash_of(&third), hash_of(&first)));
    acme.execute("UPDATE key_uses SET last_used_at = now()");
    assert!(ann.open(&acme.path(&format!("keys/{id}/rotate"))).says("The one before it, at once."));
    let fourth = rotate(&ann, &acme, (id, "Deploy"), "24 hours");
    assert_eq!(stored(), format!("{} {}", hash_of(&fourth), hash_of(&third)));
}

#[test]
fn a_rotation_keeps_each_secrets_last_use_with_its_own_network() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let (id, _) = generate(&ann, &acme, "Deploy", &[]);
    let used = "UPDATE key_uses SET last_used_at = now() - interval '2 hours', last_used_network = 'current',
        previous_used_at = now() - interval '1 hour', previous_used_network = 'previous'";
    let kept = || {
        console.text(
            "SELECT previous_used_network || ' ' || round(extract(epoch FROM now() - previous_used_at) / 3600) FROM key_uses",
        )
    };
    // The current secret becomes the old one; the older one, used after it, is gone.
    acme.execute(used);
    rotate(&ann, &acme, (id, "Deploy"), "24 hours");
    assert_eq!(kept(), "current 2");
    // None goes on: what is left is when the key was used last.
    acme.execute(used);
    rotate(&ann, &acme, (id, "Deploy"), "None: it ends at once");
    assert_eq!(kept(), "previous 1");
}

#[test]
fn who_may_look_after_which_key() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let olaf = console.signed_in(&acme.member("Olaf Operator", Starter::Operator));
    let cora = console.signed_in(&acme.member("Cora Coadmin", Starter::CoAdmin));
    let (anns, _) = generate(&ann, &acme, "Ann's", &[Permission::BillingManage]);
    let (olafs, _) = generate(&olaf, &acme, "Olaf's", &[]);
    // An Operator looks after their own.
    let page = open(&olaf, &acme, anns);
    assert!(!page.offers("Pause Ann's") && !page.offers("Revoke Ann's") && !page.offers("Rotate Ann's"));
    for deed in ["pause", "resume", "end-old-secret", "revoke"] {
        let page = olaf.follow(olaf.post(&acme.path(&format!("keys/{anns}/{deed}")), &[]));
        assert!(page.flash().contains("This key is Ann Owner's"), "{deed}: {}", page.flash());
    }
    assert!(olaf.open(&acme.path(&format!("keys/{anns}/revoke"))).says("This key is Ann Owner's"));
    let refused = olaf.post(&acme.path(&format!("keys/{anns}/rotate")), &[("overlap", "none")]);
    assert_eq!(refused.status, 422);
    assert!(!refused.body.contains("Bearer oat_"));
    olaf.submit(&open(&olaf, &acme, olafs), "Pause Olaf's", &[]);
    olaf.submit(&open(&olaf, &acme, olafs), "Resume Olaf's", &[]);
    rotate(&olaf, &acme, (olafs, "Olaf's"), "1 hour");
    // A Co-Admin looks after everybody's, but gets no secret of a key that may do more.
    let page = open(&cora, &acme, anns);
    assert!(page.offers("Pause Ann's") && page.offers("Revoke Ann's") && !page.offers("Rotate Ann's"));
    let refused = cora.post(&acme.path(&format!("keys/{anns}/rotate")), &[("overlap", "none")]);
    assert!(refused.status == 422 && refused.body.contains("may do more than you may"));
    let rotated = console.text("SELECT coalesce(rotated_at::text, 'never') FROM keys WHERE name = 'Ann''s'");
    assert_eq!(rotated, "never");
    rotate(&cora, &acme, (olafs, "Olaf's"), "1 hour");
    // Pausing takes something away; resuming gives all of it back.
    let page = cora.submit(&open(&cora, &acme, anns), "Pause Ann's", &[]);
    assert!(!page.offers("Resume Ann's"));
    let page = cora.follow(cora.post(&acme.path(&format!("keys/{anns}/resume")), &[]));
    assert!(page.flash().contains("may do more than you may"), "{}", page.flash());
    assert_eq!(status(&console, "Ann''s"), "paused");
    cora.submit(&cora.open(&acme.path(&format!("keys/{anns}/revoke"))), "Revoke", &[]);
    assert_eq!(status(&console, "Ann''s"), "revoked");
}

#[test]
fn whoever_answers_for_a_key_is_reminded_14_and_3_days_before_its_end_and_then() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    let (id, _) = {
        let page = generate_with(&console.signed_in(&olaf), &acme, "Deploy", &[("Expiration", "30 days")]);
        shown(&page, "Deploy")
    };
    let told = |email: &str| -> Vec<String> {
        let mails = console.mails_to(email).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
        mails.into_iter().filter(|subject| subject.contains("The key")).rev().collect()
    };
    let look = || crate::harness::run(async { roster::upkeep::once(&console.db()).await.unwrap() });
    look();
    assert_eq!(told(&olaf.email), Vec::<String>::new());
    console.travel(TimeDelta::days(16) + TimeDelta::minutes(1));
    look();
    look();
    assert_eq!(told(&olaf.email), ["The key Deploy of Acme expires in 14 days"]);
    console.travel(TimeDelta::days(11));
    look();
    assert_eq!(told(&olaf.email).last().unwrap(), "The key Deploy of Acme expires in 3 days");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path(&format!("members/{}/remove", acme.member_id(&olaf.email))));
    ann.submit(&page, "Remove", &[]);
    console.travel(TimeDelta::days(3));
    look();
    look();
    assert_eq!(told(&olaf.email).len(), 2, "nothing to somebody who has left");
    assert_eq!(told(&acme.owner.email), ["The key Deploy of Acme has expired"]);
    let mail = console.mail_to(&acme.owner.email);
    assert!(mail.text.contains("nobody active answers for it") && mail.text.contains(&format!("/keys/{id}")), "{}", mail.text);
    assert_eq!((status(&console, "Deploy").as_str(), events(&console, "key_expired")), ("expired", 1));
    assert_eq!(console.number("SELECT count(*) AS number FROM keys WHERE ended_at = expires_at"), 1);
}

#[test]
fn a_reminder_that_is_late_says_how_many_days_are_left() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    generate_with(&console.signed_in(&acme.owner), &acme, "Deploy", &[("Expiration", "30 days")]);
    console.travel(TimeDelta::days(22) + TimeDelta::hours(5));
    crate::harness::run(roster::upkeep::once(&console.db())).unwrap();
    assert_eq!(console.mail_to(&acme.owner.email).subject, "The key Deploy of Acme expires in 8 days");
}

#[test]
fn a_revoked_key_ends_without_a_mail_and_one_without_end_never() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = generate_with(&ann, &acme, "Short", &[("Expiration", "30 days")]);
    let (short, _) = shown(&page, "Short");
    generate_with(&ann, &acme, "Endless", &[("Expiration", "Never")]);
    ann.post(&acme.path(&format!("keys/{short}/revoke")), &[]);
    for _ in 0..5 {
        console.travel(TimeDelta::days(100));
        crate::harness::run(async { roster::upkeep::once(&console.db()).await.unwrap() });
    }
    assert!(console.mails_to(&acme.owner.email).iter().all(|mail| !mail.subject.contains("The key")));
    assert_eq!((status(&console, "Short").as_str(), status(&console, "Endless").as_str()), ("revoked", "active"));
}

#[test]
fn keys_of_who_is_removed_are_kept_unless_the_form_says_otherwise() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let cora = acme.member("Cora Coadmin", Starter::CoAdmin);
    for (number, choice) in ["", "Keep keys", "Revoke keys too"].into_iter().enumerate() {
        let person = acme.member(&format!("Olaf Number{number}"), Starter::Operator);
        let name = format!("Deploy {number}");
        generate(&console.signed_in(&person), &acme, &name, &[Permission::MembersView]);
        let page = ann.open(&acme.path(&format!("members/{}/remove", acme.member_id(&person.email))));
        assert!(page.says("answers for 1 API key."), "{}", page.text());
        let mut form = page.form("Remove", &[]);
        if !choice.is_empty() {
            form.fields.retain(|(field, _)| field != "keys");
            let value = if choice == "Keep keys" { "keep" } else { "revoke" };
            form.fields.push(("keys".to_owned(), value.to_owned()));
        }
        assert_eq!(ann.send_form(&form).status, 303);
        let expected = if choice == "Revoke keys too" { "revoked" } else { "active" };
        assert_eq!(status(&console, &name), expected, "{choice:?}");
    }
    let kept = "SELECT count(*) AS number FROM keys k JOIN roles r ON r.id = k.role_id WHERE owner_member_id IS NULL AND r.name = 'Operator'";
    assert_eq!(console.number(kept), 3, "each with the role that its owner had");
    // One by one: kept, handed over, revoked.
    let dora = acme.member("Dora Operator", Starter::Operator);
    let browser = console.signed_in(&dora);
    let ids = ["Keeps", "Goes", "Ends"].map(|name| (name, generate(&browser, &acme, name, &[Permission::MembersView]).0));
    let path = acme.path(&format!("members/{}/remove", acme.member_id(&dora.email)));
    let page = ann.open(&path);
    let fields = [
        ("Decide for each key", "true"),
        ("What becomes of Goes", "Hand over"),
        ("What becomes of Ends", "Revoke"),
        ("Hand over to", "nobody@example.com"),
    ];
    let mut form = page.form("Remove", &fields);
    form.fields.retain(|(field, value)| field != "keys" || value == "each");
    let (anns, _) = generate(&ann, &acme, "Of Ann", &[]);
    let strange = format!("{anns}:revoke");
    let refused = Page::new(ann.post(&path, &[("keys", "each"), ("fate", &strange)]));
    assert!(refused.errors()[0].contains("Their keys have changed since you opened this page"), "{:?}", refused.errors());
    assert_eq!((status(&console, "Of Ann"), status(&console, "Ends")), ("active".to_owned(), "active".to_owned()));
    let refused = Page::new(ann.send_form(&form));
    assert_eq!(refused.status, 422);
    assert!(refused.errors()[0].contains("Nobody active here has that address"), "{:?}", refused.errors());
    assert_eq!(refused.value_of("What becomes of Ends"), format!("{}:revoke", ids[2].1), "kept as chosen");
    assert!(acme.member_id(&dora.email) != Uuid::nil() && status(&console, "Ends") == "active", "nothing was changed");
    form.fields.iter_mut().filter(|(field, _)| field == "new_owner").for_each(|(_, value)| *value = cora.email.clone());
    assert_eq!(ann.send_form(&form).status, 303);
    assert_eq!(["Keeps", "Goes", "Ends"].map(|name| status(&console, name)), ["active", "active", "revoked"]);
    let owner = "SELECT k.owner_name || ' ' || r.name FROM keys k JOIN roles r ON r.id = k.role_id WHERE k.name = 'Goes'";
    assert_eq!(console.text(owner), "Cora Coadmin Co-Admin");
    assert_eq!(events(&console, "key_handed_over"), 1);
}

#[test]
fn nobody_hands_a_key_to_somebody_above_them() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let cora = console.signed_in(&acme.member("Cora Coadmin", Starter::CoAdmin));
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    let (id, _) = generate(&console.signed_in(&olaf), &acme, "Deploy", &[]);
    let path = acme.path(&format!("members/{}/remove", acme.member_id(&olaf.email)));
    let fate = format!("{id}:hand-over");
    let refused = cora.post(&path, &[("keys", "each"), ("fate", &fate), ("new_owner", &acme.owner.email)]);
    assert_eq!(refused.status, 422);
    assert!(Page::new(refused).errors()[0].contains("has a role that yours does not reach"));
    // To oneself it can be handed, as whose key it then stands.
    assert_eq!(cora.post(&path, &[("keys", "each"), ("fate", &fate), ("new_owner", "cora.coadmin@example.com")]).status, 303);
}

#[test]
fn deleting_several_members_keeps_their_keys_or_revokes_them() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    for (name, choice, expected) in [("Olaf One", "keep", "active"), ("Olaf Two", "revoke", "revoked")] {
        let person = acme.member(name, Starter::Operator);
        generate(&console.signed_in(&person), &acme, name, &[]);
        let id = acme.member_id(&person.email).to_string();
        let asked = ann.post(&acme.path("members/actions"), &[("selected", &id), ("action", "delete")]);
        let mut form = Page::new(asked).form("Delete members", &[]);
        form.fields.retain(|(field, _)| field != "keys");
        form.fields.push(("keys".to_owned(), choice.to_owned()));
        assert_eq!(ann.send_form(&form).status, 303);
        assert_eq!(status(&console, name), expected);
    }
}

#[test]
fn keys_follow_the_role_and_the_name_of_their_owner() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Keeper", 45, &[Permission::KeysView, Permission::KeysCreate, Permission::MembersView]);
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    hold(&acme, &olaf, role_id(&console, "Keeper"));
    let browser = console.signed_in(&olaf);
    let (id, _) = generate(&browser, &acme, "Deploy", &[Permission::KeysCreate, Permission::MembersView]);
    // Before an edit is saved, the page counts the keys that lose something.
    let page = ann.open(&acme.path(&format!("roles/{}", role_id(&console, "Keeper"))));
    let page = ann.submit(&page, "Save", &[(&label(Permission::KeysCreate), "")]);
    assert!(page.says("1 key loses keys.create"), "{}", page.text());
    ann.submit(&page, "Save changes", &[]);
    let page = open(&ann, &acme, id);
    assert!(page.says("The role Keeper does not allow it at the moment"), "{}", page.text());
    // A lower role, and the person's page and the flash say what becomes of the keys.
    let member = acme.path(&format!("members/{}", acme.member_id(&olaf.email)));
    let page = ann.open(&member);
    assert_eq!(page.all("section[aria-labelledby=keys] li"), ["Deploy Active"]);
    let page = ann.submit(&page, "Save Role of Olaf Operator", &[("Role of Olaf Operator", "Viewer")]);
    assert!(page.flash().contains("Their API key stands as that role too"), "{}", page.flash());
    let role = "SELECT r.name FROM keys k JOIN roles r ON r.id = k.role_id WHERE k.name = 'Deploy'";
    assert_eq!(console.text(role), "Viewer");
    let page = ann.submit(&ann.open(&member), "Deactivate Olaf Operator", &[]);
    assert!(page.flash().contains("Their API key goes on"), "{}", page.flash());
    browser.post("/account/name", &[("name", "Olaf Renamed")]);
    assert_eq!(console.text("SELECT owner_name || ', ' || created_by FROM keys"), "Olaf Renamed, Olaf Operator");
}

#[test]
fn a_role_by_which_keys_go_without_an_owner_is_deleted_only_with_another_one_for_them() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Keeper", 45, &[Permission::KeysView, Permission::KeysCreate, Permission::MembersView]);
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    hold(&acme, &olaf, role_id(&console, "Keeper"));
    generate(&console.signed_in(&olaf), &acme, "Deploy", &[]);
    let page = ann.open(&acme.path(&format!("members/{}/remove", acme.member_id(&olaf.email))));
    ann.submit(&page, "Remove", &[]);
    let path = acme.path(&format!("roles/{}/delete", role_id(&console, "Keeper")));
    let refused = Page::new(ann.post(&path, &[]));
    assert!(refused.errors()[0].contains("1 key goes by this role"), "{:?}", refused.errors());
    let page = ann.open(&path);
    assert!(page.says("1 key whose owner has left holds it."), "{}", page.text());
    ann.submit(&page, "Move and delete", &[("Move them to", "Operator")]);
    let role = "SELECT r.name FROM keys k JOIN roles r ON r.id = k.role_id WHERE k.name = 'Deploy'";
    assert_eq!(console.text(role), "Operator");
}
