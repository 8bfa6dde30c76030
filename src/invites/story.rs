//! Words for what became of an invitation and its mails.

use super::invitation::Invitation;
use super::queries::{Listed, StoryRow};
use crate::clock::Moment;
use crate::config::Config;
use crate::mail::Delivery;
use crate::web::words::TimeWords;

/// What became of the latest mail, in a few words beside the status; empty where there is nothing to say.
pub fn delivery(row: &Listed, config: &Config) -> String {
    let Some(progress) = row.progress() else { return String::new() };
    match progress.delivery(config.smtp_url.is_some()) {
        Delivery::Delayed { reason } => format!("Delayed: {reason}"),
        Delivery::Failed { reason, .. } => format!("Could not be delivered: {reason}"),
        other => other.badge().1.to_owned(),
    }
}

/// A line of the story, display-ready.
pub struct StoryLine {
    pub symbol: &'static str,
    pub sentence: String,
    pub detail: String,
    pub time: TimeWords,
}

/// The story in sentences, the latest first.
pub fn lines(rows: &[StoryRow], invitation: &Invitation, config: &Config, now: Moment) -> Vec<StoryLine> {
    let line = |row: &StoryRow| {
        let (symbol, sentence) = sentence(row, invitation, config);
        let detail = if row.kind.starts_with("mail_") { row.detail.clone() } else { String::new() };
        StoryLine { symbol, sentence, detail, time: TimeWords::new(row.at, now) }
    };
    rows.iter().rev().map(line).collect()
}

fn sentence(row: &StoryRow, invitation: &Invitation, config: &Config) -> (&'static str, String) {
    let (email, notified) = (&invitation.email, invitation.notified());
    let who = row.detail.as_str();
    match row.kind.as_str() {
        // "Ann as Member": who and which role.
        "created" => ("invites", format!("Created by {who}")),
        "resent" => ("invites", format!("Sent again by {who}; earlier links stopped working")),
        // "Manager by Ann": the new role and who gave it.
        "role_changed" => ("roles", format!("The role was changed to {who}")),
        "opened" => ("account", "The link was opened".to_owned()),
        "opened_as_other" => ("warning", "The link was opened by somebody who was signed in with another address".to_owned()),
        "asked_for" => ("mail", "A new invitation was asked for".to_owned()),
        "accepted" => ("check", format!("Accepted by {who}")),
        "declined" => ("close", format!("Declined by {email}")),
        "revoked" => ("close", format!("Revoked by {who}")),
        "expired" => ("clock", "Expired: nobody accepted it in time".to_owned()),
        "mail_queued" if config.smtp_url.is_none() => ("mail", format!("A mail to {notified} waits in the mailbox")),
        "mail_queued" => ("mail", format!("A mail to {notified} was queued")),
        "mail_taken" => ("check", "The mail server took the mail".to_owned()),
        "mail_delayed" => ("clock", "The mail could not be delivered yet, and is tried again".to_owned()),
        "mail_refused" => ("warning", "The mail could not be delivered".to_owned()),
        "mail_dropped" => ("close", "The mail was not sent, as the link in it no longer worked".to_owned()),
        other => ("activity", other.to_owned()),
    }
}
