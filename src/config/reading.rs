//! One function a setting, or a kind of setting. What may hold a password is never quoted back.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::str::FromStr;

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::kept_secret::kept_secret;
use super::smtp::SmtpServer;
use super::{ConfigError, Database, wrong};
use crate::secret::SecretKeys;

/// Looks a setting up by its name.
pub(super) type Settings<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) type Read<T> = Result<T, ConfigError>;

/// Fewest characters of a secret.
const SECRET_LENGTH: usize = 32;

pub(super) fn parsed<T: FromStr>(lookup: Settings<'_>, name: &'static str, default: &str, expected: &str) -> Read<T> {
    let text = lookup(name).unwrap_or_else(|| default.to_owned());
    text.trim().parse().map_err(|_| wrong(name, format!("{expected}, found {text:?}")))
}

pub(super) fn in_range<T>(lookup: Settings<'_>, name: &'static str, default: T, least: T, most: T) -> Read<T>
where
    T: FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let Some(text) = lookup(name) else { return Ok(default) };
    let expected = || wrong(name, format!("a number from {least} to {most}, found {text:?}"));
    let number: T = text.trim().parse().map_err(|_| expected())?;
    if number < least || number > most { Err(expected()) } else { Ok(number) }
}

pub(super) fn one_of<T: Copy>(lookup: Settings<'_>, name: &'static str, choices: &[(&str, T)]) -> Read<T> {
    let names: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let text = lookup(name).unwrap_or_else(|| names.first().copied().unwrap_or_default().to_owned());
    let found = choices.iter().find(|(word, _)| *word == text.trim()).map(|(_, value)| *value);
    found.ok_or_else(|| wrong(name, format!("{}, found {text:?}", names.join(" or "))))
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// More connections than three a core only take turns, and the slowest answers get slower.
pub(super) fn connections() -> u32 {
    u32::try_from(3 * cores()).unwrap_or(u32::MAX).clamp(4, 100)
}

pub(super) fn database(lookup: Settings<'_>) -> Read<Database> {
    match lookup("DATABASE_URL") {
        None => Ok(Database::Private),
        Some(url) if is_well_formed(url.trim()) => Ok(Database::Url(url.trim().to_owned())),
        Some(_) => Err(wrong(
            "DATABASE_URL",
            "a URL such as postgres://user:password@host:5432/database, with % and two digits for signs like @ or / in the password",
        )),
    }
}

/// Whether libpq can take a URL apart as it was meant. It quotes what it cannot, and that may be part of a password: a
/// sign like @ or / in one has to be encoded.
fn is_well_formed(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")) else { return false };
    let (authority, after) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let hosts = authority.split_once('@').map_or(authority, |(_, hosts)| hosts);
    let port_is_number = |host: &str| {
        let named = host.rsplit_once(']').map_or(host, |(_, after_address)| after_address);
        named.split_once(':').is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_code = |text: &str| text.get(..2).is_some_and(|code| code != "00" && code.bytes().all(|b| b.is_ascii_hexdigit()));
    !hosts.contains('@')
        && !after.contains('@')
        && hosts.split(',').all(port_is_number)
        && rest.split('%').skip(1).all(is_code)
        && !rest.chars().any(|c| c.is_control() || c.is_whitespace())
}

pub(super) fn public_url(lookup: Settings<'_>, bind: SocketAddr) -> Read<Url> {
    let text = lookup("PUBLIC_URL").unwrap_or_else(|| format!("http://localhost:{}", bind.port()));
    let expected =
        || wrong("PUBLIC_URL", format!("an address such as https://console.example.com without a path, found {text:?}"));
    let url = Url::parse(text.trim()).map_err(|_| expected())?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if plain && nobody && web { Ok(url) } else { Err(expected()) }
}

pub(super) fn smtp_url(lookup: Settings<'_>) -> Read<Option<SmtpServer>> {
    let server = lookup("SMTP_URL").map(|text| SmtpServer::parse(&text)).transpose();
    server.map_err(|expected| wrong("SMTP_URL", expected))
}

pub(super) fn networks(lookup: Settings<'_>) -> Read<Vec<IpNet>> {
    let text = lookup("TRUSTED_PROXIES").unwrap_or_default();
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let read = |word: &str| word.parse::<IpNet>().or_else(|_| word.parse::<IpAddr>().map(IpNet::from));
    words
        .map(|word| read(word).map_err(|_| wrong("TRUSTED_PROXIES", format!("networks such as 10.0.0.0/8, found {word:?}"))))
        .collect()
}

pub(super) fn slug(lookup: Settings<'_>, name: &'static str) -> Read<Option<String>> {
    let Some(text) = lookup(name) else { return Ok(None) };
    let slug = text.trim();
    let is_slug = slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_slug {
        Ok(Some(slug.to_owned()))
    } else {
        Err(wrong(name, format!("a slug such as acme, as in /o/acme, found {text:?}")))
    }
}

pub(super) fn log_filter(lookup: Settings<'_>) -> Read<String> {
    let text = lookup("RUST_LOG").unwrap_or_else(|| "info,actix_server=warn,actix_session=error".to_owned());
    match EnvFilter::builder().parse(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(wrong("RUST_LOG", format!("levels such as info or info,roster=debug, found {text:?}"))),
    }
}

pub(super) fn secret_keys(lookup: Settings<'_>, public_url: &Url, data_dir: &Path) -> Read<SecretKeys> {
    let long_enough = |secret: &String| secret.chars().count() >= SECRET_LENGTH;
    let previous = lookup("SECRET_KEY_PREVIOUS");
    if previous.as_ref().is_some_and(|secret| !long_enough(secret)) {
        return Err(wrong("SECRET_KEY_PREVIOUS", "the SECRET_KEY from before the rotation, at least 32 characters"));
    }
    let current = match lookup("SECRET_KEY") {
        Some(secret) if long_enough(&secret) => secret,
        Some(_) => return Err(wrong("SECRET_KEY", "at least 32 characters, for example from `openssl rand -base64 48`")),
        None if public_url.scheme() == "https" => {
            return Err(wrong("SECRET_KEY", "a secret of at least 32 characters, since PUBLIC_URL is https"));
        }
        None => kept_secret(data_dir)?,
    };
    Ok(SecretKeys::new(&current, previous.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, LogFormat};

    const SECRET: &str = "a secret that is long enough for all";

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            let fallback = (name == "SECRET_KEY").then_some(SECRET);
            settings.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).or(fallback).map(str::to_owned)
        })
    }

    /// The setting has these values and no others; a wrong one names itself and what was expected.
    fn takes(name: &'static str, right: &[&str], wrong: &[&str], expected: &str) {
        for value in right {
            assert!(read(&[(name, value)]).is_ok(), "{name}={value}");
        }
        for value in wrong {
            let error = read(&[(name, value)]).err().map(|error| error.to_string()).unwrap_or_default();
            let words = format!("{name}: expected");
            assert!(error.starts_with(&words) && error.contains(expected), "{name}={value}: {error:?}");
        }
    }

    #[test]
    fn without_settings_it_serves_on_this_machine_with_a_postgres_of_its_own() {
        let config = read(&[]).unwrap();
        assert!(matches!(config.database, Database::Private));
        assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(config.origin(), "http://localhost:8080");
        assert_eq!((config.data_dir.to_str(), config.brand.name.as_str()), (Some("var"), "Roster"));
        assert_eq!((config.pool_size, config.migrate, config.log_format), (connections(), true, LogFormat::Text));
        assert!(config.shows_mailbox());
    }

    #[test]
    fn a_blank_setting_counts_as_none() {
        assert_eq!(read(&[("BIND", "  "), ("WORKERS", "")]).unwrap().bind.port(), 8080);
    }

    #[test]
    fn every_address_is_checked() {
        takes("BIND", &["0.0.0.0:80", "[::1]:9"], &["8080", "localhost:8080", "1.2.3.4:99999"], "0.0.0.0:8080");
        let urls = ["https://a.example", "http://localhost:1/"];
        let no_urls = ["a.example", "ftp://a.example", "https://a.example/x", "https://a.example?x", "https://u:p@a.example"];
        takes("PUBLIC_URL", &urls, &no_urls, "https://console.example.com");
        takes("TRUSTED_PROXIES", &["10.0.0.0/8", "10.0.0.1, fd00::/8"], &["ten", "10.0.0.0/33"], "10.0.0.0/8");
    }

    #[test]
    fn a_database_url_is_one_that_libpq_reads_as_it_was_meant() {
        let right = [
            "postgres://u:p@h/d",
            "postgresql://u:p%40ss@h1:5432,h2:5433/d?sslmode=require",
            "postgres:///d?host=%2Frun",
            "postgres://u:p@[::1]:5432/d",
            "postgres://h",
        ];
        let wrong = [
            "mysql://h/d",
            "h/d",
            "postgres://u:p@ss@h/d",
            "postgres://u:p/ss@h/d",
            "postgres://u:p%zz@h/d",
            "postgres://u:pass",
        ];
        takes("DATABASE_URL", &right, &wrong, "postgres://user:password@host");
    }

    #[test]
    fn mail_settings_are_checked() {
        let right = ["smtp://localhost:25?tls=none", "smtps://u:p@mail.example.com"];
        takes("SMTP_URL", &right, &["mail.example.com", "http://mail.example.com", "smtp://"], "smtps://user:password@host");
        takes("MAIL_FROM", &["a@example.com", "Roster <a@example.com>"], &["roster", "a@b@c"], "Roster <roster@example.com>");
    }

    #[test]
    fn numbers_have_their_ranges_and_switches_their_words() {
        takes("WORKERS", &["1", "256"], &["0", "257", "two", "-1"], "a number from 1 to 256");
        takes("POOL_SIZE", &["2", "100"], &["1", "101", "8.5"], "a number from 2 to 100");
        takes("MIGRATE", &["on", "off"], &["yes", "ON"], "on or off");
        takes("LOG_FORMAT", &["text", "json"], &["xml"], "text or json");
        takes("RUST_LOG", &["debug", "info,roster=trace"], &["roster=loud", "a=b=c"], "info,roster=debug");
        takes("OPERATOR_ORGANIZATION", &["acme", "acme-2"], &["Acme", "/o/acme"], "a slug such as acme");
        let long = "x".repeat(41);
        takes("BRAND_NAME", &["Apex"], &[long.as_str(), "a\nb"], "at most 40 characters");
    }

    #[test]
    fn secrets_are_long_and_https_needs_one() {
        takes("SECRET_KEY", &[SECRET], &["short"], "at least 32 characters");
        takes("SECRET_KEY_PREVIOUS", &[SECRET], &["short"], "at least 32 characters");
        let https = Config::read(|name| (name == "PUBLIC_URL").then(|| "https://console.example.com".to_owned()));
        assert!(https.unwrap_err().to_string().starts_with("SECRET_KEY: expected"));
    }

    #[test]
    fn what_may_hold_a_secret_is_never_quoted() {
        let wrong = [
            ("DATABASE_URL", "postgres://u:hunter2/x@h/d"),
            ("SMTP_URL", "http://u:hunter2@h"),
            ("SECRET_KEY", "hunter2"),
            ("SECRET_KEY_PREVIOUS", "hunter2"),
        ];
        for (name, value) in wrong {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(name) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_list_of_settings_is_that_of_the_fields() {
        let wrong_everywhere: Vec<&str> = crate::config::SETTINGS.iter().map(|(name, ..)| *name).collect();
        for name in wrong_everywhere.iter().filter(|name| !matches!(**name, "DATA_DIR" | "PG_BIN")) {
            let error = read(&[(name, "\u{1}")]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}: expected")), "{error}");
        }
    }
}
