//! One organization's rows: `OrgConn` reads them, `OrgTx` changes them. An `OrgTx` holds the lock on the organization's
//! row, so that one organization has one writer at a time and last owner, slots and double acceptance are ordinary
//! sequential code.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use diesel::pg::PgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::policy::Permission;
use super::queries::{self, Organization};
use super::role::{self, Role};
use crate::audit::{self, Event};
use crate::clock::Moment;
use crate::config::{Plans, ProductPermissions};
use crate::db::{Db, MaybeCollision, Scope};
use crate::error::{AppError, Result};
use crate::mail::{self, Mail};

/// A transaction that sees one organization.
pub struct OrgConn<'a> {
    connection: &'a mut PgConnection,
    organization_id: Uuid,
    basis: Basis,
}

/// What a transaction goes by: the time, the permissions of the product, and the plans.
#[derive(Clone)]
pub struct Basis {
    pub now: Moment,
    pub product: Arc<ProductPermissions>,
    pub plans: Arc<Plans>,
}

impl Basis {
    /// Those of a transaction that begins now.
    pub fn of(db: &Db) -> Basis {
        Basis { now: db.now(), product: Arc::clone(db.product()), plans: Arc::clone(db.plans()) }
    }
}

impl<'a> OrgConn<'a> {
    pub(super) fn new(connection: &'a mut PgConnection, organization_id: Uuid, basis: Basis) -> OrgConn<'a> {
        OrgConn { connection, organization_id, basis }
    }

    pub fn connection(&mut self) -> &mut PgConnection {
        self.connection
    }

    pub fn organization_id(&self) -> Uuid {
        self.organization_id
    }

    /// The time of this transaction.
    pub fn now(&self) -> Moment {
        self.basis.now
    }

    /// All roles of the organization, whose row was read in this transaction, highest first.
    pub fn roles(&mut self, organization: &Organization) -> Result<Arc<[Role]>> {
        Ok(role::known(self.connection, organization, &self.basis.product)?)
    }

    /// One role of the organization; `NotFound` if there is none, or no longer.
    pub fn role(&mut self, organization: &Organization, id: Uuid) -> Result<Role> {
        let roles = self.roles(organization)?;
        roles.iter().find(|role| role.id == id).cloned().ok_or(AppError::NotFound)
    }

    /// The permissions of the product behind the console.
    pub fn product(&self) -> &Arc<ProductPermissions> {
        &self.basis.product
    }

    /// What organizations may subscribe to.
    pub fn plans(&self) -> &Arc<Plans> {
        &self.basis.plans
    }

    /// People who have a permission: name and role, highest first, three at most.
    pub fn people_with(&mut self, organization: &Organization, permission: Permission) -> Result<Vec<(String, String)>> {
        let roles = self.roles(organization)?;
        Ok(role::people_with(self.connection, organization, &roles, permission)?)
    }

    /// People who could give somebody a permission: name and role, highest first, three at most.
    pub fn granters(&mut self, organization: &Organization, permission: Permission) -> Result<Vec<(String, String)>> {
        let roles = self.roles(organization)?;
        Ok(role::granters(self.connection, organization, &roles, permission)?)
    }
}

/// A transaction that changes one organization and holds its lock.
pub struct OrgTx<'a> {
    conn: OrgConn<'a>,
    pub actor: Actor,
    /// As it was when the lock was taken.
    pub organization: Organization,
}

