//! `/o/{slug}/billing/details`: billing address, billing email and further recipients.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::account::BillingAccount;
use super::super::actions::details;
use super::super::queries;
use super::super::refusal::Refusal;
use crate::access::{Permit, limits, rights};
use crate::country::Country;
use crate::db::types::{EmailAddress, Refused, free_text};
use crate::error::{Result, Stopped};
use crate::web::forms::{Choice, Form, FormErrors, retyped};
use crate::web::frame::Frame;
use crate::web::{Console, flash, form_again, local_path, page, query, see_other};

type ManagePermit = Permit<rights::ManageBilling>;

/// Who has not shown that a mailbox is theirs sends no mails to others.
const UNCONFIRMED: &str = "Confirm your own email address first: the link is in your mailbox. Then save this again.";

/// Further recipients at most.
const MOST_RECIPIENTS: usize = 20;

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetailsForm {
    name: String,
    line1: String,
    line2: String,
    postal_code: String,
    city: String,
    region: String,
    country: String,
    email: String,
    recipients: String,
    version: i32,
    /// Where to go on afterwards.
    next: String,
}

#[derive(Template)]
#[template(path = "billing/details.html")]
struct DetailsPage {
    frame: Frame,
    form: DetailsForm,
    countries: Vec<Choice>,
    errors: FormErrors,
    action: String,
    back: String,
}

impl DetailsForm {
    fn of(account: &BillingAccount, next: &str) -> DetailsForm {
        DetailsForm {
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
            next: next.to_owned(),
        }
    }

    fn retyped(&self) -> DetailsForm {
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
            next: again(&self.next),
        }
    }

    fn parse(&self) -> std::result::Result<BillingAccount, FormErrors> {
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
fn line(text: &str) -> std::result::Result<String, Refused> {
    if text.trim().chars().count() > 100 {
        return Err("Type it again, with 100 characters at most.");
    }
    let text = free_text(text, 100)?;
    if text.contains(['\n', '\t']) { Err("That has to be one line.") } else { Ok(text) }
}

fn needed(text: &str, missing: Refused) -> std::result::Result<String, Refused> {
    line(text).and_then(|text| if text.is_empty() { Err(missing) } else { Ok(text) })
}

fn country(code: &str) -> std::result::Result<String, Refused> {
    Country::from_code(code).map(|country| country.code().to_owned()).ok_or("Choose the country.")
}

fn email(text: &str) -> std::result::Result<String, Refused> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    EmailAddress::parse(text).map(|address| address.as_str().to_owned())
}

fn recipients(text: &str) -> std::result::Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split([',', ';', '\n', ' ', '\r', '\t']).filter(|word| !word.is_empty()) {
        let address = EmailAddress::parse(word).map_err(|words| format!("{}: {words}", retyped(word)))?;
        if !found.iter().any(|known| known == address.as_str()) {
            found.push(address.as_str().to_owned());
        }
    }
    if found.len() > MOST_RECIPIENTS { Err(format!("{MOST_RECIPIENTS} addresses at most.")) } else { Ok(found) }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
}

/// `GET /o/{slug}/billing/details`
pub async fn show(mut permit: ManagePermit, request: HttpRequest) -> Result<HttpResponse> {
    let Asked { next } = query(&request);
    let account = permit.read(queries::billing).await?.account;
    page(&details_page(&permit, DetailsForm::of(&account, &next), FormErrors::default()))
}

fn details_page(permit: &ManagePermit, form: DetailsForm, errors: FormErrors) -> DetailsPage {
    let chosen = Country::from_code(&form.country);
    let first = Choice::new("", "Choose a country", chosen.is_none());
    let all = Country::ALL.iter().map(|country| Choice::new(country.code(), country.name(), chosen == Some(*country)));
    DetailsPage {
        countries: std::iter::once(first).chain(all).collect(),
        form,
        errors,
        action: permit.path_to("billing/details"),
        back: permit.path_to("billing"),
        frame: permit.frame(),
    }
}

/// Addresses that never asked for mails of ours are not to be written to in masses.
async fn spend_on_new(permit: &mut ManagePermit, console: &Console, account: &BillingAccount) -> Result<()> {
    let known = permit.read(queries::billing).await?.account;
    let is_new = |address: &&String| !address.is_empty() && **address != known.email && !known.recipients.contains(address);
    let new = std::iter::once(&account.email).chain(&account.recipients).filter(is_new).count();
    if new == 0 {
        return Ok(());
    }
    limits::spend(console, limits::BILLING_RECIPIENTS, &permit.organization.id.to_string(), new).await
}

/// `POST /o/{slug}/billing/details`
pub async fn submit(mut permit: ManagePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let form: DetailsForm = form.open()?;
    let account = match form.parse() {
        Ok(account) => account,
        Err(errors) => return form_again(&details_page(&permit, form.retyped(), errors)),
    };
    if !permit.account.confirmed {
        let errors = FormErrors::one("email", UNCONFIRMED);
        return form_again(&details_page(&permit, form.retyped(), errors));
    }
    limits::spend(&console, limits::CHANGE_BILLING, &permit.organization.id.to_string(), 1).await?;
    spend_on_new(&mut permit, &console, &account).await?;
    match permit.write(move |tx| details::save(tx, &account)).await {
        Ok(_) => {
            flash::tell(&permit.session, "The billing details are saved.".to_owned())?;
            let billing = permit.path_to("billing");
            let next = Some(local_path(&form.next)).filter(|next| *next != "/");
            Ok(see_other(next.unwrap_or(&billing)))
        }
        Err(Stopped::Refused(refusal)) => refused(&mut permit, form, &refusal).await,
        Err(Stopped::Failed(error)) => Err(error),
    }
}

async fn refused(permit: &mut ManagePermit, form: DetailsForm, refusal: &Refusal) -> Result<HttpResponse> {
    let form = match refusal {
        Refusal::Stale => DetailsForm::of(&permit.read(queries::billing).await?.account, &form.next),
        _ => form,
    };
    form_again(&details_page(permit, form, FormErrors::one("name", refusal.words())))
}
