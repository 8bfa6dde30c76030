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
use super::queries::{self, Membership, Organization};
use super::right::{Right, has};
use super::role::{self, Role};
use super::scope::{Actor, OrgConn, OrgTx};
use super::signed_in::{Account, SignedIn};
use crate::clock::Moment;
use crate::db::{Db, MaybeCollision, OpenRead, Scope};
use crate::error::{AppError, Result};
use crate::web::assets::Look;
use crate::web::{Console, request_log};

/// A signed-in, active member of the organization in the address who holds the right `P`.
pub struct Permit<P: Right> {
    pub account: Account,
    pub organization: Organization,
    pub member_id: Uuid,
    pub role_name: String,
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
        let (organization_id, now) = (self.organization.id, self.db.now());
        let work = move |connection: &mut PgConnection| work(&mut OrgConn::new(connection, organization_id, now));
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
        let (organization_id, account, now) = (self.organization.id, self.account.clone(), self.db.now());
        let scope = Scope::Member { organization_id, account_id: account.id };
        self.db
            .write(scope, move |connection| {
                let mut tx = locked_by::<P>(connection, organization_id, &account, now)?;
                work(&mut tx)
            })
            .await
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
    let check = move |connection: &mut PgConnection| admitted::<P>(connection, account_id, last, &slug);
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
        role_name: mine.role.name,
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

/// My membership in an organization, with my role.
struct Seat {
    organization: Organization,
    member_id: Uuid,
    role: Role,
}

impl Seat {
    fn of(connection: &mut PgConnection, Membership { organization, member_id, role_id }: Membership) -> Result<Seat> {
        let roles = role::known(connection, &organization)?;
        let role = roles.iter().find(|role| role.id == role_id).cloned().ok_or(AppError::NotFound)?;
        Ok(Seat { organization, member_id, role })
    }
}

/// What a permit is made of, unless the right is missing.
struct Admission {
    mine: Seat,
    others: Vec<Organization>,
    refusal: Option<AppError>,
}

/// My membership in the organization of `slug`, to which the transaction is narrowed now, and my other organizations.
fn admitted<P: Right>(connection: &mut PgConnection, account_id: Uuid, inside_of: Option<Uuid>, slug: &str) -> Result<Admission> {
    let mut memberships = queries::memberships(connection, account_id, slug)?.into_iter();
    let mine = memberships.next().filter(|first| first.organization.slug == slug).ok_or(AppError::NotFound)?;
    if inside_of != Some(mine.organization.id) {
        queries::enter(connection, mine.organization.id)?;
    }
    let mine = Seat::of(connection, mine)?;
    let refusal = match check::<P>(connection, &mine) {
        Ok(()) => None,
        Err(refusal @ AppError::Forbidden { .. }) => Some(refusal),
        Err(error) => return Err(error),
    };
    Ok(Admission { mine, others: memberships.map(|membership| membership.organization).collect(), refusal })
}

/// Locks the organization, then reads the actor's role again.
fn locked_by<'a, P: Right>(
    connection: &'a mut PgConnection,
    organization_id: Uuid,
    account: &Account,
    now: Moment,
) -> Result<OrgTx<'a>> {
    let organization = queries::lock_organization(connection, organization_id)?;
    let mine = queries::membership(connection, account.id, organization_id)?.ok_or(AppError::NotFound)?;
    let mine = Seat::of(connection, mine)?;
    check::<P>(connection, &mine)?;
    let actor = Actor {
        account_id: Some(account.id),
        member_id: Some(mine.member_id),
        name: account.name.clone(),
        standing: mine.role.standing(),
    };
    Ok(OrgTx::holding(connection, organization, actor, now))
}

fn check<P: Right>(connection: &mut PgConnection, mine: &Seat) -> Result<()> {
    let Some(needed) = P::PERMISSION else { return Ok(()) };
    if has::<P>(mine.role.standing()) {
        return Ok(());
    }
    let granters = role::granters(connection, &mine.organization, needed)?;
    let named: Vec<String> = granters.iter().map(|(name, role)| format!("{name} ({role})")).collect();
    Err(AppError::Forbidden { permission: needed.key(), granted_by: named.join(" or ") })
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
