//! `/`: where somebody goes on.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::waiting::{self, Waiting};
use crate::access::Visitor;
use crate::db::Scope;
use crate::error::Result;
use crate::invites::binding;
use crate::organizations;
use crate::web::frame::Public;
use crate::web::{Console, page, see_other};

#[derive(Template)]
#[template(path = "accounts/start.html")]
struct StartPage {
    page: Public,
    invitations: Vec<Waiting>,
    /// Names of organizations that the person could be let in to again.
    deactivated_in: Vec<String>,
    /// An address that nobody proved finds no invitations.
    unconfirmed: Option<String>,
}

/// `GET /`: to the organization used last, or to what there is to join; signed out to the sign-in.
pub async fn show(console: web::Data<Console>, visitor: Visitor) -> Result<HttpResponse> {
    let Some(account) = visitor.account.clone() else { return Ok(see_other("/sign-in")) };
    let now = console.db.now();
    let scope = Scope::Account(account.id);
    let unconfirmed = (!account.confirmed).then(|| account.email.clone());
    let find = move |connection: &mut _| {
        let home = organizations::queries::home_of(connection, account.id, account.last_organization_id)?;
        if home.is_some() {
            return Ok((home, Vec::new(), Vec::new()));
        }
        let deactivated_in = organizations::queries::deactivated_in(connection, account.id)?;
        Ok((home, waiting::list(connection, &account, now)?, deactivated_in))
    };
    let (home, invitations, deactivated_in) = console.db.read(scope, find).await?;
    if let Some(slug) = home {
        return Ok(see_other(&format!("/o/{slug}")));
    }
    if binding::bound(&visitor.session).is_some() {
        return Ok(see_other("/invitation"));
    }
    if invitations.is_empty() && deactivated_in.is_empty() && unconfirmed.is_none() {
        return Ok(see_other("/organizations/new"));
    }
    page(&StartPage { page: visitor.page(), invitations, deactivated_in, unconfirmed })
}
