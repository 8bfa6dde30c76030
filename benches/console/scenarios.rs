//! What is measured, and how it is asked for.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roster::db::embedded::{Cluster, DATABASE};

use super::data::{self, ACME, MILLION};
use super::keys;
use super::load::{self, Question, compare};
use super::report;
use super::server::Server;
use super::visitor::{Visitor, host, sign_in_request};

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
/// Longer, since the uses of keys are written at their own pace.
const VERIFY_ROUND: Duration = Duration::from_secs(6);
/// By then the uses of keys are being written all the time, or have been.
const USES_WRITTEN: Duration = Duration::from_secs(12);
/// How exact the last use of a key is.
const EXACT: Duration = Duration::from_secs(10);
/// Rounds of the growth table: one connection, so times are those of an idle server.
const GROWTH_ROUND: Duration = Duration::from_secs(1);

/// How long the console rests before its memory is read: the threads that hash passwords end when nobody needs them.
const REST: Duration = Duration::from_secs(12);

/// The beginning of some first and last names.
const SEARCHED: &str = "ann";

/// The servers, and who asks them.
pub struct Bench {
    console: Server,
    bare: Server,
    owner: Visitor,
    addresses: Arc<Vec<String>>,
    words: Vec<String>,
    keys: u64,
    idle_memory: Option<f64>,
    /// Past row-level security, to look places up.
    superuser_url: String,
}

impl Bench {
    pub fn start(cluster: &Cluster, home: &Path, words: Vec<String>, keys: u64) -> Bench {
        let url = super::runtime_url(cluster);
        let console = Server::console(&url, home);
        let owner = Visitor::sign_in(console.address, &data::owner_of(ACME));
        owner.open(&format!("/o/{ACME}"));
        std::thread::sleep(REST);
        let idle_memory = console.memory();
        let bare = Server::bare(home, &url, data::organization_id(cluster, ACME));
        Bench {
            console,
            bare,
            owner,
            addresses: Arc::new(data::addresses(cluster)),
            words,
            keys,
            idle_memory,
            superuser_url: cluster.superuser_url(DATABASE),
        }
    }

    /// Requests a second at 16 connections, beside the limit.
    pub fn pages(&self) {
        report::heading(
            &format!(
                "{CONNECTIONS} connections, medians of {ROUNDS} rounds of {} s; verify: {} s",
                ROUND.as_secs(),
                VERIFY_ROUND.as_secs()
            ),
            "                         requests/s    p50 ms    p99 ms     limit  share",
        );
        let members = format!("/o/{ACME}/members");
        let hundredth = self.owner.page(&members, 100);
        self.page("Members first page", &members, "/members");
        self.page("Members page 100", &hundredth, &hundredth.replace(&members, "/members"));
        self.page("Members search", &format!("{members}?search={SEARCHED}"), &format!("/members?search={SEARCHED}"));
        self.page("Invites", &format!("/o/{ACME}/invites"), "/invites");
        self.sign_in();
    }

    /// Keys verified a second beside the same single look-up without anything around it, and what a million of them leave in
    /// memory.
    pub fn verify(&self) {
        if !self.is_chosen("Verify") {
            return;
        }
        let host = host(self.console.address);
        let console = keys::verifications(self.console.address, &host, "/api/v1/keys/verify", self.keys);
        let bare = keys::verifications(self.bare.address, "localhost", "/keys/verify", self.keys);
        let [answer, limit] = [&console, &bare].map(Question::ask_once);
        assert!(answer.contains("\"valid\":true") && answer.len().abs_diff(limit.len()) < 40, "{answer}\n{limit}");
        // What is asked for all day is in memory.
        load::ask(&console, CONNECTIONS, 3 * self.asked_keys());
        let figures = load::compare_apart(&console, &bare, CONNECTIONS, ROUNDS, VERIFY_ROUND, USES_WRITTEN);
        report::compared(&format!("Verify, {} keys", self.keys), figures[0], Some(figures[1]));
        let (share, slower) = report::beside(figures[0], figures[1]);
        // Each key is asked for again and again, and each time again after as long as one turn takes.
        let rate = load::round(&console, CONNECTIONS, 2 * USES_WRITTEN).rate;
        let turn = Duration::from_secs_f64(self.asked_keys() as f64 / rate);
        report::exact_last_uses(data::used_within(&self.superuser_url, turn + EXACT), self.asked_keys());
        let before = self.console.memory();
        load::ask(&console, CONNECTIONS, 1_000_000);
        report::kept("1,000,000 verifications", before, self.console.memory());
        assert!(share >= 0.8 && slower <= 1.5, "verifying a key is too slow");
    }