impl<'a> OrgTx<'a> {
    /// Locks the organization's row inside a transaction that is scoped to it. For transactions that begin with more than
    /// an organization: a sign-up makes the account first.
    ///
    /// # Errors
    /// `NotFound` where there is no such organization.
    pub fn within(connection: &'a mut PgConnection, organization_id: Uuid, actor: Actor, basis: Basis) -> Result<OrgTx<'a>> {
        let organization = queries::lock_organization(connection, organization_id)?;
        Ok(OrgTx::holding(connection, organization, actor, basis))
    }

    /// For who holds the lock already.
    pub(super) fn holding(connection: &'a mut PgConnection, organization: Organization, actor: Actor, basis: Basis) -> OrgTx<'a> {
        OrgTx { conn: OrgConn::new(connection, organization.id, basis), actor, organization }
    }

    /// One role as it was when the lock was taken; `NotFound` if there is none, or no longer.
    pub fn role_by_id(&mut self, id: Uuid) -> Result<Role> {
        let organization = self.organization.clone();
        self.role(&organization, id)
    }

    /// Narrows an account's transaction to one of its organizations and locks it, for what an account changes in all of
    /// them. Whoever enters several does so in the order of their ids.
    ///
    /// # Errors
    /// As `within`.
    pub fn enter(connection: &'a mut PgConnection, organization_id: Uuid, actor: Actor, basis: Basis) -> Result<OrgTx<'a>> {
        queries::enter(connection, organization_id)?;
        OrgTx::within(connection, organization_id, actor, basis)
    }

    /// Addresses of active members who have a permission, of the highest roles first.
    pub fn addresses_with(&mut self, permission: Permission, most: i64) -> Result<Vec<String>> {
        let organization = self.organization.clone();
        let roles = self.roles(&organization)?;
        let ids: Vec<Uuid> = roles.iter().filter(|role| role.permissions.contains(permission)).map(|role| role.id).collect();
        let organization_id = self.conn.organization_id;
        Ok(queries::addresses_of_roles(self.conn.connection, organization_id, &ids, most)?)
    }

    /// Does as the console's deed what was done by nobody in the organization.
    ///
    /// # Errors
    /// As the work.
    pub fn by_console<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let actor = std::mem::replace(&mut self.actor, Actor::console());
        let done = work(self);
        self.actor = actor;
        done
    }

    /// Writes an event into the activity log, committed with the change itself.
    pub fn record(&mut self, event: &Event) -> Result<()> {
        let author = self.actor.author();
        let (organization_id, now) = (self.conn.organization_id, self.conn.basis.now);
        audit::record(self.conn.connection, organization_id, now, &author, event)
    }

    /// Puts a mail into the outbox, committed with the change itself.
    pub fn mail(&mut self, mail: &Mail) -> Result<Uuid> {
        let now = self.conn.basis.now;
        mail::enqueue(self.conn.connection, now, mail)
    }

    /// Writes the events of one deed that concerned many.
    pub fn record_all(&mut self, events: &[Event]) -> Result<()> {
        let author = self.actor.author();
        let (organization_id, now) = (self.conn.organization_id, self.conn.basis.now);
        audit::record_all(self.conn.connection, organization_id, now, &author, events)
    }

    /// Puts many mails into the outbox.
    pub fn mail_all(&mut self, mails: &[Mail]) -> Result<()> {
        let now = self.conn.basis.now;
        mail::enqueue_all(self.conn.connection, now, mails)
    }

    /// The organization as it is now, counters included.
    pub fn reread_organization(&mut self) -> Result<Organization> {
        let organization_id = self.conn.organization_id;
        queries::lock_organization(self.conn.connection, organization_id)
    }
}

impl<'a> Deref for OrgTx<'a> {
    type Target = OrgConn<'a>;

    fn deref(&self) -> &OrgConn<'a> {
        &self.conn
    }
}

impl DerefMut for OrgTx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.conn
    }
}

/// Changes an organization without a permit: for a person with a proven invitation, for the operator, and for the console
/// itself. Members' changes go through `Permit::write`.
///
/// # Errors
/// `NotFound` without such an organization, else what `work` answers.
pub async fn write_as<T, E, F>(db: &Db, organization_id: Uuid, actor: Actor, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<AppError> + From<diesel::result::Error> + MaybeCollision + Send + 'static,
    F: Fn(&mut OrgTx<'_>) -> Result<T, E> + Send + 'static,
{
    let basis = Basis::of(db);
    db.write(Scope::Organization(organization_id), move |connection| {
        let mut tx = OrgTx::within(connection, organization_id, actor.clone(), basis.clone())?;
        work(&mut tx)
    })
    .await
}

/// Reads an organization without a permit: for who holds a genuine invitation, and for the console itself. Members' pages
/// read through `Permit::read`.
///
/// # Errors
/// `Unavailable`, else what `work` answers.
pub async fn read_as<T, F>(db: &Db, organization_id: Uuid, work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut OrgConn<'_>) -> Result<T> + Send + 'static,
{
    let basis = Basis::of(db);
    let work = move |connection: &mut PgConnection| work(&mut OrgConn::new(connection, organization_id, basis));
    db.read(Scope::Organization(organization_id), work).await
}

/// Counts something in an organization that administers nothing there, and so does without its lock.
///
/// # Errors
/// `Unavailable`, else what `work` answers.
pub async fn count_in<T, F>(db: &Db, organization_id: Uuid, work: F) -> Result<T>
where
    T: Send + 'static,
    F: Fn(&mut OrgConn<'_>) -> Result<T> + Send + 'static,
{
    let basis = Basis::of(db);
    let work = move |connection: &mut PgConnection| work(&mut OrgConn::new(connection, organization_id, basis.clone()));
    db.write(Scope::Organization(organization_id), work).await
}
