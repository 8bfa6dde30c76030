//! Reads `postmaster.pid`, which the server keeps while it runs. A number in it proves nothing: after a crash it
//! stands there still, and may by then be any other program's.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::unix;

/// What a server wrote about itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: u32,
    pub(super) socket: PathBuf,
    pub(super) ready: bool,
}

impl PidFile {
    /// Nothing where there is no file or not yet a whole one.
    pub(super) fn read(cluster: &Path) -> Option<PidFile> {
        PidFile::parse(&fs::read_to_string(path(cluster)).ok()?)
    }

    /// Lines: number, data directory, start time, port, socket directory, address, shared memory, state.
    fn parse(text: &str) -> Option<PidFile> {
        let line = |index| text.lines().nth(index).map(str::trim);
        let pid = line(0)?.parse().ok()?;
        let socket = PathBuf::from(line(4).unwrap_or_default());
        Some(PidFile { pid, socket, ready: line(7) == Some("ready") })
    }
}

/// Whether that process is the main process of this cluster: its working directory is the cluster.
pub(super) fn is_postmaster(pid: u32, cluster: &Path) -> bool {
    if cfg!(target_os = "linux") {
        return match fs::read_link(format!("/proc/{pid}/cwd")) {
            Ok(directory) => directory == cluster,
            // In a container not even root may look there; the name it may.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => is_named_postgres(pid),
            Err(_) => false,
        };
    }
    let mut ps = Command::new("ps");
    let output = ps.args(["-o", "command=", "-p", &pid.to_string()]).stderr(Stdio::null()).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}

fn is_named_postgres(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// Removes the file where its number is a living stranger's, for which the server would refuse to start. That of a
/// dead server stays: the server sees to it, and to remains of the old one.
pub(super) fn remove_if_a_strangers(pid: u32, cluster: &Path) {
    if unix::exists(pid) {
        // If this fails, the server says so in its log.
        let _ = fs::remove_file(path(cluster));
    }
}

/// The file of a cluster.
pub(super) fn path(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::PidFile;

    #[test]
    fn the_state_is_read_from_the_last_line() {
        let text = "812\n/c\n1763\n5432\n/c/socket\n\n  1234 5\nready   \n";
        let expected = PidFile { pid: 812, socket: PathBuf::from("/c/socket"), ready: true };
        assert_eq!(PidFile::parse(text), Some(expected));
        assert!(PidFile::parse("812\n/c\n").is_some_and(|file| !file.ready));
        assert_eq!(PidFile::parse(""), None);
    }
}
