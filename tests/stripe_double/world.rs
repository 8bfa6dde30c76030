//! The account that the double keeps: every object, the clock, the counters that ids come from, and the events that wait to be sent.
//! It is a plain value that can be copied, which is how previews work: they do the real thing to a copy and throw it away.

use crate::cards::Card;
use crate::error::{Answer, ApiError};
use crate::json::text;
use crate::rules::Rules;
use crate::shapes;
use crate::subscriptions::pending_updates::PendingUpdate;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which request causes a change; events carry it.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// `req_…`, absent when the clock is the cause.
    pub request: Option<String>,
    /// The `Idempotency-Key`.
    pub key: Option<String>,
}

/// The whole account.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Where the double listens, `http://127.0.0.1:PORT`.
    pub base: String,
    /// Seconds since 1970; moves by control only.
    pub now: i64,
    /// What the switches decide about the account's behaviour.
    pub rules: Rules,
    /// The cause of the change under way.
    pub origin: Origin,
    /// The cards behind payment methods, by their ids.
    pub cards: BTreeMap<String, Card>,
    /// Events that were made and not yet handed to the deliverer.
    pub outbox: Vec<String>,
    /// Subscriptions whose `trial_will_end` has been sent.
    pub reminded: BTreeSet<String>,
    /// When the first attempt to collect an invoice failed, by invoice.
    pub failures: BTreeMap<String, i64>,
    /// The changes of subscriptions that wait for their payment, by subscription.
    pub pending_updates: BTreeMap<String, PendingUpdate>,
    /// The subscription item that a proration is of, by invoice item.
    pub proration_items: BTreeMap<String, String>,
    /// Where phases of schedules take tax rates away: `sub_sched_1/START` for the default ones, `sub_sched_1/START/price_1` for those of
    /// an item.
    pub emptied: BTreeSet<String>,
    /// In a preview: stop at the first invoice that is drafted, and remember it.
    pub preview: Option<Vec<String>>,
    /// The latest previews, whose lines are read in pages like those of invoices.
    previews: Vec<Arc<Value>>,
    objects: BTreeMap<String, Arc<Value>>,
    /// What deleted objects last were: invoices outlive their customer.
    ghosts: BTreeMap<String, Arc<Value>>,
    order: BTreeMap<String, Vec<String>>,
    numbers: BTreeMap<String, u64>,
}

impl World {
    /// An account in which nothing is yet.
    pub fn empty(base: &str, now: i64) -> Self {
        Self { base: base.to_owned(), now, ..Self::default() }
    }

    /// The next id with a prefix: `cus_1`, `cus_2`, …
    pub fn new_id(&mut self, prefix: &str) -> String {
        format!("{prefix}_{}", self.next_number(prefix))
    }

    /// The next number of a counter, from 1.
    pub fn next_number(&mut self, counter: &str) -> u64 {
        let number = self.numbers.entry(counter.to_owned()).or_default();
        *number += 1;
        *number
    }

    /// The counters, so that a reset can keep ids unique.
    pub fn counters(&self) -> BTreeMap<String, u64> {
        self.numbers.clone()
    }

    /// Takes over counters from before a reset.
    pub fn keep_counters(&mut self, numbers: BTreeMap<String, u64>) {
        self.numbers = numbers;
    }

    /// Makes an object of a kind with the keys of its fixture and keeps it.
    pub fn add(&mut self, kind: &str, given: Value) -> Value {
        let value = shapes::fill(kind, given);
        let id = text(&value, "id").to_owned();
        assert!(!id.is_empty(), "{kind} needs an id");
        self.order.entry(kind.to_owned()).or_default().push(id.clone());
        self.objects.insert(id, Arc::new(value.clone()));
        value
    }

    /// Keeps a preview for a while, as Stripe does.
    pub fn keep_preview(&mut self, preview: &Value) {
        const KEPT: usize = 20;
        let surplus = (self.previews.len() + 1).saturating_sub(KEPT);
        self.previews.drain(..surplus);
        self.previews.push(Arc::new(preview.clone()));
    }

    /// A preview that was made a while ago.
    pub fn kept_preview(&self, id: &str) -> Option<Value> {
        self.previews.iter().find(|preview| text(preview, "id") == id).map(|preview| Value::clone(preview))
    }

    /// Like [`World::add`], with an event.
    pub fn add_with_event(&mut self, kind: &str, given: Value, event: &str) -> Value {
        let value = self.add(kind, given);
        self.emit(event, &value, None);
        value
    }

