//! What happens when Postgres goes away, when the console is told to stop, and when there are two of it.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use diesel::{Connection, RunQueryDsl};
use roster::clock::Clock;
use roster::config::Config;
use roster::db::embedded::{Cluster, Durability, Options, RUNTIME};
use roster::db::migrations;

use crate::harness::{Binary, Browser, Console, Folder, Node, PASSWORD, Reply, config, unknown_key};

/// A console whose Postgres is its own, to be stopped and started.
struct Fragile {
    options: Options,
    cluster: Option<Cluster>,
    config: Config,
    node: Option<Node>,
    _folder: Folder,
}

impl Fragile {
    fn start() -> Fragile {
        let folder = Folder::new();
        let options = Options { data_dir: folder.0.join("data"), durability: Durability::Disposable, pg_bin: None };
        let cluster = Cluster::start(&options).unwrap();
        migrations::run(&mut PgConnection::establish(&cluster.owner_url()).unwrap(), Some(RUNTIME)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let config = config(&listener, |_| {});
        let node = Node::start(listener, config.clone(), cluster.runtime_url(), Clock::default());
        Fragile { options, cluster: Some(cluster), config, node: Some(node), _folder: folder }
    }

    fn stop_postgres(&mut self) {
        self.cluster.take().unwrap().stop();
    }

    fn start_postgres(&mut self) {
        self.cluster = Some(Cluster::start(&self.options).unwrap());
    }

    fn number(&self, query: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let cluster = self.cluster.as_ref().unwrap();
        let mut connection = PgConnection::establish(&cluster.superuser_url("roster")).unwrap();
        diesel::sql_query(query).get_result::<Number>(&mut connection).unwrap().number
    }

    /// A browser in which somebody has just signed up; their organization is at /o/{name}.
    fn signed_up(&self, name: &str) -> Browser {
        let browser = Browser::new(self.config.bind, &self.config.origin());
        let page = browser.open("/sign-up");
        let email = format!("{name}@example.com");
        let fields = [("Name", "Somebody"), ("Email", &email), ("Password", PASSWORD), ("Organization name", name)];
        assert_eq!(browser.press(&page, "Create account", &fields).status, 303);
        browser
    }

    /// Freezes or thaws every process of Postgres.
    fn signal_postgres(&self, name: &str) {
        let postmaster = self.cluster.as_ref().unwrap().pid();
        let is_child = |pid: &u32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let parent = stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(1).map(str::to_owned);
            parent == Some(postmaster.to_string())
        };
        let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
        for pid in numbers.filter(is_child).chain([postmaster]) {
            let _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
        }
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        self.node.take().unwrap().stop();
    }
}

fn is_away(reply: &Reply) {
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")), "{}: {}", reply.path, reply.body);
}

/// Asks until the answer is as wished, half a minute at most; the time that it took.
fn until(wished: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !wished() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not yet");
        std::thread::sleep(Duration::from_millis(50));
    }
    begun.elapsed()
}

#[test]
fn while_postgres_is_away_pages_say_so_and_they_work_again_by_themselves() {
    let mut console = Fragile::start();
    let browser = console.signed_up("acme");
    let stranger = Browser::new(console.config.bind, &console.config.origin());
    for _ in 0..2 {
        console.stop_postgres();
        let begun = Instant::now();
        is_away(&browser.get("/o/acme"));
        println!("503 after {:?}", begun.elapsed());
        is_away(&browser.get("/health/ready"));
        is_away(&browser.post("/organizations/new", &[("organization_name", "Lost")]));
        is_away(&stranger.post("/sign-in", &[("email", "acme@example.com"), ("password", PASSWORD)]));
        assert_eq!((browser.get("/health/live").status, stranger.get("/sign-in").status), (200, 200));
        assert!(browser.get("/o/acme").body.contains("Back in a moment"));
        console.start_postgres();
        let took = until(|| browser.get("/o/acme").status == 200);
        println!("200 after {took:?}");
        assert_eq!(browser.get("/health/ready").status, 200);
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 1);
}

#[test]
fn a_postgres_that_falls_silent_is_given_up_and_what_was_said_to_be_undone_stays_undone() {
    let console = Fragile::start();
    let browser = console.signed_up("acme");
    console.signal_postgres("STOP");
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let create = || scope.spawn(|| browser.post("/organizations/new", &[("organization_name", "Lost")]));
        let threads: Vec<_> = (0..6).map(|_| create()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    console.signal_postgres("CONT");
    replies.iter().for_each(is_away);
    until(|| browser.get("/o/acme").status == 200);
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 1);
}

