//! The activity log.

use chrono::TimeDelta;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use roster::access::policy::Starter;
use roster::access::{Actor, OrgTx, write_as};
use roster::activity::Reach;
use roster::activity::queries::{self, Filter, Person};
use roster::audit::{BillingEvent, Event, KINDS, ModuleEvent, RoleEdit};
use roster::clock::Moment;
use roster::error::AppError;
use roster::web::pagination::Cursor;
use uuid::Uuid;

use crate::activity_days::with_days;
use crate::harness::{Console, Organization, run};

fn record(console: &Console, organization: &Organization<'_>, actor: Actor, events: Vec<Event>) {
    let (db, id) = (console.db(), organization.id);
    run(async move {
        let write = move |tx: &mut OrgTx<'_>| events.iter().try_for_each(|event| tx.record(event));
        write_as(&db, id, actor, write).await.unwrap()
    });
}

fn renamed(to: &str) -> Event {
    Event::OrganizationRenamed { from: "Acme".to_owned(), to: to.to_owned() }
}

/// One event of each kind.
fn one_of_each() -> Vec<Event> {
    let id = Uuid::new_v4();
    let text = |text: &str| text.to_owned();
    vec![
        Event::OrganizationCreated { name: text("Acme") },
        renamed("Apex"),
        Event::MemberLimitChanged { from: 10, to: 20 },
        Event::InvitationSent { invitation_id: id, email: text("dana@example.com"), role: text("Member") },
        Event::InvitationResent { invitation_id: id, email: text("dana@example.com") },
        Event::InvitationRoleChanged {
            invitation_id: id,
            email: text("dana@example.com"),
            from: text("Member"),
            to: text("Viewer"),
        },
        Event::InvitationRevoked { invitation_id: id, email: text("dana@example.com") },
        Event::InvitationExpired { invitation_id: id, email: text("dana@example.com") },
        Event::InvitationDeclined { invitation_id: id, email: text("dana@example.com") },
        Event::InvitationAskedFor { invitation_id: id, email: text("dana@example.com") },
        Event::RoleCreated { role_id: id, name: text("Support"), level: 25 },
        Event::RoleEdited(RoleEdit {
            role_id: id,
            name: text("Support"),
            was: text("Helpers"),
            from_level: 25,
            to_level: 30,
            gained: vec![text("keys.view")],
            lost: vec![text("billing.view"), text("billing.manage")],
        }),
        Event::RoleDeleted { role_id: id, name: text("Support") },
        Event::DefaultRoleChanged { from: text("Member"), to: text("Viewer") },
        Event::KeyCreated { key_id: id, name: text("Deploy"), abilities: vec![text("members.view"), text("keys.verify")] },
        Event::KeyPaused { key_id: id, name: text("Deploy") },
        Event::KeyResumed { key_id: id, name: text("Deploy") },
        Event::KeyRotated { key_id: id, name: text("Deploy"), overlap: 168 },
        Event::KeyOldSecretEnded { key_id: id, name: text("Deploy") },
        Event::KeyRevoked { key_id: id, name: text("Deploy") },
        Event::KeyLeaked { key_id: id, name: text("Deploy") },
        Event::KeyExpired { key_id: id, name: text("Deploy") },
        Event::KeyHandedOver { key_id: id, name: text("Deploy"), from: text("Dana"), to: text("Ann") },
        Event::MemberJoined { member_id: id, name: text("Dana"), email: text("dana@example.com"), role: text("Member") },
        Event::MemberRoleChanged { member_id: id, name: text("Dana"), from: text("Member"), to: text("Viewer") },
        Event::MemberDeactivated { member_id: id, name: text("Dana") },
        Event::MemberActivated { member_id: id, name: text("Dana") },
        Event::MemberRemoved { member_id: id, name: text("Dana"), email: text("dana@example.com") },
        Event::MemberLeft { member_id: id, name: text("Dana"), email: text("dana@example.com") },
        Event::MemberRenamed { member_id: id, from: text("Dana"), to: text("Dana Smith") },
        Event::MemberAddressChanged {
            member_id: id,
            name: text("Dana"),
            from: text("dana@example.com"),
            to: text("d@example.com"),
        },
        Event::Billing(BillingEvent::PlanTried { from: text("Free"), to: text("Team"), until: Moment::UNIX_EPOCH }),
        Event::Billing(BillingEvent::PlanChanged { from: text("Team"), to: text("Business"), cycle: text("year") }),
        Event::Billing(BillingEvent::PlanCyclePlanned { plan: text("Team"), cycle: text("month"), at: Moment::UNIX_EPOCH }),
        Event::Billing(BillingEvent::PlanChangePlanned { from: text("Business"), to: text("Team"), at: Moment::UNIX_EPOCH }),
        Event::Billing(BillingEvent::PlanAgreed { from: text("Team"), to: text("Enterprise") }),
        Event::Billing(BillingEvent::PlanTrialEnds {
            plan: text("Team"),
            at: Moment::UNIX_EPOCH,
            then: text("Free is the plan then"),
        }),
        Event::Billing(BillingEvent::PlanCancelled { plan: text("Team"), at: Moment::UNIX_EPOCH }),
        Event::Billing(BillingEvent::PlanResumed { plan: text("Team") }),
        Event::Billing(BillingEvent::PlanPriceChanged { plan: text("Team"), price: text("€9.00 per member a month") }),
        Event::Billing(BillingEvent::PlanRenewed { plan: text("Team"), until: Moment::UNIX_EPOCH }),
        Event::Billing(BillingEvent::PlanEnded { plan: text("Team"), unpaid: true }),
        Event::Billing(BillingEvent::Module(ModuleEvent::ModuleAdded {
            module: text("Reports"),
            plan: text("Team"),
            cycle: text("year"),
        })),
        Event::Billing(BillingEvent::Module(ModuleEvent::ModuleCancelled { module: text("Reports"), at: Moment::UNIX_EPOCH })),
        Event::Billing(BillingEvent::Module(ModuleEvent::ModuleKept { module: text("Reports") })),
        Event::Billing(BillingEvent::Module(ModuleEvent::ModuleIncluded { module: text("Reports"), plan: text("Business") })),
        Event::Billing(BillingEvent::Module(ModuleEvent::ModuleEnded { module: text("Reports") })),
        Event::Billing(BillingEvent::InvoiceIssued { invoice_id: id, number: text("R-000001"), amount: text("€8.00") }),
        Event::Billing(BillingEvent::InvoicePaid { invoice_id: id, number: text("R-000001"), method: text("Bank transfer") }),
        Event::Billing(BillingEvent::PaymentOverdue { invoice_id: id, number: text("R-000001") }),
        Event::Billing(BillingEvent::PaymentFailed {
            invoice_id: id,
            number: text("A-0001"),
            again: Some(Moment::UNIX_EPOCH),
            at_bank: false,
        }),
        Event::Billing(BillingEvent::PaymentGivenUp { invoice_id: id, number: text("A-0001"), amount: text("€9.52") }),
        Event::Billing(BillingEvent::InvoiceVoided { invoice_id: id, number: text("A-0001") }),
        Event::Billing(BillingEvent::CreditChanged { amount: text("€7.00") }),
        Event::Billing(BillingEvent::CreditMoved { amount: text("€7.00") }),
        Event::Billing(BillingEvent::BillingSetBack { what: vec![text("the billing details")] }),
        Event::Billing(BillingEvent::BillingOtherCharged { what: vec![text("the subscription sub_2")] }),
        Event::Billing(BillingEvent::PaymentMethodAdded { method: text("Visa ending in 4242") }),
        Event::Billing(BillingEvent::PaymentMethodChosen { method: text("Visa ending in 4242") }),
        Event::Billing(BillingEvent::PaymentMethodRemoved { method: text("Visa ending in 4242") }),
        Event::Billing(BillingEvent::PaymentMethodExpires { method: text("Visa ending in 4242"), month: text("12/2026") }),
        Event::Billing(BillingEvent::SeatsAdded { seats: 2, amount: text("€3.20") }),
        Event::Billing(BillingEvent::UsageLimitChanged { item: text("Credits"), limit: text("€50.00"), stops: true }),
        Event::Billing(BillingEvent::UsageWarned {
            item: text("Credits"),
            percent: 80,
            stops: false,
            spent: text("€8.00 of €10.00"),
            until: Some(Moment::UNIX_EPOCH),
        }),
        Event::Billing(BillingEvent::BillingDetailsChanged { changed: vec![text("address")] }),
        Event::Billing(BillingEvent::TaxIdAdded { value: text("DE136695976") }),
        Event::Billing(BillingEvent::TaxIdRemoved { value: text("DE136695976") }),
    ]
}

