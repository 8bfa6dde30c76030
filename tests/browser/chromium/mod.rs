//! A person's Chromium: opens pages, clicks what has a name, fills what has a label, and waits for what it should see.
//!
//! ```ignore
//! let (console, _turn) = (Console::start(), chromium::turn());
//! let ann = Chromium::start(&console);                 // or without_script
//! ann.open("/sign-in");
//! ann.fill("Email", "ann@example.com");
//! ann.go("Sign in");                                   // clicks, and waits until another page has come
//! ann.sees("Members");
//! ```

mod driver;
mod keyboard;
mod looks;
mod names;
mod pages;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::common::command::{Command, ExtensionCommand};
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::harness::{Console, PASSWORD, Person};

pub use driver::turn;

/// How long anything that a person waits for may take.
const PATIENCE: Duration = Duration::from_secs(30);

const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1280,900",
];

/// A browser with a profile of its own.
pub struct Chromium {
    runtime: Runtime,
    page: Option<WebDriver>,
    origin: String,
    hands: Hands,
    _driver: Arc<driver::Driver>,
    _profile: Profile,
}

/// What a person clicks and chooses with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hands {
    Mouse,
    Keyboard,
}

/// A browser's folder, gone with it.
struct Profile(std::path::PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Chromium {
    pub fn start(console: &Console) -> Chromium {
        Chromium::launch(console, Hands::Mouse, json!({}))
    }

    /// Nothing is clicked: Tab leads to what has a name, and the keys do the rest.
    pub fn by_keyboard(console: &Console) -> Chromium {
        Chromium::launch(console, Hands::Keyboard, json!({}))
    }

    /// As for people who turned JavaScript off.
    pub fn without_script(console: &Console) -> Chromium {
        let browser =
            Chromium::launch(console, Hands::Mouse, json!({ "profile.managed_default_content_settings.javascript": 2 }));
        browser.open("/sign-in");
        assert!(!browser.runs_scripts(), "JavaScript was to be off");
        browser
    }

    fn launch(console: &Console, hands: Hands, preferences: Value) -> Chromium {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let driver = driver::Driver::shared();
        let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("chromium-{}", uuid::Uuid::new_v4()));
        // The driver's client takes the provider of the process; a second one that comes to set it finds it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut wishes = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            wishes.add_arg(argument).unwrap();
        }
        wishes.add_arg(&format!("--user-data-dir={}", folder.display())).unwrap();
        wishes.add_experimental_option("prefs", preferences).unwrap();
        wishes.set_browser_log_level(thirtyfour::LoggingPrefsLogLevel::All).unwrap();
        let page = runtime.block_on(WebDriver::new(&driver.url, wishes)).unwrap();
        let origin = console.config.origin();
        Chromium { runtime, page: Some(page), origin, hands, _driver: driver, _profile: Profile(folder) }
    }

    /// Signs in through the page.
    pub fn sign_in(&self, person: &Person) {
        self.open("/sign-in");
        self.fill("Email", &person.email);
        self.fill("Password", PASSWORD);
        self.go("Sign in");
    }

    /// Whether the page's JavaScript ran: it says so on the root.
    pub fn runs_scripts(&self) -> bool {
        self.run(async { self.page().find(By::Css("html")).await?.class_name().await }).is_some_and(|names| names.contains("js"))
    }

    fn page(&self) -> &WebDriver {
        self.page.as_ref().unwrap()
    }

    fn run<T>(&self, work: impl Future<Output = WebDriverResult<T>>) -> T {
        self.try_to(work).unwrap()
    }

    fn try_to<T>(&self, work: impl Future<Output = WebDriverResult<T>>) -> WebDriverResult<T> {
        self.runtime.block_on(work)
    }

    /// One command of the DevTools protocol.
    fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.run(self.page().cdp().send_raw(method, parameters))
    }

    /// Runs a script in the page and gives what it returns.
    fn evaluate(&self, script: &str) -> Value {
        self.run(async { Ok(self.page().execute(script, Vec::new()).await?.json().clone()) })
    }

    /// The name of an element as assistive technology hears it.
    fn name_of(&self, element: &WebElement) -> WebDriverResult<String> {
        let asked = ComputedLabel { element: element.element_id().to_string() };
        self.try_to(async { self.page().cmd(Command::ExtensionCommand(Box::new(asked))).await?.value() })
    }

    /// Asks again until there is an answer. Panics with the words and the page when there is none.
    fn until<T>(&self, wanted: &dyn Debug, attempt: impl Fn() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(answer) = attempt() {
                return answer;
            }
            if begun.elapsed() > PATIENCE {
                self.screenshot("failure");
                panic!("{wanted:?} did not come. At {}, the page says:\n{}", self.path(), self.text());
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if let Some(page) = self.page.take() {
            let _ = self.runtime.block_on(page.quit());
        }
    }
}

/// WebDriver's "Get Computed Label", which the crate has no method for.
#[derive(Debug)]
struct ComputedLabel {
    element: String,
}

impl ExtensionCommand for ComputedLabel {
    fn parameters_json(&self) -> Option<Value> {
        None
    }

    fn method(&self) -> ureq::http::Method {
        ureq::http::Method::GET
    }

    fn endpoint(&self) -> Arc<str> {
        format!("/element/{}/computedlabel", self.element).into()
    }
}
