//! Metered use: what the product reports is counted once, shown at once, and invoiced when the month is over.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Barrier};

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::billing::actions::operator::{self, Agreed};
use roster::billing::actions::usage;
use roster::billing::queries::usage::NewReport;
use roster::config::{Cycle, Plans};
use roster::money::Currency;
use serde_json::{Value, json};

use crate::billing::{PLANS, change, days_later, give_address, look_after, with_plans};
use crate::harness::{Client, Console, run};

fn report(client: &Client, quantity: i64, name: &str) -> Value {
    let reply = client.post("usage", &json!({ "item": "credits", "quantity": quantity, "idempotency_key": name }));
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

#[test]
fn a_report_counts_once_and_stands_on_the_page_at_once() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let (id, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let first = report(&client, 40, "job 1");
    assert_eq!((&first["counted"], &first["used"], &first["included"]), (&json!(true), &json!(40), &json!(100)));
    let again = report(&client, 40, "job 1");
    assert_eq!((&again["counted"], &again["used"]), (&json!(false), &json!(40)));
    let by = json!({ "item": "credits", "quantity": 25, "idempotency_key": "job 2", "key": id, "user": bob.email });
    assert_eq!(client.post("usage", &by).json()["used"], 65);
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("65 of 100 included"), "{}", page.text());
    let usage = ann.click(&page, "Day by day");
    let rows: Vec<String> = usage.all("tbody tr");
    assert!(rows.iter().any(|row| row.contains("Bob Smith") && row.contains("Member") && row.contains("25")), "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("Key") && row.contains("25")), "{rows:?}");
    let unbroken = usage.all("td.nowrap");
    assert!(
        ["Key", "Member"].iter().all(|kind| unbroken.contains(&(*kind).to_owned())),
        "whole on a narrow screen: {unbroken:?}"
    );
    let today = console.clock.now().format("%-d %B").to_string();
    assert!(rows.iter().any(|row| row.starts_with(&today) && row.ends_with("65")), "{rows:?}");
}

#[test]
fn the_name_of_a_report_is_for_its_item_alone_as_the_documents_say() {
    let console = Console::start_with(|config| {
        let calls = "[[items]]\nkey = \"calls\"\nname = \"Calls\"\n\n[[plans]]";
        config.plans = Arc::new(Plans::parse(&PLANS.replacen("[[plans]]", calls, 1)).unwrap());
    });
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let counted = |item: &str| {
        let body = json!({ "item": item, "quantity": 3, "idempotency_key": "job 1" });
        client.post("usage", &body).json()["counted"].clone()
    };
    assert_eq!(["credits", "calls", "credits", "calls"].map(counted), [true, true, false, false].map(Value::from));
    let told = "under the same name for the same item it is not counted again within 60 days";
    assert!(console.browser().get("/api/openapi.json").body.contains(told));
}

#[test]
fn the_rows_by_key_and_member_sum_to_what_was_used() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let (id, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let by = |name: &str, quantity: i64, also: Value| {
        let mut body = json!({ "item": "credits", "quantity": quantity, "idempotency_key": name });
        body.as_object_mut().unwrap().extend(also.as_object().unwrap().clone());
        assert_eq!(client.post("usage", &body).status, 200, "{name}");
    };
    by("neither", 40, json!({}));
    by("a key", 7, json!({ "key": id }));
    by("a member", 5, json!({ "user": bob.email }));
    let rows = || {
        let page = console.signed_in(&acme.owner).open("/o/acme/billing/usage");
        let rows = page.all("table:not(details table) tbody tr");
        (rows, page.all("table:not(details table) tbody td.cell-number"), page)
    };
    let (names, quantities, page) = rows();
    assert_eq!(quantities, ["7", "5", "40"], "{names:?}");
    assert!(names[2].contains("Named neither key nor member"), "{names:?}");
    assert!(page.says("52 of 100 included") && !page.says("named a key and a member"), "{}", page.text());
    // What names both stands twice, and is said to.
    by("both", 3, json!({ "key": id, "user": bob.email }));
    let (_, quantities, page) = rows();
    assert_eq!(quantities, ["10", "8", "40"]);
    assert!(page.says("3 of it named a key and a member, and stands with both."), "{}", page.text());
    // Those beyond the first ten are one row.
    for number in 0..12 {
        let member = acme.member(&format!("Person Number{number}"), Starter::Member);
        by(&member.email, 1, json!({ "user": member.email }));
    }
    let (names, quantities, _) = rows();
    assert_eq!(quantities.iter().map(|one| one.parse::<i64>().unwrap()).sum::<i64>(), 67 + 3, "{names:?}");
    assert!(names.iter().any(|row| row.contains("All other members") && row.ends_with('3')), "{names:?}");
}

#[test]
fn what_is_beyond_the_included_amount_is_on_the_next_invoice() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    report(&client, 1_000, "within");
    report(&client, 2_500, "beyond");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("3,500 of 1,000 included") && page.says("€12.50 beyond that so far"), "{}", page.text());
    let ann = days_later(&console, &acme, 32);
    assert_eq!(console.number("SELECT net AS number FROM invoices ORDER BY number DESC LIMIT 1"), 1_000 + 1_250);
    assert_eq!(console.number("SELECT count(*) AS number FROM usage_totals WHERE NOT is_closed"), 0);
    look_after(&console);
    assert_eq!(console.number("SELECT count(*) AS number FROM invoices"), 2, "once");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("0 of 1,000 included"), "another month: {}", page.text());
}

