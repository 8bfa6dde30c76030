//! Any sequence of changes of plan and modules: what the preview says is what the invoice then sums up to, and nothing is lost or invented on
//! the way. Sequences are drawn from a seed that a failure names.

use chrono::TimeDelta;
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use roster::access::policy::Starter;
use roster::access::{Actor, OrgTx, read_as, write_as};
use roster::billing::account::Billing;
use roster::billing::actions::change::{self, Prepared, Shown, Wanted};
use roster::billing::actions::modules::{self, PreparedModule};
use roster::billing::actions::{pay, seats};
use roster::billing::queries;
use roster::billing::quote::Begin;
use roster::billing::refusal::Refusal;
use roster::clock::Moment;
use roster::config::Cycle;
use roster::error::{AppError, Stopped};
use roster::money::Currency;
use roster::upkeep;

use crate::billing::give_address;
use crate::harness::{Console, Organization, run};
use crate::modules::with_modules;

const SEQUENCES: u64 = 25;
const STEPS: usize = 30;

/// The newest invoice.
#[derive(diesel::QueryableByName, Clone, Debug, PartialEq)]
struct Invoice {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = BigInt)]
    lines: i64,
    #[diesel(sql_type = BigInt)]
    net: i64,
    #[diesel(sql_type = BigInt)]
    vat: i64,
    #[diesel(sql_type = BigInt)]
    credit_used: i64,
    #[diesel(sql_type = BigInt)]
    due: i64,
}

fn newest(console: &Console) -> Option<Invoice> {
    let query = "SELECT number, net, vat, credit_used, due, (SELECT sum(amount)::bigint FROM invoice_lines l
            WHERE l.organization_id = i.organization_id AND l.invoice_id = i.id) AS lines
        FROM invoices i ORDER BY number DESC LIMIT 1";
    diesel::sql_query(query).load(&mut console.superuser()).unwrap().pop()
}

fn prepared(console: &Console, acme: &Organization<'_>, wanted: &Wanted) -> Option<(Moment, Prepared)> {
    let wanted = wanted.clone();
    let work = move |tx: &mut OrgTx<'_>| {
        let (organization, at) = (tx.organization.clone(), tx.now());
        match change::prepare(tx, &organization, &wanted, at) {
            Ok(prepared) => Ok(Some((at, prepared))),
            Err(Stopped::Refused(_)) => Ok(None),
            Err(Stopped::Failed(error)) => Err(error),
        }
    };
    run(write_as(&console.db(), acme.id, Actor::operator(), work)).unwrap()
}

fn billing(console: &Console, acme: &Organization<'_>) -> Billing {
    run(read_as(&console.db(), acme.id, queries::billing)).unwrap()
}

/// Changes the plan as the preview shows it, and compares.
fn change_plan(console: &Console, acme: &Organization<'_>, wanted: &Wanted) {
    let before = newest(console);
    let Some((at, prepared)) = prepared(console, acme, wanted) else { return };
    let shown = Shown { at, price: prepared.price(), version: prepared.billing.version() };
    let chosen = wanted.clone();
    let done = run(write_as(&console.db(), acme.id, Actor::operator(), move |tx| change::change(tx, &chosen, &shown)));
    assert_eq!(done.unwrap(), prepared.quote.begin);
    let after = newest(console);
    if prepared.quote.lines.is_empty() {
        assert_eq!(after, before, "nothing was said to be paid");
        return;
    }
    let after = after.unwrap();
    assert_ne!(Some(&after), before.as_ref());
    let totals = prepared.totals;
    assert_eq!((after.lines, after.net, after.vat), (totals.net, totals.net, totals.vat), "{wanted:?}");
    assert_eq!((after.credit_used, after.due), (totals.credit_used, totals.due), "{wanted:?}");
    assert_eq!(billing(console, acme).account.credit, totals.credit_left, "{wanted:?}");
    let Begin::Now { until } = prepared.quote.begin else { panic!("invoiced, and not begun") };
    assert_eq!(billing(console, acme).running().unwrap().period_ends_at, until);
}

fn prepared_module(console: &Console, acme: &Organization<'_>, module: &'static str) -> Option<(Moment, PreparedModule)> {
    let work = move |tx: &mut OrgTx<'_>| {
        let (organization, at) = (tx.organization.clone(), tx.now());
        match modules::prepare(tx, &organization, module, at) {
            Ok(prepared) => Ok(Some((at, prepared))),
            Err(Stopped::Refused(_)) => Ok(None),
            Err(Stopped::Failed(error)) => Err(error),
        }
    };
    run(write_as(&console.db(), acme.id, Actor::operator(), work)).unwrap()
}

/// Adds a module as the preview shows it, and compares.
fn add_module(console: &Console, acme: &Organization<'_>, module: &'static str) {
    let Some((at, prepared)) = prepared_module(console, acme, module) else { return };
    let shown = Shown { at, price: prepared.price(), version: prepared.billing.version() };
    let added = run(write_as(&console.db(), acme.id, Actor::operator(), move |tx| modules::add(tx, module, &shown)));
    assert_eq!(added.unwrap(), prepared.module.name);
    let (invoice, totals) = (newest(console).unwrap(), &prepared.totals);
    assert_eq!((invoice.lines, invoice.net, invoice.vat), (totals.net, totals.net, totals.vat), "{module}");
    assert_eq!((invoice.credit_used, invoice.due), (totals.credit_used, totals.due), "{module}");
    assert!(prepared_module(console, acme, module).is_none(), "it is there");
}

