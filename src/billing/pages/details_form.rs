//! The form of the billing details: what was typed, and what it means.

use serde::Deserialize;

use super::super::account::BillingAccount;
use super::details_merge;
use crate::country::Country;
use crate::db::types::{EmailAddress, Refused, free_text};
use crate::web::forms::{FormErrors, retyped};

/// Further recipients at most.
const MOST_RECIPIENTS: usize = 20;

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetailsForm {
    pub name: String,
    pub line1: String,
    pub line2: String,
    pub postal_code: String,
    pub city: String,
    pub region: String,
    pub country: String,
    pub email: String,
    pub recipients: String,
    /// Of what the reader saw.
    pub version: i32,
    /// What the reader saw, so that what they changed is known: see `details_merge`.
    pub seen: String,
    /// Where to go on afterwards.
    pub next: String,
}

impl DetailsForm {
    pub fn of(account: &BillingAccount, next: &str) -> DetailsForm {
        let mut form = DetailsForm {
            name: account.name.clone(),
            line1: account.line1.clone(),
            line2: account.line2.clone(),
            postal_code: account.postal_code.clone(),
            city: account.city.clone(),
            region: account.region.clone(),
            country: account.country.clone(),
            email: account.email.clone(),
            recipients: account.recipients.join("\n"),
            version: account.version,
            seen: String::new(),
            next: next.to_owned(),
        };
        form.seen = details_merge::seen(&mut form);
        form
    }

    pub fn retyped(&self) -> DetailsForm {
        let again = |text: &String| retyped(text);
        DetailsForm {
            name: again(&self.name),
            line1: again(&self.line1),
            line2: again(&self.line2),
            postal_code: again(&self.postal_code),
            city: again(&self.city),
            region: again(&self.region),
            country: again(&self.country),
            email: again(&self.email),
            recipients: again(&self.recipients),
            version: self.version,
            seen: again(&self.seen),
            next: again(&self.next),
        }
    }

    pub fn parse(&self) -> Result<BillingAccount, FormErrors> {
        let mut errors = FormErrors::default();
        let account = BillingAccount {
            name: errors.check("name", needed(&self.name, "Enter the name of the company, or your own.")).unwrap_or_default(),
            line1: errors.check("line1", needed(&self.line1, "Enter street and number.")).unwrap_or_default(),
            line2: errors.check("line2", line(&self.line2)).unwrap_or_default(),
            postal_code: errors.check("postal_code", line(&self.postal_code)).unwrap_or_default(),
            city: errors.check("city", needed(&self.city, "Enter the city.")).unwrap_or_default(),
            region: errors.check("region", line(&self.region)).unwrap_or_default(),
            country: errors.check("country", country(&self.country)).unwrap_or_default(),
            email: errors.check("email", email(&self.email)).unwrap_or_default(),
            recipients: errors.check("recipients", recipients(&self.recipients)).unwrap_or_default(),
            version: self.version,
            ..BillingAccount::default()
        };
        if errors.is_empty() { Ok(account) } else { Err(errors) }
    }
}

/// One line of an address.
fn line(text: &str) -> Result<String, Refused> {
    if text.trim().chars().count() > 100 {
        return Err("Type it again, with 100 characters at most.");
    }
    let text = free_text(text, 100)?;
    if text.contains(['\n', '\t']) { Err("That has to be one line.") } else { Ok(text) }
}

fn needed(text: &str, missing: Refused) -> Result<String, Refused> {
    line(text).and_then(|text| if text.is_empty() { Err(missing) } else { Ok(text) })
}

fn country(code: &str) -> Result<String, Refused> {
    Country::from_code(code).map(|country| country.code().to_owned()).ok_or("Choose the country.")
}

fn email(text: &str) -> Result<String, Refused> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    EmailAddress::parse(text).map(|address| address.as_str().to_owned())
}

fn recipients(text: &str) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split([',', ';', '\n', ' ', '\r', '\t']).filter(|word| !word.is_empty()) {
        let address = EmailAddress::parse(word).map_err(|words| format!("{}: {words}", retyped(word)))?;
        if !found.iter().any(|known| known == address.as_str()) {
            found.push(address.as_str().to_owned());
        }
    }
    if found.len() > MOST_RECIPIENTS { Err(format!("{MOST_RECIPIENTS} addresses at most.")) } else { Ok(found) }
}
