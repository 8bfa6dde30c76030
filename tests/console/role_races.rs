//! Roles that are edited, given and deleted at the same moment as they are used.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use roster::access::policy::{Permission, Starter};

use crate::harness::{Browser, Console, Person};
use crate::roles::{create, label, role_id};

/// Runs two things at the same moment.
fn at_once<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let one = scope.spawn(|| {
            barrier.wait();
            one()
        });
        let other = scope.spawn(|| {
            barrier.wait();
            other()
        });
        (one.join().unwrap(), other.join().unwrap())
    })
}

#[test]
fn no_act_succeeds_after_the_edit_that_forbids_it_was_answered() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(5_000);
    let ann = console.signed_in(&acme.owner);
    create(&ann, &acme, "Support", 25, &[Permission::MembersView, Permission::MembersInvite]);
    let role = role_id(&console, "Support");
    let holders: Vec<Person> = (0..3).map(|number| acme.member(&format!("Holder {number}"), Starter::Member)).collect();
    for holder in &holders {
        acme.execute(&format!("UPDATE members SET role_id = '{role}' WHERE email = '{}'", holder.email));
    }
    let browsers: Vec<Browser> = holders.iter().map(|holder| console.signed_in(holder)).collect();
    let (path, allowed) = (acme.path(&format!("roles/{role}")), label(Permission::MembersInvite));
    for round in 0..10 {
        let review = ann.submit(&ann.open(&path), "Save", &[(&allowed, "")]);
        let (answered, stop, sent) = (AtomicBool::new(false), AtomicBool::new(false), AtomicI64::new(0));
        let act = |who: usize| {
            let mut number = 0;
            while !stop.load(Ordering::SeqCst) {
                number += 1;
                let address = format!("p{round}.{who}.{number}@example.com");
                let began_after = answered.load(Ordering::SeqCst);
                let reply = browsers[who].post(&acme.path("invites/new"), &[("emails", &address), ("provider", "any")]);
                assert!(matches!(reply.status, 303 | 403), "{}", reply.body);
                assert!(reply.status == 403 || !began_after, "{address} was invited after the edit was answered");
                sent.fetch_add(i64::from(reply.status == 303), Ordering::SeqCst);
            }
        };
        thread::scope(|scope| {
            (0..3).for_each(|who| drop(scope.spawn(move || act(who))));
            while sent.load(Ordering::SeqCst) < 3 {
                thread::yield_now();
            }
            let reply = ann.press(&review, "Save changes", &[]);
            answered.store(true, Ordering::SeqCst);
            assert_eq!(reply.status, 303);
            // What was under way has ended by then, and what begins now is refused.
            (0..3).for_each(|who| {
                let later = browsers[who].post(&acme.path("invites/new"), &[("emails", "late@example.com")]);
                assert_eq!(later.status, 403);
            });
            stop.store(true, Ordering::SeqCst);
        });
        // In the order of the log, which the lock makes that of the commits: nothing by a holder after the edit.
        let after = "SELECT count(*) AS number FROM events WHERE kind = 'invitation_sent'
            AND id > (SELECT max(id::text)::uuid FROM events WHERE kind = 'role_edited')";
        assert_eq!(console.number(after), 0, "round {round}");
        let review = ann.submit(&ann.open(&path), "Save", &[(&allowed, "true")]);
        ann.submit(&review, "Save changes", &[]);
        console.execute("TRUNCATE rate_limits");
    }
}

#[test]
fn of_two_who_save_the_same_role_at_once_one_is_refused() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let cids = console.signed_in(&acme.member("Cid Admin", Starter::Admin));
    create(&ann, &acme, "Support", 25, &[Permission::MembersView]);
    let path = acme.path(&format!("roles/{}", role_id(&console, "Support")));
    for round in 0..20 {
        let (of_ann, of_cid) = ((30 + round).to_string(), (60 + round % 30).to_string());
        let anns = ann.submit(&ann.open(&path), "Save", &[("Level", &of_ann)]);
        let theirs = cids.submit(&cids.open(&path), "Save", &[("Level", &of_cid)]);
        let (one, other) =
            at_once(|| ann.press(&anns, "Save changes", &[]).status, || cids.press(&theirs, "Save changes", &[]).status);
        let mut statuses = [one, other];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "round {round}");
        let level = console.text("SELECT level::text FROM roles WHERE starter IS NULL");
        assert_eq!(level, if one == 303 { of_ann } else { of_cid }, "round {round}");
    }
}

#[test]
fn of_two_who_create_a_role_of_one_name_at_once_one_is_refused() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    for round in 0..20 {
        let name = format!("Round {round}");
        let make = |level: &str| ann.post(&acme.path("roles/new"), &[("name", &name), ("level", level)]).status;
        let (one, other) = at_once(|| make("5"), || make("6"));
        let mut statuses = [one, other];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422], "round {round}");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM roles WHERE starter IS NULL"), 20);
}

#[test]
fn a_role_that_is_deleted_while_somebody_gets_it_leaves_nobody_without_one() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (ann, bob) = (console.signed_in(&acme.owner), acme.member("Bob Smith", Starter::Member));
    let cids = console.signed_in(&acme.member("Cid Admin", Starter::Admin));
    let (member, viewer) = (acme.member_id(&bob.email), acme.role(Starter::Viewer).to_string());
    let (mut given, mut deleted_first) = (0, 0);
    for round in 0..30 {
        create(&ann, &acme, &format!("Round {round}"), 25, &[]);
        let role = role_id(&console, &format!("Round {round}"));
        let give = || cids.post(&acme.path(&format!("members/{member}/role")), &[("role", &role.to_string())]).status;
        let delete = || ann.post(&acme.path(&format!("roles/{role}/delete")), &[("role", &viewer)]).status;
        let (gave, deleted) = at_once(give, delete);
        assert_eq!(deleted, 303, "round {round}");
        let holds = console.text(
            "SELECT r.name || coalesce(' deleted ' || r.deleted_at, '') FROM members m
             JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id WHERE m.email LIKE 'bob%'",
        );
        assert!(["Member", "Viewer"].contains(&holds.as_str()), "round {round}: {holds}");
        match gave {
            303 => given += 1,
            422 => deleted_first += 1,
            other => panic!("round {round}: {other}"),
        }
        acme.execute(&format!("UPDATE members SET role_id = '{}' WHERE email LIKE 'bob%'", acme.role(Starter::Member)));
    }
    assert_eq!(given + deleted_first, 30);
}
