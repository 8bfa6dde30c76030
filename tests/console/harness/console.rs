//! A console that serves on a free port, with a database of its own.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use chrono::TimeDelta;
use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::BigInt;
use roster::app;
use roster::clock::Clock;
use roster::config::{Config, HashingCost};
use roster::db::Db;
use uuid::Uuid;

use super::browser::Browser;
use super::cluster::Database;

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(diesel::QueryableByName)]
struct Id {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    uuid: Uuid,
}

#[derive(diesel::QueryableByName)]
struct Words {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// A running console.
pub struct Console {
    pub config: Config,
    pub clock: Clock,
    pub database: Database,
    nodes: Vec<Node>,
}

/// One server process' worth of console.
pub struct Node {
    handle: ServerHandle,
    thread: JoinHandle<()>,
}

impl Console {
    pub fn start() -> Console {
        Console::start_with(|_| {})
    }

    /// Starts with some settings changed.
    pub fn start_with(change: impl FnOnce(&mut Config)) -> Console {
        let database = Database::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let config = config(&listener, change);
        let clock = Clock::default();
        let node = Node::start(listener, config.clone(), database.runtime_url(), clock.clone());
        Console { config, clock, database, nodes: vec![node] }
    }

    /// A new browser, nobody signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.config.bind, &self.config.origin())
    }

    /// Starts another node on the same database, behind the same address for the public. Returns its own address.
    pub fn another_node(&mut self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = self.database.runtime_url();
        self.nodes.push(Node::start(listener, self.config.clone(), url, self.clock.clone()));
        address
    }

    /// A new browser that asks one node.
    pub fn browser_at(&self, node: SocketAddr) -> Browser {
        Browser::new(node, &self.config.origin())
    }

    /// Moves the console's clock forward.
    pub fn travel(&self, by: TimeDelta) {
        self.clock.travel(by);
    }

    /// The door to the database as the console uses it, for calling actions directly.
    pub fn db(&self) -> Db {
        Db::new(&self.database.runtime_url(), 4, self.clock.clone())
            .of_product(&self.config.product_permissions, &self.config.plans)
    }

    /// The number that a query gives, seen past row-level security: `console.number("SELECT count(*) AS number FROM members")`.
    pub fn number(&self, query: &str) -> i64 {
        diesel::sql_query(query).get_result::<Number>(&mut self.superuser()).unwrap().number
    }

    /// The text that a query gives: `console.text("SELECT name FROM roles WHERE level = 100")`.
    pub fn text(&self, query: &str) -> String {
        let query = format!("SELECT ({query}) AS text");
        diesel::sql_query(query).get_result::<Words>(&mut self.superuser()).unwrap().text
    }

    /// The id that a query gives: `console.uuid("SELECT id AS uuid FROM invitations")`.
    pub fn uuid(&self, query: &str) -> Uuid {
        diesel::sql_query(query).get_result::<Id>(&mut self.superuser()).unwrap().uuid
    }

    /// Every row of every table but sessions and limits, a line each.
    pub fn dump(&self) -> String {
        const TABLES: [&str; 15] = [
            "accounts",
            "account_links",
            "organizations",
            "roles",
            "role_holders",
            "members",
            "member_terms",
            "invitations",
            "invitation_events",
            "mails",
            "events",
            "account_events",
            "keys",
            "key_terms",
            "key_uses",
        ];
        let rows = |table: &str| format!("SELECT '{table}: ' || t::text AS row FROM {table} t");
        let rows: Vec<String> = TABLES.into_iter().map(rows).collect();
        self.text(&format!("SELECT string_agg(row, E'\\n' ORDER BY row) FROM ({}) rows", rows.join(" UNION ALL ")))
    }

    /// Runs statements past row-level security.
    pub fn execute(&self, statements: &str) {
        use diesel::connection::SimpleConnection;
        self.superuser().batch_execute(statements).unwrap();
    }

    pub fn superuser(&self) -> PgConnection {
        self.database.superuser()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.nodes.drain(..).for_each(Node::stop);
    }
}

impl Node {
    pub fn start(listener: TcpListener, config: Config, url: String, clock: Clock) -> Node {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let db = Db::new(&url, config.pool_size, clock).of_product(&config.product_permissions, &config.plans);
                let running = app::start_on(listener, config, db).unwrap();
                sender.send(running.handle.clone()).unwrap();
                running.server.await.unwrap();
            });
        });
        Node { handle: receiver.recv().unwrap(), thread }
    }

    pub fn stop(self) {
        actix_web::rt::System::new().block_on(self.handle.stop(false));
        self.thread.join().unwrap();
    }
}

/// Settings of a test: nothing from the environment, cheap hashes, few threads.
pub fn config(listener: &TcpListener, change: impl FnOnce(&mut Config)) -> Config {
    let bind = listener.local_addr().unwrap().to_string();
    let settings: HashMap<&str, &str> = HashMap::from([
        ("BIND", bind.as_str()),
        ("SECRET_KEY", "a secret of the tests, long enough"),
        ("WORKERS", "2"),
        ("POOL_SIZE", "4"),
    ]);
    let mut config = Config::read(|name| settings.get(name).map(ToString::to_string)).unwrap();
    config.hashing = HashingCost { memory_kib: 8, iterations: 1 };
    change(&mut config);
    config
}