    /// A copy of an object; `resource_missing` if there is none of that kind, or it is deleted.
    pub fn fetch(&self, kind: &str, id: &str) -> Answer {
        let found = self.objects.get(id).filter(|value| text(value, "object") == kind && !crate::json::flag(value, "deleted"));
        found.map(|value| Value::clone(value)).ok_or_else(|| ApiError::missing(kind, id))
    }

    /// An object that must exist, as the state itself names it; a deleted one as it last was.
    pub fn own(&self, kind: &str, id: &str) -> Value {
        let ghost = self.ghosts.get(id).map(|value| Value::clone(value));
        ghost.unwrap_or_else(|| self.fetch(kind, id).unwrap_or_else(|_| panic!("the state names {kind} {id}")))
    }

    /// Any object by its id, deleted ones as `{"deleted": true, …}`.
    pub fn any(&self, id: &str) -> Option<&Value> {
        self.objects.get(id).map(Arc::as_ref)
    }

    /// Writes back a changed object without an event.
    pub fn save(&mut self, value: Value) {
        let id = text(&value, "id").to_owned();
        if let Some(ghost) = self.ghosts.get_mut(&id) {
            *ghost = Arc::new(value);
            return;
        }
        assert!(self.objects.insert(id, Arc::new(value)).is_some(), "only objects that exist are saved");
    }

    /// Writes back a changed object; what differs makes an event with its previous attributes.
    pub fn update(&mut self, value: Value, event: &str) -> Value {
        let before = Arc::clone(&self.objects[text(&value, "id")]);
        self.save(value.clone());
        self.announce(&before, &value, event);
        value
    }

    /// Makes an event about what differs from an earlier state, if anything does; none about what is deleted.
    pub fn announce(&mut self, before: &Value, after: &Value, event: &str) {
        let previous = differences(before, after);
        if !previous.is_empty() && !self.ghosts.contains_key(text(after, "id")) {
            self.emit(event, after, Some(previous));
        }
    }

    /// Replaces an object by its tombstone `{"deleted": true, "id", "object"}` and returns that.
    pub fn delete(&mut self, value: &Value, event: Option<&str>) -> Value {
        let (kind, id) = (text(value, "object"), text(value, "id"));
        let tombstone = shapes::fill(&format!("deleted_{kind}"), json!({ "id": id, "deleted": true }));
        self.objects.insert(id.to_owned(), Arc::new(tombstone.clone()));
        self.ghosts.insert(id.to_owned(), Arc::new(value.clone()));
        if let Some(ids) = self.order.get_mut(kind) {
            ids.retain(|other| other != id);
        }
        if let Some(event) = event {
            self.emit(event, value, None);
        }
        tombstone
    }

    /// All objects of a kind, newest first.
    pub fn all(&self, kind: &str) -> Vec<Value> {
        let ids = self.order.get(kind).map_or(&[][..], Vec::as_slice);
        ids.iter().rev().map(|id| Value::clone(&self.objects[id])).collect()
    }

    /// Looks at all objects of a kind, oldest first.
    pub fn each<'a>(&'a self, kind: &str) -> impl DoubleEndedIterator<Item = &'a Value> + use<'a> {
        let ids = self.order.get(kind).map_or(&[][..], Vec::as_slice);
        ids.iter().map(|id| self.objects[id].as_ref())
    }

    /// How many objects of each kind there are.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.order.iter().map(|(kind, ids)| (kind.clone(), ids.len())).collect()
    }

    /// Makes an event about an object as it is now.
    pub fn emit(&mut self, event: &str, object: &Value, previous: Option<Map<String, Value>>) {
        let mut object = object.clone();
        crate::invoicing::embed(&mut object);
        let mut data = json!({ "object": object });
        if let Some(previous) = previous {
            data["previous_attributes"] = Value::Object(previous);
        }
        let id = self.new_id("evt");
        let given = json!({
            "id": id, "type": event, "created": self.now, "api_version": crate::API_VERSION, "data": data,
            "pending_webhooks": i64::from(self.rules.has_webhook),
            "request": { "id": self.origin.request, "idempotency_key": self.origin.key },
        });
        self.add("event", given);
        self.outbox.push(id);
    }
}

/// The earlier values of the fields that differ; inside objects only the members that differ, as Stripe has it.
fn differences(before: &Value, after: &Value) -> Map<String, Value> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Map::new() };
    let differing = before.iter().filter(|(key, old)| after.get(*key) != Some(*old));
    let mut previous: Map<String, Value> = differing
        .map(|(key, old)| match after.get(key) {
            Some(new) if old.is_object() && new.is_object() => (key.clone(), Value::Object(differences(old, new))),
            _ => (key.clone(), old.clone()),
        })
        .collect();
    for key in after.keys().filter(|key| !before.contains_key(*key)) {
        previous.insert(key.clone(), Value::Null);
    }
    previous
}
