//! The settings, read once from the environment. A wrong one stops the start with its name and what was expected;
//! nothing is half-configured.

mod brand;
mod kept_secret;
mod plans;
mod product_permissions;
mod reading;
mod smtp;
mod stripe;
mod toml_file;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;
use lettre::message::Mailbox;
use url::Url;

use crate::secret::SecretKeys;
use reading::{Settings, in_range, one_of, parsed};

pub use brand::{Accent, Brand, Logo};
pub use plans::{Cycle, Feature, Included, Issuer, Item, Module, Plan, Plans, Price, VatRate};
pub use product_permissions::{
    MOST as MOST_PRODUCT_PERMISSIONS, Opener, ProductGroup, ProductPermission, ProductPermissions, STARTERS,
};
pub use smtp::{MailPace, SmtpSecurity, SmtpServer};
pub use stripe::StripeSettings;

/// A setting as `--help` and the README list it: name, default, meaning.
pub const SETTINGS: &[(&str, &str, &str)] = &[
    ("DATABASE_URL", "a private Postgres in DATA_DIR", "Postgres to use. Its role must not bypass row-level security."),
    ("BIND", "127.0.0.1:8080", "Address and port to serve on."),
    ("PUBLIC_URL", "http://localhost:<port of BIND>", "How browsers reach the console; makes every link."),
    ("DATA_DIR", "var", "Where the private Postgres and a generated secret live."),
    ("SECRET_KEY", "generated in DATA_DIR", "At least 32 characters; signs cookies and links. Required under https."),
    ("SECRET_KEY_PREVIOUS", "", "The secret before a rotation: links signed with it go on working."),
    (
        "SMTP_URL",
        "",
        "smtps://user:password@host, or smtp://host?tls=required|opportunistic|none. Without it mail waits in /mailbox.",
    ),
    ("MAIL_FROM", "Roster <roster@localhost>", "Sender of every mail."),
    ("TRUSTED_PROXIES", "", "Networks (CIDR, commas) whose X-Forwarded-For names the client."),
    ("WORKERS", "number of cores", "Threads that serve requests."),
    ("POOL_SIZE", "three a core", "Connections to Postgres, 2 to 100."),
    ("MIGRATE", "on", "off: serve does not migrate; run `roster migrate` apart."),
    ("RUST_LOG", "info,actix_server=warn,actix_session=error", "What is logged, for example info,roster=debug."),
    ("LOG_FORMAT", "text", "text or json."),
    ("BRAND_NAME", "Roster", "The product's name on every page and mail."),
    ("BRAND_ACCENT", "#4a4fd0", "The colour of buttons and links; pages bend it until words on it are readable."),
    ("BRAND_LOGO", "Roster's icon", "File with a square picture beside the name: SVG, PNG or WebP, 256 KB at most."),
    ("PERMISSIONS_FILE", "", "TOML file with the permissions of your product, which roles grant beside the console's own."),
    ("PLANS_FILE", "plans in the binary", "TOML file with the plans that organizations subscribe to, and who invoices them."),
    (
        "OPERATOR_ORGANIZATION",
        "",
        "Slug of your own organization, which must be there already: its keys may verify keys of all organizations.",
    ),
    ("STRIPE_SECRET_KEY", "", "Secret key of Stripe (sk_… or rk_…). With it organizations pay by Stripe, without it by invoice."),
    (
        "STRIPE_WEBHOOK_SECRET",
        "",
        "Secret of the webhook (whsec_…) that Stripe calls at /api/stripe/events; without it there is no such address.",
    ),
    ("STRIPE_API_BASE", "https://api.stripe.com", "Where Stripe's API is; for tests."),
    ("PG_BIN", "searched", "Folder of initdb and postgres, for the private Postgres."),
];

/// A setting that stops the start.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {expected}")]
pub struct ConfigError {
    pub name: &'static str,
    pub expected: String,
}

/// Where the rows are kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// A cluster of our own below the data directory.
    Private,
    Url(String),
}

