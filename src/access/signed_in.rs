//! The person behind a session.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{AppError, Result};
use crate::web::assets::Look;
use crate::web::frame::Public;
use crate::web::{Console, flash, request_log};

/// Under this name the session's store hands over the account, read with the session on every request.
pub const SESSION_ACCOUNT: &str = "account";

/// An account as every request reads it from the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    /// Whether somebody proved to read the address.
    pub confirmed: bool,
    pub last_organization_id: Option<Uuid>,
}

/// A signed-in person. Without one the request is answered with 303 to the sign-in page.
pub struct SignedIn {
    pub account: Account,
    pub session: Session,
}

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = Ready<Result<SignedIn>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(signed_in(request))
    }
}

fn signed_in(request: &HttpRequest) -> Result<SignedIn> {
    let visitor = visitor(request)?;
    let Some(account) = visitor.account else {
        let asked = request.uri().path_and_query().map(|path| path.as_str()).unwrap_or("/");
        let next = if request.method().is_safe() { asked } else { "/" };
        return Err(AppError::SignInFirst { next: next.to_owned() });
    };
    Ok(SignedIn { account, session: visitor.session })
}

/// Anybody: signed in or not.
pub struct Visitor {
    pub account: Option<Account>,
    pub session: Session,
    look: Arc<Look>,
}

impl Visitor {
    /// The frame of a page outside every organization. Takes the flash message.
    pub fn page(&self) -> Public {
        let signed_in_as = self.account.as_ref().map(|account| account.name.clone());
        Public { signed_in_as, ..Public::new(Arc::clone(&self.look), flash::take(&self.session)) }
    }
}

impl FromRequest for Visitor {
    type Error = AppError;
    type Future = Ready<Result<Visitor>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visitor(request))
    }
}

fn visitor(request: &HttpRequest) -> Result<Visitor> {
    let session = request.get_session();
    let account = session.get::<Account>(SESSION_ACCOUNT).map_err(|error| AppError::Internal(error.to_string()))?;
    if let Some(account) = &account {
        request_log::note_account(request, account.id);
    }
    let console = request.app_data::<web::Data<Console>>().ok_or_else(|| AppError::Internal("no console".to_owned()))?;
    Ok(Visitor { account, session, look: Arc::clone(&console.assets.look) })
}
