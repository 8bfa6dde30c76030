//! `/o/{slug}/billing`

use actix_web::{HttpResponse, web};
use askama::Template;

use super::super::account::Billing;
use super::super::dunning::has_ended_for;
use super::super::queries;
use super::super::queries::invoices::{self, InvoiceRow};
use super::super::subscription::Subscription;
use super::super::tax_id::{TaxId, TaxIdType};
use super::super::words::{self, ShownInvoice};
use super::leads_to_stripe;
use super::module_list::{ModuleView, modules};
use super::overview_alert::{Alert, alerts};
use super::overview_credit;
use super::overview_stripe::{self, StripeView};
use super::overview_unpaid;
use super::usage_summary::{Summary, summaries};
use crate::access::policy::Permission;
use crate::access::{Permit, rights};
use crate::config::Plan;
use crate::error::Result;
use crate::stripe::Stripe;
use crate::web::frame::Frame;
use crate::web::words::{count, day, grouped};
use crate::web::{Console, page};

type ViewPermit = Permit<rights::ViewBilling>;

/// Invoices that the page shows; the others stand on a page of their own.
const LATEST: i64 = 6;

#[derive(Template)]
#[template(path = "billing/overview.html")]
struct OverviewPage {
    frame: Frame,
    path: String,
    may_manage: bool,
    alerts: Vec<Alert>,
    plan: PlanView,
    slots: Slots,
    offers: Vec<String>,
    usage: Vec<Summary>,
    modules: Vec<ModuleView>,
    credits: Vec<String>,
    /// What was owed before and is on no invoice yet.
    owed: String,
    invoices: Vec<ShownInvoice>,
    has_more: bool,
    payment: Vec<String>,
    /// Whom to ask where to pay.
    contact: String,
    /// None for who pays by invoice.
    stripe: Option<StripeView>,
    /// What is charged at Stripe and opens nothing here; mostly empty.
    others: String,
    tax_ids: Vec<TaxIdView>,
    /// Name and address; empty until it is given.
    address: Vec<String>,
    email: String,
    recipients: Vec<String>,
}

struct PlanView {
    name: String,
    sentence: String,
    /// What it costs, and how that comes about; empty for one that costs nothing.
    price: String,
    unit_price: String,
    /// Kind of badge and word; of a plan that costs nothing there is none.
    status: Option<(&'static str, &'static str)>,
    next: String,
    pending: String,
    may_cancel: bool,
    may_resume: bool,
}

/// Member slots.
struct Slots {
    used: i32,
    /// None where there is no limit.
    allowed: Option<i32>,
    words: String,
    detail: String,
    full: bool,
}

struct TaxIdView {
    label: &'static str,
    value: String,
    state: (&'static str, &'static str),
    /// What looks wrong about it; mostly empty.
    doubt: &'static str,
    remove: String,
}

/// `GET /o/{slug}/billing`
pub async fn show(mut permit: ViewPermit, console: web::Data<Console>) -> Result<HttpResponse> {
    let (billing, rows) = permit.read(|org| Ok((queries::billing(org)?, invoices::latest(org, LATEST + 1)?))).await?;
    let shown = page(&overview(&permit, console.stripe.as_ref(), &billing, &rows))?;
    Ok(leads_to_stripe(&console, shown))
}

fn overview(permit: &ViewPermit, stripe: Option<&Stripe>, billing: &Billing, rows: &[InvoiceRow]) -> OverviewPage {
    let may_manage = permit.standing.permissions.contains(Permission::BillingManage);
    let (path, now) = (permit.path_to("billing"), permit.db().now());
    let plans = permit.db().plans();
    let plan = plans.of(&permit.organization.plan);
    let most = usize::try_from(LATEST).unwrap_or_default();
    let mut address = billing.account.address_lines();
    if !billing.account.name.is_empty() {
        address.insert(0, billing.account.name.clone());
    }
    OverviewPage {
        may_manage,
        alerts: alerts(permit, billing, &path),
        plan: plan_view(permit, billing, plan),
        slots: slots(permit),
        offers: words::features(plan, plans),
        usage: summaries(permit, billing),
        modules: modules(permit, billing),
        credits: overview_credit::sentences(billing, stripe),
        owed: in_words(billing, billing.stripe.noted.owed),
        invoices: rows.iter().take(most).map(|row| words::invoice(row, &path, now, may_manage && stripe.is_some())).collect(),
        has_more: rows.len() > most,
        payment: plans.issuer.payment.clone(),
        contact: plans.issuer.contact().to_owned(),
        stripe: overview_stripe::view(billing, stripe, &path, now),
        others: overview_stripe::others(billing, &plans.issuer),
        tax_ids: billing.tax_ids.iter().map(|row| tax_id(row, &path)).collect(),
        address,
        email: billing.account.email.clone(),
        recipients: billing.account.recipients.clone(),
        frame: permit.frame(),
        path,
    }
}

