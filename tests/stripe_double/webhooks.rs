//! Events on their way to the client's webhook: one thread delivers them in order, signed, and tries again when the answer is not 2xx.
//! The switches lose, duplicate, hold, delay, reorder and forge them here.

use crate::json::text;
use crate::signature;
use crate::switches::Switches;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where events go.
#[derive(Debug, Clone)]
pub struct Target {
    /// The client's webhook.
    pub url: String,
    /// `whsec_…`, which signs.
    pub secret: String,
}

/// An event to be delivered once.
#[derive(Debug, Clone)]
struct Delivery {
    event: String,
    kind: String,
    body: String,
}

#[derive(Default)]
struct State {
    /// Made, but kept back by `hold` or `reorder`.
    waiting: Vec<Delivery>,
    /// Next to be delivered.
    ready: VecDeque<Delivery>,
    /// Whether one is being delivered.
    busy: bool,
    switches: Switches,
    log: Vec<Value>,
}

/// The queue, shared by the double and the delivering thread.
pub struct Webhooks {
    target: Option<Target>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Webhooks {
    /// A queue with its thread; without a target events are made and not delivered.
    pub fn start(target: Option<Target>) -> Arc<Self> {
        let webhooks = Arc::new(Self { target, state: Mutex::default(), changed: Condvar::new() });
        if webhooks.has_target() {
            let shared = Arc::clone(&webhooks);
            std::thread::spawn(move || shared.deliver_for_ever());
        }
        webhooks
    }

    /// Whether there is a webhook.
    pub fn has_target(&self) -> bool {
        self.target.is_some()
    }

    /// Takes over changed switches; what they no longer keep back goes out.
    pub fn set(&self, switches: &Switches) {
        let mut state = self.lock();
        state.switches = switches.clone();
        self.pump(state);
    }

    /// Takes an event.
    pub fn enqueue(&self, event: &Value) {
        if !self.has_target() {
            return;
        }
        let body = serde_json::to_string_pretty(event).expect("JSON values can be written");
        let delivery = Delivery { event: text(event, "id").to_owned(), kind: text(event, "type").to_owned(), body };
        let mut state = self.lock();
        if is_lost(&state.switches.lose, &delivery.kind) {
            state.log.push(json!({ "event": delivery.event, "type": delivery.kind, "lost": true }));
            return;
        }
        for _ in 0..state.switches.duplicate {
            state.waiting.push(delivery.clone());
        }
        self.pump(state);
    }

    /// Sends out what is kept back, in the order of `reorder`; answers how many.
    pub fn release(&self) -> usize {
        let mut state = self.lock();
        let mut all = std::mem::take(&mut state.waiting);
        if state.switches.reorder > 0 {
            reorder(&mut all, state.switches.seed);
        }
        let count = all.len();
        state.ready.extend(all);
        self.changed.notify_all();
        count
    }

    /// Waits until everything that is not kept back is delivered or given up; whether that was so in time.
    pub fn settle(&self, longest: Duration) -> bool {
        let deadline = Instant::now() + longest;
        let mut state = self.lock();
        while self.has_target() && (state.busy || !state.ready.is_empty()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).expect("no thread panics with the queue").0;
        }
        true
    }

    /// Forgets everything that is on its way, and the log.
    pub fn clear(&self) {
        let mut state = self.lock();
        *state = State { busy: state.busy, ..State::default() };
    }

    /// Every try so far, and how many events wait.
    pub fn show(&self) -> Value {
        let state = self.lock();
        json!({ "deliveries": state.log, "waiting": state.waiting.len(), "ready": state.ready.len() + usize::from(state.busy) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics with the queue")
    }

    fn pump(&self, mut state: MutexGuard<'_, State>) {
        let group = usize::try_from(state.switches.reorder).unwrap_or(usize::MAX);
        while !state.switches.hold && !state.waiting.is_empty() && state.waiting.len() >= group {
            let size = if group == 0 { state.waiting.len() } else { group };
            let mut next: Vec<Delivery> = state.waiting.drain(..size).collect();
            if group > 0 {
                reorder(&mut next, state.switches.seed);
            }
            state.ready.extend(next);
        }
        self.changed.notify_all();
    }

    fn deliver_for_ever(&self) {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20))).build();
        let agent = ureq::Agent::new_with_config(config);
        loop {
            let mut state = self.lock();
            while state.ready.is_empty() {
                state = self.changed.wait(state).expect("no thread panics with the queue");
            }
            let delivery = state.ready.pop_front().expect("it is not empty");
            state.busy = true;
            let switches = state.switches.clone();
            drop(state);
            self.deliver(&agent, &delivery, &switches);
            self.lock().busy = false;
            self.changed.notify_all();
        }
    }

    fn deliver(&self, agent: &ureq::Agent, delivery: &Delivery, switches: &Switches) {
        let target = self.target.as_ref().expect("the thread runs only with a target");
        std::thread::sleep(Duration::from_millis(switches.delay_ms));
        for attempt in 0..=switches.webhook_retries {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(switches.webhook_retry_ms));
            }
            let status = post(agent, target, delivery, switches);
            self.lock()
                .log
                .push(json!({ "event": delivery.event, "type": delivery.kind, "attempt": attempt + 1, "status": status }));
            if (200..300).contains(&status) {
                return;
            }
        }
    }
}

/// The status of the answer, 0 if there is none.
fn post(agent: &ureq::Agent, target: &Target, delivery: &Delivery, switches: &Switches) -> u16 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or_default());
    let first = switches.wrong_secret.as_deref().unwrap_or(&target.secret);
    let secrets: Vec<&str> = switches.second_secret.as_deref().into_iter().chain([first]).collect();
    let signature = signature::header(switches.signature_time.unwrap_or(wall), &delivery.body, &secrets);
    let request =
        agent.post(&target.url).header("Content-Type", "application/json; charset=utf-8").header("Stripe-Signature", &signature);
    let request = request.header("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
    request.send(delivery.body.as_bytes()).map_or(0, |answer| answer.status().as_u16())
}

fn is_lost(lost: &[String], kind: &str) -> bool {
    lost.iter().any(|word| match word.strip_suffix('*') {
        Some(stem) => kind.starts_with(stem),
        None => word == "all" || word == kind,
    })
}

fn reorder(deliveries: &mut [Delivery], seed: u64) {
    if seed == 0 {
        deliveries.reverse();
    } else {
        deliveries.shuffle(&mut rand::rngs::StdRng::seed_from_u64(seed));
    }
}