#[test]
fn every_kind_of_change_stands_there_in_a_plain_sentence() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = Actor::person(acme.owner.account_id, &acme.owner.name);
    record(&console, &acme, ann, one_of_each());
    let browser = console.signed_in(&acme.owner);
    let page = browser.open("/o/acme/activity");
    let mut sentences = page.all(".story-item p");
    let mut last = browser.open("/o/acme/activity");
    while last.offers("Next") {
        last = browser.click(&last, "Next");
        sentences.extend(last.all(".story-item p"));
    }
    // That of the organization itself.
    assert_eq!(sentences.pop().as_deref(), Some("Ann Owner created the organization Acme"));
    let mut expected: Vec<String> = one_of_each().iter().map(|event| format!("Ann Owner {}", event.sentence())).collect();
    expected.reverse();
    assert_eq!(sentences, expected);
    assert_eq!(page.all(".story-day"), ["Today"]);
    for (kind, words) in KINDS {
        let page = browser.submit(&page, "Apply", &[("Kind", words)]);
        assert_eq!(page.value_of("Kind"), *kind);
        assert!(!page.all(".story-item").is_empty(), "{words}");
    }
}

#[test]
fn it_filters_by_person_and_kind_in_the_address() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Admin", Starter::Admin);
    record(&console, &acme, Actor::person(bob.account_id, &bob.name), vec![renamed("Bobs")]);
    record(
        &console,
        &acme,
        Actor::console(),
        vec![Event::InvitationExpired { invitation_id: Uuid::new_v4(), email: "x@example.com".into() }],
    );
    record(&console, &acme, Actor::operator(), vec![Event::MemberLimitChanged { from: 10, to: 20 }]);
    let browser = console.signed_in(&acme.owner);
    let page = browser.open("/o/acme/activity");
    assert_eq!(page.options_of("Person"), ["Everybody", "Ann Owner", "Bob Admin", "Without an account"]);
    let of_bob = browser.submit(&page, "Apply", &[("Person", "Bob Admin")]);
    assert_eq!(of_bob.all(".story-item p"), ["Bob Admin renamed the organization from Acme to Bobs"]);
    let both = browser.submit(&of_bob, "Apply", &[("Kind", "Role changed")]);
    assert!(both.says("Nothing like that has happened") && both.offers("Show everything"));
    let nobody = browser.submit(&page, "Apply", &[("Person", "Without an account")]);
    let expected =
        ["The operator changed the member limit from 10 to 20", "The console let the invitation of x@example.com expire"];
    assert_eq!(nobody.all(".story-item p"), expected);
    // What is neither a person nor a kind filters nothing, and nothing in the address is an error.
    for address in ["?person=nonsense&kind=nonsense", "?person=a&person=b", "?after=%FF&before=x", "?kind[]=x"] {
        let page = browser.open(&format!("/o/acme/activity{address}"));
        assert_eq!((page.status, page.all(".story-item").len()), (200, 4), "{address}");
    }
}

