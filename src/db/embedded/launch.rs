//! Runs the server program: its settings, its log, and the thread that stays with it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use super::Durability;
use super::binaries::Programs;
use super::error::EmbeddedError;
use super::place::Place;
use super::{memory, unix};

/// A longer log is put aside at the next start.
const LOG_BYTES: u64 = 10 * 1024 * 1024;

const SETTINGS: [&str; 9] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "random_page_cost=1.1",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_checkpoints=off",
    // A page is logged whole when it is changed first after a checkpoint: those of many keys in use, each time.
    "max_wal_size=4GB",
];
const DISPOSABLE: [&str; 3] = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];

/// A server program that has been run; whether it will answer is not known yet.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) pid: u32,
    /// The thread that ends when the server has ended.
    pub(super) keeper: JoinHandle<()>,
    /// Where this run begins in the log.
    pub(super) log_begin: u64,
}

/// Runs the server program, in a process group of its own so that Ctrl-C reaches only the console.
pub(super) fn launch(
    place: &Place,
    programs: &Programs,
    durability: Durability,
    socket: &Path,
) -> Result<Launched, EmbeddedError> {
    let (log, log_begin) = open_log(place)?;
    let postgres = programs.postgres();
    let mut command = place.account().command(&postgres);
    command.current_dir(place.home()).process_group(0);
    command.arg("-D").arg(place.cluster()).arg("-k").arg(socket);
    let disposable = durability == Durability::Disposable;
    for setting in SETTINGS.iter().chain(DISPOSABLE.iter().filter(|_| disposable)) {
        command.args(["-c", setting]);
    }
    if !disposable {
        command.args(["-c", &memory::shared_buffers()]);
    }
    command.stdout(log.try_clone().map_err(EmbeddedError::files(&place.log()))?).stderr(log);
    if !disposable {
        unix::die_with_parent(&mut command);
    }
    let (pid, keeper) = keep(command).map_err(EmbeddedError::run(&postgres))?;
    Ok(Launched { pid, keeper, log_begin })
}

/// Starts the server from a thread that lives as long as it does: the parent-death signal comes when the *thread*
/// that started a process ends, and the caller's may be short-lived.
fn keep(mut command: Command) -> io::Result<(u32, JoinHandle<()>)> {
    let (tell, told) = mpsc::channel();
    let keeper = thread::Builder::new().name("postgres-keeper".to_owned()).spawn(move || {
        let child = command.spawn();
        let _ = tell.send(child.as_ref().map(Child::id).map_err(|error| error.kind()));
        if let Ok(mut child) = child {
            let _ = child.wait();
        }
    })?;
    let pid = told.recv().unwrap_or(Err(io::ErrorKind::Other))?;
    Ok((pid, keeper))
}

/// The log to write to, and where this start begins in it.
fn open_log(place: &Place) -> Result<(File, u64), EmbeddedError> {
    let path = place.log();
    let length = || fs::metadata(&path).map_or(0, |log| log.len());
    if length() > LOG_BYTES {
        fs::rename(&path, path.with_extension("log.old")).map_err(EmbeddedError::files(&path))?;
    }
    let begin = length();
    Ok((place.open(&path)?, begin))
}

/// What was written to the log from there on.
pub(super) fn said_since(path: &Path, begin: u64) -> String {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(begin))?;
        file.read_to_end(&mut bytes)
    });
    read.map_or_else(|error| error.to_string(), |_| String::from_utf8_lossy(&bytes).trim().to_owned())
}
