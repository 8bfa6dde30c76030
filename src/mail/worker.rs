//! The worker of one server: takes what is due out of the outbox and sends it, a few at a time. Several servers on one
//! database share the work by leases; one that dies loses nothing, since its leases run out.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use rand::RngExt;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

use super::deliver::{Lesson, deliver};
use super::queries::{self, Leased};
use super::retry;
use crate::clock::Moment;
use crate::config::SmtpServer;
use crate::db::Scope;
use crate::error::{AppError, Result};
use crate::web::Console;

/// What a lease adds to the longest time of sending, for reading and writing the rows.
const LEASE_MARGIN: TimeDelta = TimeDelta::seconds(30);

/// A running worker. Stops when dropped, leaving its leases to run out; `stop` gives them back.
pub struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts it where a mail server is configured. Inside a Tokio runtime.
    pub fn start(console: Arc<Console>) -> Option<Worker> {
        let server = console.config.smtp_url.clone()?;
        let (stop, stopped) = watch::channel(false);
        let outbox = Outbox { console, server, sending: JoinSet::new(), leases: HashMap::new(), rest: Rest::default() };
        Some(Worker { stop, task: tokio::spawn(outbox.run(stopped)) })
    }

    /// Lets mails under way finish, for a few seconds, and gives back the leases of the rest.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// The rest of the queue while the server is away or the settings are wrong.
#[derive(Debug, Default)]
struct Rest {
    until: Option<Moment>,
    /// Troubles in a row.
    troubles: u32,
}

impl Rest {
    fn is_over(&self, now: Moment) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    /// After trouble a single mail feels the way ahead.
    fn at_once(&self, usual: usize) -> usize {
        if self.troubles > 0 { 1 } else { usual }
    }

    fn learn(&mut self, lesson: Lesson, now: Moment, jitter: f64) {
        match lesson {
            Lesson::Works => *self = Rest::default(),
            Lesson::None => {}
            // Mails that were under way together make one trouble.
            Lesson::Away(_) | Lesson::Misconfigured(_) if !self.is_over(now) => {}
            Lesson::Away(reason) => {
                self.begin(now, jitter);
                tracing::warn!(%reason, "the mail server is away: mail waits");
            }
            Lesson::Misconfigured(reason) => {
                self.begin(now, jitter);
                tracing::error!(%reason, "the mail server does not let us send: mail waits until SMTP_URL or MAIL_FROM is mended");
            }
        }
    }

    fn begin(&mut self, now: Moment, jitter: f64) {
        self.troubles = self.troubles.saturating_add(1);
        self.until = Some(now + retry::rest_after(self.troubles, jitter));
    }
}

struct Outbox {
    console: Arc<Console>,
    server: SmtpServer,
    sending: JoinSet<(Uuid, Lesson)>,
    /// Of the mails under way.
    leases: HashMap<Uuid, Moment>,
    rest: Rest,
}

impl Outbox {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            self.take_what_is_due().await;
            tokio::select! {
                biased;
                // An error means that the handle is gone: a stop without waiting.
                _ = stopped.changed() => break,
                Some(done) = self.sending.join_next() => self.note(done.ok()),
                () = tokio::time::sleep(self.console.config.mail_pace.poll) => {}
            }
        }
        self.finish().await;
    }

    async fn take_what_is_due(&mut self) {
        let now = self.console.db.now();
        let free = self.rest.at_once(self.console.config.mail_pace.at_once).saturating_sub(self.sending.len());
        if free == 0 || !self.rest.is_over(now) {
            return;
        }
        match self.lease(now, free).await {
            Ok(leased) => leased.into_iter().for_each(|mail| self.begin(mail)),
            Err(error) => tracing::warn!(%error, "the outbox could not be read"),
        }
    }

    async fn lease(&self, now: Moment, most: usize) -> Result<Vec<Leased>> {
        let sending = TimeDelta::from_std(self.console.config.mail_pace.send_timeout).unwrap_or(TimeDelta::minutes(1));
        let (until, limit) = (now + sending + LEASE_MARGIN, i64::try_from(most).unwrap_or(1));
        let leased = self.console.db.write(Scope::Nobody, move |connection| queries::lease(connection, now, until, limit));
        leased.await
    }

    fn begin(&mut self, leased: Leased) {
        self.leases.insert(leased.row.id, leased.until);
        let (console, server) = (Arc::clone(&self.console), self.server.clone());
        self.sending.spawn(async move { (leased.row.id, deliver(&console, &server, &leased).await) });
    }

    fn note(&mut self, done: Option<(Uuid, Lesson)>) {
        let Some((id, lesson)) = done else { return tracing::error!("sending a mail panicked; its lease runs out") };
        self.leases.remove(&id);
        self.rest.learn(lesson, self.console.db.now(), rand::rng().random_range(0.0..1.0));
    }

    async fn finish(mut self) {
        let last_mails = async {
            while let Some(done) = self.sending.join_next().await {
                if let Ok((id, _)) = done {
                    self.leases.remove(&id);
                }
            }
        };
        let _ = tokio::time::timeout(self.console.config.mail_pace.last_mails, last_mails).await;
        self.sending.shutdown().await;
        let unfinished: Vec<(Uuid, Moment)> = self.leases.into_iter().collect();
        if unfinished.is_empty() {
            return;
        }
        let given_back = self
            .console
            .db
            .write(Scope::Nobody, move |connection| Ok::<(), AppError>(queries::give_back(connection, &unfinished)?));
        if let Err(error) = given_back.await {
            tracing::warn!(%error, "leases of mails could not be given back; they run out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_under_way_together_make_one_trouble_and_a_success_ends_the_rest() {
        let now = Moment::UNIX_EPOCH;
        let mut rest = Rest::default();
        for _ in 0..4 {
            rest.learn(Lesson::Away("refused".to_owned()), now, 0.0);
        }
        assert_eq!((rest.troubles, rest.is_over(now), rest.at_once(4)), (1, false, 1));
        assert!(rest.is_over(now + TimeDelta::seconds(5)));
        rest.learn(Lesson::Works, now, 0.0);
        assert!(rest.is_over(now) && rest.at_once(4) == 4);
    }
}
