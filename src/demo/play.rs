//! Plays one scene after the other, each by the action that a page would call.

use std::collections::HashMap;
use std::fmt::Debug;

use uuid::Uuid;

use super::cast::{ORGANIZATIONS, address_of};
use super::inside::{enter, on_members, role_id};
use super::keys;
use super::script::{Act, Scene};
use crate::access::policy::Starter;
use crate::access::{Actor, OrgTx, write_as};
use crate::accounts::actions::SignUp;
use crate::accounts::invited::InvitedSignUp;
use crate::clock::{Clock, Moment};
use crate::db::types::{EmailAddress, OrganizationName, PersonName};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result, Stopped};
use crate::invites::actions::{NewInvitations, Outcome, Wanted};
use crate::invites::binding::Bound;
use crate::{accounts, invites, organizations};

/// The database, its clock and what has been founded so far.
pub(super) struct Stage<'a> {
    db: &'a Db,
    clock: &'a Clock,
    password_hash: &'a str,
    founded: Vec<(usize, Uuid, String)>,
    /// The latest invitation of each address, by organization.
    sent: HashMap<(usize, String), Uuid>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(db: &'a Db, clock: &'a Clock, password_hash: &'a str) -> Stage<'a> {
        Stage { db, clock, password_hash, founded: Vec::new(), sent: HashMap::new() }
    }

    /// Plays a scene at its time before `end`.
    pub(super) async fn play(&mut self, scene: &Scene, end: Moment) -> Result<()> {
        self.clock.travel(end - scene.ago - self.db.now());
        invites::actions::expire_due_organizations(self.db).await?;
        match &scene.act {
            Act::Found => self.found(scene.organization).await,
            Act::Confirm { name } => self.confirm(address_of(name)).await,
            Act::SetLimit { members } => {
                let (_, slug) = self.organization(scene.organization)?;
                organizations::actions::set_member_limit(self.db, &slug, *members).await.map(drop)
            }
            Act::Join { name } => self.join(scene.organization, name).await,
            Act::Decline { email } => self.decline(scene.organization, email).await,
            Act::AskAgain { email } => self.ask_again(scene.organization, email).await,
            Act::SignIn { name } => self.sign_in(name).await,
            Act::Invite { by, email, role } => self.invite(scene.organization, by, email, *role).await,
            act @ (Act::Resend { email, .. } | Act::Revoke { email, .. }) => {
                self.on_invitation(scene.organization, act.clone(), email).await
            }
            Act::UseKey { key, secret, from, ability } => {
                keys::used(self.db, self.organization(scene.organization)?.0, key, (*secret, *from, ability)).await
            }
            act => self.on_members(scene.organization, act.clone()).await,
        }
    }

    fn organization(&self, number: usize) -> Result<(Uuid, String)> {
        let founded = self.founded.iter().find(|(known, ..)| *known == number);
        founded.map(|(_, id, slug)| (*id, slug.clone())).ok_or_else(|| missing("organization"))
    }

    async fn found(&mut self, number: usize) -> Result<()> {
        let organization = ORGANIZATIONS.get(number).ok_or_else(|| missing("organization"))?;
        let (name, _) = organization.people.first().ok_or_else(|| missing("founder"))?;
        let new = SignUp {
            id: Uuid::now_v7(),
            name: PersonName::parse(name).map_err(unfit)?,
            email: EmailAddress::parse(&address_of(name)).map_err(unfit)?,
            password_hash: self.password_hash.to_owned(),
            organization: OrganizationName::parse(organization.name).map_err(unfit)?,
        };
        let (_, slug) = done(accounts::actions::sign_up(self.db, new).await)?;
        let wanted = slug.clone();
        let id = self.db.read(Scope::Nobody, move |connection| organizations::queries::id_of_slug(connection, &wanted)).await?;
        self.founded.push((number, id, slug));
        Ok(())
    }

    async fn confirm(&self, email: String) -> Result<()> {
        let now = self.db.now();
        self.db
            .write(Scope::Nobody, move |connection| {
                let row = accounts::queries::by_email(connection, &email)?.ok_or(AppError::NotFound)?;
                accounts::identity::confirm_address(connection, &row, now)
            })
            .await
    }

    async fn account(&self, email: &str) -> Result<Option<accounts::AccountRow>> {
        let email = email.to_owned();
        self.db.read(Scope::Nobody, move |connection| Ok(accounts::queries::by_email(connection, &email)?)).await
    }

    fn invitation(&self, number: usize, email: &str) -> Result<Uuid> {
        self.sent.get(&(number, email.to_owned())).copied().ok_or_else(|| missing(email))
    }

    /// The mailed link of an address, as its holder clicks it.
    async fn link(&self, number: usize, email: &str) -> Result<Bound> {
        let (organization_id, invitation_id) = (self.organization(number)?.0, self.invitation(number, email)?);
        let read = move |tx: &mut OrgTx<'_>| invites::queries::by_id(tx, invitation_id);
        let invitation = write_as(self.db, organization_id, Actor::console(), read).await?;
        Ok(Bound { organization_id, invitation_id, generation: invitation.generation, mailed: true })
    }

    async fn join(&self, number: usize, name: &str) -> Result<()> {
        let email = address_of(name);
        let bound = self.link(number, &email).await?;
        if let Some(row) = self.account(&email).await? {
            return done(invites::actions::accept(self.db, &row.account(), bound).await).map(drop);
        }
        let new = InvitedSignUp {
            id: Uuid::now_v7(),
            name: PersonName::parse(name).map_err(unfit)?,
            email: EmailAddress::parse(&email).map_err(unfit)?,
            password_hash: self.password_hash.to_owned(),
            bound,
        };
        done(accounts::invited::sign_up(self.db, new).await).map(drop)
    }

    async fn decline(&self, number: usize, email: &str) -> Result<()> {
        let bound = self.link(number, email).await?;
        invites::actions::decline(self.db, Actor::invited(email), bound).await.map(drop)
    }

    async fn ask_again(&self, number: usize, email: &str) -> Result<()> {
        let bound = self.link(number, email).await?;
        invites::actions::ask_again(self.db, Actor::invited(email), bound).await
    }

    async fn sign_in(&self, name: &str) -> Result<()> {
        const CLIENTS: [&str; 4] = ["Firefox on Linux", "Chrome on Windows", "Safari on macOS", "Chrome on Android"];
        let Some(row) = self.account(&address_of(name)).await? else { return Ok(()) };
        let client = CLIENTS.get(name.len() % CLIENTS.len()).copied().unwrap_or_default();
        accounts::actions::signed_in(self.db, &row, client).await.map(drop)
    }

    async fn invite(&mut self, number: usize, by: &'static str, email: &str, role: Starter) -> Result<()> {
        let wanted = vec![Wanted { email: EmailAddress::parse(email).map_err(unfit)?, name: String::new() }];
        let send = move |tx: &mut OrgTx<'_>| {
            enter(tx, by)?;
            let new = NewInvitations {
                wanted: wanted.clone(),
                role_id: role_id(tx, role.name())?,
                message: String::new(),
                notification: None,
            };
            done(invites::actions::send(tx, &new))
        };
        let outcomes = write_as(self.db, self.organization(number)?.0, Actor::console(), send).await?;
        match outcomes.first() {
            Some(Outcome::Sent { invitation_id, .. }) => self.sent.insert((number, email.to_owned()), *invitation_id),
            other => return Err(missing(&format!("invitation of {email}: {other:?}"))),
        };
        Ok(())
    }

    /// What a member does to an invitation.
    async fn on_invitation(&self, number: usize, act: Act, email: &str) -> Result<()> {
        let id = self.invitation(number, email)?;
        let change = move |tx: &mut OrgTx<'_>| match &act {
            Act::Resend { by, .. } => {
                enter(tx, by)?;
                done(invites::actions::resend(tx, id, None)).map(drop)
            }
            Act::Revoke { by, .. } => {
                enter(tx, by)?;
                done(invites::actions::revoke(tx, id)).map(drop)
            }
            other => Err(missing(&format!("{other:?}"))),
        };
        write_as(self.db, self.organization(number)?.0, Actor::console(), change).await
    }

    /// What a member does to members.
    async fn on_members(&self, number: usize, act: Act) -> Result<()> {
        write_as(self.db, self.organization(number)?.0, Actor::console(), move |tx| on_members(tx, &act)).await
    }
}

/// In the demo a refusal is a mistake of the script.
pub(super) fn done<T, R: Debug>(outcome: Result<T, Stopped<R>>) -> Result<T> {
    outcome.map_err(|stopped| match stopped {
        Stopped::Refused(refusal) => AppError::Internal(format!("the demo was refused: {refusal:?}")),
        Stopped::Failed(error) => error,
    })
}

pub(super) fn missing(what: &str) -> AppError {
    AppError::Internal(format!("the demo misses {what}"))
}

pub(super) fn unfit(words: &str) -> AppError {
    AppError::Internal(format!("the demo does not fit: {words}"))
}