/// Cost of a password hash. Tests take a tiny one.
#[derive(Clone, Copy, Debug)]
pub struct HashingCost {
    pub memory_kib: u32,
    pub iterations: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    pub database: Database,
    pub bind: SocketAddr,
    /// Origin of every link, without a trailing slash.
    pub public_url: Url,
    pub data_dir: PathBuf,
    pub secret_keys: SecretKeys,
    pub smtp_url: Option<SmtpServer>,
    pub mail_pace: MailPace,
    pub mail_from: Mailbox,
    pub trusted_proxies: Vec<IpNet>,
    pub workers: usize,
    pub pool_size: u32,
    pub migrate: bool,
    /// What is logged, in the words of RUST_LOG.
    pub log_filter: String,
    pub log_format: LogFormat,
    pub brand: Brand,
    /// What the product behind the console lets people do.
    pub product_permissions: Arc<ProductPermissions>,
    /// What organizations may subscribe to.
    pub plans: Arc<Plans>,
    /// How organizations pay by Stripe; by invoice without it.
    pub stripe: Option<StripeSettings>,
    /// Slug of the organization whose keys may verify keys of all.
    pub operator_organization: Option<String>,
    pub pg_bin: Option<PathBuf>,
    pub hashing: HashingCost,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// As `read`; a setting that is not UTF-8 is malformed too.
    pub fn from_environment() -> Result<Config, ConfigError> {
        for (name, ..) in SETTINGS {
            if std::env::var_os(name).is_some_and(|value| value.into_string().is_err()) {
                return Err(wrong(name, "text in UTF-8"));
            }
        }
        Config::read(|name| std::env::var(name).ok())
    }

    /// Reads settings from `lookup`; a blank one counts as not set.
    ///
    /// # Errors
    /// The first setting that is missing or malformed.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let lookup: Settings<'_> = &|name| lookup(name).filter(|value| !value.trim().is_empty());
        let bind: SocketAddr = parsed(lookup, "BIND", "127.0.0.1:8080", "an address and port such as 0.0.0.0:8080")?;
        let public_url = reading::public_url(lookup, bind)?;
        let data_dir = PathBuf::from(lookup("DATA_DIR").unwrap_or_else(|| "var".to_owned()));
        let plans = Arc::new(plans::plans(lookup)?);
        Ok(Config {
            database: reading::database(lookup)?,
            bind,
            smtp_url: reading::smtp_url(lookup)?,
            mail_pace: MailPace::default(),
            mail_from: parsed(lookup, "MAIL_FROM", "Roster <roster@localhost>", "a sender such as Roster <roster@example.com>")?,
            trusted_proxies: reading::networks(lookup)?,
            workers: in_range(lookup, "WORKERS", reading::cores(), 1, 256)?,
            pool_size: in_range(lookup, "POOL_SIZE", reading::connections(), 2, 100)?,
            migrate: one_of(lookup, "MIGRATE", &[("on", true), ("off", false)])?,
            log_filter: reading::log_filter(lookup)?,
            log_format: one_of(lookup, "LOG_FORMAT", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            brand: brand::brand(lookup)?,
            product_permissions: Arc::new(plans::product_permissions(lookup, &plans)?),
            plans,
            stripe: stripe::stripe(lookup)?,
            operator_organization: reading::slug(lookup, "OPERATOR_ORGANIZATION")?,
            pg_bin: lookup("PG_BIN").map(PathBuf::from),
            hashing: HashingCost { memory_kib: 19_456, iterations: 2 },
            // Last, as it may write a file: nothing else is wrong by then.
            secret_keys: reading::secret_keys(lookup, &public_url, &data_dir)?,
            public_url,
            data_dir,
        })
    }

    /// Whether browsers reach the console under https.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// An absolute link to a path of the console.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Scheme, host and port as browsers send them in Origin.
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// Whether the waiting mails may be read at /mailbox: a machine of a developer's own, with no SMTP set.
    pub fn shows_mailbox(&self) -> bool {
        self.smtp_url.is_none() && !self.is_https() && self.bind.ip().is_loopback()
    }
}

fn wrong(name: &'static str, expected: impl Into<String>) -> ConfigError {
    ConfigError { name, expected: format!("expected {}", expected.into()) }
}
