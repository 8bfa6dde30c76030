//! One leased mail from the outbox to the server and its outcome into the row, with the story of its invitation.

use std::time::Duration;

use rand::RngExt;

use super::compose::compose;
use super::queries::{self, Leased, Settlement};
use super::render::{Rendered, render};
use super::smtp::{self, Parcel, Trouble};
use super::{Message, retry};
use crate::clock::Moment;
use crate::config::SmtpServer;
use crate::db::Scope;
use crate::error::{AppError, Result};
use crate::web::{Console, metrics};

/// Tries to write an outcome down: a mail that was taken and not marked would be sent again.
const SETTLE_TRIES: u32 = 20;

/// What one mail tells about the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lesson {
    /// It works.
    Works,
    /// Nothing: the mail never got there.
    None,
    /// It is away; the queue rests.
    Away(String),
    /// It does not let us send; the queue rests until somebody mends the settings.
    Misconfigured(String),
}

/// What is to be written into the row.
enum Outcome {
    Sent,
    Dropped(&'static str),
    Failed(String),
    Delayed {
        reason: String,
        greylisted: bool,
    },
    /// Not the mail's fault.
    Waits {
        reason: String,
    },
}

/// Sends one mail, if it is still wanted, and writes down what became of it.
pub(super) async fn deliver(console: &Console, server: &SmtpServer, leased: &Leased) -> Lesson {
    let (outcome, lesson) = match attempt(console, server, leased).await {
        Ok(done) => done,
        // Without the database there is nothing to write to either: the lease runs out and the mail is tried again.
        Err(error) => {
            tracing::warn!(mail = %leased.row.id, %error, "a mail could not be prepared");
            return Lesson::None;
        }
    };
    write_down(console, leased, &outcome).await;
    lesson
}

async fn attempt(console: &Console, server: &SmtpServer, leased: &Leased) -> Result<(Outcome, Lesson)> {
    let letter = match render(&console.db, &console.config, &leased.row).await? {
        Rendered { letter: Some(letter), unwanted: None } => letter,
        Rendered { unwanted, .. } => {
            return Ok((Outcome::Dropped(unwanted.unwrap_or("What it tells of is gone.")), Lesson::None));
        }
    };
    let message = match compose(&console.config, &leased.row, &letter, console.db.now()) {
        Ok(message) => message,
        Err(reason) => return Ok((Outcome::Failed(reason), Lesson::None)),
    };
    let Ok(recipient) = leased.row.recipient.parse() else {
        return Ok((Outcome::Failed("The address cannot be written to.".to_owned()), Lesson::None));
    };
    let parcel = Parcel { sender: console.config.mail_from.email.clone(), recipient, message };
    let limit = console.config.mail_pace.send_timeout;
    Ok(match smtp::send(server, &parcel, limit).await {
        Ok(()) => (Outcome::Sent, Lesson::Works),
        Err(Trouble::Later { reason, greylisted }) => (Outcome::Delayed { reason, greylisted }, Lesson::Works),
        Err(Trouble::Never { reason }) => (Outcome::Failed(reason), Lesson::Works),
        Err(Trouble::Away { reason }) => (Outcome::Waits { reason: reason.clone() }, Lesson::Away(reason)),
        Err(Trouble::Misconfigured { reason }) => (Outcome::Waits { reason: reason.clone() }, Lesson::Misconfigured(reason)),
    })
}

async fn write_down(console: &Console, leased: &Leased, outcome: &Outcome) {
    let now = console.db.now();
    let (settlement, event) = settlement(leased, outcome, now, rand::rng().random_range(0.0..1.0));
    for _ in 0..SETTLE_TRIES {
        match settle(console, leased, &settlement, event, now).await {
            Ok(true) => return count(leased, event),
            Ok(false) => return tracing::warn!(mail = %leased.row.id, "the lease of a mail ran out before its outcome was known"),
            Err(error) => tracing::warn!(mail = %leased.row.id, %error, "the outcome of a mail could not be written yet"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// The recipient's address may stand in the server's words, so those stay out of the log.
fn count(leased: &Leased, event: &'static str) {
    tracing::info!(mail = %leased.row.id, outcome = event, "mail");
    metrics::count_mail(event);
}

/// The row after an outcome, and the outcome in one word.
fn settlement(leased: &Leased, outcome: &Outcome, now: Moment, jitter: f64) -> (Settlement, &'static str) {
    let ended = Settlement {
        next_attempt_at: None,
        attempts: leased.refusals,
        locked_until: None,
        sent_at: None,
        failed_at: None,
        dropped_at: None,
        trouble: String::new(),
    };
    match outcome {
        Outcome::Sent => (Settlement { sent_at: Some(now), ..ended }, "sent"),
        Outcome::Dropped(reason) => (Settlement { dropped_at: Some(now), trouble: (*reason).to_owned(), ..ended }, "dropped"),
        Outcome::Failed(reason) => (Settlement { failed_at: Some(now), trouble: reason.clone(), ..ended }, "failed"),
        Outcome::Delayed { reason, greylisted } => {
            let attempts = leased.refusals + 1;
            match retry::wait_after(attempts, *greylisted, jitter) {
                Some(wait) => {
                    let next_attempt_at = Some(now + wait);
                    (Settlement { next_attempt_at, attempts, trouble: reason.clone(), ..ended }, "delayed")
                }
                None => {
                    let trouble = format!("Given up after a day of trying. The mail server said last: {reason}");
                    (Settlement { failed_at: Some(now), attempts, trouble, ..ended }, "failed")
                }
            }
        }
        // Behind the others that are due, so that a mail which upsets the server lets them pass; and not before the queue has
        // begun its rest, which it hears of later than this row.
        Outcome::Waits { reason } => {
            let next_attempt_at = Some(now + retry::rest_after(1, 0.0));
            (Settlement { next_attempt_at, trouble: reason.clone(), ..ended }, "delayed")
        }
    }
}

async fn settle(console: &Console, leased: &Leased, settlement: &Settlement, event: &'static str, now: Moment) -> Result<bool> {
    let (leased, settlement) = (leased.clone(), settlement.clone());
    let invitation = match leased.row.message {
        Message::Invitation { organization_id, invitation_id, .. } => Some((organization_id, invitation_id)),
        _ => None,
    };
    let scope = invitation.map_or(Scope::Nobody, |(organization_id, _)| Scope::Organization(organization_id));
    let work = console.db.write(scope, move |connection| {
        if !queries::settle(connection, &leased, &settlement)? {
            return Ok::<bool, AppError>(false);
        }
        // What became of the mail stands in its row. Delays on the way are remembered by the story alone; the same one
        // again is no news.
        let is_news = event == "delayed" && leased.row.progress.trouble != settlement.trouble;
        if let Some(invitation) = invitation.filter(|_| is_news) {
            queries::tell_delay(connection, invitation, now, &settlement.trouble)?;
        }
        Ok(true)
    });
    work.await
}