#[test]
fn who_asks_by_a_key_is_told_that_postgres_is_silent_and_is_looked_up_again_afterwards() {
    let console = Fragile::start();
    let browser = Browser::new(console.config.bind, &console.config.origin());
    let bearer = format!("Bearer {}", unknown_key());
    let ask = || browser.send("GET", "/api/v1/organization", &[("authorization", &bearer)], None);
    assert_eq!(ask().status, 401);
    // Some wait for their look-up when it falls silent, others come while it is.
    let (told, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                let mut is_told = false;
                while !ended.load(Ordering::Relaxed) {
                    let reply = ask();
                    if reply.status != 401 {
                        is_away(&reply);
                        told.fetch_add(usize::from(!is_told), Ordering::Relaxed);
                        is_told = true;
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        console.signal_postgres("STOP");
        until(|| told.load(Ordering::Relaxed) == 40);
        console.signal_postgres("CONT");
        ended.store(true, Ordering::Relaxed);
    });
    until(|| ask().status == 401);
}

#[test]
fn who_asks_by_a_key_does_not_notice_that_connections_die() {
    let console = Fragile::start();
    let browser = Browser::new(console.config.bind, &console.config.origin());
    let bearer = format!("Bearer {}", unknown_key());
    let (asked, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    let reply = browser.send("GET", "/api/v1/organization", &[("authorization", &bearer)], None);
                    assert_eq!(reply.status, 401, "{}", reply.body);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let end_all =
            format!("SELECT count(pg_terminate_backend(pid)) AS number FROM pg_stat_activity WHERE usename = '{RUNTIME}'");
        for _ in 0..10 {
            let before = asked.load(Ordering::Relaxed);
            until(|| asked.load(Ordering::Relaxed) >= before + 200);
            assert!(console.number(&end_all) > 0);
        }
        ended.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_restart_of_postgres_under_load_loses_nothing_and_breaks_nothing() {
    let mut console = Fragile::start();
    let browsers: Vec<Browser> = (0..4).map(|number| console.signed_up(&format!("acme{number}"))).collect();
    let (seen, ended) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for (number, browser) in browsers.iter().enumerate() {
            let (seen, ended) = (&seen, &ended);
            scope.spawn(move || {
                let mut created = 0;
                while !ended.load(Ordering::Relaxed) {
                    let page = browser.get(&format!("/o/acme{number}"));
                    seen.lock().unwrap().push((page.status, String::new()));
                    if created == 18 {
                        continue;
                    }
                    let reply = browser.post("/organizations/new", &[("organization_name", "Load")]);
                    created += usize::from(reply.status == 303);
                    seen.lock().unwrap().push((reply.status, reply.location().to_owned()));
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(400));
            console.stop_postgres();
            until(|| seen.lock().unwrap().iter().any(|(status, _)| *status == 503));
            console.start_postgres();
            until(|| browsers[0].get("/o/acme0").status == 200);
        }
        ended.store(true, Ordering::Relaxed);
    });
    let seen = seen.into_inner().unwrap();
    let count = |wanted: u16| seen.iter().filter(|(status, _)| *status == wanted).count();
    println!("{} answers: {} pages, {} deeds, {} refused", seen.len(), count(200), count(303), count(503));
    assert_eq!(count(200) + count(303) + count(503), seen.len(), "{seen:?}");
    assert!(count(200) > 0 && count(303) > 0 && count(503) > 0);
    for (status, location) in seen.iter().filter(|(status, _)| *status == 303) {
        let slug = location.strip_prefix("/o/").unwrap_or_else(|| panic!("{status} to {location}"));
        let query = format!("SELECT count(*) AS number FROM organizations WHERE slug = '{slug}'");
        assert_eq!(console.number(&query), 1, "{slug} was promised and is not there");
    }
}

#[test]
fn two_nodes_on_one_database_behave_as_one() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let other_config = config(&listener, |other| other.public_url = console.config.public_url.clone());
    let other_address = other_config.bind;
    let other = Node::start(listener, other_config, console.database.runtime_url(), Clock::default());
    let there = || Browser::new(other_address, &console.config.origin());

    // A session begun here works there; ended there, it has ended here.
    let here = console.signed_in(&acme.owner);
    let elsewhere = there();
    elsewhere.set_cookie("session", &here.cookie("session").unwrap());
    assert_eq!((here.get("/o/acme").status, elsewhere.get("/o/acme").status), (200, 200));
    assert_eq!(elsewhere.post("/sign-out", &[]).location(), "/sign-in");
    assert!(here.get("/o/acme").location().starts_with("/sign-in"));

    // Attempts count together, whichever node they reach.
    let guess = |browser: Browser| browser.post("/sign-in", &[("email", &acme.owner.email), ("password", "a wrong one")]).status;
    let first_ten: Vec<u16> = (0..5).flat_map(|_| [guess(console.browser()), guess(there())]).collect();
    assert_eq!(first_ten, [422; 10]);
    assert_eq!((guess(console.browser()), guess(there())), (429, 429));
    other.stop();
}

#[test]
fn told_to_stop_it_says_so_finishes_what_is_in_flight_and_takes_its_postgres_along() {
    let mut binary = Binary::start(&[], &[]);
    let postgres = binary.postgres();
    let browser = binary.browser();
    assert_eq!(browser.get("/health/ready").status, 200);
    // A request whose body has arrived by half.
    let body = b"email=ann%40example.com&password=a+wrong+one";
    let mut slow = TcpStream::connect(binary.address).unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: localhost:{}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        binary.address.port(),
        body.len(),
    );
    slow.write_all(head.as_bytes()).unwrap();
    slow.write_all(&body[..10]).unwrap();
    let begun = Instant::now();
    binary.signal("TERM");
    until(|| browser.get("/health/ready").status == 503);
    assert_eq!(browser.get("/health/live").status, 200);
    // No new connections any more.
    until(|| TcpStream::connect(binary.address).is_err());
    slow.write_all(&body[10..]).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    assert!(binary.wait().success(), "{}", binary.logged());
    println!("stopped in {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(25));
    assert!(!fs::exists(format!("/proc/{postgres}")).unwrap(), "Postgres is still there");
}

#[test]
fn killed_it_starts_again_on_the_same_data_and_nobody_is_signed_out() {
    let mut binary = Binary::start(&[], &[]);
    let browser = binary.browser();
    let page = browser.open("/sign-up");
    let fields = [("Name", "Ann"), ("Email", "ann@example.com"), ("Password", PASSWORD), ("Organization name", "Acme")];
    browser.press(&page, "Create account", &fields);
    binary.signal("KILL");
    binary.wait();
    let folder = std::mem::replace(&mut binary.folder, Folder::new());
    let again = Binary::start_in(folder, &[], &[]);
    let returning = again.browser();
    returning.set_cookie("session", &browser.cookie("session").unwrap());
    assert_eq!(returning.get("/o/acme").status, 200);
}
