//! One organization's talk with Stripe. Nothing of it happens inside a transaction; a lease keeps others from talking about
//! the same organization meanwhile, and a comparison that is planned beforehand finds out what became of a talk that broke off.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::account::Billing;
use super::super::queries::{self, stripe as rows};
use super::super::refusal::{Outcome, Refusal, refuse};
use super::details::{details, hash_of};
use crate::access::{Actor, OrgConn, OrgTx, Organization, Permit, read_as, rights, write_as};
use crate::clock::Moment;
use crate::db::{Db, MaybeCollision};
use crate::error::{AppError, Result, Stopped};
use crate::stripe::Stripe;

/// Longer than all requests of a talk may take together.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// How long a person waits for their turn, and how often they ask.
const PATIENCE: Duration = Duration::from_secs(15);
const TRIED_EVERY: Duration = Duration::from_millis(100);
/// Each organization is compared so often at least.
const DAILY: TimeDelta = TimeDelta::hours(24);

/// Who talks: a member who may manage billing, or the console by itself.
#[derive(Clone)]
pub enum Acting {
    Member(Rc<Permit<rights::ManageBilling>>),
    Console(Db, Uuid),
}

impl Acting {
    pub fn organization_id(&self) -> Uuid {
        match self {
            Acting::Member(permit) => permit.organization.id,
            Acting::Console(_, organization_id) => *organization_id,
        }
    }

    pub fn db(&self) -> &Db {
        match self {
            Acting::Member(permit) => permit.db(),
            Acting::Console(db, _) => db,
        }
    }

    /// Changes the organization under its lock; a member's right is checked again.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<diesel::result::Error> + MaybeCollision + Send + 'static,
        F: Fn(&mut OrgTx<'_>) -> Result<T, E> + Send + 'static,
    {
        match self {
            Acting::Member(permit) => permit.write(work).await,
            Acting::Console(db, organization_id) => write_as(db, *organization_id, Actor::console(), work).await,
        }
    }

    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut OrgConn<'_>) -> Result<T> + Send + 'static,
    {
        read_as(self.db(), self.organization_id(), work).await
    }
}

/// A talk that holds the lease.
pub(super) struct Talk {
    pub acting: Acting,
    pub stripe: Stripe,
    /// As it was when the talk began.
    pub organization: Organization,
    lease: Uuid,
    /// When the lease ends by itself, and somebody looks what became of the talk.
    until: Moment,
    /// When a comparison was planned before.
    planned: Option<Moment>,
    /// Whether everything was looked at.
    has_looked: Cell<bool>,
    /// Keys that were given out.
    keys: Cell<u32>,
}

impl Talk {
    /// Holds a talk. However it ends, its lease is given back and the next comparison is planned.
    ///
    /// # Errors
    /// `Busy` while somebody else talks, else what `work` answers.
    pub async fn hold<T>(acting: &Acting, stripe: &Stripe, work: impl AsyncFnOnce(&Talk) -> Outcome<T>) -> Outcome<T> {
        Talk::hold_after(acting, stripe, async |_: &Talk| Ok(()), work).await
    }

    /// The same, after a look at what became of the organization meanwhile.
    ///
    /// # Errors
    /// As `hold`, and what `look` answers.
    pub async fn hold_after<T>(
        acting: &Acting,
        stripe: &Stripe,
        look: impl AsyncFnOnce(&Talk) -> Outcome<()>,
        work: impl AsyncFnOnce(&Talk) -> Outcome<T>,
    ) -> Outcome<T> {
        let mut talk = Talk::begin_in_turn(acting, stripe).await?;
        let outcome = match talk.brought_up_to_date(look).await {
            Ok(()) => work(&talk).await,
            Err(error) => Err(error),
        };
        if let Err(error) = talk.end(&outcome).await {
            tracing::warn!(%error, "a talk with Stripe was not ended; that comes by itself");
        }
        outcome
    }

    /// What is done after that look is still to be looked at.
    async fn brought_up_to_date(&mut self, look: impl AsyncFnOnce(&Talk) -> Outcome<()>) -> Outcome<()> {
        look(self).await?;
        if self.has_looked.take() {
            self.organization = self.acting.write(|tx| tx.reread_organization()).await?;
        }
        Ok(())
    }

