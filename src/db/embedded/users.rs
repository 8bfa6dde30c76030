//! Who uses the server. Each user holds a shared lock on a file, which the system gives back however the user ends;
//! the one who finds it free on leaving was the last.
//!
//! A disposable server also has a watcher, since test processes end without saying goodbye: a shell that reads a pipe
//! which every user keeps open for writing, and that stops the server when all have been gone for two seconds.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Durability;
use super::error::EmbeddedError;
use super::place::Place;
use super::postmaster;
use super::server::Server;

/// How long a watcher may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everybody writes one byte on coming; reading ends when all who came have left. No byte since: nobody came. The last
/// look and the stop hold the cluster's lock, under which everybody comes: nobody joins a server that is being stopped.
/// Where there is no `flock` command that can happen; only tests have watchers.
const WATCHER: &str = r#"(
exec 3<"$1"
while :; do
    while [ "$(cat <&3 | wc -c)" -gt 0 ]; do sleep 2; done
    exec 4>>"$4"
    flock 4
    [ "$(head -c 1 <&3 | wc -c)" -gt 0 ] || break
    exec 4>&-
done
exec 3<&-
[ "$(head -n 1 "$2")" = "$3" ] && kill -INT "$3" && while kill -0 "$3"; do sleep 0.1; done
) &"#;

/// This process among the users of a server.
#[derive(Debug)]
pub(super) struct Seat {
    lock: File,
    /// The watcher waits for its end.
    _pipe: Option<File>,
}

impl Seat {
    /// Joins the users; the caller holds the cluster's lock.
    pub(super) fn take(place: &Place, server: &Server, durability: Durability) -> Result<Seat, EmbeddedError> {
        let path = place.home().join("users.lock");
        let lock = place.open(&path)?;
        lock.lock_shared().map_err(EmbeddedError::files(&path))?;
        let pipe = match durability {
            Durability::Durable => None,
            Durability::Disposable => Some(join_watched(place, server)?),
        };
        Ok(Seat { lock, _pipe: pipe })
    }

    /// Leaves, and says whether nobody is left; the caller holds the cluster's lock.
    pub(super) fn leave(self) -> bool {
        self.lock.unlock().is_ok() && self.lock.try_lock().is_ok()
    }
}

fn join_watched(place: &Place, server: &Server) -> Result<File, EmbeddedError> {
    let path = place.home().join("users.pipe");
    let joined = match server.is_ours() {
        true => None,
        false => open_watched(&path).ok(),
    };
    let mut pipe = match joined {
        Some(pipe) => pipe,
        None => watch(&path, place, server)?,
    };
    pipe.write_all(b".").map_err(EmbeddedError::files(&path))?;
    Ok(pipe)
}

/// Fails where no watcher reads.
fn open_watched(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW).open(path)
}

/// Starts a watcher with a pipe of its own, so that one of an earlier server is not mistaken for it.
fn watch(path: &Path, place: &Place, server: &Server) -> Result<File, EmbeddedError> {
    let _ = fs::remove_file(path);
    let mkfifo = Command::new("mkfifo").args(["-m", "600"]).arg(path).status();
    mkfifo.map_err(EmbeddedError::run(Path::new("mkfifo")))?;
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCHER, "sh"]).arg(path).arg(postmaster::path(&place.cluster()));
    shell.arg(server.pid().to_string()).arg(place.lock_path()).current_dir("/").process_group(0);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().map_err(EmbeddedError::run(Path::new("sh")))?;
    // Who left before the watcher came would never be missed.
    let begun = Instant::now();
    loop {
        match open_watched(path) {
            Err(_) if begun.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(1)),
            outcome => return outcome.map_err(EmbeddedError::files(path)),
        }
    }
}
