//! `cargo bench`: how fast the console is, beside the limit of what could be. Starts the released binary on a private
//! Postgres with 10,000 members in one organization among 1,000, and a million in another, and asks it over 16
//! connections. `cargo bench -- --quick` leaves the million out; words (`members`, `sign-in`, `verify`, …) choose what is
//! measured; `--keys=10000000` has as many keys verified instead of 100,000; `--again` measures on the rows of the run before.

mod bare;
mod data;
mod http;
mod keys;
mod load;
mod report;
mod scenarios;
mod server;
mod visitor;

use std::fs;
use std::path::PathBuf;

use roster::db::embedded::{Cluster, DATABASE, Durability, Options, RUNTIME};

use scenarios::Bench;

/// The argument by which this program runs itself as the limit.
const BARE: &str = "serve-bare";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.split_first() {
        Some((first, rest)) if first == BARE => bare::serve(rest),
        _ => measure(&arguments),
    }
}

fn measure(arguments: &[String]) {
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let keys = arguments.iter().find_map(|argument| argument.strip_prefix("--keys="));
    let keys = keys.map_or(keys::KEYS, |number| number.parse().unwrap());
    let words: Vec<String> = arguments.iter().filter(|argument| !argument.starts_with('-')).cloned().collect();
    let again = arguments.iter().any(|argument| argument == "--again");
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    if !again {
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).unwrap();
    }
    let options = Options { data_dir: home.clone(), durability: Durability::Durable, pg_bin: None };
    let start = || Cluster::start(&options).unwrap_or_else(|error| panic!("{error}"));
    if !again {
        println!("Loading:");
        data::load(&start(), !quick, keys);
    }
    // Anew, so that its memory holds what is asked for, and not what was loaded.
    let cluster = start();
    let bench = Bench::start(&cluster, &home, words, keys);
    bench.pages();
    bench.verify();
    if !quick {
        bench.million();
    }
    bench.memory();
}

/// The console's door to the database.
fn runtime_url(cluster: &Cluster) -> String {
    cluster.url_for(RUNTIME, DATABASE)
}
