//! What can go wrong with the private Postgres, in words that say what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no private Postgres.
#[derive(Debug)]
pub enum EmbeddedError {
    /// A file or directory of the cluster can't be made, read or changed.
    Files {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The cluster's files belong to another user of the machine.
    ForeignOwner {
        /// The directory.
        path: PathBuf,
    },
    /// Running as root, and the machine has no user `postgres`.
    NoAccount,
    /// Running as root, and the server's user can't reach files that exist already.
    NotEnterable {
        /// The directory that holds the cluster.
        path: PathBuf,
    },
    /// No server programs anywhere.
    NoPrograms,
    /// `PG_BIN` names a directory without usable server programs.
    NoProgramsAt {
        /// The directory.
        path: PathBuf,
        /// What was wrong with it.
        reason: String,
    },
    /// Server programs exist, but of other major versions than needed.
    WrongVersion {
        /// The cluster's directory.
        cluster: PathBuf,
        /// The major version that made it, or nothing where any new enough one would do.
        needed: Option<u32>,
        /// The major versions found.
        found: Vec<u32>,
    },
    /// A server program could not be run.
    Run {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `initdb` failed.
    Initdb {
        /// What it printed.
        output: String,
    },
    /// The server ended while starting.
    Start {
        /// Its log file.
        log: PathBuf,
        /// What it wrote there during this start.
        said: String,
    },
    /// The server runs and does not answer.
    NotReady {
        /// Its log file.
        log: PathBuf,
    },
    /// The directory for the socket is unsafe or in use by somebody else.
    Socket {
        /// The directory.
        path: PathBuf,
    },
    /// A statement that prepares roles or database failed.
    Prepare {
        /// What the database said.
        reason: String,
    },
}

impl EmbeddedError {
    pub(super) fn files(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
        let path = path.to_path_buf();
        move |source| EmbeddedError::Files { path, source }
    }

    pub(super) fn run(program: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
        let program = program.to_path_buf();
        move |source| EmbeddedError::Run { program, source }
    }
}

const INSTALL: &str =
    "Debian and Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server; macOS: brew install postgresql@17";

impl fmt::Display for EmbeddedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use EmbeddedError as E;
        match self {
            E::Files { path, source } => {
                write!(f, "Postgres can't use {}: {source}. Set DATA_DIR to a directory this user may write.", path.display())
            }
            E::ForeignOwner { path } => write!(
                f,
                "The Postgres files in {} belong to another user of this machine. Start the console as that user, or set DATA_DIR to another directory.",
                path.display()
            ),
            E::NoAccount => write!(
                f,
                "Postgres refuses to run as root, and this machine has no user `postgres` to run it as. Install PostgreSQL ({INSTALL}), start the console as an ordinary user, or set DATABASE_URL to a server of yours."
            ),
            E::NotEnterable { path } => write!(
                f,
                "The server's user can't reach the Postgres files in {}. Let it pass (chmod o+x on the directories above), or start the console as an ordinary user.",
                path.display()
            ),
            E::NoPrograms => write!(
                f,
                "PostgreSQL is not installed. Install it ({INSTALL}), set PG_BIN to the directory of `postgres` and `initdb`, or set DATABASE_URL to a server of yours."
            ),
            E::NoProgramsAt { path, reason } => write!(
                f,
                "PG_BIN is {}, {reason}. Set it to the directory of `postgres` and `initdb`, or leave it out to have them found.",
                path.display()
            ),
            E::WrongVersion { cluster, needed, found } => wrong_version(f, cluster, *needed, found),
            E::Run { program, source } => {
                write!(f, "{} could not be run: {source}. Check that PostgreSQL is installed completely.", program.display())
            }
            E::Initdb { output } => write!(f, "initdb could not make the database files. It said:\n{output}"),
            E::Start { log, said } => {
                write!(f, "Postgres ended while starting. It said:\n{said}\nThe whole log is {}.", log.display())
            }
            E::NotReady { log } => write!(
                f,
                "Postgres runs but does not answer. It may still be recovering; read {} and start again.",
                log.display()
            ),
            E::Socket { path } => write!(
                f,
                "{} should be a private directory for the Postgres socket but is something else, or somebody else's. Remove it, or set DATA_DIR to a shorter path.",
                path.display()
            ),
            E::Prepare { reason } => {
                write!(f, "Postgres started, but its roles and database could not be prepared: {reason}")
            }
        }
    }
}

fn wrong_version(f: &mut fmt::Formatter<'_>, cluster: &Path, needed: Option<u32>, found: &[u32]) -> fmt::Result {
    let found = found.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    match needed {
        Some(major) => write!(
            f,
            "The files in {} were made by PostgreSQL {major}, but this machine has {found}. Install PostgreSQL {major} (Debian and Ubuntu: apt install postgresql-{major}), or set PG_BIN to its programs.",
            cluster.display()
        ),
        None => write!(
            f,
            "This machine has PostgreSQL {found}, which is too old. Install a newer one ({INSTALL}), or set PG_BIN to its programs."
        ),
    }
}

impl std::error::Error for EmbeddedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            EmbeddedError::Files { source, .. } | EmbeddedError::Run { source, .. } => Some(source),
            _ => None,
        }
    }
}