    /// Different keys that are asked for.
    fn asked_keys(&self) -> u64 {
        self.keys.min(keys::KEYS)
    }

    fn page(&self, name: &str, path: &str, bare: &str) {
        if !self.is_chosen(name) {
            return;
        }
        let host = host(self.console.address);
        let console = Question::get(self.console.address, &host, path, &self.owner.headers());
        let bare = Question::get(self.bare.address, "localhost", bare, "");
        same_content(&console, &bare);
        let figures = compare(&[console, bare], CONNECTIONS, ROUNDS, ROUND);
        report::compared(name, figures[0], Some(figures[1]));
    }

    fn sign_in(&self) {
        if !self.is_chosen("Sign-in") {
            return;
        }
        let ask = |address: SocketAddr| {
            let (host, addresses) = (host(address), self.addresses.clone());
            let network = |n: u64| format!("10.{}.{}.1", n / 256 % 256, n % 256);
            let request = move |n: u64| sign_in_request(&host, &addresses[n as usize % addresses.len()], &network(n));
            Question { address, request: Arc::new(request), status: 303 }
        };
        let figures = compare(&[ask(self.console.address), ask(self.bare.address)], CONNECTIONS, ROUNDS, ROUND);
        report::compared("Sign-in", figures[0], Some(figures[1]));
    }

    /// A million members beside 10,000, one request at a time.
    pub fn million(&self) {
        report::heading(
            "A million members beside 10,000: one connection, median times",
            "                            10,000 1,000,000       p99     ratio",
        );
        let other = Visitor::sign_in(self.console.address, &data::owner_of(MILLION));
        let deep = |slug: &str| format!("/members?after={}", data::middle(&self.superuser_url, slug).encode());
        self.grown("Members first page", "/members", "/members", &other);
        self.grown("Members in the middle", &deep(ACME), &deep(MILLION), &other);
        let search = format!("/members?search={SEARCHED}");
        self.grown("Members search", &search, &search, &other);
        self.grown("Invites", "/invites", "/invites", &other);
    }

    fn grown(&self, name: &str, small: &str, large: &str, other: &Visitor) {
        if !self.is_chosen(name) {
            return;
        }
        let (address, host) = (self.console.address, host(self.console.address));
        let questions = [
            Question::get(address, &host, &format!("/o/{ACME}{small}"), &self.owner.headers()),
            Question::get(address, &host, &format!("/o/{MILLION}{large}"), &other.headers()),
        ];
        let figures = compare(&questions, 1, ROUNDS, GROWTH_ROUND);
        report::grown(name, figures[0], figures[1]);
    }

    /// What the console's process keeps in memory; Postgres not counted.
    pub fn memory(&self) {
        let words = |megabytes: Option<f64>| megabytes.map_or("unknown here".to_owned(), |number| format!("{number:.1} MB"));
        let loaded = self.console.memory();
        std::thread::sleep(REST);
        println!("\nReady after {:.2} s.", self.console.ready_after.as_secs_f64());
        let rested = self.console.memory();
        println!(
            "Memory of the console: {} idle, {} after the load, {} at rest again.",
            words(self.idle_memory),
            words(loaded),
            words(rested)
        );
    }

    fn is_chosen(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.to_lowercase().contains(&word.to_lowercase()))
    }
}

/// Panics unless both answer with the same rows, as far as their number of bytes tells.
fn same_content(console: &Question, bare: &Question) {
    let [console, bare] = [console, bare].map(|question| question.ask_once());
    let content = console.split_once("<div class=\"stack\">").and_then(|(_, rest)| rest.split_once("</main>")).unwrap().0;
    let (length, bare_length) = (content.len() as f64, bare.len() as f64);
    assert!((length / bare_length - 1.0).abs() < 0.02, "{length} bytes, and {bare_length} of the bare handler:\n{bare}");
}
