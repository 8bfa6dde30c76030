//! Mails about keys: to who answers for one, or to the admins where nobody does any more.

use super::key::Key;
use super::queries;
use crate::access::OrgTx;
use crate::access::policy::Permission;
use crate::error::Result;
use crate::mail::{Mail, Message};

/// Admins who are written to at most.
const MOST: i64 = 20;

/// Tells that a key ends in so many days; with 0, that it has ended.
pub fn ends(tx: &mut OrgTx<'_>, key: &Key, days: i64) -> Result<()> {
    let owner = queries::active_owner(tx, key)?;
    let recipients = match owner {
        Some(email) => vec![email],
        None => admins(tx)?,
    };
    let message = Message::KeyEnds { organization_id: tx.organization_id(), key_id: key.id, days };
    send(tx, recipients, &message)
}

/// Tells the admins, and who answers for the key, that it was found in the open and is revoked.
pub fn leaked(tx: &mut OrgTx<'_>, key: &Key) -> Result<()> {
    let mut recipients = admins(tx)?;
    if let Some(email) = queries::active_owner(tx, key)?.filter(|email| !recipients.contains(email)) {
        recipients.push(email);
    }
    let message = Message::KeyLeaked { organization_id: tx.organization_id(), key_id: key.id };
    send(tx, recipients, &message)
}

fn send(tx: &mut OrgTx<'_>, recipients: Vec<String>, message: &Message) -> Result<()> {
    let mails: Vec<Mail> = recipients.into_iter().map(|recipient| Mail { recipient, message: message.clone() }).collect();
    tx.mail_all(&mails)
}

/// Addresses of active members who look after everybody's keys, of the highest roles first.
fn admins(tx: &mut OrgTx<'_>) -> Result<Vec<String>> {
    tx.addresses_with(Permission::KeysRevoke, MOST)
}
