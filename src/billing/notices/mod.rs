//! Mails about billing: to the billing email and the further recipients, who need no seat; where there is no billing email, to
//! those who manage billing.

pub mod failed;
pub mod trial;
pub mod warning;

use uuid::Uuid;

use super::account::BillingAccount;
use super::queries;
use crate::access::OrgTx;
use crate::access::policy::Permission;
use crate::audit::{BillingEvent, Event};
use crate::clock::Moment;
use crate::error::Result;
use crate::mail::{AtStripe, Mail, Message, Notice};

/// Members who are written to at most.
const MOST: i64 = 20;

/// Writes a change into the activity log, and tells everybody who is to know.
pub fn changed(tx: &mut OrgTx<'_>, event: BillingEvent) -> Result<()> {
    let message = told(tx, &event);
    tx.record(&Event::Billing(event))?;
    let account = queries::billing(tx)?.account;
    send(tx, &account, &message)
}

/// Tells everybody who is to know of something that is in the log already.
pub fn told_of(tx: &mut OrgTx<'_>, event: &BillingEvent) -> Result<()> {
    let message = told(tx, event);
    let account = queries::billing(tx)?.account;
    send(tx, &account, &message)
}

/// As `changed`, also to those who were told before and are not any more: else invoices could be led elsewhere unseen.
pub fn changed_from(tx: &mut OrgTx<'_>, before: &BillingAccount, event: BillingEvent) -> Result<()> {
    let after = queries::billing(tx)?.account;
    let was_told = |address: &String| *address != after.email && !after.recipients.contains(address);
    let mut former: Vec<String> = std::iter::once(&before.email).chain(&before.recipients).cloned().collect();
    if before.email.is_empty() && !after.email.is_empty() {
        former.extend(tx.addresses_with(Permission::BillingManage, MOST)?);
    }
    former.retain(|address| !address.is_empty() && was_told(address));
    let message = told(tx, &event);
    mail(tx, former, &message)?;
    changed(tx, event)
}

/// Writes into the log how far a limit is reached, and tells those who manage billing: who only gets the invoices wants no
/// such mails.
pub fn warned(tx: &mut OrgTx<'_>, event: BillingEvent, notice: Notice) -> Result<()> {
    tx.record(&Event::Billing(event))?;
    let recipients = tx.addresses_with(Permission::BillingManage, MOST)?;
    let message = Message::BillingNotice { organization_id: tx.organization_id(), notice };
    mail(tx, recipients, &message)
}

/// Writes what is to come into the log, and tells everybody who is to know.
pub fn ahead(tx: &mut OrgTx<'_>, account: &BillingAccount, event: BillingEvent, notice: Notice) -> Result<()> {
    tx.record(&Event::Billing(event))?;
    let message = Message::BillingNotice { organization_id: tx.organization_id(), notice };
    send(tx, account, &message)
}

/// Sends an invoice; `at_stripe` is where Stripe shows it, if it is Stripe's.
pub fn issued(tx: &mut OrgTx<'_>, account: &BillingAccount, invoice_id: Uuid, at_stripe: Option<AtStripe>) -> Result<()> {
    let at_stripe = at_stripe.unwrap_or_default();
    let message = Message::InvoiceIssued { organization_id: tx.organization_id(), invoice_id, at_stripe };
    send(tx, account, &message)
}

/// Reminds of an invoice that is overdue; `stops_at` is when the plan ends for it, `is_last` says that no reminder follows.
pub fn overdue(
    tx: &mut OrgTx<'_>,
    account: &BillingAccount,
    invoice_id: Uuid,
    (stops_at, is_last): (Option<Moment>, bool),
) -> Result<()> {
    let message = Message::InvoiceOverdue { organization_id: tx.organization_id(), invoice_id, stops_at, is_last };
    send(tx, account, &message)
}

fn send(tx: &mut OrgTx<'_>, account: &BillingAccount, message: &Message) -> Result<()> {
    let mut recipients = account.recipients.clone();
    if account.email.is_empty() {
        recipients.extend(tx.addresses_with(Permission::BillingManage, MOST)?);
    } else {
        recipients.insert(0, account.email.clone());
    }
    let mut seen = std::collections::HashSet::new();
    recipients.retain(|address| seen.insert(address.clone()));
    mail(tx, recipients, message)
}

/// The mail that tells a change as the log does, or what is to be done about it.
fn told(tx: &OrgTx<'_>, event: &BillingEvent) -> Message {
    let (organization_id, actor) = (tx.organization_id(), tx.actor.name.clone());
    match event {
        BillingEvent::PaymentMethodExpires { method, month } => {
            Message::BillingNotice { organization_id, notice: expires(method, month) }
        }
        _ => Message::BillingChanged { organization_id, actor, sentence: event.sentence() },
    }
}

fn expires(method: &str, month: &str) -> Notice {
    let advice =
        "Add the new one in time: choose Add payment method under Billing, and Make default there if it is to be charged.";
    Notice {
        title: format!("{method} works until {month}"),
        sentences: vec![format!("{method} works until {month} at the longest. {advice}")],
        page: "billing".to_owned(),
        button: "See the billing page".to_owned(),
        ..Notice::default()
    }
}

fn mail(tx: &mut OrgTx<'_>, recipients: Vec<String>, message: &Message) -> Result<()> {
    let mails: Vec<Mail> = recipients.into_iter().map(|recipient| Mail { recipient, message: message.clone() }).collect();
    tx.mail_all(&mails)
}
