//! The real binary as a process of its own, with a data directory that goes away with the test.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::browser::Browser;

/// A folder that goes away with the test. Not in TMPDIR, which may be too long for a socket or private to one user.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let path = Path::new("/tmp").join(format!("roster-test-{}", Uuid::new_v4().simple()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A command of the binary with nothing from this process' environment but where programs are.
pub fn command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
    command.args(arguments).env_clear().envs(settings.iter().copied());
    for kept in ["PATH", "HOME", "PG_BIN"] {
        if let Some(value) = std::env::var_os(kept).filter(|_| settings.iter().all(|(name, _)| *name != kept)) {
            command.env(kept, value);
        }
    }
    command
}

/// A console that serves on a private Postgres.
pub struct Binary {
    pub address: SocketAddr,
    pub folder: Folder,
    child: Child,
}

impl Binary {
    /// Starts it and waits until it is ready.
    pub fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Binary {
        Binary::start_in(Folder::new(), arguments, settings)
    }

    /// Starts it on the data directory of an earlier one.
    pub fn start_in(folder: Folder, arguments: &[&str], settings: &[(&str, &str)]) -> Binary {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (bind, data_dir) = (address.to_string(), folder.0.join("data").display().to_string());
        let mut all = vec![("BIND", bind.as_str()), ("DATA_DIR", data_dir.as_str()), ("WORKERS", "2")];
        all.extend(settings);
        let file = |name: &str| Stdio::from(File::create(folder.0.join(name)).unwrap());
        let child = command(arguments, &all).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        let mut binary = Binary { address, folder, child };
        binary.wait_until_ready();
        binary
    }

    fn wait_until_ready(&mut self) {
        let begun = Instant::now();
        while !self.said().contains("Roster is ready") {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < Duration::from_secs(120), "{ended:?}: {}{}", self.said(), self.logged());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.address, &format!("http://localhost:{}", self.address.port()))
    }

    /// What it printed.
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.0.join("stdout")).unwrap()
    }

    /// What it logged.
    pub fn logged(&self) -> String {
        fs::read_to_string(self.folder.0.join("stderr")).unwrap()
    }

    /// The number of the private Postgres' process.
    pub fn postgres(&self) -> String {
        let files = fs::read_dir(self.folder.0.join("data/postgres")).unwrap();
        let mut pids = files.filter_map(|entry| fs::read_to_string(entry.unwrap().path().join("postmaster.pid")).ok());
        pids.next().unwrap().lines().next().unwrap().to_owned()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "still running: {}", self.logged());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it and keeps its data.
    pub fn stop(mut self) -> Folder {
        self.signal("INT");
        self.wait();
        std::mem::replace(&mut self.folder, Folder(PathBuf::new()))
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("INT");
            self.wait();
        }
    }
}
