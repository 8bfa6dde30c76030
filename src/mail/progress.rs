//! How far a mail has come, in words for the pages that show it.

use diesel::prelude::*;

use crate::clock::Moment;
use crate::db::schema::mails;

/// The state of a row in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct Progress {
    pub created_at: Moment,
    pub sent_at: Option<Moment>,
    pub failed_at: Option<Moment>,
    pub dropped_at: Option<Moment>,
    /// What the mail server said last, or why the mail was not wanted any more.
    pub trouble: String,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// No SMTP is configured: it stays in the outbox, and on a developer's machine can be read at /mailbox.
    Waiting,
    /// On its way to the mail server.
    Queued,
    /// The server, or the way to it, said no for now; it is tried again.
    Delayed { reason: String },
    /// Taken by the mail server.
    Sent { at: Moment },
    /// Refused for good.
    Failed { at: Moment, reason: String },
    /// Not sent, because it was not wanted any more.
    Dropped { at: Moment, reason: String },
}

impl Progress {
    /// `sends` is whether an SMTP server is configured.
    pub fn delivery(&self, sends: bool) -> Delivery {
        let reason = self.trouble.clone();
        match (self.sent_at, self.failed_at, self.dropped_at) {
            (Some(at), ..) => Delivery::Sent { at },
            (_, Some(at), _) => Delivery::Failed { at, reason },
            (.., Some(at)) => Delivery::Dropped { at, reason },
            _ if !sends => Delivery::Waiting,
            _ if reason.is_empty() => Delivery::Queued,
            _ => Delivery::Delayed { reason },
        }
    }
}

impl Delivery {
    /// The kind of badge and its word, as ui/badge wants them.
    pub fn badge(&self) -> (&'static str, &'static str) {
        match self {
            Delivery::Waiting => ("neutral", "Waiting in the mailbox"),
            Delivery::Queued => ("neutral", "Queued"),
            Delivery::Delayed { .. } => ("notice", "Delayed"),
            Delivery::Sent { .. } => ("positive", "Sent"),
            Delivery::Failed { .. } => ("negative", "Not delivered"),
            Delivery::Dropped { .. } => ("neutral", "Not sent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting() -> Progress {
        Progress { created_at: Moment::UNIX_EPOCH, sent_at: None, failed_at: None, dropped_at: None, trouble: String::new() }
    }

    #[test]
    fn a_mail_is_never_called_sent_before_a_server_took_it() {
        assert_eq!(waiting().delivery(false), Delivery::Waiting);
        assert_eq!(waiting().delivery(true), Delivery::Queued);
        let at = Moment::UNIX_EPOCH;
        assert_eq!(Progress { sent_at: Some(at), ..waiting() }.delivery(true), Delivery::Sent { at });
    }

    #[test]
    fn trouble_is_a_delay_until_the_mail_has_failed() {
        let troubled = Progress { trouble: "450 later".to_owned(), ..waiting() };
        assert_eq!(troubled.delivery(true), Delivery::Delayed { reason: "450 later".to_owned() });
        let (at, reason) = (Moment::UNIX_EPOCH, "450 later".to_owned());
        assert_eq!(Progress { failed_at: Some(at), ..troubled }.delivery(true), Delivery::Failed { at, reason });
    }
}
