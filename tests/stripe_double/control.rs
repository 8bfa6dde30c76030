//! `/_double/…`: what tests do to the double itself. Parameters come as a form or as JSON.

use crate::agenda;
use crate::double::Double;
use crate::json::text;
use crate::params::Params;
use crate::switches::{self, Switches};
use crate::tax_ids;
use crate::world::World;
use serde_json::{Value, json};

/// Answers a request below `/_double`; the error is a status with words.
pub fn answer(double: &mut Double, method: &str, path: &str, sent: &Params) -> Result<Value, (u16, String)> {
    let done = match (method, path) {
        ("POST", "advance") => advance(double, sent),
        ("POST", "switches") => set(double, sent),
        ("GET", "switches") => Ok(switches::show(&double.switches, &double.world.rules)),
        ("POST", "deliver") => Ok(json!({ "released": double.webhooks.release() })),
        ("POST", "replay") => replay(double, sent),
        ("POST", "verify") => verify(double, sent),
        ("POST", "reset") => reset(double, sent),
        ("GET", "state") => Ok(state(double)),
        _ => return Err((404, format!("{method} /_double/{path} is nothing that the double knows"))),
    };
    double.send_events();
    done.map_err(|message| (400, message))
}

fn advance(double: &mut Double, sent: &Params) -> Result<Value, String> {
    let read = |name: &str| sent.integer(name).map_err(|error| error.message());
    let to = match (read("seconds")?, read("to")?) {
        (Some(seconds), None) => double.world.now + seconds,
        (None, Some(to)) => to,
        _ => return Err("advance takes either seconds or to".to_owned()),
    };
    if to < double.world.now {
        return Err("the clock does not go back".to_owned());
    }
    let done = agenda::advance(&mut double.world, to);
    Ok(json!({ "now": double.world.now, "done": done }))
}

fn set(double: &mut Double, sent: &Params) -> Result<Value, String> {
    switches::set(&mut double.switches, &mut double.world.rules, sent)?;
    double.webhooks.set(&double.switches);
    Ok(switches::show(&double.switches, &double.world.rules))
}

fn replay(double: &mut Double, sent: &Params) -> Result<Value, String> {
    let id = sent.required("event").map_err(|error| error.message())?;
    let event = double.world.fetch("event", &id).map_err(|error| error.message())?;
    double.webhooks.enqueue(&event);
    Ok(json!({ "event": id, "type": event["type"] }))
}

/// Decides pending tax ids without moving the clock: all, or one by its id; by their numbers, or as `status` says.
fn verify(double: &mut Double, sent: &Params) -> Result<Value, String> {
    let read = |name: &str| sent.given(name).map_err(|error| error.message());
    let (only, status) = (read("id")?, read("status")?);
    let mut decided = vec![];
    for tax_id in double.world.all("tax_id") {
        let id = text(&tax_id, "id");
        let pending = text(&tax_id["verification"], "status") == "pending";
        if only.as_deref().map_or(pending, |only| only == id) {
            let outcome = status.clone().unwrap_or_else(|| tax_ids::outcome(&double.world, &tax_id));
            tax_ids::decide(&mut double.world, id, &outcome);
            decided.push(id.to_owned());
        }
    }
    Ok(json!({ "decided": decided }))
}

/// An empty account at the same moment, or at `now`; with `ids=keep` ids go on counting.
fn reset(double: &mut Double, sent: &Params) -> Result<Value, String> {
    let now = sent.integer("now").map_err(|error| error.message())?.unwrap_or(double.world.now);
    let keep = sent.given("ids").map_err(|error| error.message())?.as_deref() == Some("keep");
    let mut world = World::empty(&double.world.base, now);
    world.rules.has_webhook = double.webhooks.has_target();
    if keep {
        world.keep_counters(double.world.counters());
    }
    double.world = world;
    double.switches = Switches::default();
    double.log.clear();
    double.saved = crate::idempotency::Saved::default();
    double.webhooks.clear();
    Ok(json!({ "now": now }))
}

fn state(double: &Double) -> Value {
    json!({
        "now": double.world.now, "counts": double.world.counts(), "requests": double.log, "saved_keys": double.saved.count(),
        "webhooks": double.webhooks.show(), "switches": switches::show(&double.switches, &double.world.rules),
    })
}
