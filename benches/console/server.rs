//! The servers under load, each a process of its own: the console's binary, and the bare handlers of this one.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// A server that is ready. Ends with this value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From its start to its first answer.
    pub ready_after: Duration,
}

impl Server {
    /// The console as released, with its default settings, on a database that is there.
    pub fn console(database_url: &str, home: &Path) -> Server {
        let address = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
        command
            .env("DATABASE_URL", database_url)
            .env("BIND", address.to_string())
            .env("DATA_DIR", home)
            .env("MIGRATE", "off")
            // Sign-ins come from many networks, or the limit on one would end them.
            .env("TRUSTED_PROXIES", "127.0.0.1/32");
        Server::start(command, address, &home.join("console.log"))
    }

    /// This program again, as the bare handlers.
    pub fn bare(home: &Path, database_url: &str, organization_id: Uuid) -> Server {
        let address = free_address();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(super::BARE).args([&address.to_string(), database_url, &organization_id.to_string()]);
        Server::start(command, address, &home.join("bare.log"))
    }

    fn start(mut command: Command, address: SocketAddr, log: &Path) -> Server {
        let begun = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(File::create(log).unwrap()).spawn().unwrap();
        let mut server = Server { child, address, ready_after: Duration::ZERO };
        while TcpStream::connect(address).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < Duration::from_secs(20), "{}", fs::read_to_string(log).unwrap());
            std::thread::sleep(Duration::from_millis(2));
        }
        server.ready_after = begun.elapsed();
        server
    }

    /// Resident memory in megabytes; `None` where the system does not tell.
    pub fn memory(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
