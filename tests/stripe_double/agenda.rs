//! What is due when the clock moves: everything happens at its own moment and in order, as if time had passed.

use crate::calendar::DAY;
use crate::checkout;
use crate::invoicing::{collecting, settling};
use crate::json::{flag, number, text};
use crate::schedules;
use crate::subscriptions::{cancel, pending_updates, periods, renewal};
use crate::tax_ids;
use crate::world::{Origin, World};
use serde_json::Value;

/// A thing to do, in the order of things that fall on the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    DecideTaxId,
    ExpireSession,
    ExpireIncomplete,
    ExpirePendingUpdate,
    RemindOfTrial,
    EnterPhase,
    Cancel,
    Renew,
    Finalize,
    Collect,
}

/// Moves the clock and does what falls due on the way; answers how many things that were.
pub fn advance(world: &mut World, to: i64) -> usize {
    world.origin = Origin::default();
    let mut done = 0;
    while let Some((moment, task, id)) = next(world).filter(|(moment, _, _)| *moment <= to) {
        world.now = world.now.max(moment);
        perform(world, task, &id);
        done += 1;
        assert!(done < 1_000_000, "the agenda does not end: {task:?} {id}");
    }
    world.now = world.now.max(to);
    done
}

fn next(world: &World) -> Option<(i64, Task, String)> {
    let mut due = vec![];
    world.each("subscription").for_each(|one| of_subscription(world, one, &mut due));
    world.each("invoice").for_each(|one| of_invoice(one, &mut due));
    for tax_id in world.each("tax_id") {
        if text(&tax_id["verification"], "status") == "pending" && tax_ids::outcome(world, tax_id) != "pending" {
            due.push((number(tax_id, "created") + world.rules.tax_id_delay, Task::DecideTaxId, id(tax_id)));
        }
    }
    for session in world.each("checkout.session") {
        if text(session, "status") == "open" {
            due.push((number(session, "expires_at"), Task::ExpireSession, id(session)));
        }
    }
    due.into_iter().min()
}

fn of_subscription(world: &World, one: &Value, due: &mut Vec<(i64, Task, String)>) {
    let status = text(one, "status");
    if cancel::ended(one) {
        return;
    }
    if status == "incomplete" {
        due.push((number(one, "created") + 23 * 3600, Task::ExpireIncomplete, id(one)));
    }
    if let Some(moment) = one["pending_update"]["expires_at"].as_i64() {
        due.push((moment, Task::ExpirePendingUpdate, id(one)));
    }
    if let Some(moment) = one["cancel_at"].as_i64() {
        due.push((moment, Task::Cancel, id(one)));
    }
    let end = periods::period_of(one).1;
    if status == "trialing" && !world.reminded.contains(text(one, "id")) {
        let moment = (end - 3 * DAY).max(number(one, "trial_start"));
        due.push((moment, Task::RemindOfTrial, id(one)));
    }
    let phase = one["schedule"].as_str().and_then(|schedule| schedules::due(&world.own("subscription_schedule", schedule)));
    if let Some(moment) = phase {
        due.push((moment, Task::EnterPhase, id(one)));
    }
    due.push((end, Task::Renew, id(one)));
}

fn of_invoice(one: &Value, due: &mut Vec<(i64, Task, String)>) {
    if !flag(one, "auto_advance") {
        return;
    }
    match text(one, "status") {
        "draft" => due.extend(one["automatically_finalizes_at"].as_i64().map(|moment| (moment, Task::Finalize, id(one)))),
        "open" if text(one, "collection_method") == "charge_automatically" => {
            due.extend(one["next_payment_attempt"].as_i64().map(|moment| (moment, Task::Collect, id(one))));
        }
        _ => {}
    }
}

fn perform(world: &mut World, task: Task, id: &str) {
    match task {
        Task::DecideTaxId => {
            let outcome = tax_ids::outcome(world, &world.own("tax_id", id));
            tax_ids::decide(world, id, &outcome);
        }
        Task::ExpireSession => drop(checkout::lapse(world, id)),
        Task::ExpireIncomplete => cancel::now(world, id, "payment_failed"),
        Task::ExpirePendingUpdate => pending_updates::discard(world, id),
        Task::RemindOfTrial => {
            world.reminded.insert(id.to_owned());
            let subscription = world.own("subscription", id);
            world.emit("customer.subscription.trial_will_end", &subscription, None);
        }
        Task::EnterPhase => schedules::advance_due(world, id),
        Task::Cancel => renewal::finish(world, id),
        Task::Renew => renewal::renew(world, id),
        Task::Finalize => {
            let invoice = settling::finalize(world, id);
            if text(&invoice, "status") == "open" {
                collect(world, &invoice);
            }
        }
        Task::Collect => collect(world, &world.own("invoice", id)),
    }
}

fn collect(world: &mut World, invoice: &Value) {
    if text(invoice, "collection_method") == "send_invoice" {
        world.emit("invoice.sent", invoice, None);
        return;
    }
    // The invoice and its subscription say what became of it.
    let _ = collecting::collect(world, text(invoice, "id"), None);
}

fn id(value: &Value) -> String {
    text(value, "id").to_owned()
}