#[test]
fn use_within_a_trial_is_never_charged() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    report(&Client::new(&console, &key), 50_000, "on trial");
    console.travel(TimeDelta::days(15));
    look_after(&console);
    assert_eq!(console.text("SELECT string_agg(net::text, ' ' ORDER BY number) FROM invoices"), "800");
    report(&Client::new(&console, &key), 11_000, "paid");
    console.travel(TimeDelta::days(32));
    look_after(&console);
    assert_eq!(console.text("SELECT string_agg(net::text, ' ' ORDER BY number) FROM invoices"), "800 1300");
}

#[test]
fn use_is_invoiced_every_month_also_where_the_plan_is_paid_by_the_year() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "year");
    report(&client, 3_000, "first month");
    console.travel(TimeDelta::days(32));
    look_after(&console);
    assert_eq!(console.text("SELECT string_agg(net::text, ' ' ORDER BY number) FROM invoices"), "10000 1000");
    report(&client, 900, "second month");
    console.travel(TimeDelta::days(31));
    look_after(&console);
    assert_eq!(console.number("SELECT count(*) AS number FROM invoices"), 2, "what is included costs nothing");
}

#[test]
fn what_cannot_be_counted_is_refused_and_says_why() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let globex = console.organization("Globex", "Gus Owner");
    let (foreign, _) = globex.key_of_everything();
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let fine = json!({ "item": "credits", "quantity": 1, "idempotency_key": "a" });
    let wrong = [
        ("item", json!("coins")),
        ("quantity", json!(0)),
        ("quantity", json!(-5)),
        ("quantity", json!(1_000_000_001)),
        ("quantity", json!(1.5)),
        ("idempotency_key", json!("")),
        ("idempotency_key", json!("x".repeat(256))),
        ("key", json!(foreign)),
        ("user", json!(globex.owner.email)),
        ("organization", json!("globex")),
        ("organization", json!("nowhere")),
    ];
    for (field, value) in wrong {
        let mut body = fine.clone();
        body[field] = value.clone();
        let reply = client.post("usage", &body);
        assert_eq!(reply.status, 422, "{field}: {value}");
        assert!(reply.body.contains(field), "{field}: {}", reply.body);
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM usage_reports"), 0);
    report(&client, 7, "job");
    let other = client.post("usage", &json!({ "item": "credits", "quantity": 8, "idempotency_key": "job" }));
    assert_eq!((other.status, other.problem().as_str()), (409, "conflict"));
    let (_, weak) = acme.key("Weak", &acme.owner, &["members.view"]);
    assert_eq!(Client::new(&console, &weak).post("usage", &fine).status, 403);
}

