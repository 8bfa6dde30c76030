//! The mail server out of `SMTP_URL`, and how mail goes to it. The way to it is encrypted unless the URL itself says otherwise.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte: `smtps://`.
    Wrapped,
    /// STARTTLS or nothing: `smtp://`, the default.
    Required,
    /// STARTTLS where the server offers it: `?tls=opportunistic`, never with a password.
    Opportunistic,
    /// In clear, for a server on the same machine: `?tls=none`.
    Clear,
}

/// A mail server and how to talk to it.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub security: SmtpSecurity,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

/// How the mail worker goes about it. Tests take shorter times.
#[derive(Clone, Copy, Debug)]
pub struct MailPace {
    /// Between two looks into the outbox.
    pub poll: Duration,
    /// For one mail, from connecting to the server's last word.
    pub send_timeout: Duration,
    /// Mails on their way at the same time.
    pub at_once: usize,
    /// For mails on their way when the server stops; then their leases are given back.
    pub last_mails: Duration,
}

impl Default for MailPace {
    fn default() -> MailPace {
        MailPace {
            poll: Duration::from_secs(1),
            send_timeout: Duration::from_secs(60),
            at_once: 4,
            last_mails: Duration::from_secs(10),
        }
    }
}

impl std::fmt::Debug for SmtpServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SmtpServer({}:{}, {:?})", self.host, self.port, self.security)
    }
}

impl SmtpServer {
    /// # Errors
    /// What was expected. The URL is not quoted: it may hold a password.
    pub fn parse(text: &str) -> Result<SmtpServer, &'static str> {
        const SHAPE: &str = "smtps://user:password@host:465 or smtp://user:password@host:587?tls=required";
        let url = Url::parse(text.trim()).map_err(|_| SHAPE)?;
        let host = match Url::parse(&text.trim().replacen("smtp", "http", 1)).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(SHAPE),
        };
        let is_smtp = matches!(url.scheme(), "smtp" | "smtps");
        if !is_smtp || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SHAPE);
        }
        let security = security(&url)?;
        let port = url.port().unwrap_or(match security {
            SmtpSecurity::Wrapped => 465,
            SmtpSecurity::Required | SmtpSecurity::Opportunistic => 587,
            SmtpSecurity::Clear => 25,
        });
        let credentials = credentials(&url)?;
        if security == SmtpSecurity::Opportunistic && credentials.is_some() {
            return Err("no password with tls=opportunistic, which may send it in clear; take tls=required");
        }
        Ok(SmtpServer { host, port, security, credentials })
    }
}

fn security(url: &Url) -> Result<SmtpSecurity, &'static str> {
    const CHOICES: &str =
        "only ?tls=required, ?tls=opportunistic or ?tls=none behind smtp://host, and nothing behind smtps://host";
    let settings: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    match (url.scheme(), settings.as_slice()) {
        ("smtps", []) => Ok(SmtpSecurity::Wrapped),
        ("smtp", [] | [("tls", "required")]) => Ok(SmtpSecurity::Required),
        ("smtp", [("tls", "opportunistic")]) => Ok(SmtpSecurity::Opportunistic),
        ("smtp", [("tls", "none")]) => Ok(SmtpSecurity::Clear),
        _ => Err(CHOICES),
    }
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, &'static str> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) => match (decoded(user), decoded(password)) {
            (Ok(user), Ok(password)) => Ok(Some((user, password))),
            _ => Err("user and password in UTF-8, percent-encoded"),
        },
        _ => Err("user and password together, as in smtps://user:password@host"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, port: u16, security: SmtpSecurity) -> SmtpServer {
        SmtpServer { host: host.to_owned(), port, security, credentials: None }
    }

    #[test]
    fn the_way_is_encrypted_unless_the_url_says_otherwise() {
        use SmtpSecurity::*;
        assert_eq!(SmtpServer::parse("smtps://mail.example.com"), Ok(server("mail.example.com", 465, Wrapped)));
        assert_eq!(SmtpServer::parse("smtp://mail.example.com"), Ok(server("mail.example.com", 587, Required)));
        assert_eq!(
            SmtpServer::parse("smtp://mail.example.com:2525?tls=required"),
            Ok(server("mail.example.com", 2525, Required))
        );
        assert_eq!(SmtpServer::parse("smtp://[::1]:25?tls=none"), Ok(server("::1", 25, Clear)));
        assert_eq!(SmtpServer::parse("smtp://127.0.0.1?tls=opportunistic"), Ok(server("127.0.0.1", 587, Opportunistic)));
    }

    #[test]
    fn what_could_be_misread_stops_the_start() {
        for wrong in [
            "",
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://mail.example.com?tls=maybe",
            "smtp://mail.example.com?tls=none&tls=required",
            "smtp://mail.example.com?ssl=1",
            "smtps://mail.example.com?tls=none",
            "smtp://mail.example.com/path",
            "smtp://user@mail.example.com",
            "smtp://user:password@mail.example.com?tls=opportunistic",
        ] {
            assert!(SmtpServer::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_may_hold_any_character_and_is_never_printed() {
        let parsed = SmtpServer::parse("smtps://a%40b:p%2F%3A%25%20w+%C3%BC@mail.example.com").unwrap();
        assert_eq!(parsed.credentials, Some(("a@b".to_owned(), "p/:% w+ü".to_owned())));
        assert!(!format!("{parsed:?}").contains("p/"));
    }
}