fn plan_view(permit: &ViewPermit, billing: &Billing, plan: &Plan) -> PlanView {
    let active = permit.organization.active_members;
    let Some((current, terms)) = billing.running().and_then(|current| Some((current, current.terms()?))) else {
        let grace_days = permit.db().plans().issuer.grace_days;
        return PlanView {
            name: plan.name.clone(),
            sentence: plan.sentence.clone(),
            price: if plan.on_request { "As agreed".to_owned() } else { String::new() },
            unit_price: String::new(),
            // What ended is not the plan that stands here.
            status: None,
            next: billing.subscription.as_ref().map(|last| ended(last, plan, billing, grace_days)).unwrap_or_default(),
            pending: String::new(),
            may_cancel: false,
            may_resume: false,
        };
    };
    let plans = permit.db().plans();
    // Within a trial no seat is paid.
    let seats = if current.is_trial() { active } else { active.max(current.seats) };
    PlanView {
        name: current.plan_name.clone(),
        sentence: plan.sentence.clone(),
        price: words::cycle_price(&terms, seats),
        unit_price: if terms.is_per_member { words::unit_price(&terms) } else { String::new() },
        status: Some(overview_unpaid::badge(current, billing)),
        next: words::what_is_next(current, words::content::planned(current, plans, active), billing, active),
        pending: words::uninvoiced::on_next_invoice(billing, terms.currency),
        may_cancel: !current.ends_at_period_end,
        may_resume: current.has_plans(),
    }
}

/// How the last paid plan ended, beside the plan that stands here now.
fn ended(last: &Subscription, plan: &Plan, billing: &Billing, grace_days: i64) -> String {
    let Some(at) = last.ended_at.map(day) else { return String::new() };
    let unpaid = billing.unpaid_by(last.is_at_stripe()).filter(|unpaid| has_ended_for(unpaid, last, grace_days));
    match unpaid {
        _ if last.plan == plan.key => format!("Not invoiced since {at}."),
        Some(unpaid) => format!("{} ended on {at}, since invoice {} was not paid.", last.plan_name, unpaid.number),
        None => format!("{} ended on {at}.", last.plan_name),
    }
}

fn slots(permit: &ViewPermit) -> Slots {
    let organization = &permit.organization;
    let used = organization.active_members + organization.invited_members;
    let number = |count: i32| grouped(i64::from(count));
    let members = count(i64::from(organization.active_members), "member", "members");
    let invited = organization.invited_members;
    let pending = count(i64::from(invited), "pending invitation", "pending invitations");
    Slots {
        used: used.min(organization.member_limit),
        allowed: organization.slots(),
        words: match organization.slots() {
            Some(slots) => format!("{} of {}", number(used), number(slots)),
            None => format!("{}, no limit", number(used)),
        },
        detail: match invited {
            0 => format!("{members}."),
            1 => format!("{members} and {pending}, which holds its slot until it expires."),
            _ => format!("{members} and {pending}, which hold their slots until they expire."),
        },
        full: organization.free_slots() == 0,
    }
}

/// An amount in the currency of their invoices; empty for nothing.
fn in_words(billing: &Billing, minor: i64) -> String {
    let currency = billing.account.currency().filter(|_| minor > 0);
    currency.map(|currency| currency.money(minor).to_string()).unwrap_or_default()
}

fn tax_id(row: &super::super::account::TaxIdRow, path: &str) -> TaxIdView {
    let read = TaxIdType::from_key(&row.kind).and_then(|kind| TaxId::parse(kind, &row.value).ok());
    TaxIdView {
        label: row.label(),
        value: row.value.clone(),
        state: match row.verification.as_str() {
            "verified" => ("positive", "Verified"),
            "unverified" => ("negative", "Not verified"),
            "pending" => ("notice", "Being verified"),
            "unavailable" => ("neutral", "Cannot be verified"),
            _ => ("neutral", "Form checked"),
        },
        doubt: if read.is_some_and(|id| !id.digits_agree()) {
            "Its check digit does not fit the others: look at it once more."
        } else {
            ""
        },
        remove: format!("{path}/tax-ids/{}/remove", row.id),
    }
}