#[test]
fn the_operators_own_keys_report_for_everybody() {
    let console = Console::start_with(|config| {
        with_plans(config);
        config.operator_organization = Some("apex".to_owned());
    });
    let apex = console.organization("Apex", "Ada Owner");
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = apex.key_of_everything();
    let body = json!({ "item": "credits", "quantity": 12, "idempotency_key": "x", "organization": "acme" });
    assert_eq!(Client::new(&console, &key).post("usage", &body).json()["used"], 12);
    assert!(console.signed_in(&acme.owner).open("/o/acme/billing").says("12 of 100 included"));
    assert!(console.signed_in(&apex.owner).open("/o/apex/billing").says("0 of 100 included"));
}

#[test]
fn reports_that_come_at_once_are_each_counted_once() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    for round in 0..10 {
        let barrier = Barrier::new(20);
        std::thread::scope(|scope| {
            for number in 0..20 {
                let (client, barrier) = (Client::new(&console, &key), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    // Each of ten reports is sent twice.
                    report(&client, 3, &format!("round {round}, job {}", number / 2));
                });
            }
        });
    }
    assert_eq!(console.number("SELECT quantity AS number FROM usage_totals"), 300);
    assert_eq!(console.number("SELECT sum(quantity)::bigint AS number FROM usage_days"), 300);
}

#[test]
fn reports_are_known_by_their_names_for_sixty_days() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    report(&Client::new(&console, &key), 5, "job");
    look_after(&console);
    assert_eq!(console.number("SELECT count(*) AS number FROM usage_reports"), 1);
    console.execute("UPDATE usage_reports SET reported_at = now() - interval '61 days'");
    look_after(&console);
    assert_eq!(console.number("SELECT count(*) AS number FROM usage_reports"), 0);
}

#[test]
fn a_spending_limit_warns_at_50_80_and_100_percent_and_stops_where_that_is_wished() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let page = ann.open("/o/acme/billing/usage");
    let fields = [("Spending limit of Credits a month", "10"), ("Stop when it is reached", "true")];
    let page = ann.submit(&page, "Save limit of Credits", &fields);
    assert_eq!(page.value_of("Spending limit of Credits a month"), "10.00", "{}", page.text());
    let verify = || client.post("keys/verify", &json!({ "key": key, "item": "credits" })).json();
    let warnings = || warned(&console, &acme.owner.email).len();
    // €5.00 for 1,000 beyond the first 1,000: the limit is reached at 3,000.
    for (quantity, warned, valid) in
        [(1_900, 0, true), (100, 1, true), (597, 1, true), (3, 2, true), (397, 2, true), (3, 3, false), (50, 3, false)]
    {
        report(&client, quantity, &format!("{quantity} after {warned} {valid}"));
        assert_eq!((warnings(), verify()["valid"].as_bool()), (warned, Some(valid)), "{quantity}");
    }
    assert_eq!(verify()["reason"], "usage_stopped");
    assert_eq!(client.post("keys/verify", &json!({ "key": key })).json()["valid"], true, "what names no item goes on");
    let of_recipients = console.mails_to("tax@advisers.example");
    let is_told = !of_recipients.is_empty() && warned(&console, "tax@advisers.example").is_empty();
    assert!(is_told, "they want invoices");
    // Another limit warns and stops anew: at 5,000 it is reached, and half of it is passed already.
    let raised = [("Spending limit of Credits a month", "20"), ("Stop when it is reached", "true")];
    ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &raised);
    for (quantity, warned, valid) in [(10, 3, true), (1_600, 4, true), (400, 5, false)] {
        report(&client, quantity, &format!("{quantity} with another limit"));
        assert_eq!((warnings(), verify()["valid"].as_bool()), (warned, Some(valid)), "{quantity}");
    }
    // A higher limit opens it again at once, and so does the next month.
    let raised = ann.submit(
        &ann.open("/o/acme/billing/usage"),
        "Save limit of Credits",
        &[("Spending limit of Credits a month", "1,000")],
    );
    assert!(raised.flash().contains("Credits is limited to €1,000.00 a month from now on."), "{}", raised.text());
    assert_eq!(verify()["valid"], true);
    for (typed, shown) in [("10,5", "10.50"), ("1,234", "1234.00"), ("0", "0.00")] {
        let fields = [("Spending limit of Credits a month", typed)];
        let saved = ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields);
        assert_eq!(saved.value_of("Spending limit of Credits a month"), shown, "{}", saved.flash());
    }
    assert_eq!(verify()["valid"], false, "nothing beyond what is included");
    let fields = [("Spending limit of Credits a month", "0")];
    let saved = ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields);
    assert!(saved.flash().contains("Nothing is to be spent on Credits beyond what is included"), "{}", saved.flash());
    console.travel(TimeDelta::days(32));
    look_after(&console);
    assert_eq!(verify()["valid"], true);
}

