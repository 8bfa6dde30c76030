//! The private Postgres: the console finds the server programs of the machine, makes a cluster under its data
//! directory, starts it as a child and stops it again. Nothing listens on the network; whoever can enter the
//! directory (mode 0700) is trusted. [`Cluster::start`] finds, makes, starts or joins; dropping the cluster
//! leaves it. A lock around all of that lets several processes start on one directory at once.
//!
//! Who stops the server: a [`Durability::Durable`] one stops with the console that started it, by `kill -9` too
//! where the system can do that (Linux). A console that joined a running server leaves it running unless it is
//! the last one there. A [`Durability::Disposable`] one stops after the last process using it, however that ends.

mod account;
mod binaries;
mod error;
mod initdb;
mod launch;
mod memory;
mod place;
mod postmaster;
mod roles;
mod server;
mod unix;
mod users;

use std::path::{Path, PathBuf};

use diesel::pg::PgConnection;

use binaries::Programs;
pub use error::EmbeddedError;
use place::Place;
use roles::SUPERUSER;
pub use roles::{DATABASE, OWNER, RUNTIME};
use server::Server;
use users::Seat;

/// Where the cluster lives and how careful it is.
#[derive(Debug, Clone)]
pub struct Options {
    /// The console's data directory; the cluster's files are under `postgres` in it.
    pub data_dir: PathBuf,
    /// Whether commits survive a crash of the machine.
    pub durability: Durability,
    /// `PG_BIN`: the directory of `postgres` and `initdb`, if the reader of the configuration named one.
    pub pg_bin: Option<PathBuf>,
}

/// Whether commits survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A commit is on disk; the server stops with the console that started it.
    Durable,
    /// Nothing waits for the disk; the server is shared by test processes and stops two seconds after the last.
    Disposable,
}

/// A running server that this process may use; dropping it leaves, see the module's words on who stops it.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    server: Server,
    durability: Durability,
    seat: Option<Seat>,
}

impl Cluster {
    /// Makes the cluster if there is none, starts it if it does not run, and sees to the roles and the database.
    /// Takes 1 to 4 s the first time and under 0.3 s later; blocks, so call it outside the async runtime.
    ///
    /// # Errors
    /// Every [`EmbeddedError`] says in plain words what to do next.
    pub fn start(options: &Options) -> Result<Cluster, EmbeddedError> {
        let place = Place::find(&options.data_dir)?;
        let _starting = place.lock()?;
        let (server, mut admin) = match Server::join(&place)? {
            Some(running) => running,
            None => start_server(options, &place)?,
        };
        let prepared = roles::ensure(&mut admin, server.socket()).and_then(|()| Seat::take(&place, &server, options.durability));
        match prepared {
            Ok(seat) => Ok(Cluster { place, server, durability: options.durability, seat: Some(seat) }),
            Err(error) => {
                if server.is_ours() {
                    server.stop();
                }
                Err(error)
            }
        }
    }

    /// Leaves the cluster and, where the module's words say so, waits until the server has stopped.
    pub fn stop(self) {
        drop(self);
    }

    /// Connection URL of the role that owns the database and migrates.
    pub fn owner_url(&self) -> String {
        self.url_for(OWNER, DATABASE)
    }

    /// Connection URL of the role the console runs as; it owns nothing and obeys row-level security.
    pub fn runtime_url(&self) -> String {
        self.url_for(RUNTIME, DATABASE)
    }

    /// Connection URL of any role and database of this cluster.
    pub fn url_for(&self, role: &str, database: &str) -> String {
        server::url(self.server.socket(), role, database)
    }

    /// Connection URL of the bootstrap superuser, for tests: it skips row-level security silently.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url_for(SUPERUSER, database)
    }

    /// The number of the server's main process.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Whether the server's main process is still there.
    pub fn is_running(&self) -> bool {
        self.server.is_running()
    }

    /// The directory of the cluster's files, its log and its lock.
    pub fn home(&self) -> &Path {
        self.place.home()
    }

    /// One line for the start message: where the files and the log are.
    pub fn where_words(&self) -> String {
        let log = self.place.log();
        format!("Postgres keeps its files in {} and its log in {}.", self.home().display(), log.display())
    }

    /// What the reader of the start message should know besides, such as files in an unexpected place.
    pub fn notes(&self) -> &[String] {
        self.place.notes()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Without the lock somebody could join between the look around and the stop.
        let _stopping = self.place.lock();
        let last = self.seat.take().is_none_or(Seat::leave);
        let tied = self.durability == Durability::Durable && self.server.is_ours();
        if last || tied {
            self.server.stop();
        }
    }
}

fn start_server(options: &Options, place: &Place) -> Result<(Server, PgConnection), EmbeddedError> {
    let made_by = place.major()?;
    let programs = Programs::find(options.pg_bin.as_deref(), made_by, &place.cluster())?;
    if made_by.is_none() {
        initdb::create(place, &programs, options.durability)?;
    }
    Server::spawn(place, &programs, options.durability)
}