#[test]
fn pages_lead_through_the_whole_log_and_back() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    // Many at the same moment: the id decides among them.
    for _ in 0..3 {
        record(&console, &acme, Actor::operator(), (0..40).map(|number| renamed(&number.to_string())).collect());
        console.travel(TimeDelta::hours(1));
    }
    let browser = console.signed_in(&acme.owner);
    for query in ["", "?person=nobody", "?kind=organization_renamed", "?person=nobody&kind=organization_renamed"] {
        let mut page = browser.open(&format!("/o/acme/activity{query}"));
        let first = page.all(".story-item p");
        let mut all = first.clone();
        while page.offers("Next") {
            page = browser.click(&page, "Next");
            all.extend(page.all(".story-item p"));
        }
        assert_eq!(all.len(), if query.is_empty() { 121 } else { 120 }, "{query}");
        while page.offers("Previous") {
            page = browser.click(&page, "Previous");
        }
        assert_eq!(page.all(".story-item p"), first, "{query}");
    }
}

#[test]
fn another_organization_s_log_is_not_in_it() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let globex = console.organization("Globex", "Gus Owner");
    record(&console, &globex, Actor::operator(), vec![renamed("Globex Umbrella")]);
    let page = console.signed_in(&acme.owner).open("/o/acme/activity?person=nobody");
    assert!(!page.says("Umbrella") && page.says("Nothing like that has happened"));
}

