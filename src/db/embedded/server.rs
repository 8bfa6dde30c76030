//! The server process: started or joined, asked until it answers, stopped.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use diesel::{Connection, RunQueryDsl};

use super::Durability;
use super::binaries::Programs;
use super::error::EmbeddedError;
use super::place::Place;
use super::postmaster::{self, PidFile};
use super::roles::SUPERUSER;
use super::{launch, unix};

const POLL: Duration = Duration::from_millis(10);
/// Recovery after a crash can take its time.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the helpers of a killed server may hold its shared memory.
const REMAINS: Duration = Duration::from_secs(10);
const FAST_STOP: Duration = Duration::from_secs(10);
const QUICK_STOP: Duration = Duration::from_secs(5);
/// A server that answers.
#[derive(Debug)]
pub(super) struct Server {
    pid: u32,
    cluster: PathBuf,
    socket: PathBuf,
    /// The thread that started the server and waits for its end; none where it was joined.
    keeper: Option<JoinHandle<()>>,
}

impl Server {
    /// Joins a server that runs on these files already, proven by its answer.
    pub(super) fn join(place: &Place) -> Result<Option<(Server, PgConnection)>, EmbeddedError> {
        let cluster = place.cluster();
        let begun = Instant::now();
        while let Some(file) = PidFile::read(&cluster) {
            if !postmaster::is_postmaster(file.pid, &cluster) {
                postmaster::remove_if_a_strangers(file.pid, &cluster);
                return Ok(None);
            }
            if let Some(admin) = answer(&file) {
                let server = Server { pid: file.pid, cluster, socket: file.socket, keeper: None };
                return Ok(Some((server, admin)));
            }
            if begun.elapsed() > PATIENCE {
                return Err(EmbeddedError::NotReady { log: place.log() });
            }
            thread::sleep(POLL);
        }
        Ok(None)
    }

    /// Starts a server; tries again while remains of a killed one are in its way.
    pub(super) fn spawn(
        place: &Place,
        programs: &Programs,
        durability: Durability,
    ) -> Result<(Server, PgConnection), EmbeddedError> {
        let begun = Instant::now();
        loop {
            match Server::spawn_once(place, programs, durability) {
                Err(EmbeddedError::Start { said, .. }) if said.contains("still in use") && begun.elapsed() < REMAINS => {
                    thread::sleep(10 * POLL);
                }
                outcome => return outcome,
            }
        }
    }

    fn spawn_once(place: &Place, programs: &Programs, durability: Durability) -> Result<(Server, PgConnection), EmbeddedError> {
        let socket = place.socket()?;
        let launched = launch::launch(place, programs, durability, &socket)?;
        let keeper = Some(launched.keeper);
        let server = Server { pid: launched.pid, cluster: place.cluster(), socket, keeper };
        match server.wait_for_answer(place, launched.log_begin) {
            Ok(admin) => Ok((server, admin)),
            Err(error) => {
                server.stop();
                Err(error)
            }
        }
    }

    fn wait_for_answer(&self, place: &Place, log_begin: u64) -> Result<PgConnection, EmbeddedError> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let file = PidFile::read(&self.cluster).filter(|file| file.pid == self.pid);
            if let Some(admin) = file.as_ref().and_then(answer) {
                return Ok(admin);
            }
            if !self.is_running() {
                return Err(EmbeddedError::Start { log: place.log(), said: launch::said_since(&place.log(), log_begin) });
            }
            thread::sleep(POLL);
        }
        Err(EmbeddedError::NotReady { log: place.log() })
    }

    /// The directory of its socket.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// The number of its main process.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether this process started it.
    pub(super) fn is_ours(&self) -> bool {
        self.keeper.is_some()
    }

    /// Whether its main process is there.
    pub(super) fn is_running(&self) -> bool {
        match &self.keeper {
            Some(keeper) => !keeper.is_finished(),
            None => postmaster::is_postmaster(self.pid, &self.cluster),
        }
    }

    /// Ends connections and writes everything out; a server that can't within 10 s is cut off and recovers later.
    pub(super) fn stop(&self) {
        for (signal, patience) in [(libc::SIGINT, FAST_STOP), (libc::SIGQUIT, QUICK_STOP)] {
            let begun = Instant::now();
            if self.is_running() {
                // It may just have ended, which the loop sees.
                let _ = unix::signal(self.pid, signal);
            }
            while self.is_running() && begun.elapsed() < patience {
                thread::sleep(POLL / 2);
            }
        }
        // Empty by now; in the temporary directory nobody else would tidy it.
        let _ = fs::remove_dir(&self.socket);
    }
}

/// A connection URL; libpq takes the socket's directory as the host.
pub(super) fn url(socket: &Path, role: &str, database: &str) -> String {
    let (host, role, database) = (encoded(socket.as_os_str().as_bytes()), encoded(role.as_bytes()), encoded(database.as_bytes()));
    format!("postgres:///{database}?host={host}&port=5432&user={role}")
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => text.push(char::from(*byte)),
            // Writing to a string never fails.
            _ => _ = write!(text, "%{byte:02X}"),
        }
    }
    text
}

/// A connection of the superuser, if the server says it is ready and then answers a real question.
fn answer(file: &PidFile) -> Option<PgConnection> {
    if !file.ready {
        return None;
    }
    let mut admin = PgConnection::establish(&url(&file.socket, SUPERUSER, "postgres")).ok()?;
    diesel::sql_query("SELECT 1").execute(&mut admin).ok()?;
    Some(admin)
}