#[test]
fn reports_that_pass_a_limit_at_once_and_a_person_at_work_meanwhile_hold_up_nobody() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let set = |amount: &str| {
        let page = ann.open("/o/acme/billing/usage");
        let fields = [("Spending limit of Credits a month", amount), ("Stop when it is reached", "true")];
        assert!(ann.submit(&page, "Save limit of Credits", &fields).flash().contains("is limited to"));
    };
    set("5");
    let barrier = Barrier::new(41);
    std::thread::scope(|scope| {
        for number in 0..40 {
            let (client, barrier) = (Client::new(&console, &key), &barrier);
            scope.spawn(move || {
                barrier.wait();
                // The second of them passes each part of the limit.
                (0..3).for_each(|round| drop(report(&client, 50, &format!("job {number} {round}"))));
            });
        }
        barrier.wait();
        ["10", "6", "15"].into_iter().for_each(set);
    });
    assert_eq!(console.number("SELECT quantity AS number FROM usage_totals"), 40 * 3 * 50);
    let deadlocks = "SELECT deadlocks AS number FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(console.number(deadlocks), 0, "nobody waits for each other");
    let verified = Client::new(&console, &key).post("keys/verify", &json!({ "key": key, "item": "credits" })).json();
    assert_eq!(verified["reason"], "usage_stopped");
}

const BY_THE_PIECE: &str = r#"
[[items]]
key = "credits"
name = "Credits"

[[plans]]
key = "free"
name = "Free"
sentence = "For a start."
member_slots = 5

[[plans]]
key = "one"
name = "One"
sentence = "The first one."
member_slots = 5
prices.EUR = { month = 1000 }
included = [{ item = "credits", quantity = 0, prices = { EUR = 1 } }]

[[plans]]
key = "two"
name = "Two"
sentence = "The second one."
member_slots = 5
prices.EUR = { month = 1000 }
included = [{ item = "credits", quantity = 0, prices = { EUR = 1 } }]
"#;

