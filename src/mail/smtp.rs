//! One mail to the mail server, and what its answer means. The steps are taken one by one, since the same answer means
//! different things at different steps: a 5xx to our password is a fault of the settings, to a recipient one of the mail.

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};

use crate::config::{SmtpSecurity, SmtpServer};

/// Why a server did not take a mail, in words for the admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// This mail not now. `greylisted` if the server may want to see that we come back, but not before five minutes.
    Later { reason: String, greylisted: bool },
    /// This mail never.
    Never { reason: String },
    /// The server cannot be reached or works on nothing right now; says nothing about the mail.
    Away { reason: String },
    /// The server does not let this console send: somebody must mend the settings.
    Misconfigured { reason: String },
}

/// An envelope and what is in it.
pub(super) struct Parcel {
    pub sender: Address,
    pub recipient: Address,
    pub message: Message,
}

/// Hands a mail to the server.
///
/// # Errors
/// What stood in the way.
pub(super) async fn send(server: &SmtpServer, parcel: &Parcel, limit: Duration) -> Result<(), Trouble> {
    let mut attempt = Attempt { connection: None, in_data: false };
    let outcome = match tokio::time::timeout(limit, attempt.run(server, parcel)).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let reason = format!("{} did not answer within {} seconds.", server.host, limit.as_secs().max(1));
            // Once the mail itself is under way the server may have it: the next try must not come at once.
            Err(if attempt.in_data { Trouble::Later { reason, greylisted: false } } else { Trouble::Away { reason } })
        }
    };
    attempt.take_leave();
    outcome
}

struct Attempt {
    connection: Option<AsyncSmtpConnection>,
    /// Whether the mail itself is under way.
    in_data: bool,
}

impl Attempt {
    async fn run(&mut self, server: &SmtpServer, parcel: &Parcel) -> Result<(), Trouble> {
        let connection = self.connection.insert(connect(server).await?);
        authenticate(connection, server).await?;
        connection.command(Mail::new(Some(parcel.sender.clone()), Vec::new())).await.map_err(|error| of_server(&error))?;
        connection.command(Rcpt::new(parcel.recipient.clone(), Vec::new())).await.map_err(|error| of_mail(&error, false))?;
        connection.command(Data).await.map_err(|error| of_mail(&error, false))?;
        self.in_data = true;
        connection.message(&parcel.message.formatted()).await.map_err(|error| of_mail(&error, true))?;
        Ok(())
    }

    /// Says QUIT without making anybody wait for the answer.
    fn take_leave(self) {
        if let Some(mut connection) = self.connection {
            tokio::spawn(async move { tokio::time::timeout(Duration::from_secs(5), connection.abort()).await });
        }
    }
}

async fn connect(server: &SmtpServer) -> Result<AsyncSmtpConnection, Trouble> {
    let hello = ClientId::default();
    let tls = || TlsParameters::new(server.host.clone()).map_err(|error| away(&error));
    let wrapped = if server.security == SmtpSecurity::Wrapped { Some(tls()?) } else { None };
    let place = (server.host.as_str(), server.port);
    let connected = AsyncSmtpConnection::connect_tokio1(place, None, &hello, wrapped, None).await;
    let mut connection = connected.map_err(|error| away(&error))?;
    let wants_tls = matches!(server.security, SmtpSecurity::Required | SmtpSecurity::Opportunistic);
    if wants_tls && connection.can_starttls() {
        connection.starttls(tls()?, &hello).await.map_err(|error| away(&error))?;
    } else if server.security == SmtpSecurity::Required {
        let reason = format!("{} does not offer STARTTLS, and SMTP_URL demands it.", server.host);
        return Err(Trouble::Misconfigured { reason });
    }
    Ok(connection)
}

async fn authenticate(connection: &mut AsyncSmtpConnection, server: &SmtpServer) -> Result<(), Trouble> {
    let Some((user, password)) = &server.credentials else { return Ok(()) };
    let credentials = Credentials::new(user.clone(), password.clone());
    connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(|error| of_server(&error))?;
    Ok(())
}

fn away(error: &Error) -> Trouble {
    Trouble::Away { reason: words(error) }
}

/// An answer that concerns our standing with the server: greeting, password, sender.
fn of_server(error: &Error) -> Trouble {
    let reason = words(error);
    if error.is_permanent() || error.is_client() { Trouble::Misconfigured { reason } } else { Trouble::Away { reason } }
}

/// An answer that concerns this mail: its recipient or its content.
fn of_mail(error: &Error, in_data: bool) -> Trouble {
    let reason = words(error);
    match error.status().map(u16::from) {
        // Authentication required, or too weak: asked for this late by some servers.
        Some(530 | 534 | 535 | 538) => Trouble::Misconfigured { reason },
        Some(code) if code >= 500 => Trouble::Never { reason },
        Some(code) => Trouble::Later { reason, greylisted: matches!(code, 450 | 451) },
        // Cut off in the middle or after the end: whether the mail arrived cannot be told.
        None if in_data => Trouble::Later { reason, greylisted: false },
        None => Trouble::Away { reason },
    }
}

/// `550 5.1.1 No such mailbox`, or what went wrong on the way, in one line.
fn words(error: &Error) -> String {
    const LONGEST: usize = 300;
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let text = match error.status() {
        Some(code) => format!("{code} {cause}"),
        None if cause.is_empty() => error.to_string(),
        None => format!("{error}."),
    };
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}
