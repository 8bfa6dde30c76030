//! Mail leaves by an outbox: a row committed with the change that causes it, sent by a worker, tried again until the
//! server takes it or refuses it for good. A row names what to say and holds no link: links are made when the mail is
//! rendered, from rows read again at that moment, so what was revoked in the meantime is not sent.

mod billing;
mod compose;
mod deliver;
mod invoice;
mod keys;
mod letter;
mod message;
mod progress;
pub mod queries;
mod render;
mod retry;
mod smtp;
mod sources;
mod worker;

use diesel::pg::PgConnection;
use uuid::Uuid;

use crate::clock::Moment;
use crate::error::Result;

pub use letter::Letter;
pub use message::{AtStripe, Message, Notice};
pub use progress::{Delivery, Progress};
pub use queries::OutboxRow;
pub use render::{Rendered, render};
pub use worker::Worker;

/// A mail to be sent: one recipient a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The stored, canonical address.
    pub recipient: String,
    pub message: Message,
}

/// Puts a mail into the outbox.
pub fn enqueue(connection: &mut PgConnection, now: Moment, mail: &Mail) -> Result<Uuid> {
    queries::insert(connection, now, mail)
}

/// Puts many mails into the outbox.
pub fn enqueue_all(connection: &mut PgConnection, now: Moment, all: &[Mail]) -> Result<()> {
    queries::insert_all(connection, now, all)
}
