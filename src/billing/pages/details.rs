//! `/o/{slug}/billing/details`: billing address, billing email and further recipients.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::account::BillingAccount;
use super::super::actions::details;
use super::super::queries;
use super::ManagePermit;
use super::details_form::DetailsForm;
use super::details_merge::{Merged, Theirs, merged};
use crate::access::limits;
use crate::country::Country;
use crate::error::{Result, Stopped};
use crate::web::forms::{Choice, Form, FormErrors, retyped};
use crate::web::frame::Frame;
use crate::web::{Console, flash, form_again, local_path, page, query, query_encoded, see_other};

#[derive(Template)]
#[template(path = "billing/details.html")]
struct DetailsPage {
    frame: Frame,
    form: DetailsForm,
    countries: Vec<Choice>,
    errors: FormErrors,
    /// Whether somebody else saved something meanwhile.
    is_stale: bool,
    /// Where they changed what was changed here too.
    clashes: Vec<Theirs>,
    /// What only they changed, which stands in the form by now.
    taken: Vec<Theirs>,
    /// This page with what is saved.
    fresh: String,
    /// The reader's address where it is not proven: nothing is saved before it is.
    unconfirmed: String,
    /// Whether it was tried all the same.
    refused: bool,
    action: String,
    back: String,
}

impl DetailsPage {
    fn new(permit: &ManagePermit, form: DetailsForm, errors: FormErrors) -> DetailsPage {
        let chosen = Country::from_code(&form.country);
        let first = Choice::new("", "Choose a country", chosen.is_none());
        let all = Country::ALL.iter().map(|country| Choice::new(country.code(), country.name(), chosen == Some(*country)));
        let action = permit.path_to("billing/details");
        DetailsPage {
            countries: std::iter::once(first).chain(all).collect(),
            fresh: format!("{action}?next={}", query_encoded(&form.next)),
            form,
            errors,
            is_stale: false,
            clashes: Vec::new(),
            taken: Vec::new(),
            unconfirmed: if permit.account.confirmed { String::new() } else { permit.account.email.clone() },
            refused: false,
            action,
            back: permit.path_to("billing"),
            frame: permit.frame(),
        }
    }
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
    page(&DetailsPage::new(&permit, DetailsForm::of(&account, &next), FormErrors::default()))
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

/// `POST /o/{slug}/billing/details`: who has not shown that a mailbox is theirs sends no mails to others.
pub async fn submit(mut permit: ManagePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let form: DetailsForm = form.open()?;
    let account = match form.parse() {
        Ok(account) => account,
        Err(errors) => return form_again(&DetailsPage::new(&permit, form.retyped(), errors)),
    };
    if !permit.account.confirmed {
        let shown = DetailsPage::new(&permit, form.retyped(), FormErrors::default());
        return form_again(&DetailsPage { refused: true, ..shown });
    }
    limits::spend(&console, limits::CHANGE_BILLING, &permit.organization.id.to_string(), 1).await?;
    spend_on_new(&mut permit, &console, &account).await?;
    let typed = account.clone();
    match permit.write(move |tx| details::save(tx, &account)).await {
        Ok(_) => saved(&permit, &form.next),
        Err(Stopped::Refused(details::Stale)) => meanwhile(permit, &form, &typed).await,
        Err(Stopped::Failed(error)) => Err(error),
    }
}

fn saved(permit: &ManagePermit, next: &str) -> Result<HttpResponse> {
    flash::tell(&permit.session, "The billing details are saved.".to_owned())?;
    let billing = permit.path_to("billing");
    let next = Some(local_path(next)).filter(|next| *next != "/");
    Ok(see_other(next.unwrap_or(&billing)))
}

/// The form with what both changed: saved again, it overwrites knowingly what is said to clash.
async fn meanwhile(mut permit: ManagePermit, form: &DetailsForm, typed: &BillingAccount) -> Result<HttpResponse> {
    let account = permit.read(queries::billing).await?.account;
    let Merged { form, clashes, taken } = merged(&form.seen, typed, &account, &retyped(&form.next));
    let mut errors = FormErrors::default();
    for one in &clashes {
        errors.add(one.field, format!("Saved meanwhile: {}", one.saved));
    }
    form_again(&DetailsPage { is_stale: true, clashes, taken, ..DetailsPage::new(&permit, form, errors) })
}
