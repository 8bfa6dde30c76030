//! The real binary as a process of its own, to be killed.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::browser::Browser;
use super::console::Console;
use super::smtp::eventually;

/// A node on the database of a test's console.
pub struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Starts `roster serve` and waits until it answers.
    pub fn start(console: &Console, settings: &[(&str, &str)]) -> Process {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_roster"))
            .env_clear()
            .env("DATABASE_URL", console.database.runtime_url())
            .env("BIND", address.to_string())
            .env("SECRET_KEY", "a secret of the tests, long enough")
            .env("MIGRATE", "off")
            .env("WORKERS", "1")
            .env("RUST_LOG", "off")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut process = Process { child, address };
        eventually("the process answers", || {
            assert!(process.child.try_wait().unwrap().is_none(), "the process ended at once");
            std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
        });
        process
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.address, &format!("http://localhost:{}", self.address.port()))
    }

    /// `kill -9`: not a word to anybody.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
