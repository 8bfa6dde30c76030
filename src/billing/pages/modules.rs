//! `/o/{slug}/billing/modules/{module}`: what a module costs and opens, before the click that adds it.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::actions::change::Shown;
use super::super::actions::modules::{self, PreparedModule};
use super::super::refusal::{Outcome, Refusal, apart};
use super::super::stripe::change::Done;
use super::super::way::{self, Way};
use super::super::words::modules::{closing, permission, with_module};
use super::super::words::{self, Amount, ShownLine};
use super::change_words::charged;
use super::{ManagePermit, leads_to_stripe};
use crate::clock::Moment;
use crate::error::{AppError, Result, Stopped};
use crate::web::forms::Form;
use crate::web::frame::Frame;
use crate::web::words::day;
use crate::web::{Console, flash, form_again, page, query_encoded, see_other};

#[derive(Template)]
#[template(path = "billing/module.html")]
struct ModulePage {
    frame: Frame,
    heading: String,
    /// The module is not added yet, since something is different now; empty the first time.
    moved: String,
    begins: String,
    lines: Vec<ShownLine>,
    sums: Vec<Amount>,
    vat_note: &'static str,
    /// Which payment method is charged at once; empty where none is.
    charged: String,
    /// What is invoiced when, from then on.
    then: String,
    /// None: plans alone include metered items.
    prices_of_use: [String; 0],
    opens: Vec<String>,
    closes: Vec<String>,
    action: String,
    fields: [(&'static str, String); 3],
    button: String,
    /// Where a billing address is given; empty where there is one, or none is needed yet.
    address_first: String,
    /// The form that adds a payment method; empty where there is one, or none is needed yet.
    method_first: String,
    /// This page, to come back to.
    here: String,
    back: String,
}

/// The key in the address, of a module that there is.
pub(super) fn key_of(request: &HttpRequest) -> String {
    request.match_info().get("module").unwrap_or_default().to_owned()
}

/// `GET /o/{slug}/billing/modules/{module}`
pub async fn show(mut permit: ManagePermit, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    match apart(prepared(&mut permit, &console, &key_of(&request)).await)? {
        Ok((at, prepared)) => Ok(leads_to_stripe(&console, page(&module_page(&permit, &console, &prepared, at))?)),
        Err(refusal) => back_with(&permit, &refusal),
    }
}

/// What the module would cost now.
async fn prepared(permit: &mut ManagePermit, console: &Console, key: &str) -> Outcome<(Moment, PreparedModule)> {
    let (mut at, mut prepared) = prepared_here(permit, key).await?;
    let is_paid = !prepared.current.is_trial();
    if is_paid && way::put_right(console.stripe.as_ref(), permit, &prepared.billing).await? {
        (at, prepared) = prepared_here(permit, key).await?;
    }
    Ok((at, way::priced_module(console.stripe.as_ref(), permit.db().plans(), prepared, at).await?))
}

async fn prepared_here(permit: &mut ManagePermit, key: &str) -> Outcome<(Moment, PreparedModule)> {
    let (key, organization) = (key.to_owned(), permit.organization.clone());
    let found = permit.read(move |org| {
        let at = org.now();
        apart(modules::prepare(org, &organization, &key, at).map(|prepared| (at, prepared)))
    });
    found.await?.map_err(Stopped::Refused)
}

pub(super) fn back_with(permit: &ManagePermit, refusal: &Refusal) -> Result<HttpResponse> {
    flash::warn(&permit.session, refusal.words().into_owned())?;
    Ok(see_other(&permit.path_to("billing")))
}

fn module_page(permit: &ManagePermit, console: &Console, prepared: &PreparedModule, at: Moment) -> ModulePage {
    let PreparedModule { billing, current, module, terms, lines, totals, .. } = prepared;
    let here = permit.path_to(&format!("billing/modules/{}", module.key));
    let needs_address = !lines.is_empty() && !billing.account.is_complete();
    let needs_method = !lines.is_empty() && current.is_at_stripe() && billing.methods.is_empty();
    let after = with_module(&permit.organization, &module.key);
    ModulePage {
        heading: format!("Add {}?", module.name),
        moved: String::new(),
        begins: begins(prepared),
        lines: words::lines(lines, terms.currency),
        sums: if lines.is_empty() { Vec::new() } else { words::sums(totals, terms.currency) },
        vat_note: vat_note(permit, prepared),
        charged: charged(billing, totals, terms.currency, &Way::of(billing, console.stripe.as_ref())),
        then: then(prepared, permit.organization.active_members),
        prices_of_use: [],
        opens: closing(permit.db().product(), &after, &permit.organization).iter().map(permission).collect(),
        closes: Vec::new(),
        fields: [
            ("at", at.timestamp_micros().to_string()),
            ("price", prepared.price()),
            ("version", current.version.to_string()),
        ],
        button: format!("Add {}", module.name),
        address_first: if needs_address {
            permit.path_to(&format!("billing/details?next={}", query_encoded(&here)))
        } else {
            String::new()
        },
        method_first: if needs_method { permit.path_to("billing/payment-methods/new") } else { String::new() },
        action: here.clone(),
        here,
        back: permit.path_to("billing"),
        frame: permit.frame(),
    }
}

fn begins(prepared: &PreparedModule) -> String {
    let (name, current) = (&prepared.module.name, &prepared.current);
    if current.is_trial() {
        let until = day(current.period_ends_at);
        return format!("{name} opens at once and costs nothing until {until}: it shares the trial of {}.", current.plan_name);
    }
    format!("{name} opens at once.")
}

/// What is to be known about VAT.
fn vat_note(permit: &ManagePermit, prepared: &PreparedModule) -> &'static str {
    let adds_some = !permit.db().plans().issuer.vat.is_empty();
    match prepared.billing.account.country() {
        None if adds_some => "VAT depends on your billing address, and comes on top.",
        _ => prepared.rule.note,
    }
}

/// `From 1 December 2026 on: €21.00 a month for 7 members, plus VAT 19 %, on the invoice of Team.`
fn then(prepared: &PreparedModule, active_members: i32) -> String {
    let PreparedModule { current, module, terms, rule, .. } = prepared;
    let (at, plan) = (day(current.period_ends_at), &current.plan_name);
    if current.ends_at_period_end {
        return format!("{plan} is cancelled: it ends on {at}, and {} with it.", module.name);
    }
    let vat = if rule.basis_points > 0 { format!(", plus {}", rule.label()) } else { String::new() };
    let price = words::cycle_price(terms, active_members);
    let changes =
        if current.next_plan.is_some() { " The plan changes then, and the price goes by the plan of then." } else { "" };
    format!("From {at} on: {price}{vat}, on the invoice of {plan}, until you cancel it.{changes}")
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModuleForm {
    /// The moment that the price was calculated for, in microseconds.
    at: i64,
    /// Tells the price that was shown.
    price: String,
    version: i32,
}

/// `POST /o/{slug}/billing/modules/{module}`
pub async fn submit(permit: ManagePermit, console: web::Data<Console>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let (key, form) = (key_of(&request), form.open::<ModuleForm>()?);
    let at = Moment::from_timestamp_micros(form.at).unwrap_or(Moment::UNIX_EPOCH);
    let shown = Shown { at, price: form.price, version: form.version };
    let permit = Rc::new(permit);
    match way::add_module(Rc::clone(&permit), console.stripe.clone(), key.clone(), shown).await {
        Ok(Done::Confirm(page)) => Ok(see_other(&page)),
        Err(Stopped::Refused(refusal @ Refusal::Moved)) => again(permit, &console, &key, &refusal).await,
        Ok(Done::Made(name)) => super::back_with(&permit, Ok(name), |name| format!("{name} is open now.")),
        Err(error) => super::back_with(&permit, Err::<(), _>(error), |()| String::new()),
    }
}

/// The page once more, with the price as it is now.
async fn again(permit: Rc<ManagePermit>, console: &Console, key: &str, refusal: &Refusal) -> Result<HttpResponse> {
    // Nobody else holds it by now.
    let mut permit = Rc::into_inner(permit).ok_or_else(|| AppError::Internal("a permit is still in use".to_owned()))?;
    match apart(prepared(&mut permit, console, key).await)? {
        Ok((at, prepared)) => {
            let moved = refusal.words().into_owned();
            let shown = form_again(&ModulePage { moved, ..module_page(&permit, console, &prepared, at) })?;
            Ok(leads_to_stripe(console, shown))
        }
        Err(refusal) => back_with(&permit, &refusal),
    }
}
