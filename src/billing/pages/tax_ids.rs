//! `/o/{slug}/billing/tax-ids/…`

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::super::account::BillingAccount;
use super::super::actions::details::{self, MOST_TAX_IDS, TaxIdRefused};
use super::super::queries;
use super::super::tax_id::{TaxId, TaxIdType};
use super::super::way;
use super::back_with;
use crate::access::{Permit, limits, rights};
use crate::error::{AppError, Result, Stopped};
use crate::web::forms::{Choice, Form, FormErrors, NoFields, retyped};
use crate::web::frame::Frame;
use crate::web::{Console, flash, form_again, page, see_other};

type ManagePermit = Permit<rights::ManageBilling>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaxIdForm {
    kind: String,
    value: String,
}

#[derive(Template)]
#[template(path = "billing/tax_id.html")]
struct TaxIdPage {
    frame: Frame,
    kinds: Vec<Choice>,
    value: String,
    errors: FormErrors,
    action: String,
    back: String,
}

/// `GET /o/{slug}/billing/tax-ids/new`
pub async fn new(mut permit: ManagePermit) -> Result<HttpResponse> {
    let account = permit.read(queries::billing).await?.account;
    page(&tax_id_page(&permit, &account, &TaxIdForm::default(), FormErrors::default()))
}

/// The kinds of the billing country first, then all others.
fn tax_id_page(permit: &ManagePermit, account: &BillingAccount, form: &TaxIdForm, errors: FormErrors) -> TaxIdPage {
    let country = account.country();
    let is_own = |kind: &TaxIdType| country.is_some_and(|country| kind.is_of(country));
    let mut kinds: Vec<TaxIdType> = TaxIdType::all().collect();
    kinds.sort_by_key(|kind| (!is_own(kind), if is_own(kind) { String::new() } else { kind.label().to_lowercase() }));
    let chosen = TaxIdType::from_key(&form.kind).or(kinds.first().copied());
    let choice =
        |kind: &TaxIdType| Choice::new(kind.key(), format!("{} ({})", kind.label(), kind.example()), chosen == Some(*kind));
    TaxIdPage {
        kinds: kinds.iter().map(choice).collect(),
        value: retyped(&form.value),
        errors,
        action: permit.path_to("billing/tax-ids/new"),
        back: permit.path_to("billing"),
        frame: permit.frame(),
    }
}

/// `POST /o/{slug}/billing/tax-ids/new`
pub async fn add(mut permit: ManagePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let form: TaxIdForm = form.open()?;
    let tax_id = match TaxIdType::from_key(&form.kind).ok_or("Choose the kind.").and_then(|kind| TaxId::parse(kind, &form.value))
    {
        Ok(tax_id) => tax_id,
        Err(words) => return again(&mut permit, &form, words.to_owned()).await,
    };
    let value = tax_id.value().to_owned();
    limits::spend(&console, limits::CHANGE_BILLING, &permit.organization.id.to_string(), 1).await?;
    match permit.write(move |tx| details::add_tax_id(tx, &tax_id)).await {
        Ok(()) => {
            flash::tell(&permit.session, format!("{value} stands on the next invoices."))?;
            Ok(see_other(&permit.path_to("billing")))
        }
        Err(Stopped::Refused(TaxIdRefused::There)) => {
            flash::tell(&permit.session, format!("{value} is there already."))?;
            Ok(see_other(&permit.path_to("billing")))
        }
        Err(Stopped::Refused(TaxIdRefused::TooMany)) => {
            again(&mut permit, &form, format!("{MOST_TAX_IDS} tax ids at most. Remove one first.")).await
        }
        Err(Stopped::Failed(error)) => Err(error),
    }
}

async fn again(permit: &mut ManagePermit, form: &TaxIdForm, words: String) -> Result<HttpResponse> {
    let account = permit.read(queries::billing).await?.account;
    form_again(&tax_id_page(permit, &account, form, FormErrors::one("value", words)))
}

/// `POST /o/{slug}/billing/tax-ids/{id}/remove`
pub async fn remove(permit: ManagePermit, console: web::Data<Console>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let id = request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(AppError::NotFound)?;
    form.open::<NoFields>()?;
    let permit = Rc::new(permit);
    let removed = way::remove_tax_id(Rc::clone(&permit), console.stripe.clone(), id).await;
    back_with(&permit, removed, |value| format!("{value} is removed. Invoices that were issued keep it."))
}
