//! What the tests share.
//!
//! ```ignore
//! let console = Console::start();
//! let acme = console.organization("Acme", "Ann Owner");            // Ann is its Owner
//! let bob = acme.member("Bob Smith", Starter::Manager);            // bob@example.com
//! let browser = console.signed_in(&bob);
//! let page = browser.open("/o/acme/members");                      // follows redirects
//! let page = browser.submit(&page, "Send invitation", &[("Email addresses", "dana@example.com")]);
//! console.travel(TimeDelta::days(15));
//! ```

mod bad_input;
mod binary;
mod browser;
mod cluster;
mod console;
mod explain;
mod keys;
mod mailbox;
mod page;
mod process;
mod smtp;
mod stalled;
pub mod stripe;
mod world;

#[expect(unused_imports, reason = "each test file takes what it needs")]
pub use {
    bad_input::form_bears_bad_input,
    binary::{Binary, Folder, command},
    browser::{Browser, Reply},
    cluster::{Database, superuser},
    console::{Console, Node, config},
    explain::{Explain, rows_read},
    keys::{Client, Wanted, unknown_key},
    mailbox::Mail,
    page::{FilledForm, Page},
    process::Process,
    smtp::{Arrived, Certificate, Script, SmtpServer, Stage, eventually},
    stalled::stalled,
    world::{Organization, PASSWORD, Person, run},
};