#[test]
fn reports_that_come_while_the_plan_changes_are_each_charged_once() {
    let console = Console::start_with(|config| config.plans = Arc::new(Plans::parse(BY_THE_PIECE).unwrap()));
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    give_address(&console.signed_in(&acme.owner), &acme);
    let change = |plan: &str| {
        let agreed = Agreed { amount: 1_000, currency: Currency::from_code("EUR").unwrap(), cycle: Cycle::Month };
        run(operator::set_plan(&console.db(), acme.id, plan, Some(agreed))).unwrap();
    };
    change("one");
    let (reported, has_changed) = (AtomicI64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (client, reported, has_changed) = (Client::new(&console, &key), &reported, &has_changed);
            scope.spawn(move || {
                for round in 0.. {
                    report(&client, 1, &format!("job {number} {round}"));
                    reported.fetch_add(1, Ordering::Relaxed);
                    if has_changed.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        (0..20).for_each(|round| change(["two", "one"][round % 2]));
        has_changed.store(true, Ordering::Relaxed);
    });
    let charged = "SELECT ((SELECT sum(quantity) FROM invoice_lines WHERE description LIKE 'Credits%')
        + (SELECT sum(quantity) FROM usage_totals WHERE NOT is_closed))::bigint AS number";
    assert_eq!(console.number(charged), reported.into_inner());
}

/// What the mails on limits say, the oldest first: subject and text.
fn warned(console: &Console, address: &str) -> Vec<(String, String)> {
    let all = console.mails_to(address).into_iter().filter(|mail| mail.subject.contains("Credits "));
    let mut said: Vec<(String, String)> = all.map(|mail| (mail.subject, mail.text)).collect();
    said.reverse();
    said
}

#[test]
fn a_warning_names_what_is_spent_and_the_limit_and_whether_use_is_refused_then() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let set = |amount: &str, stops: &str| {
        let fields = [("Spending limit of Credits a month", amount), ("Stop when it is reached", stops)];
        ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields);
    };
    let ends = console.text("SELECT to_char(period_ends_at AT TIME ZONE 'UTC', 'FMDD FMMonth YYYY') FROM subscriptions");
    set("10", "true");
    report(&client, 2_600, "80");
    report(&client, 450, "over");
    let said = warned(&console, &acme.owner.email);
    assert_eq!(said[0].0, "Acme: Credits at 80 % of the spending limit of €10.00");
    assert!(said[0].1.contains("€8.00 of €10.00 are spent in the month until"), "{}", said[0].1);
    assert!(said[0].1.contains(&format!("your product is told to refuse further use until {ends}")), "{}", said[0].1);
    assert_eq!(said[1].0, format!("Acme: Credits refused until {ends}, the spending limit of €10.00 is reached"));
    assert!(said[1].1.contains("€10.25 of €10.00 are spent"), "{}", said[1].1);
    assert!(said[1].1.contains(&format!("refuse further use of Credits until {ends}")), "{}", said[1].1);
    assert!(said[1].1.contains("/o/acme/billing/usage"), "where it is changed: {}", said[1].1);
    let log = ann.open("/o/acme/activity?kind=usage_warned");
    let stopped = format!("stopped Credits, whose limit is reached: €10.25 of €10.00; its use is refused until {ends}");
    assert!(log.says(&stopped) && log.says("80 % of the limit of Credits are reached: €8.00 of €10.00"), "{}", log.text());
    // Without the stop it goes on, and costs something.
    set("20", "");
    report(&client, 2_000, "beyond");
    let said = warned(&console, &acme.owner.email);
    assert_eq!(said[2].0, "Acme: Credits at 100 % of the spending limit of €20.00");
    assert!(said[2].1.contains("goes on, and is charged: €5.00 for 1,000"), "{}", said[2].1);
    assert!(ann.open("/o/acme/activity").says("€20.25 of €20.00; its use goes on"));
    // Of what is included there is no amount.
    let globex = console.organization("Globex", "Gus Owner");
    let (_, key) = globex.key_of_everything();
    let gus = console.signed_in(&globex.owner);
    let fields = [("Spending limit of Credits a month", "0")];
    gus.submit(&gus.open("/o/globex/billing/usage"), "Save limit of Credits", &fields);
    report(&Client::new(&console, &key), 100, "all");
    let said = warned(&console, &globex.owner.email);
    assert_eq!(said[0].0, "Globex: Credits at 100 % of what is included");
    assert!(said[0].1.contains("100 of 100 included are used") && said[0].1.contains("is not charged"), "{}", said[0].1);
}

#[test]
fn a_spending_limit_is_an_amount_or_nothing() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/billing/usage");
    for (amount, stops) in [("ten", ""), ("-5", ""), ("1.234", ""), ("", "true")] {
        let fields = [("Spending limit of Credits a month", amount), ("Stop when it is reached", stops)];
        let reply = ann.press(&page, "Save limit of Credits", &fields);
        assert_eq!(reply.status, 422, "{amount:?}");
        let again = crate::harness::Page::new(reply);
        assert_eq!((again.value_of("Spending limit of Credits a month").as_str(), again.errors().len()), (amount, 1));
        assert_eq!(again.link(&again.errors()[0]), "#amount-credits", "the summary leads to the field");
        assert!(again.all(".summary[role=alert]").len() == 1 && again.html().contains("id=\"amount-credits\""));
    }
    assert_eq!(ann.post("/o/acme/billing/usage/coins", &[("amount", "5")]).status, 404);
    ann.submit(&page, "Save limit of Credits", &[("Spending limit of Credits a month", "0")]);
    let gone =
        ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &[("Spending limit of Credits a month", "")]);
    assert!(gone.flash().contains("no spending limit any more"), "{}", gone.text());
    assert_eq!(console.number("SELECT count(*) AS number FROM usage_limits"), 0);
}

