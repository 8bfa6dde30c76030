//! The demo: three organizations with 60 people and six weeks of history, for looking around. It is played by the same
//! actions as the real thing, on a clock that begins in the past; only the mails of back then are marked as sent.

mod cast;
mod inside;
mod keys;
mod play;
mod queries;
mod script;

use crate::access::policy::Starter;
use crate::clock::Clock;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};

pub use cast::PASSWORD;

/// What a database holds before the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// The demo of an earlier start.
    Demo,
    /// A demo that broke off.
    Part,
    /// Something else.
    Other,
}

/// Looks whether the demo may be played here.
pub async fn look(db: &Db) -> Result<Found> {
    db.read(Scope::Nobody, |connection| {
        let founder = cast::ORGANIZATIONS.iter().flat_map(|organization| organization.people).next();
        let founder = founder.map(|(name, _)| cast::address_of(name)).unwrap_or_default();
        let people: usize = cast::ORGANIZATIONS.iter().map(|organization| organization.people.len()).sum();
        Ok(match (queries::accounts(connection)?, queries::has_account(connection, &founder)?) {
            (0, _) => Found::Nothing,
            (_, false) => Found::Other,
            (accounts, true) if accounts < i64::try_from(people).unwrap_or(i64::MAX) => Found::Part,
            _ => Found::Demo,
        })
    })
    .await
}

/// Plays the demo into an empty database. `db` takes its time from `clock`, which is moved to and fro.
///
/// # Errors
/// What an action answers; the database holds a part of the demo then.
pub async fn fill(db: &Db, clock: &Clock, password_hash: &str) -> Result<()> {
    let end = db.now();
    let mut stage = play::Stage::new(db, clock, password_hash);
    for scene in script::scenes() {
        let told = |error| AppError::Internal(format!("{error}, in {scene:?}"));
        stage.play(&scene, end).await.map_err(told)?;
    }
    db.write(Scope::Nobody, move |connection| queries::settle_mails(connection, end)).await
}

/// Who may sign in, a person for each role: role, address, organization.
pub fn sign_ins() -> Vec<(&'static str, String, &'static str)> {
    let first = |organization: &cast::Organization, role: Starter| {
        organization.people.iter().find(|(_, held)| *held == role).map(|(name, _)| cast::address_of(name))
    };
    let mut all: Vec<(&'static str, String, &'static str)> = Vec::new();
    for (number, organization) in cast::ORGANIZATIONS.iter().enumerate() {
        let shown = Starter::ALL.into_iter().filter(|role| number == 0 || *role == Starter::Owner);
        all.extend(shown.filter_map(|role| Some((role.name(), first(organization, role)?, organization.name))));
    }
    all
}