    /// People wait for their turn: most often it is only the worker that looks what they did last.
    async fn begin_in_turn(acting: &Acting, stripe: &Stripe) -> Outcome<Talk> {
        let begun = Instant::now();
        loop {
            match (Talk::begin(acting, stripe).await, acting) {
                (Err(Stopped::Refused(Refusal::Busy)), Acting::Member(_)) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(TRIED_EVERY).await;
                }
                (outcome, _) => return outcome,
            }
        }
    }

    async fn begin(acting: &Acting, stripe: &Stripe) -> Outcome<Talk> {
        let lease = Uuid::new_v4();
        let taken = acting.write(move |tx| {
            let until = tx.now() + LEASE;
            if !rows::take_lease(tx, lease, until)? {
                return refuse(Refusal::Busy);
            }
            let planned = rows::plan_for(tx, until)?;
            Ok((tx.organization.clone(), until, planned))
        });
        let (organization, until, planned) = taken.await?;
        let (acting, stripe) = (acting.clone(), stripe.clone());
        Ok(Talk { acting, stripe, organization, lease, until, planned, has_looked: Cell::new(false), keys: Cell::new(0) })
    }

    async fn end<T>(&self, outcome: &Outcome<T>) -> Result<()> {
        let (lease, until, planned, has_looked) = (self.lease, self.until, self.planned, self.has_looked.get());
        let is_away = matches!(outcome, Err(Stopped::Refused(Refusal::Away | Refusal::Unsure)));
        let is_trouble = is_away || matches!(outcome, Err(Stopped::Failed(_) | Stopped::Refused(Refusal::NotTaken)));
        let ended = write_as(self.acting.db(), self.organization.id, Actor::console(), move |tx| {
            rows::give_lease_back(tx, lease)?;
            let now = tx.now();
            let next = match (has_looked, is_trouble) {
                // What came in meanwhile has its turn at once.
                (true, _) if rows::has_news(tx)? => now,
                (true, _) => now + DAILY,
                (false, true) => now + rest(rows::note_failure(tx, is_away)?),
                (false, false) => planned.unwrap_or(now + DAILY),
            };
            rows::replan(tx, until, next)
        });
        ended.await
    }

    /// Has everything be looked at again as soon as this talk is over.
    pub async fn ask_now(&self) -> Result<()> {
        let asked = self.acting.write(|tx| {
            let now = tx.now();
            rows::ask_by(tx, now)
        });
        asked.await
    }

    /// Notes that everything was looked at.
    pub fn note_look(&self) {
        self.has_looked.set(true);
    }

    /// An Idempotency-Key of its own each time: what the next round of a look sends is another request, and Stripe takes no key
    /// for two that differ.
    pub fn key(&self, deed: &str) -> String {
        let number = self.keys.get() + 1;
        self.keys.set(number);
        format!("{deed}-{}-{number}", self.lease)
    }

    /// All that stands about billing now.
    pub async fn billing(&self) -> Result<Billing> {
        self.acting.read(queries::billing).await
    }

    /// The customer at Stripe, who is made when there is none yet.
    pub async fn customer(&self) -> Outcome<String> {
        let billing = self.billing().await?;
        if let Some(customer) = billing.stripe.customer {
            return Ok(customer);
        }
        let details = details(&billing, &self.organization, &self.acting.db().plans().issuer);
        // Another one only when the one before is known to be gone.
        let key = format!("customer-{}-{}-{}", self.organization.id, hash_of(&details), billing.stripe.applied_ticket);
        let made = self.stripe.create_customer(&details, self.organization.id, &key).await?;
        let (customer, hash) = (made.id.clone(), hash_of(&details));
        let noted = self.acting.write(move |tx| {
            rows::set_customer(tx, Some(&customer))?;
            rows::set_sent_details(tx, &hash)
        });
        noted.await.map_err(Stopped::<Refusal>::Failed)?;
        Ok(made.id)
    }
}

/// How long to wait after so many failures in a row: from half a minute to an hour.
fn rest(failures: i32) -> TimeDelta {
    let doublings = u32::try_from(failures.clamp(1, 8)).unwrap_or(1) - 1;
    TimeDelta::seconds((30_i64 << doublings).min(3_600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stripe_that_is_away_is_asked_less_and_less_often() {
        let seconds: Vec<i64> = [0, 1, 2, 3, 7, 8, 100].map(|failures| rest(failures).num_seconds()).into();
        assert_eq!(seconds, [30, 30, 60, 120, 1_920, 3_600, 3_600]);
    }
}
