//! `/o/{slug}/billing/cancel` and `/o/{slug}/billing/resume`

use std::rc::Rc;

use actix_web::{HttpResponse, web};

use super::super::account::Billing;
use super::super::dunning::stops_at;
use super::super::queries;
use super::super::refusal::Refusal;
use super::super::subscription::{Status, Subscription};
use super::super::way;
use super::super::words;
use super::confirm::ConfirmPage;
use crate::access::{Permit, rights};
use crate::config::Plans;
use crate::error::{Result, Stopped};
use crate::web::forms::{Form, NoFields};
use crate::web::words::day;
use crate::web::{Console, flash, page, see_other};

type ManagePermit = Permit<rights::ManageBilling>;

/// `GET /o/{slug}/billing/cancel`
pub async fn confirm(mut permit: ManagePermit) -> Result<HttpResponse> {
    let billing = permit.read(queries::billing).await?;
    match (billing.confirm_first(), billing.running()) {
        (Some(refusal), _) => told(&permit, refusal.words().into_owned()),
        (None, Some(current)) => page(&cancel_page(&permit, &billing, current)),
        (None, None) => told(&permit, Refusal::NotRunning.words().into_owned()),
    }
}

fn cancel_page(permit: &ManagePermit, billing: &Billing, current: &Subscription) -> ConfirmPage {
    let organization = &permit.organization;
    let plans = permit.db().plans();
    let (from, to) = (plans.of(&organization.plan), plans.free());
    let mut ends = vec![format!("{} ends, and {} is your plan.", current.plan_name, to.name)];
    ends.extend(words::modules::end_with_plan(billing, organization, to, permit));
    ends.extend(words::closes(from, to, &plans.items, organization));
    ConfirmPage {
        heading: format!("Cancel {}?", current.plan_name),
        action: permit.path_to("billing/cancel"),
        button: format!("Cancel {}", current.plan_name),
        keep: format!("Keep {}", current.plan_name),
        ends_title: format!("What ends on {}", day(current.period_ends_at)),
        ends,
        stays: stays(billing, current, plans),
        back: permit.path_to("billing"),
        frame: permit.frame(),
    }
}

fn stays(billing: &Billing, current: &Subscription, plans: &Plans) -> Vec<String> {
    let members = "All members, their roles and their keys.".to_owned();
    let all = [until_then(billing, current, plans), members, invoices(billing)].into_iter();
    all.chain(words::uninvoiced::at_the_end(billing, current, plans)).collect()
}

/// How long everything stays as it is: an invoice that nobody pays ends the plan before its time.
fn until_then(billing: &Billing, current: &Subscription, plans: &Plans) -> String {
    let at = day(current.period_ends_at);
    let plain = format!("Everything as it is until {at}: you can keep the plan until then.");
    let late = billing.unpaid_by(current.is_at_stripe()).filter(|_| current.status() == Status::PastDue);
    let Some(unpaid) = late else { return plain };
    let paid = format!("Everything as it is until {at} if the invoice {} is paid", unpaid.number);
    let stops = stops_at(unpaid.due_at, unpaid.reminders, unpaid.reminder_at, plans.issuer.grace_days);
    match (unpaid.is_at_stripe, unpaid.next_attempt_at, stops) {
        (true, Some(next), _) => {
            format!("{paid}. Stripe tries again on {}; if its last try fails, the plan ends before.", day(next))
        }
        (true, None, _) => format!("{paid}. Stripe does not try again by itself, and may end the plan before."),
        (false, _, Some(stops)) if stops < current.period_ends_at => {
            format!("{paid}. If nothing has arrived by {}, the plan ends then.", day(stops))
        }
        (false, ..) => plain,
    }
}

/// What is owed stays owed.
fn invoices(billing: &Billing) -> String {
    let Some(unpaid) = &billing.unpaid else { return "All invoices.".to_owned() };
    format!("All invoices. {} are still to be paid, whether you cancel or not.", words::owed::all(unpaid))
}

/// `POST /o/{slug}/billing/cancel`
pub async fn submit(permit: ManagePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let permit = Rc::new(permit);
    match way::cancel(Rc::clone(&permit), console.stripe.clone()).await {
        Ok(at) => {
            flash::tell(&permit.session, format!("The plan ends on {}. Until then you can keep it.", day(at)))?;
            Ok(see_other(&permit.path_to("billing")))
        }
        Err(Stopped::Refused(refusal)) => told(&permit, refusal.words().into_owned()),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// `POST /o/{slug}/billing/resume`
pub async fn resume(permit: ManagePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let permit = Rc::new(permit);
    match way::resume(Rc::clone(&permit), console.stripe.clone()).await {
        Ok(plan) => {
            flash::tell(&permit.session, format!("{plan} goes on as it is."))?;
            Ok(see_other(&permit.path_to("billing")))
        }
        Err(Stopped::Refused(refusal)) => told(&permit, refusal.words().into_owned()),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

fn told(permit: &ManagePermit, words: String) -> Result<HttpResponse> {
    flash::warn(&permit.session, words)?;
    Ok(see_other(&permit.path_to("billing")))
}
