//! The pages of an organization itself.

use actix_web::HttpResponse;
use askama::Template;

use crate::access::{Permit, rights};
use crate::error::Result;
use crate::web::frame::Frame;
use crate::web::page;

#[derive(Template)]
#[template(path = "organizations/overview.html")]
struct OverviewPage {
    frame: Frame,
}

/// `GET /o/{slug}`
pub async fn overview(permit: Permit<rights::BeMember>) -> Result<HttpResponse> {
    page(&OverviewPage { frame: permit.frame() })
}
