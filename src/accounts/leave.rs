//! `/o/{slug}/leave`: a member goes by themselves.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Permit, rights};
use crate::error::{Result, Stopped};
use crate::members;
use crate::web::forms::{Form, NoFields};
use crate::web::frame::Frame;
use crate::web::{flash, page_with, see_other};

#[derive(Template)]
#[template(path = "accounts/leave.html")]
struct LeavePage {
    frame: Frame,
    refusal: String,
    action: String,
    ends: Vec<String>,
    stays: Vec<String>,
}

impl LeavePage {
    fn answer(permit: &Permit<rights::BeMember>, status: StatusCode, refusal: String) -> Result<HttpResponse> {
        let name = &permit.organization.name;
        let page = LeavePage {
            frame: permit.frame(),
            refusal,
            action: permit.path_to("leave"),
            ends: vec![
                format!("Your access to everything in {name}"),
                format!("Your role there, {}; coming back needs a new invitation", permit.role.name),
            ],
            stays: vec![
                "Your account and your other organizations".to_owned(),
                "What you did, in the activity log".to_owned(),
                "API keys that you generated: they go on with the role that you have now, until somebody revokes them".to_owned(),
            ],
        };
        page_with(status, &page)
    }
}

/// `GET /o/{slug}/leave`
pub async fn show(permit: Permit<rights::BeMember>) -> Result<HttpResponse> {
    LeavePage::answer(&permit, StatusCode::OK, String::new())
}

/// `POST /o/{slug}/leave`
pub async fn submit(permit: Permit<rights::BeMember>, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    match permit.write(members::actions::leave).await {
        Ok(_) => {
            flash::tell(&permit.session, format!("You left {}.", permit.organization.name))?;
            Ok(see_other("/account"))
        }
        Err(Stopped::Refused(refused)) => LeavePage::answer(&permit, StatusCode::UNPROCESSABLE_ENTITY, refused.sentence()),
        Err(Stopped::Failed(error)) => Err(error),
    }
}
