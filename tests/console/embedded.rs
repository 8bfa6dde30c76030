//! The private Postgres, each test with a data directory and a server of its own.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{Connection, RunQueryDsl};
use roster::db::embedded::{Cluster, Durability, EmbeddedError, Options};

/// A data directory that goes away with the test, and the server in it too if the test fails.
struct DataDir(PathBuf);

impl DataDir {
    fn new() -> DataDir {
        DataDir::named("data")
    }

    fn named(name: &str) -> DataDir {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("roster-embedded-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // Not TMPDIR, which may be long or private.
        let root = Path::new("/tmp").join(unique);
        fs::create_dir(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        DataDir(root.join(name))
    }

    fn options(&self, durability: Durability) -> Options {
        Options { data_dir: self.0.clone(), durability, pg_bin: None }
    }

    fn start(&self) -> Cluster {
        Cluster::start(&self.options(Durability::Durable)).unwrap_or_else(|error| panic!("{error}"))
    }

    fn start_disposable(&self) -> Cluster {
        Cluster::start(&self.options(Durability::Disposable)).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        let root = self.0.ancestors().find(|path| path.parent() == Some(Path::new("/tmp"))).unwrap();
        fs::remove_dir_all(root).unwrap();
    }
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn holds(connection: &mut PgConnection, condition: &str) -> bool {
    diesel::select(sql::<Bool>(condition)).get_result(connection).unwrap()
}

fn setting(connection: &mut PgConnection, name: &str) -> String {
    diesel::select(sql::<Text>(&format!("current_setting('{name}')"))).get_result(connection).unwrap()
}

fn count(connection: &mut PgConnection, table: &str) -> i64 {
    diesel::select(sql::<BigInt>(&format!("(SELECT count(*) FROM {table})"))).get_result(connection).unwrap()
}

fn kill_hard(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Runs one of this file's helpers, which end as processes end that run no destructors.
fn in_another_process(test: &str, data: &DataDir) -> Output {
    let module = module_path!().split_once("::").map(|(_, module)| format!("{module}::"));
    let name = format!("{}{test}", module.unwrap_or_default());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", &name]).env("ROSTER_TEST_DATA_DIR", &data.0);
    command.output().unwrap()
}

#[test]
fn a_first_start_makes_a_private_cluster_with_two_plain_roles() {
    let data = DataDir::new();
    let cluster = data.start();
    let mut owner = connect(&cluster.owner_url());
    let mut runtime = connect(&cluster.runtime_url());

    for connection in [&mut owner, &mut runtime] {
        let plain = "(SELECT rolcanlogin AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication) \
                     FROM pg_roles WHERE rolname = current_user)";
        assert!(holds(connection, plain));
        assert!(holds(connection, "current_database() = 'roster'"));
    }
    assert!(holds(&mut owner, "(SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user)"));
    assert!(holds(&mut runtime, "(SELECT NOT rolcreatedb FROM pg_roles WHERE rolname = current_user)"));
    assert!(holds(&mut owner, "(SELECT pg_get_userbyid(datdba) = 'roster_owner' FROM pg_database WHERE datname = 'roster')"));
    assert!(runtime.batch_execute("CREATE TABLE notes ()").is_err());
    assert!(runtime.batch_execute("SET ROLE roster_owner").is_err());

    assert_eq!(setting(&mut runtime, "listen_addresses"), "");
    assert_eq!(setting(&mut runtime, "server_encoding"), "UTF8");
    assert_eq!(setting(&mut runtime, "random_page_cost"), "1.1");
    assert_eq!(setting(&mut runtime, "jit"), "off");
    assert_eq!(setting(&mut runtime, "fsync"), "on");
    // Of the machine's memory, within bounds.
    assert!(holds(&mut runtime, "pg_size_bytes(current_setting('shared_buffers')) BETWEEN 128 << 20 AND 8::bigint << 30"));
    assert_eq!(setting(&mut runtime, "max_wal_size"), "4GB");
    if holds(&mut runtime, "(SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'wal_compression')") {
        assert_eq!(setting(&mut runtime, "wal_compression"), "lz4");
    }
    let home = fs::metadata(cluster.home()).unwrap();
    assert_eq!(home.permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(format!("/proc/{}", cluster.pid())).map_or(home.uid(), |process| process.uid()), home.uid());
    assert!(cluster.where_words().contains(&data.0.display().to_string()));
}

#[test]
fn the_runtime_role_cannot_get_around_row_level_security() {
    let data = DataDir::new();
    let cluster = data.start();
    let mut owner = connect(&cluster.owner_url());
    owner
        .batch_execute(
            "CREATE TABLE members (org_id bigint NOT NULL, name text NOT NULL);
             INSERT INTO members VALUES (1, 'Ann'), (2, 'Bob');
             ALTER TABLE members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
             CREATE POLICY in_org ON members USING (org_id = NULLIF(current_setting('app.org_id', true), '')::bigint);
             GRANT SELECT ON members TO roster;",
        )
        .unwrap();

    let mut runtime = connect(&cluster.runtime_url());
    assert_eq!(count(&mut runtime, "members"), 0);
    assert_eq!(count(&mut owner, "members"), 0);
    runtime.batch_execute("BEGIN; SET LOCAL app.org_id = '1'").unwrap();
    assert_eq!(count(&mut runtime, "members"), 1);
    runtime.batch_execute("COMMIT").unwrap();
    assert_eq!(count(&mut runtime, "members"), 0);
    for attempt in [
        "SET row_security = off; SELECT * FROM members",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION roster_owner",
        "ALTER TABLE members DISABLE ROW LEVEL SECURITY",
        "ALTER ROLE roster BYPASSRLS",
        "DROP POLICY in_org ON members",
    ] {
        assert!(runtime.batch_execute(attempt).is_err(), "{attempt}");
    }
    assert_eq!(count(&mut connect(&cluster.superuser_url("roster")), "members"), 2);
}

#[test]
fn a_second_start_is_quick_and_finds_the_data() {
    let data = DataDir::new();
    let cluster = data.start();
    connect(&cluster.owner_url()).batch_execute("CREATE TABLE kept AS SELECT 42 AS answer").unwrap();
    let first = cluster.pid();
    cluster.stop();
    assert!(!data.0.join("postgres/cluster/postmaster.pid").exists());

    let begun = Instant::now();
    let cluster = data.start();
    println!("warm start: {:?}", begun.elapsed());
    // Generous, for machines busy with other tests.
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_ne!(cluster.pid(), first);
    assert_eq!(count(&mut connect(&cluster.owner_url()), "kept"), 1);
}

#[test]
fn the_owner_can_make_databases_that_the_runtime_role_can_use() {
    let data = DataDir::new();
    let cluster = data.start_disposable();
    let mut owner = connect(&cluster.owner_url());
    owner.batch_execute("CREATE DATABASE template_of_tests").unwrap();
    connect(&cluster.url_for("roster_owner", "template_of_tests"))
        .batch_execute("CREATE TABLE notes (); GRANT SELECT ON notes TO roster")
        .unwrap();
    owner.batch_execute("CREATE DATABASE one_test TEMPLATE template_of_tests STRATEGY file_copy").unwrap();
    let mut runtime = connect(&cluster.url_for("roster", "one_test"));
    assert_eq!(count(&mut runtime, "notes"), 0);
    assert!(runtime.batch_execute("CREATE TABLE more ()").is_err());
    assert_eq!(setting(&mut runtime, "fsync"), "off");
    assert_eq!(setting(&mut runtime, "full_page_writes"), "off");
    assert_eq!(setting(&mut runtime, "synchronous_commit"), "off");
}

#[test]
fn a_killed_server_is_started_again_and_recovers() {
    let data = DataDir::new();
    let cluster = data.start();
    // An open connection leaves a helper process behind that still holds the shared memory.
    let mut open = connect(&cluster.owner_url());
    open.batch_execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)").unwrap();
    kill_hard(cluster.pid());
    wait_until("the server is gone", || !cluster.is_running());

    let again = data.start();
    assert_ne!(again.pid(), cluster.pid());
    assert_eq!(count(&mut connect(&again.owner_url()), "kept"), 1000);
    drop(cluster);
    assert!(again.is_running(), "the handle of the dead server must not stop its successor");
}

#[test]
fn a_dead_servers_number_now_a_strangers_does_not_prevent_the_start() {
    let data = DataDir::new();
    data.start().stop();
    let pid_file = data.0.join("postgres/cluster/postmaster.pid");
    fs::write(&pid_file, format!("{}\n/nowhere\n1\n5432\n/nowhere\n\n 1 1\nready\n", std::process::id())).unwrap();
    let cluster = data.start();
    assert_ne!(cluster.pid(), std::process::id());
    assert!(holds(&mut connect(&cluster.runtime_url()), "true"));
}

#[test]
fn two_starts_at_once_share_one_server() {
    let data = DataDir::new();
    let barrier = Barrier::new(2);
    let start = || {
        barrier.wait();
        data.start()
    };
    let (one, other) = thread::scope(|scope| {
        let (one, other) = (scope.spawn(start), scope.spawn(start));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!(one.pid(), other.pid());
    for cluster in [&one, &other] {
        assert!(cluster.is_running());
        assert!(holds(&mut connect(&cluster.runtime_url()), "true"));
    }
    drop((one, other));
    assert!(!data.0.join("postgres/cluster/postmaster.pid").exists());
}

#[test]
fn a_server_outlives_the_thread_that_started_it() {
    let data = DataDir::new();
    let cluster = thread::scope(|scope| scope.spawn(|| data.start()).join().unwrap());
    thread::sleep(Duration::from_millis(300));
    assert!(cluster.is_running());
    assert!(holds(&mut connect(&cluster.runtime_url()), "true"));
}

#[test]
fn who_joins_leaves_the_server_running_and_the_last_one_stops_it() {
    let data = DataDir::new();
    let one = data.start_disposable();
    let other = data.start_disposable();
    assert_eq!(one.pid(), other.pid());
    one.stop();
    assert!(holds(&mut connect(&other.runtime_url()), "true"));
    other.stop();
    assert!(!data.0.join("postgres/cluster/postmaster.pid").exists());
}

#[test]
fn a_disposable_server_stops_after_processes_that_never_said_goodbye() {
    let data = DataDir::new();
    let cluster = data.start_disposable();
    let pid = cluster.pid();
    let home = cluster.home().to_path_buf();
    let child = in_another_process("joins_and_exits", &data);
    assert!(String::from_utf8_lossy(&child.stdout).contains(&format!("joined {pid}")), "{child:?}");
    assert!(cluster.is_running());
    cluster.stop();
    assert!(!home.join("cluster/postmaster.pid").exists());

    let child = in_another_process("joins_and_exits", &data);
    assert!(String::from_utf8_lossy(&child.stdout).contains("joined "), "{child:?}");
    assert!(home.join("cluster/postmaster.pid").exists());
    wait_until("the watcher has stopped the server", || !home.join("cluster/postmaster.pid").exists());
}

#[test]
fn a_durable_server_ends_with_a_killed_console() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let data = DataDir::new();
    let child = in_another_process("starts_and_is_killed", &data);
    assert!(!child.status.success());
    let pid_file = data.0.join("postgres/cluster/postmaster.pid");
    wait_until("the server has stopped itself", || !pid_file.exists());
    // It says so after the file has gone.
    let log = || fs::read_to_string(data.0.join("postgres/server.log")).unwrap();
    wait_until("the server has said so", || log().contains("database system is shut down"));
    assert!(log().contains("received fast shutdown request"), "{}", log());
}

/// Run by a test above in a process of its own; alone it does nothing.
#[test]
fn joins_and_exits() {
    let Some(data_dir) = std::env::var_os("ROSTER_TEST_DATA_DIR") else { return };
    let options = Options { data_dir: data_dir.into(), durability: Durability::Disposable, pg_bin: None };
    let cluster = Cluster::start(&options).unwrap();
    println!("joined {}", cluster.pid());
    std::process::exit(0);
}

/// Run by a test above in a process of its own; alone it does nothing.
#[test]
fn starts_and_is_killed() {
    let Some(data_dir) = std::env::var_os("ROSTER_TEST_DATA_DIR") else { return };
    let options = Options { data_dir: data_dir.into(), durability: Durability::Durable, pg_bin: None };
    let cluster = Cluster::start(&options).unwrap();
    assert!(cluster.is_running());
    kill_hard(std::process::id());
}

#[test]
fn a_long_or_odd_path_gets_a_short_socket_elsewhere() {
    for name in ["long/".repeat(30), "with, comma & ünïcode%20".to_owned()] {
        let data = DataDir::named(&name);
        let cluster = data.start();
        assert!(holds(&mut connect(&cluster.runtime_url()), "true"));
        let socket = PathBuf::from(setting(&mut connect(&cluster.superuser_url("roster")), "unix_socket_directories"));
        assert!(!socket.starts_with(&data.0));
        let found = fs::symlink_metadata(&socket).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o700);
        assert_eq!(found.uid(), fs::metadata(cluster.home()).unwrap().uid());
        let joined = data.start();
        assert_eq!(joined.pid(), cluster.pid());
        assert!(holds(&mut connect(&joined.runtime_url()), "true"));
        drop((joined, cluster));
        assert!(!socket.exists());
    }
}

#[test]
fn an_interrupted_initdb_is_started_over() {
    let data = DataDir::new();
    fs::create_dir_all(data.0.join("postgres/cluster.new/base")).unwrap();
    fs::write(data.0.join("postgres/cluster.new/PG_VERSION"), "15\n").unwrap();
    let cluster = data.start();
    assert!(holds(&mut connect(&cluster.runtime_url()), "true"));
}

#[test]
fn files_of_another_version_are_kept_and_the_missing_version_is_named() {
    let data = DataDir::new();
    data.start().stop();
    let version = data.0.join("postgres/cluster/PG_VERSION");
    fs::write(&version, "9\n").unwrap();
    let error = Cluster::start(&data.options(Durability::Durable)).unwrap_err();
    assert!(matches!(error, EmbeddedError::WrongVersion { needed: Some(9), .. }), "{error}");
    assert!(error.to_string().contains("Install PostgreSQL 9"), "{error}");
}

#[test]
fn a_wrong_pg_bin_is_named() {
    let data = DataDir::new();
    let options = Options { pg_bin: Some("/nowhere".into()), ..data.options(Durability::Durable) };
    let error = Cluster::start(&options).unwrap_err();
    assert!(error.to_string().contains("PG_BIN is /nowhere, where there is no `initdb`"), "{error}");
}

#[test]
fn a_server_that_cannot_start_shows_its_own_words() {
    let data = DataDir::new();
    data.start().stop();
    let settings = data.0.join("postgres/cluster/postgresql.conf");
    fs::write(&settings, "shared_buffers = many\n").unwrap();
    let error = Cluster::start(&data.options(Durability::Durable)).unwrap_err();
    assert!(matches!(error, EmbeddedError::Start { .. }), "{error}");
    assert!(error.to_string().contains("shared_buffers"), "{error}");
}

#[test]
fn root_chooses_another_place_where_postgres_cannot_enter() {
    let data = DataDir::new();
    if fs::metadata(data.0.parent().unwrap()).unwrap().uid() != 0 {
        return;
    }
    fs::create_dir(&data.0).unwrap();
    fs::set_permissions(&data.0, fs::Permissions::from_mode(0o700)).unwrap();
    let cluster = data.start();
    let home = cluster.home().to_path_buf();
    assert!(home.starts_with("/var/lib"));
    assert!(cluster.notes().iter().any(|note| note.contains("can't enter")), "{:?}", cluster.notes());
    cluster.stop();
    // Once the data are there, they are found there, whatever becomes of the directory.
    fs::set_permissions(&data.0, fs::Permissions::from_mode(0o755)).unwrap();
    let again = data.start();
    assert_eq!(again.home(), home);
    again.stop();
    fs::remove_dir_all(home).unwrap();
}
