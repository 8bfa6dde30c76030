//! The right to do something in the organization that the address names, as a type in a handler's signature.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_session::Session;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use diesel::pg::PgConnection;
use uuid::Uuid;

use super::policy::Standing;
use super::queries::{self, Organization};
use super::right::Right;
use super::role::Role;
use super::scope::{Basis, OrgConn, OrgTx};
use super::seat::{Admission, admitted, locked_by};
use super::signed_in::{Account, SignedIn};
use crate::db::{Db, MaybeCollision, OpenRead, Scope};
use crate::error::{AppError, Result, Stopped};
use crate::web::assets::Look;
use crate::web::{Console, request_log};

/// A signed-in, active member of the organization in the address who holds the right `P`.
pub struct Permit<P: Right> {
    pub account: Account,
    pub organization: Organization,
    pub member_id: Uuid,
    pub role: Role,
    pub standing: Standing,
    pub session: Session,
    pub(super) others: Vec<Organization>,
    pub(super) path: String,
    pub(super) look: Arc<Look>,
    db: Db,
    open: Option<OpenRead>,
    right: PhantomData<P>,
}

impl<P: Right> Permit<P> {
    /// Reads the organization's rows. On a page (GET) this continues the transaction that checked the right.
    ///
    /// # Errors
    /// What `work` answers, or `Unavailable`.
    pub async fn read<T, F>(&mut self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut OrgConn<'_>) -> Result<T> + Send + 'static,
    {
        let (organization_id, basis) = (self.organization.id, Basis::of(&self.db));
        let work = move |connection: &mut PgConnection| work(&mut OrgConn::new(connection, organization_id, basis));
        match self.open.take() {
            Some(open) => open.finish(work).await,
            None => self.db.read(Scope::Member { organization_id, account_id: self.account.id }, work).await,
        }
    }

    /// Changes the organization under its lock. The right is checked again inside, so that who lost it a moment ago
    /// changes nothing.
    ///
    /// # Errors
    /// `NotFound` or `Forbidden` for who lost membership or right, else what `work` answers.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<diesel::result::Error> + MaybeCollision + Send + 'static,
        F: Fn(&mut OrgTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (organization_id, account, basis) = (self.organization.id, self.account.clone(), Basis::of(&self.db));
        let scope = Scope::Member { organization_id, account_id: account.id };
        self.db
            .write(scope, move |connection| {
                let mut tx = locked_by::<P>(connection, organization_id, &account, basis.clone())?;
                work(&mut tx)
            })
            .await
    }

    /// Does what `write` does, and takes it back: what would become of a change, told by the change itself.
    ///
    /// # Errors
    /// As `write`.
    pub async fn rehearse<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut OrgTx<'_>) -> Result<T> + Send + 'static,
    {
        // A refusal is what rolls back.
        match self.write(move |tx| Err::<(), _>(Stopped::Refused(work(tx)?))).await {
            Err(Stopped::Refused(outcome)) => Ok(outcome),
            Err(Stopped::Failed(error)) => Err(error),
            Ok(()) => Err(AppError::Internal("a rehearsal was committed".to_owned())),
        }
    }

    /// A path of this organization: `permit.path_to("members")`.
    pub fn path_to(&self, rest: &str) -> String {
        format!("/o/{}/{rest}", self.organization.slug)
    }

    pub fn db(&self) -> &Db {
        &self.db
    }
}

impl<P: Right> FromRequest for Permit<P> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Permit<P>>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload).into_inner();
        let request = request.clone();
        Box::pin(async move { admit(&request, signed_in?).await })
    }
}

async fn admit<P: Right>(request: &HttpRequest, SignedIn { account, session }: SignedIn) -> Result<Permit<P>> {
    let console = request.app_data::<web::Data<Console>>().ok_or(AppError::NotFound)?;
    let slug = request.match_info().get("slug").filter(|slug| is_slug(slug)).ok_or(AppError::NotFound)?.to_owned();
    let (account_id, last, db) = (account.id, account.last_organization_id, console.db.clone());
    let product = Arc::clone(db.product());
    let check = move |connection: &mut PgConnection| admitted::<P>(connection, account_id, last, &slug, &product);
    let scope = scope_of(account_id, last);
    // A form's body may take its time: only a page keeps its transaction open.
    let (open, admission) = if request.method().is_safe() {
        let (open, found) = db.open_read(scope, check).await?;
        (Some(open), found)
    } else {
        (None, db.read(scope, check).await?)
    };
    let Admission { mine, others, refusal } = admission;
    request_log::note_organization(request, mine.organization.id);
    let permit = Permit {
        standing: mine.role.standing(),
        role: mine.role,
        member_id: mine.member_id,
        organization: mine.organization,
        account,
        session,
        others,
        path: request.path().to_owned(),
        look: Arc::clone(&console.assets.look),
        db,
        open,
        right: PhantomData,
    };
    if let Some(refusal) = refusal {
        // The permit goes no further; the page that says so keeps the frame around it.
        request.extensions_mut().insert(permit.frame());
        return Err(refusal);
    }
    remember(&permit.db, &permit.account, permit.organization.id).await;
    Ok(permit)
}

/// Most often it is the organization of the request before: to begin inside of it saves a round trip.
fn scope_of(account_id: Uuid, last: Option<Uuid>) -> Scope {
    match last {
        Some(organization_id) => Scope::Member { organization_id, account_id },
        None => Scope::Account(account_id),
    }
}

/// Whether a text could be a slug at all; Postgres would not even take a NUL.
fn is_slug(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Where `/` leads to next time: only a hint, written when it changes and a connection is free. A page holds one already,
/// and pages that all wait for a second one would wait for each other.
async fn remember(db: &Db, account: &Account, organization_id: Uuid) {
    if account.last_organization_id == Some(organization_id) || !db.has_free_connection() {
        return;
    }
    let account_id = account.id;
    let written = db.write(Scope::Nobody, move |connection| {
        queries::remember_organization(connection, account_id, organization_id)?;
        Ok::<(), AppError>(())
    });
    if let Err(error) = written.await {
        tracing::debug!(%error, "the organization used last was not remembered");
    }
}