#[test]
fn an_amount_that_a_plan_can_never_reach_is_no_limit() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/billing/usage");
    assert!(page.says("Use beyond what is included costs nothing on your plan."), "{}", page.text());
    let label = "Spending limit of Credits a month";
    let refused = crate::harness::Page::new(ann.press(&page, "Save limit of Credits", &[(label, "5")]));
    assert!(refused.status == 422 && refused.errors()[0].contains("costs nothing on the plan Free"), "{:?}", refused.errors());
    // The end of what is included stops it all the same.
    ann.submit(&page, "Save limit of Credits", &[(label, "0"), ("Stop when it is reached", "true")]);
    report(&client, 100, "all of it");
    let verified = client.post("keys/verify", &json!({ "key": key, "item": "credits" })).json();
    assert_eq!((&verified["valid"], &verified["reason"]), (&json!(false), &json!("usage_stopped")));
    // Where it has a price, an amount is a limit.
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let priced = ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &[(label, "5")]);
    assert!(priced.value_of(label) == "5.00" && priced.says("in EUR without VAT"), "{}", priced.text());
}

#[test]
fn a_month_of_the_calendar_has_its_own_days_and_no_other() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let (first, next) = roster::billing::usage::month_of(None, console.clock.now());
    let days = |page: &crate::harness::Page| page.all("tbody tr td:first-child");
    let named = |at: roster::clock::Moment| at.format("%-d %B").to_string();
    let page = ann.open("/o/acme/billing/usage");
    let shown = days(&page);
    assert_eq!(i64::try_from(shown.len()).unwrap(), (next - first).num_days());
    assert_eq!(shown.last(), Some(&named(next - TimeDelta::days(1))), "{shown:?}");
    assert!(page.says(&format!("– {}", named(next - TimeDelta::days(1)))), "{}", page.text());
    // That of a subscription ends within a day, which is one of its own.
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let shown = days(&ann.open("/o/acme/billing/usage"));
    let ends = console.clock.now().checked_add_months(chrono::Months::new(1)).unwrap();
    assert_eq!(shown.last(), Some(&named(ends)), "{shown:?}");
}

#[test]
fn a_report_that_comes_when_its_month_is_invoiced_already_counts_in_the_next_one() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    give_address(&console.signed_in(&acme.owner), &acme);
    change(&console.signed_in(&acme.owner), &acme, "team", "month");
    let (_, key) = acme.key_of_everything();
    report(&Client::new(&console, &key), 1_500, "in time");
    console.travel(TimeDelta::days(32));
    look_after(&console);
    // A server whose clock is behind still counts in the month that is over.
    let clock = roster::clock::Clock::default();
    clock.travel(TimeDelta::days(20));
    let behind = roster::db::Db::new(&console.database.runtime_url(), 1, clock);
    let behind = behind.of_product(&console.config.product_permissions, &console.config.plans);
    let late = NewReport {
        item: "credits".to_owned(),
        quantity: 2_000,
        idempotency_hash: [7; 32],
        key_id: uuid::Uuid::nil(),
        member_id: uuid::Uuid::nil(),
    };
    let reported = run(roster::access::count_in(&behind, acme.id, move |org| usage::report(org, &late))).unwrap();
    assert_eq!((reported.counted.is_new, reported.counted.used), (true, 2_000));
    assert!(reported.starts_at <= console.clock.now() && console.clock.now() < reported.ends_at, "{reported:?}");
    console.travel(TimeDelta::days(31));
    look_after(&console);
    let charged = "SELECT string_agg(quantity::text, ' ' ORDER BY from_at) FROM invoice_lines WHERE description LIKE 'Credits%'";
    assert_eq!(console.text(charged), "500 1000", "each beyond the 1,000 that are included");
}
