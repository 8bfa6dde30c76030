//! `/o/{slug}/billing/cancel` and `/o/{slug}/billing/resume`

use std::rc::Rc;

use actix_web::{HttpResponse, web};

use super::super::queries;
use super::super::refusal::Refusal;
use super::super::way;
use super::confirm::ConfirmPage;
use super::{module_words, words};
use crate::access::{Permit, rights};
use crate::error::{Result, Stopped};
use crate::web::forms::{Form, NoFields};
use crate::web::words::day;
use crate::web::{Console, flash, page, see_other};

type ManagePermit = Permit<rights::ManageBilling>;

/// `GET /o/{slug}/billing/cancel`
pub async fn confirm(mut permit: ManagePermit) -> Result<HttpResponse> {
    let billing = permit.read(queries::billing).await?;
    let Some(current) = billing.running() else { return told(&permit, Refusal::NotRunning.words().into_owned()) };
    let organization = &permit.organization;
    let plans = permit.db().plans().clone();
    let (from, to) = (plans.of(&organization.plan), plans.free());
    let mut ends = vec![format!("{} ends, and {} is your plan.", current.plan_name, to.name)];
    ends.extend(module_words::end_with_plan(&billing, organization, to, &permit));
    ends.extend(words::closes(from, to, &plans.items, organization));
    page(&ConfirmPage {
        heading: format!("Cancel {}?", current.plan_name),
        action: permit.path_to("billing/cancel"),
        button: format!("Cancel {}", current.plan_name),
        keep: format!("Keep {}", current.plan_name),
        ends_title: format!("What ends on {}", day(current.period_ends_at)),
        ends,
        stays: vec![
            format!("Everything as it is until {}: you can keep the plan until then.", day(current.period_ends_at)),
            "All members, their roles and their keys.".to_owned(),
            "All invoices.".to_owned(),
        ],
        back: permit.path_to("billing"),
        frame: permit.frame(),
    })
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