/// What is open is what is subscribed to, each beside a plan that allows it and does not include it.
fn modules_are_in_order(console: &Console, acme: &Organization<'_>) {
    let billing = billing(console, acme);
    let mut known: Vec<String> = billing.modules.iter().map(|module| module.module.clone()).collect();
    known.sort();
    assert_eq!(console.text("SELECT array_to_string(modules, ' ') FROM organizations"), known.join(" "));
    let plan = billing.running().map(|current| current.plan.clone()).unwrap_or_default();
    let fits = |module: &str| plan == "team" || (module != "reports" && ["business", "flat"].contains(&plan.as_str()));
    assert!(known.iter().all(|module| fits(module)), "{known:?} on {plan:?}");
}

/// Lets time pass; a period that begins costs what was said of it, and what was pending.
fn let_time_pass(console: &Console, acme: &Organization<'_>, days: i64) {
    let before = billing(console, acme);
    let count = console.number("SELECT count(*) AS number FROM invoices");
    console.travel(TimeDelta::days(days));
    run(async { upkeep::once(&console.db()).await.unwrap() });
    let new = console.number("SELECT count(*) AS number FROM invoices") - count;
    let Some(current) = before.running().filter(|_| new == 1) else { return };
    let after = billing(console, acme);
    let pending: i64 = before.pending.iter().map(|line| line.amount).sum();
    let invoice = newest(console).unwrap();
    let Some(now) = after.running() else { return assert_eq!(invoice.lines, pending, "what was used until the end") };
    let unit = current.next_unit_amount.unwrap_or(current.unit_amount);
    assert_eq!(now.unit_amount, unit, "the price that was agreed to");
    let of_modules = after.modules.iter().map(|module| module.unit_amount * i64::from(module.seats));
    assert_eq!(invoice.lines, unit * i64::from(now.seats) + pending + of_modules.sum::<i64>());
    let kept = before.modules.iter().filter(|module| module.next_unit_amount.is_none() && now.cycle == current.cycle);
    for module in kept {
        let same = after.modules.iter().find(|known| known.module == module.module);
        assert!(same.is_none_or(|known| known.unit_amount == module.unit_amount), "{module:?} {same:?}");
    }
}

fn step(console: &Console, acme: &Organization<'_>, random: &mut StdRng, names: &mut usize) {
    let euro = Currency::from_code("EUR").unwrap();
    let write = |work: fn(&mut OrgTx<'_>) -> Result<(), Stopped<Refusal>>| match run(write_as(
        &console.db(),
        acme.id,
        Actor::operator(),
        work,
    )) {
        Ok(()) | Err(Stopped::Refused(_)) => {}
        Err(Stopped::Failed(error)) => panic!("{error}"),
    };
    modules_are_in_order(console, acme);
    match random.random_range(0..15) {
        0..=4 => {
            let plan = ["team", "business", "flat"][random.random_range(0..3)].to_owned();
            let cycle = Cycle::ALL[random.random_range(0..2)];
            change_plan(console, acme, &Wanted { plan, cycle, currency: euro });
        }
        10..=12 => add_module(console, acme, ["reports", "storage", "archive"][random.random_range(0..3)]),
        13 => write(|tx| modules::cancel(tx, "storage").map(drop)),
        14 => write(|tx| modules::keep(tx, "storage").map(drop)),
        5 => write(|tx| change::cancel(tx).map(drop)),
        6 => write(|tx| change::resume(tx).map(drop)),
        7 => {
            *names += 1;
            acme.member(&format!("Person Number{names}"), Starter::Member);
            write(|tx| Ok(seats::follow(tx)?));
        }
        8 => {
            let unpaid = billing(console, acme).unpaid.map(|unpaid| unpaid.number);
            let Some(number) = unpaid else { return };
            let work = move |tx: &mut OrgTx<'_>| pay::mark_paid(tx, &number, tx.now(), "").map(drop);
            run(write_as::<_, AppError, _>(&console.db(), acme.id, Actor::operator(), work)).unwrap();
        }
        _ => let_time_pass(console, acme, random.random_range(0..25)),
    }
}

#[test]
fn whatever_is_changed_the_invoice_is_what_the_preview_said() {
    for seed in 0..SEQUENCES {
        println!("seed {seed}");
        let mut random = StdRng::seed_from_u64(seed);
        let console = Console::start_with(with_modules);
        let acme = console.organization("Acme", "Ann Owner");
        give_address(&console.signed_in(&acme.owner), &acme);
        let mut names = 0;
        for _ in 0..STEPS {
            step(&console, &acme, &mut random, &mut names);
        }
        // Every euro is on exactly one invoice: what they were asked for is what was due, and what they have to their credit.
        let wrong = "SELECT count(*) AS number FROM invoices WHERE due <> greatest(net + vat - credit_used, 0)";
        assert_eq!(console.number(wrong), 0);
        let given =
            console.number("SELECT coalesce(sum(-(net + vat)) FILTER (WHERE net + vat < 0), 0)::bigint AS number FROM invoices");
        let used = console.number("SELECT coalesce(sum(credit_used), 0)::bigint AS number FROM invoices");
        assert_eq!(billing(&console, &acme).account.credit, given - used);
        let numbers = console.number("SELECT count(*) AS number FROM invoices");
        assert_eq!(console.number("SELECT coalesce(max(last), 0) AS number FROM invoice_numbers"), numbers, "no gaps");
    }
}
