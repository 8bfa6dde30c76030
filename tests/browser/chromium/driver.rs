//! One chromedriver for all browsers of a test process. It goes when the last of them goes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A running chromedriver.
pub struct Driver {
    process: Child,
    pub url: String,
}

impl Driver {
    /// The one that runs, or a new one.
    pub fn shared() -> Arc<Driver> {
        static SHARED: Mutex<Weak<Driver>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap();
        if let Some(driver) = shared.upgrade() {
            return driver;
        }
        let driver = Arc::new(Driver::start());
        *shared = Arc::downgrade(&driver);
        driver
    }

    fn start() -> Driver {
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = started.expect("the browser tests need Chromium and chromedriver: bin/test installs them");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.by_ref().find_map(|line| port_in(&line.unwrap())).expect("chromedriver names its port");
        // Its output is read on, or it would block or die when it speaks again.
        std::thread::spawn(move || lines.for_each(drop));
        Driver { process, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// "ChromeDriver was started successfully on port 40123."
fn port_in(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

/// Held by a test that shows browsers: each has up to two, and no more than two fit on a small machine. nextest, with a
/// process a test, does the same by the group in .config/nextest.toml.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