#[derive(diesel::QueryableByName)]
struct Work {
    #[diesel(sql_type = BigInt)]
    scans: i64,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Rows of the log that this transaction has read, by whole scans and by index.
fn work_so_far(tx: &mut OrgTx<'_>) -> Work {
    let query = "SELECT coalesce(seq_scan, 0) AS scans, coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_xact_user_tables WHERE relname = 'events'";
    diesel::sql_query(query).get_result(tx.connection()).unwrap()
}

#[test]
fn every_page_of_a_long_log_reads_only_the_rows_it_shows() {
    let console = Console::start_with(with_days);
    let acme = console.organization("Acme", "Ann Owner");
    let globex = console.organization("Globex", "Gus Owner");
    // 100,000 rows in each: 20 people, every fifth row by nobody, all kinds.
    for organization in [&acme, &globex] {
        console.execute(&format!(
            "INSERT INTO events (organization_id, id, at, kind, actor_account_id, actor_name, data)
             SELECT '{}', gen_random_uuid(), now() - n * interval '1 minute', (ARRAY['{}'])[n % 18 + 1],
                 CASE WHEN n % 5 > 0 THEN ('00000000-0000-0000-0000-' || lpad((n % 20)::text, 12, '0'))::uuid END, 'Somebody', '{{}}'
             FROM generate_series(1, 100000) n",
            organization.id,
            KINDS.iter().map(|(kind, _)| *kind).collect::<Vec<_>>().join("','"),
        ));
    }
    console.execute("VACUUM ANALYZE events");
    let people = [Person::Anybody, Person::Account(Uuid::from_u128(1)), Person::Account(Uuid::from_u128(999)), Person::Nobody];
    let (db, id) = (console.db(), acme.id);
    run(async move {
        // Some see all days of the log, some the last thirty.
        let readings = people.iter().flat_map(|person| ["business", "free"].map(|plan| (*person, plan)));
        for (person, plan) in readings {
            for kind in [None, Some("member_joined")] {
                let filter = Filter { person, kind };
                let read = move |tx: &mut OrgTx<'_>| {
                    let (mut cursor, reach) = (Cursor::First, Reach::of(tx, plan));
                    // The first page, later ones, and one back from there.
                    for step in 0..4 {
                        let before = work_so_far(tx);
                        let rows = queries::page(tx, reach, &filter, &cursor)?;
                        let after = work_so_far(tx);
                        let read = after.rows - before.rows;
                        assert_eq!(after.scans, before.scans, "{filter:?} {cursor:?} scanned the table");
                        assert!(read <= 52, "{filter:?} {cursor:?} read {read} rows to show {}", rows.len());
                        let Some(key) = rows.get(40).map(|row| row.key()) else { break };
                        cursor = if step == 2 { Cursor::Before(key) } else { Cursor::After(key) };
                    }
                    let before = work_so_far(tx);
                    queries::lately(tx, reach)?;
                    queries::latest(tx, reach, 10)?;
                    let after = work_so_far(tx);
                    assert!(after.scans == before.scans && after.rows - before.rows <= 511);
                    Ok::<(), AppError>(())
                };
                write_as(&db, id, Actor::console(), read).await.unwrap();
            }
        }
    });
}
