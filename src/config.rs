//! The settings, read once from the environment. A wrong one stops the start with its name and what was expected;
//! nothing is half-configured.

mod smtp;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use lettre::message::Mailbox;
use url::Url;

use crate::secret::{self, SecretKeys};

pub use smtp::{MailPace, SmtpSecurity, SmtpServer};

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
    ("POOL_SIZE", "8", "Connections to Postgres, 2 to 100."),
    ("MIGRATE", "on", "off: serve does not migrate; run `roster migrate` apart."),
    ("RUST_LOG", "info", "What is logged, for example info,roster=debug."),
    ("LOG_FORMAT", "text", "text or json."),
    ("BRAND_NAME", "Roster", "The product's name on every page and mail."),
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
    pub log_format: LogFormat,
    pub brand_name: String,
    pub pg_bin: Option<PathBuf>,
    pub hashing: HashingCost,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_environment() -> Result<Config, ConfigError> {
        Config::read(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
    }

    /// Reads settings from `lookup`.
    ///
    /// # Errors
    /// The first setting that is missing or malformed.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let bind: SocketAddr = parsed(&lookup, "BIND", "127.0.0.1:8080", "an address and port such as 0.0.0.0:8080")?;
        let public_url = public_url(&lookup, bind)?;
        let data_dir = PathBuf::from(lookup("DATA_DIR").unwrap_or_else(|| "var".to_owned()));
        let smtp_url = lookup("SMTP_URL").map(|url| SmtpServer::parse(&url)).transpose();
        Ok(Config {
            database: database(&lookup)?,
            bind,
            secret_keys: secret_keys(&lookup, &public_url, &data_dir)?,
            public_url,
            data_dir,
            smtp_url: smtp_url.map_err(|expected| wrong("SMTP_URL", expected))?,
            mail_pace: MailPace::default(),
            mail_from: parsed(&lookup, "MAIL_FROM", "Roster <roster@localhost>", "a sender such as Roster <roster@example.com>")?,
            trusted_proxies: networks(&lookup)?,
            workers: in_range(&lookup, "WORKERS", cores(), 1, 256)?,
            pool_size: in_range(&lookup, "POOL_SIZE", 8, 2, 100)?,
            migrate: one_of(&lookup, "MIGRATE", &[("on", true), ("off", false)])?,
            log_format: one_of(&lookup, "LOG_FORMAT", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            brand_name: lookup("BRAND_NAME").unwrap_or_else(|| "Roster".to_owned()),
            pg_bin: lookup("PG_BIN").map(PathBuf::from),
            hashing: HashingCost { memory_kib: 19_456, iterations: 2 },
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

type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

fn wrong(name: &'static str, expected: impl Into<String>) -> ConfigError {
    ConfigError { name, expected: format!("expected {}", expected.into()) }
}

fn parsed<T: std::str::FromStr>(lookup: Lookup<'_>, name: &'static str, default: &str, expected: &str) -> Result<T, ConfigError> {
    let text = lookup(name).unwrap_or_else(|| default.to_owned());
    text.trim().parse().map_err(|_| wrong(name, format!("{expected}, found {text:?}")))
}

fn in_range<T>(lookup: Lookup<'_>, name: &'static str, default: T, least: T, most: T) -> Result<T, ConfigError>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let Some(text) = lookup(name) else { return Ok(default) };
    let expected = || wrong(name, format!("a number from {least} to {most}, found {text:?}"));
    let number: T = text.trim().parse().map_err(|_| expected())?;
    if number < least || number > most { Err(expected()) } else { Ok(number) }
}

fn one_of<T: Copy>(lookup: Lookup<'_>, name: &'static str, choices: &[(&str, T)]) -> Result<T, ConfigError> {
    let names: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let text = lookup(name).unwrap_or_else(|| names.first().copied().unwrap_or_default().to_owned());
    let found = choices.iter().find(|(word, _)| *word == text.trim()).map(|(_, value)| *value);
    found.ok_or_else(|| wrong(name, format!("{}, found {text:?}", names.join(" or "))))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn database(lookup: Lookup<'_>) -> Result<Database, ConfigError> {
    match lookup("DATABASE_URL") {
        None => Ok(Database::Private),
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Database::Url(url)),
        // The value is not quoted: it may hold a password.
        Some(_) => Err(wrong("DATABASE_URL", "a URL that starts with postgres://")),
    }
}

fn public_url(lookup: Lookup<'_>, bind: SocketAddr) -> Result<Url, ConfigError> {
    let text = lookup("PUBLIC_URL").unwrap_or_else(|| format!("http://localhost:{}", bind.port()));
    let expected =
        || wrong("PUBLIC_URL", format!("an address such as https://console.example.com without a path, found {text:?}"));
    let url = Url::parse(text.trim()).map_err(|_| expected())?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if plain && web { Ok(url) } else { Err(expected()) }
}

fn networks(lookup: Lookup<'_>) -> Result<Vec<IpNet>, ConfigError> {
    let text = lookup("TRUSTED_PROXIES").unwrap_or_default();
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let read = |word: &str| word.parse::<IpNet>().or_else(|_| word.parse::<std::net::IpAddr>().map(IpNet::from));
    words
        .map(|word| read(word).map_err(|_| wrong("TRUSTED_PROXIES", format!("networks such as 10.0.0.0/8, found {word:?}"))))
        .collect()
}

fn secret_keys(lookup: Lookup<'_>, public_url: &Url, data_dir: &std::path::Path) -> Result<SecretKeys, ConfigError> {
    let previous = lookup("SECRET_KEY_PREVIOUS");
    let current = match lookup("SECRET_KEY") {
        Some(secret) if secret.chars().count() >= 32 => secret,
        Some(_) => return Err(wrong("SECRET_KEY", "at least 32 characters, for example from `openssl rand -base64 48`")),
        None if public_url.scheme() == "https" => {
            return Err(wrong("SECRET_KEY", "a secret of at least 32 characters, since PUBLIC_URL is https"));
        }
        None => kept_secret(data_dir)?,
    };
    Ok(SecretKeys::new(&current, previous.as_deref()))
}

/// The development secret in the data directory, made on the first start and readable by its owner only.
fn kept_secret(data_dir: &std::path::Path) -> Result<String, ConfigError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = data_dir.join("secret_key");
    let failed = |error: std::io::Error| wrong("DATA_DIR", format!("a folder that can be written ({}: {error})", path.display()));
    if let Ok(secret) = std::fs::read_to_string(&path) {
        return Ok(secret);
    }
    std::fs::create_dir_all(data_dir).map_err(failed)?;
    let secret = secret::encode(&secret::random_bytes::<48>());
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match opened {
        Ok(mut file) => file.write_all(secret.as_bytes()).map(|()| secret).map_err(failed),
        // Another start was faster: its secret counts.
        Err(_) => std::fs::read_to_string(&path).map_err(failed),
    }
}
