//! The fields of **Invite members**.

use serde::Deserialize;
use uuid::Uuid;

use super::super::actions::{NewInvitations, Wanted};
use super::super::addresses::{self, Entry};
use super::super::invitation::parse_message;
use crate::db::types::{EmailAddress, PersonName};
use crate::error::Result;
use crate::web::forms::FormErrors;
use crate::web::words::grouped;

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InviteForm {
    pub emails: String,
    pub role: String,
    /// How the person must sign in; `any` is the only way so far.
    pub provider: String,
    pub name: String,
    /// Where the mail goes instead of the single address.
    pub notification_email: String,
    pub message: String,
}

/// What was typed, parsed.
pub struct Parsed {
    /// What can be tried, no address twice.
    pub new: NewInvitations,
    /// As typed, in the order of `new.wanted`.
    pub texts: Vec<String>,
    /// What is no address.
    pub wrong: Vec<Entry>,
    pub repeats: Vec<Entry>,
}

/// Parses the form; `default_role_id` stands in for an empty role.
pub fn parse(form: &InviteForm, default_role_id: Option<Uuid>) -> Result<Parsed, FormErrors> {
    let mut errors = FormErrors::default();
    let entries = addresses::parse(&form.emails);
    if entries.is_empty() {
        errors.add("emails", "Enter at least one address.");
    } else if entries.len() > addresses::MOST {
        let number = grouped(i64::try_from(entries.len()).unwrap_or(i64::MAX));
        errors.add(
            "emails",
            format!("These are {number} addresses. Invite 500 people at once at most, and the others after that."),
        );
    }
    let role_id = if form.role.is_empty() { default_role_id } else { form.role.parse().ok() };
    if role_id.is_none() {
        errors.add("role", ROLE);
    }
    if !matches!(form.provider.as_str(), "" | "any") {
        errors.add("provider", "Choose one of the identity providers in the list.");
    }
    let name = name(form, entries.len(), &mut errors);
    let notification = notification(form, entries.len(), &mut errors);
    let message = errors.check("message", parse_message(&form.message));
    match (role_id, message) {
        (Some(role_id), Some(message)) if errors.is_empty() => {
            let (wanted, texts, wrong, repeats) = sorted(entries, &name);
            Ok(Parsed { new: NewInvitations { wanted, role_id, message, notification }, texts, wrong, repeats })
        }
        _ => Err(errors),
    }
}

/// Beside a role that is not to be given.
pub const ROLE: &str = "You cannot invite with this role. Choose one of the list.";

fn name(form: &InviteForm, entries: usize, errors: &mut FormErrors) -> String {
    if form.name.trim().is_empty() {
        return String::new();
    }
    if entries > 1 {
        errors.add("name", "A name goes with a single address. Leave it empty, or invite one person at a time.");
        return String::new();
    }
    errors.check("name", PersonName::parse(&form.name)).map(|name| name.as_str().to_owned()).unwrap_or_default()
}

fn notification(form: &InviteForm, entries: usize, errors: &mut FormErrors) -> Option<EmailAddress> {
    let typed = form.notification_email.trim();
    if typed.is_empty() {
        return None;
    }
    if entries > 1 {
        errors.add(
            "notification_email",
            "A notification email goes with a single address. Leave it empty, or invite one person at a time.",
        );
        return None;
    }
    errors.check("notification_email", EmailAddress::parse(typed))
}

fn sorted(entries: Vec<Entry>, name: &str) -> (Vec<Wanted>, Vec<String>, Vec<Entry>, Vec<Entry>) {
    let (first, repeats) = addresses::without_repeats(entries);
    let (mut wanted, mut texts, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for entry in first {
        match &entry.address {
            Ok(email) => {
                let name = if name.is_empty() { entry.name.clone() } else { name.to_owned() };
                wanted.push(Wanted { email: email.clone(), name });
                texts.push(entry.text);
            }
            Err(_) => wrong.push(entry),
        }
    }
    (wanted, texts, wrong, repeats)
}
