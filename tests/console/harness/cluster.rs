//! One Postgres for all tests, a migrated template in it, and a copy of that for each test.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, RunQueryDsl};
use roster::db::embedded::{Cluster, Durability, OWNER, Options, RUNTIME};
use roster::db::migrations;
use uuid::Uuid;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A database of a test's own. Goes away with the test.
pub struct Database {
    name: String,
}

impl Database {
    /// A copy of the migrated template.
    pub fn new() -> Database {
        let name = format!("test_{}", Uuid::new_v4().simple());
        let template = template();
        let copy = format!("CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY file_copy");
        superuser("postgres").batch_execute(&copy).unwrap();
        Database { name }
    }

    /// As the console connects: row-level security holds.
    pub fn runtime_url(&self) -> String {
        cluster().url_for(RUNTIME, &self.name)
    }

    /// A connection that sees every row, for looking behind the pages.
    pub fn superuser(&self) -> PgConnection {
        superuser(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = superuser("postgres").batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        if let Err(error) = dropped {
            eprintln!("{} could not be dropped: {error}", self.name);
        }
    }
}

/// A superuser's connection.
pub fn superuser(database: &str) -> PgConnection {
    PgConnection::establish(&cluster().superuser_url(database)).unwrap()
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let data_dir = directory();
        fs::create_dir_all(&data_dir).unwrap();
        let options = Options { data_dir, durability: Durability::Disposable, pg_bin: None };
        Cluster::start(&options).unwrap_or_else(|error| panic!("{error}"))
    })
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("postgres")
}

/// The name of the template of these migrations, made by the first test that asks.
fn template() -> String {
    let name = format!("template_{}", migrations_hash());
    let mut connection = superuser("postgres");
    let lock = File::create(directory().join("template.lock")).unwrap();
    lock.lock().unwrap();
    let exists = diesel::sql_query("SELECT count(*) FROM pg_database WHERE datname = $1").bind::<Text, _>(&name);
    if exists.get_result::<Count>(&mut connection).unwrap().count == 0 {
        let making = format!("making_{}", Uuid::new_v4().simple());
        connection.batch_execute(&format!("CREATE DATABASE {making} OWNER {OWNER}")).unwrap();
        let mut owner = PgConnection::establish(&cluster().url_for(OWNER, &making)).unwrap();
        migrations::run(&mut owner, Some(RUNTIME)).unwrap();
        drop(owner);
        connection.batch_execute(&format!("ALTER DATABASE {making} RENAME TO {name}")).unwrap();
    }
    name
}

fn migrations_hash() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("up.sql")).collect();
    files.sort();
    let text: Vec<u8> = files.into_iter().flat_map(|file| fs::read(file).unwrap()).collect();
    let hash = roster::secret::hash(&text);
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
