//! From a letter to what travels: headers, and text and HTML as alternatives.

use std::time::SystemTime;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::letter::{Attachment, Letter};
use super::queries::OutboxRow;
use crate::clock::Moment;
use crate::config::Config;

/// The mail as the server gets it. Its Message-ID comes from the row, so a mail that travels twice is known as one.
///
/// # Errors
/// In words, when the address or a header cannot be written.
pub(super) fn compose(config: &Config, row: &OutboxRow, letter: &Letter, now: Moment) -> Result<Message, String> {
    let recipient = row.recipient.parse().map_err(|error| format!("The address cannot be written to: {error}"))?;
    let domain = config.mail_from.email.domain();
    let mut message = Message::builder()
        .from(config.mail_from.clone())
        .to(Mailbox::new(None, recipient))
        .subject(&letter.subject)
        .date(SystemTime::from(now))
        .message_id(Some(format!("<{}@{domain}>", row.id)))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned())?);
    if let Some(slug) = &letter.organization {
        let host = config.public_url.host_str().unwrap_or("localhost");
        message = message.raw_header(header("List-Id", format!("<{slug}.{host}>"))?);
    }
    let parts = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    let parts = match &letter.attachment {
        Some(file) => MultiPart::mixed().multipart(parts).singlepart(attached(file)?),
        None => parts,
    };
    message.multipart(parts).map_err(|error| format!("The mail cannot be written: {error}"))
}

fn attached(file: &Attachment) -> Result<SinglePart, String> {
    let kind = ContentType::parse(file.content_type).map_err(|error| error.to_string())?;
    Ok(lettre::message::Attachment::new(file.name.clone()).body(file.bytes.clone(), kind))
}

fn header(name: &'static str, value: String) -> Result<HeaderValue, String> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| error.to_string())?;
    Ok(HeaderValue::new(name, value))
}
