//! `/o/{slug}/billing/plans/{plan}`: what a change costs and closes, before the click that makes it.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::actions::change::{self, Prepared, Shown, Wanted};
use super::super::quote::Begin;
use super::super::refusal::{Outcome, Refusal, apart};
use super::super::stripe::change::Done;
use super::super::way::{self, Way};
use super::super::words::{self, Amount, ShownLine};
use super::plans::Asked;
use super::{change_words, leads_to_stripe};
use crate::access::{Permit, rights};
use crate::clock::Moment;
use crate::error::{AppError, Result, Stopped};
use crate::money::Currency;
use crate::web::forms::Form;
use crate::web::frame::Frame;
use crate::web::{Console, flash, form_again, page, query, query_encoded, see_other};

type ManagePermit = Permit<rights::ManageBilling>;

#[derive(Template)]
#[template(path = "billing/change.html")]
struct ChangePage {
    frame: Frame,
    heading: String,
    /// The change is not made yet, since something is different now; empty the first time.
    moved: String,
    begins: String,
    lines: Vec<ShownLine>,
    sums: Vec<Amount>,
    vat_note: &'static str,
    /// Which payment method is charged at once; empty where none is.
    charged: String,
    /// What is invoiced when, from then on.
    then: String,
    /// What use beyond the included amounts costs.
    prices_of_use: Vec<String>,
    opens: Vec<String>,
    closes: Vec<String>,
    action: String,
    fields: [(&'static str, String); 5],
    button: String,
    /// Where a billing address is given; empty where there is one, or none is needed yet.
    address_first: String,
    /// The form that adds a payment method; empty where there is one, or none is needed yet.
    method_first: String,
    /// This page, to come back to.
    here: String,
    back: String,
}

/// The plan and the price that somebody asks for.
fn wanted(request: &HttpRequest, cycle: &str, currency: &str) -> Option<Wanted> {
    let plan = request.match_info().get("plan").unwrap_or_default().to_owned();
    Some(Wanted { plan, cycle: words::cycle_of(cycle), currency: Currency::from_code(currency)? })
}

/// `GET /o/{slug}/billing/plans/{plan}`
pub async fn show(mut permit: ManagePermit, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request);
    let plans = permit.db().plans();
    let first = plans.currencies().first().map(|currency| currency.code()).unwrap_or_default();
    let currency = if asked.currency.is_empty() { first } else { asked.currency.as_str() };
    let wanted = wanted(&request, &asked.cycle, currency);
    let wanted = wanted.filter(|wanted| plans.named(&wanted.plan).is_some()).ok_or(AppError::NotFound)?;
    match apart(prepared(&mut permit, &console, &wanted).await)? {
        Ok((at, prepared)) => {
            let shown = page(&change_page(&permit, &console, &wanted, &prepared, at))?;
            Ok(leads_to_stripe(&console, shown))
        }
        Err(refusal) => back_with(&permit, &refusal),
    }
}

/// What a change would cost now.
async fn prepared(permit: &mut ManagePermit, console: &Console, wanted: &Wanted) -> Outcome<(Moment, Prepared)> {
    let (mut at, mut prepared) = prepared_here(permit, wanted).await?;
    let is_now = matches!(prepared.quote.begin, Begin::Now { .. });
    if is_now && way::put_right(console.stripe.as_ref(), permit, &prepared.billing).await? {
        (at, prepared) = prepared_here(permit, wanted).await?;
    }
    Ok((at, way::priced(console.stripe.as_ref(), permit, prepared, at).await?))
}

async fn prepared_here(permit: &mut ManagePermit, wanted: &Wanted) -> Outcome<(Moment, Prepared)> {
    let (wanted, organization) = (wanted.clone(), permit.organization.clone());
    let found = permit.read(move |org| {
        let at = org.now();
        apart(change::prepare(org, &organization, &wanted, at).map(|prepared| (at, prepared)))
    });
    found.await?.map_err(Stopped::Refused)
}

fn back_with(permit: &ManagePermit, refusal: &Refusal) -> Result<HttpResponse> {
    flash::warn(&permit.session, refusal.words().into_owned())?;
    let other_price = matches!(refusal, Refusal::NotOffered | Refusal::OtherCurrency { .. });
    Ok(see_other(&permit.path_to(if other_price { "billing/plans" } else { "billing" })))
}

fn change_page(permit: &ManagePermit, console: &Console, wanted: &Wanted, prepared: &Prepared, at: Moment) -> ChangePage {
    let Prepared { billing, plan, terms, quote, totals, .. } = prepared;
    let organization = &permit.organization;
    let (from, items) = (permit.db().plans().of(&organization.plan), &permit.db().plans().items);
    let moved = words::modules::moved(&quote.modules, organization, plan, permit);
    let here = permit.path_to(&format!("billing/plans/{}", plan.key));
    let address = format!("{here}?cycle={}&currency={}", terms.cycle.key(), terms.currency.code());
    let is_paid_now = matches!(quote.begin, Begin::Now { .. });
    let needs_address = is_paid_now && !billing.account.is_complete();
    let way = Way::of(billing, console.stripe.as_ref());
    let needs_method = is_paid_now && billing.methods.is_empty() && way.is_stripe();
    ChangePage {
        heading: change_words::heading(from, prepared),
        moved: String::new(),
        begins: change_words::begins(from, prepared) + &change_words::drops(prepared, permit.db().plans()),
        lines: words::lines(&quote.lines, terms.currency),
        sums: if quote.lines.is_empty() { Vec::new() } else { words::sums(totals, terms.currency) },
        vat_note: change_words::vat_note(permit, prepared),
        charged: change_words::charged(billing, totals, terms.currency, &way),
        then: change_words::then(permit, prepared, &way),
        prices_of_use: words::content::prices_of_use(plan, items, terms.currency),
        opens: [words::opens(from, plan, items, organization), moved.opens].concat(),
        closes: [words::closes(from, plan, items, organization), moved.closes].concat(),
        action: here,
        fields: [
            ("cycle", wanted.cycle.key().to_owned()),
            ("currency", wanted.currency.code().to_owned()),
            ("at", at.timestamp_micros().to_string()),
            ("price", prepared.price()),
            ("version", billing.version().to_string()),
        ],
        button: change_words::button(from, prepared),
        address_first: if needs_address { address_page(permit, &address) } else { String::new() },
        method_first: if needs_method { permit.path_to("billing/payment-methods/new") } else { String::new() },
        here: address,
        back: permit.path_to("billing/plans"),
        frame: permit.frame(),
    }
}

/// Where a billing address is given, on the way back here.
fn address_page(permit: &ManagePermit, here: &str) -> String {
    permit.path_to(&format!("billing/details?next={}", query_encoded(here)))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeForm {
    cycle: String,
    currency: String,
    /// The moment that the price was calculated for, in microseconds.
    at: i64,
    /// Tells the price that was shown.
    price: String,
    version: i32,
}

impl ChangeForm {
    fn shown(&self) -> Shown {
        Shown {
            at: Moment::from_timestamp_micros(self.at).unwrap_or(Moment::UNIX_EPOCH),
            price: self.price.clone(),
            version: self.version,
        }
    }
}

/// `POST /o/{slug}/billing/plans/{plan}`
pub async fn submit(permit: ManagePermit, console: web::Data<Console>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let form: ChangeForm = form.open()?;
    let Some(wanted) = wanted(&request, &form.cycle, &form.currency) else { return back_with(&permit, &Refusal::NotOffered) };
    let permit = Rc::new(permit);
    match way::change(Rc::clone(&permit), console.stripe.clone(), wanted.clone(), form.shown()).await {
        Ok(Done::Confirm(page)) => Ok(see_other(&page)),
        Ok(Done::Made(begin)) => {
            let kept = (permit.organization.plan == wanted.plan).then_some(wanted.cycle);
            flash::tell(&permit.session, change_words::done(begin, &permit.db().plans().of(&wanted.plan).name, kept))?;
            Ok(see_other(&permit.path_to("billing")))
        }
        Err(Stopped::Refused(refusal @ Refusal::Moved)) => again(permit, &console, &wanted, &refusal).await,
        Err(Stopped::Refused(refusal)) => back_with(&permit, &refusal),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// The page once more, with the price as it is now.
async fn again(permit: Rc<ManagePermit>, console: &Console, wanted: &Wanted, refusal: &Refusal) -> Result<HttpResponse> {
    // Nobody else holds it by now.
    let mut permit = Rc::into_inner(permit).ok_or_else(|| AppError::Internal("a permit is still in use".to_owned()))?;
    match apart(prepared(&mut permit, console, wanted).await)? {
        Ok((at, prepared)) => {
            let moved = refusal.words().into_owned();
            let shown = form_again(&ChangePage { moved, ..change_page(&permit, console, wanted, &prepared, at) })?;
            Ok(leads_to_stripe(console, shown))
        }
        Err(refusal) => back_with(&permit, &refusal),
    }
}
